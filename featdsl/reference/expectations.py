"""Whether an `expect` holds of a set of rows, and which rows fail. A null condition passes."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any, Final

from featdsl.ir import expr as ir
from featdsl.ir.program import CheckKind, Expectation
from featdsl.reference.aggregates.registry import aggregates
from featdsl.reference.calendar import moved
from featdsl.reference.calls import called
from featdsl.reference.expected_sets import Member
from featdsl.reference.expressions import evaluate, is_true
from featdsl.reference.rows import RowScope
from featdsl.reference.values import Value, settled
from featdsl.types.dtype import DType, Kind
from featdsl.types.duration import Duration

LEAST_SHARE: Final = 0.0001
MOST_VALUES: Final = 50
LONGEST: Final = 200
"""Of `drift`: the least share of a bin; how many texts have one, and how long they may be."""


@dataclass(frozen=True, slots=True)
class Judged:
    """``failing`` are the rows that fail, by their places in the set; None where no row can.

    ``measure`` is what was compared, where a set is measured.
    """

    holds: bool
    failing: tuple[int, ...] | None = None
    measure: Value = None


def judged(
    expected: Expectation,
    members: Sequence[Member],
    at: datetime,
    timezone: str,
    before: Sequence[Member] | None = None,
) -> Judged:
    """An expectation on a set at a time; ``before`` is the set of the run that it compares with.

    Raises:
        Stopped: a value does not fit its type.
    """
    match expected.kind:
        case CheckKind.ROWS:
            assert expected.condition is not None
            fails = _places(members, lambda m: evaluate(expected.condition, m) is False)
            return Judged(len(fails) <= Fraction(expected.allow) * len(members), fails)
        case CheckKind.UNIQUE:
            shared = _shared(expected.columns, members)
            return Judged(not shared, shared)
        case CheckKind.NULL_RATE:
            (name,) = expected.columns
            nulls = _places(members, lambda m: m.value(name) is None)
            if not members:
                return Judged(True, nulls)
            rate = Fraction(len(nulls), len(members))
            return Judged(_compared(expected, rate), nulls, rate)
        case CheckKind.FRESHNESS:
            return _fresh(expected, members, at)
        case CheckKind.AGGREGATE:
            assert expected.condition is not None
            value = evaluate(expected.condition, _Whole(members, at, timezone))
            return Judged(value is not False, measure=value)
        case CheckKind.CHANGES:
            return _changed(expected, members, at, timezone, before)
        case CheckKind.DRIFT:
            return _drifted(expected, members, before)
        case CheckKind.KS:
            return _distant(expected, members, before)
        case CheckKind.ROW_COUNT:
            size = len(members)
        case CheckKind.DISTINCT:
            (name,) = expected.columns
            size = len({_hashed(m.value(name)) for m in members} - {None})
    return Judged(_compared(expected, Fraction(size)), measure=size)


def _places(members: Sequence[Member], fails: Any) -> tuple[int, ...]:
    return tuple(i for i, member in enumerate(members) if fails(member))


def _compared(expected: Expectation, value: Fraction) -> bool:
    """A measure against the bound, exactly."""
    assert expected.bound is not None
    low = Fraction(expected.bound)  # type: ignore[arg-type]
    if expected.op == "not between":
        return not low <= value <= Fraction(expected.high)  # type: ignore[arg-type]
    return _holds(expected.op, value, low)


def _holds(op: str | None, left: Any, right: Any) -> bool:
    found = {
        "=": left == right,
        "!=": left != right,
        "<": left < right,
        "<=": left <= right,
        ">": left > right,
        ">=": left >= right,
    }
    return bool(found[op or ""])


def _shared(names: Sequence[str], members: Sequence[Member]) -> tuple[int, ...]:
    """Rows whose values another row has too; with a null among them they are nobody's."""
    values = [tuple(_hashed(m.value(n)) for n in names) for m in members]
    found = Counter(values)
    return tuple(i for i, v in enumerate(values) if None not in v and found[v] > 1)


def _hashed(value: Value) -> Value:
    if isinstance(value, dict):
        return frozenset((k, _hashed(v)) for k, v in value.items())
    return tuple(map(_hashed, value)) if isinstance(value, tuple | list) else value


def _fresh(expected: Expectation, members: Sequence[Member], at: datetime) -> Judged:
    """How old the newest visible row is; where there is none, it is not as fresh as anything."""
    newest = max((m.time for m in members if m.time is not None), default=None)
    if newest is None:
        return Judged(False)
    ends = [moved(at, b, -1) for b in (expected.bound, expected.high) if isinstance(b, Duration)]
    if expected.op == "not between":
        return Judged(not ends[1] <= newest <= ends[0], measure=newest)
    return Judged(_holds(expected.op, ends[0], newest), measure=newest)


# A calculation over all rows.


@dataclass(frozen=True, slots=True)
class _Whole:
    """Conditions on a set: aggregates of all its rows."""

    members: Sequence[Member]
    as_of: datetime
    timezone: str

    def read(self, node: ir.Expr) -> Value:
        assert isinstance(node, ir.Aggregate), "beside aggregates stand constants only"
        assert node.window is None and node.groups is None and node.by is None
        twin = aggregates()[node.aggregate]
        taken = [m for m in self.members if is_true(node.where, m)]
        rows = [tuple(evaluate(a, m) for a in node.args[: twin.varying]) for m in taken]
        nowhere = RowScope({}, self.as_of, self.timezone)
        constants = [evaluate(c, nowhere) for c in node.args[twin.varying :]]
        dtypes = [a.dtype for a in node.args]
        times = [None] * len(rows)
        value = called(twin, rows, times, constants, dtypes, self.as_of, self.timezone)
        if value is None and node.default is not None:
            value = evaluate(node.default, nowhere)
        return settled(value, node.dtype)


# Against the run before.


def _changed(
    expected: Expectation,
    members: Sequence[Member],
    at: datetime,
    timezone: str,
    before: Sequence[Member] | None,
) -> Judged:
    assert expected.condition is not None
    now = evaluate(expected.condition, _Whole(members, at, timezone))
    if before is None:
        return Judged(True, measure=now)
    then = evaluate(expected.condition, _Whole(before, at, timezone))
    if now is None or then is None:
        return Judged(True, measure=now)
    if then == 0 and now != 0:
        return Judged(_holds(expected.op, math.inf, expected.bound), measure=math.inf)
    change = abs(Fraction(now) - Fraction(then))
    share = change / abs(Fraction(then)) if change else Fraction(0)
    return Judged(_compared(expected, share), measure=share)


def _drifted(
    expected: Expectation, members: Sequence[Member], before: Sequence[Member] | None
) -> Judged:
    (name,) = expected.columns
    assert expected.dtype is not None
    if not before or not members:
        return Judged(True)
    then = [m.value(name) for m in before]
    bins = _bins(then, expected.dtype)
    index = 0.0
    now = [m.value(name) for m in members]
    counts = [Counter(_bin(v, bins, expected.dtype) for v in values) for values in (then, now)]
    for b in (*range(len(bins) + 1), None):
        e, a = (max(c[b] / c.total(), LEAST_SHARE) for c in counts)
        index += (a - e) * math.log(a / e)
    return Judged(_compared(expected, Fraction(index)), measure=index)


def _distant(
    expected: Expectation, members: Sequence[Member], before: Sequence[Member] | None
) -> Judged:
    """The largest difference of shares, at each percentile of the earlier values."""
    (name,) = expected.columns
    sides = (before or (), members)
    then, now = (sorted(v for m in s if (v := m.value(name)) is not None) for s in sides)
    if not then or not now:
        return Judged(True)
    ends = [then[math.ceil(Fraction(i * len(then), 100)) - 1] for i in range(1, 100)]
    found = max(
        abs(Fraction(bisect_right(then, e), len(then)) - Fraction(bisect_right(now, e), len(now)))
        for e in ends
    )
    return Judged(_compared(expected, found), measure=found)


def _bins(values: Sequence[Value], dtype: DType) -> list[Value]:
    """Upper ends of bins, at deciles; or values that have a bin of their own."""
    known = sorted(v for v in values if v is not None)
    if dtype.kind in (Kind.TEXT, Kind.BOOL):
        found = Counter(v for v in known if dtype.kind is Kind.BOOL or len(v) <= LONGEST)
        return sorted(found, key=lambda v: (-found[v], v))[:MOST_VALUES]
    ends = [known[math.ceil(Fraction(i * len(known), 10)) - 1] for i in range(1, 10) if known]
    return list(dict.fromkeys(ends))


def _bin(value: Value, bins: Sequence[Value], dtype: DType) -> int | None:
    """The place of a value's bin; behind all of them that of what is above, or other."""
    if value is None:
        return None
    if dtype.kind in (Kind.TEXT, Kind.BOOL):
        return bins.index(value) if value in bins else len(bins)
    return next((i for i, end in enumerate(bins) if value <= end), len(bins))
