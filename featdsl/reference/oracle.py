"""The oracle: rows in, values out, by the program alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TypeAlias

from featdsl.ir import expr as ir
from featdsl.ir.program import Group, Program, Role, Source, View
from featdsl.ir.relations import roles_of, roots
from featdsl.ir.visit import walk
from featdsl.reference.asked_rows import AskedRows
from featdsl.reference.calendar import moved
from featdsl.reference.casts import cast
from featdsl.reference.expressions import evaluate
from featdsl.reference.history import rows_at, seen_times, undropped
from featdsl.reference.keyscope import Key, KeyScope
from featdsl.reference.reading import Reading
from featdsl.reference.rows import Row, as_given, stored
from featdsl.reference.trace import Fate, FeatureTrace, Sight
from featdsl.reference.values import Value, settled
from featdsl.reference.views import Around, view_at
from featdsl.reference.visibility import NEVER, delayed, seen_alone

Table: TypeAlias = Sequence[Mapping[str, Value]]


class Oracle:
    """Values of a program over rows.

    ``tables`` holds stored rows of sources by full name, and, where a view is given itself, its
    rows as they come out of it. A source that is not given is empty; an entity whose population
    is not given has every key that has rows, as in a `test`. ``until`` says up to when labels
    are known; without it the rows do.
    """

    def __init__(
        self, program: Program, tables: Mapping[str, Table], *, until: datetime | None = None
    ) -> None:
        self.program = program
        self.timezone = program.timezone
        self._tables = tables
        self._given_until = until
        self._stored = {
            name: stored(source, tables.get(name, ())) for name, source in program.sources.items()
        }
        self._sights: dict[tuple[str, datetime], Sight] = {}
        self._by_key: dict[tuple[str, Role, datetime], dict[Key, list[Row]]] = {}
        self._hidden_by_key: dict[tuple[str, Role, datetime], dict[Key, list[Fate]]] = {}
        self._known: dict[tuple[str, Key, datetime], FeatureTrace] = {}

    # Rows.

    def stored_rows(self, source: str) -> tuple[Row, ...]:
        """All rows of a source as they are stored."""
        return self._stored[source]

    def sight(self, relation: str, at: datetime) -> Sight:
        """Rows of a source or view that exist at a time, and what became of the others."""
        found = self._sights.get((relation, at))
        if found is None:
            found = self._sights[relation, at] = self._look(relation, at)
        return found

    def _look(self, relation: str, at: datetime) -> Sight:
        program = self.program
        declared = program.relation(relation)
        if not isinstance(declared, View):
            return rows_at(declared, self._stored[relation], at, self.timezone)
        if relation in self._tables:
            return Sight(as_given(program.root(relation), self._tables[relation]))
        around = Around(program, self.sight, self.value, at)
        return view_at(declared, around)

    def asked_rows(self, relation: str, at: str) -> list[Row]:
        """All stored rows of a source but the dropped; of a view those that it makes of them.

        They are asked about as of their column ``at``.
        """
        declared = self.program.relation(relation)
        if not isinstance(declared, View):
            return undropped(declared, self._stored[relation], self.timezone)[0]
        if relation in self._tables:
            return list(as_given(self.program.root(relation), self._tables[relation]))
        asked = AskedRows(self.program, self.sight, self.value)
        sources = {root.name: root for root in roots(self.program, relation)}
        found: list[Row] = []
        for source in sources.values():
            for row in undropped(source, self._stored[source.name], self.timezone)[0]:
                found += asked.of(declared, row, at)
        return found

    def rows_of(self, group: str, key: Key, at: datetime) -> tuple[Reading, list[Fate]]:
        """The rows of a key that exist at a time, and what became of the others."""
        declared = self.group(group)
        assert declared.relation is not None and declared.role is not None, "aggregates have rows"
        known = self.read_at(group, at)
        rows = self._keyed(declared.relation, declared.role, known).get(key, [])
        hidden = self._hidden_of(declared.relation, declared.role, known).get(key, [])
        return Reading(rows, at, known, self.timezone, self.value), hidden

    def _keyed(self, relation: str, role: Role, at: datetime) -> dict[Key, list[Row]]:
        where = (relation, role, at)
        if where not in self._by_key:
            found: dict[Key, list[Row]] = {}
            for row in self.sight(relation, at).rows:
                key = self._key(row, role)
                if None not in key:
                    found.setdefault(key, []).append(row)
            self._by_key[where] = found
        return self._by_key[where]

    def _hidden_of(self, relation: str, role: Role, at: datetime) -> dict[Key, list[Fate]]:
        where = (relation, role, at)
        if where not in self._hidden_by_key:
            found: dict[Key, list[Fate]] = {}
            for fate in self.sight(relation, at).hidden:
                found.setdefault(self._key(fate.row, role), []).append(fate)
            self._hidden_by_key[where] = found
        return self._hidden_by_key[where]

    def _key(self, row: Row, role: Role) -> Key:
        keys = self.program.entities[role.entity].keys
        return tuple(
            settled(row.values.get(c), k.dtype) for k, c in zip(keys, role.columns, strict=True)
        )

    # Keys.

    def population(self, entity: str, at: datetime) -> set[Key] | None:
        """The keys that exist at a time; None where every key does."""
        source = self.program.entities[entity].population
        if source is None:
            return None
        behind = {source, *(root.name for root in roots(self.program, source))}
        if not behind & self._tables.keys():
            return None
        roles = [r for r in roles_of(self.program, source) if r.entity == entity]
        return {key for role in roles for key in self._keyed(source, role, at)}

    def exists(self, entity: str, key: Key, at: datetime) -> bool:
        """Whether anything is known of a key: null is no key."""
        population = self.population(entity, at)
        return None not in key and (population is None or key in population)

    def keys(self, group: str, at: datetime) -> list[Key]:
        """The keys that a group has values of at a time, in order."""
        declared = self.group(group)
        if not self.program.entities[declared.entity].keys:
            return [()]
        population = self.population(declared.entity, at)
        return sorted(self.seen_keys([group], at) if population is None else population)

    def seen_keys(self, groups: Iterable[str], at: datetime) -> set[Key]:
        """The keys that have a visible row in the relations of groups, and of those behind them."""
        found: set[Key] = set()
        for name in groups:
            group = self.group(name)
            if group.relation is None or group.role is None:
                found |= self.seen_keys(self._groups_named(group), at)
            else:
                found |= set(self._keyed(group.relation, group.role, self.read_at(name, at)))
        return found

    def _groups_named(self, group: Group) -> set[str]:
        """The groups of the same entity whose features a group names."""
        return {
            node.feature.rpartition(".")[0]
            for feature in group.features.values()
            for node in walk(feature.expr)
            if isinstance(node, ir.FeatureRef | ir.Ago)
        } - {group.name}

    # Values.

    def group(self, name: str) -> Group:
        groups = self.program.groups
        return groups[name] if name in groups else self.program.labels[name]

    def values(
        self, group: str, at: datetime, keys: Iterable[Key] | None = None
    ) -> dict[Key, dict[str, Value]]:
        """Features, or labels, of a group by short name: of all keys, in order, or of these.

        Raises:
            Stopped: a run would stop.
        """
        features = self.group(group).features.values()
        asked = self.keys(group, at) if keys is None else keys
        return {key: {f.short: self.value(f.name, key, at) for f in features} for key in asked}

    def value(self, feature: str, key: Key, at: datetime) -> Value:
        """A feature, or a label, of a key at a time; null where the key is unknown."""
        return self.trace(feature, key, at).value

    def requested(self, feature: str, key: Key, at: datetime, inputs: Mapping[str, Value]) -> Value:
        """A feature for a request that brings the columns of inputs, by their names."""
        declared = self.program.feature(feature)
        if feature not in self.group(declared.group).requests:
            return self.value(feature, key, at)
        if not self.exists(self.group(declared.group).entity, key, at):
            return None
        scope = KeyScope(self, declared.group, key, at, inputs)
        return cast(evaluate(declared.expr, scope), declared.dtype)

    def trace(self, feature: str, key: Key, at: datetime) -> FeatureTrace:
        """A feature of a key at a time, and what was read for it."""
        found = self._known.get((feature, key, at))
        if found is None:
            found = self._known[feature, key, at] = self._traced(feature, key, at)
        return found

    def _traced(self, name: str, key: Key, at: datetime) -> FeatureTrace:
        feature = self.program.feature(name)
        entity = self.group(feature.group).entity
        if not self.exists(entity, key, at) or not self.is_known(name, at):
            return FeatureTrace(name, key, at, None, known=False)
        scope = KeyScope(self, feature.group, key, at)
        value = cast(evaluate(feature.expr, scope), feature.dtype)
        return FeatureTrace(
            name, key, at, value, known=True, calls=tuple(scope.calls), reads=scope.reads
        )

    # Labels.

    def read_at(self, group: str, at: datetime) -> datetime:
        """As of when rows are read: labels read them as they are known in the end."""
        relation = self.group(group).relation
        if group not in self.program.labels or relation is None:
            return at
        return self.until(relation) or NEVER

    def until(self, relation: str) -> datetime | None:
        """Up to when labels over a relation are known: the largest time at which a row is seen.

        None where the source has no time, or no row.
        """
        if self._given_until is not None:
            return self._given_until
        return max((at for seen in self._seen(relation) for at in seen[1]), default=None)

    def _seen(self, relation: str) -> list[tuple[Source, list[datetime]]]:
        """Sources of a relation, each with the times at which its rows, or given ones, are seen."""
        declared = self.program.relation(relation)
        if not isinstance(declared, View):
            return [(declared, seen_times(declared, self._stored[relation], self.timezone))]
        if relation in self._tables:
            root = self.program.root(relation)
            seen = (seen_alone(root, values) for values in self._tables[relation])
            return [(root, [at for at in seen if at is not None and at != NEVER])]
        return [found for left in declared.lefts for found in self._seen(left)]

    def is_known(self, feature: str, at: datetime | None) -> bool:
        """Whether the windows of a label are over, and their rows there; without a time none is."""
        declared = self.program.feature(feature)
        if declared.group not in self.program.labels:
            return True
        relation = self.group(declared.group).relation
        for node in walk(declared.expr):
            if isinstance(node, ir.FeatureRef) and not self.is_known(node.feature, at):
                return False
            if isinstance(node, ir.Aggregate) and isinstance(node.window, ir.NextWindow):
                assert relation is not None, "aggregates have rows"
                if at is None or not self._is_over(relation, moved(at, node.window.length)):
                    return False
        return True

    def _is_over(self, relation: str, end: datetime) -> bool:
        """Whether all rows up to a time have come: of a union, those of each of its sources."""
        for root, seen in self._seen(relation):
            until = self._given_until or max(seen, default=None)
            if until is None or delayed(root, end) > until:
                return False
        return True
