"""What a group's values can rest on: which sources, how far back, whether at the time itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from featdsl.compiler.statements import expressions_of
from featdsl.ir import expr as ir
from featdsl.ir.program import Feature, Program, Source
from featdsl.ir.relations import roots
from featdsl.ir.visit import walk
from featdsl.runs.needed import behind, needed_sources
from featdsl.types.duration import Duration

_STEP = timedelta(days=400)
"""More than any step to whose boundary a window may reach back."""


def sources_read(program: Program, group: str) -> list[str]:
    """Full names of the sources behind a group, its population among them."""
    return [s.name for s in needed_sources(program, [group])]


def takes_end_in(program: Program, group: str) -> bool:
    """Whether a window of the group holds rows at exactly the as-of time."""
    return any(
        isinstance(n, ir.Aggregate) and isinstance(n.window, ir.Window) and n.window.end_closed
        for feature in program.groups[group].features.values()
        for n in walk(feature.expr)
    )


def only_root(program: Program, group: str) -> str | None:
    """The source whose rows the group's aggregates read; None where it rests on more than that.

    Joined sources do not count, unless the root is one of them.
    """
    declared = program.groups[group]
    if declared.relation is None or reads_elsewhere(program, group):
        return None
    found = roots(program, declared.relation)
    used = [r.name for r in behind(program, declared.relation) if isinstance(r, Source)]
    return found[0].name if len(found) == 1 and used.count(found[0].name) == 1 else None


def reads_elsewhere(program: Program, group: str) -> bool:
    """Whether a feature of the group rests on other groups, entities or times."""
    within = program.groups[group].features
    nodes = (n for e in expressions_of(program, group) for n in walk(e))
    return any(
        node.feature not in within
        if isinstance(node, ir.FeatureRef)
        else isinstance(node, ir.Via | ir.Ago | ir.Among)
        for node in nodes
    )


def key_columns(program: Program, group: str) -> tuple[str, ...]:
    """Columns of the root source that hold the entity's key; none where it is a view's column."""
    declared = program.groups[group]
    root = only_root(program, group)
    if root is None or declared.role is None:
        return ()
    columns = declared.role.columns
    return columns if set(columns) <= set(program.sources[root].columns) else ()


def earliest(program: Program, feature: str, at: datetime) -> datetime | None:
    """The start of the longest window behind a feature; None where one has no start."""
    starts = []
    for below in _with_features_below(program, program.feature(feature)):
        for node in walk(below.expr):
            if not isinstance(node, ir.Aggregate):
                continue
            start = _start(node.window, at)
            if start is None:
                return None
            starts.append(start)
    return min(starts, default=None)


def _with_features_below(program: Program, feature: Feature) -> Iterator[Feature]:
    found, waiting = set[str](), [feature.name]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        below = program.feature(name)
        yield below
        waiting += [n.feature for n in walk(below.expr) if isinstance(n, ir.FeatureRef)]


def _start(window: ir.AnyWindow | None, at: datetime) -> datetime | None:
    if not isinstance(window, ir.Window):
        return None
    if window.since is not None:
        return at - _STEP
    if window.start is None:
        return None
    back = window.start
    # A month has 31 days at most: earlier than the window's start does no harm.
    length = timedelta(days=31 * back.months) if back.is_calendar else _micros(back)
    start = at - length
    return start if window.aligned is None else start - _STEP


def _micros(length: Duration) -> timedelta:
    return timedelta(microseconds=length.micros)
