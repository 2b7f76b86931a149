"""Personal data: which values still show what a `pii` column holds."""

from __future__ import annotations

from featdsl.aggregates.registry import aggregates
from featdsl.ir import expr as ir
from featdsl.ir.visit import children, keys_written
from featdsl.semantics.relation import ColumnInfo, RelationInfo

HASHED = "`hash(concat($pepper, x))` of a `secret param`"
"""How personal data are hidden: without a key, whoever tries all values finds the hash again."""
BARE = "row_value"
"""The aggregate of a bare column."""


def reads_pii(e: ir.Expr, relation: RelationInfo) -> bool:
    """Whether a value of rows shows personal data."""
    return pii_column(e, relation) is not None


def pii_column(e: ir.Expr, relation: RelationInfo) -> tuple[ir.Expr, ColumnInfo] | None:
    """The first reference that lets personal data through, and its column.

    A hash with a secret key hides them, a test for null tells nothing of them, and an aggregate
    lets them through only where it returns a stored value.
    """
    match e:
        case ir.Column():
            info = _column(e, relation)
            return (e, info) if info is not None and info.pii else None
        case ir.InputRef():
            shown = ColumnInfo(
                name=e.column, dtype=e.dtype, nullable=e.nullable, span=e.span, owner=e.input
            )
            return (e, shown) if e.pii else None
        case ir.IsNull() | ir.Via() | ir.Ago() | ir.Among():
            return None  # features hold no personal data
        case ir.Call(function="hash", args=(hashed,)) if _has_key(hashed):
            return None
        case ir.Aggregate():
            # The keys of a map are stored values, whatever it holds for them.
            e = keys_written(e)
            told = None if e.by is None else pii_column(e.by, relation)
            if told is not None:
                return told
            if e.aggregate != BARE and not aggregates()[e.aggregate].stored:
                return None
            parts = iter(e.args[:1])
        case _:
            parts = children(e)
    for part in parts:
        found = pii_column(part, relation)
        if found is not None:
            return found
    return None


def _has_key(hashed: ir.Expr) -> bool:
    """Whether a secret parameter stands before or behind the text, as a whole."""
    match hashed:
        case ir.Param():
            return hashed.secret
        case ir.Call(function="concat", args=parts):
            return any(_has_key(part) for part in parts)
    return False


def _column(e: ir.Column, relation: RelationInfo) -> ColumnInfo | None:
    if e.qualifier is None:
        return relation.columns.get(e.name)
    return relation.joined.get(e.qualifier, {}).get(e.name)
