"""Rows of a data set's training set, as a test states them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from difflib import SequenceMatcher
from typing import Any

from sqlglot import exp

from featdsl.compiler.training import SpineTable, training_query
from featdsl.engines.duckdb import Session
from featdsl.ir.expr import Value
from featdsl.ir.program import Dataset, ExpectedRows, Program, SpineRows, Test
from featdsl.ir.refs import groups_behind
from featdsl.planning.training import AS_OF, instants
from featdsl.runs.spine import own_spine, view_spine
from featdsl.sql import build, statements
from featdsl.testing.compare import same
from featdsl.testing.known import unlisted_entities, view_untils
from featdsl.testing.result import Difference, What
from featdsl.text.span import Span

Row = Sequence[Any]
Named = tuple[tuple[str, Value], ...]


@dataclass(frozen=True, slots=True)
class RowsTest:
    """One ``then dataset`` of a test, over the tables of what is given."""

    session: Session
    program: Program
    test: Test
    expected: ExpectedRows
    scans: Mapping[str, exp.Table]

    @property
    def dataset(self) -> Dataset:
        return self.program.datasets[self.expected.dataset]

    def differences(self) -> Iterator[Difference]:
        """What differs from the table, row by row in the spine's order."""
        names, rows = self.rows()
        places = [names.index(c.name) for c in self.expected.columns]
        actual = [tuple(row[i] for i in places) for row in rows]
        for want, got in self._aligned(actual):
            if got is None:
                assert want is not None
                key, at = self._stated_key(self.expected.cells[want])
                yield self._difference(What.MISSING, want, self.expected.spans[want], key, at)
                continue
            key, at = self._key(dict(zip(names, rows[got], strict=True)))
            if want is None:
                yield self._difference(What.UNEXPECTED, got, self.test.span, key, at)
                continue
            cells = zip(self.expected.columns, self.expected.cells[want], actual[got], strict=True)
            for column, expected, value in cells:
                if not same(expected, value, column.dtype):
                    yield self._difference(
                        What.VALUE,
                        got,
                        self.expected.spans[want],
                        key,
                        at,
                        feature=column.name,
                        dtype=column.dtype,
                        expected=expected,
                        actual=value,
                    )

    def rows(self) -> tuple[list[str], list[tuple[Any, ...]]]:
        """Names of the training set's columns, and its rows."""
        spine = self.dataset.spine
        table = None
        if isinstance(spine, SpineRows):
            table = _spine(self.session, self.program, self.test, self.dataset, self.scans)
        named = dict.fromkeys(str(c.feature).rpartition(".")[0] for c in self.dataset.labels)
        labels = groups_behind(self.program, [n for n in named if n in self.program.labels])
        try:
            query = training_query(
                self.program,
                self.dataset.name,
                spine=table,
                until=view_untils(self.program, self.test, labels),
                scans=self.scans,
                unlisted=unlisted_entities(self.program, self.test),
            )
            return self.session.rows(query)
        finally:
            if table is not None:
                self.session.execute(statements.drop("TABLE", table.table.name))

    def _aligned(self, actual: Sequence[Row]) -> Iterator[tuple[int | None, int | None]]:
        """Pairs of a stated and a computed row; as many of both are paired one by one.

        Else rows that have the same columns of the spine are found first, so that one that is
        missing does not shift all others.
        """
        stated = self.expected.cells
        if len(stated) == len(actual):
            yield from ((i, i) for i in range(len(stated)))
            return
        own = [i for i, c in enumerate(self.expected.columns) if c.feature is None]
        left, right = ([tuple(str(r[i]) for i in own) for r in rows] for rows in (stated, actual))
        blocks = SequenceMatcher(None, left, right, autojunk=False).get_matching_blocks()
        a = b = 0
        for block in blocks:
            yield from ((i, None) for i in range(a, block.a))
            yield from ((None, i) for i in range(b, block.b))
            yield from ((block.a + i, block.b + i) for i in range(block.size))
            a, b = block.a + block.size, block.b + block.size

    def _difference(
        self, what: What, row: int, span: Span, key: Named, at: datetime | None, **more: Any
    ) -> Difference:
        return Difference(
            what=what,
            asked=self.dataset.name,
            row=row + 1,
            key=key,
            as_of=at,
            span=span,
            **more,
        )

    def _stated_key(self, cells: Row) -> tuple[Named, datetime | None]:
        return self._key({c.name: v for c, v in zip(self.expected.columns, cells, strict=True)})

    def _key(self, row: Mapping[str, Any]) -> tuple[Named, datetime | None]:
        """Key and as-of time of a row, as far as it has them."""
        spine = self.dataset.spine
        names = [k.name for k in self.program.entities[self.dataset.entity].keys]
        time = AS_OF
        if isinstance(spine, SpineRows):
            names, time = list(spine.keys), spine.at
        return tuple((n, row[n]) for n in names if n in row), _instant(row.get(time))


def _spine(
    session: Session,
    program: Program,
    test: Test,
    dataset: Dataset,
    scans: Mapping[str, exp.Table],
) -> SpineTable:
    """The rows of a data set's own spine, of what is given."""
    spine = dataset.spine
    assert isinstance(spine, SpineRows), "the data set has rows as spine"
    if spine.source in program.views:
        unlisted = unlisted_entities(program, test)
        return view_spine(session, program, dataset, scans, unlisted=unlisted).table
    stored = statements.star_from(scans[spine.source].copy())
    return own_spine(session, program, dataset, stored).table


def latest_time(
    session: Session,
    program: Program,
    test: Test,
    expected: ExpectedRows,
    scans: Mapping[str, exp.Table],
) -> datetime | None:
    """The latest time that the rows of a spine ask about; None where they have none."""
    spine = program.datasets[expected.dataset].spine
    assert spine is not None, "semantics refuses a data set without a spine"
    if not isinstance(spine, SpineRows):
        return max(instants(spine), default=None)
    if spine.source in program.views:
        dataset = program.datasets[expected.dataset]
        made = _spine(session, program, test, dataset, scans)
        last = exp.Select(expressions=[exp.Max(this=build.col(made.time))])
        found: datetime | None = session.execute(last.from_(made.table.copy()))[0][0]
        session.execute(statements.drop("TABLE", made.table.name))
        return found
    rows = test.given[spine.source]
    if spine.at not in rows.columns:
        return None
    place = rows.columns.index(spine.at)
    times = (_instant(row[place]) for row in rows.cells)
    return max((t for t in times if t is not None), default=None)


def _instant(time: object) -> datetime | None:
    """A time of a spine; a day is its midnight."""
    match time:
        case datetime():
            return time
        case date():
            return datetime.combine(time, datetime.min.time())
        case _:
            return None
