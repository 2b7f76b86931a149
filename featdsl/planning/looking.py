"""Rows with a column that says when each looks at others, where that is not its time."""

from __future__ import annotations

from dataclasses import replace

from featdsl.ir import expr as ir
from featdsl.ir.plan import Derive
from featdsl.ir.program import View
from featdsl.ir.visit import replace_leaves
from featdsl.planning.steps import Rows, Steps, free_name
from featdsl.types.dtype import BOOL, TIMESTAMP


def looking(steps: Steps, view: View, rows: Rows, at: ir.Expr) -> tuple[Rows, str]:
    """Rows with a column that says when each looks; ``at`` is over their columns.

    Where the time that is asked about is not known, at the row's own.
    """
    span, columns = view.name_span, steps.columns(rows.step)
    time_name = steps.program.root(view.name).time
    assert time_name is not None, "rows that may be seen ahead have a time"
    time = ir.Column(dtype=TIMESTAMP, nullable=True, span=span, name=time_name)
    at = replace_leaves(at, _softened)
    ahead = ir.Compare(dtype=BOOL, span=span, op=ir.CompareOp.LT, left=at, right=time)
    value = ir.Conditional(
        dtype=TIMESTAMP, nullable=True, span=span, branches=((ahead, at),), otherwise=time
    )
    name = free_name("looks_at", {c.lower() for c in columns})
    derive = Derive(input=rows.step, columns=columns, values=((name, value),))
    note = "a row looks at its time, or at the one that is asked about where that is earlier"
    return replace(rows, step=steps.add(f"{view.short}_looking", derive, note, span)), name


def _softened(e: ir.Expr) -> ir.Expr | None:
    """A time that does not fit stops the run where it comes out, and not for rows that do not."""
    if isinstance(e, ir.Cast) and not e.safe:
        return replace_leaves(replace(e, safe=True, nullable=True), _softened)
    return None
