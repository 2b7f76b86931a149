"""Ctrl-C from inside a test: pressed once, and once more only so that a test can fail."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

FIRST, AGAIN = 0.3, 20.0


@contextmanager
def ctrl_c() -> Iterator[None]:
    """Interrupt this process some time into the block, which must raise `KeyboardInterrupt`.

    Raises:
        AssertionError: nothing was interrupted, or not by the first press.
    """
    over = threading.Event()
    presses = 0

    def press() -> None:
        nonlocal presses
        wait = FIRST
        while not over.wait(wait):
            presses += 1
            os.kill(os.getpid(), signal.SIGINT)
            wait = AGAIN

    presser = threading.Thread(target=press)
    try:
        presser.start()
        yield
        raise AssertionError("nothing was interrupted")
    except KeyboardInterrupt:
        assert presses == 1, "the first press was lost"
    finally:
        over.set()
        presser.join()
