"""Canonical FEAT text of expressions and values: one spelling for each meaning."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Final, assert_never

from featdsl.ir import expr as ir
from featdsl.ir.program import Parameter
from featdsl.ir.visit import keys_written
from featdsl.text.names import short_name
from featdsl.text.reserved import IN_EXPRESSIONS
from featdsl.types.value import MapValue

HIDDEN: Final = "***"
"""In place of a secret, and of a value of a `pii` column."""

_IF, _OR, _AND, _NOT, _COMPARE, _COALESCE, _SUM, _PRODUCT, _UNARY, _ATOM = range(10)

_PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_KEYS: Final = (ir.Column, ir.InputRef, ir.FeatureRef, ir.Via)
"""What stands after `via` without parentheses."""
_ESCAPES: Final = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"}
_ARITHMETIC: Final = {
    ir.ArithmeticOp.ADD: _SUM,
    ir.ArithmeticOp.SUBTRACT: _SUM,
    ir.ArithmeticOp.MULTIPLY: _PRODUCT,
    ir.ArithmeticOp.DIVIDE: _PRODUCT,
    ir.ArithmeticOp.FLOOR_DIVIDE: _PRODUCT,
}


def canonical(expression: ir.Expr) -> str:
    """The expression as FEAT text, with the fewest parentheses that keep its meaning."""
    return _at(expression, _IF)


def name_text(name: str) -> str:
    """A column's name as it is written: in backticks where it must be."""
    return name if _PLAIN.match(name) and name not in IN_EXPRESSIONS else f"`{name}`"


def scalar_text(value: ir.Scalar) -> str:
    """A value as a literal."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return f'"{"".join(map(_character, value))}"'
        case datetime():
            return f"@{value.replace(tzinfo=None).isoformat()}"
        case date():
            return f"@{value.isoformat()}"
        case Decimal():
            return format(value, "f")
        case float():
            return _float_text(value)
        case _:
            return str(value)


def value_text(value: ir.Value) -> str:
    """A value as it is written: a literal, a list or a map of them."""
    if isinstance(value, tuple):
        return f"[{', '.join(map(value_text, value))}]"
    if isinstance(value, MapValue):
        entries = (f"{scalar_text(key)}: {value_text(held)}" for key, held in value)
        return f"{{{', '.join(entries)}}}"
    return scalar_text(value)


def parameter_text(parameter: Parameter) -> str:
    """``name = value (origin)``, the value of a secret one hidden."""
    value = HIDDEN if parameter.secret else value_text(parameter.value)
    return f"{parameter.short} = {value} ({parameter.origin.value})"


def _character(c: str) -> str:
    if c in _ESCAPES:
        return _ESCAPES[c]
    return c if c.isprintable() else f"\\u{{{ord(c):x}}}"


def _float_text(value: float) -> str:
    mantissa, e, exponent = repr(value).partition("e")
    return f"{mantissa}{'' if '.' in mantissa else '.0'}{e}{exponent}"


def _at(node: ir.Expr, least: int) -> str:
    """The text of a node where an operand of at least that precedence must stand."""
    text, precedence = _text(node)
    return text if precedence >= least else f"({text})"


def _text(node: ir.Expr) -> tuple[str, int]:
    match node:
        case ir.Literal(of=of) if of is not None:
            return _text(of)
        case ir.Literal(value=value):
            text = scalar_text(value)
            return text, _UNARY if text.startswith("-") else _ATOM
        case ir.ListOf(items=items):
            return f"[{', '.join(_at(i, _IF) for i in items)}]", _ATOM
        case ir.Param(name=name):
            return f"${name.rpartition('.')[2]}", _ATOM
        case ir.Column(name=name, qualifier=qualifier):
            dot = "" if qualifier is None else f"{name_text(qualifier)}."
            return dot + name_text(name), _ATOM
        case ir.InputRef(input=name, column=column):
            return f"{name_text(name.rpartition('.')[2])}.{name_text(column)}", _ATOM
        case ir.FeatureRef(feature=feature, foreign=foreign):
            return feature_name(feature, foreign=foreign), _ATOM
        case ir.Via() | ir.Ago() | ir.Among():
            return _across(node), _ATOM
        case ir.AsOf():
            return "as_of", _ATOM
        case ir.Until(source=source):
            return f"until({name_text(source.rpartition('.')[2])})", _ATOM
        case ir.Arithmetic() | ir.Negate() | ir.Coalesce():
            return _arithmetic(node)
        case ir.Conditional():
            return _conditional(node)
        case ir.Cast(operand=operand, safe=safe, dtype=dtype):
            return f"{'try_' if safe else ''}cast({canonical(operand)} as {dtype})", _ATOM
        case ir.Call(function=function, args=args):
            return f"{function}({', '.join(map(canonical, args))})", _ATOM
        case ir.SqlCall(written=written, names=names, args=args, dtype=dtype):
            named = [f"{n}: {canonical(a)}" for n, a in zip(names, args, strict=True)]
            return f"sql({', '.join([scalar_text(written), *named])}): {dtype}", _ATOM
        case ir.NextIn(source=source, column=column, where=where):
            parts = [name_text(short_name(source)), name_text(column)]
            parts += [f"{name_text(c)} = {_at(v, _COALESCE)}" for c, v in where]
            return f"next_in({', '.join(parts)})", _ATOM
        case ir.Previous(operand=operand, n=n, given=given):
            count = (
                "" if n == 1 and given is None else f", {n if given is None else canonical(given)}"
            )
            return f"previous({canonical(operand)}{count})", _ATOM
        case ir.Session(time=time, gap=gap, given=given):
            length = gap if given is None else canonical(given)
            return f"session({canonical(time)}, gap: {length})", _ATOM
        case ir.GroupKey(index=index):
            return f"key({index})", _ATOM
        case ir.Aggregate():
            return _aggregate(keys_written(node)), _ATOM
        case _:
            return _condition(node)


def feature_name(full: str, *, foreign: bool) -> str:
    """A feature as it is named in its own group, or in another."""
    names = full.split(".")[-2:] if foreign else [short_name(full)]
    return ".".join(map(name_text, names))


def _across(node: ir.Via | ir.Ago | ir.Among) -> str:
    """Values of other keys or times."""
    match node:
        case ir.Ago(feature=feature, length=length, foreign=foreign):
            return f"{feature_name(feature, foreign=foreign)} {length} ago"
        case ir.Via(feature=feature, keys=keys):
            texts = [canonical(k) for k in keys]
            plain = len(keys) == 1 and isinstance(_row_column(keys[0]), _KEYS)
            key = texts[0] if plain else f"({', '.join(texts)})"
            return f"{feature_name(feature, foreign=True)} via {key}"
        case ir.Among(aggregate=aggregate, args=args, where=where, key=key, default=default):
            parts = [", ".join(map(canonical, args))] if args else []
            parts += [] if where is None else [f"where {canonical(where)}"]
            parts.append(f"among {'all' if key is None else canonical(key)}")
            parts += [] if default is None else [f"default {canonical(default)}"]
            return f"{aggregate}({' '.join(parts)})"


def _row_column(node: ir.Expr) -> ir.Expr:
    """A bare column that stands outside aggregates, as the column; else the node itself."""
    if not isinstance(node, ir.Aggregate) or node.aggregate != ir.ROW_VALUE:
        return node
    plain = node.where is None and node.window in (None, ir.LIFETIME) and node.default is None
    return node.args[0] if plain else node


def _arithmetic(node: ir.Arithmetic | ir.Negate | ir.Coalesce) -> tuple[str, int]:
    match node:
        case ir.Arithmetic(op=op, left=left, right=right):
            level = _ARITHMETIC[op]
            return f"{_at(left, level)} {op.value} {_at(right, level + 1)}", level
        case ir.Negate(operand=operand):
            return f"-{_at(operand, _ATOM)}", _UNARY
        case ir.Coalesce(operands=operands):
            first, *rest = operands
            parts = [_at(first, _COALESCE), *(_at(o, _SUM) for o in rest)]
            return " ?? ".join(parts), _COALESCE


def _condition(
    node: ir.Compare | ir.Logical | ir.Not | ir.IsNull | ir.InList | ir.Between | ir.Like,
) -> tuple[str, int]:
    match node:
        case ir.Logical(op=op, left=left, right=right):
            level = _AND if op is ir.LogicalOp.AND else _OR
            return f"{_at(left, level)} {op.value} {_at(right, level + 1)}", level
        case ir.Not(operand=operand):
            return f"not {_at(operand, _NOT)}", _NOT
        case ir.Compare(op=op, left=left, right=right):
            return f"{_at(left, _COALESCE)} {op.value} {_at(right, _COALESCE)}", _COMPARE
        case ir.IsNull(operand=operand, negated=negated):
            return f"{_at(operand, _COALESCE)} is {'not ' if negated else ''}null", _COMPARE
        case ir.InList(operand=operand, items=items, negated=negated):
            listed = ", ".join(map(canonical, items))
            return f"{_at(operand, _COALESCE)} {_no(negated)}in [{listed}]", _COMPARE
        case ir.Between(operand=operand, low=low, high=high, negated=negated):
            ends = f"{_at(low, _COALESCE)} and {_at(high, _COALESCE)}"
            return f"{_at(operand, _COALESCE)} {_no(negated)}between {ends}", _COMPARE
        case ir.Like(operand=operand, pattern=pattern, negated=negated):
            like = f"{_no(negated)}like {_at(pattern, _COALESCE)}"
            return f"{_at(operand, _COALESCE)} {like}", _COMPARE
        case _:
            assert_never(node)


def _no(negated: bool) -> str:
    return "not " if negated else ""


def _conditional(node: ir.Conditional) -> tuple[str, int]:
    if len(node.branches) == 1 and node.otherwise is not None:
        ((condition, value),) = node.branches
        otherwise = canonical(node.otherwise)
        return f"if {canonical(condition)} then {canonical(value)} else {otherwise}", _IF
    branches = [f"when {canonical(c)} then {canonical(v)}" for c, v in node.branches]
    if node.otherwise is not None:
        branches.append(f"else {canonical(node.otherwise)}")
    return f"case {' '.join(branches)} end", _ATOM


def _aggregate(node: ir.Aggregate) -> str:
    bare = node.where is None and node.window in (None, ir.LIFETIME) and node.default is None
    if node.aggregate == ir.ROW_VALUE and bare:
        return canonical(node.args[0])
    parts = [", ".join(map(canonical, node.args))] if node.args else []
    asked = [node.where, node.after, None if node.groups is None else node.groups.where]
    conditions = [c for c in asked if c is not None]
    if len(conditions) == 1:
        parts.append(f"where {canonical(conditions[0])}")
    elif conditions:
        parts.append(f"where {' and '.join(_at(c, _AND) for c in conditions)}")
    if node.groups is not None:
        parts.append(f"per {', '.join(map(canonical, node.groups.keys))}")
    if node.window not in (None, ir.LIFETIME):
        parts.append(f"over {node.window}")
    if node.by is not None:
        parts.append(f"by {canonical(node.by)}")
    if node.default is not None:
        parts.append(f"default {canonical(node.default)}")
    return f"{node.aggregate}({' '.join(parts)})"
