"""Running `test` blocks: each is independent, one session serves all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime
from time import perf_counter
from typing import Any

from sqlglot import exp

from featdsl.compiler.compilation import Compilation
from featdsl.compiler.options import Options
from featdsl.compiler.pipeline import compile_project
from featdsl.compiler.statements import group_query
from featdsl.diagnostics import catalog
from featdsl.diagnostics.failure import Failure
from featdsl.diagnostics.model import Severity
from featdsl.engines.duckdb import Session
from featdsl.engines.profile import Profile
from featdsl.ir.expr import Scalar
from featdsl.ir.program import Expected, Origin, Program, Rows, Source, Test, View
from featdsl.sql import statements
from featdsl.testing.compare import same
from featdsl.testing.given import check_given
from featdsl.testing.result import Difference, TestResult, What
from featdsl.text.span import Span
from featdsl.types.dtype import DType

Key = tuple[Any, ...]


def run_tests(
    compilation: Compilation,
    options: Options,
    tests: Iterable[Test] | None = None,
    *,
    session: Session | None = None,
) -> Iterator[TestResult]:
    """Run tests one after another, yielding each result as it is there.

    Args:
        compilation: The project, without errors.
        options: What it was compiled with: a test that sets parameters is compiled anew.
        tests: Which ones; None for all.
        session: Where to run them; None for a session of their own.
    """
    with ExitStack() as stack:
        running = session or stack.enter_context(Session(Profile(threads=1)))
        runner = _Runner(compilation, options, running)
        for test in compilation.program.tests if tests is None else tests:
            started = perf_counter()
            result = runner.result(test)
            yield replace(result, seconds=perf_counter() - started)


@dataclass(slots=True)
class _Runner:
    compilation: Compilation
    options: Options
    session: Session
    programs: dict[tuple[tuple[str, Scalar], ...], Program] = field(default_factory=dict)
    number: int = 0

    def result(self, test: Test) -> TestResult:
        try:
            program = self._program(test)
            scans = self._scans(program, test)
            try:
                check_given(self.session, program, test, instants=_instants(test), scans=scans)
                found = [d for e in test.expected for d in self._compare(program, test, e, scans)]
            finally:
                for table in scans.values():
                    self.session.execute(statements.drop("TABLE", table.name))
        except Failure as failure:
            first = failure.diagnostics[0]
            message = f'test "{test.title}" cannot be run: {first.message}'
            problem = catalog.UNTESTABLE.at(test.span, message)
            if first.primary is not None:
                problem = problem.because(first.primary.span, first.primary.text)
            for note in first.notes:
                problem = problem.note(note)
            for help in first.helps:
                problem = problem.help(help)
            return TestResult(test=test, problem=problem)
        return TestResult(test=test, differences=tuple(found))

    def _program(self, test: Test) -> Program:
        """The program with the parameters that the test sets."""
        if not test.params:
            return self.compilation.program
        key = tuple(sorted(test.params.items(), key=lambda item: item[0]))
        if key not in self.programs:
            given = {
                name.rpartition(".")[2]: (value, Origin.TEST) for name, value in test.params.items()
            }
            options = replace(self.options, params={**self.options.params, **given})
            compiled = compile_project(self.compilation.texts, options)
            errors = [d for d in compiled.diagnostics if d.severity is Severity.ERROR]
            if errors:
                raise Failure(*errors)
            self.programs[key] = compiled.program
        return self.programs[key]

    def _scans(self, program: Program, test: Test) -> dict[str, exp.Table]:
        """Tables of what is given; every other source is empty."""
        self.number += 1
        scans: dict[str, exp.Table] = {}
        for name, relation in (*program.sources.items(), *program.views.items()):
            rows = test.given.get(name)
            if rows is None and isinstance(relation, View):
                continue
            columns = relation_columns(program, name)
            query = statements.rows(columns, _cells(columns, rows))
            scans[name] = self.session.create_table(f"{name} {self.number}", query)
        return scans

    def _compare(
        self, program: Program, test: Test, expected: Expected, scans: Mapping[str, exp.Table]
    ) -> Iterator[Difference]:
        entity = program.entities[program.groups[expected.group].entity]
        keys = [k.name for k in entity.keys]
        for instant in _instants_of(expected):
            actual = self._rows(program, test, expected, instant, scans, len(keys))
            yield from _differences(program, test, expected, instant, keys, actual)

    def _rows(
        self,
        program: Program,
        test: Test,
        expected: Expected,
        instant: datetime,
        scans: Mapping[str, exp.Table],
        keys: int,
    ) -> dict[Key, tuple[Any, ...]]:
        """Computed rows by key, with the features that the test names, in its order."""
        group = program.groups[expected.group]
        population = program.entities[group.entity].population
        query = group_query(
            program,
            expected.group,
            as_of=instant,
            features=expected.features or None,
            scans=scans,
            population=population is None or _is_given(program, test, population),
        )
        named = [r[0] for r in self.session.columns(query)][keys:]
        order = [named.index(name) for name in expected.features]
        return {r[:keys]: tuple(r[keys + i] for i in order) for r in self.session.execute(query)}


def _instants(test: Test) -> list[datetime]:
    """All as-of times of a test."""
    return sorted({instant for e in test.expected for instant in _instants_of(e)})


def _instants_of(expected: Expected) -> list[datetime]:
    return sorted({*expected.instants, *([] if expected.at is None else [expected.at])})


def _is_given(program: Program, test: Test, population: str) -> bool:
    """Whether the test says which keys exist: it gives the population, or its rows' source."""
    return population in test.given or program.root(population).name in test.given


def _differences(
    program: Program,
    test: Test,
    expected: Expected,
    instant: datetime,
    keys: list[str],
    actual: Mapping[Key, tuple[Any, ...]],
) -> Iterator[Difference]:
    group = program.groups[expected.group]

    def difference(what: What, key: Key, span: Span, **more: Any) -> Difference:
        return Difference(
            what=what,
            group=expected.group,
            key=tuple(zip(keys, key, strict=True)),
            as_of=instant,
            span=span,
            **more,
        )

    seen = set()
    for key, at, cells, span in zip(
        expected.keys, expected.instants, expected.cells, expected.spans, strict=True
    ):
        if at != instant:
            continue
        seen.add(key)
        if key not in actual:
            yield difference(What.MISSING, key, span)
            continue
        for name, want, got in zip(expected.features, cells, actual[key], strict=True):
            if not same(want, got, group.features[f"{group.name}.{name}"].dtype):
                yield difference(What.VALUE, key, span, feature=name, expected=want, actual=got)
    if expected.at is not None:
        for key in actual:
            if key not in seen:
                yield difference(What.UNEXPECTED, key, test.span)


def relation_columns(program: Program, name: str) -> dict[str, DType]:
    """Columns of a relation's rows: a view has its left's, its joins' and its lets'."""
    relation = program.relation(name)
    if isinstance(relation, Source):
        return {n: c.dtype for n, c in relation.columns.items()}
    found = dict(relation_columns(program, relation.left))
    for join in relation.joins:
        joined = program.sources[join.source].columns
        found |= {f"{join.alias}.{n}": c.dtype for n, c in joined.items()}
    return found | {let.name: let.dtype for let in relation.lets}


def _cells(columns: Mapping[str, DType], rows: Rows | None) -> list[list[Scalar]]:
    """Rows with a cell for each column; what is not given is null."""
    if rows is None:
        return []
    places = [rows.columns.index(c) if c in rows.columns else None for c in columns]
    return [[None if i is None else row[i] for i in places] for row in rows.cells]
