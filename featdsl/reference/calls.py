"""Calls of aggregates: their value, and what became of each row."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from featdsl.ir import expr as ir
from featdsl.ir.text import canonical
from featdsl.reference.aggregates.registry import aggregates
from featdsl.reference.aggregates.spec import AggregateTwin, Given
from featdsl.reference.expressions import evaluate, is_true
from featdsl.reference.reading import Reading, read
from featdsl.reference.rows import RowScope
from featdsl.reference.scope import Scope
from featdsl.reference.stop import Stopped
from featdsl.reference.trace import CallTrace, Fate, Why
from featdsl.reference.values import Value, settled
from featdsl.types.dtype import DType


def call(node: ir.Aggregate, around: Reading) -> CallTrace:
    """The aggregate over rows of one key that exist; its ``default`` is not asked.

    Raises:
        Stopped: the value does not fit, or a bare column has several rows.
    """
    reading, fates = read(node, around)
    if node.groups is None:
        scopes: list[Scope] = [reading.scope(i) for i in range(len(reading.rows))]
        times = [row.time for row in reading.rows]
        members = [reading.of([row]) for row in reading.rows]
    else:
        groups, others = _groups(node.groups, reading)
        fates += others
        scopes = [*groups]
        times = [group.reading.rows[0].time for group in groups]
        members = [group.reading for group in groups]
    measure = _measured if node.by is None else _by
    value, counted = measure(node, scopes, times, around)
    for of, counts in zip(members, counted, strict=True):
        why = Why.COUNTED if counts else Why.NULL_ARGUMENT
        fates += [Fate(row, why) for row in of.rows]
    return CallTrace(node, value, tuple(fates))


def _measured(
    node: ir.Aggregate, scopes: Sequence[Scope], times: Sequence[datetime | None], around: Reading
) -> tuple[Value, list[bool]]:
    """The value over rows, or groups, oldest first, and which of them count."""
    twin = _twin(node, len(scopes))
    varying, constants = node.args[: twin.varying], node.args[twin.varying :]
    nowhere = RowScope({}, around.as_of, around.timezone)
    args = [tuple(evaluate(a, scope) for a in varying) for scope in scopes]
    value = called(
        twin,
        args,
        times,
        [evaluate(c, nowhere) for c in constants],
        [a.dtype for a in node.args],
        around.as_of,
        around.timezone,
    )
    return settled(value, node.dtype), [None not in row for row in args]


@dataclass(frozen=True, slots=True)
class _Group:
    """The rows of one group of ``per``, and its keys. Expressions over it read aggregates."""

    key: tuple[Value, ...]
    reading: Reading

    @property
    def as_of(self) -> datetime:
        return self.reading.as_of

    @property
    def timezone(self) -> str:
        return self.reading.timezone

    def read(self, node: ir.Expr) -> Value:
        match node:
            case ir.GroupKey(index=index):
                return self.key[index]
            case ir.Aggregate():
                value = call(node, self.reading).value
                if value is None and node.default is not None:
                    return settled(evaluate(node.default, self), node.dtype)
                return value
            case _:
                raise NotImplementedError(f"{type(node).__name__} of a group of rows")


def _groups(groups: ir.Groups, reading: Reading) -> tuple[list[_Group], list[Fate]]:
    """Groups of rows, ordered by their first row; a null key forms none."""
    found: dict[tuple[Value, ...], list[int]] = {}
    for i in range(len(reading.rows)):
        key = tuple(evaluate(k, reading.scope(i)) for k in groups.keys)
        found.setdefault(key, []).append(i)
    taken: list[_Group] = []
    fates: list[Fate] = []
    for key, members in found.items():
        group = _Group(key, reading.of([reading.rows[i] for i in members]))
        if None in key:
            fates += [Fate(row, Why.NULL_KEY) for row in group.reading.rows]
        elif not is_true(groups.where, group):
            assert groups.where is not None
            detail = canonical(groups.where)
            fates += [Fate(row, Why.CONDITION, detail) for row in group.reading.rows]
        else:
            taken.append(group)
    return taken, fates


def _by(
    node: ir.Aggregate, scopes: Sequence[Scope], times: Sequence[datetime | None], around: Reading
) -> tuple[Value, list[bool]]:
    """The aggregate of the rows of each value; rows without one are left out."""
    assert node.by is not None
    keys = [evaluate(node.by, scope) for scope in scopes]
    one = replace(node, by=None, default=None, dtype=node.dtype.items[1])
    nowhere = RowScope({}, around.as_of, around.timezone)
    found: dict[Value, Value] = {}
    counted = [False] * len(scopes)
    for key in sorted({k for k in keys if k is not None}):
        places = [i for i, k in enumerate(keys) if k == key]
        value, counts = _measured(
            one, [scopes[i] for i in places], [times[i] for i in places], around
        )
        if value is None and node.default is not None:
            value = settled(evaluate(node.default, nowhere), one.dtype)
        found[key] = value
        for i, counts_too in zip(places, counts, strict=True):
            counted[i] = counts_too
    if len(found) > 1_000:
        raise Stopped("a map of more than 1,000 keys")
    return (settled(found, node.dtype) if found else None), counted


def _row_value(given: Given) -> Value:
    return given.values[0]


_ROW_VALUE: Final = AggregateTwin(compute=_row_value)


def _twin(node: ir.Aggregate, rows: int) -> AggregateTwin:
    if node.aggregate != ir.ROW_VALUE:
        return aggregates()[node.aggregate]
    if rows > 1:
        raise Stopped(f"`{canonical(node)}` has {rows} rows of one key")
    return _ROW_VALUE


def called(
    twin: AggregateTwin,
    rows: Sequence[tuple[Value, ...]],
    times: Sequence[datetime | None],
    constants: Sequence[Value],
    dtypes: Sequence[DType],
    as_of: datetime,
    timezone: str = "UTC",
) -> Value:
    """The aggregate of rows, oldest first; those with a null argument do not count."""
    counted = [(row, t) for row, t in zip(rows, times, strict=True) if None not in row]
    if not counted:
        return twin.empty
    value = twin.compute(
        Given(
            rows=tuple(row for row, _ in counted),
            times=tuple(time for _, time in counted),
            constants=tuple(constants),
            dtypes=tuple(dtypes),
            as_of=as_of,
            timezone=timezone,
        )
    )
    return None if isinstance(value, float) and not math.isfinite(value) else value
