"""``values(x)``."""

from __future__ import annotations

from featdsl.functions.spec import Example, Function
from featdsl.sql import build
from featdsl.types.dtype import INT, NULL, TEXT, list_of, map_of
from featdsl.types.signature import MAPS, Parameter
from featdsl.types.value import MapValue

FUNCTION = Function(
    name="values",
    meaning=(
        "List of the values of the map, in the order of their keys (text by code point, false "
        "before true)."
    ),
    parameters=(Parameter(name="x", accepts=MAPS),),
    returns=lambda dtypes: list_of((dtypes[0].items or (NULL, NULL))[1]),
    lower=lambda inputs: build.func("map_values", inputs.arg()),
    keeps_unit=True,
    words="values of {0}",
    examples=(
        Example(
            args=(MapValue((("a", 1), ("b", None))),),
            result=(1, None),
            dtypes=(map_of(TEXT, INT),),
        ),
        Example(args=(MapValue(()),), result=(), dtypes=(map_of(TEXT, INT),)),
        Example(args=(None,), result=None, dtypes=(map_of(TEXT, INT),)),
    ),
)
