"""A data set's training set as a plan: spine, points, the values of each group, assembled.

Points are the distinct keys and times that the spine asks about. They are numbered, never
identified by pasted keys: (1, 23) and (12, 3) are two.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from featdsl.ir import expr as ir
from featdsl.ir.plan import (
    Assemble,
    Derive,
    Grid,
    Paired,
    Plan,
    Points,
    Population,
    Spine,
    Split,
)
from featdsl.ir.program import (
    Dataset,
    DatasetColumn,
    Entity,
    Feature,
    Group,
    Program,
    Source,
    SpineGrid,
    SpineRows,
)
from featdsl.ir.refs import group_of, needed, row_aggregates
from featdsl.ir.relations import roots
from featdsl.planning.ask import (
    Asked,
    existing_keys,
    listed_at_times,
    population_at_times,
)
from featdsl.planning.build import in_order, stored_type
from featdsl.planning.bundles import bundled
from featdsl.planning.own_spine import own_rows
from featdsl.planning.passes import Computed
from featdsl.planning.requests import Requests
from featdsl.planning.requests_by_row import requests_of_rows
from featdsl.planning.rows import until
from featdsl.planning.spine_shape import SpineShape
from featdsl.planning.steps import Steps, free_name
from featdsl.planning.values import Values
from featdsl.text.span import Span
from featdsl.types.dtype import BOOL, DURATION, TIMESTAMP, DType
from featdsl.types.duration import Duration

AUDIT = (".row", ".status", ".mature")
"""Names of the columns that say what is known of a row: no feature can be called so."""

SPLIT = "split"
AS_OF = "as_of"

__all__ = ["AS_OF", "AUDIT", "SPLIT", "SpineShape", "build_training", "instants"]


def build_training(
    program: Program,
    dataset: str,
    *,
    spine: SpineShape | None = None,
    until: Mapping[str, datetime] | None = None,
    given: Iterable[str] = (),
    unlisted: Iterable[str] = (),
    audit: bool = False,
    reserved: Iterable[str] = (),
) -> Plan:
    """Plan a data set's training set.

    Args:
        program: The checked program.
        dataset: The data set's full name.
        spine: The table of spine rows that is handed in; None for the data set's own spine.
        until: Up to when labels are known, by full name of their source; of others, up to the
            largest time at which a row of theirs can be seen.
        given: Views whose rows are given as they are.
        unlisted: Entities whose population does not decide which keys exist: all do.
        audit: Whether the columns `AUDIT` are added.
        reserved: Names that no step may have: those of tables that are read.
    """
    steps = Steps(
        program,
        frozenset(given),
        until=until or {},
        reserved=frozenset(reserved),
        unlisted=frozenset(unlisted),
    )
    declared = program.datasets[dataset]
    return _Training(steps, declared, program.entities[declared.entity]).plan(spine, audit)


@dataclass(frozen=True, slots=True)
class _Training:
    steps: Steps
    dataset: Dataset
    entity: Entity

    @property
    def program(self) -> Program:
        return self.steps.program

    def plan(self, given: SpineShape | None, audit: bool) -> Plan:
        own = self.dataset.spine
        if given is not None:
            spine, step = given, self._given(given)
        elif isinstance(own, SpineRows):
            spine, step = own_rows(self.steps, self.dataset)
        else:
            assert own is not None, "a data set without a spine is handed one"
            spine, step = self._grid(own)
        # Of a grid every key exists: it is made of those that do.
        listed = not (given is None and isinstance(own, SpineGrid))
        points = self._points(step, spine, listed)
        requests = Requests(self.program)
        requests.add(self._requested())
        found = self._values(points, requests)
        by_row = self._values_by_row(step, spine, points, requests)
        found |= by_row
        span = self.dataset.name_span
        out = Assemble(
            spine=step,
            spine_columns=spine.columns,
            row=spine.row,
            keys=tuple(zip(points.keys, spine.keys, strict=True)),
            time=spine.time,
            points=points.points,
            point=points.point,
            as_of=points.as_of,
            values=tuple(
                (
                    c.name,
                    found[c.feature]
                    if c.feature in found
                    else requests.value(c.feature, found, step, points, spine),
                    stored_type(self.program.feature(c.feature).dtype),
                )
                for c in self._computed()
                if c.feature is not None
            ),
            split=self._split(points, spine),
            mature=tuple(self._mature()),
            audit=AUDIT if audit else None,
            by_row=tuple(dict.fromkeys(s for s, _ in by_row.values())),
        )
        self.steps.add("output", out, self.dataset.short, span)
        return Plan(steps=tuple(self.steps.items))

    def _split(self, points: Paired, spine: SpineShape) -> Split | None:
        declared = self.dataset
        if not declared.parts:
            return None
        key = None
        if declared.split_key is not None:
            names = [k.name for k in self.entity.keys]
            key = spine.keys[names.index(declared.split_key)]
        return Split(
            name=SPLIT,
            parts=declared.parts,
            at=declared.split_at,
            key=key,
            shares=declared.split_shares,
        )

    # --- Spine and points ------------------------------------------------------------------

    def _given(self, spine: SpineShape) -> str:
        wanted = dict.fromkeys((*spine.columns, *spine.hidden, *spine.keys, spine.time))
        operation = Spine(input=None, columns=tuple(wanted), row=spine.row)
        return self._add("spine", operation, "rows that are asked about")

    def _grid(self, own: SpineGrid) -> tuple[SpineShape, str]:
        if self.entity.keys:
            exists = listed_at_times(self.steps, self.entity)
        else:
            one = existing_keys(self.steps, self.entity, ()).step
            exists = Population(step=one, keys=(), start=None, end=None)
        grid = Grid(
            input=exists.step,
            keys=exists.keys,
            start=exists.start,
            end=exists.end,
            instants=instants(own),
            sample=own.sample,
            as_of=AS_OF,
        )
        name = self._add("grid", grid, f"every {self.entity.short} at each time")
        keys = tuple(k.name for k in self.entity.keys)
        row = free_name("row", {k.lower() for k in (*keys, AS_OF)})
        out = (*keys, AS_OF)
        spine = Spine(input=name, columns=out, row=row, order=out)
        step = self._add("spine", spine, "rows that are asked about")
        return SpineShape(columns=out, keys=keys, time=AS_OF, row=row), step

    def _points(self, step: str, spine: SpineShape, population: bool) -> Paired:
        taken = {k.name.lower() for k in self.entity.keys}
        taken |= {f.short.lower() for f in self._features()}
        point, as_of = free_name("point", taken), free_name(AS_OF, taken)
        keys = tuple(k.name for k in self.entity.keys)
        exists = population_at_times(self.steps, self.entity) if population else None
        operation = Points(
            input=step,
            keys=tuple(zip(keys, spine.keys, strict=True)),
            time=spine.time,
            population=exists,
            point=point,
            as_of=as_of,
        )
        name = self._add("points", operation, f"each {self.entity.short} and time once, numbered")
        return Paired(points=name, keys=keys, point=point, as_of=as_of, start=None, end=None)

    # --- Features and labels ---------------------------------------------------------------

    def _computed(self) -> Iterator[DatasetColumn]:
        """Columns that are no columns of the spine, in order."""
        yield from self.dataset.columns
        yield from (c for c in self.dataset.labels if c.feature is not None)

    def _features(self) -> Iterator[Feature]:
        for column in self._computed():
            assert column.feature is not None
            yield from needed(self.program, [column.feature])

    def _requested(self) -> list[str]:
        """The features that rest on an input."""
        named = (c.feature for c in self._computed() if c.feature is not None)
        return [n for n in named if n in group_of(self.program, n).requests]

    def _values(self, points: Paired, requests: Requests) -> dict[str, tuple[str, str]]:
        """Steps with the values of every group; where each feature is found."""
        requested = self._requested()
        wanted = dict.fromkeys(c.feature for c in self._computed() if c.feature not in requested)
        sent = set(requests.by_row)
        wanted |= dict.fromkeys(f for of in requests.features.values() for f in of if f not in sent)
        asked = Asked(points.points, self.entity, points.keys, points)
        return self._tables(wanted, asked, requests)

    def _values_by_row(
        self, step: str, spine: SpineShape, points: Paired, requests: Requests
    ) -> dict[str, tuple[str, str]]:
        """Steps with values that read rows by what is sent: for each row of the spine."""
        if not requests.by_row:
            return {}
        asked = requests_of_rows(self.steps, self.entity, self.dataset, step, spine, points)
        return self._tables(dict.fromkeys(requests.by_row), asked, requests)

    def _tables(
        self, wanted: Iterable[str | None], asked: Asked, requests: Requests
    ) -> dict[str, tuple[str, str]]:
        """Steps with features for all that is asked; where each is found."""
        wanted = dict.fromkeys(wanted)
        labels = {n: self._when_mature(g) for n, g in self.program.labels.items()}
        found: dict[str, tuple[str, str]] = {}
        types: dict[str, DType] = {}
        for name in dict.fromkeys(str(f).rpartition(".")[0] for f in wanted):
            group = labels.get(name) or requests.group(self.program.groups[name])
            chosen = [f.name for f in in_order(group) if f.name in wanted]
            known = {**labels, name: group}
            values = Values(self.steps, asked, group.name_span, home=group, groups=known)
            table = values.table(chosen)
            found.update({f: (table.step, table.columns[f]) for f in chosen})
            types.update({f.name: f.dtype for f in in_order(group)})
        return self._side_by_side(found, types, asked)

    def _side_by_side(
        self, found: dict[str, tuple[str, str]], types: Mapping[str, DType], asked: Asked
    ) -> dict[str, tuple[str, str]]:
        """Where features are, in no more tables than are joined in a row."""
        span = self.dataset.name_span
        places: dict[tuple[str, ir.Expr], Computed] = {
            (f, ir.Column(dtype=types[f], span=span, name=f)): Computed(*place)
            for f, place in found.items()
        }
        bundles = bundled(self.steps, asked, places, span)
        return {f: (place.step, place.column) for (f, _), place in bundles.items()}

    def _when_mature(self, group: Group) -> Group:
        """The labels, null where what they look at is not over."""

        def known(label: Feature) -> Feature:
            conditions = self._horizon(label)
            if not conditions:
                return label
            condition = conditions[0]
            for other in conditions[1:]:
                condition = ir.Logical(
                    dtype=BOOL, span=label.span, op=ir.LogicalOp.AND, left=condition, right=other
                )
            branches = ((condition, label.expr),)
            expr = ir.Conditional(
                dtype=label.dtype, span=label.span, branches=branches, otherwise=None
            )
            return replace(label, expr=expr)

        return replace(group, features={n: known(f) for n, f in group.features.items()})

    def _horizon(self, label: Feature) -> list[ir.Expr]:
        """What must hold for all rows that a label looks at to be known."""
        found: dict[ir.Expr, None] = {}
        for f in needed(self.program, [label.name]):
            relation = group_of(self.program, f.name).relation
            for n in row_aggregates(f.expr):
                if isinstance(n.window, ir.NextWindow) and relation is not None:
                    for source in roots(self.program, relation):
                        found[self._over(n.window.length, source, label.span)] = None
        return list(found)

    def _over(self, length: Duration, source: Source, span: Span) -> ir.Expr:
        """Whether all that a window looks at is known."""
        end: ir.Expr = ir.AsOf(dtype=TIMESTAMP, span=span)
        delay = None if source.available is None else source.available.after
        for step in (length, delay):
            end = end if step is None else _later(end, step)
        return ir.Compare(
            dtype=BOOL, span=span, op=ir.CompareOp.LE, left=end, right=until(self.steps, source)
        )

    def _mature(self) -> Iterator[ir.Expr]:
        found: dict[ir.Expr, None] = {}
        for column in self.dataset.labels:
            if column.feature is not None:
                label = self.program.feature(column.feature)
                found.update(dict.fromkeys(self._horizon(label)))
        yield from found

    def _add(self, name: str, operation: Derive | Spine | Grid | Points, note: str) -> str:
        return self.steps.add(name, operation, note, self.dataset.name_span)


def _later(time: ir.Expr, by: Duration) -> ir.Expr:
    length = ir.Literal(dtype=DURATION, span=time.span, value=by)
    return ir.Arithmetic(
        dtype=TIMESTAMP, span=time.span, op=ir.ArithmeticOp.ADD, left=time, right=length
    )


def instants(grid: SpineGrid) -> tuple[datetime, ...]:
    """The grid's times: start, start + every, …, none later than its end."""
    found: list[datetime] = []
    at = grid.start
    while at <= grid.end:
        found.append(at)
        at = grid.every.later(grid.start, len(found))
    return tuple(found)
