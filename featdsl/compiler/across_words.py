"""Values of other keys and times in plain English."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from featdsl.ir import expr as ir
from featdsl.ir.text import feature_name
from featdsl.types.duration import Duration

Across: TypeAlias = ir.Via | ir.Ago | ir.Among


def across_words(
    node: Across,
    as_of: str,
    *,
    duration: Callable[[Duration], str],
    said: Callable[[ir.Expr], str],
    measured: Callable[[ir.Aggregate], str],
    where: Callable[[ir.Expr], str],
) -> str:
    """What is read of other keys or times; arguments are how its parts are put in words."""
    match node:
        case ir.Ago(feature=feature, foreign=foreign, length=length):
            name = feature_name(feature, foreign=foreign)
            return f"`{name}` as it was {duration(length)} before {as_of}"
        case ir.Via(feature=feature, keys=keys):
            *most, last = [said(k) for k in keys]
            named = f"{', '.join(most)} and {last} name" if most else f"{last} names"
            return f"`{feature_name(feature, foreign=True)}` of what {named}"
        case ir.Among(aggregate=ir.PERCENT_RANK, args=args):
            text = f"rank, from 0 to 1, of {said(args[0])}"
        case ir.Among(aggregate="count", args=()):
            text = "number of peers"
        case ir.Among(aggregate=aggregate, args=args, dtype=dtype, span=span):
            text = measured(ir.Aggregate(dtype=dtype, span=span, aggregate=aggregate, args=args))
    if node.where is not None:
        text += f" where {where(node.where)}"
    text += (
        " among all that exist then"
        if node.key is None
        else f" among those of the same {said(node.key)}"
    )
    return text if node.default is None else f"{text} ({said(node.default)} where null)"
