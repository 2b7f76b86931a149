"""Queries of the common vocabulary in Postgres: steps, joins, the best row of several."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from sqlglot import exp

from featdsl.dialects.pg.scan import scan
from featdsl.dialects.pg.typed import Type, Value, collated, type_of
from featdsl.dialects.pg.value import Values
from featdsl.dialects.spec import Lacking, StoredTable
from featdsl.sql import build

Columns: TypeAlias = dict[str, Type]

_ROWS = ("with_", "from_", "joins", "where", "group", "qualify")
_CLAUSES = frozenset({*_ROWS, "expressions", "distinct", "order", "limit"})
_POSITION = ".position"


@dataclass(slots=True)
class _Scope:
    """Columns of what a SELECT reads, by the name it has there; the outer ones behind."""

    relations: dict[str, Columns] = field(default_factory=dict)
    outer: _Scope | None = None

    def resolve(self, column: exp.Column) -> Value:
        found = self._type(column.name, column.table)
        return Value(column.copy(), found, by_code_point=True)

    def _type(self, name: str, table: str) -> Type:
        held = [self.relations[table]] if table in self.relations else []
        for columns in held if table else self.relations.values():
            if name in columns:
                return columns[name]
        if self.outer is not None:
            return self.outer._type(name, table)
        raise AssertionError(f"no column {name!r} of {table!r} is in scope")


@dataclass(frozen=True, slots=True)
class Queries:
    """Rewrites queries; ``tables`` hold the rows of sources, by their name in the tree."""

    tables: Mapping[str, StoredTable]

    def query(
        self, node: exp.Query, steps: Mapping[str, Columns], outer: _Scope | None = None
    ) -> tuple[exp.Query, Columns]:
        """The query, and its columns with their types.

        Raises:
            Lacking: a part of it has no equal.
        """
        if not isinstance(node, exp.Select):
            raise Lacking(f"`{type(node).__name__}`")
        unknown = {k for k, v in node.args.items() if v} - _CLAUSES
        if unknown:
            raise Lacking(f"the clause {', '.join(sorted(unknown))}")
        steps = dict(steps)
        with_ = node.args.get("with_")
        ctes = [] if with_ is None else [self._step(c, steps, outer) for c in with_.expressions]
        query, columns = self._select(node, steps, outer)
        if ctes:
            query.set("with_", exp.With(expressions=ctes))
        return query, columns

    def _step(self, cte: exp.CTE, steps: dict[str, Columns], outer: _Scope | None) -> exp.CTE:
        query, columns = self.query(cte.this, steps, outer)
        steps[cte.alias] = columns
        found = exp.CTE(
            this=query,
            alias=exp.TableAlias(this=build.ident(cte.alias)),
            materialized=cte.args.get("materialized"),
        )
        # Comments nest in Postgres: what looks like the start of one would need an end.
        found.add_comments([c.replace("/*", "/ *") for c in cte.comments or []])
        return found

    def _select(
        self, node: exp.Select, steps: Mapping[str, Columns], outer: _Scope | None
    ) -> tuple[exp.Select, Columns]:
        scope = _Scope(outer=outer)
        values = Values(scope.resolve, lambda q: self._scalar(q, steps, scope))
        query = exp.Select()
        if node.args.get("from_") is not None:
            query.set(
                "from_", exp.From(this=self._relation(node.args["from_"].this, node, steps, scope))
            )
        joins = [self._join(j, node, steps, scope, values) for j in node.args.get("joins") or []]
        if joins:
            query.set("joins", joins)
        columns: Columns = {}
        for item in node.expressions:
            query.append("expressions", self._item(item, scope, values, columns))
        self._clauses(node, query, values)
        return self._qualified(node, query, values), columns

    def _scalar(
        self, node: exp.Query, steps: Mapping[str, Columns], scope: _Scope
    ) -> tuple[exp.Query, Type]:
        query, columns = self.query(node, steps, scope)
        return query, next(iter(columns.values()))

    def _item(self, item: exp.Expr, scope: _Scope, values: Values, columns: Columns) -> exp.Expr:
        """A column of the output; texts leave with their order."""
        if isinstance(item, exp.Star):
            for held in scope.relations.values():
                columns.update(held)
            return item.copy()
        value = values.value(item.this if isinstance(item, exp.Alias) else item)
        columns[item.alias_or_name] = value.type
        sql = value.sql
        if value.type is Type.TEXT and not value.by_code_point:
            sql = collated(sql)
        if not isinstance(item, exp.Alias):
            return sql
        return exp.Alias(this=sql, alias=build.ident(item.alias))

    def _clauses(self, node: exp.Select, query: exp.Select, values: Values) -> None:
        where, group, order = (node.args.get(k) for k in ("where", "group", "order"))
        if where is not None:
            query.set("where", exp.Where(this=values.sql(where.this)))
        if group is not None:
            query.set("group", exp.Group(expressions=[values.sql(e) for e in group.expressions]))
        if order is not None:
            query.set("order", values.order(order))
        for clause in ("distinct", "limit"):
            given = node.args.get(clause)
            if given is not None:
                if given.args.get("on") is not None:
                    raise Lacking("DISTINCT ON")
                query.set(clause, given.copy())

    def _qualified(self, node: exp.Select, query: exp.Select, values: Values) -> exp.Select:
        """``QUALIFY row_number() OVER (…) = 1``: a condition on a query that numbers its rows."""
        qualify = node.args.get("qualify")
        if qualify is None:
            return query
        condition = qualify.this
        if not (isinstance(condition, exp.EQ) and isinstance(condition.this, exp.Window)):
            raise Lacking("QUALIFY")
        outer = exp.Select(
            expressions=[build.col(e.alias_or_name) for e in query.expressions]
        ).from_(exp.Subquery(this=query, alias=exp.TableAlias(this=build.ident("numbered"))))
        numbered = exp.Alias(this=values.sql(condition.this), alias=build.ident(_POSITION))
        query.append("expressions", numbered)
        return outer.where(
            exp.EQ(this=build.col(_POSITION), expression=condition.expression.copy()), copy=False
        )

    def _relation(
        self, node: exp.Expr, within: exp.Select, steps: Mapping[str, Columns], scope: _Scope
    ) -> exp.Expr:
        """What stands in FROM: a step, a source's table, a query."""
        alias = node.alias_or_name
        if isinstance(node, exp.Subquery):
            query, scope.relations[alias] = self.query(node.this, steps)
            return _named(query, alias)
        if isinstance(node, exp.Values):
            return self._listed(node, scope)
        if not isinstance(node, exp.Table) or not isinstance(node.this, exp.Identifier):
            raise Lacking(f"`{type(node).__name__}` in FROM")
        if node.name in steps:
            scope.relations[alias] = steps[node.name]
            return node.copy()
        stored = self.tables[node.name]
        alias = node.alias or stored.name
        scope.relations[alias] = {n: type_of(t) for n, t in stored.columns.items()}
        return _named(scan(stored, _read(within, stored)), alias)

    def _listed(self, node: exp.Values, scope: _Scope) -> exp.Expr:
        """``(VALUES …) AS name(columns)``."""
        values = Values(scope.resolve, _no_query)
        rows = [[values.value(v) for v in t.expressions] for t in node.expressions]
        names = [c.name for c in node.args["alias"].columns]
        scope.relations[node.alias] = dict(zip(names, (v.type for v in rows[0]), strict=True))
        return exp.Values(
            expressions=[exp.Tuple(expressions=[v.sql for v in row]) for row in rows],
            alias=node.args["alias"].copy(),
        )

    def _join(
        self,
        join: exp.Join,
        within: exp.Select,
        steps: Mapping[str, Columns],
        scope: _Scope,
        values: Values,
    ) -> exp.Join:
        right = self._relation(join.this, within, steps, scope)
        on = join.args.get("on")
        if join.args.get("using"):
            raise Lacking("USING")
        condition = None if on is None else values.sql(on)
        if join.method == "ASOF":
            assert on is not None and condition is not None
            newest = _newest(right, condition, self._time(on, join.this.alias_or_name, values))
            lateral = exp.Lateral(
                this=newest, alias=exp.TableAlias(this=build.ident(join.this.alias_or_name))
            )
            return exp.Join(this=lateral, side=join.side, on=build.boolean(True))
        if join.method:
            raise Lacking(f"a join of the method {join.method}")
        return exp.Join(this=right, side=join.side, kind=join.kind, on=condition)

    def _time(self, on: exp.Expr, right: str, values: Values) -> exp.Expr:
        """The right row's time: what an as-of join compares by ``>=``."""
        bounds = [c for c in _conjuncts(on) if isinstance(c, exp.GTE)]
        of_right = [
            b for b in bounds if any(c.table == right for c in b.expression.find_all(exp.Column))
        ]
        if len(of_right) != 1:
            raise Lacking("an as-of join with other conditions")
        return values.sql(of_right[0].expression)


def _no_query(query: exp.Query) -> tuple[exp.Query, Type]:
    raise Lacking("a query within VALUES")


def _conjuncts(node: exp.Expr) -> list[exp.Expr]:
    return list(node.flatten()) if isinstance(node, exp.And) else [node]


def _newest(right: exp.Expr, condition: exp.Expr, time: exp.Expr) -> exp.Subquery:
    """The one row of the right side that fulfils the condition and has the largest time."""
    order = exp.Ordered(this=time, desc=True, nulls_first=False)
    query = exp.Select(expressions=[exp.Star()]).from_(right).where(condition, copy=False)
    return exp.Subquery(this=query.order_by(order, copy=False).limit(1, copy=False))


def _named(query: exp.Query, alias: str) -> exp.Subquery:
    return exp.Subquery(this=query, alias=exp.TableAlias(this=build.ident(alias)))


def _read(query: exp.Select, table: StoredTable) -> list[str]:
    """Columns of a table that a SELECT names; all of them for a star."""
    if any(isinstance(e, exp.Star) for e in query.expressions):
        return list(table.columns)
    named = {c.name for c in query.find_all(exp.Column)}
    return [name for name in table.columns if name in named]
