"""What a record says of how its outputs stand in the history of their sets."""

from __future__ import annotations

from typing import Literal

from featdsl.store.model import Model


class TrendUse(Model):
    """A measure of a set, or of one of its features, that left its level or slides.

    Of a ``shift``, ``before`` is the median of the ``runs`` before and ``deviation`` how far they
    usually lay from it. Of a ``slide``, ``before`` is where it began, so many runs ago. ``new``
    is false where an earlier run told the same. ``breaks`` is an expectation that the measure is on
    its way to break, in about ``left`` runs.
    """

    set: str
    feature: str | None = None
    measure: str
    kind: Literal["shift", "slide"]
    before: float
    now: float
    runs: int
    deviation: float | None = None
    new: bool = True
    breaks: str | None = None
    left: int | None = None
    words: str
    """The same in a sentence."""
