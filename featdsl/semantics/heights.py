"""How high values stand on values, and how wide groups are: each level and window is a step.

Engines plan a statement's steps one inside the other, and refuse to where they are too many.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from featdsl.diagnostics import catalog
from featdsl.diagnostics.model import Diagnostic
from featdsl.ir.feature import Feature
from featdsl.ir.refs import row_aggregates
from featdsl.text.span import Span

HEIGHT = 200
"""Lets, or features, that may stand on each other in a row."""
WINDOWS = 500
"""Windows over which a group may read its rows."""


def level_of(needs: Iterable[str], levels: Mapping[str, int], floor: int = 0) -> int:
    """On how many things in a row something stands that needs these, or else the floor."""
    return max((levels[n] + 1 for n in needs if n in levels), default=floor)


def too_high(name: str, what: str, span: Span) -> Diagnostic:
    """The first of a row that is higher than it may be."""
    message = f"`{name}` stands on more than {HEIGHT} {what}, one on the other"
    return catalog.EXPANSION.at(span, message).help(
        "write several of them as one, or let it stand on some nearer the rows"
    )


def too_many_windows(group: str, features: Iterable[Feature], span: Span) -> Diagnostic | None:
    """What is said of a group that reads its rows over too many windows."""
    windows = {a.window for f in features for a in row_aggregates(f.expr)}
    if len(windows) <= WINDOWS:
        return None
    message = f"`{group}` reads its rows over more than {WINDOWS} windows ({len(windows):,})"
    return catalog.EXPANSION.at(span, message).help(
        "each window is a pass over the rows: take fewer, or make several groups"
    )
