"""Calls of aggregates: their value, and what became of each row."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from featdsl.ir import expr as ir
from featdsl.ir.text import canonical
from featdsl.reference.aggregates.registry import aggregates
from featdsl.reference.aggregates.spec import AggregateTwin, Given
from featdsl.reference.expressions import evaluate
from featdsl.reference.reading import Reading, read
from featdsl.reference.rows import Row, RowScope
from featdsl.reference.stop import Stopped
from featdsl.reference.trace import CallTrace, Fate, Why
from featdsl.reference.values import Value, settled
from featdsl.types.dtype import DType


def call(node: ir.Aggregate, rows: Iterable[Row], at: datetime, timezone: str) -> CallTrace:
    """The aggregate over rows of one key that exist; its ``default`` is not asked.

    Raises:
        Stopped: the value does not fit, or a bare column has several rows.
    """
    reading, fates = read(node, rows, at, timezone)
    twin = _twin(node, reading)
    varying, constants = node.args[: twin.varying], node.args[twin.varying :]
    args = [tuple(evaluate(a, reading.scope(i)) for a in varying) for i in range(len(reading.rows))]
    for row, values in zip(reading.rows, args, strict=True):
        fates.append(Fate(row, Why.NULL_ARGUMENT if None in values else Why.COUNTED))
    value = called(
        twin,
        args,
        [row.time for row in reading.rows],
        [evaluate(c, RowScope({}, at, timezone)) for c in constants],
        [a.dtype for a in node.args],
        at,
    )
    return CallTrace(node, settled(value, node.dtype), tuple(fates))


def _row_value(given: Given) -> Value:
    return given.values[0]


_ROW_VALUE: Final = AggregateTwin(compute=_row_value)


def _twin(node: ir.Aggregate, reading: Reading) -> AggregateTwin:
    if node.aggregate != ir.ROW_VALUE:
        return aggregates()[node.aggregate]
    if len(reading.rows) > 1:
        raise Stopped(f"`{canonical(node)}` has {len(reading.rows)} rows of one key")
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
