"""Unions: the rows of several relations, one below the other, in one shape."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from featdsl.ir import expr as ir
from featdsl.ir.plan import AnyOf, Derive, Spine
from featdsl.ir.program import View
from featdsl.ir.relations import (
    SOURCE_NAME,
    columns_of,
    position_of,
    row_columns,
    united_columns,
)
from featdsl.planning.steps import Rows, Steps, free_name
from featdsl.types.dtype import INT, TEXT, TIMESTAMP, DType

_PART: Final = ".part"
"""The column of a union's stored rows with the position of the relation of a row."""
_ALWAYS: Final = datetime(1, 1, 1)
"""From when on a row without history is seen, beside rows that have one."""


def united_rows(steps: Steps, view: View, parts: Sequence[Rows]) -> Rows:
    """The rows of all parts, with the columns of the union, and when each is seen."""
    program = steps.program
    types = united_columns(program, view)
    taken = {c.lower() for c in types}
    timed = any(p.start is not None or p.end is not None for p in parts)
    start = free_name("seen_from", taken) if timed else None
    end = free_name("seen_to", taken) if any(p.end is not None for p in parts) else None
    arrival = steps.arrival
    if any(arrival not in steps.columns(p.step) for p in parts):
        arrival = None
    inputs: list[str] = []
    for i, (left, part) in enumerate(zip(view.lefts, parts, strict=True)):
        values = _values(steps, view, left, i, types)
        if start is not None:
            values[start] = _start(steps, view, left, part)
        if end is not None:
            values[end] = _column(part.end, TIMESTAMP, view) or _literal(None, TIMESTAMP, view)
        if arrival is not None:
            values[_PART] = _literal(i, INT, view)
            values[arrival] = ir.Column(dtype=INT, span=view.name_span, name=arrival)
        short = program.relation(left).short
        derive = Derive(input=part.step, columns=(), values=tuple(values.items()))
        note = f"rows of {short} in the columns of {view.short}"
        inputs.append(steps.add(f"{view.short}_{short}", derive, note, view.name_span))
    columns = (*types, *(c for c in (start, end) if c is not None))
    places = () if arrival is None else (_PART, arrival)
    union = AnyOf(inputs=tuple(inputs), columns=(*columns, *places), every=True)
    step = steps.add(f"{view.short}_all", union, "one below the other", view.name_span)
    if arrival is not None:
        stored = Spine(input=step, columns=columns, row=arrival, order=places)
        note = "in the order in which they are stored, of each relation"
        step = steps.add(f"{view.short}_stored", stored, note, view.name_span)
    return Rows(step, start, end)


def _values(
    steps: Steps, view: View, left: str, position: int, types: dict[str, DType]
) -> dict[str, ir.Expr]:
    program = steps.program
    own = row_columns(program, left)
    values: dict[str, ir.Expr] = {}
    for name, dtype in types.items():
        if name == SOURCE_NAME and name not in columns_of(program, left):
            values[name] = _literal(program.relation(left).short, TEXT, view)
        elif name == position_of(program, view):
            values[name] = _literal(position, INT, view)
        else:
            column = ir.Column(dtype=own[name], span=view.name_span, name=name)
            values[name] = (
                column
                if own[name] == dtype
                else ir.Cast(dtype=dtype, span=view.name_span, operand=column)
            )
    return values


def _start(steps: Steps, view: View, left: str, part: Rows) -> ir.Expr:
    """When a row is seen: its own column, else its time; always, without one."""
    name = part.start or steps.program.root(left).time
    return _column(name, TIMESTAMP, view) or _literal(_ALWAYS, TIMESTAMP, view)


def _column(name: str | None, dtype: DType, view: View) -> ir.Expr | None:
    return None if name is None else ir.Column(dtype=dtype, span=view.name_span, name=name)


def _literal(value: ir.Scalar, dtype: DType, view: View) -> ir.Expr:
    return ir.Literal(dtype=dtype, nullable=value is None, span=view.name_span, value=value)
