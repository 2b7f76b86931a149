"""What a column of rows is made of: the columns of sources that its value rests on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from featdsl.ir import expr as ir
from featdsl.ir.program import View
from featdsl.ir.visit import children, walk
from featdsl.semantics.project import Known

Place: TypeAlias = frozenset[tuple[str, str]]
"""Columns, each with the full name of its source."""


def made_of(relation: str, column: str, known: Known) -> list[Place]:
    """What a column rests on, for each source that the rows of a relation are of.

    Joined rows are of what is joined, as of the row's time. A feature that is looked up stands for
    itself: it is no column of a source.
    """
    view = known.views.get(relation)
    if view is None:
        declared = known.sources[relation].columns
        return [frozenset({(relation, column)} if column in declared else ())]
    let = next((n for n in view.lets if n.name == column), None)
    if let is None:
        return [way for left in view.lefts for way in made_of(left, column, known)]
    read = {n.name: n for n in _columns(let.value) if n.qualifier is None}
    joined = frozenset(
        place
        for n in _columns(let.value)
        if n.qualifier is not None
        for place in _joined(view, n.qualifier, n.name, known)
    )
    features = {n.feature for n in walk(let.value) if isinstance(n, ir.Via)}
    joined |= {(name, name) for name in features}
    ways = [frozenset[tuple[str, str]]() for _ in made_of_rows(relation, known)]
    for name in read:
        ways = [a | b for a, b in zip(ways, made_of(relation, name, known), strict=True)]
    return [way | joined for way in ways]


def made_of_rows(relation: str, known: Known) -> list[str]:
    """The sources that the rows of a relation are of, as often as they are."""
    view = known.views.get(relation)
    if view is None:
        return [relation]
    return [root for left in view.lefts for root in made_of_rows(left, known)]


def renamed(relation: str, column: str, known: Known) -> list[str | None]:
    """The stored column that a column is, for each source that the rows of a relation are of.

    None where it is computed.
    """
    view = known.views.get(relation)
    if view is None:
        return [column]
    let = next((n for n in view.lets if n.name == column), None)
    if let is None:
        return [name for left in view.lefts for name in renamed(left, column, known)]
    if isinstance(let.value, ir.Column) and let.value.qualifier is None:
        return renamed(relation, let.value.name, known)
    return [None for _ in made_of_rows(relation, known)]


def _columns(e: ir.Expr) -> Iterator[ir.Column]:
    """Columns that a value shows; by which key something is looked up it does not."""
    if isinstance(e, ir.Column):
        yield e
    if not isinstance(e, ir.Via):
        for child in children(e):
            yield from _columns(child)


def _joined(view: View, alias: str, column: str, known: Known) -> Place:
    """What a joined column is made of; a join of a view below may be meant."""
    for join in view.joins:
        if join.alias == alias:
            return frozenset(p for way in made_of(join.source, column, known) for p in way)
    below = known.views.get(view.left)
    return frozenset() if below is None else _joined(below, alias, column, known)
