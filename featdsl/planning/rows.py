"""Steps for the rows of a source or view as they are seen.

The order of `docs/language/semantics.md`: stored rows, drop, visible at t, keep, then a view's
joins, lets and where.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto

from featdsl.ir import expr as ir
from featdsl.ir.plan import (
    AsOfJoin,
    Derive,
    Given,
    LastSeen,
    Latest,
    Match,
    Operation,
    Read,
    Seen,
    Step,
    columns,
)
from featdsl.ir.program import Join, Let, Program, Source, View
from featdsl.ir.visit import walk
from featdsl.text.span import Span
from featdsl.types.dtype import BOOL, TIMESTAMP
from featdsl.types.dtype import DURATION as _DURATION
from featdsl.types.duration import Duration


class Sight(Enum):
    """When rows are looked at."""

    AS_OF = auto()  # at the as-of time, one for all
    EVERY = auto()  # at many times: rows come with the times between which they are seen
    UNTIL = auto()  # as labels do: at the time up to which they are known


@dataclass(frozen=True, slots=True)
class Rows:
    """A step with rows; with `Sight.EVERY` a row is seen at t if start <= t < end.

    ``start`` and ``end`` are columns of the step; None, or null in a row, is no limit. With no
    ``start`` at all a row is seen from its time on, or always where it has none.
    """

    step: str
    start: str | None = None
    end: str | None = None


@dataclass(slots=True)
class Steps:
    """Steps under way; names are made unique here. Rows that were asked for are there once.

    ``until`` is the time up to which labels over a source are known, where it is given.
    ``reserved`` are names of tables that are read: a step of that name would hide the table.
    """

    program: Program
    given: frozenset[str] = frozenset()
    items: list[Step] = field(default_factory=list)
    known: dict[tuple[str, Sight], Rows] = field(default_factory=dict)
    until: Mapping[str, datetime] = field(default_factory=dict)
    reserved: frozenset[str] = frozenset()

    def add(self, name: str, operation: Operation, note: str, span: Span | None) -> str:
        """Append a step and return its name, numbered where it is taken."""
        taken = {s.name.lower() for s in self.items} | {r.lower() for r in self.reserved}
        unique = free_name(name, taken)
        self.items.append(Step(name=unique, operation=operation, note=note, span=span))
        return unique

    def columns(self, name: str) -> tuple[str, ...]:
        return columns(next(s.operation for s in self.items if s.name == name))


def relation_rows(steps: Steps, name: str, sight: Sight = Sight.AS_OF) -> Rows:
    """Add the steps of a relation's rows as they are seen, where they are not there yet."""
    if (name, sight) not in steps.known:
        relation = steps.program.relation(name)
        if isinstance(relation, View):
            steps.known[name, sight] = _view_rows(steps, relation, sight)
        else:
            steps.known[name, sight] = _source_rows(steps, relation, sight)
    return steps.known[name, sight]


def stored_rows(steps: Steps, source: Source, note: str = "") -> str:
    """Add a step with the stored rows of a source less the dropped."""
    return _read(steps, source, [], note or f"rows of {source.short}")


def _read(steps: Steps, source: Source, conditions: list[ir.Expr], note: str) -> str:
    where = (*(_kept(d.condition) for d in source.drops), *conditions)
    read = Read(source=source.name, columns=tuple(source.columns), where=where)
    return steps.add(source.short, read, note, source.name_span)


def _source_rows(steps: Steps, source: Source, sight: Sight) -> Rows:
    if sight is Sight.EVERY:
        return _with_times(steps, source)
    at: ir.Expr = ir.AsOf(dtype=TIMESTAMP, span=source.name_span)
    if sight is Sight.UNTIL:
        at = until(steps, source)
    note = f"rows of {source.short} seen at the as-of time"
    if sight is Sight.UNTIL:
        note = f"rows of {source.short} as they are known in the end"
    name = _read(steps, source, seen_conditions(source, at), note)
    if source.keep is not None:
        latest = Latest(
            input=name,
            columns=tuple(source.columns),
            per=source.keep.per,
            by=source.keep.by,
        )
        note = f"the newest visible version of each {', '.join(source.keep.per)}"
        name = steps.add(f"{source.short}_latest", latest, note, source.name_span)
    return Rows(name)


def until(steps: Steps, source: Source) -> ir.Expr:
    """The time up to which labels over a source are known: given, or the data's own."""
    span = source.name_span
    if source.name in steps.until:
        return ir.Literal(dtype=TIMESTAMP, span=span, value=steps.until[source.name])
    asked = (s.operation for s in steps.items)
    if not any(isinstance(o, LastSeen) and o.source == source.name for o in asked):
        last_seen_rows(steps, source)
    return ir.Until(dtype=TIMESTAMP, nullable=True, span=span, source=source.name)


def last_seen_rows(steps: Steps, source: Source) -> str:
    """Add the step that finds when the last row of a source can be seen."""
    starts = seen_from(source)
    # A version without a place in the order is never seen.
    versions = () if source.keep is None else source.keep.by[:1]
    last = LastSeen(
        source=source.name,
        input=stored_rows(steps, source),
        starts=starts,
        known=tuple(dict.fromkeys((*(name for name, _ in starts), *versions))),
        name="until",
    )
    note = f"labels are known up to here: when the last row of {source.short} can be seen"
    return steps.add(f"{source.short}_until", last, note, source.name_span)


def seen_from(source: Source) -> tuple[tuple[str, Duration | None], ...]:
    """Times, with their delays, that must have come for a stored row to be seen."""
    delay = None if source.available is None else source.available.after
    found: list[tuple[str, Duration | None]] = []
    if source.available is not None and source.available.column is not None:
        found.append((source.available.column, None))
    elif source.time is not None:
        found.append((source.time, delay))
    if source.keep is not None and source.columns[source.keep.by[0]].dtype.is_temporal:
        found.append((source.keep.by[0], delay))
    if source.valid is not None:
        found.append((source.valid.start, None if source.time else delay))
    return tuple(dict.fromkeys(found))


def _with_times(steps: Steps, source: Source) -> Rows:
    """Stored rows with the times between which each is seen."""
    name = stored_rows(steps, source)
    starts = seen_from(source)
    plain = source.keep is None and source.valid is None
    if plain and starts in ((), ((source.time, None),)):
        return Rows(name)
    taken = {c.lower() for c in source.columns}
    start = free_name("seen_from", taken)
    end = None if plain else free_name("seen_to", taken)
    seen = Seen(
        input=name,
        columns=tuple(source.columns),
        starts=starts,
        end=None if source.valid is None else source.valid.end,
        per=() if source.keep is None else source.keep.per,
        by=() if source.keep is None else source.keep.by,
        start_name=start,
        end_name=end,
    )
    note = f"when each row of {source.short} is seen"
    return Rows(steps.add(f"{source.short}_seen", seen, note, source.name_span), start, end)


def free_name(stem: str, taken: set[str]) -> str:
    """The name, numbered where it is taken; ``taken`` is in lower case, and takes it."""
    name, n = stem, 2
    while name.lower() in taken:
        name, n = f"{stem}_{n}", n + 1
    taken.add(name.lower())
    return name


def _kept(condition: ir.Expr) -> ir.Expr:
    """Not dropped: the condition is false or null."""
    false = ir.Literal(dtype=BOOL, span=condition.span, value=False)
    known = ir.Coalesce(dtype=BOOL, span=condition.span, operands=(condition, false))
    return ir.Not(dtype=BOOL, span=condition.span, operand=known)


def seen_conditions(source: Source, at: ir.Expr | None = None) -> list[ir.Expr]:
    """What must hold for a stored row to be seen at a time: the as-of time, or another."""
    span = source.name_span
    as_of = ir.AsOf(dtype=TIMESTAMP, span=span) if at is None else at
    found: list[ir.Expr] = []

    def not_after(column: str, delay: Duration | None = None) -> ir.Expr:
        time: ir.Expr = ir.Column(dtype=TIMESTAMP, span=span, name=column)
        bound: ir.Expr = as_of
        if delay is not None and delay.is_calendar:
            # A month after 31 January is not seen a month before: the column has to move.
            time = _moved(time, ir.ArithmeticOp.ADD, delay, span)
        elif delay is not None:
            bound = _moved(as_of, ir.ArithmeticOp.SUBTRACT, delay, span)
        return ir.Compare(dtype=BOOL, span=span, op=ir.CompareOp.LE, left=time, right=bound)

    delay = None if source.available is None else source.available.after
    if source.available is not None and source.available.column is not None:
        found.append(not_after(source.available.column))
    elif source.time is not None:
        found.append(not_after(source.time, delay))
    if source.keep is not None:
        found.append(_is_version(source, source.keep.by[0], not_after, delay))
    if source.valid is not None:
        found.append(not_after(source.valid.start, None if source.time else delay))
        end = ir.Column(dtype=TIMESTAMP, span=span, name=source.valid.end)
        found.append(
            ir.Logical(
                dtype=BOOL,
                span=span,
                op=ir.LogicalOp.OR,
                left=ir.IsNull(dtype=BOOL, span=span, operand=end),
                right=ir.Compare(dtype=BOOL, span=span, op=ir.CompareOp.LT, left=as_of, right=end),
            )
        )
    return found


def _is_version(
    source: Source,
    by: str,
    not_after: Callable[[str, Duration | None], ir.Expr],
    delay: Duration | None,
) -> ir.Expr:
    """A version is never seen before it was made, nor before its own delay is over.

    One that has no ``by`` is never seen: nothing says when it was made.
    """
    if source.columns[by].dtype.is_temporal:
        return not_after(by, delay)
    span = source.name_span
    number = ir.Column(dtype=source.columns[by].dtype, span=span, name=by)
    return ir.IsNull(dtype=BOOL, span=span, operand=number, negated=True)


def _moved(time: ir.Expr, op: ir.ArithmeticOp, delay: Duration, span: Span) -> ir.Expr:
    by = ir.Literal(dtype=_DURATION, span=span, value=delay)
    return ir.Arithmetic(dtype=TIMESTAMP, span=span, op=op, left=time, right=by)


def _view_rows(steps: Steps, view: View, sight: Sight) -> Rows:
    if view.name in steps.given:
        everything = _given_columns(steps.program, view)
        given = Given(view=view.name, columns=everything)
        return Rows(steps.add(view.short, given, "given rows", view.name_span))
    rows = relation_rows(steps, view.left, sight)
    name = rows.step
    for join in view.joins:
        name = _join(steps, view, name, join, sight)
    lets = list(_layers(view.lets))
    for layer in lets:
        derive = Derive(
            input=name,
            columns=steps.columns(name),
            values=tuple((let.name, let.value) for let in layer),
        )
        name = steps.add(f"{view.short}_lets", derive, "what rows are made of", view.name_span)
    if view.where is not None:
        derive = Derive(input=name, columns=steps.columns(name), where=(view.where,))
        name = steps.add(view.short, derive, f"rows of {view.short}", view.name_span)
    return Rows(name, rows.start, rows.end)


def _given_columns(program: Program, view: View) -> tuple[str, ...]:
    """Columns that a test's table of this view may hold: the left's, the joined, the lets."""
    left = program.relation(view.left)
    below = tuple(left.columns) if isinstance(left, Source) else _given_columns(program, left)
    joined = (f"{j.alias}.{c}" for j in view.joins for c in program.sources[j.source].columns)
    return tuple(dict.fromkeys((*below, *joined, *(let.name for let in view.lets))))


def _layers(lets: Iterable[Let]) -> Iterator[list[Let]]:
    """Lets in layers: each uses columns of the layers below only."""
    remaining = list(lets)
    while remaining:
        pending = {let.name for let in remaining}
        layer = [
            let
            for let in remaining
            if not any(
                isinstance(n, ir.Column)
                and n.qualifier is None
                and n.name in pending
                and n.name != let.name
                for n in walk(let.value)
            )
        ]
        assert layer, "semantics refuses cycles of lets"
        yield layer
        chosen = {let.name for let in layer}
        remaining = [let for let in remaining if let.name not in chosen]


def _join(steps: Steps, view: View, left: str, join: Join, sight: Sight) -> str:
    """One as-of join: how the right side is read depends on its history."""
    source = steps.program.sources[join.source]
    right = stored_rows(steps, source)
    root = steps.program.root(view.name)
    delay = source.available.after if source.available else None
    available = source.available.column if source.available else None
    cap = _cap(steps, root, sight)
    match, start, end = Match.ALWAYS, None, None
    ties: tuple[str, ...] = ()
    if source.valid is not None:
        match, start, end = Match.VALID, source.valid.start, source.valid.end
    elif source.keep is not None:
        match, start, ties = Match.NEWEST, source.keep.by[0], source.keep.by[1:]
    elif source.time is not None:
        match, start, ties = Match.NEWEST, source.time, source.tie_break
    if ties:
        # Of rows with one key and time the last in the total order counts.
        assert start is not None
        latest = Latest(
            input=right,
            columns=steps.columns(right),
            per=(*(c for _, c in join.on), start),
            by=ties,
        )
        right = steps.add(
            f"{source.short}_ordered", latest, "one row for each key and time", join.span
        )
    joined = {f"{join.alias}.{c}".lower() for c in source.columns}
    operation = AsOfJoin(
        left=left,
        right=right,
        alias=join.alias,
        match=match,
        on=join.on,
        # A view below may have a join of this alias, whose columns are not in sight here.
        columns=tuple(c for c in steps.columns(left) if c.lower() not in joined),
        carried=tuple(source.columns),
        left_time=root.time,
        cap=cap,
        start=start,
        end=end,
        delay=delay,
        available=available,
        residual=join.residual,
    )
    seen = "" if match is Match.ALWAYS else f" as of {root.time}"
    if seen and cap is not None:
        seen += ", at most the as-of time"
    return steps.add(
        f"{view.short}_{join.alias}",
        operation,
        f"with {source.short}{seen}",
        join.span,
    )


def _cap(steps: Steps, root: Source, sight: Sight) -> ir.Expr | None:
    """The latest time that left rows look at, where they may be seen ahead of their time.

    A column of availability may come before the row's time: what is seen then is no later.
    """
    if root.available is None or root.available.column is None:
        return None
    match sight:
        case Sight.AS_OF:
            return ir.AsOf(dtype=TIMESTAMP, span=root.name_span)
        case Sight.UNTIL:
            return until(steps, root)
        case Sight.EVERY:  # such rows are read after their time only: `check_supported`
            return None
