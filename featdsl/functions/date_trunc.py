"""``date_trunc("day", x)``: the name that people who write SQL know ``start_of`` by."""

from __future__ import annotations

from featdsl.functions.spec import Function
from featdsl.functions.start_of import EXAMPLES, MEANING, PARAMETERS, lower_start_of

FUNCTION = Function(
    name="date_trunc",
    meaning=f"{MEANING} The same as `start_of`.",
    parameters=PARAMETERS,
    returns=lambda dtypes: dtypes[1],
    lower=lower_start_of,
    words="start of the {0} of {1}",
    examples=EXAMPLES,
)
