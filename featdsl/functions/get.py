"""``get(x, key)``."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from featdsl.functions.spec import Example, Function, Inputs
from featdsl.sql import build
from featdsl.types.dtype import FLOAT, INT, NULL, TEXT, DType, Kind, common, have_room, map_of
from featdsl.types.signature import MAPS, ORDERED, Parameter
from featdsl.types.value import MapValue

_MAP = map_of(TEXT, INT)


def _wrong(dtypes: Sequence[DType]) -> str | None:
    x, key = dtypes
    if x.kind is Kind.MAP:
        own = x.items[0]
        if common(own, key) != own or not have_room(own, key):
            return f"keys of {x} are {own}, this is {key}"
    return None


def _lower(inputs: Inputs) -> exp.Expr:
    x = inputs.dtypes[0]
    key = inputs.cast_to(x.items[0], 1) if x.items else inputs.arg(1)
    found = build.func("map_extract", inputs.arg(0), key)
    return build.func("list_extract", found, build.number(1))


FUNCTION = Function(
    name="get",
    meaning=("Value of the map for the key; null where it has none."),
    parameters=(
        Parameter(name="x", accepts=MAPS),
        Parameter(name="key", accepts=ORDERED),
    ),
    returns=lambda dtypes: (dtypes[0].items or (NULL, NULL))[1],
    lower=_lower,
    nullable=True,
    wrong=_wrong,
    keeps_unit=True,
    words="value of {0} for {1}",
    examples=(
        Example(args=(MapValue((("a", 1), ("b", 2))), "b"), result=2, dtypes=(_MAP, TEXT)),
        Example(args=(MapValue((("a", 1),)), "A"), result=None, dtypes=(_MAP, TEXT)),
        Example(args=(MapValue(((1, 0.5),)), 1), result=0.5, dtypes=(map_of(INT, FLOAT), INT)),
        Example(args=(MapValue((("a", None),)), "a"), result=None, dtypes=(_MAP, TEXT)),
        Example(args=(MapValue(()), "a"), result=None, dtypes=(_MAP, TEXT)),
        Example(args=(MapValue((("a", 1),)), None), result=None, dtypes=(_MAP, TEXT)),
        Example(args=(None, "a"), result=None, dtypes=(_MAP, TEXT)),
    ),
)
