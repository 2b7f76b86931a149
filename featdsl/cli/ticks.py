"""Steps of a longer piece of work: a tick or a cross a line, with what came of it and its time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import perf_counter

from featdsl.cli.progress import Waiting
from featdsl.cli.screen import Screen, printable
from featdsl.cli.work import errors_of
from featdsl.diagnostics.model import Diagnostic
from featdsl.text.amounts import show_seconds

_TITLE = 24
_WIDEST = 88

Found = tuple[str, Sequence[Diagnostic]]


@dataclass(frozen=True, slots=True)
class Step:
    title: str
    passed: bool
    seconds: float
    detail: str


@dataclass(slots=True)
class Ticks:
    """Steps as they end, told at once unless `quiet`, and all that was found on the way."""

    screen: Screen
    quiet: bool = False
    steps: list[Step] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not errors_of(self.diagnostics)

    def take(self, title: str, act: Callable[[], Found]) -> None:
        """Do one thing; `act` returns what came of it in words, and what is wrong."""
        started = perf_counter()
        with Waiting(self.screen, title) as progress:
            detail, found = act()
            self.diagnostics += found
            step = Step(title, not errors_of(found), perf_counter() - started, detail)
            self.add(step, progress)

    def add(self, step: Step, progress: Waiting) -> None:
        """Tell a step that has ended."""
        self.steps.append(step)
        if not self.quiet:
            progress.say(_line(self.screen, step))


def _line(screen: Screen, step: Step) -> str:
    """``✓ Load the texts    3 files, 204 lines    12 ms``."""
    seconds = show_seconds(step.seconds)
    width = min(screen.width or _WIDEST, _WIDEST)
    room = max(width - _TITLE - len(seconds) - 6, 10)
    detail = printable(step.detail)
    detail = detail if len(detail) <= room else f"{detail[: room - 1]}…"
    mark, time = screen.mark(step.passed), screen.style(seconds, "dim")
    return f"{mark} {step.title:<{_TITLE}}  {detail:<{room}}  {time}"
