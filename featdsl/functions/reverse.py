"""``reverse(x)``."""

from __future__ import annotations

from featdsl.functions.spec import Example, Function
from featdsl.sql import build
from featdsl.types.dtype import INT, TEXT, list_of
from featdsl.types.signature import LISTS, Parameter

FUNCTION = Function(
    name="reverse",
    meaning=("The items of the list, the last first."),
    parameters=(Parameter(name="x", accepts=LISTS),),
    returns=lambda dtypes: dtypes[0],
    lower=lambda inputs: build.func("list_reverse", inputs.arg()),
    keeps_unit=True,
    words="{0} in reverse",
    examples=(
        Example(args=((1, None, 3),), result=(3, None, 1), dtypes=(list_of(INT),)),
        Example(args=((),), result=(), dtypes=(list_of(TEXT),)),
        Example(args=(None,), result=None, dtypes=(list_of(INT),)),
    ),
)
