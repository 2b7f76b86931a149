"""Calls of aggregates: which rows count, and their value."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from featdsl.ir import expr as ir
from featdsl.ir.text import canonical
from featdsl.reference.aggregates.registry import aggregates
from featdsl.reference.aggregates.spec import AggregateTwin, Given
from featdsl.reference.expressions import evaluate, is_true
from featdsl.reference.rows import Row, RowScope, in_order
from featdsl.reference.stop import Stopped
from featdsl.reference.trace import CallTrace, Fate, Why
from featdsl.reference.values import Value, settled
from featdsl.reference.windows import holds
from featdsl.types.dtype import DType


def call(node: ir.Aggregate, rows: Iterable[Row], at: datetime, timezone: str) -> CallTrace:
    """The aggregate over rows of one key that exist; its ``default`` is not asked.

    Raises:
        Stopped: the value does not fit, or a bare column has several rows.
    """
    taken: list[Row] = []
    fates: list[Fate] = []
    for row in in_order(rows):
        fate = _left_out(node, row, at, timezone)
        if fate is None:
            taken.append(row)
        else:
            fates.append(fate)
    twin = _twin(node, taken)
    varying, constants = node.args[: twin.varying], node.args[twin.varying :]
    scopes = [RowScope(row.values, at, timezone) for row in taken]
    args = [tuple(evaluate(a, scope) for a in varying) for scope in scopes]
    for row, values in zip(taken, args, strict=True):
        fates.append(Fate(row, Why.NULL_ARGUMENT if None in values else Why.COUNTED))
    value = called(
        twin,
        args,
        [row.time for row in taken],
        [evaluate(c, RowScope({}, at, timezone)) for c in constants],
        [a.dtype for a in node.args],
        at,
    )
    return CallTrace(node, settled(value, node.dtype), tuple(fates))


def _left_out(node: ir.Aggregate, row: Row, at: datetime, timezone: str) -> Fate | None:
    """Why a row is none of those that the aggregate reads, or None."""
    if node.window is not None and not holds(node.window, row.time, at, timezone):
        return Fate(row, Why.WINDOW, str(node.window))
    if not is_true(node.where, RowScope(row.values, at, timezone)):
        assert node.where is not None
        return Fate(row, Why.CONDITION, canonical(node.where))
    return None


def _row_value(given: Given) -> Value:
    return given.values[0]


_ROW_VALUE: Final = AggregateTwin(compute=_row_value)


def _twin(node: ir.Aggregate, rows: Sequence[Row]) -> AggregateTwin:
    if node.aggregate != ir.ROW_VALUE:
        return aggregates()[node.aggregate]
    if len(rows) > 1:
        raise Stopped(f"`{canonical(node)}` has {len(rows)} rows of one key")
    return _ROW_VALUE


def called(
    twin: AggregateTwin,
    rows: Sequence[tuple[Value, ...]],
    times: Sequence[datetime | None],
    constants: Sequence[Value],
    dtypes: Sequence[DType],
    as_of: datetime,
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
        )
    )
    return None if isinstance(value, float) and not math.isfinite(value) else value
