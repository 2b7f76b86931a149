"""Rows that are read by what a request sends: each request with the rows of its key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from featdsl.ir import expr as ir
from featdsl.ir.plan import Derive, Lookup, Paired
from featdsl.ir.program import Group
from featdsl.ir.visit import replace_leaves
from featdsl.planning.steps import Steps
from featdsl.types.dtype import BOOL, TIMESTAMP

_POINT, _AS_OF = ".request", ".request time"
"""No column of rows is called so."""


@dataclass(frozen=True, slots=True)
class AskedRows:
    """A step with rows for each request; ``point`` is its column with the request's number."""

    step: str
    point: str
    inputs: Mapping[str, str]

    def placed(self, e: ir.Expr) -> ir.Expr:
        """An expression over columns of the step."""

        def leaf(n: ir.Expr) -> ir.Expr | None:
            if not isinstance(n, ir.InputRef):
                return None
            name = self.inputs[n.column]
            return ir.Column(dtype=n.dtype, nullable=True, span=n.span, name=name)

        return replace_leaves(e, leaf)


def asked_rows(
    steps: Steps,
    group: Group,
    rows: str,
    points: Paired,
    time: str | None,
    read: Iterable[ir.Aggregate],
) -> AskedRows:
    """Each row with every request for its key, and with what that sends.

    Rows that come after a request are left out where all that is read looks back.
    """
    assert group.role is not None, "rows are of somebody"
    span = group.name_span
    inputs = {column: f".input {column}" for column, _ in points.inputs}
    lookup = Lookup(
        input=rows,
        columns=steps.columns(rows),
        found=points.points,
        on=tuple(zip(group.role.columns, points.keys, strict=True)),
        values=(
            (_POINT, points.point),
            (_AS_OF, points.as_of),
            *((inputs[column], name) for column, name in points.inputs),
        ),
    )
    step = steps.add(f"{group.short}_asked", lookup, "rows with every request for their key", span)
    if time is not None and all(isinstance(a.window, ir.Window) for a in read):
        before, at = (
            ir.Column(dtype=TIMESTAMP, nullable=True, span=span, name=n) for n in (time, _AS_OF)
        )
        past = ir.Compare(dtype=BOOL, span=span, op=ir.CompareOp.LE, left=before, right=at)
        derive = Derive(input=step, columns=steps.columns(step), where=(past,))
        step = steps.add(f"{group.short}_past", derive, "that are over at its time", span)
    return AskedRows(step, _POINT, inputs)
