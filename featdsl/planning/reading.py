"""Aggregates whose rows take more than one step: capped, grouped, or looked back from.

Rows are read in the order of `docs/language/semantics.md`: conditions, window, cap, values of
rows before, conditions on these, groups.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TypeAlias

from featdsl.ir import expr as ir
from featdsl.ir.plan import Operation, Ordered, Pairs, Pass
from featdsl.ir.program import Group
from featdsl.ir.row_values import FromNewest
from featdsl.ir.visit import column_name, columns_used, reads_beside
from featdsl.planning.grouping import Chain, Rows
from featdsl.planning.narrow import Namer
from featdsl.planning.newest import newest_rows
from featdsl.planning.steps import Steps, free_name
from featdsl.text.span import Span
from featdsl.types.dtype import BOOL, INT

_NEWEST = "from_newest"

Found: TypeAlias = dict[ir.Aggregate, tuple[str, str]]
Twins: TypeAlias = Mapping[ir.Aggregate, ir.Aggregate]
"""Aggregates, and what they are over columns of the narrow rows."""


def in_steps(a: ir.Aggregate) -> bool:
    """Whether one pass over the narrow rows cannot compute an aggregate."""
    return is_capped(a) or _is_chained(a)


def is_capped(a: ir.Aggregate) -> bool:
    return isinstance(a.window, ir.Window) and a.window.last is not None


def _is_chained(a: ir.Aggregate) -> bool:
    return a.groups is not None or any(map(reads_beside, (a.after, a.by, *a.args)))


@dataclass(frozen=True, slots=True)
class Reading:
    """Adds the steps for such aggregates; ``blank`` is a pass over the narrow rows."""

    steps: Steps
    group: Group
    blank: Pass

    def add(self, narrow: Twins) -> Found:
        """The step and column of each aggregate."""
        found: Found = {}
        chained = {a: n for a, n in narrow.items() if _is_chained(a)}
        capped = {a: n for a, n in narrow.items() if a not in chained}
        for stretch in dict.fromkeys(_stretch(a) for a in capped):
            members = {a: n for a, n in capped.items() if _stretch(a) == stretch}
            found |= self._capped(stretch, members)
        for window, where in dict.fromkeys((n.window, n.where) for n in chained.values()):
            members = {a: n for a, n in chained.items() if (n.window, n.where) == (window, where)}
            rows = self._rows(window, where, members.values())
            found |= Chain(self.steps, self.group, self.blank, self.as_of).add(rows, members)
        return found

    # --- Capped ----------------------------------------------------------------------------

    def _capped(self, stretch: ir.AnyWindow | None, members: Twins) -> Found:
        """Rows of one stretch of time are numbered once for each condition, then capped."""
        columns = self._columns(members.values())
        wheres = dict.fromkeys(a.where for a in members.values())
        most = max(_cap(a.window) for a in members)
        step, numbers = self._numbered(stretch, columns, wheres, most)
        found: Found = {}
        for window, by in dict.fromkeys((a.window, n.by) for a, n in members.items()):
            assert isinstance(window, ir.Window) and window.last is not None
            capped = {
                a: replace(n, where=_at_most(numbers[n.where], window.last, n.span))
                for a, n in members.items()
                if (a.window, n.by) == (window, by)
            }
            found |= self._pass(step, window, by, capped, members)
        return found

    def _numbered(
        self,
        stretch: ir.AnyWindow | None,
        columns: tuple[str, ...],
        wheres: Iterable[ir.Expr | None],
        n: int,
    ) -> tuple[str, dict[ir.Expr | None, str]]:
        wheres = tuple(wheres)
        source = self._paired(stretch, columns, dict.fromkeys(wheres, n))
        names = {c.lower() for c in self.steps.columns(source)}
        numbers = {where: free_name(_NEWEST, names) for where in wheres}
        ordered = Ordered(
            input=source,
            columns=self._kept(columns),
            keys=self.blank.keys,
            order=self.blank.order,
            values=tuple((name, FromNewest(where=where)) for where, name in numbers.items()),
            time=self.blank.time,
            window=self._uncut(stretch),
            as_of=self.as_of,
        )
        note = f"rows of {stretch}, numbered from the newest"
        return self._add(f"{window_name(stretch)}_newest", ordered, note), numbers

    def _pass(
        self,
        source: str,
        window: ir.Window,
        by: ir.Expr | None,
        capped: Twins,
        narrow: Twins,
    ) -> Found:
        names = Namer({k.lower() for k in self.blank.keys})
        named = {a: names.name_of(narrow[a]) for a in capped}
        operation = replace(
            self.blank,
            input=source,
            window=window,
            aggregates=tuple((named[a], capped[a]) for a in capped),
            paired=None,
            as_of=self.as_of,
            by=by,
        )
        step = self._add(window_name(window), operation, f"window {window}")
        return {a: (step, name) for a, name in named.items()}

    # --- Rows ------------------------------------------------------------------------------

    @property
    def as_of(self) -> str | None:
        """The column with the as-of time of rows that are paired with points."""
        return None if self.blank.paired is None else self.blank.paired.as_of

    def _rows(
        self, window: ir.AnyWindow | None, where: ir.Expr | None, read: Iterable[ir.Aggregate]
    ) -> Rows:
        """The rows of one window and condition: what is not cut yet is said."""
        columns = self._columns(read)
        stretch = window.uncapped if isinstance(window, ir.Window) else window
        if isinstance(window, ir.Window) and window.last is not None:
            step, numbers = self._numbered(stretch, columns, [where], window.last)
            capped = _at_most(numbers[where], window.last, self.group.name_span)
            return Rows(step, window_name(window), self._kept(columns), None, capped)
        source = self._paired(stretch, columns)
        return Rows(source, window_name(window), self._kept(columns), self._uncut(stretch), where)

    def _uncut(self, stretch: ir.AnyWindow | None) -> ir.Window | None:
        """The window that rows are still to be cut to: pairs are cut as they are made."""
        if self.blank.paired is not None or stretch is None:
            return None
        assert isinstance(stretch, ir.Window), "labels are computed at points only"
        return stretch

    def _paired(
        self,
        stretch: ir.AnyWindow | None,
        columns: tuple[str, ...],
        most: Mapping[ir.Expr | None, int] = MappingProxyType({}),
    ) -> str:
        """The narrow rows; where points ask for them, each point's own.

        ``most``: how many of the newest rows are read, by their condition; without, all are.
        """
        if self.blank.paired is None:
            return self.blank.input
        source, newest = newest_rows(self.steps, self.group, self.blank, most)
        pairs = Pairs(
            input=source,
            columns=columns,
            paired=self.blank.paired,
            time=self.blank.time,
            window=stretch,
            newest=newest,
        )
        shown = "the rows that hold" if stretch is None else f"its rows of {stretch}"
        return self._add(f"{window_name(stretch)}_pairs", pairs, f"each point with {shown}")

    def _columns(self, read: Iterable[ir.Aggregate]) -> tuple[str, ...]:
        """Columns of the narrow rows that aggregates read, their time and order."""
        used = (column_name(c) for c in columns_used(read))
        time = () if self.blank.time is None else (self.blank.time,)
        return tuple(dict.fromkeys((*used, *time, *self.blank.order)))

    def _kept(self, columns: tuple[str, ...]) -> tuple[str, ...]:
        """Those columns and what tells whose a row is."""
        as_of = () if self.as_of is None else (self.as_of,)
        return tuple(dict.fromkeys((*self.blank.keys, *as_of, *columns)))

    def _add(self, name: str, operation: Operation, note: str) -> str:
        return self.steps.add(f"{self.group.short}_{name}", operation, note, self.group.name_span)


def _cap(window: ir.AnyWindow | None) -> int:
    assert isinstance(window, ir.Window) and window.last is not None
    return window.last


def _stretch(a: ir.Aggregate) -> ir.AnyWindow | None:
    return a.window.uncapped if isinstance(a.window, ir.Window) else a.window


def _at_most(number: str, n: int, span: Span) -> ir.Expr:
    """The condition for a row to be one of the newest n."""
    column = ir.Column(dtype=INT, span=span, name=number)
    most = ir.Literal(dtype=INT, nullable=False, span=span, value=n)
    return ir.Compare(dtype=BOOL, span=span, op=ir.CompareOp.LE, left=column, right=most)


def window_name(window: ir.AnyWindow | None) -> str:
    """A window as a part of a step's name."""
    if window is None:
        return "now"
    text = str(window).replace(" ", "_")
    for mark, word in (("$", ""), ("<..=", "_xi_"), ("<..", "_x_"), ("..=", "_i_"), ("..", "_")):
        text = text.replace(mark, word)
    return text
