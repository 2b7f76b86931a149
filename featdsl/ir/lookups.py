"""What rows that may be seen before their time look up, and what rests on it."""

from __future__ import annotations

from dataclasses import replace

from featdsl.ir import expr as ir
from featdsl.ir.asked_at import depends_on_t
from featdsl.ir.one_row import one_row_for
from featdsl.ir.program import Join, Let, Program, Source, View
from featdsl.ir.relations import is_ahead, is_events
from featdsl.ir.visit import walk


def without_lookups(program: Program) -> Program:
    """The program in which rows look nothing up ahead of their time, and are not left out by it.

    In place of what they look up there are nulls.
    """
    if not any(depends_on_t(program, name) for name in program.views):
        return program
    views = {n: _without(v) if is_ahead(program, n) else v for n, v in program.views.items()}
    return replace(program, views=views)


def _without(view: View) -> View:
    where = view.where
    if where is not None and _looks_up(where):
        where = None
    return replace(view, lets=tuple(_null(let) for let in view.lets), where=where)


def _null(let: Let) -> Let:
    if not _looks_up(let.value):
        return let
    null = ir.Literal(dtype=let.dtype, nullable=True, span=let.span, value=None)
    return replace(let, value=null)


def _looks_up(e: ir.Expr) -> bool:
    return any(isinstance(n, ir.Via) for n in walk(e))


def joins_by_lookups(program: Program, name: str, last: Join | None = None) -> Join | None:
    """A join of one row by what rows that may be seen before their time look up.

    Of the view itself, or one below; ``last`` is a join of the view besides its own. Where the
    right side says of itself that it has one row at most, none is found.
    """
    relation = program.relation(name)
    if isinstance(relation, Source) or not is_ahead(program, name):
        return None
    own: list[Join] = [*relation.joins, *([] if last is None else [last])]
    for join in own:
        read = [e for e, _ in join.on] + ([] if join.residual is None else [join.residual])
        by_lookups = any(_rests(program, relation, e, join) for e in read)
        if by_lookups and not join.many and not _has_one(program, join):
            return join
    found = (joins_by_lookups(program, left) for left in relation.lefts)
    return next((join for join in found if join is not None), None)


def _has_one(program: Program, join: Join) -> bool:
    columns = tuple({c for _, c in join.on})
    return is_events(program, join.source) or one_row_for(program, join.source, columns)


def _rests(program: Program, view: View, e: ir.Expr, join: Join | None = None) -> bool:
    """Whether a value of a view's rows rests on what is looked up ahead of their time."""
    lets = {let.name: let.value for let in view.lets}
    joins = {j.alias: j.source for j in view.joins if join is None or j.alias != join.alias}
    for node in walk(e):
        if isinstance(node, ir.Via):
            return True
        if not isinstance(node, ir.Column):
            continue
        if node.qualifier in joins and depends_on_t(program, joins[node.qualifier]):
            return True
        if node.qualifier is None and node.name in lets and join is None:
            if _rests(program, view, lets[node.name]):
                return True
        elif node.qualifier is None:
            for left in view.lefts:
                below = program.relation(left)
                if isinstance(below, View) and _rests(program, below, node):
                    return True
    return False
