"""What a test sets: parameters and their values."""

from __future__ import annotations

from dataclasses import dataclass

from featdsl.diagnostics import catalog
from featdsl.diagnostics.model import Diagnostic
from featdsl.diagnostics.suggest import did_you_mean
from featdsl.ir.expr import Scalar
from featdsl.ir.program import Parameter
from featdsl.semantics.constants import fold
from featdsl.semantics.environment import Env
from featdsl.semantics.literals import list_items
from featdsl.semantics.project import Known
from featdsl.semantics.remedies import as_written
from featdsl.semantics.scope import Kind, Symbol
from featdsl.semantics.values import NotAValue, typed_value
from featdsl.syntax import nodes
from featdsl.text.span import Span
from featdsl.types.dtype import Kind as TypeKind
from featdsl.types.dtype import assignable


@dataclass(slots=True)
class CaseSettings:
    """Reads the settings of one test.

    ``whole`` is False once a part of it was reported or is not known.
    """

    decl: nodes.TestDecl
    env: Env
    known: Known
    whole: bool = True

    def _wrong(self, diagnostic: Diagnostic) -> None:
        self.whole = False
        self.env.report(diagnostic)

    def _settings(self) -> dict[str, Scalar | tuple[Scalar, ...]]:
        found: dict[str, Scalar | tuple[Scalar, ...]] = {}
        places: dict[str, Span] = {}
        for item in self.decl.settings:
            name = item.param.name
            first = places.setdefault(name, item.param.span)
            if first is not item.param.span:
                self._wrong(
                    catalog.REPEATED.at(item.param.span, f"`${name}` is set twice")
                    .because(first, "first here")
                    .help("set it once: a test has one value of a parameter")
                )
            symbol = self.env.scope.dollar(name, item.param.span)
            parameter = self._parameter(symbol)
            if symbol is not None and symbol.poisoned:
                self.whole = False
                continue
            if symbol is None or symbol.kind is not Kind.PARAM:
                what = "is a constant" if symbol is not None else "is no parameter"
                found_there = catalog.UNKNOWN_DOLLAR.at(item.param.span, f"`${name}` {what}")
                theirs = self._elsewhere(name)
                if symbol is None and theirs is not None:
                    self._wrong(
                        found_there.because(theirs.span, f"`{theirs.namespace}` has one").help(
                            f"bring it in: `use {theirs.full}`"
                        )
                    )
                    continue
                known_names = self._parameter_names()
                self._wrong(found_there.help(did_you_mean(name, known_names, what="parameters")))
                continue
            symbol.used = True
            if parameter is None:
                self.whole = False
                continue
            if parameter.dtype.kind is TypeKind.LIST:
                self._list_setting(item, parameter, found)
                continue
            if isinstance(item.value, nodes.ListExpr):
                wrong_list = f"`${name}` is {parameter.dtype}, and this is a list"
                self._wrong(
                    catalog.PARAMETER_VALUE.at(item.value.span, wrong_list).help(
                        as_written(parameter.dtype)
                    )
                )
                continue
            value = self.env.moved(as_of=False).resolve(item.value)
            known = None if value.dtype.is_error else fold(value)
            try:
                if known is None or not assignable(known.dtype, parameter.dtype):
                    raise NotAValue(f"`${name}` is {parameter.dtype}")
                found[parameter.name] = typed_value(known.value, parameter.dtype)
            except NotAValue as wrong:
                self._wrong(
                    catalog.PARAMETER_VALUE.at(item.value.span, f"`${name}`: {wrong}").help(
                        as_written(parameter.dtype)
                    )
                )
        return found

    def _list_setting(
        self,
        item: nodes.ParamSetting,
        parameter: Parameter,
        found: dict[str, Scalar | tuple[Scalar, ...]],
    ) -> None:
        """``$codes = ["a", "b"]``."""
        dtype = parameter.dtype.items[0]
        try:
            if not isinstance(item.value, nodes.ListExpr):
                raise NotAValue(f"`${parameter.short}` is {parameter.dtype}")
            listed = list_items(item.value, self.env.moved(as_of=False))
            if listed is None:
                self.whole = False
                return
            values = [i.value for i in listed.items]
            if any(not assignable(i.dtype, dtype) for i in listed.items):
                raise NotAValue(f"`${parameter.short}` is {parameter.dtype}")
            found[parameter.name] = tuple(typed_value(v, dtype) for v in values)
        except NotAValue as wrong:
            self._wrong(
                catalog.PARAMETER_VALUE.at(item.value.span, f"`${parameter.short}`: {wrong}").help(
                    as_written(parameter.dtype)
                )
            )

    def _parameter(self, symbol: Symbol | None) -> Parameter | None:
        if symbol is None or symbol.kind is not Kind.PARAM:
            return None
        return self.known.bound[symbol.namespace].parameters.get(symbol.name)

    def _elsewhere(self, name: str) -> Symbol | None:
        """A parameter of that name in another namespace."""
        symbols = (scope.dollars.get(name) for scope in self.env.scopes)
        return next((s for s in symbols if s is not None and s.kind is Kind.PARAM), None)

    def _parameter_names(self) -> list[str]:
        visible = self.env.scope.visible(self.decl.span.source, Kind.PARAM)
        return [s.name for s in visible if not s.poisoned]
