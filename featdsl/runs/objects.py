"""Columns of Python objects in data frames, by the types of all of their values.

An engine looks at some of them and guesses. Here all are looked at, and exact numbers become text
with the type that it stands for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from featdsl.runs.nested_objects import is_nested, read_nested_objects
from featdsl.types.dtype import MAX_DIGITS


def read_objects(series: Any) -> tuple[Any, str | None] | str:
    """Prepare a pandas column of Python objects for an engine.

    Returns:
        A column that an engine reads right, with the type that its text is cast to (JSON, to a
        list or a map), or None where it is none; or, in words, what the values are, where no
        engine can read them.

    Raises:
        UnicodeError: a text is no Unicode.
    """
    if any(map(is_nested, series)):
        return read_nested_objects(series, read_objects)
    present = series[series.notna()]
    kinds = {type(v) for v in present}
    for convert, names in _OBJECTS:
        if {_family(k) for k in kinds} <= names:
            return convert(series, present)
    return " and ".join(sorted({k.__name__ for k in kinds}))


def _family(kind: type) -> str:
    """The name of the Python type that a value's type is one of."""
    import numbers
    from datetime import date, datetime
    from decimal import Decimal

    import numpy as np

    if issubclass(kind, bool | np.bool_):
        return "bool"
    if issubclass(kind, numbers.Integral):
        return "int"
    for known in (Decimal, float, np.floating, str, datetime, np.datetime64, date):
        if issubclass(kind, known):
            return {"floating": "float", "datetime64": "datetime"}.get(
                known.__name__, known.__name__
            )
    return "UUID" if kind.__name__ == "UUID" else f"other {kind.__name__}"


def _texts(series: Any, present: Any, write: Callable[[Any], str] = str) -> Any:
    """The column as text, with its nulls where they were."""
    import numpy as np
    import pandas as pd

    found = np.full(len(series), None, dtype=object)
    found[series.notna().to_numpy()] = np.array([write(v) for v in present], dtype=object)
    return pd.Series(pd.array(found, dtype="string"))


def _strings(series: Any, present: Any) -> tuple[Any, str | None]:
    "".join(present).encode()  # halves of characters are in no engine's text
    return _texts(series, present), None


def _nothing(series: Any, present: Any) -> tuple[Any, str | None]:
    import pandas as pd

    return pd.Series([None] * len(series), dtype=object), None


def _ints(series: Any, present: Any) -> tuple[Any, str | None] | str:
    least, largest = int(min(present)), int(max(present))
    if least >= -(2**63) and largest < 2**63:
        return series.where(series.notna(), None).astype("Int64"), None
    if least >= -(2**127) and largest < 2**127:
        return _texts(series, present), "HUGEINT"
    return "ints of more than 128 bits"


def _decimals(series: Any, present: Any) -> tuple[Any, str | None] | str:
    from decimal import Decimal

    exact = [Decimal(v) if not isinstance(v, float) else None for v in present]
    finite = [d for d in exact if d is not None and d.is_finite()]
    parts = [d.as_tuple() for d in finite]
    scale = max([0, *(-int(p.exponent) for p in parts)])
    whole = max([0, *(len(p.digits) + int(p.exponent) for p in parts)])
    if scale + whole > MAX_DIGITS:
        return f"decimals of more than {MAX_DIGITS} digits"

    def write(value: Any) -> str:
        number = Decimal(value)
        # Not-a-number and infinity are null, as they are in floats.
        return format(number, "f") if number.is_finite() else ""

    text = _texts(series, present, write)
    return text.where(text != "", None), f"DECIMAL({max(1, scale + whole)}, {scale})"


def _times(series: Any, present: Any) -> tuple[Any, str | None] | str:
    import pandas as pd

    zoned = {getattr(v, "tzinfo", None) is not None for v in present}
    if len(zoned) > 1:
        return "times with and without a zone"
    stamps = [pd.Timestamp(v) for v in present]
    plain = [s.tz_convert("UTC").tz_localize(None) if s.tzinfo else s for s in stamps]
    return _texts(series, plain, lambda s: s.isoformat(sep=" ")), "TIMESTAMP_NS" if any(
        s.nanosecond for s in plain
    ) else "TIMESTAMP"


_OBJECTS: Sequence[tuple[Callable[[Any, Any], tuple[Any, str | None] | str], set[str]]] = (
    (_nothing, set()),
    (_strings, {"str"}),
    (lambda s, p: (_texts(s, p), "UUID"), {"UUID"}),
    (lambda s, p: (s.where(s.notna(), None).astype("boolean"), None), {"bool"}),
    (_ints, {"int"}),
    (lambda s, p: (s.where(s.notna(), None).astype("Float64"), None), {"int", "float"}),
    (_decimals, {"int", "Decimal"}),
    (lambda s, p: (_texts(s, p, lambda d: d.isoformat()), "DATE"), {"date"}),
    (_times, {"datetime"}),
)
"""What becomes of objects whose types are all of some: the first that fits."""
