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
_UNTIL = ".until"


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
        if isinstance(node, exp.Union) and not node.args.get("distinct"):
            return self._union(node, steps, outer)
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

    def _union(
        self, node: exp.Union, steps: Mapping[str, Columns], outer: _Scope | None
    ) -> tuple[exp.Query, Columns]:
        """``UNION ALL``: its columns are those of the first query."""
        left, columns = self.query(node.this, steps, outer)
        right, _ = self.query(node.expression, steps, outer)
        return exp.Union(this=left, expression=right, distinct=False), columns

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
            alias = join.this.alias_or_name
            return _newest(join.side, right, alias, condition, self._seen(on, alias, values))
        if join.method:
            raise Lacking(f"a join of the method {join.method}")
        return exp.Join(this=right, side=join.side, kind=join.kind, on=condition)

    def _seen(self, on: exp.Expr, right: str, values: Values) -> _Seen:
        """What an as-of join compares: keys of the right side, and its time by ``>=``."""
        keys, times = list[exp.Expr](), list[tuple[exp.Expr, exp.Expr]]()
        for c in _conjuncts(on):
            of_right = all(column.table == right for column in c.expression.find_all(exp.Column))
            if isinstance(c, exp.EQ) and of_right:
                keys.append(values.sql(c.expression))
            elif isinstance(c, exp.GTE) and of_right:
                times.append((values.sql(c.this), values.sql(c.expression)))
            else:
                raise Lacking("an as-of join with other conditions")
        ((left, time),) = times
        return _Seen(keys, time, left)


@dataclass(frozen=True, slots=True)
class _Seen:
    """``keys`` and ``time`` of the right side, and the ``left`` side's time."""

    keys: list[exp.Expr]
    time: exp.Expr
    left: exp.Expr


def _no_query(query: exp.Query) -> tuple[exp.Query, Type]:
    raise Lacking("a query within VALUES")


def _conjuncts(node: exp.Expr) -> list[exp.Expr]:
    return list(node.flatten()) if isinstance(node, exp.And) else [node]


def _newest(side: str, right: exp.Expr, alias: str, condition: exp.Expr, seen: _Seen) -> exp.Join:
    """A join with the newest right row that is seen at the left row's time.

    Each right row holds until the next of its key is seen, so keys are joined by hash; Postgres
    would go through all rows for each where it had to look for the newest.
    """
    window = exp.Window(
        this=build.func("lead", seen.time.copy()),
        partition_by=seen.keys,
        order=exp.Order(expressions=[exp.Ordered(this=seen.time)]),
    )
    until = build.aliased(window, _UNTIL)
    rows = _named(exp.Select(expressions=[exp.Star(), until]).from_(right), alias)
    end = build.col(_UNTIL, alias)
    holds = exp.Or(
        this=build.is_null(end),
        expression=exp.LT(this=build.paren(seen.left), expression=end.copy()),
    )
    on = build.all_of([condition, exp.Paren(this=holds)])
    return exp.Join(this=rows, side=side, on=on)


def _named(query: exp.Query, alias: str) -> exp.Subquery:
    return exp.Subquery(this=query, alias=exp.TableAlias(this=build.ident(alias)))


def _read(query: exp.Select, table: StoredTable) -> list[str]:
    """Columns of a table that a SELECT names; all of them for a star."""
    if any(isinstance(e, exp.Star) for e in query.expressions):
        return list(table.columns)
    named = {c.name for c in query.find_all(exp.Column)}
    return [name for name in table.columns if name in named]
