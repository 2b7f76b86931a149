"""Arguments against parameters: positions, names, types, constants."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from featdsl.aggregates.registry import aggregates
from featdsl.diagnostics import catalog
from featdsl.diagnostics.suggest import did_you_mean
from featdsl.ir import expr as ir
from featdsl.semantics.branches import has_room, one_type
from featdsl.semantics.constants import fold, reads_parameter
from featdsl.semantics.environment import Env, ListValue, error
from featdsl.semantics.literals import list_items, moving
from featdsl.semantics.names import called, declared
from featdsl.syntax import nodes
from featdsl.types.dtype import NULL, Kind, common, list_of
from featdsl.types.signature import LISTS, Parameter, signature_text


def bind(
    name: str, parameters: Sequence[Parameter], node: nodes.Call, env: Env
) -> tuple[ir.Expr, ...] | None:
    """The arguments of a call in the order of the parameters; None where one was reported.

    An optional parameter that is not given is left out; one before a given one is null.
    """
    slots = _slots(name, parameters, node, env)
    if slots is None:
        return None
    bound: list[ir.Expr | None] = []
    by_name: dict[str, ir.Expr] = {}
    ok = True
    for parameter, given in slots:
        for arg in _written_out(parameter, given, env):
            value = _value(name, parameter, arg, by_name, env)
            ok = ok and not value.dtype.is_error
            by_name.setdefault(parameter.name, value)
            bound.append(value)
        if not given:
            bound.append(None)
    while bound and bound[-1] is None:
        bound.pop()
    if not ok:
        return None
    null = ir.Literal(dtype=NULL, nullable=True, span=node.span, value=None)
    return tuple(null if b is None else b for b in bound)


Given = nodes.Arg | ir.Literal | ir.Param


def _written_out(parameter: Parameter, given: Sequence[nodes.Arg], env: Env) -> Iterator[Given]:
    """Arguments; a list stands for its items where a parameter takes any number."""
    for arg in given:
        node = arg.value
        if not parameter.repeated or not isinstance(node, nodes.ListExpr | nodes.ParamRef):
            yield arg
            continue
        items = (
            list_items(node, env)
            if isinstance(node, nodes.ListExpr)
            else env.dollars.resolve(node.name, node.span, env)
        )
        if isinstance(items, ListValue):
            yield from items.items
        else:
            yield arg if items is not None else error(node.span)


def _slots(
    name: str, parameters: Sequence[Parameter], node: nodes.Call, env: Env
) -> list[tuple[Parameter, list[nodes.Arg]]] | None:
    """Which arguments each parameter gets."""
    given: dict[str, list[nodes.Arg]] = {p.name: [] for p in parameters}
    free = list(parameters)
    for arg in node.args:
        if arg.name is None:
            if not free:
                _count_wrong(name, parameters, node, env)
                return None
            parameter = free[0]
            if not parameter.repeated:
                free.pop(0)
        else:
            found = next((p for p in parameters if p.name == arg.name.text), None)
            if found is None or given[found.name]:
                _name_wrong(name, parameters, arg.name, found, node, env)
                return None
            parameter = found
            free = [p for p in free if p is not parameter]
        given[parameter.name].append(arg)
    if any(not given[p.name] and not p.optional for p in parameters):
        _count_wrong(name, parameters, node, env)
        return None
    return [(p, given[p.name]) for p in parameters]


def _count_wrong(name: str, parameters: Sequence[Parameter], node: nodes.Call, env: Env) -> None:
    most = None if any(p.repeated for p in parameters) else len(parameters)
    least = sum(1 for p in parameters if not p.optional)
    n = len(node.args)
    if most == least:
        takes = "no arguments" if least == 0 else f"{least} argument{'s' * (least != 1)}"
    elif most is None:
        takes = f"{least} or more arguments"
    else:
        takes = f"{least} to {most} arguments"
    env.report(
        catalog.ARGUMENT_COUNT.at(node.span, f"`{name}` takes {takes}, here are {n}").help(
            _meant_window(name, node) or f"`{signature_text(name, parameters)}`"
        )
    )


def _meant_window(name: str, node: nodes.Call) -> str | None:
    """The remedy where an aggregate is given a length of time as if it were an argument."""
    lengths = [a.value for a in node.args if isinstance(a.value, nodes.DurationLit)]
    if not lengths or name not in aggregates():
        return None
    others = ", ".join(
        ".".join(p.text for p in a.value.parts) if isinstance(a.value, nodes.Name) else "…"
        for a in node.args
        if a.value not in lengths
    )
    over = f"over {lengths[0].value}"
    return f"a window is no argument: write `{name}({f'{others} {over}' if others else over})`"


def _name_wrong(
    name: str,
    parameters: Sequence[Parameter],
    ident: nodes.Ident,
    found: Parameter | None,
    node: nodes.Call,
    env: Env,
) -> None:
    if found is not None:
        env.report(
            catalog.UNKNOWN_ARGUMENT.at(ident.span, f"`{ident.text}` of `{name}` is given twice")
        )
        return
    names = [p.name for p in parameters]
    unknown = catalog.UNKNOWN_ARGUMENT.at(ident.span, f"`{name}` has no argument `{ident.text}`")
    window = _meant_window(name, node)
    if window is not None:
        env.report(unknown.help(window))
        return
    env.report(
        unknown.help(did_you_mean(ident.text, names, what="arguments")).help(
            "`name: value` names an argument; a comparison is written with `=`"
        )
    )


def _value(
    name: str, parameter: Parameter, arg: Given, earlier: dict[str, ir.Expr], env: Env
) -> ir.Expr:
    listed = _list(parameter, arg, env)
    if isinstance(listed, ir.ListOf):
        values = [getattr(i, "value", None) for i in listed.items]
        wrong = None if parameter.valid is None else parameter.valid(values)
        return listed if wrong is None else _bad_constant(name, parameter, listed, wrong, env)
    if listed is not None:
        return listed
    if isinstance(arg, ir.Literal | ir.Param):
        value: ir.Expr = arg
    else:
        value = moving(arg.value, env) if parameter.calendar else env.resolve(arg.value)
    if value.dtype.is_error:
        return value
    if not parameter.takes(value.dtype):
        env.report(
            catalog.ARGUMENT_TYPE.at(
                value.span, f"`{name}` needs {parameter.words}, {called(value)} is {value.dtype}"
            )
            .because(declared(value, env), "declared here")
            .help(_column_meant(value, env) or _remedy(parameter, value))
        )
        return error(value.span)
    if parameter.same_as is not None and parameter.same_as in earlier:
        first = earlier[parameter.same_as]
        if common(first.dtype, value.dtype) is None:
            env.report(
                catalog.ARGUMENT_TYPE.at(
                    value.span,
                    f"`{name}` needs one type for `{parameter.same_as}` and `{parameter.name}`: "
                    f"these are {first.dtype} and {value.dtype}",
                ).because(first.span, f"this is {first.dtype}")
            )
            return error(value.span)
        both = common(first.dtype, value.dtype)
        assert both is not None
        if not has_room([first, value], both, value.span, f"`{name}`", env):
            return error(value.span)
    return _constant(name, parameter, value, env) if parameter.constant else value


def _list(parameter: Parameter, arg: Given, env: Env) -> ir.Expr | None:
    """A list of constants where a parameter takes one; None where something else stands."""
    if parameter.accepts != LISTS or not isinstance(arg, nodes.Arg):
        return None
    node = arg.value
    if not isinstance(node, nodes.ListExpr | nodes.ParamRef):
        return None
    found = (
        list_items(node, env)
        if isinstance(node, nodes.ListExpr)
        else env.dollars.resolve(node.name, node.span, env)
    )
    if found is None:
        return error(node.span)
    if not isinstance(found, ListValue):
        return None
    item = one_type(found.items, node.span, "the list", env)
    return ir.ListOf(dtype=list_of(item), nullable=False, span=node.span, items=found.items)


def _bad_constant(name: str, parameter: Parameter, value: ir.Expr, wrong: str, env: Env) -> ir.Expr:
    found = catalog.BAD_CONSTANT.at(value.span, f"`{parameter.name}` of `{name}`: {wrong}")
    percent = getattr(value, "value", None)
    if "between 0 and 1" in wrong and isinstance(percent, int) and 1 < percent <= 100:
        found = found.help(f"write `{percent}%`")
    env.report(found)
    return error(value.span)


def _constant(name: str, parameter: Parameter, value: ir.Expr, env: Env) -> ir.Expr:
    """A value that is known at compile time, and valid."""
    known = fold(value)
    if known is None:
        env.report(
            catalog.NOT_CONSTANT.at(
                value.span,
                f"`{parameter.name}` of `{name}` must be a constant",
                "known only in a run",
            ).help("write a literal, or `$name` of a constant or parameter")
        )
        return error(value.span)
    wrong = None if parameter.valid is None else parameter.valid(known.value)
    if wrong is not None:
        return _bad_constant(name, parameter, value, wrong, env)
    if isinstance(value, ir.Param):
        return value
    return replace(known, of=value) if reads_parameter(value) else known


def _column_meant(value: ir.Expr, env: Env) -> str | None:
    """Of a text that is called as a column of the rows."""
    text = value.value if isinstance(value, ir.Literal) else None
    relation = getattr(env.names, "relation", None)
    if not isinstance(text, str) or relation is None or text not in relation.columns:
        return None
    return f"a column stands without quotes: `{text}`"


def _remedy(parameter: Parameter, value: ir.Expr) -> str | None:
    if parameter.accepts == frozenset({Kind.BOOL}):
        return "compare it: `x = …`, `x > 0`"
    if value.dtype.kind is Kind.TEXT and parameter.accepts & {Kind.INT, Kind.FLOAT}:
        return "count its values with `count(distinct x)`, or turn it with `cast(x as int)`"
    if value.dtype.kind is Kind.TEXT and Kind.TIMESTAMP in parameter.accepts:
        return "turn it with `cast(x as timestamp)`"
    if value.dtype.is_numeric and parameter.accepts == frozenset({Kind.DURATION}):
        return "a length of time has a unit: `7d`, `2h`"
    if value.dtype.kind is Kind.BOOL and parameter.accepts & {Kind.INT, Kind.FLOAT}:
        return "count with `count(where x)`, or take the share with `ratio(x)`"
    return None
