"""Which columns of which relations features rest on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from featdsl.aggregates.order import is_ordered
from featdsl.ir import expr as ir
from featdsl.ir.program import Entity, Feature, Group, Join, Source, View
from featdsl.ir.refs import features_named, row_aggregates
from featdsl.ir.relations import POSITION, SOURCE_NAME
from featdsl.ir.visit import walk
from featdsl.semantics.project import Known


@dataclass(slots=True)
class Needs:
    """Columns by relation; relations in ``given`` are taken as they are."""

    known: Known
    given: frozenset[str]
    columns: dict[str, set[str]] = field(default_factory=dict)
    done: set[str] = field(default_factory=set)
    named: set[str] = field(default_factory=set)
    """Features that rows read, of which what they rest on is not added yet."""

    def of_features(self, features: Iterable[str]) -> None:
        """Add what features (full names) rest on, and what places and orders their rows."""
        waiting = list(features)
        while waiting:
            name = waiting.pop()
            if name in self.done:
                continue
            self.done.add(name)
            group = self.known.group_of(name)
            feature = group.members.get(name) if group is not None else None
            if group is None or feature is None:
                continue
            self._own(group, feature)
            self.named |= set(features_named(feature.expr))
            for other in self.named:
                of = self.known.group_of(other)
                if of is not None and of.entity != group.entity:
                    self.of_population(self.known.entities[of.entity])
            waiting += self.named
            self.named.clear()

    def _own(self, group: Group, feature: Feature) -> None:
        """Add the rows of the group that a feature reads."""
        found = list(row_aggregates(feature.expr))
        if not found or group.relation is None or group.role is None:
            return
        ordered = any(map(is_ordered, found))
        names = {(None, c) for c in group.role.columns}
        self._relation(group.relation, names | _columns(found), ordered)

    def of_source(self, name: str, columns: Iterable[str]) -> None:
        """Add columns of a source, and those that say which of its rows exist."""
        self._relation(name, {(None, c) for c in columns}, ordered=False)

    def of_population(self, entity: Entity) -> None:
        """Add what says which keys of an entity exist, where it has a population."""
        if entity.population is None:
            return
        roles = self.known.relations[entity.population].roles
        self.of_source(
            entity.population, [c for r in roles if r.entity == entity.name for c in r.columns]
        )

    def _relation(self, name: str, columns: set[tuple[str | None, str]], ordered: bool) -> None:
        info = self.known.relations[name]
        bare = {c for q, c in columns if q is None}
        time = set() if info.time is None else {info.time}
        order = {c for c in info.order if not c.startswith(POSITION)} if ordered else set()
        if name in self.given or name in self.known.sources:
            found = self.columns.setdefault(name, set())
            found |= bare | time | order
            for source in self._roots(name):
                if source.available and source.available.column:
                    found.add(source.available.column)
            if name in self.known.sources:
                found |= _structure(self.known.sources[name])
        elif name in self.known.views:
            self._view(self.known.views[name], columns | {(None, c) for c in time | order}, ordered)

    def _view(self, view: View, columns: set[tuple[str | None, str]], ordered: bool) -> None:
        lets = {let.name: let.value for let in view.lets}
        if view.where is not None:
            self.named |= set(features_named(view.where))
        joins = {j.alias: j for j in view.joins}
        left: set[tuple[str | None, str]] = set()
        right: dict[str, set[tuple[str | None, str]]] = {}
        todo = list(columns | (set() if view.where is None else _columns([view.where])))
        # A row for each match: what is compared decides how many.
        todo += [(j.alias, c) for j in view.joins if j.many for _, c in j.on]
        seen = set(todo)
        while todo:
            qualifier, name = todo.pop()
            if qualifier is None:
                qualifier, name = self._ordering(name, joins)
            more: set[tuple[str | None, str]] = set()
            join = None if qualifier is None else joins.get(qualifier)
            if join is not None:
                right.setdefault(join.alias, set()).add((None, name))
                more = _columns(e for e, _ in join.on) | {(join.alias, c) for _, c in join.on}
                more |= set() if join.residual is None else _columns([join.residual])
            elif qualifier is None and name in lets:
                more = _columns([lets[name]])
                self.named |= set(features_named(lets[name]))
            elif qualifier is None:
                left.add((None, name))
            todo += [m for m in more if m not in seen]
            seen |= more
        for alias, read in right.items():
            self._relation(joins[alias].source, read, ordered=False)
        for below in view.lefts:
            own = {c for c in left if not (view.is_union and c == (None, SOURCE_NAME))}
            self._relation(below, own, ordered)

    def _ordering(self, name: str, joins: dict[str, Join]) -> tuple[str | None, str]:
        """A column that orders what a `join many` makes: it goes by its name in a row."""
        alias, dot, column = name.partition(".")
        if dot and alias in joins:
            right = self.known.relations[joins[alias].source]
            if joins[alias].many and column in right.identity:
                return alias, column
        return None, name

    def _roots(self, name: str) -> Iterator[Source]:
        if name in self.known.views:
            for left in self.known.views[name].lefts:
                yield from self._roots(left)
        elif name in self.known.sources:
            yield self.known.sources[name]


def _structure(source: Source) -> set[str]:
    """Columns that say which of a source's rows exist."""
    found = {c for at in source.drops for _, c in _columns([at.condition])}
    if source.keep is not None:
        found |= {*source.keep.per, *source.keep.by}
        if source.keep.removed_when is not None:
            found |= {c for _, c in _columns([source.keep.removed_when])}
    if source.snapshot is not None:
        found.add(source.snapshot.column)
    if source.valid is not None:
        found |= {source.valid.start, source.valid.end}
    return found


def _columns(expressions: Iterable[ir.Expr]) -> set[tuple[str | None, str]]:
    return {
        (at.qualifier, at.name) for e in expressions for at in walk(e) if isinstance(at, ir.Column)
    }


def with_references(feature: Feature, known: Known) -> Iterator[tuple[Group, ir.Expr]]:
    """The expressions of a feature and of those that it reads at its time, with their groups."""
    todo, seen = [feature], {feature.name}
    while todo:
        at = todo.pop()
        yield known.groups.get(at.group) or known.labels[at.group], at.expr
        for node in walk(at.expr):
            if isinstance(node, ir.FeatureRef | ir.Via) and node.feature not in seen:
                seen.add(node.feature)
                group = known.group_of(node.feature)
                if group is not None and node.feature in group.members:
                    todo.append(group.members[node.feature])
