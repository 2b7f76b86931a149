"""Rows of a view that a data set asks about: those that it makes of stored rows.

In a view of rows that may be seen before their time a row looks at its time, or at the time that it
is asked about, whichever is earlier. So each stored row is taken by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime

from featdsl.ir.program import Program, Source, View
from featdsl.ir.relations import roots
from featdsl.reference.joins import SightOf
from featdsl.reference.rows import Ask, Row
from featdsl.reference.trace import Sight
from featdsl.reference.values import Value, instant
from featdsl.reference.views import Around, view_at


@dataclass(frozen=True, slots=True)
class AskedRows:
    """``sight`` are the rows of others at a time, ``ask`` gives values of features."""

    program: Program
    sight: SightOf
    ask: Ask

    def of(self, view: View, row: Row, at: str) -> Iterator[Row]:
        """What a view makes of a stored row, asked about as of its column ``at``."""
        everything = AskedRows(_without_conditions(self.program), self.sight, self.ask)
        made = everything._made(view.name, row, datetime.max)
        for time in dict.fromkeys(r.values[at] for r in made):
            asked = datetime.max if time is None else _instant(time)
            yield from (r for r in self._made(view.name, row, asked) if r.values[at] == time)

    def _made(self, relation: str, row: Row, at: datetime) -> tuple[Row, ...]:
        declared = self.program.relation(relation)
        if isinstance(declared, Source):
            return (row,) if row.origin[0] == relation else ()
        ahead = any(map(_may_be_ahead, roots(self.program, relation)))

        def lefts(name: str, _: datetime) -> Sight:
            return Sight(self._made(name, row, at))

        around = Around(self.program, self.sight, self.ask, at if ahead else datetime.max, lefts)
        return view_at(declared, around).rows


def _may_be_ahead(source: Source) -> bool:
    available = source.available
    return source.time is not None and available is not None and available.column is not None


def _without_conditions(program: Program) -> Program:
    """The program with views that leave out no row."""
    views = {name: replace(view, where=None) for name, view in program.views.items()}
    return replace(program, views=views)


def _instant(time: Value) -> datetime:
    assert isinstance(time, date), "semantics asks for a time"
    return instant(time)
