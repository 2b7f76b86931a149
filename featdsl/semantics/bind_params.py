"""Second pass: constants and parameters get their values; each value's origin is kept."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, time
from typing import Any

from featdsl.diagnostics import catalog
from featdsl.diagnostics.suggest import did_you_mean
from featdsl.ir import expr as ir
from featdsl.ir.program import Origin, Parameter
from featdsl.semantics import references
from featdsl.semantics.attributes import meta
from featdsl.semantics.constants import fold
from featdsl.semantics.dollars import Bound
from featdsl.semantics.environment import Env, ListValue
from featdsl.semantics.literals import list_items
from featdsl.semantics.order import cycle_diagnostic, order
from featdsl.semantics.remedies import as_written
from featdsl.semantics.report import Report
from featdsl.semantics.scope import Kind, Scopes, Symbol, listed
from featdsl.semantics.surroundings import (
    DYNAMIC,
    Dynamic,
    Surroundings,
    default_text,
    variable_of,
)
from featdsl.semantics.values import NotAValue, read_value, typed_value
from featdsl.semantics.written_types import written_type
from featdsl.syntax import nodes
from featdsl.text.span import Span
from featdsl.types.dtype import DATE, ERROR, DType, assignable
from featdsl.types.dtype import Kind as TypeKind

Overrides = Mapping[str, tuple[Any, Origin]]
_GIVEN = {
    Origin.DEFAULT: "as a default",
    Origin.TARGET: "in featc.toml",
    Origin.ENVIRONMENT: "in featc.toml from the environment",
    Origin.COMMAND: "on the command line",
    Origin.ASKED: "on the terminal",
    Origin.CALLER: "from Python",
    Origin.TEST: "by a test",
}


def bind_params(
    envs: Sequence[Env],
    bound: Mapping[str, Bound],
    overrides: Overrides,
    surroundings: Surroundings,
) -> None:
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
            _parameter(symbol.decl, symbol, env, bound, overrides, surroundings)


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
    meta(decl, "constant", env)
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
    decl: nodes.ParamDecl,
    symbol: Symbol,
    env: Env,
    known: Mapping[str, Bound],
    overrides: Overrides,
    surroundings: Surroundings,
) -> None:
    bound = known[symbol.namespace]
    name = decl.name.text
    about = meta(decl, "parameter", env)
    dtype = _simple(decl, written_type(decl.type, env.report), env)
    given = overrides.get(symbol.full, overrides.get(name))
    named = _named(decl, env, known)
    dynamic = Dynamic(surroundings)
    read = decl.default is not None and any(
        n.text in DYNAMIC for n in references.called(decl.default)
    )
    # What is given from outside needs no day and no environment.
    default = None if read and given is not None else _default(decl, dtype, named, dynamic, env)
    missing = dynamic.missing[0] if default is None and dynamic.missing else None
    value, origin, ok = default, _origin(dynamic, named), True
    _check_secret(decl, named, env)
    if given is not None and not dtype.is_error:
        origin = given[1]
        if decl.secret and origin is Origin.TARGET:
            _report_written(decl, env)
        value = _override(given[0], decl, dtype, env)
        ok = value is not None
    unread = decl.default is not None and default is None
    if dtype.is_error or not ok or (unread and missing is None and not (read and given)):
        return
    text = whole = None
    if decl.default is not None:
        at = env.moved(dynamic=dynamic)
        text = default_text(decl.default, at, named, whole=False)
        whole = default_text(decl.default, at, named, whole=True)
    item = dtype.items[0] if dtype.kind is TypeKind.LIST else dtype
    bound.items[name] = item
    bound.parameters[name] = Parameter(
        name=symbol.full,
        meta=about,
        span=decl.span,
        name_span=decl.name.span,
        dtype=dtype,
        default=text,
        whole=whole if whole != text else None,
        value=value,
        origin=origin,
        secret=decl.secret,
        missing=missing,
    )


def _report_written(decl: nodes.ParamDecl, env: Env) -> None:
    """Settings are read by everybody who reads the texts."""
    name = decl.name.text
    message = f"the value of the secret `{name}` stands in featc.toml"
    env.report(
        catalog.WRITTEN_SECRET.at(decl.name.span, message).help(
            f"read it from the environment: `{name} = 'env(\"{name.upper()}\")'`"
        )
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


def _named(decl: nodes.ParamDecl, env: Env, known: Mapping[str, Bound]) -> dict[str, Parameter]:
    """The parameters that a default names, by short name, as far as they are whole."""
    found: dict[str, Parameter] = {}
    for at in () if decl.default is None else references.dollars(decl.default):
        symbol = env.scope.dollar(at.name, at.span)
        if symbol is not None and symbol.name in known[symbol.namespace].parameters:
            found[at.name] = known[symbol.namespace].parameters[symbol.name]
    return found


def _origin(dynamic: Dynamic, named: Mapping[str, Parameter]) -> Origin:
    """Where the value of a default comes from: what differs from run to run goes first."""
    for origin in (Origin.ENVIRONMENT, Origin.CLOCK):
        if origin in dynamic.origins:
            return origin
    given = any(p.origin is not Origin.DEFAULT for p in named.values())
    return Origin.PARAMETER if given else Origin.DEFAULT


def _check_secret(decl: nodes.ParamDecl, named: Mapping[str, Parameter], env: Env) -> None:
    """What is made of a secret would be shown, unless it is one too."""
    secret = next((p for p in named.values() if p.secret), None)
    if secret is None or decl.secret:
        return
    env.report(
        catalog.SECRET_DEFAULT.at(
            decl.name.span,
            f"the default of `{decl.name.text}` is made of the secret `{secret.short}`, "
            "and would be shown",
        )
        .because(secret.name_span, "declared secret here")
        .help(f"make it one too: `secret param {decl.name.text}`")
    )


def _default(
    decl: nodes.ParamDecl,
    dtype: DType,
    named: Mapping[str, Parameter],
    dynamic: Dynamic,
    env: Env,
) -> ir.Scalar | tuple[ir.Scalar, ...]:
    """The default in its type; None where there is none, it was reported or is missing."""
    if decl.default is None or dtype.is_error:
        return None
    absent = next((p for p in named.values() if p.value is None and p.missing), None)
    if absent is not None:
        dynamic.missing.append(str(absent.missing))
        return None
    at = env.moved(dynamic=dynamic)
    if variable_of(decl.default) is not None:
        text = at.resolve(decl.default)
        value = text.value if isinstance(text, ir.Literal) else None
        return None if value is None else _override(value, decl, dtype, env)
    found = _items(decl.default, at)
    if found is None:
        return None
    if isinstance(found, ir.Literal):
        found = _as_day(found, dtype)
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
            )
            .because(decl.type.span, "declared here")
            .help(f"write a default of type {dtype}, or declare the parameter {shown}")
        )
        return None
    typed: list[ir.Scalar] = []
    if dynamic.missing and any(item.value is None for item in items):
        return None
    for item in items:
        try:
            typed.append(typed_value(item.value, target))
        except NotAValue as wrong:
            _report_value(decl, wrong, decl.default.span, env)
            return None
    return tuple(typed) if is_list else typed[0]


def _as_day(found: ir.Literal, dtype: DType) -> ir.Literal:
    """A midnight as its day, where a day is declared: days that are moved are timestamps."""
    value = found.value
    if dtype == DATE and isinstance(value, datetime) and value.time() == time():
        return replace(found, dtype=DATE, value=value.date())
    return found


def _report_value(decl: nodes.ParamDecl, wrong: NotAValue, span: Span, env: Env) -> None:
    found = catalog.PARAMETER_VALUE.at(span, f"the parameter `{decl.name.text}`: {wrong}")
    dtype = written_type(decl.type, Report())
    env.report(found.help(None if dtype.is_error else as_written(dtype)))


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
