"""Steps for the rows of a source or view as they are seen at the as-of time.

The order of `docs/language/semantics.md`: stored rows, drop, visible at t, keep, then a view's
joins, lets and where.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from featdsl.ir import expr as ir
from featdsl.ir.plan import AsOfJoin, Derive, Given, Latest, Match, Operation, Read, Step, columns
from featdsl.ir.program import Join, Let, Program, Source, View
from featdsl.ir.visit import walk
from featdsl.text.span import Span
from featdsl.types.dtype import BOOL, TIMESTAMP
from featdsl.types.dtype import DURATION as _DURATION
from featdsl.types.duration import Duration


@dataclass(slots=True)
class Steps:
    """Steps under way; names are made unique here."""

    program: Program
    given: frozenset[str] = frozenset()
    items: list[Step] = field(default_factory=list)

    def add(self, name: str, operation: Operation, note: str, span: Span | None) -> str:
        """Append a step and return its name, numbered where it is taken."""
        taken = {s.name.lower() for s in self.items}
        unique, n = name, 2
        while unique.lower() in taken:
            unique, n = f"{name}_{n}", n + 1
        self.items.append(Step(name=unique, operation=operation, note=note, span=span))
        return unique

    def columns(self, name: str) -> tuple[str, ...]:
        return columns(next(s.operation for s in self.items if s.name == name))


def relation_rows(steps: Steps, name: str) -> str:
    """Add the steps of a relation's rows seen at t; return the last one's name."""
    relation = steps.program.relation(name)
    if isinstance(relation, View):
        return _view_rows(steps, relation)
    return source_rows(steps, relation, at_as_of=True)


def source_rows(steps: Steps, source: Source, *, at_as_of: bool) -> str:
    """Stored rows less the dropped; `at_as_of`: those seen at t, of changing rows the winner."""
    where = [_kept(d.condition) for d in source.drops]
    if at_as_of:
        where += seen_conditions(source)
    note = f"rows of {source.short}" + (" seen at the as-of time" if at_as_of else "")
    read = Read(source=source.name, columns=tuple(source.columns), where=tuple(where))
    name = steps.add(source.short, read, note, source.name_span)
    if at_as_of and source.keep is not None:
        latest = Latest(
            input=name,
            columns=tuple(source.columns),
            per=source.keep.per,
            by=source.keep.by,
        )
        note = f"the newest visible version of each {', '.join(source.keep.per)}"
        name = steps.add(f"{source.short}_latest", latest, note, source.name_span)
    return name


def _kept(condition: ir.Expr) -> ir.Expr:
    """Not dropped: the condition is false or null."""
    false = ir.Literal(dtype=BOOL, span=condition.span, value=False)
    known = ir.Coalesce(dtype=BOOL, span=condition.span, operands=(condition, false))
    return ir.Not(dtype=BOOL, span=condition.span, operand=known)


def seen_conditions(source: Source) -> list[ir.Expr]:
    """What must hold for a stored row to be seen at t."""
    span = source.name_span
    as_of = ir.AsOf(dtype=TIMESTAMP, span=span)
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


def _view_rows(steps: Steps, view: View) -> str:
    if view.name in steps.given:
        everything = _given_columns(steps.program, view)
        return steps.add(
            view.short, Given(view=view.name, columns=everything), "given rows", view.name_span
        )
    name = relation_rows(steps, view.left)
    for join in view.joins:
        name = _join(steps, view, name, join)
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
    return name


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


def _join(steps: Steps, view: View, left: str, join: Join) -> str:
    """One as-of join: how the right side is read depends on its history."""
    source = steps.program.sources[join.source]
    right = source_rows(steps, source, at_as_of=False)
    root = steps.program.root(view.name)
    delay = source.available.after if source.available else None
    available = source.available.column if source.available else None
    # A column of availability may come before the row's time: what is seen then is no later.
    ahead = root.available is not None and root.available.column is not None
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
        ahead=ahead,
        start=start,
        end=end,
        delay=delay,
        available=available,
        residual=join.residual,
    )
    seen = "" if match is Match.ALWAYS else f" as of {root.time}"
    if seen and ahead:
        seen += ", at most the as-of time"
    return steps.add(
        f"{view.short}_{join.alias}",
        operation,
        f"with {source.short}{seen}",
        join.span,
    )
