"""A plan as text: for people who want to see what will be computed before it is SQL."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from featdsl.ir.expr import Expr
from featdsl.ir.plan import (
    AnyOf,
    AsOfJoin,
    Assemble,
    Combine,
    Current,
    Derive,
    Emit,
    Given,
    Grid,
    Grouped,
    Keys,
    LastSeen,
    Latest,
    Lookup,
    Narrow,
    Operation,
    Ordered,
    Pairs,
    Pass,
    Peers,
    PercentRank,
    Plan,
    Points,
    Read,
    Seen,
    Spine,
    inputs,
)
from featdsl.ir.row_values import (
    After,
    Before,
    Begins,
    FromNewest,
    LargestSoFar,
    Position,
    RowValue,
)
from featdsl.ir.text import canonical
from featdsl.types.duration import Duration


def plan_text(plan: Plan) -> str:
    """Steps in order: name, operation, inputs, note; below each what it computes."""
    blocks = []
    for step in plan.steps:
        operation = step.operation
        read = ", ".join(inputs(operation))
        head = f"{step.name} = {type(operation).__name__}({read})  # {step.note}"
        blocks.append("\n".join([head, *(f"  {line}" for line in _lines(operation))]))
    return "\n".join(blocks)


def _lines(operation: Operation) -> Iterator[str]:
    match operation:
        case Read():
            yield f"source {operation.source}: {', '.join(operation.columns)}"
            yield from (f"where {canonical(c)}" for c in operation.where)
        case Given():
            yield f"view {operation.view}: {', '.join(operation.columns)}"
        case Latest():
            which = "smallest" if operation.first else "largest"
            yield f"{which} {', '.join(operation.by)} of each {', '.join(operation.per)}"
        case Current(snapshots=snapshots):
            when = f"{_latest(snapshots.whole)} <= {canonical(operation.at)}"
            yield f"largest {snapshots.column} with all of {when}"
        case AsOfJoin():
            on = " and ".join(f"{canonical(e)} = {operation.alias}.{c}" for e, c in operation.on)
            yield f"{operation.match} on {on}: {', '.join(operation.carried)}"
        case Derive():
            yield from _values(operation.values)
            yield from (f"where {canonical(c)}" for c in operation.where)
        case Narrow():
            yield f"key {', '.join(f'{k} = {c}' for k, c in operation.keys)}"
            yield from _values(operation.values)
        case Pairs():
            window = "all rows" if operation.window is None else f"over {operation.window}"
            yield f"{window}: {', '.join(operation.columns)}"
            yield from (f"until {n.time}{_asked(n.where)}" for n in operation.newest)
        case Ordered():
            window = "" if operation.window is None else f"over {operation.window}, "
            order = ", ".join(operation.order)
            yield f"{window}by {', '.join(operation.keys)} in the order of {order}"
            yield from () if operation.where is None else (f"where {canonical(operation.where)}",)
            yield from (f"{name} = {_row_value(value)}" for name, value in operation.values)
        case Grouped():
            window = "" if operation.window is None else f"over {operation.window}, "
            yield f"{window}by {', '.join((*operation.keys, *(n for n, _ in operation.groups)))}"
            yield from () if operation.where is None else (f"where {canonical(operation.where)}",)
            yield from _values((*operation.groups, *operation.aggregates))
        case Pass():
            window = "all rows" if operation.window is None else f"over {operation.window}"
            each = "" if operation.by is None else f", for each {canonical(operation.by)}"
            yield f"{window}, by {', '.join(operation.keys)}{each}"
            yield from _values(operation.aggregates)
        case Keys():
            yield f"distinct {', '.join(c for _, c in operation.keys)}"
        case Combine():
            yield from _values(operation.values)
        case Emit():
            yield from (f"{name}: {dtype}" for name, dtype in operation.columns)
        case Seen():
            yield from _seen(operation)
        case LastSeen():
            yield f"{operation.name} = largest {_latest(operation.starts)}"
        case Spine():
            yield f"{operation.row}: {', '.join(operation.columns)}"
        case Grid():
            yield f"{len(operation.instants)} times of {', '.join(k for k, _ in operation.keys)}"
        case Points():
            keys = ", ".join(f"{k} = {c}" for k, c in operation.keys)
            yield f"{operation.point}: {keys}, {operation.as_of} = {operation.time}"
        case Peers():
            keys = ", ".join(c for _, c in operation.of.keys)
            yield f"distinct {keys}, {operation.as_of} = {operation.time}"
        case AnyOf():
            yield f"{'all' if operation.every else 'distinct'} {', '.join(operation.columns)}"
        case Lookup():
            on = " and ".join(f"{left} = {right}" for left, right in operation.on)
            yield f"on {on or 'true'}"
            yield from (f"{name} = {column}" for name, column in operation.values)
        case PercentRank():
            within = ", ".join(operation.within) or "all"
            yield f"{operation.name} = percent rank of {operation.value} within {within}"
        case Assemble():
            yield ", ".join(operation.spine_columns)
            yield from (f"{name}: {dtype}" for name, _, dtype in operation.values)
        case _:
            assert_never(operation)


def _seen(operation: Seen) -> Iterator[str]:
    start = _latest(operation.starts)
    next_of = f"next of each {', '.join(operation.per)} by {', '.join(operation.by)}"
    if operation.first:
        next_of = f"one before of each {', '.join(operation.per)} by {', '.join(operation.by)}"
    if operation.snapshots is not None:
        whole = f"all of {_latest(operation.snapshots.whole)} of each {operation.snapshots.column}"
        start = f"{start}, {whole}" if start else whole
        next_of = f"next {operation.snapshots.column}"
    yield f"{operation.start_name} = {start}"
    if operation.end_name is not None:
        yield f"{operation.end_name} = {operation.end or next_of}"


def _row_value(value: RowValue) -> str:
    match value:
        case FromNewest(where=where):
            return f"number from the newest{_asked(where)}"
        case Position():
            return "number from the oldest"
        case Before(operand=operand, n=n, within=within, where=where):
            of = f" within {', '.join(map(canonical, within))}" if within else ""
            return f"{canonical(operand)} {n} before{of}{_asked(where)}"
        case Begins(before=before, gap=gap):
            return f"{_row_value(before)}, or null where that is less than {gap} ago"
        case LargestSoFar(column=column, within=within, where=where):
            of = f" within {', '.join(map(canonical, within))}" if within else ""
            return f"largest {column} so far{of}{_asked(where)}"
        case After(column=column, n=n, pick=pick, where=where):
            return f"{pick} {column} of {n} after{_asked(where)}"


def _asked(where: Expr | None) -> str:
    return "" if where is None else f", where {canonical(where)}"


def _latest(starts: tuple[tuple[str, Duration | None], ...]) -> str:
    moved = [name if delay is None else f"{name} + {delay}" for name, delay in starts]
    return ", ".join(moved) if len(moved) < 2 else f"latest of {', '.join(moved)}"


def _values(values: tuple[tuple[str, Expr], ...]) -> Iterator[str]:
    yield from (f"{name} = {canonical(e)}" for name, e in values)
