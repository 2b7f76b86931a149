"""``sum(x by y)``: aggregates of the rows of each value, then a map of them for each key."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from featdsl.aggregates.entries import no_longer_than
from featdsl.ir import expr as ir
from featdsl.ir.plan import Pass
from featdsl.sql import build
from featdsl.sql.build import aliased

# Names that no column of a step has.
_VALUE = ".by"
_ROWS = ".rows"
_PARTS = ".parts"


def parted(
    query: exp.Select,
    value: exp.Expr,
    operation: Pass,
    conditions: Mapping[ir.Expr | None, exp.Expr | None],
) -> exp.Select:
    """A pass that is grouped by a value besides, with the number of rows that each part has."""
    query = query.select(aliased(value, _VALUE), copy=False)
    for i, condition in enumerate(conditions.values()):
        if condition is not None:
            counted = exp.Count(this=build.case(condition, build.number(1)))
            query = query.select(aliased(counted, f"{_ROWS} {i}"), copy=False)
    query = query.where(build.is_null(value.copy(), negated=True), copy=False)
    return query.group_by(value.copy(), copy=False)


def as_maps(query: exp.Select, operation: Pass) -> exp.Select:
    """A map for each key of a pass that is parted; the pass itself where it is not.

    A part of which no row meets an aggregate's condition has no entry in its map.
    """
    if operation.by is None:
        return query
    conditions = list(dict.fromkeys(a.where for _, a in operation.aggregates))
    columns: list[exp.Expr] = [build.col(k) for k in operation.keys]
    for name, aggregate in operation.aggregates:
        where = None
        if aggregate.where is not None:
            rows = build.col(f"{_ROWS} {conditions.index(aggregate.where)}")
            where = exp.GT(this=rows, expression=build.number(0))
        columns.append(aliased(_map(name, aggregate, where), name))
    parts = exp.Subquery(this=query, alias=exp.TableAlias(this=build.ident(_PARTS)))
    outer = exp.select(*columns).from_(parts, copy=False)
    return outer.group_by(*(build.col(k) for k in operation.keys), copy=False)


def _map(name: str, aggregate: ir.Aggregate, where: exp.Expr | None) -> exp.Expr:
    value: exp.Expr = build.col(name)
    if aggregate.default is not None:
        held = aggregate.dtype.items[1]
        value = build.coalesce(build.cast(value, held), _constant(aggregate.default))
    entry = build.func("row", build.col(_VALUE), value)
    in_order = exp.Order(this=entry, expressions=[exp.Ordered(this=build.col(_VALUE))])
    entries = _filtered(build.func("list", in_order), where)
    size = _filtered(exp.Count(this=exp.Star()), where)
    return no_longer_than(build.func("map_from_entries", entries), size, "by")


def _filtered(aggregate: exp.Expr, where: exp.Expr | None) -> exp.Expr:
    if where is None:
        return aggregate
    return exp.Filter(this=aggregate, expression=exp.Where(this=where.copy()))


def _constant(e: ir.Expr) -> exp.Expr:
    """A default: a literal or a parameter, cast where its type is another."""
    if isinstance(e, ir.Cast):
        return build.cast(_constant(e.operand), e.dtype)
    assert isinstance(e, ir.Literal | ir.Param), "a default is constant"
    return build.literal(e.value, e.dtype)
