"""The time that a run may take: an alarm that stops whatever it is doing, as Ctrl-C would."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from types import FrameType


class TimeIsOver(BaseException):
    """Raised wherever the run is; no ``except Exception`` of foreign code takes it."""


@contextmanager
def limited(limit: timedelta | None) -> Iterator[Callable[[], None]]:
    """Let a block take no longer than a limit; in the main thread of a process.

    Gives a function that lifts the limit, to be called before what must not be cut short: after it,
    the block is not stopped any more. Where the time was over but foreign code went on, it raises.

    Raises:
        TimeIsOver: at any point of the block.
    """
    if limit is None:
        yield lambda: None
        return
    alarm = _Alarm()
    try:
        signal.setitimer(signal.ITIMER_REAL, limit.total_seconds())
        yield alarm.check_and_lift
    finally:
        alarm.lift()


class _Alarm:
    def __init__(self) -> None:
        self._rung = False
        self._before = signal.signal(signal.SIGALRM, self._ring)

    def lift(self) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        # Python handles a signal that has come already before it sets another handler.
        signal.signal(signal.SIGALRM, self._before)

    def check_and_lift(self) -> None:
        self.lift()
        if self._rung:
            raise TimeIsOver

    def _ring(self, number: int, frame: FrameType | None) -> None:
        self._rung = True
        raise TimeIsOver
