"""Where a source's data lie: kind, path, options."""

from __future__ import annotations

import re
from collections.abc import Iterator

from featdsl.diagnostics import catalog
from featdsl.diagnostics.suggest import did_you_mean
from featdsl.ir import expr as ir
from featdsl.ir.program import Location
from featdsl.semantics import references
from featdsl.semantics.constants import fold
from featdsl.semantics.environment import Env, ListValue, literal
from featdsl.semantics.scope import Kind as Declared
from featdsl.semantics.surroundings import variable_of
from featdsl.sources.registry import sources
from featdsl.sources.spec import Option
from featdsl.syntax import nodes
from featdsl.types.dtype import TEXT, Kind

# Kinds that other distributions add.
PLUGIN_KINDS = ("iceberg", "delta")
_HOLE = re.compile(r"\{\$([A-Za-z_][A-Za-z0-9_]*)\}")


def location(decl: nodes.SourceDecl, env: Env) -> Location | None:
    """The location with parameters filled in; None where it is reported or cannot be read."""
    origin = decl.origin
    if origin is None:
        if not decl.broken:
            env.report(
                catalog.MISSING_ITEM.at(
                    decl.name.span, f"`{decl.name.text}` does not say where its data are"
                ).help('add `from parquet "…"` or `from csv "…"`')
            )
        return None
    kind = origin.kind.text
    if kind not in sources():
        _unknown_kind(origin, env)
        return None
    argument = _argument(origin, env)
    options = _options(origin, env)
    if argument is None:
        return None
    check = sources()[kind].wrong
    wrong = None if check is None else check(argument)
    if wrong is not None:
        env.report(catalog.BAD_CONSTANT.at(origin.argument.span, f"`{kind}`: {wrong}"))
        return None
    return Location(
        kind=kind,
        argument=argument,
        written=env.texts.slice(origin.argument.span),
        written_options=_written_options(origin, env),
        options=options,
        params=frozenset(_params(origin, env)),
        code=env.code(argument) if sources()[kind].called else None,
        span=origin.span,
    )


def _params(origin: nodes.Origin, env: Env) -> Iterator[str]:
    """Full names of the parameters that the path and the options name."""
    for node in (origin.argument, *(o.value for o in origin.options)):
        names = [at.name for at in references.dollars(node)]
        if isinstance(node, nodes.StringLit):
            names += _HOLE.findall(node.value)
        for name in names:
            symbol = env.scope.dollar(name, node.span)
            if symbol is not None and symbol.kind is Declared.PARAM:
                yield symbol.full


def _unknown_kind(origin: nodes.Origin, env: Env) -> None:
    kind = origin.kind.text
    if kind in PLUGIN_KINDS:
        env.report(
            catalog.UNKNOWN_SOURCE_KIND.at(
                origin.kind.span, f"`{kind}` is read by a plug-in, and none is installed"
            ).help("a distribution adds a kind of source by the entry point `featdsl.sources`")
        )
        return
    env.report(
        catalog.UNKNOWN_SOURCE_KIND.at(
            origin.kind.span, f"there is no kind of source `{kind}`"
        ).help(did_you_mean(kind, sources(), what="kinds"))
    )


def _argument(origin: nodes.Origin, env: Env) -> str | None:
    argument = origin.argument
    if sources()[origin.kind.text].query and (
        not isinstance(argument, nodes.StringLit) or _HOLE.search(argument.value)
    ):
        env.report(
            catalog.NOT_CONSTANT.at(
                argument.span, "nothing is filled into the SQL of a source"
            ).help("a view may compare with a parameter: `where amount > $least`")
        )
        return None
    if sources()[origin.kind.text].connected:
        return _connection(argument, env)
    if isinstance(argument, nodes.Call):
        return _variable(argument, env)
    if isinstance(argument, nodes.ParamRef):
        return _filled(argument.name, argument, env)
    ok = True

    def fill(found: re.Match[str]) -> str:
        nonlocal ok
        value = _filled(found[1], argument, env)
        ok = ok and value is not None
        return value or ""

    path = _HOLE.sub(fill, argument.value)
    return path if ok else None


def _connection(argument: nodes.Node, env: Env) -> str | None:
    """The name of the variable: its value is asked for where data are read, and not before."""
    name = variable_of(argument) if isinstance(argument, nodes.Call) else None
    if name is None:
        found = catalog.CONNECTION_IN_TEXT.at(
            argument.span, "how a server is reached stands in the environment, not in the text"
        )
        env.report(found.help('write `env("SHOP_DSN")`, and set `SHOP_DSN` before featc runs'))
    return name


def _variable(call: nodes.Call, env: Env) -> str | None:
    """The value of a variable of the environment; one that is not there is reported."""
    name = variable_of(call)
    if name is None:
        env.report(
            catalog.UNKNOWN_FUNCTION.at(
                call.func.span, f"a location cannot be made by `{call.func.text}(…)`"
            ).help('`env("NAME")` reads the environment')
        )
        return None
    value = env.variables.get(name)
    if value is None:
        env.report(
            catalog.PARAMETER_MISSING.at(call.span, f"the environment has no variable `{name}`")
            .help(f"set `{name}` before featc runs")
            .help(f'for a default, take a parameter: `param place: text = env("{name}") ?? "…"`')
        )
    return value


def _filled(name: str, node: nodes.Node, env: Env) -> str | None:
    """A parameter's value as a part of a path."""
    value = env.dollars.resolve(name, node.span, env)
    if value is None:
        return None
    known = None if isinstance(value, ListValue) else fold(value)
    if known is None or known.dtype.kind not in (Kind.TEXT, Kind.INT, Kind.DATE):
        shown = "a list" if isinstance(value, ListValue) else str(value.dtype)
        env.report(catalog.ARGUMENT_TYPE.at(node.span, f"a path needs text, `${name}` is {shown}"))
        return None
    return str(known.value)


def _options(origin: nodes.Origin, env: Env) -> dict[str, ir.Scalar]:
    known = {o.name: o for o in sources()[origin.kind.text].options}
    options: dict[str, ir.Scalar] = {}
    first: dict[str, nodes.Option] = {}
    for option in origin.options:
        name = option.name.text
        if name not in known:
            env.report(
                catalog.UNKNOWN_OPTION.at(
                    option.name.span, f"a `{origin.kind.text}` source has no option `{name}`"
                ).help(did_you_mean(name, known, what="options"))
            )
        elif name in first:
            env.report(
                catalog.UNKNOWN_OPTION.at(
                    option.span, f"the option `{name}` is given twice"
                ).because(first[name].span, "first given here")
            )
        else:
            first[name] = option
            value = _option(option, known[name], env)
            if value is not None:
                options[name] = value.value
    for name, wanted in known.items():
        if wanted.default is None and name not in first:
            kind = origin.kind.text
            found = catalog.MISSING_ITEM.at(origin.span, f"a `{kind}` source needs `{name}`")
            env.report(found.help(f'add `({name} = "…")` after the path'))
    return options


def _written_options(origin: nodes.Origin, env: Env) -> dict[str, str]:
    """The options that name a parameter or a variable of the environment, as written."""
    texts = {o.name.text: (o.value, env.texts.slice(o.value.span)) for o in origin.options}
    return {
        name: text
        for name, (value, text) in texts.items()
        if "$" in text or isinstance(value, nodes.Call)
    }


def _option(node: nodes.Option, option: Option, env: Env) -> ir.Literal | None:
    value: ir.Expr
    if isinstance(node.value, nodes.Call):
        text = _variable(node.value, env)
        if text is None:
            return None
        value = literal(text, TEXT, node.value.span)
    else:
        value = env.resolve(node.value)
    if value.dtype.is_error:
        return None
    known = fold(value)
    if known is None or known.dtype.kind is not option.kind:
        env.report(
            catalog.ARGUMENT_TYPE.at(
                node.value.span, f"`{option.name}` needs {option.kind}, this is {value.dtype}"
            )
        )
        return None
    wrong = None if option.valid is None else option.valid(known.value)
    if wrong is not None:
        env.report(catalog.BAD_CONSTANT.at(node.value.span, f"`{option.name}`: {wrong}"))
        return None
    return known
