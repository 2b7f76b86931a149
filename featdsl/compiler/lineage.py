"""Lineage: the columns, parameters and features that each feature rests on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Final, Literal, TypeAlias

from featdsl.aggregates.order import is_ordered
from featdsl.compiler.scope import Defined, Joined, Meaning, Names, Right, Scope, Stored, United
from featdsl.ir import expr as ir
from featdsl.ir.program import Feature, Group, Join, Program, Source
from featdsl.ir.refs import features_in_order, features_named, group_of, row_aggregates
from featdsl.ir.relations import roles_of
from featdsl.ir.visit import keys_written, replace_leaves, walk


class Role(IntEnum):
    """How a column takes part, weightiest first."""

    VALUE = 0  # it enters the value
    FILTER = 1  # it decides which rows count
    TIME = 2  # it places or orders rows
    KEY = 3  # it tells whose row it is

    @property
    def word(self) -> RoleWord:
        return _WORDS[self]


RoleWord: TypeAlias = Literal["value", "filter", "time", "key"]
_WORDS: Final[Mapping[Role, RoleWord]] = {
    Role.VALUE: "value",
    Role.FILTER: "filter",
    Role.TIME: "time",
    Role.KEY: "key",
}


@dataclass(frozen=True, slots=True, order=True)
class Reach:
    """A column of a source, and the views passed from the reader to it."""

    source: str
    column: str
    through: tuple[str, ...] = ()


Roles = dict[Reach, set[Role]]


@dataclass(frozen=True, slots=True)
class FeatureLineage:
    """What a feature rests on.

    ``direct`` is what its own expression reads; ``columns`` also what the features do that it
    is computed from. ``features`` are those that it names itself.
    """

    direct: Mapping[Reach, frozenset[Role]]
    columns: Mapping[Reach, frozenset[Role]]
    features: tuple[str, ...]
    params: frozenset[str]


def trace_lineage(program: Program) -> Mapping[str, FeatureLineage]:
    """The lineage of every feature and label, by full name."""
    tracer = _Tracer(program)
    found: dict[str, FeatureLineage] = {}
    for feature in features_in_order(program):
        found[feature.name] = tracer.feature(feature, group_of(program, feature.name), found)
    declared = (f.name for f in (*program.features(), *program.all_labels()))
    return {name: found[name] for name in declared}


def column_index(
    lineage: Mapping[str, FeatureLineage],
) -> Mapping[tuple[str, str], tuple[str, ...]]:
    """The features and labels that rest on each column, by (source, column)."""
    index: dict[tuple[str, str], dict[str, None]] = {}
    for feature, traced in lineage.items():
        for reach in traced.columns:
            index.setdefault((reach.source, reach.column), {})[feature] = None
    return {column: tuple(features) for column, features in index.items()}


@dataclass(slots=True)
class _Reads:
    """What an expression reads; ``values`` take the role of the expression's use."""

    values: set[Reach] = field(default_factory=set)
    fixed: Roles = field(default_factory=dict)
    params: set[str] = field(default_factory=set)
    features: set[str] = field(default_factory=set)

    def add(self, other: _Reads) -> None:
        self.values |= other.values
        self.params |= other.params
        self.features |= other.features
        for reach, roles in other.fixed.items():
            self.fixed.setdefault(reach, set()).update(roles)

    def use(self, other: _Reads, role: Role) -> None:
        """Take in what another reads, its values in a role."""
        self.add(_Reads(fixed=other.fixed, params=other.params, features=other.features))
        for reach in other.values:
            self.fixed.setdefault(reach, set()).add(role)

    def fix(self, reaches: Iterable[Reach], role: Role) -> None:
        for reach in reaches:
            self.fixed.setdefault(reach, set()).add(role)


class _Tracer:
    """Remembers what each `let`, join and relation reads: many features share them."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._defined: dict[tuple[str, str, tuple[str, ...]], _Reads] = {}
        self._joins: dict[tuple[str, str, tuple[str, ...]], _Reads] = {}
        self._rows: dict[str, _Reads] = {}

    def feature(
        self, feature: Feature, group: Group, known: Mapping[str, FeatureLineage]
    ) -> FeatureLineage:
        reads = self._own(feature, group)
        features = tuple(dict.fromkeys((*features_named(feature.expr), *sorted(reads.features))))
        direct = {reach: frozenset(roles) for reach, roles in sorted(reads.fixed.items())}
        columns = {reach: set(roles) for reach, roles in direct.items()}
        for name in features:
            for reach, roles in known[name].columns.items():
                columns.setdefault(reach, set()).update(roles)
            reads.params |= known[name].params
        return FeatureLineage(
            direct=direct,
            columns={reach: frozenset(roles) for reach, roles in sorted(columns.items())},
            features=features,
            params=frozenset(reads.params),
        )

    def _own(self, feature: Feature, group: Group) -> _Reads:
        reads = _Reads()
        reads.params |= {n.name for n in walk(feature.expr) if isinstance(n, ir.Param)}
        reads.add(self._population(group))
        for node in walk(feature.expr):
            if isinstance(node, ir.NextIn):
                source = self._program.sources[node.source]
                reads.add(self._source(source, ()))
                reads.fix([Reach(source.name, node.column, ())], Role.VALUE)
                reads.fix((Reach(source.name, c, ()) for c, _ in node.where), Role.FILTER)
        found = list(row_aggregates(feature.expr))
        if not found:
            return reads
        assert group.relation is not None and group.role is not None, "aggregates read rows"
        scope = Scope(program=self._program, relation=group.relation)
        for aggregate in found:
            self._aggregate(keys_written(aggregate), reads, scope)
            if is_ordered(aggregate):
                reads.add(_ties(scope))
        reads.add(self._relation(group.relation))
        for column in group.role.columns:
            reads.use(self._name(column, None, scope), Role.KEY)
        return reads

    def _aggregate(self, aggregate: ir.Aggregate, reads: _Reads, scope: Scope) -> None:
        """What an aggregate reads, and those over groups of rows inside it."""
        groups = aggregate.groups or ir.Groups(keys=())
        made = (*aggregate.args, *(() if aggregate.by is None else (aggregate.by,)))
        for each in (a for e in made for a in row_aggregates(e)):
            self._aggregate(each, reads, scope)
        asked = _Reads()
        for each in () if groups.where is None else row_aggregates(groups.where):
            self._aggregate(each, asked, scope)
        reads.fix(asked.fixed, Role.FILTER)
        reads.params |= asked.params
        for part in (*aggregate.args, aggregate.by, aggregate.default):
            reads.use(self._expression(_without_aggregates(part), scope), Role.VALUE)
        for part in (aggregate.where, aggregate.after, groups.where):
            reads.use(self._expression(_without_aggregates(part), scope), Role.FILTER)
        for key in groups.keys:
            reads.use(self._expression(key, scope), Role.KEY)

    def _population(self, group: Group) -> _Reads:
        entity = self._program.entities[group.entity]
        if entity.population is None:
            return _Reads()
        reads = _Reads()
        scope = Scope(program=self._program, relation=entity.population)
        for role in roles_of(self._program, entity.population):
            for column in role.columns if role.entity == entity.name else ():
                reads.use(self._name(column, None, scope), Role.KEY)
        reads.add(self._relation(entity.population))
        return reads

    def _relation(self, relation: str) -> _Reads:
        """What decides which rows of a relation exist at an as-of time."""
        if relation not in self._rows:
            self._rows[relation] = self._rows_of(Scope(program=self._program, relation=relation))
        return self._rows[relation]

    def _rows_of(self, scope: Scope) -> _Reads:
        reads = _Reads()
        for view, inside in scope.views():
            reads.use(self._expression(view.where, inside), Role.FILTER)
            for join in view.joins:
                if join.many:  # it decides how many rows there are
                    reads.add(self._join(join, inside))
        for source, through in scope.roots():
            reads.add(self._source(source, through))
        return reads

    def _source(self, source: Source, through: tuple[str, ...]) -> _Reads:
        reads = _Reads()
        scope = Scope(program=self._program, relation=source.name, through=through)
        for drop in source.drops:
            reads.use(self._expression(drop.condition, scope), Role.FILTER)
        available = source.available.column if source.available else None
        times = [source.time, available]
        if source.keep is not None:
            times += source.keep.by
            reads.fix((Reach(source.name, c, through) for c in source.keep.per), Role.KEY)
            reads.use(self._expression(source.keep.removed_when, scope), Role.FILTER)
        if source.snapshot is not None:
            times.append(source.snapshot.column)
        if source.valid is not None:
            times += [source.valid.start, source.valid.end]
        reads.fix((Reach(source.name, c, through) for c in times if c is not None), Role.TIME)
        reads.params |= self._location_params(source)
        return reads

    def _location_params(self, source: Source) -> set[str]:
        return {name for name in source.location.params if name in self._program.params}

    def _expression(self, expression: ir.Expr | None, scope: Scope) -> _Reads:
        reads = _Reads()
        for node in _nodes(expression):
            if isinstance(node, ir.Column):
                reads.add(self._name(node.name, node.qualifier, scope))
            elif isinstance(node, ir.Param):
                reads.params.add(node.name)
            elif isinstance(node, ir.Via):
                reads.features.add(node.feature)
        return reads

    def _name(self, name: str, qualifier: str | None, scope: Scope) -> _Reads:
        return self._meaning(scope.find(name, qualifier))

    def _meaning(self, meaning: Meaning) -> _Reads:
        match meaning:
            case Stored() as column:
                return _Reads(values={Reach(column.source, column.column, column.through)})
            case Right(meaning=of_right):
                return self._meaning(of_right)
            case Joined() as joined:
                reads = _Reads()
                reads.add(self._meaning(joined.right.find(joined.column)))
                reads.add(self._join(joined.join, joined.scope))
                return reads
            case Defined() as defined:
                return self._let(defined)
            case United(meanings=meanings):
                reads = _Reads()
                for one in meanings:
                    reads.add(self._meaning(one))
                return reads
            case Names():
                return _Reads()

    def _let(self, defined: Defined) -> _Reads:
        view, through = self._program.views[defined.view], defined.scope.through
        if (view.name, defined.let.name, through) not in self._defined:
            # From the top, so that a long chain of definitions is no deep recursion.
            for i, let in enumerate(view.lets):
                key = (view.name, let.name, through)
                if key not in self._defined:
                    above = replace(defined.scope, lets=i)
                    self._defined[key] = self._expression(let.value, above)
        return self._defined[view.name, defined.let.name, through]

    def _join(self, join: Join, scope: Scope) -> _Reads:
        """What decides which right row a row sees; ``scope`` is over the rows before."""
        key = (scope.relation, join.alias, scope.through)
        if key not in self._joins:
            self._joins[key] = self._matched(join, scope)
        return self._joins[key]

    def _matched(self, join: Join, scope: Scope) -> _Reads:
        reads, right = _Reads(), scope.right(join)
        for left, name in join.on:
            reads.use(self._expression(left, scope), Role.KEY)
            reads.use(self._name(name, None, right), Role.KEY)
        inside = replace(scope, joining=join)
        reads.use(self._expression(join.residual, inside), Role.FILTER)
        for root, through in scope.roots():
            if root.time is not None:
                reads.fix([Reach(root.name, root.time, through)], Role.TIME)
        reads.add(self._rows_of(right))
        if right.root().time is not None:
            reads.add(_ties(right))
        return reads


def _ties(scope: Scope) -> _Reads:
    """What orders rows of one time."""
    reads = _Reads()
    for root, through in scope.roots():
        reads.fix((Reach(root.name, c, through) for c in root.tie_break), Role.TIME)
    return reads


def _without_aggregates(expression: ir.Expr | None) -> ir.Expr | None:
    """The expression with nulls in place of aggregates."""

    def null(e: ir.Expr) -> ir.Expr | None:
        is_aggregate = isinstance(e, ir.Aggregate)
        return ir.Literal(dtype=e.dtype, span=e.span, value=None) if is_aggregate else None

    return None if expression is None else replace_leaves(expression, null)


def _nodes(expression: ir.Expr | None) -> Iterator[ir.Expr]:
    return iter(()) if expression is None else walk(expression)
