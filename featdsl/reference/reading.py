"""The rows that an aggregate reads: conditions, then the window, then the newest n."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from featdsl.ir import expr as ir
from featdsl.ir.text import canonical
from featdsl.reference.expressions import is_true
from featdsl.reference.rows import Row, RowScope, in_order
from featdsl.reference.trace import Fate, Why
from featdsl.reference.windows import stretch


@dataclass(frozen=True, slots=True)
class Reading:
    """Rows in order, oldest first, of a key at a time."""

    rows: Sequence[Row]
    as_of: datetime
    timezone: str

    def scope(self, i: int) -> RowScope:
        """Expressions over a row of it."""
        return RowScope(self.rows[i].values, self.as_of, self.timezone)


def read(
    node: ir.Aggregate, rows: Iterable[Row], at: datetime, timezone: str
) -> tuple[Reading, list[Fate]]:
    """The rows of a key that an aggregate reads, and what became of the others."""
    left: list[Row] = []
    fates: list[Fate] = []
    window = node.window
    within = None if window is None else stretch(window, at, timezone)
    for row in in_order(rows):
        # A condition is not computed for a row that no window asks for: its value may not fit.
        if within is not None and not within.holds(row.time):
            fates.append(Fate(row, Why.WINDOW, str(window)))
        elif not is_true(node.where, RowScope(row.values, at, timezone)):
            assert node.where is not None
            fates.append(Fate(row, Why.CONDITION, canonical(node.where)))
        else:
            left.append(row)
    if isinstance(window, ir.Window) and window.last is not None:
        older = left[: -window.last]
        fates += [Fate(row, Why.BEYOND_LAST, str(window)) for row in older]
        left = left[len(older) :]
    return Reading(left, at, timezone), fates
