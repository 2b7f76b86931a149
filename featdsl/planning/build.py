"""A group's features as a plan: rows, narrow rows, one pass a window, combine, emit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from featdsl.aggregates.registry import aggregates
from featdsl.ir import expr as ir
from featdsl.ir.plan import Combine, Derive, Emit, Keys, Narrow, Pass, Plan
from featdsl.ir.program import Entity, Feature, Group, Program
from featdsl.ir.visit import map_children, walk
from featdsl.planning.rows import Steps, relation_rows
from featdsl.types.dtype import INT_DIGITS, MAX_DIGITS, DType, Kind, decimal


def build_rows(program: Program, relation: str, *, given: Iterable[str] = ()) -> Plan:
    """The rows of a source or view as seen at the as-of time."""
    steps = Steps(program, frozenset(given))
    relation_rows(steps, relation)
    return Plan(steps=tuple(steps.items))


def build(
    program: Program,
    group: str,
    *,
    features: Sequence[str] | None = None,
    given: Iterable[str] = (),
    population: bool = True,
) -> Plan:
    """Plan the features of a group at one as-of time.

    Args:
        program: The checked program.
        group: The group's full name.
        features: Short names of those that come out; None for all. What they need is computed.
        given: Views whose rows are given as they are.
        population: Whether the entity's population decides which keys exist; else it is the
            keys that have rows.
    """
    return _GroupPlan(program, program.groups[group], frozenset(given)).plan(features, population)


@dataclass(slots=True)
class _GroupPlan:
    program: Program
    group: Group
    given: frozenset[str]
    steps: Steps = field(init=False)

    def __post_init__(self) -> None:
        self.steps = Steps(self.program, self.given)

    @property
    def entity(self) -> Entity:
        return self.program.entities[self.group.entity]

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(k.name for k in self.entity.keys)

    def plan(self, names: Sequence[str] | None, population: bool) -> Plan:
        chosen = [f for f in self._declared() if names is None or f.short in names]
        needed = self._needed(chosen)
        rows = relation_rows(self.steps, self.group.relation)
        passes = self._passes(rows, needed)
        keys_from = self._keys(rows, population)
        combined = self._combine(keys_from, passes, needed)
        emit = Emit(
            input=combined,
            keys=self.keys,
            columns=tuple((f.short, stored_type(f.dtype)) for f in chosen),
        )
        self.steps.add("output", emit, self.group.short, self.group.name_span)
        return Plan(steps=tuple(self.steps.items))

    def _declared(self) -> list[Feature]:
        """Features in the order of the text."""
        return sorted(self.group.features.values(), key=lambda f: f.index)

    def _needed(self, chosen: Iterable[Feature]) -> list[Feature]:
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

    def _passes(self, rows: str, features: Iterable[Feature]) -> dict[ir.Aggregate, _Computed]:
        """Add the narrow rows and one pass a window; say where each aggregate is found."""
        distinct: dict[ir.Aggregate, None] = {}
        for feature in features:
            for node in walk(feature.expr):
                if isinstance(node, ir.Aggregate):
                    distinct.setdefault(_bare(node))
        if not distinct:
            return {}
        root = self.program.root(self.group.relation)
        ordered = any(_spec_needs_order(a) for a in distinct)
        order = _unique([root.time, *root.tie_break]) if root.time and ordered else ()
        # A key may be called as a column of the rows that is no key: it goes by another name.
        namer = _Namer({k.lower() for k in self.keys})
        placed = {
            name: namer.name_of(
                ir.Column(dtype=root.columns[name].dtype, span=root.name_span, name=name)
            )
            for name in _unique([root.time, *order])
        }
        narrowed = {a: _narrowed(a, namer) for a in distinct}
        windows: dict[ir.Window | None, None] = dict.fromkeys(a.window for a in distinct)
        narrow = Narrow(
            input=rows,
            keys=tuple(zip(self.keys, self.group.role.columns, strict=True)),
            values=tuple(namer.values.items()),
            time=root.time,
            # A pass over every row that exists must find every row.
            windows=() if None in windows else tuple(w for w in windows if w is not None),
        )
        note = "what the aggregates read, evaluated once a row, sorted by key"
        source = self.steps.add(f"{self.group.short}_rows", narrow, note, self.group.name_span)
        time = None if root.time is None else placed[root.time]
        ordering = tuple(placed[name] for name in order)
        return self._add_passes(source, time, ordering, windows, narrowed)

    def _add_passes(
        self,
        source: str,
        time: str | None,
        order: tuple[str, ...],
        windows: Iterable[ir.Window | None],
        narrowed: dict[ir.Aggregate, ir.Aggregate],
    ) -> dict[ir.Aggregate, _Computed]:
        found: dict[ir.Aggregate, _Computed] = {}
        for window in windows:
            members = [a for a in narrowed if a.window == window]
            names = _Namer({k.lower() for k in self.keys})
            named = [(names.name_of(narrowed[a]), narrowed[a]) for a in members]
            suffix = "now" if window is None else _suffix(window)
            operation = Pass(
                input=source,
                keys=self.keys,
                window=window,
                time=time,
                order=order,
                aggregates=tuple(named),
            )
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
            source = self.program.root(entity.population)
            role = next(r for r in source.roles if r.entity == entity.name)
            same = entity.population == self.group.relation
            listed = rows if same else relation_rows(self.steps, entity.population)
            columns, note = role.columns, f"every {entity.short} that exists at the as-of time"
        else:
            listed, columns = rows, self.group.role.columns
            note = f"every {entity.short} that has a row at the as-of time"
        operation = Keys(input=listed, keys=tuple(zip(self.keys, columns, strict=True)))
        return self.steps.add(f"{entity.short}_keys", operation, note, entity.name_span)

    def _combine(
        self, keys_from: str, found: dict[ir.Aggregate, _Computed], features: Sequence[Feature]
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
        combine = Combine(
            keys_from=keys_from,
            keys=self.keys,
            passes=_unique(c.step for c in found.values()),
            values=(
                *((f.short, _on_passes(f, found)) for f in base),
                *((found[a].carried, found[a].column_of(a)) for a in dict.fromkeys(above)),
            ),
        )
        name = self.steps.add(
            f"{self.group.short}_values", combine, "one row a key", self.group.name_span
        )
        for layer in layers[1:]:
            derive = Derive(
                input=name,
                columns=self.steps.columns(name),
                values=tuple((f.short, _on_passes(f, found, carried=True)) for f in layer),
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


@dataclass(slots=True)
class _Namer:
    """Gives expressions column names, one name an expression: readable where it is a column.

    ``taken`` holds names in lower case: engines take ``A`` and ``a`` for one name.
    """

    taken: set[str]
    values: dict[str, ir.Expr] = field(default_factory=dict)
    names: dict[ir.Expr, str] = field(default_factory=dict)

    def name_of(self, e: ir.Expr) -> str:
        if e not in self.names:
            stem = _stem(e)
            name, n = stem, 2
            while name.lower() in self.taken:
                name, n = f"{stem}_{n}", n + 1
            self.taken.add(name.lower())
            self.names[e] = name
            self.values[name] = e
        return self.names[e]


def _stem(e: ir.Expr) -> str:
    match e:
        case ir.Column(name=name, qualifier=None):
            return name
        case ir.Column(name=name, qualifier=qualifier):
            return f"{qualifier}_{name}"
        case ir.Aggregate(aggregate=aggregate, args=(ir.Column(name=name), *_), where=None):
            return name if aggregate == ir.ROW_VALUE else f"{aggregate}_{name}"
        case ir.Aggregate(args=(ir.Column(name=name), *_), where=ir.Column(name=where)):
            return f"{e.aggregate}_{name}_{where}"
        case ir.Aggregate(args=(), where=ir.Column(name=where)):
            return f"{e.aggregate}_{where}"
        case ir.Aggregate():
            return e.aggregate
        case _:
            return "if" if e.dtype.kind is Kind.BOOL else "x"


def _narrowed(a: ir.Aggregate, namer: _Namer) -> ir.Aggregate:
    """The aggregate over columns of the narrow rows; constants stay where they are."""

    def column(e: ir.Expr) -> ir.Expr:
        if _constant(e):
            return e
        return ir.Column(dtype=e.dtype, nullable=e.nullable, span=e.span, name=namer.name_of(e))

    def argument(e: ir.Expr) -> ir.Expr:
        if a.where is None or not any(map(_may_stop, walk(e))):
            return column(e)
        # A row that does not count is no reason to stop: it may be left out for what it holds.
        return column(
            ir.Conditional(dtype=e.dtype, span=e.span, branches=((a.where, e),), otherwise=None)
        )

    return replace(
        a,
        args=tuple(argument(x) for x in a.args),
        where=None if a.where is None else column(a.where),
        default=None,
    )


def _may_stop(e: ir.Expr) -> bool:
    """Whether an operation by itself stops a run at some value: a cast that does."""
    if not isinstance(e, ir.Cast) or e.safe:
        return False
    source, target = e.operand.dtype, e.dtype
    if target.kind is Kind.TEXT:
        return False
    if source.kind in (Kind.TEXT, Kind.FLOAT):
        return target.kind is not Kind.FLOAT or source.kind is Kind.TEXT
    return target.is_exact and target.precision - target.scale < source.precision - source.scale


def _constant(e: ir.Expr) -> bool:
    return not any(isinstance(n, ir.Column | ir.AsOf | ir.Call | ir.FeatureRef) for n in walk(e))


def _bare(a: ir.Aggregate) -> ir.Aggregate:
    """The aggregate without its default, in its own type: a default may have widened it."""
    spec = aggregates().get(a.aggregate)
    dtype = a.dtype if spec is None else spec.returns([x.dtype for x in a.args])
    return replace(a, dtype=dtype, default=None)


def _spec_needs_order(a: ir.Aggregate) -> bool:
    spec = aggregates().get(a.aggregate)
    return spec is not None and spec.ordered


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


def replace_leaves(e: ir.Expr, leaf: Callable[[ir.Expr], ir.Expr | None]) -> ir.Expr:
    """The expression with every node replaced that `leaf` gives something for."""
    new = leaf(e)
    return new if new is not None else map_children(e, lambda c: replace_leaves(c, leaf))


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
    return dtype


def _suffix(window: ir.Window) -> str:
    text = str(window)
    for mark, word in (("<..=", "_xi_"), ("<..", "_x_"), ("..=", "_i_"), ("..", "_")):
        text = text.replace(mark, word)
    return text


def _unique(names: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(n for n in names if n is not None))
