"""Units: adding or comparing values of features whose units differ has no meaning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from featdsl.aggregates.registry import aggregates
from featdsl.diagnostics import catalog
from featdsl.functions.registry import functions
from featdsl.ir import expr as ir
from featdsl.ir.program import Feature
from featdsl.ir.visit import children
from featdsl.semantics.report import Report
from featdsl.text.span import Span

_ADDING = frozenset({ir.ArithmeticOp.ADD, ir.ArithmeticOp.SUBTRACT})


@dataclass(slots=True)
class Units:
    """The units of features: as declared, else as their expressions say.

    Sums, differences and choices keep a unit, and so do the functions and aggregates that say so.
    Everything else has none that is known: a ratio of one unit is a plain number, a product is
    anything.
    """

    features: Mapping[str, Feature]
    known: dict[str, str | None] = field(default_factory=dict)

    def check(self, feature: Feature, report: Report) -> None:
        """Report values of different units that a feature combines, or is declared in."""
        found = _Walk(self, report).unit(feature.expr)
        declared = feature.meta.unit
        if None not in (found, declared) and found != declared:
            message = f"`{feature.short}` is declared in {declared}, its values are in {found}"
            span = feature.name_span
            report(catalog.UNIT_MISMATCH.at(span, message).help("bring them to that unit first"))

    def of(self, name: str) -> str | None:
        """The unit of a feature, of which no expression rests on itself."""
        feature = self.features.get(name)
        if feature is None:
            return None
        if feature.meta.unit is not None:
            return feature.meta.unit
        if name not in self.known:
            # What is wrong with it is reported where it is checked itself.
            self.known[name] = _Walk(self, Report()).unit(feature.expr)
        return self.known[name]


@dataclass(frozen=True, slots=True)
class _Walk:
    units: Units
    report: Report

    def unit(self, e: ir.Expr) -> str | None:
        found = [self.unit(child) for child in children(e)]
        match e:
            case ir.FeatureRef() | ir.Via() | ir.Ago():
                return self.units.of(e.feature)
            case ir.Arithmetic() if e.op in _ADDING:
                return self._same(e.span, found, f"`{e.op}`")
            case ir.Compare():
                self._same(e.span, found, f"`{e.op}`")
            case ir.Between():
                self._same(e.span, found, "`between`")
            case ir.InList():
                self._same(e.span, found, "`in`")
            case ir.Coalesce():
                return self._same(e.span, found, "a choice")
            case ir.Conditional():
                # The children are condition, value, condition, value, …, the last value.
                pairs = 2 * len(e.branches)
                return self._same(e.span, [*found[1:pairs:2], *found[pairs:]], "a choice")
            case ir.Negate() | ir.Cast():
                return found[0]
            case ir.Call():
                return self._call(e, found)
            case ir.Previous():
                return found[0]
            case ir.Among() | ir.Aggregate() if e.args:
                spec = aggregates().get(e.aggregate)
                default = None if e.default is None else self.unit(e.default)
                if spec is not None and spec.keeps_unit:
                    return self._same(e.span, [found[0], default], "a default")
        return None

    def _call(self, e: ir.Call, found: list[str | None]) -> str | None:
        function = functions()[e.function]
        first, *others = function.parameters
        # What is compared with the first argument, or subtracted from it, is in its unit.
        alike = any(p.same_as == first.name for p in others) or e.function == "contains"
        unit = self._same(e.span, found, f"`{e.function}`") if alike else next(iter(found), None)
        return unit if function.keeps_unit else None

    def _same(self, span: Span, units: list[str | None], what: str) -> str | None:
        known = [u for u in units if u is not None]
        if len(set(known)) > 1:
            first = known[0]
            other = next(u for u in known if u != first)
            self.report(
                catalog.UNIT_MISMATCH.at(
                    span, f"{what} combines values in {first} and in {other}"
                ).help("bring both to one unit first")
            )
        return known[0] if known else None
