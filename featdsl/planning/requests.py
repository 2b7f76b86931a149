"""Features that rest on an input: what they read of a key once, the rest for each spine row."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from featdsl.ir import expr as ir
from featdsl.ir.plan import Paired
from featdsl.ir.program import Feature, Group, Program
from featdsl.ir.refs import group_of, inputs_named
from featdsl.ir.visit import replace_leaves
from featdsl.planning.spine_shape import SpineShape
from featdsl.planning.steps import free_name
from featdsl.text.span import Span
from featdsl.types.dtype import BOOL

_OF_KEY = ir.Aggregate | ir.Via | ir.Ago | ir.Among | ir.NextIn


@dataclass(slots=True)
class Requests:
    """Features of a data set that rest on an input.

    What they read of the key and time is made features of its own, so that it is computed once a
    point: `features` are those, and the declared ones that are read, by group.
    """

    program: Program
    features: dict[str, dict[str, Feature]] = field(default_factory=dict)
    _made: dict[tuple[str, ir.Expr], str] = field(default_factory=dict)

    @property
    def by_row(self) -> list[str]:
        """Those that read rows by what is sent: each request has its own value."""
        made = (f for of in self.features.values() for f in of.values())
        return [f.name for f in made if any(inputs_named(f.expr))]

    def add(self, names: Iterable[str]) -> None:
        """Take in what features that rest on an input read of the key and time."""
        for name in names:
            self._whole(self.program.feature(name))

    def group(self, group: Group) -> Group:
        """The group with what is computed for requests among its features."""
        return replace(group, features={**group.features, **self.features.get(group.name, {})})

    def value(
        self,
        name: str,
        found: dict[str, tuple[str, str]],
        spine: str,
        points: Paired,
        shape: SpineShape,
    ) -> ir.Expr:
        """A feature over columns of steps and of the spine; null for a row without a point.

        ``spine`` is the step with the spine's rows, ``shape`` which of its columns are which.
        """
        feature = self.program.feature(name)

        def column(e: ir.Expr) -> ir.Expr | None:
            if isinstance(e, ir.InputRef):
                return _column(e, shape.input(e.column), spine)
            if isinstance(e, ir.FeatureRef):
                step, of = found[e.feature]
                return _column(e, of, step)
            return None

        known = ir.IsNull(
            dtype=BOOL,
            nullable=False,
            span=feature.span,
            operand=ir.Column(
                dtype=BOOL, span=feature.span, name=points.point, qualifier=points.points
            ),
            negated=True,
        )
        value = replace_leaves(self._whole(feature), column)
        return ir.Conditional(
            dtype=feature.dtype, span=feature.span, branches=((known, value),), otherwise=None
        )

    def _whole(self, feature: Feature) -> ir.Expr:
        """The expression over inputs and features that rest on none."""

        def leaf(e: ir.Expr) -> ir.Expr | None:
            if isinstance(e, ir.FeatureRef):
                group = group_of(self.program, e.feature)
                if e.feature in group.requests:
                    return self._whole(group.requests[e.feature])
                self.features.setdefault(group.name, {})[e.feature] = group.features[e.feature]
                return e
            if isinstance(e, _OF_KEY):
                return self._feature(e, feature)
            return None

        return replace_leaves(feature.expr, leaf)

    def _feature(self, e: ir.Expr, of: Feature) -> ir.Expr:
        """A feature that is what is read of the key, in place of it."""
        name = self._made.get((of.group, e))
        if name is None:
            own = self.features.setdefault(of.group, {})
            members = group_of(self.program, of.name).members
            entity = self.program.entities[group_of(self.program, of.name).entity]
            taken = {n.rpartition(".")[2].lower() for n in (*members, *own)}
            taken |= {key.name.lower() for key in entity.keys}
            name = f"{of.group}.{free_name('of_key', taken)}"
            self._made[of.group, e] = name
            own[name] = replace(of, name=name, dtype=e.dtype, nullable=e.nullable, expr=e)
        return _reference(e, name)


def _reference(e: ir.Expr, name: str) -> ir.Expr:
    return ir.FeatureRef(dtype=e.dtype, nullable=e.nullable, span=e.span, feature=name)


def _column(e: ir.Expr, name: str, step: str) -> ir.Expr:
    span: Span = e.span
    return ir.Column(dtype=e.dtype, nullable=True, span=span, name=name, qualifier=step)
