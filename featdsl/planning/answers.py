"""Answers to requests as a plan: published values, and over them what rests on inputs.

Where no population says which keys exist, a key that a set does not have is one without rows:
its features are what aggregates of no rows give.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from featdsl.ir import expr as ir
from featdsl.ir.plan import Assemble, Derive, Given, Lookup, Paired, Plan, Points, Spine
from featdsl.ir.program import Dataset, Entity, Feature, Program
from featdsl.ir.refs import in_order, of_same_key, outer
from featdsl.ir.visit import replace_leaves
from featdsl.planning.build import stored_type
from featdsl.planning.passes import bare
from featdsl.planning.requests import Requests
from featdsl.planning.steps import Steps
from featdsl.planning.training import AS_OF, AUDIT, SpineShape
from featdsl.planning.values import with_default
from featdsl.types.dtype import BOOL

FOUND = ".found"
"""Of a set: a column that is true."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedSet:
    """Rows that a run published: the entity's keys, features by full name, and `FOUND`.

    ``lacks``: keys that are asked about are not in it.
    """

    name: str
    features: tuple[str, ...]
    lacks: bool = False


def build_answers(
    program: Program,
    dataset: str,
    requests: Requests,
    sets: Sequence[PublishedSet],
    spine: SpineShape,
    *,
    reserved: Iterable[str] = (),
) -> Plan:
    """Plan a data set's features for rows that hold keys, the as-of time and inputs.

    Args:
        program: The program, with what requests read among its features.
        dataset: The data set's full name.
        requests: Its features that rest on inputs, taken in.
        sets: Where the features are that are read.
        spine: The rows.
        reserved: Names that no step may have: those of tables that are read.
    """
    steps = Steps(program, reserved=frozenset(reserved))
    declared = program.datasets[dataset]
    entity = program.entities[declared.entity]
    return _Answers(steps, declared, entity, requests, tuple(sets)).plan(spine)


def read_of(program: Program, requests: Requests, dataset: Dataset) -> list[str]:
    """Full names of the features whose published values answer for a data set."""
    found: dict[str, None] = {}
    for column in dataset.columns:
        assert column.feature is not None
        if column.feature in program.groups[column.feature.rpartition(".")[0]].features:
            found[column.feature] = None
    for of_group in requests.features.values():
        found |= dict.fromkeys(of_group)
    return list(found)


def without_rows(feature: Feature) -> ir.Expr | None:
    """What a feature is for a key without rows; None where that is more than its own rows say.

    It is over other features of the key.
    """
    if any(isinstance(n, ir.Via | ir.Ago | ir.Among | ir.NextIn) for n in outer(feature.expr)):
        return None

    def leaf(e: ir.Expr) -> ir.Expr | None:
        if isinstance(e, ir.FeatureRef):
            return ir.Column(dtype=e.dtype, nullable=True, span=e.span, name=e.feature)
        if isinstance(e, ir.Aggregate):
            return with_default(e, ir.Literal(dtype=bare(e).dtype, span=e.span, value=None))
        return None

    return replace_leaves(feature.expr, leaf)


@dataclass(frozen=True, slots=True)
class _Answers:
    steps: Steps
    dataset: Dataset
    entity: Entity
    requests: Requests
    sets: tuple[PublishedSet, ...]

    def plan(self, spine: SpineShape) -> Plan:
        span = self.dataset.name_span
        wanted = tuple(dict.fromkeys((*spine.columns, *spine.keys, spine.time)))
        rows = Spine(input=None, columns=wanted, row=spine.row)
        asked = self.steps.add("asked", rows, "what is asked, with its inputs", span)
        keys = tuple(k.name for k in self.entity.keys)
        # No name of a feature is without a point, no key has one.
        point, as_of = ".point", AS_OF if AS_OF not in keys else f".{AS_OF}"
        operation = Points(
            input=asked,
            keys=tuple(zip(keys, spine.keys, strict=True)),
            time=spine.time,
            population=None,
            point=point,
            as_of=as_of,
        )
        table = self.steps.add("points", operation, f"each {self.entity.short} once", span)
        for found in self.sets:
            table = self._looked_up(table, keys, found)
        if self.entity.population is not None:
            table = self._listed(table)
        else:
            table = self._filled(table, as_of)
        points = Paired(points=table, keys=keys, point=point, as_of=as_of, start=None, end=None)
        places = {f: (table, f) for s in self.sets for f in s.features}
        computed = [(c.name, str(c.feature)) for c in self.dataset.columns]
        out = Assemble(
            spine=asked,
            spine_columns=spine.keys,
            row=spine.row,
            keys=tuple(zip(keys, spine.keys, strict=True)),
            time=spine.time,
            points=table,
            point=point,
            as_of=as_of,
            values=tuple(
                (
                    name,
                    places[f]
                    if f in places
                    else self.requests.value(f, places, asked, points, spine),
                    stored_type(self.steps.program.feature(f).dtype),
                )
                for name, f in computed
            ),
            split=None,
            mature=(),
            audit=AUDIT,
        )
        self.steps.add("output", out, self.dataset.short, span)
        return Plan(steps=tuple(self.steps.items))

    def _looked_up(self, table: str, keys: tuple[str, ...], found: PublishedSet) -> str:
        """The points with what a set holds of their keys."""
        columns = (*keys, *found.features, FOUND)
        span = self.dataset.name_span
        given = Given(view=found.name, columns=columns)
        step = self.steps.add(found.name, given, "published values", span)
        lookup = Lookup(
            input=table,
            columns=self.steps.columns(table),
            found=step,
            on=tuple((k, k) for k in keys),
            values=(*((f, f) for f in found.features), (_flag(found), FOUND)),
        )
        return self.steps.add(f"with {found.name}", lookup, "looked up by key", span)

    def _listed(self, table: str) -> str:
        """The points whose key exists: that has a row in a set, as every key has that is listed."""
        conditions = [self._has(s) for s in self.sets]
        condition = conditions[0]
        for other in conditions[1:]:
            condition = ir.Logical(
                dtype=BOOL, span=other.span, op=ir.LogicalOp.OR, left=condition, right=other
            )
        derive = Derive(input=table, columns=self.steps.columns(table), where=(condition,))
        return self.steps.add("known", derive, "keys that exist", self.dataset.name_span)

    def _filled(self, table: str, as_of: str) -> str:
        """The points with values of no rows, one after another, where a set has none."""
        lacking = {f: s for s in self.sets if s.lacks for f in s.features}
        for name in in_order(lacking, lambda n: self._rests_on(n, lacking)):
            feature, of = self.steps.program.feature(name), lacking[name]
            own = ir.Column(dtype=feature.dtype, nullable=True, span=feature.span, name=name)
            empty = without_rows(feature)
            assert empty is not None, "what rows alone do not say is not asked"
            value = ir.Conditional(
                dtype=feature.dtype,
                span=feature.span,
                branches=((self._has(of), own),),
                otherwise=empty,
            )
            columns = self.steps.columns(table)
            kept = tuple(c for c in columns if c != name)
            derive = Derive(input=table, columns=kept, values=((name, value),), as_of=as_of)
            note = f"{feature.short} of a key without rows"
            table = self.steps.add("filled", derive, note, self.dataset.name_span)
        return table

    def _rests_on(self, name: str, lacking: Mapping[str, PublishedSet]) -> Iterator[str]:
        expr = self.steps.program.feature(name).expr
        return (n for n in of_same_key(expr) if n in lacking)

    def _has(self, found: PublishedSet) -> ir.Expr:
        span = self.dataset.name_span
        column = ir.Column(dtype=BOOL, nullable=True, span=span, name=_flag(found))
        return ir.IsNull(dtype=BOOL, span=span, operand=column, negated=True)


def _flag(found: PublishedSet) -> str:
    return f"{FOUND} {found.name}"
