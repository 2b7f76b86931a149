"""What a literate page shows of expectations: their SQL, what is measured, which rows fail.

Each `test` of a heading is a run as of its time, one after another: what is expected of change
compares with the test before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlglot import exp

from featdsl.checks.spec import Kept
from featdsl.compiler.compilation import Compilation
from featdsl.compiler.options import Options
from featdsl.compiler.statements import group_query, relation_query
from featdsl.engines.duckdb import Session
from featdsl.engines.profile import Profile
from featdsl.ir.program import Expectation, ExpectedRows, Program, Test
from featdsl.ir.relations import roots
from featdsl.runs.contract import kept_rows
from featdsl.runs.expect import check_set
from featdsl.runs.history import History
from featdsl.runs.rowset import Context, RowSet
from featdsl.sql import statements
from featdsl.store.failing import FailingRows
from featdsl.store.record import CheckStatus, CheckUse
from featdsl.testing.groups import instants_of
from featdsl.testing.run import Runner
from featdsl.testing.training import RowsTest, latest_time
from featdsl.text.sources import SourceSet

Scans = Mapping[str, exp.Table]


class Heard(Session):
    """A session that remembers what it was asked while it listens."""

    def __init__(self) -> None:
        super().__init__(Profile(threads=1))
        self.asked: list[exp.Expr] = []

    def execute(
        self,
        statement: exp.Expr | str,
        parameters: Mapping[str, Any] | None = None,
        *,
        doing: str = "",
    ) -> list[tuple[Any, ...]]:
        if isinstance(statement, exp.Select):
            self.asked.append(statement)
        return super().execute(statement, parameters, doing=doing)


@dataclass
class Before(History):
    """What the test before kept."""

    by_measure: dict[str, Kept] = field(default_factory=dict)

    def kept(self, measure: str) -> Kept | None:
        return self.by_measure.get(measure)


@dataclass(frozen=True)
class Checked:
    """One test: what was asked of the engine, and what came of each expectation."""

    title: str
    asked: tuple[exp.Expr, ...]
    uses: tuple[CheckUse, ...]
    failing: tuple[FailingRows, ...]


def sql_of(compilation: Compilation, options: Options, subject: str) -> str:
    """The statements that check a source, view, group or data set in the last test."""
    *_, last = checked(compilation, options, subject)
    return "\n\n".join(f"{q.sql('duckdb', pretty=True)};" for q in last.asked)


def told(compilation: Compilation, options: Options, subject: str) -> str:
    """What came of each expectation in each test, and the rows that fail."""
    lines: list[str] = []
    for found in checked(compilation, options, subject):
        lines.append(f"{found.title}:")
        failing = list(found.failing)
        for use in found.uses:
            lines.append(f"  {use.text}: {use.status.value}, {use.measured}")
            if use.status is not CheckStatus.PASSED and failing and failing[0].text == use.text:
                lines += [f"    {line}" for line in _table(failing.pop(0))]
    return "\n".join(lines)


def checked(compilation: Compilation, options: Options, subject: str) -> Iterator[Checked]:
    name = f"project.{subject}"
    before: dict[str, Kept] = {}
    with Heard() as session:
        runner = Runner(compilation, options, session)
        for test in compilation.program.tests:
            program = runner.program(test)
            scans = runner.scans(program, test)
            failing: list[FailingRows] = []
            context = Context(
                session,
                _as_of(runner, program, test, scans),
                program.timezone,
                SourceSet(),
                history=Before(Path(), None, by_measure=before),
                failing=failing,
            )
            rows, expected = _set(context, program, test, name, scans)
            session.asked.clear()
            uses, _, _ = check_set(context, rows, expected)
            yield Checked(test.title, tuple(session.asked), tuple(uses), tuple(failing))
            runner.drop(scans)
            session.execute(statements.drop("TABLE", subject))
            for use in uses:
                if (k := use.kept) is not None:
                    before[k.measure] = Kept(value=k.value, edges=k.edges, counts=k.counts)


def _as_of(runner: Runner, program: Program, test: Test, scans: Scans) -> datetime:
    times: list[datetime | None] = []
    for expected in test.expected:
        if isinstance(expected, ExpectedRows):
            times.append(latest_time(runner.session, program, test, expected, scans))
        else:
            times += instants_of(expected)
    return max(t for t in times if t is not None)


def _set(
    context: Context, program: Program, test: Test, name: str, scans: Scans
) -> tuple[RowSet, list[Expectation]]:
    """The rows that expectations are about, in a table of the subject's name."""
    session, short = context.session, name.rpartition(".")[2]
    if name in program.sources:
        source = program.sources[name]
        table = session.create_table(short, statements.star_from(scans[name]))
        rows = kept_rows(context, source, statements.star_from(table))
        return rows, list(source.expectations)
    if name in program.views:
        view = program.views[name]
        query = relation_query(program, name, as_of=context.as_of, scans=scans)
        table = session.create_table(short, query)
        keys = tuple(dict.fromkeys(k for s in roots(program, name) for k in s.key))
        return RowSet(name, f"`{short}`", table, keys=keys), list(view.expectations)
    if name in program.datasets:
        (stated,) = (e for e in test.expected if isinstance(e, ExpectedRows) and e.dataset == name)
        columns, found = RowsTest(session, program, test, stated, scans).rows()
        types = {c.name: c.dtype for c in stated.columns}
        cells = [[row[columns.index(c)] for c in types] for row in found]
        table = session.create_table(short, statements.rows(types, cells))
        return RowSet(name, f"`{name}`", table), list(program.datasets[name].expectations)
    group = program.groups[name]
    query = group_query(program, name, as_of=context.as_of, scans=scans)
    table = session.create_table(short, query)
    keys = tuple(k.name for k in program.entities[group.entity].keys)
    of_features = [e for f in group.members.values() for e in f.expectations]
    return RowSet(name, f"`{name}`", table, keys=keys), [*group.expectations, *of_features]


def _table(failing: FailingRows) -> list[str]:
    cells = [failing.columns, *(tuple(v or "" for v in row) for row in failing.rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(failing.columns))]
    return [
        "| " + " | ".join(v.ljust(w) for v, w in zip(row, widths, strict=True)) + " |"
        for row in cells
    ]
