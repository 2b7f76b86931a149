"""Aggregates over a group's rows: narrow rows, and one pass a window."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from featdsl.aggregates.order import is_ordered
from featdsl.aggregates.registry import aggregates
from featdsl.ir import expr as ir
from featdsl.ir.plan import Derive, Narrow, Paired, Pass
from featdsl.ir.program import Group, Source
from featdsl.ir.relations import ahead_root, is_ahead, order_of, row_columns
from featdsl.ir.text import canonical
from featdsl.planning.ask import Asked
from featdsl.planning.asked_rows import asked_rows
from featdsl.planning.narrow import Namer, narrowed
from featdsl.planning.pieces import cut_at
from featdsl.planning.reading import Reading, in_steps, window_name
from featdsl.planning.rows_across import LookedUp, vias
from featdsl.planning.steps import Rows, Sight, Steps, Times
from featdsl.types.dtype import BOOL, DURATION, TIMESTAMP
from featdsl.types.duration import Duration


@dataclass(frozen=True, slots=True)
class Computed:
    """Where the value of an aggregate, or of another leaf of expressions, is: a step's column."""

    step: str
    column: str


@dataclass(frozen=True, slots=True)
class Passes:
    """Adds the steps for a group's aggregates over its rows, a row for each key that is asked."""

    steps: Steps
    group: Group
    asked: Asked
    sight: Sight

    def add(self, rows: Rows, wanted: Iterable[ir.Aggregate]) -> dict[ir.Aggregate, Computed]:
        """Add the narrow rows and one pass a window; say where each aggregate is found."""
        distinct = dict.fromkeys(map(bare, wanted))
        if not distinct:
            return {}
        assert self.group.relation is not None, "aggregates read rows"
        root = self.steps.program.root(self.group.relation)
        ahead = ahead_root(self.steps.program, self.group.relation)
        rows, looks_at = self._cut(rows, root, distinct)
        recent = self._recent(rows.step, root, distinct)
        looked_up = LookedUp(self.steps, ahead, self.sight, recent, time=looks_at)
        looked_up.add(distinct)
        read = {a: _aggregate(looked_up.placed(a)) for a in distinct}
        rows = replace(rows, step=looked_up.step)
        group, points, keys = self.group, self.asked.points, self.asked.keys
        assert group.role is not None, "rows are of somebody"
        of_rows = group.role.columns
        if points is not None and points.inputs:
            asked = asked_rows(self.steps, group, rows.step, points, root.time, distinct)
            rows = replace(rows, step=asked.step)
            read = {a: _aggregate(asked.placed(e)) for a, e in read.items()}
            keys, of_rows = (*keys, points.point), (*of_rows, asked.point)
            points = replace(points, keys=keys)
        ordered = any(map(is_ordered, distinct))
        ties = order_of(self.steps.program, self.group.relation)
        order = _unique([root.time, *ties]) if root.time and ordered else ()
        types = row_columns(self.steps.program, self.group.relation)
        # A key may be called as a column of the rows that is no key: it goes by another name.
        taken = set(keys) if points is None else {*keys, points.point, points.as_of}
        namer = Namer({name.lower() for name in taken})

        def placed(name: str) -> str:
            dtype = types.get(name, TIMESTAMP)
            return namer.name_of(ir.Column(dtype=dtype, span=root.name_span, name=name))

        time = None if root.time is None else placed(root.time)
        ordering = tuple(map(placed, order))
        paired = None
        if points is not None:
            start, end = (None if c is None else placed(c) for c in (rows.start, rows.end))
            paired = replace(points, start=start, end=end)
        found = {a: narrowed(p, namer, paired=points is not None) for a, p in read.items()}
        windows = dict.fromkeys(a.window for a in distinct)
        narrow = Narrow(
            input=rows.step,
            keys=tuple(zip(keys, of_rows, strict=True)),
            values=tuple(namer.values.items()),
            time=root.time,
            # A pass over every row that exists, or for many times, must find every row.
            windows=() if None in windows or paired else _stretches(windows),
        )
        note = "what the aggregates read, evaluated once a row, sorted by key"
        source = self.steps.add(f"{self.group.short}_rows", narrow, note, self.group.name_span)
        operation = Pass(
            input=source,
            keys=self.asked.row,
            window=None,
            time=time,
            order=ordering,
            aggregates=(),
            paired=paired,
        )
        plain = {a: n for a, n in found.items() if not in_steps(a)}
        computed = self._add_passes(
            operation, dict.fromkeys((a.window, a.by) for a in plain), plain
        )
        rest = {a: n for a, n in found.items() if in_steps(a)}
        for a, (step, column) in Reading(self.steps, self.group, operation).add(rest).items():
            computed[a] = Computed(step, column)
        return computed

    def _cut(
        self, rows: Rows, root: Source, wanted: Iterable[ir.Aggregate]
    ) -> tuple[Rows, str | None]:
        """Rows in pieces, where they look up ahead of their time and are read then."""
        points, relation = self.asked.points, self.group.relation
        if self.sight is not Sight.EVER or relation is None or root.time is None:
            return rows, None
        looks_up = any(True for a in wanted for _ in vias(a))
        if points is None or not looks_up or not is_ahead(self.steps.program, relation):
            return rows, None
        times = times_of(self.group, points)
        return cut_at(self.steps, self.steps.program.relation(relation), rows, times)

    def _recent(self, step: str, root: Source, wanted: Iterable[ir.Aggregate]) -> str:
        """Rows that a window may hold, where keys of rows are looked up: each row asks for one."""
        starts = [_start(a.window) for a in wanted]
        lengths = [s for s in starts if s is not None]
        looks_up = any(True for a in wanted for _ in vias(a))
        if not looks_up or self.sight is not Sight.AS_OF or len(lengths) != len(starts):
            return step
        assert root.time is not None, "windows need a time"
        span = self.group.name_span
        longest = max(lengths, key=lambda d: d.micros)
        start = ir.Arithmetic(
            dtype=TIMESTAMP,
            span=span,
            op=ir.ArithmeticOp.SUBTRACT,
            left=ir.AsOf(dtype=TIMESTAMP, span=span),
            right=ir.Literal(dtype=DURATION, span=span, value=longest),
        )
        time = ir.Column(dtype=TIMESTAMP, span=span, name=root.time)
        since = ir.Compare(dtype=BOOL, span=span, op=ir.CompareOp.GE, left=time, right=start)
        derive = Derive(input=step, columns=self.steps.columns(step), where=(since,))
        note = f"rows of the last {longest}, which are all that is read"
        return self.steps.add(f"{self.group.short}_recent", derive, note, span)

    def _add_passes(
        self,
        blank: Pass,
        windows: Iterable[tuple[ir.Window | ir.NextWindow | None, ir.Expr | None]],
        narrow: dict[ir.Aggregate, ir.Aggregate],
    ) -> dict[ir.Aggregate, Computed]:
        found: dict[ir.Aggregate, Computed] = {}
        alike: dict[object, list[ir.Aggregate]] = {}
        for aggregate in narrow:
            alike.setdefault((aggregate.window, aggregate.by), []).append(aggregate)
        for window, by in windows:
            members = alike.get((window, by), [])
            names = Namer({k.lower() for k in blank.keys})
            named = [(names.name_of(narrow[a]), narrow[a]) for a in members]
            suffix = "now" if window is None else window_name(window)
            note = "rows that hold at the as-of time" if window is None else f"window {window}"
            if by is not None:
                suffix, note = f"{suffix}_by", f"{note}, for each {canonical(by)}"
            operation = replace(
                blank, window=window, aggregates=tuple(named), by=narrow[members[0]].by
            )
            step = self.steps.add(
                f"{self.group.short}_{suffix}", operation, note, self.group.name_span
            )
            for aggregate, (name, _) in zip(members, named, strict=True):
                found[aggregate] = Computed(step, name)
        return found


def times_of(group: Group, points: Paired) -> Times:
    """When rows of a group are looked at, each at the points of its key."""
    assert group.role is not None, "rows are of somebody"
    return Times(
        points.points, points.as_of, tuple(zip(group.role.columns, points.keys, strict=True))
    )


def _aggregate(e: ir.Expr) -> ir.Aggregate:
    assert isinstance(e, ir.Aggregate), "only what is inside is replaced"
    return e


def _start(window: ir.AnyWindow | None) -> Duration | None:
    """How far a window reaches back, where that is a fixed length."""
    if not isinstance(window, ir.Window) or window.aligned is not None or window.since is not None:
        return None
    fixed = window.start is not None and not window.start.is_calendar
    return window.start if fixed else None


def bare(a: ir.Aggregate) -> ir.Aggregate:
    """The aggregate without its default, in its own type: a default may have widened it.

    That of a map stays: it takes the place of nulls inside.
    """
    if a.by is not None:
        return a
    spec = aggregates().get(a.aggregate)
    dtype = a.dtype if spec is None else spec.returns([x.dtype for x in a.args])
    return replace(a, dtype=dtype, default=None)


def _stretches(windows: Iterable[ir.AnyWindow | None]) -> tuple[ir.Window, ...]:
    """The stretches of time that windows at one as-of time cover, each once."""
    backward = [w for w in windows if isinstance(w, ir.Window)]
    return tuple(dict.fromkeys(w.uncapped for w in backward))


def _unique(names: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(n for n in names if n is not None))
