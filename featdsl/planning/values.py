"""Values of an entity's features for the keys, and at the times, that are asked.

Features of one key and time are one table, whichever groups they are of: aggregates first, then
features of features, level by level. Values of other keys and times are tables of their own, in
which keys are looked up.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from featdsl.aggregates.registry import aggregates
from featdsl.ir import expr as ir
from featdsl.ir.plan import Combine, Derive, Lookup
from featdsl.ir.program import Feature, Group
from featdsl.ir.refs import declared_group, in_order, needed, of_same_key, outer
from featdsl.ir.visit import children, replace_leaves
from featdsl.planning.across import Asking, ago_values, among_values
from featdsl.planning.ask import Asked, keys_of_rows, points_of_rows
from featdsl.planning.bundles import bundled
from featdsl.planning.looked_in import next_values
from featdsl.planning.passes import Computed, Passes, bare, times_of
from featdsl.planning.rows import relation_rows
from featdsl.planning.steps import Sight, Steps, free_name
from featdsl.text.span import Span


@dataclass(frozen=True, slots=True)
class Table:
    """A step with a row for each key that is asked, and where features and ``extra`` are in it."""

    step: str
    columns: Mapping[str, str]
    extra: Mapping[ir.Expr, str]


@dataclass(frozen=True, slots=True)
class _Item:
    """A column that is computed: a feature, a key to look up, or something asked for beside."""

    column: str
    expr: ir.Expr
    group: str


@dataclass(slots=True)
class Values:
    """Adds the steps for values of features, a row for each key that is ``asked``.

    ``home`` is the group whose features are called by their short names; ``groups`` stand in for
    declared ones of their names.
    """

    steps: Steps
    asked: Asked
    span: Span
    home: Group | None = None
    groups: Mapping[str, Group] = field(default_factory=dict)
    _taken: set[str] = field(default_factory=set)
    _columns: dict[str, str] = field(default_factory=dict)
    _vias: dict[tuple[str, ir.Via], tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    _made: dict[tuple[str, ir.Expr], str] = field(default_factory=dict)
    _leaves: dict[tuple[str, ir.Expr], Computed] = field(default_factory=dict)
    _carried: dict[Computed, str] = field(default_factory=dict)
    _depths: dict[str, int] = field(default_factory=dict)

    def table(
        self, chosen: Iterable[str], *, extra: Sequence[ir.Expr] = (), keyed: bool = False
    ) -> Table:
        """Steps for features by full name, and for expressions over features of the entity.

        With ``keyed`` the entity's keys are columns of the table, as they are at one time.
        """
        self._taken |= {c.lower() for c in self.asked.columns}
        if self.home is not None:
            self._taken |= {f.short.lower() for f in self.home.features.values()}
        named = (n for e in extra for n in of_same_key(e))
        items = [self._item(f) for f in needed(self.steps.program, [*chosen, *named], self.groups)]
        items += [_Item(free_name("value", self._taken), e, "") for e in extra]
        asked_for = {item.expr: item.column for item in items[len(items) - len(extra) :]}
        keys: list[_Item] = []
        for item in items:
            keys += self._keys(item)
        items = self._by_depth([*keys, *items])
        self._add_leaves(items)
        self._leaves = {**bundled(self.steps, self.asked, self._leaves, self.span)}
        return Table(self._layers(items, keyed=keyed), self._columns, asked_for)

    def _item(self, feature: Feature) -> _Item:
        group = self._group(feature.group)
        if self.home is not None and group.name == self.home.name:
            self._columns[feature.name] = feature.short
        else:
            name = free_name(f"{group.short}.{feature.short}", self._taken)
            self._columns[feature.name] = name
        return _Item(self._columns[feature.name], feature.expr, group.name)

    def _group(self, name: str) -> Group:
        return self.groups.get(name) or declared_group(self.steps.program, name)

    # --- The order of columns ---------------------------------------------------------------

    def _keys(self, item: _Item) -> Iterator[_Item]:
        """Keys by which an item looks up features, inner ones first, that are no columns yet."""
        found = [n for n in outer(item.expr) if isinstance(n, ir.Via)]
        for via in reversed(found):
            if (item.group, via) in self._vias:
                continue
            names: list[str] = []
            for key in via.keys:
                if isinstance(key, ir.FeatureRef):
                    names.append(self._columns[key.feature])
                elif isinstance(key, ir.Via):
                    names.append(self._vias[item.group, key][0])
                elif (item.group, key) in self._made:
                    names.append(self._made[item.group, key])
                else:
                    names.append(free_name("key", self._taken))
                    self._made[item.group, key] = names[-1]
                    yield _Item(names[-1], key, item.group)
            group, _, short = via.feature.rpartition(".")
            column = free_name(f"{self._group(group).short}.{short}", self._taken)
            self._vias[item.group, via] = (column, tuple(names))

    def _by_depth(self, items: Sequence[_Item]) -> list[_Item]:
        """Items in an order in which each stands after what it reads; their depths are set."""
        by_column = {item.column: item for item in items}
        vias = dict(self._vias.values())

        def needs(column: str) -> list[str]:
            if column in vias:
                return list(vias[column])
            return list(self._read(by_column[column]))

        for column in in_order(by_column, needs):
            below = [self._depths[c] for c in needs(column)]
            # A look-up stands beside the last of its keys: what reads it is a level above.
            own = 0 if column in vias else 1
            self._depths[column] = max((d + own for d in below), default=0)
        return [by_column[c] for c in self._depths if c in by_column]

    def _read(self, item: _Item) -> Iterator[str]:
        """Columns of the table that an item reads."""
        waiting = [item.expr]
        while waiting:
            node = waiting.pop()
            if isinstance(node, ir.FeatureRef):
                yield self._columns[node.feature]
            elif isinstance(node, ir.Via):
                yield self._vias[item.group, node][0]
            elif not isinstance(node, ir.Aggregate | ir.Among):
                waiting += children(node)

    # --- What is read of rows, other times and peers ------------------------------------------

    def _add_leaves(self, items: Sequence[_Item]) -> None:
        """Steps for aggregates, earlier values and peers: each has a row for each key asked."""
        read: dict[str, dict[ir.Aggregate, None]] = {}
        agos: dict[ir.Ago, None] = {}
        amongs: dict[ir.Among, None] = {}
        nexts: dict[ir.NextIn, None] = {}
        for item in items:
            for node in outer(item.expr):
                if isinstance(node, ir.Aggregate):
                    read.setdefault(item.group, {})[bare(node)] = None
                elif isinstance(node, ir.Ago):
                    agos[node] = None
                elif isinstance(node, ir.NextIn):
                    nexts[node] = None
                elif isinstance(node, ir.Among):
                    amongs[_bare_among(node)] = None
        for name, wanted in read.items():
            group = self._group(name)
            assert group.relation is not None, "aggregates read rows"
            sight = self._sight(name, wanted)
            points = self.asked.points
            times = None if points is None else times_of(group, points)
            rows = relation_rows(self.steps, group.relation, sight, times=times)
            found = Passes(self.steps, group, self.asked, sight).add(rows, wanted)
            self._leaves.update({(name, a): c for a, c in found.items()})
        asking = Asking(self.steps, self.asked, self.span, _table)
        for ago, computed in ago_values(asking, list(agos)).items():
            self._leaves["", ago] = computed
        for following, computed in next_values(asking, list(nexts)).items():
            self._leaves["", following] = computed
        for among, computed in among_values(asking, list(amongs)).items():
            self._leaves["", among] = computed

    def _sight(self, group: str, wanted: Iterable[ir.Aggregate]) -> Sight:
        if self.asked.points is None:
            return Sight.AS_OF
        if group in self.steps.program.labels:
            return Sight.UNTIL
        # A window holds rows whose time has come; without one they are read ahead of it too.
        return Sight.EVER if any(a.window is None for a in wanted) else Sight.EVERY

    # --- The table ------------------------------------------------------------------------------

    def _layers(self, items: Sequence[_Item], *, keyed: bool) -> str:
        """Columns on aggregates only, then level by level those on columns below them."""
        levels: dict[int, list[_Item]] = {0: []}
        for item in items:
            levels.setdefault(self._depths[item.column], []).append(item)
        above = [i for level, found in levels.items() if level for i in found]
        carried: dict[str, ir.Expr] = {}
        for item in above:
            for key, node in self._leaves_of(item):
                computed = self._leaves[key]
                if computed not in self._carried:
                    name = free_name(f"{computed.step}.{computed.column}", self._taken)
                    self._carried[computed] = name
                carried[self._carried[computed]] = _column(node, computed.column, computed.step)
        short = self.asked.entity.short if self.home is None else self.home.short
        combine = Combine(
            keys_from=self.asked.step,
            keys=self.asked.row,
            as_of=self.asked.as_of,
            carried=self.asked.keys if keyed and self.asked.points is not None else (),
            passes=tuple(dict.fromkeys(c.step for c in self._leaves.values())),
            values=(
                *((i.column, self._placed(i, carried=False)) for i in levels[0]),
                *carried.items(),
            ),
        )
        note = "one row a key" if self.asked.points is None else "one row a point"
        name = self.steps.add(f"{short}_values", combine, note, self.span)
        vias = {self._depths[column]: None for column, _ in self._vias.values()}
        for level in sorted({*levels, *vias}):
            if level and level in levels:
                derive = Derive(
                    input=name,
                    columns=self.steps.columns(name),
                    values=tuple((i.column, self._placed(i, carried=True)) for i in levels[level]),
                    as_of=self.asked.as_of,
                )
                name = self.steps.add(f"{short}_derived", derive, "features of features", self.span)
            name = self._look_up(name, level)
        return name

    def _leaves_of(self, item: _Item) -> Iterator[tuple[tuple[str, ir.Expr], ir.Expr]]:
        """What it reads itself: keys of look-ups are items of their own."""
        waiting = [item.expr]
        while waiting:
            node = waiting.pop(0)
            key = _leaf_key(node, item.group)
            if key is not None:
                yield key, key[1]
            elif not isinstance(node, ir.Via):
                waiting[:0] = children(node)

    def _look_up(self, table: str, level: int) -> str:
        """Steps for the features of other things whose keys are there by this level."""
        vias = [
            (via.feature, column, keys)
            for (_, via), (column, keys) in self._vias.items()
            if self._depths[column] == level
        ]
        return look_up(
            self.steps,
            table,
            vias,
            at=self.asked.as_of,
            one_time=not self.asked.points,
            span=self.span,
        )

    def _placed(self, item: _Item, *, carried: bool) -> ir.Expr:
        """The item's expression over columns: ``pass.column``, and features by their names."""
        return replace_leaves(item.expr, lambda e: self._leaf(e, item.group, carried=carried))

    def _leaf(self, e: ir.Expr, group: str, *, carried: bool) -> ir.Expr | None:
        if isinstance(e, ir.FeatureRef):
            return _column(e, self._columns[e.feature])
        if isinstance(e, ir.Via):
            return _column(e, self._vias[group, e][0])
        key = _leaf_key(e, group)
        if key is None:
            return None
        computed = self._leaves[key]
        value = (
            _column(key[1], self._carried[computed])
            if carried
            else _column(key[1], computed.column, computed.step)
        )
        return with_default(e, value)


def _leaf_key(e: ir.Expr, group: str) -> tuple[str, ir.Expr] | None:
    match e:
        case ir.Aggregate():
            return group, bare(e)
        case ir.Ago() | ir.NextIn():
            return "", e
        case ir.Among():
            return "", _bare_among(e)
        case _:
            return None


def _bare_among(e: ir.Among) -> ir.Among:
    spec = aggregates().get(e.aggregate)
    dtype = e.dtype if spec is None else spec.returns([x.dtype for x in e.args])
    return ir.Among(
        dtype=dtype, span=e.span, aggregate=e.aggregate, args=e.args, where=e.where, key=e.key
    )


def _column(e: ir.Expr, name: str, qualifier: str | None = None) -> ir.Column:
    nullable = e.nullable if isinstance(e, ir.FeatureRef) else True
    return ir.Column(dtype=e.dtype, nullable=nullable, span=e.span, name=name, qualifier=qualifier)


def with_default(e: ir.Expr, value: ir.Expr) -> ir.Expr:
    """A leaf's value where it is null: of no rows, or the call's default."""
    if not isinstance(e, ir.Aggregate | ir.Among):
        return value
    if isinstance(e, ir.Aggregate) and e.by is not None:
        return value  # of no rows a map is null, and a default stands inside
    spec = aggregates().get(e.aggregate)
    if spec is not None and spec.empty is not None:
        # A key without a row in the window has no row in the pass.
        empty = ir.Literal(dtype=value.dtype, nullable=False, span=e.span, value=spec.empty)
        whole: ir.Expr = ir.Coalesce(
            dtype=value.dtype, nullable=False, span=e.span, operands=(value, empty)
        )
        if value.dtype != e.dtype:
            whole = ir.Cast(dtype=e.dtype, nullable=False, span=e.span, operand=whole)
        return whole
    if e.default is not None:
        return ir.Coalesce(dtype=e.dtype, span=e.span, operands=(value, e.default))
    return value


def look_up(
    steps: Steps,
    table: str,
    vias: Iterable[tuple[str, str, tuple[str, ...]]],
    *,
    at: str | None,
    one_time: bool,
    span: Span,
) -> str:
    """Add features of other things to a step with their keys: (feature, new column, keys).

    They are read at the one as-of time, or at the time in column ``at`` of each row.
    """
    wanted: dict[tuple[str, tuple[str, ...]], list[tuple[str, str]]] = {}
    for feature, column, keys in vias:
        of = declared_group(steps.program, feature.rpartition(".")[0]).entity
        wanted.setdefault((of, keys), []).append((feature, column))
    for (name, keys), found in wanted.items():
        entity = steps.program.entities[name]
        if one_time:
            asked = keys_of_rows(steps, entity, table, keys, span)
        else:
            assert at is not None, "rows have a time each"
            asked = points_of_rows(steps, entity, table, keys, at, span)
        values = _table(steps, asked, [f for f, _ in found], (), span)
        on = tuple(zip(keys, asked.keys, strict=True))
        if at is not None and asked.as_of is not None:
            on = (*on, (at, asked.as_of))
        lookup = Lookup(
            input=table,
            columns=steps.columns(table),
            found=values.step,
            on=on,
            values=tuple((column, values.columns[f]) for f, column in found),
        )
        note = f"with values of each {entity.short}"
        table = steps.add(f"{entity.short}_of", lookup, note, span)
    return table


def _table(
    steps: Steps, asked: Asked, chosen: Sequence[str], extra: Sequence[ir.Expr], span: Span
) -> Table:
    return Values(steps, asked, span).table(chosen, extra=extra, keyed=True)
