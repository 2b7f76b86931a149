"""Which aggregates need a total order of rows."""

from __future__ import annotations

from featdsl.aggregates.registry import aggregates
from featdsl.ir import expr as ir


def is_ordered(a: ir.Aggregate) -> bool:
    """Whether the order of rows of one time may enter the value."""
    spec = aggregates().get(a.aggregate)
    if spec is not None and spec.ordered:
        return True
    return isinstance(a.window, ir.Window) and a.window.last is not None
