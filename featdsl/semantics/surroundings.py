"""What a compilation is told of the world: the day, and the environment's variables."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from featdsl.diagnostics import catalog
from featdsl.ir import expr as ir
from featdsl.ir.program import Origin, Parameter
from featdsl.ir.text import canonical
from featdsl.semantics import references
from featdsl.semantics.environment import Env, error, literal
from featdsl.syntax import nodes
from featdsl.types.dtype import DATE, TEXT

_LEVELS = {
    nodes.BinaryOp.COALESCE: 1,
    nodes.BinaryOp.ADD: 2,
    nodes.BinaryOp.SUB: 2,
    nodes.BinaryOp.MUL: 3,
    nodes.BinaryOp.DIV: 3,
    nodes.BinaryOp.FLOORDIV: 3,
}
_LONGEST = 500
DYNAMIC = ("today", "env")
"""Calls that a parameter's default may hold, and nothing else."""


def _no_code(argument: str) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The day in the project's time zone, None where nobody says; variables by name.

    ``code`` gives the digest of the Python code of a source, by its ``module:function``.
    """

    today: date | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    code: Callable[[str], str | None] = _no_code


@dataclass(slots=True)
class Dynamic:
    """Reads the surroundings for one default; says what it read, and what was not there."""

    surroundings: Surroundings
    origins: set[Origin] = field(default_factory=set)
    missing: list[str] = field(default_factory=list)

    def call(self, node: nodes.Call, env: Env) -> ir.Expr:
        """The value of ``today()`` or ``env("…")``; null where it is not there."""
        name = node.func.text
        if name == "today":
            if node.args or node.star:
                _report_use(node, "`today()` takes no arguments", env)
                return error(node.span)
            self.origins.add(Origin.CLOCK)
            if self.surroundings.today is None:
                self.missing.append("nothing says what day it is")
                return ir.Literal(dtype=DATE, nullable=True, span=node.span, value=None)
            return literal(self.surroundings.today, DATE, node.span)
        variable = variable_of(node)
        if variable is None:
            _report_use(node, '`env` takes the name of a variable: `env("REGION")`', env)
            return error(node.span)
        self.origins.add(Origin.ENVIRONMENT)
        value = self.surroundings.environment.get(variable)
        if value is None:
            self.missing.append(f"the environment has no variable `{variable}`")
        return ir.Literal(dtype=TEXT, nullable=value is None, span=node.span, value=value)


def variable_of(node: nodes.Expr) -> str | None:
    """The variable that ``env("…")`` names; None for anything else."""
    if not isinstance(node, nodes.Call) or node.func.text != "env" or len(node.args) != 1:
        return None
    argument = node.args[0]
    if argument.name is not None or not isinstance(argument.value, nodes.StringLit):
        return None
    return argument.value.value


def _brief(text: str) -> str:
    """What is long by its hash: defaults that name each other twice double."""
    return text if len(text) <= _LONGEST else hashlib.sha256(text.encode("utf-8")).hexdigest()


def _report_use(node: nodes.Call, message: str, env: Env) -> None:
    env.report(catalog.ARGUMENT_COUNT.at(node.span, message))


def default_text(
    node: nodes.Expr, env: Env, parameters: Mapping[str, Parameter], *, whole: bool
) -> str:
    """A default in one spelling; as a `whole`, with the defaults of the parameters in it.

    Values of the surroundings are no part of it: it is the same on every day.
    """

    def text(at: nodes.Expr) -> str:
        return default_text(at, env, parameters, whole=whole)

    if not isinstance(node, nodes.ListExpr | nodes.ParamRef):
        parts = list(references.walk(node))
        reads = any(isinstance(p, nodes.Call) and p.func.text in DYNAMIC for p in parts)
        if not reads and not (whole and any(isinstance(p, nodes.ParamRef) for p in parts)):
            return canonical(env.resolve(node))
    match node:
        case nodes.ListExpr():
            return f"[{', '.join(map(text, node.items))}]"
        case nodes.ParamRef():
            parameter = parameters.get(node.name)
            if whole and parameter is not None:
                return f"({_brief(parameter.meaning or '')})"
            return f"${node.name}"
        case nodes.Call(func=func) if func.text in DYNAMIC:
            variable = variable_of(node)
            said = "" if variable is None else canonical(literal(variable, TEXT, node.span))
            return f"{func.text}({said})"
        case nodes.Binary():
            level = _LEVELS.get(node.op, 0)
            left, right = text(node.left), text(node.right)
            if isinstance(node.left, nodes.Binary) and _LEVELS.get(node.left.op, 0) < level:
                left = f"({left})"
            if isinstance(node.right, nodes.Binary) and _LEVELS.get(node.right.op, 0) <= level:
                right = f"({right})"
            return f"{left} {node.op.value} {right}"
        case nodes.Unary():
            return f"{node.op.value}{text(node.operand)}"
    return canonical(env.resolve(node))
