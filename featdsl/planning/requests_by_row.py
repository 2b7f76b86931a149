"""Each row of a spine as a point of its own, with what it sends."""

from __future__ import annotations

from featdsl.ir import expr as ir
from featdsl.ir.plan import Derive, Lookup, Paired
from featdsl.ir.program import Dataset, Entity
from featdsl.ir.refs import inputs_behind
from featdsl.planning.ask import Asked
from featdsl.planning.spine_shape import SpineShape
from featdsl.planning.steps import Steps
from featdsl.text.span import Span
from featdsl.types.dtype import BOOL, INT, TIMESTAMP, DType

_KNOWN = ".point"


def requests_of_rows(
    steps: Steps,
    entity: Entity,
    dataset: Dataset,
    step: str,
    spine: SpineShape,
    points: Paired,
) -> Asked:
    """The spine's rows whose key exists at their time: points that are called by row numbers."""
    span = dataset.name_span
    keys = tuple(zip(spine.keys, points.keys, strict=True))
    lookup = Lookup(
        input=step,
        columns=steps.columns(step),
        found=points.points,
        on=(*keys, (spine.time, points.as_of)),
        values=((_KNOWN, points.point),),
    )
    known = steps.add("requests_known", lookup, "rows that are asked about, if known", span)
    named = (c.feature for c in dataset.columns if c.feature is not None)
    read = {i.column: i for n in named for i in inputs_behind(steps.program, n)}
    inputs = tuple((column, f".input {column}") for column in read)
    values: list[tuple[str, ir.Expr]] = [(points.point, _column(spine.row, INT, span))]
    values += [
        (k.name, _column(own, k.dtype, span)) for k, (own, _) in zip(entity.keys, keys, strict=True)
    ]
    values.append((points.as_of, _column(spine.time, TIMESTAMP, span)))
    values += [
        (name, _column(spine.input(column), read[column].dtype, span)) for column, name in inputs
    ]
    there = ir.IsNull(dtype=BOOL, span=span, operand=_column(_KNOWN, INT, span), negated=True)
    derive = Derive(input=known, columns=(), values=tuple(values), where=(there,))
    made = steps.add("requests", derive, "each with what it sends", span)
    own = Paired(
        points=made,
        keys=points.keys,
        point=points.point,
        as_of=points.as_of,
        start=None,
        end=None,
        inputs=inputs,
    )
    return Asked(made, entity, points.keys, own)


def _column(name: str, dtype: DType, span: Span) -> ir.Column:
    return ir.Column(dtype=dtype, nullable=True, span=span, name=name)
