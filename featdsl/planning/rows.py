"""Steps for the rows of a source or view as they are seen.

The order of `docs/language/semantics.md`: stored rows, drop, visible at t, keep, then a view's
joins, lets and where.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from featdsl.ir import expr as ir
from featdsl.ir.asked_at import (
    depends_by_itself,
    depends_on_t,
    looks,
    looks_ahead,
    of_left,
    of_lefts,
)
from featdsl.ir.plan import (
    Current,
    Derive,
    Given,
    LastSeen,
    Latest,
    Read,
    Seen,
    Spine,
)
from featdsl.ir.program import Join, Let, Source, View
from featdsl.ir.relations import ahead_root, is_events, joins_at_t, roots, row_columns
from featdsl.ir.visit import walk
from featdsl.planning.joins import Right
from featdsl.planning.looking import looking
from featdsl.planning.pieces import cut_at
from featdsl.planning.steps import Rows, Sight, Steps, Times, free_name
from featdsl.planning.unions import united_rows
from featdsl.planning.visible import (
    is_over,
    kept,
    own_starts,
    seen_conditions,
    seen_from,
    snapshots_of,
)
from featdsl.types.dtype import TIMESTAMP


def relation_rows(
    steps: Steps,
    name: str,
    sight: Sight = Sight.AS_OF,
    *,
    at: ir.Expr | None = None,
    times: Times | None = None,
) -> Rows:
    """Add the steps of a relation's rows as they are seen, where they are not there yet.

    With `Sight.STORED`, ``at`` says as of when a row is asked about, over the relation's columns;
    with `Sight.EVER` rows are those of ``times``, where more than their own times decides.
    """
    view = None if name in steps.given else steps.program.views.get(name)
    if view is not None and at is not None and looks_ahead(steps.program, name):
        return _view_rows(steps, view, sight, at)
    if view is not None and sight is Sight.EVER and depends_on_t(steps.program, name):
        assert times is not None, "who looks at rows that look up says when"
        place = (f"{name} at {times}", sight)
        if place not in steps.known:
            steps.known[place] = _view_rows(steps, view, sight, times=times)
        return steps.known[place]
    if sight is Sight.EVER and not joins_at_t(steps.program, name):
        sight = Sight.EVERY
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
    where = (*(kept(d.condition) for d in source.drops), *conditions)
    read = Read(source=source.name, columns=tuple(source.columns), where=where)
    return steps.add(source.short, read, note, source.name_span)


def _source_rows(steps: Steps, source: Source, sight: Sight) -> Rows:
    if sight is Sight.STORED:
        return Rows(_arrived(steps, stored_rows(steps, source), source))
    if sight in (Sight.EVERY, Sight.EVER):
        return _with_times(steps, source)
    at: ir.Expr = ir.AsOf(dtype=TIMESTAMP, span=source.name_span)
    if sight is Sight.UNTIL:
        at = until(steps, source)
    note = f"rows of {source.short} seen at the as-of time"
    if sight is Sight.UNTIL:
        note = f"rows of {source.short} as they are known in the end"
    if source.snapshot is not None:
        return Rows(_newest_snapshot(steps, source, at, note))
    name = _read(steps, source, seen_conditions(source, at), note)
    if source.keep is not None:
        which, word = ("first", "oldest") if source.keep.first else ("latest", "newest")
        latest = Latest(
            input=name,
            columns=tuple(source.columns),
            per=source.keep.per,
            by=source.keep.by,
            first=source.keep.first,
        )
        note = f"the {word} visible version of each {', '.join(source.keep.per)}"
        name = steps.add(f"{source.short}_{which}", latest, note, source.name_span)
    return Rows(_not_removed(steps, source, name))


def _arrived(steps: Steps, name: str, relation: Source | View) -> str:
    """The rows with their place among the stored ones, where it is asked for."""
    if steps.arrival is None:
        return name
    spine = Spine(input=name, columns=steps.columns(name), row=steps.arrival)
    note = "in the order in which they are stored"
    return steps.add(f"{relation.short}_stored", spine, note, relation.name_span)


def _newest_snapshot(steps: Steps, source: Source, at: ir.Expr, note: str) -> str:
    """The latest snapshot of which all rows are seen; of its rows those whose time has come."""
    name = stored_rows(steps, source)
    columns = tuple(source.columns)
    snapshots = snapshots_of(source)
    assert snapshots is not None
    current = Current(input=name, columns=columns, snapshots=snapshots, at=at)
    name = steps.add(f"{source.short}_current", current, note, source.name_span)
    conditions = [
        is_over(column, delay, at, source.name_span) for column, delay in own_starts(source)
    ]
    if not conditions:
        return name
    derive = Derive(input=name, columns=columns, where=tuple(conditions))
    return steps.add(f"{source.short}_seen", derive, "whose time has come", source.name_span)


def _not_removed(steps: Steps, source: Source, name: str) -> str:
    """Winners that take no row away: the condition is false or null."""
    if source.keep is None or source.keep.removed_when is None:
        return name
    stays = kept(source.keep.removed_when)
    derive = Derive(input=name, columns=steps.columns(name), where=(stays,))
    return steps.add(f"{source.short}_left", derive, "less what was removed", source.name_span)


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
    known = tuple(dict.fromkeys((*(name for name, _ in starts), *versions)))
    if source.snapshot is not None:
        # Neither is a snapshot of which a row is not.
        seen = relation_rows(steps, source.name, Sight.EVERY)
        assert seen.start is not None
        name, starts, known = seen.step, ((seen.start, None),), (seen.start,)
    else:
        name = stored_rows(steps, source)
    last = LastSeen(source=source.name, input=name, starts=starts, known=known, name="until")
    note = f"labels are known up to here: when the last row of {source.short} can be seen"
    return steps.add(f"{source.short}_until", last, note, source.name_span)


def _with_times(steps: Steps, source: Source) -> Rows:
    """Stored rows with the times between which each is seen."""
    name = stored_rows(steps, source)
    starts = seen_from(source)
    if not source.changes and starts in ((), ((source.time, None),)):
        return Rows(name)
    taken = {c.lower() for c in source.columns}
    start = free_name("seen_from", taken)
    end = free_name("seen_to", taken) if source.changes else None
    seen = Seen(
        input=name,
        columns=tuple(source.columns),
        starts=own_starts(source),
        end=None if source.valid is None else source.valid.end,
        per=() if source.keep is None else source.keep.per,
        by=() if source.keep is None else source.keep.by,
        start_name=start,
        end_name=end,
        first=source.keep is not None and source.keep.first,
        snapshots=snapshots_of(source),
    )
    note = f"when each row of {source.short} is seen"
    name = steps.add(f"{source.short}_seen", seen, note, source.name_span)
    return Rows(_not_removed(steps, source, name), start, end)


def _view_rows(
    steps: Steps,
    view: View,
    sight: Sight,
    at: ir.Expr | None = None,
    times: Times | None = None,
) -> Rows:
    if view.name in steps.given:
        everything = row_columns(steps.program, view.name)
        given = Given(view=view.name, columns=tuple(everything))
        name = steps.add(view.short, given, "given rows", view.name_span)
        return Rows(_arrived(steps, name, view) if sight is Sight.STORED else name)
    asked = None if at is None else of_lefts(view, at)
    rows = _left_rows(steps, view, sight, asked, times)
    looks_at = None
    if times is not None and depends_by_itself(steps.program, view):
        rows, looks_at = cut_at(steps, view, rows, times)
    if asked is not None and looks(steps.program, view):
        rows, looks_at = looking(steps, view, rows, asked)
    for join in view.joins:
        rows = view_join(steps, view, rows, join, sight, looks_at)
    name = rows.step
    look_up = _Looks(steps, view, sight, looks_at)
    lets = list(_layers(view.lets))
    for layer in lets:
        name, values = look_up.found(name, [let.value for let in layer])
        derive = Derive(
            input=name,
            columns=steps.columns(name),
            values=tuple((let.name, e) for let, e in zip(layer, values, strict=True)),
        )
        name = steps.add(f"{view.short}_lets", derive, "what rows are made of", view.name_span)
    if view.where is not None:
        name, where = look_up.found(name, [view.where])
        derive = Derive(input=name, columns=steps.columns(name), where=tuple(where))
        name = steps.add(view.short, derive, f"rows of {view.short}", view.name_span)
    return Rows(name, rows.start, rows.end)


def _left_rows(
    steps: Steps, view: View, sight: Sight, asked: ir.Expr | None, times: Times | None
) -> Rows:
    """The rows that a view stands on: of a union those of all, one below the other."""
    parts = []
    for left in view.lefts:
        at = None if asked is None else of_left(steps.program, view, left, asked)
        parts.append(relation_rows(steps, left, sight, at=at, times=times))
    return parts[0] if len(parts) == 1 else united_rows(steps, view, parts)


@dataclass(frozen=True, slots=True)
class _Looks:
    """What the rows of a view look up; ``looks_at`` is the column that says when, if one does."""

    steps: Steps
    view: View
    sight: Sight
    looks_at: str | None

    def found(self, step: str, expressions: list[ir.Expr]) -> tuple[str, list[ir.Expr]]:
        """Rows with the features of other things that expressions read, which are columns then."""
        from featdsl.planning.rows_across import LookedUp  # what is looked up rests on rows itself

        root = ahead_root(self.steps.program, self.view.name)
        found = LookedUp(self.steps, root, self.sight, step, time=self.looks_at)
        found.add(expressions)
        return found.step, [found.placed(e) for e in expressions]


def _layers(lets: Iterable[Let]) -> Iterator[list[Let]]:
    """Lets in layers: each uses columns of the layers below only."""
    remaining = list(lets)
    read = {
        let.name: {
            n.name for n in walk(let.value) if isinstance(n, ir.Column) and n.qualifier is None
        }
        - {let.name}
        for let in remaining
    }
    while remaining:
        pending = {let.name for let in remaining}
        layer = [let for let in remaining if pending.isdisjoint(read[let.name])]
        assert layer, "semantics refuses cycles of lets"
        yield layer
        chosen = {let.name for let in layer}
        remaining = [let for let in remaining if let.name not in chosen]


def view_join(
    steps: Steps, view: View, left: Rows, join: Join, sight: Sight, looks_at: str | None = None
) -> Rows:
    """Add the step of a view's join to the rows before it.

    ``looks_at`` is the column that says when a row looks, where it is not its time.
    """
    cap = cap_of(steps, ahead_root(steps.program, view.name), sight)
    times = None
    if not is_events(steps.program, join.source) and depends_on_t(steps.program, join.source):
        if looks_at is None and cap is not None:
            left, looks_at = looking(steps, view, left, cap)
            cap = None
        time = looks_at or steps.program.root(view.name).time
        times = None if time is None else _looked_at(steps, join, left, time)
    right = right_side(steps, join, times)
    cut = sight is Sight.EVER and looks_at is None
    return right.joined(view, left, cap, cut=cut, looks_at=looks_at)


def _looked_at(steps: Steps, join: Join, left: Rows, time: str) -> Times:
    """When the left rows of a join, whose time is a column, look at right ones of which keys."""
    stored = [set(r.columns) for r in roots(steps.program, join.source)]
    taken = {time.lower()}
    keys = [
        (free_name("key", taken), e, c) for e, c in join.on if all(c in names for names in stored)
    ]
    column = ir.Column(dtype=TIMESTAMP, nullable=True, span=join.span, name=time)
    values = ((time, column), *((key, e) for key, e, _ in keys))
    derive = Derive(input=left.step, columns=(), values=values)
    step = steps.add(f"{join.alias}_looks", derive, "when left rows look, and at which", join.span)
    return Times(step, time, tuple((c, key) for key, _, c in keys))


def right_side(steps: Steps, join: Join, times: Times | None) -> Right:
    """The right side of a join, whose left rows look at ``times``."""

    def seen(name: str) -> Rows:
        # Events are joined once they have happened.
        events = is_events(steps.program, name)
        return relation_rows(steps, name, Sight.EVERY if events else Sight.EVER, times=times)

    return Right(steps, join, seen, lambda source: stored_rows(steps, source))


def cap_of(steps: Steps, root: Source, sight: Sight) -> ir.Expr | None:
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
        # Read after their time only; or each row, or piece of one, has a time to look at.
        case Sight.EVERY | Sight.STORED | Sight.EVER:
            return None
