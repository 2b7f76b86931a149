"""Which columns of which relations features rest on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from featdsl.aggregates.order import is_ordered
from featdsl.ir import expr as ir
from featdsl.ir.program import Entity, Feature, Group, Source, View
from featdsl.ir.visit import walk
from featdsl.semantics.project import Known


@dataclass(slots=True)
class Needs:
    """Columns by relation; relations in ``given`` are taken as they are."""

    known: Known
    given: frozenset[str]
    columns: dict[str, set[str]] = field(default_factory=dict)

    def of_features(self, group: Group, features: Iterable[Feature]) -> None:
        """Add what features of a group rest on, and what places and orders their rows."""
        expressions = [e for f in features for e in with_references(f, group)]
        ordered = any(
            isinstance(at, ir.Aggregate) and is_ordered(at) for e in expressions for at in walk(e)
        )
        names = {(None, c) for c in group.role.columns}
        self._relation(group.relation, names | _columns(expressions), ordered)

    def of_source(self, name: str, columns: Iterable[str]) -> None:
        """Add columns of a source, and those that say which of its rows exist."""
        self._relation(name, {(None, c) for c in columns}, ordered=False)

    def of_population(self, entity: Entity) -> None:
        """Add what says which keys of an entity exist, where it has a population."""
        if entity.population is None:
            return
        roles = self.known.relations[entity.population].roles
        columns = next((r.columns for r in roles if r.entity == entity.name), ())
        self.of_source(entity.population, columns)

    def _relation(self, name: str, columns: set[tuple[str | None, str]], ordered: bool) -> None:
        info = self.known.relations[name]
        bare = {c for q, c in columns if q is None}
        time = set() if info.time is None else {info.time}
        order = set(info.order) if ordered else set()
        if name in self.given or name in self.known.sources:
            found = self.columns.setdefault(name, set())
            found |= bare | time | order
            source = self._root(name)
            if source is not None and source.available and source.available.column:
                found.add(source.available.column)
            if name in self.known.sources:
                found |= _structure(self.known.sources[name])
        elif name in self.known.views:
            self._view(self.known.views[name], columns | {(None, c) for c in time | order}, ordered)

    def _view(self, view: View, columns: set[tuple[str | None, str]], ordered: bool) -> None:
        lets = {let.name: let.value for let in view.lets}
        left: set[tuple[str | None, str]] = set()
        todo = list(columns | (set() if view.where is None else _columns([view.where])))
        seen = set(todo)
        joins = {j.alias: j for j in view.joins}
        while todo:
            qualifier, name = todo.pop()
            more: set[tuple[str | None, str]] = set()
            if qualifier is not None:
                join = joins.get(qualifier)
                if join is not None:
                    right: set[tuple[str | None, str]] = {(None, name)}
                    right |= {(None, c) for _, c in join.on}
                    self._relation(join.source, right, ordered=False)
                    more = _columns(e for e, _ in join.on)
            elif name in lets:
                more = _columns([lets[name]])
            else:
                left.add((None, name))
            todo += [m for m in more if m not in seen]
            seen |= more
        self._relation(view.left, left, ordered)

    def _root(self, name: str) -> Source | None:
        while name in self.known.views:
            name = self.known.views[name].left
        return self.known.sources.get(name)


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


def with_references(feature: Feature, group: Group) -> Iterator[ir.Expr]:
    """The expressions of a feature and of those of its group that it refers to."""
    todo, seen = [feature], {feature.name}
    while todo:
        at = todo.pop()
        yield at.expr
        for node in walk(at.expr):
            if isinstance(node, ir.FeatureRef) and node.feature not in seen:
                seen.add(node.feature)
                todo.append(group.features[node.feature])
