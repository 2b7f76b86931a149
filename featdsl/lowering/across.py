"""Values of other keys, times and peers: keys looked up, peers listed and ranked."""

from __future__ import annotations

from sqlglot import exp

from featdsl.ir.plan import AnyOf, Lookup, Peers, PercentRank
from featdsl.lowering.spine import seen_at
from featdsl.sql import build
from featdsl.sql.build import aliased

# Aliases, so that columns of the two sides cannot be mixed up.
_LEFT, _RIGHT = "l", "r"


def lookup(operation: Lookup) -> exp.Select:
    """The input's rows with values of the row that has their keys, or nulls."""
    found = (aliased(build.col(column, _RIGHT), name) for name, column in operation.values)
    query = exp.select(*(build.col(c, _LEFT) for c in operation.columns), *found)
    on = build.all_of(
        exp.EQ(this=build.col(a, _LEFT), expression=build.col(b, _RIGHT)) for a, b in operation.on
    )
    joined = exp.Join(
        this=build.table(operation.found, _RIGHT), side="LEFT", on=on or build.boolean(True)
    )
    return query.from_(build.table(operation.input, _LEFT), copy=False).join(joined, copy=False)


def peers(operation: Peers) -> exp.Select:
    """Keys that exist at each of the times of some points."""
    rows, times, of = "p", "t", operation.of
    at = build.col(operation.as_of, times)
    distinct = exp.select(aliased(build.col(operation.time), operation.as_of)).distinct(copy=False)
    asked = exp.Subquery(
        this=distinct.from_(build.table(operation.points), copy=False),
        alias=exp.TableAlias(this=build.ident(times)),
    )
    conditions: list[exp.Expr | None] = [
        build.is_null(build.col(column, rows), negated=True) for _, column in of.keys
    ]
    conditions += seen_at(of.start, of.end, rows, at)
    keys = [aliased(build.col(column, rows), key) for key, column in of.keys]
    query = (
        exp.select(*keys, at.copy())
        .distinct(copy=False)
        .from_(build.table(of.step, rows), copy=False)
    )
    joined = exp.Join(this=asked, on=build.all_of(conditions) or build.boolean(True))
    return query.join(joined, copy=False)


def any_of(operation: AnyOf) -> exp.Select:
    """The rows of all inputs, distinct or each."""
    # A step of which only rows count still needs one column.
    columns: list[exp.Expr] = [build.col(c) for c in operation.columns]
    columns = columns or [build.aliased(build.number(1), "one")]
    first, *rest = (
        exp.select(*(c.copy() for c in columns)).from_(build.table(name), copy=False)
        for name in operation.inputs
    )
    whole: exp.Query = first
    for query in rest:
        whole = exp.Union(this=whole, expression=query, distinct=False)
    found = exp.Subquery(this=whole, alias=exp.TableAlias(this=build.ident("found")))
    names = operation.columns or ("one",)
    query = exp.select(*(build.col(c) for c in names)).from_(found, copy=False)
    return query if operation.every else query.distinct(copy=False)


def percent_rank(operation: PercentRank) -> exp.Select:
    """Each row's share of the others of its part that have a smaller value."""
    counts = [
        build.is_null(build.col(c), negated=True) for c in (operation.value, *operation.known)
    ]
    if operation.where is not None:
        counts.append(build.coalesce(build.col(operation.where), build.boolean(False)))
    counted = build.all_of(counts)
    assert counted is not None
    rank = exp.Window(
        this=exp.PercentRank(),
        partition_by=[*(build.col(c) for c in operation.within), counted],
        order=exp.Order(
            expressions=[exp.Ordered(this=build.col(operation.value), nulls_first=False)]
        ),
    )
    query = exp.select(*(build.col(c) for c in operation.columns))
    value = build.case(counted.copy(), rank)
    query = query.select(aliased(value, operation.name), copy=False)
    return query.from_(build.table(operation.input), copy=False)
