"""Aggregates whose rows take more than one step: those that are capped.

Rows are read in the order of `docs/language/semantics.md`: conditions, window, cap.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from featdsl.ir import expr as ir
from featdsl.ir.plan import FromNewest, Operation, Ordered, Pairs, Pass
from featdsl.ir.program import Group
from featdsl.ir.visit import column_name, columns_used
from featdsl.planning.narrow import Namer
from featdsl.planning.steps import Steps, free_name
from featdsl.text.span import Span
from featdsl.types.dtype import BOOL, INT

_NEWEST = "from_newest"


def in_steps(a: ir.Aggregate) -> bool:
    """Whether one pass over the narrow rows cannot compute an aggregate."""
    return isinstance(a.window, ir.Window) and a.window.last is not None


@dataclass(frozen=True, slots=True)
class Reading:
    """Adds the steps for such aggregates; ``blank`` is a pass over the narrow rows."""

    steps: Steps
    group: Group
    blank: Pass

    def add(
        self, narrow: Mapping[ir.Aggregate, ir.Aggregate]
    ) -> dict[ir.Aggregate, tuple[str, str]]:
        """The step and column of each aggregate; its twin reads columns of the narrow rows."""
        found: dict[ir.Aggregate, tuple[str, str]] = {}
        stretches = dict.fromkeys(_stretch(a) for a in narrow)
        for stretch in stretches:
            members = {a: n for a, n in narrow.items() if _stretch(a) == stretch}
            found |= self._capped(stretch, members)
        return found

    def _capped(
        self, stretch: ir.Window, members: Mapping[ir.Aggregate, ir.Aggregate]
    ) -> dict[ir.Aggregate, tuple[str, str]]:
        """Rows of one stretch of time are numbered once for each condition, then capped."""
        columns = self._columns(members.values())
        source = self._paired(stretch, columns)
        names = {c.lower() for c in self.steps.columns(source)}
        wheres = dict.fromkeys(a.where for a in members.values())
        numbers = {where: free_name(_NEWEST, names) for where in wheres}
        ordered = Ordered(
            input=source,
            columns=self._kept(columns),
            keys=self.blank.keys,
            order=self.blank.order,
            values=tuple((name, FromNewest(where=where)) for where, name in numbers.items()),
            time=self.blank.time,
            window=None if self._points is not None else stretch,
            as_of=self._as_of,
        )
        note = f"rows of {stretch}, numbered from the newest"
        step = self._add(f"{window_name(stretch)}_newest", ordered, note)
        found: dict[ir.Aggregate, tuple[str, str]] = {}
        for window in dict.fromkeys(a.window for a in members):
            assert isinstance(window, ir.Window) and window.last is not None
            capped = {
                a: replace(n, where=_at_most(numbers[n.where], window.last, n.span))
                for a, n in members.items()
                if a.window == window
            }
            found |= self._pass(step, window, capped, members)
        return found

    def _pass(
        self,
        source: str,
        window: ir.Window,
        capped: Mapping[ir.Aggregate, ir.Aggregate],
        narrow: Mapping[ir.Aggregate, ir.Aggregate],
    ) -> dict[ir.Aggregate, tuple[str, str]]:
        names = Namer({k.lower() for k in self.blank.keys})
        named = {a: names.name_of(narrow[a]) for a in capped}
        operation = replace(
            self.blank,
            input=source,
            window=window,
            aggregates=tuple((named[a], capped[a]) for a in capped),
            paired=None,
            as_of=self._as_of,
        )
        step = self._add(window_name(window), operation, f"window {window}")
        return {a: (step, name) for a, name in named.items()}

    # --- Rows ------------------------------------------------------------------------------

    @property
    def _points(self) -> str | None:
        return None if self.blank.paired is None else self.blank.paired.points

    @property
    def _as_of(self) -> str | None:
        return None if self.blank.paired is None else self.blank.paired.as_of

    def _paired(self, stretch: ir.Window, columns: tuple[str, ...]) -> str:
        """The narrow rows; where points ask for them, each point's own."""
        if self.blank.paired is None:
            return self.blank.input
        pairs = Pairs(
            input=self.blank.input,
            columns=columns,
            paired=self.blank.paired,
            time=self.blank.time,
            window=stretch,
        )
        return self._add(f"{window_name(stretch)}_pairs", pairs, f"each point with its {stretch}")

    def _columns(self, read: Iterable[ir.Aggregate]) -> tuple[str, ...]:
        """Columns of the narrow rows that aggregates read, their time and order."""
        used = (column_name(c) for c in columns_used(read))
        time = () if self.blank.time is None else (self.blank.time,)
        return tuple(dict.fromkeys((*used, *time, *self.blank.order)))

    def _kept(self, columns: tuple[str, ...]) -> tuple[str, ...]:
        """Those columns and what tells whose a row is."""
        as_of = () if self._as_of is None else (self._as_of,)
        return tuple(dict.fromkeys((*self.blank.keys, *as_of, *columns)))

    def _add(self, name: str, operation: Operation, note: str) -> str:
        return self.steps.add(f"{self.group.short}_{name}", operation, note, self.group.name_span)


def _stretch(a: ir.Aggregate) -> ir.Window:
    assert isinstance(a.window, ir.Window)
    return a.window.uncapped


def _at_most(number: str, n: int, span: Span) -> ir.Expr:
    """The condition for a row to be one of the newest n."""
    column = ir.Column(dtype=INT, span=span, name=number)
    most = ir.Literal(dtype=INT, nullable=False, span=span, value=n)
    return ir.Compare(dtype=BOOL, span=span, op=ir.CompareOp.LE, left=column, right=most)


def window_name(window: ir.AnyWindow) -> str:
    """A window as a part of a step's name."""
    text = str(window).replace(" ", "_")
    for mark, word in (("<..=", "_xi_"), ("<..", "_x_"), ("..=", "_i_"), ("..", "_")):
        text = text.replace(mark, word)
    return text
