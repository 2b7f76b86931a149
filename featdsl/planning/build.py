"""A group's features as a plan: rows, narrow rows, one pass a window, combine, emit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from featdsl.ir import expr as ir
from featdsl.ir.lookups import joins_by_lookups, without_lookups
from featdsl.ir.plan import Derive, Emit, Plan, Spine, Step, inputs
from featdsl.ir.program import Feature, Group, Join, Program
from featdsl.ir.relations import is_ahead, is_events
from featdsl.planning.ask import existing_keys, holders
from featdsl.planning.looking import looking
from featdsl.planning.rows import relation_rows, view_join
from featdsl.planning.steps import Rows, Sight, Steps
from featdsl.planning.values import Values
from featdsl.planning.visible import is_over
from featdsl.text.span import Span
from featdsl.types.dtype import BOOL, INT_DIGITS, MAX_DIGITS, TIMESTAMP, DType, Kind, decimal


def build_rows(
    program: Program, relation: str, *, given: Iterable[str] = (), reserved: Iterable[str] = ()
) -> Plan:
    """The rows of a source or view as seen at the as-of time."""
    steps = Steps(program, frozenset(given), reserved=frozenset(reserved))
    relation_rows(steps, relation)
    return Plan(steps=tuple(steps.items))


def build_seen(
    program: Program, source: str, *, start: str, end: str, reserved: Iterable[str] = ()
) -> Plan:
    """Rows of a source that changes that are seen at some time up to the as-of time.

    Each comes with the times between which it is seen, ``start`` and ``end``; null is no limit.
    """
    declared = program.sources[source]
    steps = Steps(program, reserved=frozenset(reserved))
    rows = relation_rows(steps, source, Sight.EVERY)
    assert rows.start is not None and rows.end is not None, "its rows change"
    span = declared.name_span
    as_of = ir.AsOf(dtype=TIMESTAMP, span=span)
    between = Derive(
        input=rows.step,
        columns=tuple(declared.columns),
        values=((start, _time(rows.start, span)), (end, _time(rows.end, span))),
        where=(is_over(rows.start, None, as_of, span),),
    )
    steps.add("between", between, "and when", span)
    return Plan(steps=tuple(steps.items))


def build_matches(
    program: Program,
    view: str,
    join: Join,
    *,
    row: str,
    since: str,
    sight: Sight = Sight.AS_OF,
    at: ir.Expr | None = None,
    given: Iterable[str] = (),
    reserved: Iterable[str] = (),
) -> Plan:
    """The rows that a join starts from, numbered, each once for every right row that it matches.

    With `Sight.EVERY` these are all rows that are seen at some time up to the as-of time, versions
    that later ones replace among them, and not those that are seen then; with `Sight.STORED` all.
    A row that was joined ahead of its time comes once for every right row and time ``since`` when
    it was joined so. ``at`` says as of when stored rows are asked about, where some look at that,
    over the columns that the view stands on.
    """
    declared = program.views[view]
    before = replace(
        declared, joins=declared.joins[: declared.joins.index(join)], lets=(), where=None
    )
    changed = replace(program, views={**program.views, view: before})
    every = sight is Sight.EVERY
    # Of events those that lie ahead are in no window yet, and in no join.
    ahead = is_ahead(program, view) and not is_events(program, view)
    if every and ahead and joins_by_lookups(changed, view, join) is None:
        # What rows look up ahead of their time may leave them out; it matches no other rows.
        sight, changed = Sight.EVER, without_lookups(changed)
        before = changed.views[view]
    steps = Steps(changed, frozenset(given), reserved=frozenset(reserved))
    left = relation_rows(steps, view, sight, at=at)
    if every:
        left = _ever_seen(steps, view, left, sight, join)
    looks_at = None
    if at is not None:
        left, looks_at = looking(steps, before, left, at)
    numbered = Spine(input=left.step, columns=steps.columns(left.step), row=row)
    name = steps.add("rows", numbered, "rows that look for a match", join.span)
    many = replace(join, many=True)
    found = view_join(steps, before, replace(left, step=name), many, sight, looks_at)
    as_of = ir.AsOf(dtype=TIMESTAMP, span=join.span)
    begun: list[ir.Expr] = []
    start: ir.Expr = ir.Literal(dtype=TIMESTAMP, nullable=True, span=join.span, value=None)
    if found.start is not None:
        start = _time(found.start, join.span)
        begun = [_or_none(found.start, is_over(found.start, None, as_of, join.span))]
    pairs = Derive(input=found.step, columns=(row,), values=((since, start),), where=tuple(begun))
    steps.add("pairs", pairs, "once for each match", join.span)
    return Plan(steps=tuple(steps.items))


def _ever_seen(steps: Steps, view: str, rows: Rows, sight: Sight, join: Join) -> Rows:
    """The rows of a view that are seen, and may be read, at some time up to the as-of time."""
    as_of = ir.AsOf(dtype=TIMESTAMP, span=join.span)
    time = None if sight is Sight.EVER else steps.program.root(view).time
    begun = dict.fromkeys(c for c in (rows.start, time) if c is not None)
    where = [_or_none(c, is_over(c, None, as_of, join.span)) for c in begun]
    if rows.start is not None and rows.end is not None:
        first, last = (_time(n, join.span) for n in (rows.start, rows.end))
        holds = ir.Compare(dtype=BOOL, span=join.span, op=ir.CompareOp.LT, left=first, right=last)
        where.append(_or_none(rows.start, _or_none(rows.end, holds)))
    if not where:
        return rows
    derive = Derive(input=rows.step, columns=steps.columns(rows.step), where=tuple(where))
    return replace(rows, step=steps.add("ever_seen", derive, "that are seen by then", join.span))


def _or_none(column: str, condition: ir.Expr) -> ir.Expr:
    """A condition, or that there is no time to ask about."""
    missing = ir.IsNull(dtype=BOOL, span=condition.span, operand=_time(column, condition.span))
    return ir.Logical(
        dtype=BOOL, span=condition.span, op=ir.LogicalOp.OR, left=missing, right=condition
    )


def _time(column: str, span: Span) -> ir.Expr:
    return ir.Column(dtype=TIMESTAMP, nullable=True, span=span, name=column)


def build(
    program: Program,
    group: str,
    *,
    features: Sequence[str] | None = None,
    given: Iterable[str] = (),
    unlisted: Iterable[str] = (),
    reserved: Iterable[str] = (),
) -> Plan:
    """Plan the features of a group at one as-of time.

    Args:
        program: The checked program.
        group: The group's full name.
        features: Short names of those that come out; None for all. What they need is computed.
        given: Views whose rows are given as they are.
        unlisted: Entities whose population does not decide which keys exist: it is those that
            have rows, or that are asked about.
        reserved: Names that no step may have: those of tables that are read.
    """
    declared = program.groups[group]
    steps = Steps(
        program, frozenset(given), reserved=frozenset(reserved), unlisted=frozenset(unlisted)
    )
    chosen = [f for f in in_order(declared) if features is None or f.short in features]
    entity = program.entities[declared.entity]
    if declared.relation is not None:
        relation_rows(steps, declared.relation)
    before = len(steps.items)
    asked = existing_keys(steps, entity, holders(program, declared))
    of_keys = steps.items[before:]
    values = Values(steps, asked, declared.name_span, home=declared)
    emit = Emit(
        input=values.table([f.name for f in chosen]).step,
        keys=asked.keys,
        columns=tuple((f.short, stored_type(f.dtype)) for f in chosen),
    )
    steps.add("output", emit, declared.short, declared.name_span)
    return Plan(steps=tuple(_late(steps.items, of_keys)))


def _late(items: list[Step], block: list[Step]) -> list[Step]:
    """Steps in an order in which some stand right before what reads them first."""
    names = {s.name for s in block}
    others = [s for s in items if s.name not in names]
    first = next(i for i, s in enumerate(others) if names & {*inputs(s.operation)})
    return [*others[:first], *block, *others[first:]]


def in_order(group: Group) -> list[Feature]:
    """A group's features in the order of the text."""
    return sorted(group.features.values(), key=lambda f: f.index)


def stored_type(dtype: DType) -> DType:
    """How a value is stored: an exact sum of ints as a decimal without places."""
    if dtype.kind is Kind.INT and dtype.precision > INT_DIGITS:
        return decimal(MAX_DIGITS, 0)
    if dtype.is_nested:
        return replace(dtype, items=tuple(map(stored_type, dtype.items)))
    return dtype
