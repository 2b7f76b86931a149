"""Read only what is used."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from featdsl.ir import expr as ir
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
    Match,
    Narrow,
    Operation,
    Ordered,
    Paired,
    Pairs,
    Pass,
    Peers,
    PercentRank,
    Plan,
    Points,
    Population,
    Read,
    Seen,
    Snapshots,
    Spine,
    Step,
    columns,
)
from featdsl.ir.row_values import LargestSoFar
from featdsl.ir.visit import column_name, columns_used, replace_leaves, walk


def prune_columns(plan: Plan) -> Plan:
    """Leave out columns that no later step uses, and joins of which nothing is used.

    Before: ``lines`` = ``transactions`` with 12 columns, joined with ``products`` for 6.
    After:  the 4 and the 2 that the features read. A join adds no rows and takes none away
    (more than one match is an error of the data), so an unused one can go; not a `join many`.
    """
    last = plan.steps[-1]
    needed: dict[str, set[str]] = {last.name: set(columns(last.operation))}
    renamed: dict[str, str] = {}
    kept: list[Step] = []
    for step in reversed(plan.steps):
        if isinstance(step.operation, LastSeen):  # read as a value, by expressions
            needed.setdefault(step.name, set())
        if step.name not in needed:
            continue
        wanted = needed[step.name]
        operation = _prune(step.operation, wanted)
        if isinstance(operation, AsOfJoin) and not (operation.carried or operation.many):
            renamed[step.name] = operation.left
            needed.setdefault(operation.left, set()).update(wanted)
            continue
        if isinstance(operation, Lookup) and not operation.values:
            renamed[step.name] = operation.input
            needed.setdefault(operation.input, set()).update(operation.columns)
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
        case Read() | Given() | Latest() | Current() | Seen() | Pairs():
            return replace(operation, columns=tuple(c for c in operation.columns if c in wanted))
        case Lookup():
            return replace(
                operation,
                columns=tuple(c for c in operation.columns if c in wanted),
                values=tuple((n, c) for n, c in operation.values if n in wanted),
            )
        case AsOfJoin():
            return replace(
                operation,
                columns=tuple(c for c in operation.columns if c in wanted),
                carried=tuple(c for c in operation.carried if f"{operation.alias}.{c}" in wanted),
            )
        case Ordered():
            return replace(
                operation,
                columns=tuple(c for c in operation.columns if c in wanted),
                values=tuple((n, v) for n, v in operation.values if n in wanted),
            )
        case Derive():
            return replace(
                operation,
                columns=tuple(c for c in operation.columns if c in wanted),
                values=tuple((n, e) for n, e in operation.values if n in wanted),
            )
        case AnyOf(every=True):  # without it, a row is told from others by its columns
            kept = tuple(c for c in operation.columns if c in wanted)
            return replace(operation, columns=kept or operation.columns)
        case _:
            return operation


def _reads(operation: Operation) -> list[tuple[str, set[str]]]:
    """For each input, the columns that the operation reads of it."""
    match operation:
        case Read() | Given():
            return []
        case Latest():
            return [(operation.input, {*operation.columns, *operation.per, *operation.by})]
        case Current(snapshots=snapshots):
            return [(operation.input, {*operation.columns, *_snapshot_reads(snapshots)})]
        case AsOfJoin():
            return _join_reads(operation)
        case Derive():
            used = columns_of([*(e for _, e in operation.values), *operation.where])
            return [(operation.input, {*operation.columns, *used, *_some(operation.as_of)})]
        case Narrow():
            used = columns_of(e for _, e in operation.values)
            keys = {column for _, column in operation.keys}
            return [(operation.input, {*keys, *_some(operation.time), *used})]
        case Keys(input=str() as name):
            return [(name, {column for _, column in operation.keys})]
        case Pass():
            return _pass_reads(operation)
        case Pairs():
            paired = operation.paired
            used = {*operation.columns, *_some(operation.time), *_of_rows(paired)}
            for newest in operation.newest:
                used |= {newest.time, *_some(newest.start), *_some(newest.end)}
                used |= columns_of([] if newest.where is None else [newest.where])
            return [(operation.input, used), (paired.points, _of_points(paired))]
        case Ordered():
            used = {*operation.columns, *operation.keys, *operation.order}
            used |= {*_some(operation.time), *_some(operation.as_of)}
            return [(operation.input, used | columns_of(operation.expressions) | _held(operation))]
        case Grouped():
            used = {*operation.keys, *operation.order, *_some(operation.time)}
            used |= {*_some(operation.position), *_some(operation.as_of)}
            return [(operation.input, used | columns_of(operation.expressions))]
        case Combine():
            own = {*operation.keys, *operation.carried, *_some(operation.as_of)}
            reads = [(operation.keys_from, own)]
            reads += ((p, set(operation.keys)) for p in operation.passes)
            qualified = list(columns_used(e for _, e in operation.values))
            return [*reads, *((c.qualifier, {c.name}) for c in qualified if c.qualifier)]
        case Emit():
            return [(operation.input, {*operation.keys, *(n for n, _ in operation.columns)})]
        case Lookup() | PercentRank() | Peers() | AnyOf():
            return _across_reads(operation)
        case _:
            return _spine_reads(operation)


def _across_reads(operation: Lookup | PercentRank | Peers | AnyOf) -> list[tuple[str, set[str]]]:
    match operation:
        case Lookup():
            left = {*operation.columns, *(c for c, _ in operation.on)}
            right = {*(c for _, c in operation.on), *(c for _, c in operation.values)}
            return [(operation.input, left), (operation.found, right)]
        case PercentRank():
            used = {*operation.columns, operation.value, *operation.within, *operation.known}
            return [(operation.input, used | _some(operation.where))]
        case Peers(of=of):
            keys = {column for _, column in of.keys}
            return [
                (operation.points, {operation.time}),
                (of.step, keys | _some(of.start) | _some(of.end)),
            ]
        case AnyOf():
            return [(name, set(operation.columns)) for name in operation.inputs]


def _pass_reads(operation: Pass) -> list[tuple[str, set[str]]]:
    used = {*columns_of(a for _, a in operation.aggregates), *operation.order}
    used |= _some(operation.time) | _some(operation.as_of)
    match operation.paired:
        case None:
            return [(operation.input, {*operation.keys, *used})]
        case Paired() as paired:
            return [
                (operation.input, used | _of_rows(paired)),
                (paired.points, _of_points(paired)),
            ]


def _held(operation: Ordered) -> set[str]:
    """Columns that values of rows are made of by name."""
    return {v.column for _, v in operation.values if isinstance(v, LargestSoFar)}


def _of_rows(paired: Paired) -> set[str]:
    """Columns by which rows are paired with points."""
    return {*paired.keys, *_some(paired.start), *_some(paired.end)}


def _of_points(paired: Paired) -> set[str]:
    return {paired.point, *paired.keys, paired.as_of}


def _spine_reads(operation: Operation) -> list[tuple[str, set[str]]]:
    match operation:
        case Seen():
            starts = {name for name, _ in operation.starts}
            used = {*operation.columns, *operation.per, *operation.by, *_some(operation.end)}
            if operation.snapshots is not None:
                used |= _snapshot_reads(operation.snapshots)
            return [(operation.input, used | starts)]
        case LastSeen():
            return [(operation.input, {*operation.known, *(name for name, _ in operation.starts)})]
        case Spine(input=str() as name):
            return [(name, {*operation.columns, *operation.order})]
        case Grid():
            keys = {column for _, column in operation.keys}
            return [(operation.input, keys | _some(operation.start) | _some(operation.end))]
        case Points():
            asked = {column for _, column in operation.keys} | {operation.time}
            reads = [(operation.input, asked)]
            if operation.population is not None:
                exists = operation.population
                keys = {column for _, column in exists.keys}
                reads.append((exists.step, keys | _some(exists.start) | _some(exists.end)))
            return reads
        case Assemble():
            reads = [
                (operation.spine, set(operation.spine_columns)),
                (operation.points, {operation.point}),
                *((step, {operation.point}) for step in operation.steps),
            ]
            return [*reads, *((step, {column}) for step, column in operation.reads)]
        case _:
            return []


def _snapshot_reads(snapshots: Snapshots) -> set[str]:
    return {snapshots.column, *(name for name, _ in snapshots.whole)}


def _some(name: str | None) -> set[str]:
    return set() if name is None else {name}


def _join_reads(join: AsOfJoin) -> list[tuple[str, set[str]]]:
    left = {*join.columns, *columns_of(e for e, _ in join.on)}
    right = {*join.carried, *(c for _, c in join.on)}
    if join.match is not Match.ALWAYS and join.left_time is not None:
        left.add(join.left_time)
    limits = (join.start, join.end, join.available, join.time)
    right.update(c for c in (*limits, *join.latest) if c is not None)
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


def _moved(
    value: tuple[str, str] | ir.Expr, now: Callable[[str], str]
) -> tuple[str, str] | ir.Expr:
    """A column of a step, or an expression over such columns, of the steps that stand in."""
    if isinstance(value, tuple):
        return now(value[0]), value[1]

    def column(e: ir.Expr) -> ir.Expr | None:
        if isinstance(e, ir.Column) and e.qualifier is not None:
            return replace(e, qualifier=now(e.qualifier))
        return None

    return replace_leaves(value, column)


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
        case Pass(paired=Paired() as paired) | Pairs(paired=paired):
            points = replace(paired, points=now(paired.points))
            operation = replace(operation, input=now(operation.input), paired=points)
        case Lookup():
            operation = replace(operation, input=now(operation.input), found=now(operation.found))
        case AnyOf():
            operation = replace(operation, inputs=tuple(map(now, operation.inputs)))
        case Peers(of=of):
            listed = replace(of, step=now(of.step))
            operation = replace(operation, points=now(operation.points), of=listed)
        case Points(population=Population() as exists):
            seen = replace(exists, step=now(exists.step))
            operation = replace(operation, input=now(operation.input), population=seen)
        case Assemble():
            operation = replace(
                operation,
                spine=now(operation.spine),
                points=now(operation.points),
                values=tuple((n, _moved(v, now), t) for n, v, t in operation.values),
                by_row=tuple(map(now, operation.by_row)),
            )
        case Read() | Given() | Spine(input=None) | Keys(input=None):
            pass
        case _:
            assert operation.input is not None
            operation = replace(operation, input=now(operation.input))
    return replace(step, operation=operation)
