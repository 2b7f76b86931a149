"""As of when the rows of a view are asked about, in columns of what they are made of.

A row that may be seen before its time looks, with its joins and lookups, at its time or at the time
that is asked about, whichever is earlier. That time stands in a column of the rows that come out;
the joins are below it.
"""

from __future__ import annotations

from dataclasses import replace

from featdsl.ir import expr as ir
from featdsl.ir.program import Program, Source, View
from featdsl.ir.relations import (
    SOURCE_NAME,
    columns_of,
    has_history,
    is_ahead,
    is_events,
    united_columns,
)
from featdsl.ir.visit import replace_leaves, walk
from featdsl.types.dtype import TEXT, TIMESTAMP

PARTS = 1_000
"""Nodes of an as-of time, with the lets that it is made of written out."""


class MadeOfOthersError(Exception):
    """A time is made of what rows are joined with or look up, or of too many parts."""


def asked_at(program: Program, relation: str, column: str) -> ir.Expr | None:
    """The column with the time that is asked about; None where no row looks at it."""
    if not looks_ahead(program, relation):
        return None
    dtype, span = columns_of(program, relation)[column], program.relation(relation).name_span
    time: ir.Expr = ir.Column(dtype=dtype, nullable=True, span=span, name=column)
    return time if dtype == TIMESTAMP else ir.Cast(dtype=TIMESTAMP, span=span, operand=time)


def check_time(program: Program, relation: str, at: ir.Expr) -> None:
    """Whether all that looks at the time can be told it.

    Raises:
        MadeOfOthersError: it cannot.
    """
    view = program.relation(relation)
    if isinstance(view, Source) or not looks_ahead(program, relation):
        return
    below = of_lefts(view, at)
    for left in view.lefts:
        check_time(program, left, of_left(program, view, left, below))


def of_lefts(view: View, at: ir.Expr) -> ir.Expr:
    """A time in the columns of a view, in those of what the view stands on.

    Raises:
        MadeOfOthersError: joins or lookups are needed for it.
    """
    lets = {let.name: let.value for let in view.lets}
    parts = 0

    def leaf(e: ir.Expr) -> ir.Expr | None:
        nonlocal parts
        parts += 1
        if parts > PARTS or isinstance(e, ir.Via) or _joined(e):
            raise MadeOfOthersError
        if isinstance(e, ir.Column) and e.name in lets:
            return replace_leaves(lets[e.name], leaf)
        return None

    return replace_leaves(at, leaf)


def _joined(e: ir.Expr) -> bool:
    return isinstance(e, ir.Column) and e.qualifier is not None


def of_left(program: Program, view: View, left: str, at: ir.Expr) -> ir.Expr:
    """A time in the columns that a view stands on, in those of one relation of a union."""
    if not view.is_union:
        return at
    own, types = columns_of(program, left), united_columns(program, view)

    def leaf(e: ir.Expr) -> ir.Expr | None:
        if not isinstance(e, ir.Column):
            return None
        if e.name == SOURCE_NAME and e.name not in own:
            short = program.relation(left).short
            return ir.Literal(dtype=TEXT, span=e.span, value=short)
        if e.name not in own or own[e.name] == types[e.name]:
            return None
        return ir.Cast(dtype=types[e.name], span=e.span, operand=replace(e, dtype=own[e.name]))

    return replace_leaves(at, leaf)


def looks_ahead(program: Program, name: str) -> bool:
    """Whether rows that may be seen ahead of their time join what changes, or look up."""
    relation = program.relation(name)
    if isinstance(relation, Source) or not is_ahead(program, name):
        return False
    return looks(program, relation) or any(looks_ahead(program, left) for left in relation.lefts)


def looks(program: Program, view: View) -> bool:
    """Whether a view itself joins or looks up something that depends on when it does."""
    return any(has_history(program, j.source) for j in view.joins) or _looks_up(view)


def depends_on_t(program: Program, name: str) -> bool:
    """Whether what a row looks up, itself or by what it is joined with, depends on the as-of time.

    That is beside the row's own: a row that may be seen ahead of its time looks up what is known
    at t until then, and that may change at any moment.
    """
    relation = program.relation(name)
    if isinstance(relation, Source):
        return False
    own = depends_by_itself(program, relation)
    return own or any(depends_on_t(program, left) for left in relation.lefts)


def depends_by_itself(program: Program, view: View) -> bool:
    """The same, by what the view itself joins or looks up."""
    if not is_ahead(program, view.name):
        return False
    rows = (j.source for j in view.joins if not is_events(program, j.source))
    return _looks_up(view) or any(depends_on_t(program, name) for name in rows)


def _looks_up(view: View) -> bool:
    own = [let.value for let in view.lets] + ([] if view.where is None else [view.where])
    return any(isinstance(n, ir.Via) for e in own for n in walk(e))
