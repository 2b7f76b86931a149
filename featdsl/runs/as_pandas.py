"""Rows in memory as a pandas frame: each type of the language is one type there, nulls or not."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from featdsl.runs.columns import Array, Columns
from featdsl.types.dtype import DType, Kind

if TYPE_CHECKING:
    import pandas as pd

_NUMBERS = frozenset({Kind.INT, Kind.DECIMAL, Kind.BOOL})


def pandas_frame(
    columns: Columns, *, index: Any = None, floats: Collection[str] = ()
) -> pd.DataFrame:
    """Columns as a pandas frame; those in `floats` as float64 where they hold numbers."""
    import pandas as pd

    values = {
        name: _values(columns.array(name), dtype, as_float=name in floats)
        for name, dtype in columns.types.items()
    }
    index = pd.RangeIndex(columns.rows) if index is None else index
    series = {name: pd.Series(found, index=index, copy=False) for name, found in values.items()}
    return pd.DataFrame(series, index=index, columns=list(series), copy=False)


def _values(array: Array, dtype: DType, *, as_float: bool) -> Any:
    import numpy as np
    import pandas as pd

    values, nulls = array.values, array.nulls
    if as_float and dtype.kind in _NUMBERS:
        filled = values if dtype.kind is not Kind.DECIMAL else np.where(nulls, 0, values)
        values, dtype = filled.astype("float64"), DType(Kind.FLOAT)
    match dtype.kind:
        case Kind.INT:
            return pd.arrays.IntegerArray(values, nulls)
        case Kind.BOOL:
            return pd.arrays.BooleanArray(values, nulls)
        case Kind.FLOAT:
            values[nulls] = np.nan
            return values
        case Kind.TIMESTAMP | Kind.DURATION:
            values[nulls] = "NaT"
            return values
        case Kind.TEXT:
            return pd.Series(values, dtype=_text_type()).array
    return pd.Series(values, dtype=object).array


def _text_type() -> Any:
    """The type that pandas itself gives to text: ``str`` from version 3 on."""
    import pandas as pd

    return "str" if int(pd.__version__.partition(".")[0]) >= 3 else object
