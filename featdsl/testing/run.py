"""Running `test` blocks: each is independent, one session serves all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import Any

from sqlglot import exp

from featdsl.compiler.compilation import Compilation
from featdsl.compiler.options import Options
from featdsl.compiler.pipeline import compile_project
from featdsl.diagnostics import catalog
from featdsl.diagnostics.failure import Failure
from featdsl.diagnostics.model import Severity
from featdsl.engines.duckdb import Session
from featdsl.engines.profile import Profile
from featdsl.ir.expr import Value
from featdsl.ir.program import (
    Expected,
    ExpectedRows,
    Program,
    Rows,
    Test,
    View,
)
from featdsl.ir.relations import row_columns
from featdsl.sql import statements
from featdsl.testing.given import check_given
from featdsl.testing.groups import GroupTest
from featdsl.testing.result import Difference, TestResult
from featdsl.testing.settings import options_of
from featdsl.testing.training import RowsTest
from featdsl.types.dtype import DType


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
        runner = Runner(compilation, options, running)
        for test in compilation.program.tests if tests is None else tests:
            started = perf_counter()
            result = runner.result(test)
            yield replace(result, seconds=perf_counter() - started)


@dataclass(slots=True)
class Runner:
    """What tests of one project share: a session, and the program under each set of parameters."""

    compilation: Compilation
    options: Options
    session: Session
    programs: dict[tuple[Any, ...], Program] = field(default_factory=dict)
    number: int = 0

    def result(self, test: Test) -> TestResult:
        try:
            program = self.program(test)
            scans = self.scans(program, test)
            try:
                check_given(self.session, program, test, scans)
                found = [d for e in test.expected for d in self._compare(program, test, e, scans)]
            finally:
                self.drop(scans)
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

    def program(self, test: Test) -> Program:
        """The program with the parameters that the test sets, as of the day that it asks about."""
        base = self.compilation.program
        options = options_of(base, self.options, test)
        if options == self.options:
            return base
        today = options.surroundings.today
        key = (today, *sorted(test.params.items(), key=lambda item: item[0]))
        if key not in self.programs:
            compiled = compile_project(self.compilation.texts, options)
            errors = [d for d in compiled.diagnostics if d.severity is Severity.ERROR]
            if errors:
                raise Failure(*errors)
            self.programs[key] = compiled.program
        return self.programs[key]

    def scans(self, program: Program, test: Test) -> dict[str, exp.Table]:
        """Tables of what is given; every other source is empty."""
        self.number += 1
        scans: dict[str, exp.Table] = {}
        for name, relation in (*program.sources.items(), *program.views.items()):
            rows = test.given.get(name)
            if rows is None and isinstance(relation, View):
                continue
            columns = row_columns(program, name)
            query = statements.rows(columns, _cells(columns, rows))
            scans[name] = self.session.create_table(f"{name} {self.number}", query)
        return scans

    def drop(self, scans: Mapping[str, exp.Table]) -> None:
        """Drop the tables of a test."""
        for table in scans.values():
            self.session.execute(statements.drop("TABLE", table.name))

    def _compare(
        self,
        program: Program,
        test: Test,
        expected: Expected | ExpectedRows,
        scans: Mapping[str, exp.Table],
    ) -> Iterator[Difference]:
        if isinstance(expected, ExpectedRows):
            return RowsTest(self.session, program, test, expected, scans).differences()
        return GroupTest(self.session, program, test, expected, scans).differences()


def _cells(columns: Mapping[str, DType], rows: Rows | None) -> list[list[Value]]:
    """Rows with a cell for each column; what is not given is null."""
    if rows is None:
        return []
    places = [rows.columns.index(c) if c in rows.columns else None for c in columns]
    return [[None if i is None else row[i] for i in places] for row in rows.cells]
