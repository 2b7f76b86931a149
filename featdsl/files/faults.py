"""Numbered points at which tests make the writer fail.

Every step that changes the disk passes one point first. With ``FEATC_FAULT=kill@7`` in the
environment the process kills itself at the seventh point it reaches; ``raise@7`` raises,
``enospc@7`` reports a full disk there, ``interrupt@7`` presses Ctrl-C.
Off, a point costs one comparison.
"""

from __future__ import annotations

import errno
import os
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal, cast

Action = Literal["kill", "raise", "enospc", "interrupt", "count"]
_WRITTEN = re.compile(r"(kill|raise|enospc|interrupt)@([1-9][0-9]*)")


class InjectedFault(RuntimeError):
    """Raised at a point by ``raise@N``: nothing else in the program raises it."""


@dataclass(slots=True)
class Fault:
    """What happens at the ``at``-th point; ``reached`` names the points passed so far."""

    action: Action
    at: int = 0
    reached: list[str] = field(default_factory=list)

    def meet(self, name: str) -> None:
        self.reached.append(name)
        if len(self.reached) != self.at:
            return
        match self.action:
            case "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            case "raise":
                raise InjectedFault(f"point {self.at}: {name}")
            case "enospc":
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            case "interrupt":
                signal.raise_signal(signal.SIGINT)
            case "count":
                pass


def _from_environment(text: str | None) -> Fault | None:
    if not text:
        return None
    match = _WRITTEN.fullmatch(text)
    if match is None:
        raise ValueError(f"FEATC_FAULT is kill@N, raise@N, enospc@N or interrupt@N, not {text!r}")
    return Fault(cast(Action, match[1]), int(match[2]))


_fault = _from_environment(os.environ.get("FEATC_FAULT"))


def point(name: str) -> None:
    """Pass a point; nothing happens unless a fault is armed."""
    if _fault is not None:
        _fault.meet(name)


@contextmanager
def armed(action: Action, at: int = 0) -> Iterator[Fault]:
    """Arm a fault for a test; ``count`` only records the points that are passed."""
    global _fault
    before, _fault = _fault, Fault(action, at)
    try:
        yield _fault
    finally:
        _fault = before
