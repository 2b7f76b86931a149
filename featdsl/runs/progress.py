"""What a run tells while it is under way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from featdsl.runs.stages import Stage
    from featdsl.store.record import ProblemEntry

State = Literal["started", "step", "done", "finished", "failed"]


@dataclass(frozen=True, slots=True)
class Part:
    """One of the things that a stage does one after another: ``number`` of ``of``, from 1."""

    name: str
    number: int
    of: int
    rows: int | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """Something that happened: a stage started, moved on to ``detail``, or ended.

    A ``part`` that is ``done`` has its rows; ``problems`` were found by a stage that ended.
    """

    run: str
    as_of: datetime
    stage: Stage
    state: State
    seconds: float = 0.0
    detail: str = ""
    part: Part | None = None
    problems: tuple[ProblemEntry, ...] = ()


Observe = Callable[[Progress], None]


def nobody(progress: Progress) -> None:
    """The observer of a run that nobody watches."""
