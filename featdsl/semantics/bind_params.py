"""Second pass: constants and parameters get their values; each value's origin is kept."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from featdsl.diagnostics import catalog
from featdsl.diagnostics.suggest import did_you_mean
from featdsl.ir import expr as ir
from featdsl.ir.program import Origin, Parameter
from featdsl.ir.text import canonical
from featdsl.semantics import references
from featdsl.semantics.attributes import meta
from featdsl.semantics.constants import fold
from featdsl.semantics.dollars import Bound
from featdsl.semantics.environment import Env, ListValue
from featdsl.semantics.literals import list_items
from featdsl.semantics.order import cycle_diagnostic, order
from featdsl.semantics.report import Report
from featdsl.semantics.scope import Kind, Scopes, Symbol, listed
from featdsl.semantics.values import NotAValue, read_value, typed_value
from featdsl.semantics.written_types import written_type
from featdsl.syntax import nodes
from featdsl.text.span import Span
from featdsl.types.dtype import ERROR, DType, assignable
from featdsl.types.dtype import Kind as TypeKind

Overrides = Mapping[str, tuple[Any, Origin]]
_GIVEN = {
    Origin.DEFAULT: "as a default",
    Origin.TARGET: "in featc.toml",
    Origin.COMMAND: "on the command line",
    Origin.CALLER: "from Python",
    Origin.TEST: "by a test",
}


def bind_params(envs: Sequence[Env], bound: Mapping[str, Bound], overrides: Overrides) -> None:
    """Fill what is `bound` of each namespace, in dependency order over all of them."""
    declared = {
        symbol.full: (symbol, env)
        for env in envs
        for symbol in env.scope.dollars.values()
        if symbol.decl is not None
    }
    graph = {name: _needs(symbol, env, declared) for name, (symbol, env) in declared.items()}
    found = order(graph)
    for path in found.cycles:
        symbol, env = declared[path[0]]
        what = _what([declared[n][0] for n in path])
        env.report(cycle_diagnostic(graph, path, what, mark="$"))
    for name in found.names:
        symbol, env = declared[name]
        if isinstance(symbol.decl, nodes.ConstDecl):
            _constant(symbol.decl, env, bound[symbol.namespace])
        elif isinstance(symbol.decl, nodes.ParamDecl):
            _parameter(symbol.decl, symbol, env, bound[symbol.namespace], overrides)


def _needs(symbol: Symbol, env: Env, declared: Collection[str]) -> dict[str, Span]:
    """Full names of the ``$`` names in a value, and where."""
    value = _value_of(symbol)
    found: dict[str, Span] = {}
    for at in () if value is None else references.dollars(value):
        need = env.scope.dollar(at.name, at.span)
        if need is not None and need.full in declared:
            found[need.full] = at.span
    return found


def _value_of(symbol: Symbol) -> nodes.Expr | None:
    if isinstance(symbol.decl, nodes.ConstDecl):
        return symbol.decl.value
    return symbol.decl.default if isinstance(symbol.decl, nodes.ParamDecl) else None


def _what(symbols: Iterable[Symbol]) -> str:
    constants = all(s.kind is Kind.CONST for s in symbols)
    return "constants" if constants else "parameters"


def _constant(decl: nodes.ConstDecl, env: Env, bound: Bound) -> None:
    meta(decl, "constant", env.report)
    value = _items(decl.value, env) if _check_fixed(decl, env) else None
    if value is not None:
        bound.constants[decl.name.text] = value


def _items(node: nodes.Expr, env: Env) -> ir.Literal | ListValue | None:
    """A literal or a list of literals of one type."""
    if not isinstance(node, nodes.ListExpr):
        return _literal(node, env)
    return list_items(node, env)


def _literal(node: nodes.Expr, env: Env) -> ir.Literal | None:
    value = env.resolve(node)
    if value.dtype.is_error:
        return None
    known = fold(value)
    if known is None:
        env.report(
            catalog.NOT_CONSTANT.at(node.span, "the value must be known at compile time").help(
                "literals, other `$` names and arithmetic with them are"
            )
        )
    return known


def _check_fixed(decl: nodes.ConstDecl, env: Env) -> bool:
    """A constant is the same in every run, so that it cannot rest on a parameter."""
    for name in references.dollars(decl.value):
        symbol = env.scope.dollar(name.name, name.span)
        if symbol is not None and symbol.kind is Kind.PARAM:
            symbol.used = True
            env.report(
                catalog.NOT_CONSTANT.at(
                    name.span,
                    f"`${name.name}` is a parameter, and the constant `${decl.name.text}` "
                    "is the same in every run",
                ).help(f"make `{decl.name.text}` a parameter too")
            )
            return False
    return True


def _parameter(
    decl: nodes.ParamDecl, symbol: Symbol, env: Env, bound: Bound, overrides: Overrides
) -> None:
    name = decl.name.text
    about = meta(decl, "parameter", env.report)
    dtype = _simple(decl, written_type(decl.type, env.report), env)
    default = _default(decl, dtype, env)
    given = overrides.get(symbol.full, overrides.get(name))
    value, origin, ok = default, Origin.DEFAULT, True
    if given is not None and not dtype.is_error:
        origin = given[1]
        value = _override(given[0], decl, dtype, env)
        ok = value is not None
    if dtype.is_error or not ok or (decl.default is not None and default is None):
        return
    item = dtype.items[0] if dtype.kind is TypeKind.LIST else dtype
    bound.items[name] = item
    bound.parameters[name] = Parameter(
        name=symbol.full,
        meta=about,
        span=decl.span,
        name_span=decl.name.span,
        dtype=dtype,
        default=None if decl.default is None else _text(decl.default, env),
        value=value,
        origin=origin,
        secret=decl.secret,
    )


def _simple(decl: nodes.ParamDecl, dtype: DType, env: Env) -> DType:
    """The type where a value of it can be given from outside: a value, or a list of them."""
    if dtype.kind is TypeKind.MAP or any(item.is_nested for item in dtype.items):
        env.report(
            catalog.PARAMETER_TYPE.at(
                decl.type.span, f"the parameter `{decl.name.text}` cannot be {dtype}"
            ).help("parameters are single values, or lists of them")
        )
        return ERROR
    return dtype


def _text(node: nodes.Expr, env: Env) -> str:
    """The default as it is declared, in one spelling."""
    if isinstance(node, nodes.ListExpr):
        return f"[{', '.join(canonical(env.resolve(i)) for i in node.items)}]"
    if isinstance(node, nodes.ParamRef):
        return f"${node.name}"
    return canonical(env.resolve(node))


def _default(decl: nodes.ParamDecl, dtype: DType, env: Env) -> ir.Scalar | tuple[ir.Scalar, ...]:
    """The default in its type; None where there is none, or it was reported."""
    if decl.default is None:
        return None
    for name in references.called(decl.default):
        if name.text in ("env", "today"):
            env.report.unsupported(name.span, f"the dynamic default `{name.text}`")
            return None
    found = _items(decl.default, env)
    if found is None or dtype.is_error:
        return None
    items = found.items if isinstance(found, ListValue) else (found,)
    is_list = dtype.kind is TypeKind.LIST
    target = dtype.items[0] if is_list else dtype
    if is_list != isinstance(found, ListValue) or any(
        not assignable(i.dtype, target) for i in items
    ):
        shown = f"list({items[0].dtype})" if isinstance(found, ListValue) else str(items[0].dtype)
        env.report(
            catalog.DECLARED_TYPE.at(
                decl.default.span,
                f"`${decl.name.text}` is declared {dtype}, and its default is {shown}",
            ).because(decl.type.span, "declared here")
        )
        return None
    typed: list[ir.Scalar] = []
    for item in items:
        try:
            typed.append(typed_value(item.value, target))
        except NotAValue as wrong:
            _report_value(decl, wrong, decl.default.span, env)
            return None
    return tuple(typed) if is_list else typed[0]


def _report_value(decl: nodes.ParamDecl, wrong: NotAValue, span: Span, env: Env) -> None:
    env.report(catalog.PARAMETER_VALUE.at(span, f"the parameter `{decl.name.text}`: {wrong}"))


def _override(
    value: Any, decl: nodes.ParamDecl, dtype: DType, env: Env
) -> ir.Scalar | tuple[ir.Scalar, ...]:
    """A value from outside: text is read by the type, a typed value must fit it."""
    try:
        if dtype.kind is TypeKind.LIST:
            if not isinstance(value, str | list | tuple):
                raise NotAValue(f"`{value}` is no list")
            parts = [p.strip() for p in value.split(",")] if isinstance(value, str) else value
            return tuple(_one(p, dtype.items[0]) for p in parts)
        return _one(value, dtype)
    except NotAValue as wrong:
        shown = NotAValue("the value does not fit its type") if decl.secret else wrong
        _report_value(decl, shown, decl.name.span, env)
        return None


def _one(value: Any, dtype: DType) -> ir.Scalar:
    if isinstance(value, str) and dtype.kind is not TypeKind.TEXT:
        return read_value(value.strip(), dtype)
    return typed_value(value, dtype)


def check_overrides(overrides: Overrides, scopes: Scopes, report: Report) -> None:
    """Report a parameter given from outside that no namespace, or more than one, declares."""
    declared = [s for _, s in scopes.of(Kind.PARAM)]
    known = {n for s in declared for n in (s.name, s.full)}
    for name, (_, origin) in overrides.items():
        several = [s for s in declared if s.name == name and s.full not in overrides]
        if len(several) > 1:
            _report_several(name, several, origin, report)
        if name not in known:
            report(
                catalog.UNKNOWN_PARAMETER.general(
                    f"there is no parameter `{name}`, which is given {_GIVEN[origin]}"
                ).help(did_you_mean(name, sorted({s.name for s in declared}), what="parameters"))
            )


def _report_several(name: str, declared: Sequence[Symbol], origin: Origin, report: Report) -> None:
    """A short name that several parameters have would change all of them."""
    shown = [f"`{s.full}`" for s in declared]
    found = catalog.AMBIGUOUS_PARAMETER.at(
        declared[0].span,
        f"`{name}`, which is given {_GIVEN[origin]}, is a parameter of {len(shown)} namespaces",
    )
    for symbol in declared[1:]:
        found = found.because(symbol.span, "and here")
    report(found.help(f"give it by its full name: {listed(shown)}"))
