"""Values turned round, so that the least of them is the greatest of the originals."""

from __future__ import annotations

from sqlglot import exp

from featdsl.sql import build
from featdsl.types.dtype import DType, Kind

_DIGITS = "0123456789ABCDEF"


def descending(value: exp.Expr, dtype: DType) -> exp.Expr:
    """A value that is smaller where `value` is larger, equal where it is equal; null of null."""
    match dtype.kind:
        case Kind.INT | Kind.DURATION:
            return exp.BitwiseNot(this=build.paren(value))  # unlike a sign, it cannot overflow
        case Kind.FLOAT | Kind.DECIMAL:
            return exp.Neg(this=build.paren(value))
        case Kind.BOOL:
            return exp.Not(this=build.paren(value))
        case Kind.DATE | Kind.TIMESTAMP:
            instant = exp.cast(value, exp.DataType.Type.TIMESTAMP)
            return exp.BitwiseNot(this=build.epoch_us(instant))
        case Kind.TEXT:
            return _descending_text(value)
        case Kind.NULL:
            return value
        case _:
            raise AssertionError(f"{dtype} has no order")


def _descending_text(value: exp.Expr) -> exp.Expr:
    """Hex digits of the UTF-8 bytes turned round; a last `G`, for a text sorts after its start."""
    turned = build.func(
        "translate", build.func("hex", value), build.text(_DIGITS), build.text(_DIGITS[::-1])
    )
    return exp.DPipe(this=turned, expression=build.text("G"), safe=False)
