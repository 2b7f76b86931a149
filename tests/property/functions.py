"""What each scalar function gives, from `docs/language/functions.md`; one place for each."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, localcontext

from featdsl.types.dtype import DType, Kind, common
from tests.property.scalars import (
    Value,
    at_clock,
    day_in,
    exactly,
    finite,
    floored,
    held,
    micros,
    round_float,
    start_of,
    turned,
)

_DAY, _HOUR = 86_400_000_000, 3_600_000_000


@dataclass(frozen=True)
class Call:
    """Arguments with their types; what a function gives is of ``dtype``."""

    args: list[Value]
    dtypes: list[DType]
    dtype: DType
    as_of: datetime
    zone: str

    def alike(self) -> list[Value]:
        """The arguments in the narrowest type that holds them all."""
        both = self.dtypes[0]
        for dtype in self.dtypes[1:]:
            found = common(both, dtype)
            assert found is not None
            both = found
        return [turned(a, t, both) for a, t in zip(self.args, self.dtypes, strict=True)]


def call(name: str, at: Call) -> Value:
    """The value of a function."""
    if name in ("coalesce", "nullif"):
        return _NULL_SAFE[name](at)
    if any(a is None for a in at.args):
        return None
    try:
        return finite(held(_FUNCTIONS[name](at, *at.args), at.dtype))
    except (OverflowError, ZeroDivisionError):
        return None


def _coalesce(at: Call) -> Value:
    return next((a for a in at.alike() if a is not None), None)


def _nullif(at: Call) -> Value:
    a, b = at.alike()
    return None if a is not None and b is not None and a == b else at.args[0]


def _clip(at: Call, *_: Value) -> Value:
    x, low, high = at.alike()
    return min(max(x, low), high)


def _mod(at: Call, *_: Value) -> Value:
    a, b = at.alike()
    if b == 0:
        return None
    if isinstance(a, float):
        rest = math.fmod(a, b)
        return rest + b if rest and (rest < 0) != (b < 0) else rest
    if isinstance(a, int):
        return a % b
    with localcontext() as context:
        context.prec = 200
        return a - b * floored(a, b, Kind.DECIMAL)


def _whole(toward: Callable[[Value], int]) -> Callable[..., Value]:
    def of(at: Call, x: Value) -> Value:
        return type(x)(toward(x))

    return of


def _bucket(at: Call, x: Value, edges: list[Value]) -> int:
    return sum((float(edge) if isinstance(x, float) else edge) <= x for edge in edges)


def _round(at: Call, x: Value, digits: int = 0) -> Value:
    if isinstance(x, float):
        return round_float(x, digits)
    rounded = exactly(Decimal(x), digits) if digits < at.dtypes[0].scale else Decimal(x)
    return int(rounded) if isinstance(x, int) else rounded


def _power(at: Call, x: Value, y: Value) -> Value:
    try:
        return math.pow(float(x), float(y))
    except ValueError:
        return None


def _ln(at: Call, x: Value) -> Value:
    return math.log(float(x)) if x > 0 else None


def _log(at: Call, x: Value, base: Value = 10) -> Value:
    if x <= 0 or base <= 0 or base == 1:
        return None
    if base in (2, 10):
        return (math.log2 if base == 2 else math.log10)(float(x))
    return math.log(float(x)) / math.log(float(base))


def _upper(c: str) -> str:
    return {"ß": "ẞ"}.get(c) or (c.upper() if len(c.upper()) == 1 else c)


def _extract(at: Call, x: str, pattern: str) -> Value:
    found = re.search(pattern, x, flags=re.ASCII)
    if found is None:
        return None
    return (found[1] or "") if found.re.groups else found[0]


def _age(at: Call, born: Value) -> int:
    birth, today = day_in(born, at.zone), day_in(at.as_of, at.zone)
    return today.year - birth.year - ((today.month, today.day) < (birth.month, birth.day))


def _hash(at: Call, x: Value) -> str:
    return hashlib.sha256(str(x).encode()).hexdigest()[:16]


_NULL_SAFE: dict[str, Callable[[Call], Value]] = {"coalesce": _coalesce, "nullif": _nullif}
_FUNCTIONS: dict[str, Callable[..., Value]] = {
    "abs": lambda at, x: abs(x),
    "sign": lambda at, x: (x > 0) - (x < 0),
    "ceil": _whole(math.ceil),
    "floor": _whole(math.floor),
    "round": _round,
    "clip": _clip,
    "mod": _mod,
    "bucket": _bucket,
    "exp": lambda at, x: math.exp(x),
    "ln": _ln,
    "log": _log,
    "power": _power,
    "sqrt": lambda at, x: math.sqrt(x) if x >= 0 else None,
    "lower": lambda at, x: "".join(c.lower() if len(c.lower()) == 1 else c for c in x),
    "upper": lambda at, x: "".join(map(_upper, x)),
    "trim": lambda at, x: x.strip(" \t\n\v\f\r"),
    "length": lambda at, x: len(x),
    "concat": lambda at, *xs: "".join(xs),
    "contains": lambda at, x, part: part in x,
    "starts_with": lambda at, x, start: x.startswith(start),
    "ends_with": lambda at, x, end: x.endswith(end),
    "replace": lambda at, x, old, new: x.replace(old, new) if old else x,
    "substring": lambda at, x, start, n=None: x[start - 1 :][: len(x) if n is None else n],
    "matches": lambda at, x, pattern: re.search(pattern, x, flags=re.ASCII) is not None,
    "extract": _extract,
    "hash": _hash,
    "days_since": lambda at, x: (micros(at.as_of) - micros(x)) // _DAY,
    "hours_since": lambda at, x: (micros(at.as_of) - micros(x)) // _HOUR,
    "days_between": lambda at, a, b: (micros(b) - micros(a)) // _DAY,
    "calendar_days": lambda at, a, b: (day_in(b, at.zone) - day_in(a, at.zone)).days,
    "day_of_week": lambda at, x: day_in(x, at.zone).isoweekday(),
    "is_weekend": lambda at, x: day_in(x, at.zone).isoweekday() >= 6,
    "month_of_year": lambda at, x: day_in(x, at.zone).month,
    "hour_of_day": lambda at, x: at_clock(x, at.zone).hour,
    "start_of": lambda at, unit, x: start_of(unit, x, at.zone),
    "date_trunc": lambda at, unit, x: start_of(unit, x, at.zone),
    "age": _age,
}
FUNCTIONS = frozenset({*_FUNCTIONS, *_NULL_SAFE})
