"""Rows that are seen ahead of their time, in pieces: at all times of one they look at the same.

A row that is seen at t looks at its time or at t, whichever is earlier. What it is joined with
changes, until its time has come, when a right row begins or ends to match. The row is cut there
and at its time: each piece is seen for a while, and looks at its first moment. What it looks up may
change at any moment: there it is cut at all times at which it is looked at.

Before: a row seen from the 1st on, of time the 9th; right rows seen from the 3rd and the 20th.
After:  pieces seen from the 1st, the 3rd, and the 9th on; they look at the 1st, 3rd, and 9th.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from featdsl.ir import expr as ir
from featdsl.ir.plan import AnyOf, AsOfJoin, Derive, Match, Operation, Seen, Spine
from featdsl.ir.program import Join, Source, View
from featdsl.ir.relations import row_columns
from featdsl.planning.steps import Rows, Steps, Times, free_name
from featdsl.text.span import Span
from featdsl.types.dtype import BOOL, DURATION, INT, TIMESTAMP, DType

# Names that no alias has.
_MOMENTS, _BEGINS = ".moments", ".begins"
_MOMENT, _BEGIN = "moment", "begin"


@dataclass(frozen=True, slots=True)
class Pieces:
    """Pieces of rows, and the column with the time that each looks at."""

    rows: Rows
    looks_at: str


@dataclass(frozen=True, slots=True)
class Moments:
    """A step whose column `_MOMENT` says when something may change, for rows with equal keys.

    ``on`` pairs expressions over these rows with columns of the step.
    """

    step: str
    on: tuple[tuple[ir.Expr, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Cut:
    """Cuts rows where what they are joined with, or look up, may change; ``time`` is their time."""

    steps: Steps
    name: str
    span: Span
    rows: Rows
    time: str
    moments: Moments

    def pieces(self) -> Pieces:
        """Add the steps of the pieces."""
        rows, steps = self.rows, self.steps
        assert rows.start is not None, "rows that may be seen ahead say when"
        columns = steps.columns(rows.step)
        taken = {c.lower() for c in columns}
        row = free_name("row", taken)
        numbered = self._add(
            "numbered", Spine(input=rows.step, columns=columns, row=row), "rows, numbered"
        )
        begins = self._begins(numbered, row, rows.start)
        cut = self._add(
            "cut",
            AsOfJoin(
                left=numbered,
                right=begins,
                alias=_BEGINS,
                match=Match.ALWAYS,
                on=((self._column(row, INT), row),),
                columns=(*columns, row),
                carried=(_BEGIN,),
                many=True,
            ),
            "once for each piece",
        )
        begin = f"{_BEGINS}.{_BEGIN}"
        start, until = free_name("seen_from", taken), free_name("next_from", taken)
        seen = Seen(
            input=cut,
            columns=columns,
            starts=((begin, None),),
            end=None,
            per=(row,),
            by=(begin,),
            start_name=start,
            end_name=until,
        )
        step = self._add("pieces", seen, "each until the next of the row")
        end, looks_at = free_name("seen_to", taken), free_name("looks_at", taken)
        derive = Derive(
            input=step,
            columns=(*(c for c in columns if c not in (rows.start, rows.end)), start),
            values=((end, self._end(until)), (looks_at, self._looks_at(start))),
        )
        step = self._add(
            "looking", derive, "seen ahead of its time a row looks at what is seen then"
        )
        return Pieces(Rows(step, start, end), looks_at)

    # --- Where pieces begin

    def _begins(self, numbered: str, row: str, start: str) -> str:
        """Rows and when each of their pieces begins: when seen, when it changes, at their time."""
        begun, time = self._column(start), self._column(self.time)
        not_over = self._before_the_end(time)
        first = Derive(input=numbered, columns=(row,), values=((_BEGIN, begun),))
        ahead = Derive(
            input=numbered,
            columns=self.steps.columns(numbered),
            where=(self._less(begun, time),),
        )
        waiting = self._add("ahead", ahead, "seen ahead of their time")
        moment = ir.Column(
            dtype=TIMESTAMP, nullable=True, span=self.span, name=_MOMENT, qualifier=_MOMENTS
        )
        come = Derive(
            input=waiting, columns=(row,), values=((_BEGIN, time),), where=tuple(not_over)
        )
        limits = dict.fromkeys(c for c in (row, start, self.time, self.rows.end) if c is not None)
        met = AsOfJoin(
            left=waiting,
            right=self.moments.step,
            alias=_MOMENTS,
            match=Match.ALWAYS,
            on=self.moments.on,
            columns=tuple(limits),
            carried=(_MOMENT,),
            residual=self._within(begun, moment, time),
            many=True,
        )
        changes = Derive(
            input=self._add("meets", met, "with the moments at which what they find may change"),
            columns=(row,),
            values=((_BEGIN, moment),),
            where=(
                self._less(begun, moment),
                self._less(moment, time),
                *self._before_the_end(moment),
            ),
        )
        found = (
            self._add("begin", first, "the first piece of each"),
            self._add("changes", changes, "a piece from each change on"),
            self._add("come", come, "and from their time on"),
        )
        union = AnyOf(inputs=found, columns=(row, _BEGIN))
        return self._add("begins", union, "when pieces begin")

    def _within(self, begun: ir.Expr, moment: ir.Expr, time: ir.Expr) -> ir.Expr:
        """A moment lies ahead of the row's time, and behind the row's beginning."""
        return ir.Logical(
            dtype=BOOL,
            span=self.span,
            op=ir.LogicalOp.AND,
            left=self._less(begun, moment),
            right=self._less(moment, time),
        )

    # --- What pieces are

    def _end(self, until: str) -> ir.Expr:
        """The next piece's start; of the last one the row's end."""
        following = self._column(until)
        if self.rows.end is None:
            return following
        last = ir.IsNull(dtype=BOOL, span=self.span, operand=following)
        return ir.Conditional(
            dtype=TIMESTAMP,
            nullable=True,
            span=self.span,
            branches=((last, self._column(self.rows.end)),),
            otherwise=following,
        )

    def _looks_at(self, start: str) -> ir.Expr:
        begun, time = self._column(start), self._column(self.time)
        return ir.Conditional(
            dtype=TIMESTAMP,
            nullable=True,
            span=self.span,
            branches=((self._less(begun, time), begun),),
            otherwise=time,
        )

    def _before_the_end(self, moment: ir.Expr) -> list[ir.Expr]:
        if self.rows.end is None:
            return []
        end, span = self._column(self.rows.end), self.span
        for_ever = ir.IsNull(dtype=BOOL, span=span, operand=end)
        return [
            ir.Logical(
                dtype=BOOL,
                span=span,
                op=ir.LogicalOp.OR,
                left=for_ever,
                right=self._less(moment, end),
            )
        ]

    def _less(self, left: ir.Expr, right: ir.Expr) -> ir.Expr:
        return ir.Compare(dtype=BOOL, span=self.span, op=ir.CompareOp.LT, left=left, right=right)

    def _column(self, name: str, dtype: DType = TIMESTAMP) -> ir.Expr:
        return ir.Column(dtype=dtype, nullable=True, span=self.span, name=name)

    def _add(self, name: str, operation: Operation, note: str) -> str:
        return self.steps.add(f"{self.name}_{name}", operation, note, self.span)


def moments_of_join(steps: Steps, join: Join, found: AsOfJoin) -> Moments:
    """Keys of right rows with the moments at which these begin or end to match.

    ``found`` is the join itself, over rows that are whole.
    """
    span, types = join.span, row_columns(steps.program, join.source)

    def add(operation: Operation, note: str) -> str:
        return steps.add(f"{join.alias}_moments", operation, note, span)

    taken = {_MOMENT}
    named = [(free_name("key", taken), c) for _, c in found.on]
    keys = tuple((k, ir.Column(dtype=types[c], nullable=True, span=span, name=c)) for k, c in named)
    inputs = [
        add(
            Derive(input=found.right, columns=(), values=(*keys, (_MOMENT, moment))),
            "when one begins or ends to match",
        )
        for moment in dict.fromkeys(_limits(found, span))
    ]
    union = AnyOf(inputs=tuple(inputs), columns=(*(k for k, _ in keys), _MOMENT))
    on = tuple((e, k) for (e, _), (k, _) in zip(found.on, named, strict=True))
    return Moments(add(union, "each once"), on)


def _limits(found: AsOfJoin, span: Span) -> Iterator[ir.Expr]:
    """Times of right rows with which the left row's is compared."""

    def column(name: str) -> ir.Expr:
        return ir.Column(dtype=TIMESTAMP, nullable=True, span=span, name=name)

    for name in (found.start, found.end, found.available, found.time):
        if name is not None:
            yield column(name)
    if found.start is not None and found.delay is not None:
        delay = ir.Literal(dtype=DURATION, span=span, value=found.delay)
        yield ir.Arithmetic(
            dtype=TIMESTAMP,
            nullable=True,
            span=span,
            op=ir.ArithmeticOp.ADD,
            left=column(found.start),
            right=delay,
        )


def cut_at(steps: Steps, relation: View | Source, rows: Rows, times: Times) -> tuple[Rows, str]:
    """Rows of a relation in pieces at the times at which they are looked at.

    Also given is the column that says when each looks at others.
    """
    span, name = relation.name_span, relation.short
    types, taken = row_columns(steps.program, relation.name), {_MOMENT}

    def column(name: str, dtype: DType) -> ir.Expr:
        return ir.Column(dtype=dtype, nullable=True, span=span, name=name)

    named = [(own, other, free_name("key", taken)) for own, other in times.keys]
    keys = tuple((key, column(other, types[own])) for own, other, key in named)
    derive = Derive(
        input=times.step, columns=(), values=(*keys, (_MOMENT, column(times.column, TIMESTAMP)))
    )
    every = steps.add(f"{name}_moments", derive, "when rows are looked at", span)
    union = AnyOf(inputs=(every,), columns=(*(k for k, _ in keys), _MOMENT))
    once = steps.add(f"{name}_moments", union, "each once", span)
    moments = Moments(once, tuple((column(own, types[own]), key) for own, _, key in named))
    time = steps.program.root(relation.name).time
    assert time is not None, "rows that may be seen ahead have a time"
    pieces = Cut(steps, name, span, rows, time, moments).pieces()
    return pieces.rows, pieces.looks_at
