"""The meaning of features as canonical JSON: what can change a value, transitively."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import assert_never

from featdsl.aggregates.order import is_ordered
from featdsl.compiler.canon import (
    Canon,
    counts_days,
    digest,
    dumped,
    ends_canon,
    scalar_canon,
    written_location,
)
from featdsl.compiler.scope import Defined, Joined, Meaning, Names, Right, Scope, Stored, United
from featdsl.ir import expr as ir
from featdsl.ir.program import (
    Availability,
    Entity,
    Feature,
    Group,
    Join,
    Location,
    Program,
    Source,
    View,
)
from featdsl.ir.refs import row_aggregates
from featdsl.ir.relations import roles_of
from featdsl.ir.visit import keys_written
from featdsl.sql.spelled import spelled
from featdsl.types.dtype import Kind
from featdsl.types.step import CALENDAR, calendar_unit


class Meanings:
    """Digests of features, and of the `let`s, joins and sources that they share.

    Each is hashed once and named by its digest, so that definitions that double at each step
    cost no more than their number.
    """

    def __init__(self, program: Program) -> None:
        self.digests: dict[str, str] = {}
        self._program = program
        self._lets: dict[tuple[str, str], str] = {}
        self._joins: dict[tuple[str, str], str] = {}
        self._sources: dict[tuple[str, bool], str] = {}

    def add(self, feature: Feature, group: Group) -> None:
        found = list(row_aggregates(feature.expr))
        scope = Scope(program=self._program, relation=group.relation or "")
        ordered = any(map(is_ordered, found))
        canon: dict[str, Canon] = {
            "type": str(feature.dtype),
            "value": self.expression(feature.expr, scope),
            "entity": self.entity(self._program.entities[group.entity]),
        }
        if group.name in self._program.labels:
            canon["label"] = True  # it reads rows as they are known in the end
        if found:
            assert group.role is not None, "aggregates read rows"
            canon["rows"] = self.rows(scope, ordered=ordered)
            canon["key"] = [self.name(c, None, scope) for c in group.role.columns]
        self.digests[feature.name] = digest(canon)

    def entity(self, entity: Entity) -> Canon:
        types = [str(key.dtype) for key in entity.keys]
        if entity.population is None:
            return {"keys": types}
        scope = Scope(program=self._program, relation=entity.population)
        roles = roles_of(self._program, entity.population)
        listed = [r.columns for r in roles if r.entity == entity.name]
        keys = [[self.name(c, None, scope) for c in columns] for columns in listed]
        return {
            "keys": types,
            "population": self.rows(scope, ordered=False),
            "columns": keys[0] if len(keys) == 1 else sorted(keys, key=dumped),
        }

    def rows(self, scope: Scope, *, ordered: bool) -> Canon:
        """Which rows a relation has: where they are from, what passes, what multiplies them."""
        conditions: set[str] = set()
        joins: list[str] = []
        relation = self._program.relation(scope.relation)
        while isinstance(relation, View):
            conditions.update(self._conjuncts(relation.where, scope))
            joins += [self._join(j, scope) for j in relation.joins if j.many]
            lefts = scope.lefts(relation)
            if len(lefts) > 1:
                found: Canon = [self.rows(left, ordered=ordered) for left in lefts]
                break
            (scope,) = lefts
            relation = self._program.relation(scope.relation)
        else:
            found = self.source(relation, ordered=ordered)
        canon = {"union" if isinstance(found, list) else "source": found}
        canon["where"] = sorted(conditions)
        return canon | ({"many": joins} if joins else {})

    def source(self, source: Source, *, ordered: bool) -> str:
        """What of a source decides which rows exist, and with `ordered` in which order."""
        if (source.name, ordered) not in self._sources:
            self._sources[source.name, ordered] = digest(self._source_canon(source, ordered))
        return self._sources[source.name, ordered]

    def _source_canon(self, source: Source, ordered: bool) -> Canon:
        scope = Scope(program=self._program, relation=source.name)

        def columns(*names: str) -> Canon:
            return [self.name(name, None, scope) for name in names]

        canon: dict[str, Canon] = {
            "from": self._location(source.location),
            "drops": sorted({dumped(self.expression(d.condition, scope)) for d in source.drops}),
            "available": self._available(source.available, scope),
        }
        if source.time is not None:
            canon["time"] = columns(source.time)
        if source.keep is not None:
            # `per` is a set, `by` an order.
            canon["keep"] = [sorted(map(dumped, columns(*source.keep.per)))]
            canon["keep"] += columns(*source.keep.by)
            if source.keep.first:
                canon["first"] = True
            if source.keep.removed_when is not None:
                parts = self._conjuncts(source.keep.removed_when, scope)
                canon["removed"] = sorted(set(parts))
        if source.snapshot is not None:
            canon["snapshot"] = columns(source.snapshot.column)
        if source.valid is not None:
            canon["valid"] = columns(source.valid.start, source.valid.end)
        if ordered:
            canon["ties"] = columns(*source.tie_break)
        return canon

    def _location(self, location: Location) -> Canon:
        """Where data lie, with the defaults of parameters and not their values."""
        options = {k: scalar_canon(v) for k, v in location.options.items()}
        options.update(location.written_options)
        params = (p for p in self._program.params.values() if p.name in location.params)
        defaults = {p.short: None if p.secret else p.meaning for p in params}
        code = () if location.code is None else (location.code,)
        return [location.kind, written_location(location), options, defaults, *code]

    def _available(self, available: Availability | None, scope: Scope) -> Canon:
        if available is None:
            return None
        if available.column is not None:
            return self.name(available.column, None, scope)
        return scalar_canon(available.after)

    def _conjuncts(self, condition: ir.Expr | None, scope: Scope) -> Iterator[str]:
        """The parts of an `and`, as texts: neither order nor repetition means anything."""
        if condition is None:
            return
        if isinstance(condition, ir.Logical) and condition.op is ir.LogicalOp.AND:
            yield from self._conjuncts(condition.left, scope)
            yield from self._conjuncts(condition.right, scope)
            return
        yield dumped(self.expression(condition, scope))

    def expression(self, node: ir.Expr, scope: Scope) -> Canon:
        """The meaning of an expression: names are replaced by what they stand for."""
        match node:
            case ir.Literal(of=of, dtype=dtype) if of is not None:
                return ["of", str(dtype), self.expression(of, scope)]
            case ir.Literal(value=value, dtype=dtype):
                return ["literal", str(dtype), scalar_canon(value)]
            case ir.ListOf(items=items):
                return ["list", *(self.expression(i, scope) for i in items)]
            case ir.Param(name=name, dtype=dtype):
                return ["param", name.rpartition(".")[2], str(dtype), self._default(node)]
            case ir.Column(name=name, qualifier=qualifier):
                return self.name(name, qualifier, scope)
            case ir.InputRef(column=column, dtype=dtype):
                return ["input", column, str(dtype)]
            case ir.FeatureRef(feature=feature):
                return ["feature", self.digests[feature]]
            case ir.Via(feature=feature, keys=keys):
                return ["via", self.digests[feature], *(self.expression(k, scope) for k in keys)]
            case ir.Ago(feature=feature, length=length):
                return ["ago", self.digests[feature], scalar_canon(length)]
            case ir.Among():
                return self._among(node, scope)
            case ir.AsOf():
                return ["as_of"]
            case ir.Until():
                return ["until"]
            case ir.Aggregate():
                return self._aggregate(node, scope)
            case ir.Cast(operand=operand, safe=safe, dtype=dtype):
                zone = None if dtype == operand.dtype else self._timezone((operand,))
                return ["cast", safe, str(dtype), zone, self.expression(operand, scope)]
            case ir.Call(function=function, args=args):
                meant = [self.expression(a, scope) for a in args]
                return ["call", function, self._timezone(args), *meant]
            case ir.SqlCall(written=written, args=args, names=names, dtype=dtype):
                text, holes = spelled(written)
                given = dict(zip(names, args, strict=True))
                return ["sql", text, str(dtype), *(self.expression(given[h], scope) for h in holes)]
            case ir.NextIn(source=source, column=column, where=where):
                return self._next_in(self._program.sources[source], column, where, scope)
            case ir.Previous(operand=operand, n=n, given=given):
                count = n if given is None else self.expression(given, scope)
                return ["previous", count, self.expression(operand, scope)]
            case ir.Session(time=time, gap=gap, given=given):
                length = scalar_canon(gap) if given is None else self.expression(given, scope)
                return ["session", length, self.expression(time, scope)]
            case ir.GroupKey():
                raise AssertionError("keys are written out")
            case ir.Conditional(branches=branches, otherwise=otherwise):
                pairs = [[self.expression(e, scope) for e in branch] for branch in branches]
                return ["if", pairs, self._optional(otherwise, scope)]
            case _:
                return self._operator(node, scope)

    def _next_in(
        self,
        source: Source,
        column: str,
        where: tuple[tuple[str, ir.Expr], ...],
        scope: Scope,
    ) -> Canon:
        dtype = source.columns[column].dtype
        asked = [
            dumped([c, str(source.columns[c].dtype), self.expression(v, scope)]) for c, v in where
        ]
        zone = self._program.timezone if dtype.kind is Kind.DATE else None
        rows = self.source(source, ordered=False)
        return ["next_in", rows, column, str(dtype), zone, sorted(set(asked))]

    def _operator(
        self,
        node: ir.Arithmetic
        | ir.Negate
        | ir.Compare
        | ir.Logical
        | ir.Not
        | ir.IsNull
        | ir.InList
        | ir.Between
        | ir.Like
        | ir.Coalesce,
        scope: Scope,
    ) -> Canon:
        def of(*operands: ir.Expr) -> list[Canon]:
            return [self.expression(o, scope) for o in operands]

        match node:
            case ir.Arithmetic(op=op, left=left, right=right):
                return [op.value, *of(left, right)]
            case ir.Compare(op=op, left=left, right=right):
                return [op.value, *of(left, right)]
            case ir.Logical(op=op, left=left, right=right):
                return [op.value, *of(left, right)]
            case ir.Negate(operand=operand):
                return ["negate", *of(operand)]
            case ir.Not(operand=operand):
                return ["not", *of(operand)]
            case ir.IsNull(operand=operand, negated=negated):
                return ["is_null", negated, *of(operand)]
            case ir.InList(operand=operand, items=items, negated=negated):
                return ["in", negated, *of(operand), sorted(map(dumped, of(*items)))]
            case ir.Between(operand=operand, low=low, high=high, negated=negated):
                return ["between", negated, *of(operand, low, high)]
            case ir.Like(operand=operand, pattern=pattern, negated=negated):
                return ["like", negated, *of(operand, pattern)]
            case ir.Coalesce(operands=operands):
                return ["coalesce", *of(*operands)]
            case _:
                assert_never(node)

    def _optional(self, node: ir.Expr | None, scope: Scope) -> Canon:
        return None if node is None else self.expression(node, scope)

    def _aggregate(self, node: ir.Aggregate, scope: Scope) -> Canon:
        node = keys_written(node)
        canon: dict[str, Canon] = {
            "aggregate": node.aggregate,
            "args": [self.expression(a, scope) for a in node.args],
            "where": sorted(set(self._conjuncts(node.where, scope))),
            "window": self._window(node.window),
            "default": self._optional(node.default, scope),
        }
        if node.after is not None:
            canon["after"] = sorted(set(self._conjuncts(node.after, scope)))
        if node.groups is not None:
            # The order of keys means nothing.
            keys = {dumped(self.expression(k, scope)) for k in node.groups.keys}
            groups = sorted(set(self._conjuncts(node.groups.where, scope)))
            canon["per"] = [sorted(keys), groups]
        if node.by is not None:
            canon["by"] = self.expression(node.by, scope)
        if counts_days(node):
            canon["zone"] = self._program.timezone
        return canon

    def _window(self, window: ir.AnyWindow | None) -> Canon:
        if window is None:
            return None
        if isinstance(window, ir.NextWindow):
            return ["next", scalar_canon(window.length)]
        canon = ends_canon(window)
        if window.parameter is not None:
            param = window.parameter
            canon[0] = ["param", param.name.rpartition(".")[2], self._default(param)]
        if window.last is not None:
            canon.append(["last", window.last])
        if window.since is not None or window.aligned is not None:
            step = window.aligned
            zoned = step is not None and calendar_unit(step) is not None
            zone = self._program.timezone if zoned or window.since in CALENDAR else None
            canon.append(["step", window.since, scalar_canon(step), zone])
        return canon

    def _among(self, node: ir.Among, scope: Scope) -> Canon:
        return {
            "among": self._optional(node.key, scope),
            "aggregate": node.aggregate,
            "args": [self.expression(a, scope) for a in node.args],
            "where": sorted(set(self._conjuncts(node.where, scope))),
            "default": self._optional(node.default, scope),
        }

    def _default(self, param: ir.Param) -> str | None:
        """A parameter's default, as text; a secret's is not even hashed."""
        declared = self._program.params.get(param.name)
        return None if declared is not None and declared.secret else param.default

    def _timezone(self, operands: Sequence[ir.Expr]) -> str | None:
        """The project's zone where days and hours may enter: in what is made of times."""
        temporal = any(o.dtype.is_temporal for o in operands)
        return self._program.timezone if temporal else None

    def name(self, name: str, qualifier: str | None, scope: Scope) -> Canon:
        return self._meaning(scope.find(name, qualifier))

    def _meaning(self, meaning: Meaning) -> Canon:
        match meaning:
            case Stored(source=source, column=column):
                return ["column", column, self._type(source, column)]
            case Right(meaning=of_right):
                return ["right", *self._stored(of_right)]
            case Joined(join=join, column=column) as joined:
                of_right = joined.right.find(column)
                return ["joined", self._join(join, joined.scope), *self._stored(of_right)]
            case Defined() as defined:
                return ["let", self._let(defined)]
            case United(meanings=meanings):
                return ["union", [self._meaning(m) for m in meanings]]
            case Names(names=names):
                return ["names", names]

    def _stored(self, meaning: Meaning) -> list[Canon]:
        """A column of a right side: of a source by its name and type."""
        canon = self._meaning(meaning)
        return list(canon[1:]) if canon[0] == "column" else [canon]

    def _type(self, source: str, column: str) -> str:
        return str(self._program.sources[source].columns[column].dtype)

    def _let(self, defined: Defined) -> str:
        if (defined.view, defined.let.name) not in self._lets:
            # From the top, so that a long chain of definitions is no deep recursion.
            for i, let in enumerate(self._program.views[defined.view].lets):
                if (defined.view, let.name) not in self._lets:
                    above = replace(defined.scope, lets=i)
                    canon = [str(let.dtype), self.expression(let.value, above)]
                    self._lets[defined.view, let.name] = digest(canon)
        return self._lets[defined.view, defined.let.name]

    def _join(self, join: Join, scope: Scope) -> str:
        """Which right row a row sees; ``scope`` is over the rows before."""
        scope = replace(scope, lets=0, joining=None)
        if (scope.relation, join.alias) not in self._joins:
            right = scope.right(join)
            pairs = [
                [self.expression(left, scope), *self._stored(right.find(name))]
                for left, name in join.on
            ]
            source = self._program.sources.get(join.source)
            canon = {
                "source": self.rows(right, ordered=True)
                if source is None
                else self.source(source, ordered=True),
                "on": sorted(map(dumped, pairs)),
                "residual": self._residual(join, scope),
            }
            if join.many:
                canon["many"] = True
            self._joins[scope.relation, join.alias] = digest(canon)
        return self._joins[scope.relation, join.alias]

    def _residual(self, join: Join, scope: Scope) -> Canon:
        return sorted(set(self._conjuncts(join.residual, replace(scope, joining=join))))
