"""What templates take: columns, windows, and values that are known at compile time."""

from __future__ import annotations

from featdsl.diagnostics import catalog
from featdsl.ir import expr as ir
from featdsl.semantics.branches import cast
from featdsl.semantics.constants import fold, reads_parameter
from featdsl.semantics.environment import Env, ListValue, LoopValue, Place
from featdsl.semantics.literals import list_items
from featdsl.semantics.names import NoNames
from featdsl.semantics.written_types import written_type
from featdsl.syntax import nodes
from featdsl.types.dtype import DURATION, DType, assignable
from featdsl.types.dtype import Kind as TypeKind

COLUMN = "column"
WINDOW = "window"


def parameter_type(parameter: nodes.TypedName, env: Env) -> str | DType | None:
    """`COLUMN`, `WINDOW` or the type of a value; None where it was reported."""
    if parameter.type is None:
        env.report(
            catalog.NO_TYPE.at(
                parameter.span, f"`{parameter.name.text}` of a template has no type"
            ).help("say what it stands for: `x: column`, `w: window`, or a type, `n: int`")
        )
        return None
    name = parameter.type.name.text
    if name in (COLUMN, WINDOW) and not parameter.type.args:
        return name
    dtype = written_type(parameter.type, env.report)
    return None if dtype.is_error else dtype


def constant(
    argument: nodes.Expr, parameter: nodes.TypedName, kind: str | DType, env: Env
) -> LoopValue | None:
    """The value of an argument, in the type that the template says; None where it was reported."""
    at = env.moved(place=Place.CONSTANT, names=NoNames(), as_of=False)
    wanted = DURATION if isinstance(kind, str) else kind
    value: ir.Expr | ListValue | None = _listed(argument, at)
    if value is None:
        if isinstance(argument, nodes.ListExpr):
            return None
        value = at.resolve(argument)
        if value.dtype.is_error:
            return None
    if isinstance(value, ListValue):
        many = kind == WINDOW or wanted.kind is TypeKind.LIST
        item = wanted if kind == WINDOW or not many else wanted.items[0]
        if many and all(assignable(i.dtype, item) for i in value.items):
            return value
        shown = f"a list of {value.items[0].dtype}" if value.items else "a list"
    elif wanted.kind is not TypeKind.LIST and assignable(value.dtype, wanted):
        typed = cast(value, wanted)
        # What rests on a parameter keeps its name: it is a value of a run.
        return typed if reads_parameter(typed) else fold(typed) or typed
    else:
        shown = str(value.dtype)
    env.report(
        catalog.ARGUMENT_TYPE.at(
            argument.span,
            f"`{parameter.name.text}` is {'a window' if kind == WINDOW else kind}, this is {shown}",
        ).because(parameter.span, "declared here")
    )
    return None


def _listed(argument: nodes.Expr, env: Env) -> ListValue | None:
    """A list, written or named; None for anything else."""
    if isinstance(argument, nodes.ListExpr):
        return list_items(argument, env)
    if isinstance(argument, nodes.ParamRef):
        value = env.dollars.resolve(argument.name, argument.span, env)
        return value if isinstance(value, ListValue) else None
    return None
