"""``next_in(holidays, day, country = $country)``: the next of the times that a source lists."""

from __future__ import annotations

from featdsl.diagnostics import catalog
from featdsl.diagnostics.suggest import did_you_mean
from featdsl.ir import expr as ir
from featdsl.ir.program import Source, SourceColumn
from featdsl.semantics.constants import fold, reads_parameter
from featdsl.semantics.environment import Env, Place, error
from featdsl.semantics.scope import Kind as Declared
from featdsl.semantics.scope import find
from featdsl.syntax import nodes
from featdsl.text.span import Span
from featdsl.types.dtype import Kind, common, fit_together

_HOW = "`next_in(holidays, day, country = $country)`"


def next_in(node: nodes.Call, env: Env) -> ir.Expr:
    """The typed expression of a call."""
    if env.place is not Place.FEATURE or env.labels:
        return _wrong(node.span, "`next_in` stands in features only, outside aggregates", env)
    if len(node.args) < 2 or any(a.name is not None for a in node.args):
        return _wrong(node.span, "`next_in` takes a source, a column of it, and conditions", env)
    source = _source(node.args[0].value, env)
    if source is None:
        return error(node.span)
    column = _column(node.args[1].value, source, env)
    if column is None:
        return error(node.span)
    if column.dtype.kind not in (Kind.DATE, Kind.TIMESTAMP):
        span = node.args[1].value.span
        return _wrong(span, f"`{column.name}` is no date or timestamp: it is {column.dtype}", env)
    conditions = [_condition(a.value, source, env) for a in node.args[2:]]
    where = tuple(c for c in conditions if c is not None)
    if len(where) < len(conditions):
        return error(node.span)
    return ir.NextIn(
        dtype=column.dtype, span=node.span, source=source.name, column=column.name, where=where
    )


def _source(node: nodes.Expr, env: Env) -> Source | None:
    if not isinstance(node, nodes.Name):
        _wrong(node.span, "`next_in` begins with the name of a source", env)
        return None
    symbol = find(node, frozenset({Declared.SOURCE}), env.scope, env.scopes, env.report)
    source = None if symbol is None else env.sources.get(symbol.full)
    if source is not None and (source.has_history or source.available is not None):
        env.report(
            catalog.NEXT_IN.at(
                node.span, f"`next_in` reads static sources, and `{source.short}` has a history"
            )
            .because(source.name_span, "declared here")
            .help("rows that are not known from the start would have to be looked at as of a time")
        )
        return None
    return source


def _column(node: nodes.Expr, source: Source, env: Env) -> SourceColumn | None:
    if not isinstance(node, nodes.Name) or len(node.parts) != 1:
        _wrong(node.span, f"a column of `{source.short}` stands here, by its name", env)
        return None
    name = node.parts[0].text
    column = source.columns.get(name)
    if column is None:
        if not source.columns:  # about to be read, or nobody knows them, which is told
            return None
        env.report(
            catalog.UNKNOWN_COLUMN.at(node.span, f"`{source.short}` has no column `{name}`")
            .because(source.name_span, "declared here")
            .help(did_you_mean(name, list(source.columns), what="columns"))
        )
        return None
    if column.pii:
        _wrong(node.span, f"`{name}` holds personal data, which `next_in` would show", env)
        return None
    return column


def _condition(node: nodes.Expr, source: Source, env: Env) -> tuple[str, ir.Expr] | None:
    """A column and the constant that it equals."""
    if not isinstance(node, nodes.Compare) or node.op is not nodes.CompareOp.EQ:
        _wrong(node.span, f"a condition of `next_in` is `column = constant`: {_HOW}", env)
        return None
    column = _column(node.left, source, env)
    if column is None:
        return None
    value = env.resolve(node.right)
    if value.dtype.is_error:
        return None
    known = fold(value)
    if known is None:
        env.report(
            catalog.NOT_CONSTANT.at(
                value.span, f"what `{column.name}` equals in `next_in` must be a constant"
            ).help("write a literal, or `$name` of a constant or parameter")
        )
        return None
    alike = common(column.dtype, value.dtype) and fit_together(column.dtype, value.dtype)
    if not alike or column.dtype.is_nested:
        _wrong(value.span, f"`{column.name}` is {column.dtype}, and this is {value.dtype}", env)
        return None
    if isinstance(value, ir.Param):
        return column.name, value
    kept = value if reads_parameter(value) else None
    return column.name, ir.Literal(
        dtype=known.dtype, nullable=known.nullable, span=value.span, value=known.value, of=kept
    )


def _wrong(span: Span, message: str, env: Env) -> ir.Expr:
    env.report(catalog.NEXT_IN.at(span, message).help(f"it is written {_HOW}"))
    return error(span)
