"""The oracle: rows in, values out, by the program alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TypeAlias

from featdsl.ir import expr as ir
from featdsl.ir.program import Feature, Group, Program, Role, View
from featdsl.ir.visit import walk
from featdsl.reference.calendar import moved
from featdsl.reference.calls import call
from featdsl.reference.casts import cast
from featdsl.reference.expressions import evaluate
from featdsl.reference.history import rows_at, seen_times
from featdsl.reference.rows import Row, as_given, stored
from featdsl.reference.stop import Unanswered
from featdsl.reference.trace import CallTrace, Fate, FeatureTrace, Sight
from featdsl.reference.values import Value, settled
from featdsl.reference.views import view_at
from featdsl.reference.visibility import NEVER, delayed, seen_alone

Key: TypeAlias = tuple[Value, ...]
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
        return view_at(declared, program.sources, self.sight, self.timezone, at)

    def rows_of(self, relation: str, role: Role, key: Key, at: datetime) -> list[Row]:
        """The rows of a key that exist at a time; one with a null key is nobody's."""
        return self._keyed(relation, role, at).get(key, [])

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
        root = self.program.root(source)
        if source not in self._tables and root.name not in self._tables:
            return None
        role = next(r for r in root.roles if r.entity == entity)
        return set(self._keyed(source, role, at))

    def exists(self, entity: str, key: Key, at: datetime) -> bool:
        """Whether anything is known of a key: null is no key."""
        population = self.population(entity, at)
        return None not in key and (population is None or key in population)

    def keys(self, group: str, at: datetime) -> list[Key]:
        """The keys that a group has values of at a time, in order."""
        declared = self.group(group)
        population = self.population(declared.entity, at)
        if population is None:
            relation, role = _rows_of(declared)
            population = set(self._keyed(relation, role, self.read_at(group, at)))
        return sorted(population)

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
        scope = KeyScope(self, feature, key, at)
        value = cast(evaluate(feature.expr, scope), feature.dtype)
        return FeatureTrace(
            name, key, at, value, known=True, calls=tuple(scope.calls), reads=scope.reads
        )

    def hidden_of(self, relation: str, role: Role, key: Key, at: datetime) -> list[Fate]:
        """What became of the rows of a key that do not exist at a time."""
        where = (relation, role, at)
        if where not in self._hidden_by_key:
            found: dict[Key, list[Fate]] = {}
            for fate in self.sight(relation, at).hidden:
                found.setdefault(self._key(fate.row, role), []).append(fate)
            self._hidden_by_key[where] = found
        return self._hidden_by_key[where].get(key, [])

    # Labels.

    def read_at(self, group: str, at: datetime) -> datetime:
        """As of when rows are read: labels read them as they are known in the end."""
        if group not in self.program.labels:
            return at
        return self.until(_rows_of(self.group(group))[0]) or NEVER

    def until(self, relation: str) -> datetime | None:
        """Up to when labels over a relation are known: the largest time at which a row is seen.

        None where the source has no time, or no row.
        """
        if self._given_until is not None:
            return self._given_until
        return max(self._seen(relation), default=None)

    def _seen(self, relation: str) -> list[datetime]:
        """When each row that a relation is made of can be seen; of a given view, its rows."""
        declared = self.program.relation(relation)
        while isinstance(declared, View):
            if declared.name in self._tables:
                root = self.program.root(relation)
                seen = (seen_alone(root, values) for values in self._tables[declared.name])
                return [at for at in seen if at is not None and at != NEVER]
            declared = self.program.relation(declared.left)
        return seen_times(declared, self._stored[declared.name], self.timezone)

    def is_known(self, feature: str, at: datetime) -> bool:
        """Whether the windows of a label are over, and their rows there."""
        declared = self.program.feature(feature)
        if declared.group not in self.program.labels:
            return True
        relation, _ = _rows_of(self.group(declared.group))
        root = self.program.root(relation)
        until = self.until(relation)
        for node in walk(declared.expr):
            if isinstance(node, ir.FeatureRef) and not self.is_known(node.feature, at):
                return False
            if isinstance(node, ir.Aggregate) and isinstance(node.window, ir.NextWindow):
                end = delayed(root, moved(at, node.window.length))
                if until is None or end > until:
                    return False
        return True


def _rows_of(group: Group) -> tuple[str, Role]:
    """The relation that a group reads, and the columns of its key.

    Raises:
        Unanswered: it reads none, but features of other groups only.
    """
    if group.relation is None or group.role is None:
        raise Unanswered(f"{group.name} has no rows of its own")
    return group.relation, group.role


class KeyScope:
    """Expressions of a feature, for a key at a time. Remembers what was read."""

    def __init__(self, oracle: Oracle, feature: Feature, key: Key, at: datetime) -> None:
        self.oracle = oracle
        self.feature = feature
        self.key = key
        self.as_of = at
        self.timezone = oracle.timezone
        self.calls: list[CallTrace] = []
        self.reads: dict[str, Value] = {}

    def read(self, node: ir.Expr) -> Value:
        match node:
            case ir.FeatureRef(feature=name):
                self.reads[name] = self.oracle.value(name, self.key, self.as_of)
                return self.reads[name]
            case ir.Aggregate():
                return self._aggregate(node)
            case _:
                raise NotImplementedError(type(node).__name__)

    def _aggregate(self, node: ir.Aggregate) -> Value:
        oracle, group = self.oracle, self.oracle.group(self.feature.group)
        read_at = oracle.read_at(group.name, self.as_of)
        relation, role = _rows_of(group)
        rows = oracle.rows_of(relation, role, self.key, read_at)
        hidden = oracle.hidden_of(relation, role, self.key, read_at)
        found = call(node, rows, self.as_of, self.timezone)
        self.calls.append(CallTrace(node, found.value, (*hidden, *found.fates)))
        if found.value is None and node.default is not None:
            return settled(evaluate(node.default, self), node.dtype)
        return found.value
