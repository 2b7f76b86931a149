"""The rows that an aggregate reads: conditions, then the window, then the newest n."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from featdsl.ir import expr as ir
from featdsl.ir.text import canonical
from featdsl.reference.expressions import evaluate, is_true
from featdsl.reference.rows import Ask, Row, RowScope, in_order, looked_up
from featdsl.reference.trace import Fate, Why
from featdsl.reference.values import Value, given
from featdsl.reference.windows import stretch
from featdsl.types.dtype import DURATION


@dataclass(frozen=True, slots=True)
class Reading:
    """Rows of a key at a time, oldest first, among which an aggregate looks around.

    ``known`` is as of when rows are read: the as-of time, but for labels.
    """

    rows: Sequence[Row]
    as_of: datetime
    known: datetime
    timezone: str
    ask: Ask
    inputs: Mapping[str, Value] | None = None
    """What a request sends."""
    chosen: tuple[Reading, tuple[int, ...]] | None = None
    """The reading that rows were chosen of, last of all, and their places there: they look back
    at its rows."""

    def of(self, rows: Sequence[Row]) -> Reading:
        """Other rows of the same."""
        return replace(self, rows=rows, chosen=None)

    def scope(self, i: int) -> InRows:
        """Expressions over a row of it."""
        if self.chosen is not None:
            of, places = self.chosen
            return of.scope(places[i])
        row = self.rows[i]
        one = RowScope(row.values, self.as_of, self.timezone, row.then(self.known), self.ask)
        return InRows(self, i, one)

    def where(self, condition: ir.Expr | None, why: Why) -> tuple[Reading, list[Fate]]:
        """The rows for which a condition is true, and the others."""
        if condition is None:
            return self, []
        taken = [is_true(condition, self.scope(i)) for i in range(len(self.rows))]
        left = [row for row, true in zip(self.rows, taken, strict=True) if true]
        others = [row for row, true in zip(self.rows, taken, strict=True) if not true]
        return self.of(left), [Fate(row, why, canonical(condition)) for row in others]


@dataclass(frozen=True, slots=True)
class InRows:
    """Expressions over a row among those that an aggregate reads."""

    reading: Reading
    i: int
    row: RowScope

    @property
    def as_of(self) -> datetime:
        return self.reading.as_of

    @property
    def timezone(self) -> str:
        return self.reading.timezone

    def read(self, node: ir.Expr) -> Value:
        match node:
            case ir.Previous(operand=operand, n=n):
                before = self.i - n
                return None if before < 0 else evaluate(operand, self.reading.scope(before))
            case ir.Session(gap=gap):
                return self._session(given(gap, DURATION))
            case ir.InputRef(column=column):
                assert self.reading.inputs is not None, "inputs are known for requests only"
                return given(self.reading.inputs[column], node.dtype)
            case ir.Via():
                return looked_up(node, self, self.row.then, self.reading.ask)
            case _:
                return self.row.read(node)

    def _session(self, gap: timedelta) -> datetime | None:
        """The time of the first row of the session: less than the gap lies between its rows."""
        times = [row.time for row in self.reading.rows[: self.i + 1]]
        first = times.pop()
        for before in reversed(times):
            if first is None or before is None or first - before >= gap:
                break
            first = before
        return first


def read(node: ir.Aggregate, around: Reading) -> tuple[Reading, list[Fate]]:
    """The rows of a key that an aggregate reads, and what became of the others."""
    window = node.window
    reading, fates = around.of(in_order(around.rows)), []
    if window is not None:
        # Before conditions: those are not computed for a row that no window asks for.
        within = stretch(window, around.as_of, around.timezone)
        inside = [row for row in reading.rows if within.holds(row.time)]
        fates += [
            Fate(row, Why.WINDOW, str(window)) for row in reading.rows if not within.holds(row.time)
        ]
        reading = reading.of(inside)
    reading, others = reading.where(node.where, Why.CONDITION)
    fates += others
    if isinstance(window, ir.Window) and window.last is not None:
        older = reading.rows[: -window.last]
        fates += [Fate(row, Why.BEYOND_LAST, str(window)) for row in older]
        reading = reading.of(reading.rows[len(older) :])
    left, others = reading.where(node.after, Why.CONDITION)
    if node.after is not None:
        places = {id(row): i for i, row in enumerate(reading.rows)}
        left = replace(left, chosen=(reading, tuple(places[id(row)] for row in left.rows)))
    return left, fates + others
