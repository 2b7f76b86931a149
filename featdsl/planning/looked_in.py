"""The next of the times that a static source lists: steps with a row for each key that is asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from featdsl.ir import expr as ir
from featdsl.ir.plan import Lookup, Pass
from featdsl.planning.across import Asking
from featdsl.planning.narrow import both
from featdsl.planning.passes import Computed
from featdsl.planning.rows import relation_rows
from featdsl.planning.steps import free_name
from featdsl.types.dtype import BOOL, INT, TIMESTAMP, Kind


def next_values(asking: Asking, nexts: Sequence[ir.NextIn]) -> dict[ir.NextIn, Computed]:
    """Where each is: the smallest time of the source's rows that is not before the as-of time."""
    steps, asked, span = asking.steps, asking.asked, asking.span
    found: dict[ir.NextIn, Computed] = {}
    for name in dict.fromkeys(n.source for n in nexts):
        members = [n for n in nexts if n.source == name]
        source = steps.program.sources[name]
        rows = relation_rows(steps, name)
        taken = {c.lower() for c in asked.columns}
        names = {n: free_name(f"next_{n.column}", taken) for n in members}
        points = asked.points
        over = Pass(
            input=rows.step,
            keys=() if points is None else (points.point,),
            window=None,
            time=None,
            order=(),
            aggregates=tuple((names[n], _smallest(asking, n)) for n in members),
            paired=None if points is None else replace(points, keys=(), start=None, end=None),
        )
        step = steps.add(f"{source.short}_next", over, f"what is next in {source.short}", span)
        if points is None:
            lookup = Lookup(
                input=asked.step,
                columns=asked.row,
                found=step,
                on=(),
                values=tuple((n, n) for n in names.values()),
            )
            short = asked.entity.short
            step = steps.add(f"{short}_next_{source.short}", lookup, "beside each key", span)
        found.update({n: Computed(step, names[n]) for n in members})
    return found


def _smallest(asking: Asking, node: ir.NextIn) -> ir.Aggregate:
    span = node.span
    columns = asking.steps.program.sources[node.source].columns
    at = ir.AsOf(dtype=TIMESTAMP, nullable=False, span=span)
    value = ir.Column(dtype=node.dtype, span=span, name=node.column)
    if node.dtype.kind is Kind.DATE:
        # The day of the as-of time is that of the project's time zone.
        left: ir.Expr = ir.Call(dtype=INT, span=span, function="calendar_days", args=(at, value))
        right: ir.Expr = ir.Literal(dtype=INT, nullable=False, span=span, value=0)
    else:
        left, right = value, at
    where: ir.Expr | None = ir.Compare(
        dtype=BOOL, span=span, op=ir.CompareOp.GE, left=left, right=right
    )
    for name, constant in node.where:
        column = ir.Column(dtype=columns[name].dtype, span=span, name=name)
        same = ir.Compare(dtype=BOOL, span=span, op=ir.CompareOp.EQ, left=column, right=constant)
        where = both(where, same)
    return ir.Aggregate(dtype=node.dtype, span=span, aggregate="min", args=(value,), where=where)
