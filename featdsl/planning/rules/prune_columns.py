"""Read only what is used."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from featdsl.ir import expr as ir
from featdsl.ir.plan import (
    AsOfJoin,
    Combine,
    Derive,
    Emit,
    Given,
    Keys,
    Latest,
    Match,
    Narrow,
    Operation,
    Pass,
    Plan,
    Read,
    Step,
    columns,
)
from featdsl.ir.visit import column_name, columns_used, walk


def prune_columns(plan: Plan) -> Plan:
    """Leave out columns that no later step uses, and joins of which nothing is used.

    Before: ``lines`` = ``transactions`` with 12 columns, joined with ``products`` for 6.
    After:  the 4 and the 2 that the features read. A join adds no rows and takes none away
    (more than one match is an error of the data), so an unused one can go.
    """
    last = plan.steps[-1]
    needed: dict[str, set[str]] = {last.name: set(columns(last.operation))}
    renamed: dict[str, str] = {}
    kept: list[Step] = []
    for step in reversed(plan.steps):
        if step.name not in needed:
            continue
        wanted = needed[step.name]
        operation = _prune(step.operation, wanted)
        if isinstance(operation, AsOfJoin) and not operation.carried:
            renamed[step.name] = operation.left
            needed.setdefault(operation.left, set()).update(wanted)
            continue
        if isinstance(operation, Derive) and not operation.values and not operation.where:
            renamed[step.name] = operation.input
            needed.setdefault(operation.input, set()).update(operation.columns)
            continue
        for name, used in _reads(operation):
            needed.setdefault(name, set()).update(used)
        kept.append(replace(step, operation=operation))
    return plan.with_steps(tuple(_rename(s, renamed) for s in reversed(kept)))


def _prune(operation: Operation, wanted: set[str]) -> Operation:
    """The operation with the columns that are wanted of it."""
    match operation:
        case Read() | Given() | Latest():
            return replace(operation, columns=tuple(c for c in operation.columns if c in wanted))
        case AsOfJoin():
            return replace(
                operation,
                columns=tuple(c for c in operation.columns if c in wanted),
                carried=tuple(c for c in operation.carried if f"{operation.alias}.{c}" in wanted),
            )
        case Derive():
            return replace(
                operation,
                columns=tuple(c for c in operation.columns if c in wanted),
                values=tuple((n, e) for n, e in operation.values if n in wanted),
            )
        case _:
            return operation


def _reads(operation: Operation) -> list[tuple[str, set[str]]]:
    """For each input, the columns that the operation reads of it."""
    match operation:
        case Read() | Given():
            return []
        case Latest():
            return [(operation.input, {*operation.columns, *operation.per, *operation.by})]
        case AsOfJoin():
            return _join_reads(operation)
        case Derive():
            used = columns_of([*(e for _, e in operation.values), *operation.where])
            return [(operation.input, {*operation.columns, *used})]
        case Narrow():
            used = columns_of(e for _, e in operation.values)
            keys = {column for _, column in operation.keys}
            time = {operation.time} if operation.time is not None else set()
            return [(operation.input, {*keys, *time, *used})]
        case Keys():
            return [(operation.input, {column for _, column in operation.keys})]
        case Pass():
            used = columns_of(a for _, a in operation.aggregates)
            return [(operation.input, {*operation.keys, *operation.order, *used})]
        case Combine():
            reads = [(operation.keys_from, set(operation.keys))]
            return [*reads, *((p, set(operation.keys)) for p in operation.passes)]
        case Emit():
            return [(operation.input, {*operation.keys, *(n for n, _ in operation.columns)})]


def _join_reads(join: AsOfJoin) -> list[tuple[str, set[str]]]:
    left = {*join.columns, *columns_of(e for e, _ in join.on)}
    right = {*join.carried, *(c for _, c in join.on)}
    if join.match is not Match.ALWAYS and join.left_time is not None:
        left.add(join.left_time)
    right.update(c for c in (join.start, join.end, join.available) if c is not None)
    if join.residual is not None:
        for node in walk(join.residual):
            if isinstance(node, ir.Column):
                if node.qualifier == join.alias:
                    right.add(node.name)
                else:
                    left.add(column_name(node))
    return [(join.left, left), (join.right, right)]


def columns_of(expressions: Iterable[ir.Expr]) -> set[str]:
    return {column_name(c) for c in columns_used(expressions)}


def _rename(step: Step, renamed: dict[str, str]) -> Step:
    """Point a step at what stands in for inputs that went."""

    def now(name: str) -> str:
        while name in renamed:
            name = renamed[name]
        return name

    operation = step.operation
    match operation:
        case AsOfJoin():
            operation = replace(operation, left=now(operation.left), right=now(operation.right))
        case Combine():
            operation = replace(operation, keys_from=now(operation.keys_from))
        case Latest() | Derive() | Narrow() | Pass() | Keys() | Emit():
            operation = replace(operation, input=now(operation.input))
        case Read() | Given():
            pass
    return replace(step, operation=operation)
