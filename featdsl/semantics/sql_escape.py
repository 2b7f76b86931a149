"""The way out: ``sql("…{t}…", t: x): type``, one expression of the engine's SQL."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from featdsl.diagnostics import catalog
from featdsl.diagnostics.suggest import did_you_mean
from featdsl.ir import expr as ir
from featdsl.semantics.environment import Env, Place, error
from featdsl.semantics.names import called
from featdsl.semantics.written_types import written_type
from featdsl.sql.escape import Escape, EscapeError, Wrong, read
from featdsl.syntax import nodes
from featdsl.types.dtype import Kind

_KINDS = (Kind.BOOL, Kind.INT, Kind.FLOAT, Kind.DECIMAL, Kind.TEXT, Kind.DATE, Kind.TIMESTAMP)
"""Types that are the same in the engine's SQL."""


def sql_escape(node: nodes.SqlEscape, env: Env) -> ir.Expr:
    """The typed expression of an escape."""
    if env.place is Place.CONSTANT:
        env.report(
            catalog.NOT_CONSTANT.at(node.span, "`sql(…)` is computed in a run, and is no constant")
        )
        return error(node.span)
    escape = _read(node, env)
    args = _arguments(node, env)
    dtype = written_type(node.type, env.report)
    if escape is None or args is None or dtype.is_error:
        return error(node.span)
    if dtype.kind not in _KINDS:
        env.report(
            catalog.ARGUMENT_TYPE.at(node.type.span, f"`sql` gives single values, and no {dtype}")
        )
        return error(node.span)
    if not _fits(node, escape, args, env):
        return error(node.span)
    positions = {name: str(i) for i, name in enumerate(escape.holes)}
    return ir.SqlCall(
        dtype=dtype,
        span=node.span,
        template=escape.text(positions.__getitem__),
        args=tuple(args[name] for name in escape.holes),
        names=escape.holes,
        written=node.template.value,
    )


def _read(node: nodes.SqlEscape, env: Env) -> Escape | None:
    span = node.template.span
    try:
        return read(node.template.value)
    except EscapeError as e:
        match e.wrong:
            case Wrong.CLOCK:
                env.report(
                    catalog.WALL_CLOCK.at(span, f"the SQL {e.message}").help(
                        "use `as_of`, the time that the value is for: `sql(…, now: as_of)`"
                    )
                )
            case Wrong.FUNCTION:
                env.report(
                    catalog.SQL_FUNCTION.at(span, f"the SQL {e.message}").help(
                        "it may call functions of numbers, text and times that read nothing "
                        "but their arguments: `featc explain FD0437` lists them"
                    )
                )
            case Wrong.TEXT:
                env.report(
                    catalog.SQL_TEXT.at(span, f"the SQL {e.message}").help(
                        'one expression of its arguments: `sql("length({x})", x: name): int`'
                    )
                )
        return None


def _arguments(node: nodes.SqlEscape, env: Env) -> dict[str, ir.Expr] | None:
    """The arguments by their names; None where one was reported."""
    args: dict[str, ir.Expr] = {}
    ok = True
    for arg in node.args:
        assert arg.name is not None, "the grammar asks for a name"
        value = env.resolve(arg.value)
        wrong = None
        if arg.name.text in args:
            wrong = catalog.UNKNOWN_ARGUMENT.at(
                arg.name.span, f"`{arg.name.text}` of `sql` is given twice"
            )
        elif not value.dtype.is_error and value.dtype.kind not in _KINDS:
            wrong = catalog.ARGUMENT_TYPE.at(
                value.span, f"`sql` takes single values, {called(value)} is {value.dtype}"
            )
        if wrong is not None:
            env.report(wrong)
        ok = ok and wrong is None and not value.dtype.is_error
        args[arg.name.text] = value
    return args if ok else None


def _fits(node: nodes.SqlEscape, escape: Escape, args: dict[str, ir.Expr], env: Env) -> bool:
    """Whether the holes of the text and the arguments are the same."""
    for name in escape.holes:
        if name not in args:
            env.report(
                catalog.SQL_TEXT.at(
                    node.template.span, f"the SQL has a hole `{{{name}}}`, and no argument for it"
                ).help(did_you_mean(name, list(args), what="arguments"))
            )
            return False
    for arg in node.args:
        if arg.name is not None and arg.name.text not in escape.holes:
            env.report(
                catalog.UNKNOWN_ARGUMENT.at(
                    arg.name.span, f"nothing in the SQL is `{{{arg.name.text}}}`"
                ).help("holes stand outside of quotes")
            )
            return False
    return True


RESOLVERS: dict[type, Callable[[Any, Env], ir.Expr]] = {nodes.SqlEscape: sql_escape}
