"""Conditions and numbers over aggregates of a whole set of rows, in expectations."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from featdsl.aggregates.registry import aggregates
from featdsl.diagnostics import catalog
from featdsl.ir import expr as ir
from featdsl.semantics import references
from featdsl.semantics.conditions import condition
from featdsl.semantics.environment import Aggregates, Env, Names, Place, error
from featdsl.semantics.later import LATER_AGGREGATES
from featdsl.semantics.relation import RelationInfo
from featdsl.syntax import nodes
from featdsl.text.span import Span


@cache
def aggregate_names() -> frozenset[str]:
    """What is called over many rows."""
    return frozenset({*aggregates(), *LATER_AGGREGATES})


def has_aggregate(node: nodes.Expr) -> bool:
    """Whether an aggregate is called somewhere below."""
    return any(
        isinstance(at, nodes.Call) and at.func.text in aggregate_names()
        for at in references.walk(node)
    )


@dataclass(frozen=True, slots=True)
class _OfTheSet:
    """Names beside aggregates of all rows: none is one value."""

    rows: Names

    def resolve(self, name: nodes.Name, env: Env) -> ir.Expr:
        value = self.rows.resolve(name, env)
        if isinstance(value, ir.Column | ir.FeatureRef):
            env.report(
                catalog.EXPECTATION.at(
                    name.span,
                    f"`{name.text}` has a value in each row, and stands beside an aggregate of all "
                    "rows",
                ).help("put it into an aggregate, or write an `expect` for each condition")
            )
            return error(name.span)
        return value


def set_condition(node: nodes.Expr, env: Env) -> ir.Expr | None:
    """A condition over aggregates of all rows; None where it was reported."""
    if not _allowed(node, env):
        return None
    value = condition(node, _over_rows(node.span, env), "`expect`")
    return None if value.dtype.is_error else value


def set_number(node: nodes.Expr, env: Env) -> ir.Expr | None:
    """A number of all rows; None where it was reported."""
    if not _allowed(node, env):
        return None
    value = _over_rows(node.span, env).resolve(node)
    if value.dtype.is_error:
        return None
    if not value.dtype.is_numeric:
        env.report(
            catalog.ARGUMENT_TYPE.at(
                node.span, f"`changes` compares numbers, and this is {value.dtype}"
            )
        )
        return None
    return value


def _over_rows(span: Span, env: Env) -> Env:
    # Windows and orders are refused before: the rows need no more than their names.
    rows = RelationInfo(name="the set", what="set", span=span, columns={})
    at = Aggregates(
        relation=rows,
        rows=env.moved(place=Place.ROWS, aggregates=None),
        where=None,
        window=None,
    )
    return env.moved(place=Place.OUTPUT, names=_OfTheSet(env.names), aggregates=at)


def _allowed(node: nodes.Expr, env: Env) -> bool:
    """Whether all calls can be computed over a set of rows; reports the first that cannot."""
    for at in references.walk(node):
        if not isinstance(at, nodes.Call) or at.func.text not in aggregate_names():
            continue
        wrong = _clause(at) or _order(at)
        if wrong is not None:
            span, said, remedy = wrong
            env.report(catalog.EXPECTATION.at(span, said).help(remedy))
            return False
    return True


def _clause(call: nodes.Call) -> tuple[Span, str, str] | None:
    clauses: tuple[tuple[str, nodes.Node | None], ...] = (
        ("over", call.over),
        ("by", call.by),
        ("per", call.per[0] if call.per else None),
        ("among", call.among),
    )
    for word, clause in clauses:
        if clause is not None:
            said = f"`{word}` has no place here: an expectation is about all rows of its set"
            remedy = "make it a feature, and write what must hold of that"
            if word == "over":
                remedy = "choose rows with `where`, or make it a feature and check that"
            return clause.span, said, remedy
    return None


def _order(call: nodes.Call) -> tuple[Span, str, str] | None:
    spec = aggregates().get(call.func.text)
    if spec is None or not (spec.ordered or spec.timed):
        return None
    return (
        call.span,
        f"`{spec.name}` needs rows in time, and a set of rows has no order",
        "make it a feature, and write what must hold of that",
    )
