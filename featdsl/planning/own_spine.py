"""The rows of a data set's own spine, as steps: stored rows, or what a view makes of them."""

from __future__ import annotations

from collections.abc import Iterable

from featdsl.ir import expr as ir
from featdsl.ir.asked_at import asked_at
from featdsl.ir.plan import Derive, Plan, Spine
from featdsl.ir.program import Dataset, Program, SpineRows, View
from featdsl.ir.refs import hidden_inputs
from featdsl.planning.build import stored_type
from featdsl.planning.rows import relation_rows
from featdsl.planning.spine_shape import SpineShape
from featdsl.planning.steps import Sight, Steps, free_name
from featdsl.types.dtype import TIMESTAMP

ARRIVAL = ".arrival"
"""The column of rows with their place among the stored ones."""


def build_spine(
    program: Program,
    dataset: Dataset,
    *,
    given: Iterable[str] = (),
    unlisted: Iterable[str] = (),
    reserved: Iterable[str] = (),
) -> tuple[SpineShape, Plan]:
    """The numbered rows of a data set's own spine, in the order in which they are stored.

    Rows that a view makes of one stored row are in the order of their values.
    """
    steps = Steps(
        program,
        frozenset(given),
        reserved=frozenset(reserved),
        unlisted=frozenset(unlisted),
        arrival=ARRIVAL,
    )
    shape, _ = own_rows(steps, dataset)
    return shape, Plan(steps=tuple(steps.items))


def own_rows(steps: Steps, dataset: Dataset) -> tuple[SpineShape, str]:
    """Add the steps of the rows of a data set's own spine."""
    own, span = dataset.spine, dataset.name_span
    assert isinstance(own, SpineRows)
    relation = steps.program.relation(own.source)
    at = asked_at(steps.program, own.source, own.at)
    name = relation_rows(steps, own.source, Sight.STORED, at=at).step
    columns = {c.name: c for c in own.columns}
    taken = {c.lower() for c in (*columns, *steps.columns(name))}
    time = own.at
    if columns[time].dtype != TIMESTAMP:
        time = free_name("asked_at", taken)
        day = ir.Column(dtype=columns[own.at].dtype, span=relation.name_span, name=own.at)
        cast = ir.Cast(dtype=TIMESTAMP, span=relation.name_span, operand=day)
        derive = Derive(input=name, columns=steps.columns(name), values=((time, cast),))
        name = steps.add(f"{relation.short}_times", derive, "a day is its midnight", span)
    row = free_name("row", taken)
    shown = tuple(c.name for c in own.shown)
    hidden = hidden_inputs(steps.program, dataset)
    wanted = tuple(dict.fromkeys((*shown, *hidden, *own.keys, time)))
    # All that is shown, so that rows of one key and time have one order on every engine.
    order = tuple(dict.fromkeys((time, *own.keys, *shown, *hidden)))
    if steps.arrival is not None:
        order = (steps.arrival, *order)
    made = columns if isinstance(relation, View) else {}
    spine = Spine(
        input=name,
        columns=wanted,
        row=row,
        order=order,
        types=tuple((n, stored_type(made[n].dtype)) for n in wanted if n in made),
    )
    step = steps.add("spine", spine, "rows that are asked about", span)
    return SpineShape(columns=shown, keys=own.keys, time=time, row=row, hidden=hidden), step
