"""When a test asks: one instant, or a table of keys and instants."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from featdsl.diagnostics import catalog
from featdsl.diagnostics.model import Diagnostic
from featdsl.diagnostics.suggest import did_you_mean
from featdsl.ir.expr import Value
from featdsl.ir.program import Entity
from featdsl.semantics.cells import header, typed_cells
from featdsl.semantics.names import AS_OF
from featdsl.semantics.remedies import as_written
from featdsl.semantics.report import Report
from featdsl.syntax import nodes
from featdsl.types.dtype import TIMESTAMP

Key = tuple[Value, ...]
Wrong = Callable[[Diagnostic], None]


@dataclass(frozen=True, slots=True)
class Times:
    """``instant`` for all rows, or the rows of ``table`` with an instant each."""

    instant: datetime | None = None
    table: nodes.Table | None = None
    instants: tuple[datetime, ...] = ()


def read_times(item: nodes.AtItem, report: Report, wrong: Wrong) -> Times | None:
    """What stands after ``at``; None where it was reported."""
    moment = item.moment
    if isinstance(moment, nodes.InstantLit):
        return Times(instant=moment.value.replace(tzinfo=None))
    if AS_OF not in header(moment):
        wrong(
            catalog.TEST_TABLE.at(
                moment.header[0].span, "the table after `at` has no column `as_of`"
            ).help("it lists keys, and the time at which each is asked")
        )
        return None
    cells = typed_cells(moment, {AS_OF: TIMESTAMP}, report)
    if cells is None:
        return None
    instants = _instants([row[0] for row in cells], moment, wrong)
    return None if instants is None else Times(table=moment, instants=tuple(instants))


def _instants(values: list[Value], node: nodes.Node, wrong: Wrong) -> list[datetime] | None:
    found = [v for v in values if isinstance(v, datetime)]
    if len(found) == len(values):
        return found
    wrong(catalog.BAD_CELL.at(node.span, "`as_of` of a row is empty").help(as_written(TIMESTAMP)))
    return None


@dataclass(frozen=True, slots=True)
class RowTimes:
    """Finds the as-of time of each row of a ``then`` table."""

    times: Times
    entity: Entity
    report: Report
    wrong: Wrong

    def of_rows(
        self, item: nodes.ThenItem, keys: list[Key], written: list[Value] | None
    ) -> list[datetime] | None:
        """The time `written` in each row, or the one that its key is asked at."""
        own: list[datetime] | None = None
        if written is not None:
            own = _instants(written, item.table, self.wrong)
            if own is None:
                return None
        if self.times.instant is not None:
            return self._at_instant(item, own, self.times.instant)
        return self._among_asked(item, keys, own)

    def _at_instant(
        self, item: nodes.ThenItem, own: list[datetime] | None, instant: datetime
    ) -> list[datetime] | None:
        for row, time in zip(item.table.rows, own or (), strict=own is not None):
            if time != instant:
                self.wrong(
                    catalog.TEST_TABLE.at(
                        row.span, "the row's `as_of` is not the instant that is asked"
                    ).help("to ask at several times, write a table after `at`")
                )
                return None
        return [instant] * len(item.table.rows)

    def _among_asked(
        self, item: nodes.ThenItem, keys: list[Key], own: list[datetime] | None
    ) -> list[datetime] | None:
        asked = self._asked()
        if asked is None:
            return None
        found: list[datetime] = []
        for i, (row, key) in enumerate(zip(item.table.rows, keys, strict=True)):
            options = {t for k, t in asked if k == key and (own is None or t == own[i])}
            if len(options) != 1:
                why = (
                    "is asked at several times: add a column `as_of`"
                    if options
                    else "is not asked by the table after `at`"
                )
                self.wrong(catalog.TEST_TABLE.at(row.span, f"the key of this row {why}"))
                return None
            found += options
        return found

    def _asked(self) -> list[tuple[Key, datetime]] | None:
        """Keys and instants of the table after ``at``."""
        table = self.times.table
        assert table is not None, "without an instant there is a table"
        dtypes = {k.name: k.dtype for k in self.entity.keys}
        names = header(table)
        strange = [n for n in names if n not in dtypes and n != AS_OF]
        missing = [n for n in dtypes if n not in names]
        if strange:
            self.wrong(
                catalog.TEST_TABLE.at(
                    names[strange[0]].span, f"`{strange[0]}` is no key of `{self.entity.short}`"
                ).help(did_you_mean(strange[0], [*dtypes, AS_OF], what="columns"))
            )
            return None
        if missing:
            self.wrong(
                catalog.TEST_TABLE.at(
                    table.header[0].span, f"the table after `at` lacks `{missing[0]}`"
                ).because(self.entity.name_span, f"the key of `{self.entity.short}`")
            )
            return None
        cells = typed_cells(table, dtypes, self.report)
        return None if cells is None else list(zip(cells, self.times.instants, strict=True))
