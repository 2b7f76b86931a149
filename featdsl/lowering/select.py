"""Building blocks of the SELECT of a step."""

from __future__ import annotations

from sqlglot import exp

from featdsl.ir.plan import Keys, Latest
from featdsl.sql import build
from featdsl.sql.build import aliased


def select(names: tuple[str, ...]) -> exp.Select:
    """Columns by name; a step of which only rows count still needs one column."""
    return exp.select(*(build.col(c) for c in names)) if names else exp.select(build.number(1))


def sorted_by(query: exp.Select, order: list[exp.Column]) -> exp.Select:
    """Sorted by columns; there are none where an entity has no keys."""
    return query.order_by(*order, copy=False) if order else query


def where(query: exp.Select, conditions: list[exp.Expr]) -> exp.Select:
    condition = build.all_of(conditions)
    return query if condition is None else query.where(condition, copy=False)


def latest_rows(latest: Latest) -> exp.Select:
    last = not latest.first
    order = [exp.Ordered(this=build.col(c), desc=last, nulls_first=last) for c in latest.by]
    position = exp.Window(
        this=exp.RowNumber(),
        partition_by=[build.col(c) for c in latest.per],
        order=exp.Order(expressions=order),
    )
    query = select(latest.columns).from_(build.table(latest.input), copy=False)
    query.set("qualify", exp.Qualify(this=exp.EQ(this=position, expression=build.number(1))))
    return query


def distinct_keys(keys: Keys) -> exp.Select:
    if keys.input is None:
        if not keys.keys:
            return select(())
        columns = [
            aliased(build.cast(build.null(), dtype), key)
            for (key, _), dtype in zip(keys.keys, keys.types, strict=True)
        ]
        return where(exp.select(*columns), [build.boolean(False)])
    query = exp.select(*(aliased(build.col(column), key) for key, column in keys.keys))
    query = query.distinct(copy=False).from_(build.table(keys.input), copy=False)
    return where(query, [build.is_null(build.col(column), negated=True) for _, column in keys.keys])
