"""A slow, obvious evaluator of a typed program in plain Python.

Written from `docs/language/semantics.md`: for one as-of time at a time, row by row and key by
key. It knows nothing of plans and SQL.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TypeAlias

from featdsl.ir import expr as ir
from featdsl.ir.program import Feature, Group, Join, Program, Source, View
from featdsl.types.dtype import common
from featdsl.types.duration import Duration
from tests.property.aggregates import Rows, aggregate, rank
from tests.property.expressions import Scope
from tests.property.scalars import Value, midnight, moved, start_of, turned, typed

Row: TypeAlias = dict[tuple[str | None, str], Value]
"""Columns by name; those of a join under its alias."""

Key: TypeAlias = tuple[Value, ...]


@dataclass
class World:
    """A program, the stored rows of its sources by full name, and an as-of time."""

    program: Program
    stored: Mapping[str, Sequence[Mapping[str, Value]]]
    as_of: datetime
    population: bool = True
    relations: dict[str, list[Row]] = field(default_factory=dict)

    def group(self, name: str) -> dict[Key, dict[str, Value]]:
        """Values of all features (short names) of each key that exists."""
        group = self.declared(name)
        rows = self.rows(group.relation)
        by_key: dict[Key, list[Row]] = {}
        for row in rows:
            by_key.setdefault(_key(row, group.role.columns), []).append(row)
        return {
            key: _Features(self, group, by_key.get(key, [])).values()
            for key in self.keys(group)
            if None not in key
        }

    def declared(self, name: str) -> Group:
        groups = self.program.groups
        return groups[name] if name in groups else self.program.labels[name]

    def nobody(self, name: str) -> dict[str, Value]:
        """Values of a key that has no rows."""
        return _Features(self, self.declared(name), []).values()

    def labelled(self, name: str, time: datetime) -> dict[Key, dict[str, Value]]:
        """Labels at a time, of rows as they are known at this world's own."""
        self.rows(self.declared(name).relation)
        # Who exists is asked at the label's time, what happened at the world's.
        relation = {self.declared(name).relation: self.relations[self.declared(name).relation]}
        return World(self.program, self.stored, time, False, relation).group(name)

    def last_seen(self, source: Source) -> datetime | None:
        """The largest time from which on a row of a source can be seen."""
        rows = self.kept(source)
        if source.snapshot is not None:
            return self._last_of_snapshots(source, rows)
        times = [list(_availability(source, row)) for row in rows]
        if source.valid is not None:
            starts = (row[None, source.valid.start] for row in self.kept(source))
            times = [[*found, start] for found, start in zip(times, starts, strict=True)]
        known = [max(filter(None, found)) for found in times if found and None not in found]
        return max(known, default=None)

    def _last_of_snapshots(self, source: Source, rows: list[Row]) -> datetime | None:
        """As `last_seen`: a row is seen when it, and all of its snapshot, is."""
        assert source.snapshot is not None
        found = []
        for row in rows:
            whole = snapshot_seen(source, rows, row[None, source.snapshot.column])
            own = [whole, *_availability(source, row)]
            if None not in own:
                found.append(max(filter(None, own)))
        return max(found, default=None)

    def keys(self, group: Group) -> set[Key]:
        """Every key of the population at t; without one, those with rows."""
        entity = self.program.entities[group.entity]
        if self.population and entity.population is not None:
            source = self.program.sources[entity.population]
            role = next(r for r in source.roles if r.entity == entity.name)
            return {_key(row, role.columns) for row in self.rows(source.name)}
        return {_key(row, group.role.columns) for row in self.rows(group.relation)}

    def rows(self, relation: str) -> list[Row]:
        """The rows of a source or view as they are seen at t."""
        if relation not in self.relations:
            found = self.program.relation(relation)
            rows = self.seen(found) if isinstance(found, Source) else self.made(found)
            self.relations[relation] = list(rows)
        return self.relations[relation]

    def scope(self, row: Row) -> Scope:
        def leaf(e: ir.Expr) -> Value:
            assert isinstance(e, ir.Column)
            return row[e.qualifier, e.name]

        return Scope(leaf, self.as_of, self.program.timezone)

    def kept(self, source: Source) -> list[Row]:
        """Stored rows that are not dropped."""
        rows = [{(None, c): row[c] for c in source.columns} for row in self.stored[source.name]]
        return [r for r in rows if not any(self.scope(r).true(d.condition) for d in source.drops)]

    def seen(self, source: Source) -> list[Row]:
        """Rows seen at t: visible, of changing rows the winners."""
        return self.seen_at(source, self.as_of)

    def seen_at(self, source: Source, at: datetime) -> list[Row]:
        """Rows that are seen at a time, beside its own: visible, and those that exist then."""
        rows = self.kept(source)
        if source.snapshot is not None:
            rows = newest_snapshot(source, rows, at)
        rows = [r for r in rows if is_seen(source, r, at)]
        if source.valid is not None:
            rows = [r for r in rows if holds(source, r, at)]
        if source.keep is None:
            return rows
        gone = source.keep.removed_when
        return [r for r in winners(source, rows) if gone is None or not self.scope(r).true(gone)]

    def made(self, view: View) -> Iterator[Row]:
        """Rows of a view: joins, lets, where."""
        for left in self.rows(view.left):
            row = dict(left)
            for join in view.joins:
                row |= self.joined(view, join, row)
            for let in view.lets:
                row[None, let.name] = self.scope(row).value(let.value)
            if self.scope(row).true(view.where):
                yield row

    def joined(self, view: View, join: Join, row: Row) -> Row:
        """The right row that was seen at the left row's time, or nulls."""
        source = self.program.sources[join.source]
        candidates = self.candidates(source, self.looks_at(view, row))
        found = [r for r in candidates if self.matches(join, row, r)]
        if source.time is not None and source.valid is None and source.keep is None:
            found = sorted(found, key=lambda r: order(source, r))[-1:]
        assert len(found) < 2, "more than one match is an error of the data"
        right = found[0] if found else {(None, c): None for c in source.columns}
        return {(join.alias, name): value for (_, name), value in right.items()}

    def looks_at(self, view: View, row: Row) -> datetime | None:
        """The left row's time; of one that is seen ahead of it, t."""
        root = self.program.root(view.name)
        if root.time is None:
            return None
        time = row[None, root.time]
        return None if time is None else min(time, self.as_of)

    def candidates(self, source: Source, at: datetime | None) -> list[Row]:
        """Right rows that were seen at a time."""
        if not source.has_history:
            return self.kept(source)
        return [] if at is None else self.seen_at(source, at)

    def matches(self, join: Join, left: Row, right: Row) -> bool:
        columns = self.program.sources[join.source].columns
        both = left | {(join.alias, name): value for (_, name), value in right.items()}
        scope = self.scope(both)
        for expression, name in join.on:
            dtype, other = expression.dtype, columns[name].dtype
            a, b = scope.value(expression), right[None, name]
            wide = common(dtype, other)
            assert wide is not None
            if a is None or b is None or turned(a, dtype, wide) != turned(b, other, wide):
                return False
        return scope.true(join.residual)


def _key(row: Row, columns: Sequence[str]) -> Key:
    return tuple(row[None, c] for c in columns)


def is_seen(source: Source, row: Row, at: datetime) -> bool:
    """Whether a stored row was available by then."""
    return all(when is not None and when <= at for when in _availability(source, row))


def _availability(source: Source, row: Row) -> Iterator[datetime | None]:
    """Times by which a row is available: all of them."""
    after = None if source.available is None else source.available.after

    def delayed(column: str, by: Duration | None) -> datetime | None:
        time = row[None, column]
        return time if time is None or by is None else moved(time, by, 1)

    if source.available is not None and source.available.column is not None:
        yield row[None, source.available.column]
    elif source.time is not None:
        yield delayed(source.time, after)
    elif source.valid is not None:
        yield delayed(source.valid.start, after)
    if source.keep is not None:
        first = source.keep.by[0]
        if source.columns[first].dtype.is_temporal:
            made = delayed(first, after)
            yield None if made is None else midnight(made)
        elif row[None, first] is None:
            yield None
    if source.snapshot is not None:
        yield delayed(source.snapshot.column, after)


def holds(source: Source, row: Row, at: datetime) -> bool:
    """Whether a row with validity holds: from <= at < to; without an end, for ever."""
    assert source.valid is not None
    start, end = row[None, source.valid.start], row[None, source.valid.end]
    return start is not None and start <= at and (end is None or at < end)


def snapshot_seen(source: Source, rows: list[Row], taken: Value) -> datetime | None:
    """When the last row of a snapshot is available, and its own time has come."""
    assert source.snapshot is not None
    if taken is None:
        return None
    after = None if source.available is None else source.available.after
    times = [taken if after is None else moved(taken, after, 1)]
    if source.available is not None and source.available.column is not None:
        same = [r for r in rows if r[None, source.snapshot.column] == taken]
        times += [r[None, source.available.column] for r in same]
    return None if None in times else max(times)


def newest_snapshot(source: Source, rows: list[Row], at: datetime) -> list[Row]:
    """Rows of the latest snapshot that is seen as a whole at a time."""
    assert source.snapshot is not None
    column = source.snapshot.column
    every = {r[None, column] for r in rows}
    seen = {t: snapshot_seen(source, rows, t) for t in every}
    newest = max((t for t, s in seen.items() if s is not None and s <= at), default=None)
    return [r for r in rows if newest is not None and r[None, column] == newest]


def winners(source: Source, rows: list[Row]) -> list[Row]:
    """Of the versions of each ``per`` the one with the largest ``by``, or the smallest."""
    assert source.keep is not None
    per, by = source.keep.per, source.keep.by
    found: dict[Key, Row] = {}
    ordered = sorted(rows, key=lambda r: [rank(r[None, c]) for c in by])
    for row in reversed(ordered) if source.keep.first else ordered:
        found[_key(row, per)] = row
    return list(found.values())


def order(source: Source, row: Row) -> list[object]:
    """What orders rows: time, ``then`` columns, key; a null after every value."""
    assert source.time is not None
    return [rank(row[None, c]) for c in (source.time, *source.tie_break)]


def within(window: ir.AnyWindow, time: datetime | None, as_of: datetime, zone: str) -> bool:
    """Whether a row's time lies in a window."""
    if time is None:
        return False
    if isinstance(window, ir.NextWindow):
        return as_of <= time < moved(as_of, window.length, 1)
    if window.aligned is not None:
        as_of = boundary(window.aligned, as_of, zone)
    if window.since is not None:
        return start_of(window.since, as_of, zone) <= time < as_of
    if window.start is not None:
        start = moved(as_of, window.start, -1)
        if time < start or (time == start and not window.start_closed):
            return False
    end = as_of if window.end is None else moved(as_of, window.end, -1)
    return time < end or (time == end and window.end_closed)


def boundary(step: Duration, at: datetime, zone: str) -> date:
    """The last boundary of a step at or before a time."""
    units = {"1d": "day", "1w": "week", "1month": "month", "1quarter": "quarter", "1year": "year"}
    if str(step) in units:
        return start_of(units[str(step)], at, zone)
    epoch = datetime(1970, 1, 1)
    length = timedelta(microseconds=step.micros)
    return epoch + (at - epoch) // length * length


@dataclass
class _Features:
    """The features of one key."""

    world: World
    group: Group
    rows: list[Row]
    known: dict[str, Value] = field(default_factory=dict)

    def values(self) -> dict[str, Value]:
        return {f.short: self.feature(f) for f in self.group.features.values()}

    def feature(self, feature: Feature) -> Value:
        if feature.name not in self.known:
            scope = Scope(self.leaf, self.world.as_of, self.world.program.timezone)
            self.known[feature.name] = scope.value(feature.expr)
        return self.known[feature.name]

    def leaf(self, e: ir.Expr) -> Value:
        if isinstance(e, ir.FeatureRef):
            return self.feature(self.group.features[e.feature])
        assert isinstance(e, ir.Aggregate)
        if e.aggregate == ir.ROW_VALUE:
            return self.bare(e)
        value = self.aggregate(e)
        if value is not None or e.default is None:
            return typed(value, e.dtype)
        scope = Scope(self.leaf, self.world.as_of, self.world.program.timezone)
        return turned(scope.value(e.default), e.default.dtype, e.dtype)

    def bare(self, e: ir.Aggregate) -> Value:
        """The column's value in the key's only row."""
        assert len(self.rows) < 2, "a key has at most one row here"
        scopes = [self.world.scope(r) for r in self.rows]
        return next((s.value(e.args[0]) for s in scopes if s.true(e.where)), None)

    def aggregate(self, e: ir.Aggregate) -> Value:
        root = self.world.program.root(self.group.relation)
        rows = [r for r in self.rows if self.world.scope(r).true(e.where)]
        if e.window is not None:
            assert root.time is not None
            time = root.time
            at, zone = self.world.as_of, self.world.program.timezone
            rows = [r for r in rows if within(e.window, r[None, time], at, zone)]
            rows = sorted(rows, key=lambda r: order(root, r))
            if isinstance(e.window, ir.Window) and e.window.last is not None:
                rows = rows[-e.window.last :]
        args = [tuple(self.world.scope(r).value(a) for a in e.args) for r in rows]
        times = [None if root.time is None else r[None, root.time] for r in rows]
        dtypes = tuple(a.dtype for a in e.args)
        return aggregate(e.aggregate, Rows(args, dtypes, e.dtype, times, self.world.as_of))
