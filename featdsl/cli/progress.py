"""Progress of what takes long: a line that turns on a terminal, plain lines elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock, Timer
from time import perf_counter
from types import TracebackType
from typing import TYPE_CHECKING

from featdsl.cli.screen import Screen, is_terminal, printable

if TYPE_CHECKING:
    from rich.status import Status
    from rich.text import Text

PATIENCE = 0.5
PLAIN_PATIENCE = 1.0
"""Seconds in which nothing is shown, on a terminal and elsewhere: what is quick needs nothing."""


class Waiting:
    """What is being done, on the error stream, once it takes long, until the block ends."""

    def __init__(self, screen: Screen, doing: str) -> None:
        self._screen = screen
        self._doing = printable(doing)
        self._more: Callable[[], str] = str
        self._lock = Lock()
        self._status: Status | None = None
        self._shown = False
        patience = PATIENCE if is_terminal(screen.err) else PLAIN_PATIENCE
        self._timer = Timer(patience, self._begin)
        self._timer.daemon = True
        self.started = perf_counter()

    def __enter__(self) -> Waiting:
        self._timer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._timer.cancel()
        with self._lock:
            self._shown = True  # a timer that fires now has come too late
            if self._status is not None:
                self._status.stop()

    @property
    def seconds(self) -> float:
        return perf_counter() - self.started

    def step(self, doing: str, more: Callable[[], str] = str) -> None:
        """Say what is being done now; only terminals show it. `more` is asked as time passes."""
        with self._lock:
            self._doing, self._more = printable(doing), more

    def done(self, what: str) -> None:
        """Say what has been done; only where there is no terminal, and once it takes long."""
        with self._lock:
            if self._shown and self._status is None:
                self._screen.tell(printable(what))

    def say(self, line: str) -> None:
        """Print a result above what turns."""
        with self._lock:
            if self._status is not None:
                self._status.stop()
            self._screen.say(line)
            if self._status is not None:
                self._status.start()

    def _begin(self) -> None:
        with self._lock:
            if self._shown:
                return
            self._shown = True
            if is_terminal(self._screen.err):
                self._status = self._start()
            else:
                self._screen.tell(self._doing)

    def _start(self) -> Status:
        from rich.console import Console

        console = Console(
            file=self._screen.err, highlight=False, no_color=not self._screen.allow_color
        )
        status = console.status(_Line(self), spinner="dots", spinner_style="cyan")
        status.start()
        return status

    @property
    def line(self) -> str:
        """What is shown now."""
        return f"{self._doing}{self._more()} …"


class _Line:
    """What is shown, made anew each time that it is drawn."""

    def __init__(self, waiting: Waiting) -> None:
        self._waiting = waiting

    def __rich__(self) -> Text:
        from rich.text import Text

        return Text(self._waiting.line, no_wrap=True, overflow="ellipsis")
