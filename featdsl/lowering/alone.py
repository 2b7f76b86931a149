"""A bare column: the value of a key's only row."""

from __future__ import annotations

from sqlglot import exp

from featdsl.aggregates.spec import Inputs
from featdsl.sql import build

SEVERAL_ROWS = "featc: several rows of one key"
"""How the engine's error begins where a key has more rows than the one that is read."""


def only_value(inputs: Inputs, name: str) -> exp.Expr:
    """The value of the one row that counts; an error where several do, never one by chance.

    Declarations say of some sources only that a key has one row. A run looks at its as-of time,
    where values are asked of other times too: of a spine's rows, of `ago`, of what rows look up.
    """
    told = f"{SEVERAL_ROWS}, of which `{name}` is read as it is"
    return build.case(
        exp.GT(this=exp.Count(this=inputs.one()), expression=build.number(1)),
        build.func("error", build.text(told)),
        build.func("any_value", inputs.counted()),
    )
