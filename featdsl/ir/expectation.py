"""An `expect`: what must hold of rows or values."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from featdsl.ir.expr import Expr, Scalar
from featdsl.text.span import Span
from featdsl.types.dtype import DType


class CheckKind(StrEnum):
    """How an expectation is checked; ``featdsl.checks`` has one file for each."""

    ROWS = "row_condition"
    UNIQUE = "unique"
    ROW_COUNT = "rows"
    NULL_RATE = "null_rate"
    FRESHNESS = "freshness"
    DISTINCT = "distinct"
    AGGREGATE = "aggregate"
    CHANGES = "changes"
    DRIFT = "drift"
    KS = "ks"


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """One ``expect``.

    ``text`` is its source. ROWS: ``condition`` per row, null passes, ``allow`` is the share
    that may fail. UNIQUE: ``columns``. AGGREGATE: ``condition`` over aggregates of the whole set,
    null passes. The others compare a measure of the set with ``bound`` by ``op``: one of
    ``= != < <= > >=`` (``between`` gives two expectations), or ``not between`` that and ``high``.
    ROW_COUNT compares a count, NULL_RATE of ``columns[0]`` a share, DISTINCT a count of values,
    FRESHNESS a Duration; CHANGES the relative change of ``condition``, a number, since the last
    published run; DRIFT the index of how far ``columns[0]``, of ``dtype``, has moved since then,
    KS the distance that it has.
    """

    kind: CheckKind
    text: str
    span: Span = field(compare=False, repr=False)
    warn: bool = False
    allow: Decimal = Decimal(0)
    condition: Expr | None = None
    columns: tuple[str, ...] = ()
    op: str | None = None
    bound: Scalar = None
    high: Scalar = None
    dtype: DType | None = None
