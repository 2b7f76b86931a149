"""SQL with its type: what decides which operator or function of Postgres has the same meaning."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from sqlglot import exp

from featdsl.sql import build
from featdsl.types.dtype import INT_DIGITS, DType, Kind

LARGEST_INT = 2**63 - 1


class Type(StrEnum):
    """Families of types; the rest of a type does not change what is written."""

    BOOL = "bool"
    INT = "int"
    NUMERIC = "numeric"
    FLOAT = "float"
    TEXT = "text"
    DATE = "date"
    TIMESTAMP = "timestamp"
    ZONED = "zoned"
    INTERVAL = "interval"
    LIST = "list"
    NULL = "null"


@dataclass(frozen=True, slots=True)
class Value:
    """SQL and its type.

    ``by_code_point`` texts compare by code point, whatever the database's collation is.
    Floats that are not ``finite`` may be NaN or infinite.
    """

    sql: exp.Expr
    type: Type
    by_code_point: bool = False
    finite: bool = True


def type_of(dtype: DType) -> Type:
    """The family of one of the language's types."""
    match dtype.kind:
        case Kind.INT:
            return Type.INT if dtype.precision <= INT_DIGITS else Type.NUMERIC
        case Kind.DURATION:
            return Type.INT
        case Kind.DECIMAL:
            return Type.NUMERIC
        case Kind.LIST | Kind.MAP:
            return Type.LIST
        case Kind.ERROR:
            raise AssertionError("a program with errors is not compiled")
        case kind:
            return Type(kind.value)


def stored_type(dtype: DType) -> exp.DataType:
    """The type of Postgres for one of the language's."""
    return named_type(build.sql_type(dtype))


def named_type(node: exp.DataType) -> exp.DataType:
    """A type of the common vocabulary as one of Postgres."""
    match node.this:
        case exp.DataType.Type.INT128:
            digits = [exp.DataTypeParam(this=build.number(n)) for n in (38, 0)]
            return exp.DataType(this=exp.DataType.Type.DECIMAL, expressions=digits)
        case exp.DataType.Type.VARCHAR | exp.DataType.Type.TEXT:
            return exp.DataType(this=exp.DataType.Type.TEXT)
        case _:
            return node.copy()


def family(node: exp.DataType) -> Type:
    """The family of a type of the common vocabulary."""
    return _FAMILIES[node.this]


_T = exp.DataType.Type
_FAMILIES = {
    _T.BOOLEAN: Type.BOOL,
    _T.INT: Type.INT,
    _T.BIGINT: Type.INT,
    _T.INT128: Type.NUMERIC,
    _T.DECIMAL: Type.NUMERIC,
    _T.DOUBLE: Type.FLOAT,
    _T.VARCHAR: Type.TEXT,
    _T.TEXT: Type.TEXT,
    _T.DATE: Type.DATE,
    _T.TIMESTAMP: Type.TIMESTAMP,
    _T.TIMESTAMPTZ: Type.ZONED,
    _T.LIST: Type.LIST,
    _T.ARRAY: Type.LIST,
}


def collated(value: exp.Expr, name: str = "C") -> exp.Expr:
    """``value COLLATE "name"``."""
    return exp.Collate(this=_operand(value), expression=build.ident(name))


def by_code_point(value: Value) -> exp.Expr:
    """The SQL of what orders values; texts by code point."""
    if value.type is Type.TEXT and not value.by_code_point:
        return collated(value.sql)
    return value.sql


def any_by_code_point(values: Iterable[Value]) -> bool:
    """Whether a text made of these has got its order from one of them."""
    return any(v.by_code_point for v in values)


def numeric_type(types: Iterable[Type]) -> Type:
    """The type of arithmetic over these."""
    found = set(types)
    for wide in (Type.FLOAT, Type.NUMERIC, Type.INT):
        if wide in found:
            return wide
    return Type.NULL


def first_type(types: Iterable[Type]) -> Type:
    """The type of what is one of these: numbers the widest, else the first that is known."""
    known = [t for t in types if t is not Type.NULL]
    if known and all(t in (Type.INT, Type.NUMERIC, Type.FLOAT) for t in known):
        return numeric_type(known)
    return known[0] if known else Type.NULL


def cast(value: exp.Expr, to: exp.DType) -> exp.Expr:
    """``CAST(value AS to)``."""
    return exp.Cast(this=value, to=exp.DataType(this=to))


def as_float(value: exp.Expr) -> exp.Expr:
    return cast(value, _T.DOUBLE)


def as_int(value: exp.Expr) -> exp.Expr:
    return cast(value, _T.BIGINT)


def as_numeric(value: exp.Expr) -> exp.Expr:
    return cast(value, _T.DECIMAL)


def as_text(value: exp.Expr) -> exp.Expr:
    return cast(value, _T.TEXT)


def _operand(value: exp.Expr) -> exp.Expr:
    """In parentheses unless it is one thing."""
    single = exp.Column | exp.Literal | exp.Anonymous | exp.Cast | exp.Paren | exp.Case
    return value if isinstance(value, single) else exp.Paren(this=value)
