"""``length(x)``."""

from __future__ import annotations

from sqlglot import exp

from featdsl.functions.spec import Example, Function, Inputs
from featdsl.sql import build
from featdsl.types.dtype import INT, TEXT, Kind, list_of, map_of
from featdsl.types.signature import LISTS, MAPS, TEXTS, Parameter
from featdsl.types.value import MapValue


def _lower(inputs: Inputs) -> exp.Expr:
    match inputs.dtypes[0].kind:
        case Kind.LIST:
            return build.func("len", inputs.arg())
        case Kind.MAP:
            return build.cast(build.func("cardinality", inputs.arg()), INT)
        case _:
            return build.func("length", inputs.arg())


FUNCTION = Function(
    name="length",
    meaning=(
        "Of a text the number of code points (not of bytes, not of glyphs); of a list the number "
        "of its items, nulls too; of a map the number of its keys."
    ),
    parameters=(Parameter(name="x", accepts=TEXTS | LISTS | MAPS),),
    returns=lambda _: INT,
    lower=_lower,
    words="length of {0}",
    examples=(
        Example(args=("héllo",), result=5, dtypes=(TEXT,)),
        Example(args=("e\u0301",), result=2, dtypes=(TEXT,)),
        Example(args=("🦆",), result=1, dtypes=(TEXT,)),
        Example(args=("",), result=0, dtypes=(TEXT,)),
        Example(args=((1, None, 1),), result=3, dtypes=(list_of(INT),)),
        Example(args=((),), result=0, dtypes=(list_of(TEXT),)),
        Example(args=(MapValue((("a", 1), ("b", None))),), result=2, dtypes=(map_of(TEXT, INT),)),
        Example(args=(None,), result=None, dtypes=(TEXT,)),
    ),
)
