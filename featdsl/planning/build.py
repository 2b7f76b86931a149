"""A group's features as a plan: rows, narrow rows, one pass a window, combine, emit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from featdsl.aggregates.order import is_ordered
from featdsl.aggregates.registry import aggregates
from featdsl.ir import expr as ir
from featdsl.ir.plan import Combine, Derive, Emit, Keys, Narrow, Paired, Pass, Plan
from featdsl.ir.program import Entity, Feature, Group, Program
from featdsl.ir.visit import replace_leaves, walk
from featdsl.planning.narrow import Namer, narrowed
from featdsl.planning.reading import Reading, in_steps, window_name
from featdsl.planning.rows import relation_rows
from featdsl.planning.steps import Rows, Sight, Steps
from featdsl.types.dtype import INT_DIGITS, MAX_DIGITS, TIMESTAMP, DType, Kind, decimal


def build_rows(
    program: Program, relation: str, *, given: Iterable[str] = (), reserved: Iterable[str] = ()
) -> Plan:
    """The rows of a source or view as seen at the as-of time."""
    steps = Steps(program, frozenset(given), reserved=frozenset(reserved))
    relation_rows(steps, relation)
    return Plan(steps=tuple(steps.items))


def build(
    program: Program,
    group: str,
    *,
    features: Sequence[str] | None = None,
    given: Iterable[str] = (),
    population: bool = True,
    reserved: Iterable[str] = (),
) -> Plan:
    """Plan the features of a group at one as-of time.

    Args:
        program: The checked program.
        group: The group's full name.
        features: Short names of those that come out; None for all. What they need is computed.
        given: Views whose rows are given as they are.
        population: Whether the entity's population decides which keys exist; else it is the
            keys that have rows.
        reserved: Names that no step may have: those of tables that are read.
    """
    declared = program.groups[group]
    steps = Steps(program, frozenset(given), reserved=frozenset(reserved))
    chosen = [f for f in in_order(declared) if features is None or f.short in features]
    plan = GroupPlan(steps, declared)
    emit = Emit(
        input=plan.at_one_time(chosen, population=population),
        keys=plan.keys,
        columns=tuple((f.short, stored_type(f.dtype)) for f in chosen),
    )
    steps.add("output", emit, declared.short, declared.name_span)
    return Plan(steps=tuple(steps.items))


def in_order(group: Group) -> list[Feature]:
    """A group's features in the order of the text."""
    return sorted(group.features.values(), key=lambda f: f.index)


@dataclass(slots=True)
class GroupPlan:
    """Steps from a relation's rows to one row a key, or a point, with the values of a group."""

    steps: Steps
    group: Group

    @property
    def program(self) -> Program:
        return self.steps.program

    @property
    def entity(self) -> Entity:
        return self.program.entities[self.group.entity]

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(k.name for k in self.entity.keys)

    def at_one_time(self, chosen: Iterable[Feature], *, population: bool) -> str:
        """Steps for the features at the as-of time, a row a key; the name of the last."""
        needed = self.needed(chosen)
        rows = relation_rows(self.steps, self.group.relation)
        passes = self._passes(rows, needed, None)
        return self._combine(self._keys(rows.step, population), passes, needed, None)

    def at_points(self, chosen: Iterable[Feature], points: Paired, sight: Sight) -> str:
        """Steps for the features at each point, a row a point; the name of the last.

        ``points`` says where the points are; when a row is seen is put in here.
        """
        needed = self.needed(chosen)
        rows = relation_rows(self.steps, self.group.relation, sight)
        passes = self._passes(rows, needed, points)
        return self._combine(points.points, passes, needed, points)

    def needed(self, chosen: Iterable[Feature]) -> list[Feature]:
        """The chosen and all that they rest on, in dependency order."""
        found: set[str] = set()
        waiting = [f.name for f in chosen]
        while waiting:
            name = waiting.pop()
            if name in found:
                continue
            found.add(name)
            expr = self.group.features[name].expr
            waiting += [n.feature for n in walk(expr) if isinstance(n, ir.FeatureRef)]
        return [f for name, f in self.group.features.items() if name in found]

    def _passes(
        self, rows: Rows, features: Iterable[Feature], points: Paired | None
    ) -> dict[ir.Aggregate, _Computed]:
        """Add the narrow rows and one pass a window; say where each aggregate is found."""
        distinct: dict[ir.Aggregate, None] = {}
        for feature in features:
            for node in walk(feature.expr):
                if isinstance(node, ir.Aggregate):
                    distinct.setdefault(_bare(node))
        if not distinct:
            return {}
        root = self.program.root(self.group.relation)
        ordered = any(map(is_ordered, distinct))
        order = _unique([root.time, *root.tie_break]) if root.time and ordered else ()
        # A key may be called as a column of the rows that is no key: it goes by another name.
        taken = set(self.keys) if points is None else {*self.keys, points.point, points.as_of}
        namer = Namer({name.lower() for name in taken})

        def placed(name: str) -> str:
            dtype = root.columns[name].dtype if name in root.columns else TIMESTAMP
            return namer.name_of(ir.Column(dtype=dtype, span=root.name_span, name=name))

        time = None if root.time is None else placed(root.time)
        ordering = tuple(map(placed, order))
        paired = None
        if points is not None:
            start, end = (None if c is None else placed(c) for c in (rows.start, rows.end))
            paired = replace(points, start=start, end=end)
        found = {a: narrowed(a, namer, paired=points is not None) for a in distinct}
        windows = dict.fromkeys(a.window for a in distinct)
        narrow = Narrow(
            input=rows.step,
            keys=tuple(zip(self.keys, self.group.role.columns, strict=True)),
            values=tuple(namer.values.items()),
            time=root.time,
            # A pass over every row that exists, or for many times, must find every row.
            windows=() if None in windows or paired else _stretches(windows),
        )
        note = "what the aggregates read, evaluated once a row, sorted by key"
        source = self.steps.add(f"{self.group.short}_rows", narrow, note, self.group.name_span)
        operation = Pass(
            input=source,
            keys=self.keys if points is None else (points.point,),
            window=None,
            time=time,
            order=ordering,
            aggregates=(),
            paired=paired,
        )
        plain = {a: n for a, n in found.items() if not in_steps(a)}
        computed = self._add_passes(operation, dict.fromkeys(a.window for a in plain), plain)
        rest = {a: n for a, n in found.items() if in_steps(a)}
        for a, (step, column) in Reading(self.steps, self.group, operation).add(rest).items():
            computed[a] = _Computed(step, column)
        return computed

    def _add_passes(
        self,
        blank: Pass,
        windows: Iterable[ir.Window | ir.NextWindow | None],
        narrow: dict[ir.Aggregate, ir.Aggregate],
    ) -> dict[ir.Aggregate, _Computed]:
        found: dict[ir.Aggregate, _Computed] = {}
        for window in windows:
            members = [a for a in narrow if a.window == window]
            names = Namer({k.lower() for k in blank.keys})
            named = [(names.name_of(narrow[a]), narrow[a]) for a in members]
            suffix = "now" if window is None else window_name(window)
            operation = replace(blank, window=window, aggregates=tuple(named))
            note = "rows that hold at the as-of time" if window is None else f"window {window}"
            step = self.steps.add(
                f"{self.group.short}_{suffix}", operation, note, self.group.name_span
            )
            for aggregate, (name, _) in zip(members, named, strict=True):
                found[aggregate] = _Computed(step, name)
        return found

    def _keys(self, rows: str, population: bool) -> str:
        """Which keys exist at t: the entity's population, else the keys of the group's rows."""
        entity = self.entity
        if population and entity.population is not None:
            listed = relation_rows(self.steps, entity.population).step
            columns = population_columns(self.program, entity)
            note = f"every {entity.short} that exists at the as-of time"
        else:
            listed, columns = rows, self.group.role.columns
            note = f"every {entity.short} that has a row at the as-of time"
        operation = Keys(input=listed, keys=tuple(zip(self.keys, columns, strict=True)))
        return self.steps.add(f"{entity.short}_keys", operation, note, entity.name_span)

    def _combine(
        self,
        keys_from: str,
        found: dict[ir.Aggregate, _Computed],
        features: Sequence[Feature],
        points: Paired | None,
    ) -> str:
        """Features in layers: those on aggregates only, then those on features below them."""
        layers = list(_layers(features))
        base = layers[0] if layers else []
        above = [
            _bare(n)
            for layer in layers[1:]
            for f in layer
            for n in walk(f.expr)
            if isinstance(n, ir.Aggregate)
        ]
        as_of = None if points is None else points.as_of
        combine = Combine(
            keys_from=keys_from,
            keys=self.keys if points is None else (points.point,),
            as_of=as_of,
            passes=_unique(c.step for c in found.values()),
            values=(
                *((f.short, _on_passes(f, found)) for f in base),
                *((found[a].carried, found[a].column_of(a)) for a in dict.fromkeys(above)),
            ),
        )
        note = "one row a key" if points is None else "one row a point"
        name = self.steps.add(f"{self.group.short}_values", combine, note, self.group.name_span)
        for layer in layers[1:]:
            derive = Derive(
                input=name,
                columns=self.steps.columns(name),
                values=tuple((f.short, _on_passes(f, found, carried=True)) for f in layer),
                as_of=as_of,
            )
            name = self.steps.add(
                f"{self.group.short}_derived", derive, "features of features", self.group.name_span
            )
        return name


@dataclass(frozen=True, slots=True)
class _Computed:
    """Where an aggregate's value is found: a column of a pass."""

    step: str
    column: str

    @property
    def carried(self) -> str:
        """Its name beside the features, for features of features that need it too."""
        return f"{self.step}.{self.column}"

    def column_of(self, a: ir.Aggregate, *, carried: bool = False) -> ir.Column:
        if carried:
            return ir.Column(dtype=a.dtype, nullable=True, span=a.span, name=self.carried)
        return ir.Column(
            dtype=a.dtype, nullable=True, span=a.span, name=self.column, qualifier=self.step
        )


def _bare(a: ir.Aggregate) -> ir.Aggregate:
    """The aggregate without its default, in its own type: a default may have widened it."""
    spec = aggregates().get(a.aggregate)
    dtype = a.dtype if spec is None else spec.returns([x.dtype for x in a.args])
    return replace(a, dtype=dtype, default=None)


def _on_passes(
    feature: Feature, found: dict[ir.Aggregate, _Computed], *, carried: bool = False
) -> ir.Expr:
    """The feature's expression over columns: ``pass.column``, and features by short name."""
    return replace_leaves(feature.expr, lambda e: _leaf(e, found, carried))


def _leaf(e: ir.Expr, found: dict[ir.Aggregate, _Computed], carried: bool) -> ir.Expr | None:
    if isinstance(e, ir.FeatureRef):
        short = e.feature.rpartition(".")[2]
        return ir.Column(dtype=e.dtype, nullable=e.nullable, span=e.span, name=short)
    if not isinstance(e, ir.Aggregate):
        return None
    bare = _bare(e)
    value: ir.Expr = found[bare].column_of(bare, carried=carried)
    spec = aggregates().get(e.aggregate)
    if spec is not None and spec.empty is not None:
        # A key without a row in the window has no row in the pass.
        empty = ir.Literal(dtype=bare.dtype, nullable=False, span=e.span, value=spec.empty)
        value = ir.Coalesce(dtype=bare.dtype, nullable=False, span=e.span, operands=(value, empty))
        if bare.dtype != e.dtype:
            value = ir.Cast(dtype=e.dtype, nullable=False, span=e.span, operand=value)
    elif e.default is not None:
        value = ir.Coalesce(dtype=e.dtype, span=e.span, operands=(value, e.default))
    return value


def _layers(features: Sequence[Feature]) -> Iterable[list[Feature]]:
    depth: dict[str, int] = {}
    for feature in features:  # in dependency order
        below = [depth[n.feature] for n in walk(feature.expr) if isinstance(n, ir.FeatureRef)]
        depth[feature.name] = 1 + max(below, default=-1)
    for level in range(max(depth.values(), default=-1) + 1):
        yield [f for f in features if depth[f.name] == level]


def stored_type(dtype: DType) -> DType:
    """How a value is stored: an exact sum of ints as a decimal without places."""
    if dtype.kind is Kind.INT and dtype.precision > INT_DIGITS:
        return decimal(MAX_DIGITS, 0)
    if dtype.is_nested:
        return replace(dtype, items=tuple(map(stored_type, dtype.items)))
    return dtype


def population_columns(program: Program, entity: Entity) -> tuple[str, ...]:
    """Columns of an entity's population that hold its key, in the order of its keys."""
    assert entity.population is not None
    source = program.root(entity.population)
    return next(r.columns for r in source.roles if r.entity == entity.name)


def _stretches(windows: Iterable[ir.AnyWindow | None]) -> tuple[ir.Window, ...]:
    """The stretches of time that windows at one as-of time cover, each once."""
    backward = [w for w in windows if isinstance(w, ir.Window)]
    return tuple(dict.fromkeys(w.uncapped for w in backward))


def _unique(names: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(n for n in names if n is not None))
