"""What ``$`` names mean: loop variables, constants and parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from featdsl.diagnostics import catalog
from featdsl.diagnostics.suggest import NearestName, did_you_mean
from featdsl.ir import expr as ir
from featdsl.ir.program import Parameter
from featdsl.semantics.environment import Env, ListValue, LoopValue
from featdsl.semantics.scope import a
from featdsl.text.span import Span
from featdsl.types.dtype import DType


@dataclass(slots=True)
class Bound:
    """Constants and parameters of one namespace, as far as they are bound."""

    constants: dict[str, ir.Literal | ListValue] = field(default_factory=dict)
    parameters: dict[str, Parameter] = field(default_factory=dict)
    items: dict[str, DType] = field(default_factory=dict)
    """Types of the items of list parameters."""


@dataclass(frozen=True, slots=True)
class DollarNames:
    """Loop variables and arguments of templates, then constants and parameters.

    These are the namespace's, or imported ones.
    """

    bound: Mapping[str, Bound]
    """By namespace."""
    loops: Mapping[str, LoopValue] = field(default_factory=dict)

    def with_loop(self, name: str, value: LoopValue) -> DollarNames:
        return DollarNames(self.bound, {**self.loops, name: value})

    def resolve(self, name: str, span: Span, env: Env) -> ir.Expr | ListValue | None:
        """The value of ``$name``; None where it was reported."""
        if name in self.loops:
            return replace(self.loops[name], span=span)
        symbol = env.scope.dollar(name, span)
        if symbol is None:
            self._unknown(name, span, env)
            return None
        symbol.used = True
        if symbol.poisoned:
            return None
        bound = self.bound[symbol.namespace]
        constant = bound.constants.get(name)
        if isinstance(constant, ListValue):
            return ListValue(constant.items, span, name)
        if constant is not None:
            return replace(constant, span=span)
        parameter = bound.parameters.get(name)
        return None if parameter is None else self._parameter(parameter, bound, span, env)

    def _parameter(
        self, parameter: Parameter, bound: Bound, span: Span, env: Env
    ) -> ir.Expr | ListValue | None:
        if parameter.value is None:
            why = "" if parameter.missing is None else f": {parameter.missing}"
            env.report(
                catalog.PARAMETER_MISSING.at(
                    parameter.name_span, f"the parameter `{parameter.short}` has no value{why}"
                )
                .because(span, "used here")
                .help(f"give it one: `--param {parameter.short}=…`, or a default")
            )
            return None
        if isinstance(parameter.value, tuple):
            item = bound.items[parameter.short]
            made = [_param(parameter, item, v, span) for v in parameter.value]
            return ListValue(tuple(made), span, parameter.short)
        return _param(parameter, parameter.dtype, parameter.value, span)

    def _unknown(self, name: str, span: Span, env: Env) -> None:
        known = [*self.loops, *env.scope.dollar_names(span)]
        found = catalog.UNKNOWN_DOLLAR.at(
            span, f"there is no parameter, constant or loop variable `${name}`"
        )
        near: object = did_you_mean(name, known, sign="$")
        if not isinstance(near, NearestName):
            near = None
        other = env.scope.symbol(name, span)
        if near is None and other is not None and not other.poisoned:
            near = f"`{name}` without `$` is {a(other.kind.value)}"
        theirs = next((s for s in env.scopes if name in s.dollars and s is not env.scope), None)
        if theirs is not None:
            symbol = theirs.dollars[name]
            found = found.because(symbol.span, f"`{theirs.namespace}` has one")
            near = f"bring it in: `use {symbol.full}`"
        env.report(found.help(near))


def _param(parameter: Parameter, dtype: DType, value: ir.Scalar, span: Span) -> ir.Param:
    return ir.Param(
        dtype=dtype,
        nullable=False,
        span=span,
        name=parameter.name,
        default=parameter.meaning,
        value=value,
        secret=parameter.secret,
    )
