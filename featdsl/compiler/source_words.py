"""What is seen of a source when, in plain English."""

from __future__ import annotations

from typing import Literal, TypeAlias

from featdsl.compiler.phrases import duration_words, joined, ticked
from featdsl.compiler.words import condition
from featdsl.ir.program import Source
from featdsl.ir.text import name_text

History: TypeAlias = Literal["events", "changing rows", "snapshots", "validity", "static"]


def visibility_words(source: Source) -> str:
    """When a row of a source is seen, in a sentence."""
    if source.keep is not None:
        return f"{_seen_from(source)} {_keep_words(source)}"
    if source.valid is not None:
        start, end = (ticked(name_text(c)) for c in (source.valid.start, source.valid.end))
        held = (
            f"A row is seen while it holds: from {start} up to, but not including, {end} "
            f"(where {end} is missing, for ever)."
        )
        return f"{held} {_seen_from(source)}" if source.available is not None else held
    if source.snapshot is not None:
        return _snapshot_words(source, source.snapshot.column)
    if source.time is not None or source.available is not None:
        return _seen_from(source)
    return f"{ticked(source.short)} has no history: its rows are the same for every as-of time."


def _seen_from(source: Source) -> str:
    available = source.available
    if available is not None and available.column is not None:
        return f"Rows are visible from their {ticked(name_text(available.column))} on."
    if available is not None and available.after is not None and available.after.amount:
        delay = duration_words(available.after)
        if source.time is None and source.valid is not None:
            return f"Rows are visible {delay} after their {ticked(name_text(source.valid.start))}."
        return f"Rows are visible {delay} after they happen."
    return "Rows are visible as soon as they happen."


def _snapshot_words(source: Source, column: str) -> str:
    """Which snapshot is read, and when it is seen."""
    taken = ticked(name_text(column))
    newest = f"Rows of one {taken} are the whole table: those of the latest that is visible count"
    available = source.available
    if available is not None and available.column is not None:
        seen = ticked(name_text(available.column))
        text = f"{newest}; it is visible once {taken} and the {seen} of all of its rows have come."
    elif available is not None and available.after is not None and available.after.amount:
        text = f"{newest}; it is visible {duration_words(available.after)} after {taken}."
    else:
        text = f"{newest}; it is visible from {taken} on."
    if source.time is not None and (available is None or available.column is None):
        text += f" {_seen_from(source)}"
    return text


def _keep_words(source: Source) -> str:
    assert source.keep is not None
    per = joined([ticked(name_text(c)) for c in source.keep.per])
    by = joined([ticked(name_text(c)) for c in source.keep.by], "then")
    which = "smallest" if source.keep.first else "largest"
    newest = f"Of the versions of one {per}, the visible one with the {which} {by} counts"
    if source.keep.removed_when is not None:
        gone = condition(source.keep.removed_when).text
        newest += f", and takes the row away where {gone}"
    column = source.columns.get(source.keep.by[0])
    if column is None or not column.dtype.is_temporal:
        return f"{newest}."
    delay = source.available.after if source.available is not None else None
    made = ticked(name_text(source.keep.by[0]))
    if delay is None or not delay.amount:
        return f"{newest}; a version is visible from its {made} on, at the earliest."
    return (
        f"{newest}; a version is visible {duration_words(delay)} after its {made} at the earliest."
    )


def history_kind(source: Source) -> History:
    """The kind of history that a source has."""
    if source.keep is not None:
        return "changing rows"
    if source.valid is not None:
        return "validity"
    if source.snapshot is not None:
        return "snapshots"
    return "static" if source.time is None else "events"
