"""``by``: what rows of an aggregate are parted by."""

from __future__ import annotations

from featdsl.diagnostics import catalog
from featdsl.ir import expr as ir
from featdsl.semantics.environment import Env, error
from featdsl.semantics.names import called, declared
from featdsl.syntax import nodes
from featdsl.types.dtype import Kind

_NO_KEYS = frozenset({Kind.LIST, Kind.MAP, Kind.DURATION, Kind.NULL})


def by_value(node: nodes.Expr, rows: Env) -> ir.Expr:
    """The value of a row that becomes the key of a map."""
    value = rows.resolve(node)
    if value.dtype.kind not in _NO_KEYS:
        return value
    rows.report(
        catalog.MAP_KEY.at(
            node.span, f"`by` needs values that can be keys, {called(value)} is {value.dtype}"
        )
        .because(declared(value, rows), "declared here")
        .help("keys are numbers, texts, bools, dates or timestamps")
    )
    return error(node.span)
