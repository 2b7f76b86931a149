"""Which aggregates need a total order of rows."""

from __future__ import annotations

from featdsl.aggregates.registry import aggregates
from featdsl.ir import expr as ir
from featdsl.ir.visit import walk


def is_ordered(a: ir.Aggregate) -> bool:
    """Whether the order of rows of one time may enter the value."""
    return any(map(_asks_for_order, walk(a)))


def _asks_for_order(e: ir.Expr) -> bool:
    if isinstance(e, ir.Previous | ir.Session):
        return True
    if not isinstance(e, ir.Aggregate):
        return False
    spec = aggregates().get(e.aggregate)
    capped = isinstance(e.window, ir.Window) and e.window.last is not None
    return capped or (spec is not None and spec.ordered)
