"""Columns whose distribution is compared with that of an earlier run."""

from __future__ import annotations

from featdsl.diagnostics import catalog
from featdsl.ir.program import CheckKind
from featdsl.semantics.environment import Env
from featdsl.semantics.relation import ColumnInfo
from featdsl.syntax import nodes
from featdsl.types.dtype import DType, Kind

_NUMBERS = frozenset({Kind.INT, Kind.FLOAT, Kind.DECIMAL})
DRIFTS = {
    CheckKind.DRIFT: (_NUMBERS | {Kind.BOOL, Kind.TEXT}, "numbers, texts or truth"),
    CheckKind.KS: (_NUMBERS, "numbers"),
}
"""What moves: kinds of columns, and what they are called."""


def may_drift(
    kind: CheckKind,
    node: nodes.Call,
    name: str,
    dtype: DType | None,
    personal: ColumnInfo | None,
    env: Env,
) -> DType | None:
    """The type of a column whose distribution is compared; None where it cannot be.

    Args:
        kind: What compares.
        node: Where it is asked for.
        name: The column.
        dtype: Its type; None where that was reported.
        personal: The column again, where it holds personal data.
        env: Takes what is wrong.
    """
    if dtype is None or dtype.is_error:
        return None
    if personal is not None:
        env.report(
            catalog.KEEPS_PII.at(
                node.span, f"`{kind}` would keep values of `{name}`, which holds personal data"
            )
            .because(personal.span, "declared `pii` here")
            .help("compare something that tells nothing of a person: `null_rate`, `distinct`")
        )
        return None
    kinds, called = DRIFTS[kind]
    if dtype.kind not in kinds:
        env.report(
            catalog.ARGUMENT_TYPE.at(
                node.span, f"`{kind}` compares {called}, `{name}` is {dtype}"
            ).help("a time moves by itself: compare what is calculated from it")
        )
        return None
    return dtype
