"""Units: adding or comparing values of features whose units differ has no meaning."""

from __future__ import annotations

from collections.abc import Mapping

from featdsl.diagnostics import catalog
from featdsl.ir import expr as ir
from featdsl.ir.program import Feature
from featdsl.ir.visit import children
from featdsl.semantics.report import Report

_ADDING = frozenset({ir.ArithmeticOp.ADD, ir.ArithmeticOp.SUBTRACT})
_KEEPS = frozenset({"abs", "round", "floor", "ceil", "clip"})


def check_units(e: ir.Expr, features: Mapping[str, Feature], report: Report) -> str | None:
    """The unit of a value, where it is known; reports values of different units combined.

    Features declare units. Sums, differences, roundings and choices keep a unit, everything
    else has none that is known: a ratio of one unit is a plain number, a product is anything.
    """
    units = [check_units(child, features, report) for child in children(e)]
    match e:
        case ir.FeatureRef() | ir.Via() | ir.Ago():
            feature = features.get(e.feature)
            return None if feature is None else feature.meta.unit
        case ir.Arithmetic() if e.op in _ADDING:
            return _same(e, units, f"`{e.op}`", report)
        case ir.Compare():
            _same(e, units, f"`{e.op}`", report)
        case ir.Between():
            _same(e, units, "`between`", report)
        case ir.Coalesce():
            return _same(e, units, "a choice", report)
        case ir.Conditional():
            # The children are condition, value, condition, value, …, the last value.
            pairs = 2 * len(e.branches)
            return _same(e, [*units[1:pairs:2], *units[pairs:]], "a choice", report)
        case ir.Negate() | ir.Cast():
            return units[0]
        case ir.Call() if e.function in _KEEPS:
            return units[0]
    return None


def _same(e: ir.Expr, units: list[str | None], what: str, report: Report) -> str | None:
    known = [u for u in units if u is not None]
    if len(set(known)) > 1:
        report(
            catalog.UNIT_MISMATCH.at(
                e.span, f"{what} combines values in {known[0]} and in {known[1]}"
            ).help("bring both to one unit first")
        )
    return known[0] if known else None
