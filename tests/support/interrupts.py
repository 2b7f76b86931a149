"""Ctrl-C from inside a test: sent again where it went astray in code that swallows it."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

FIRST, AGAIN = 0.3, 3.0


@contextmanager
def ctrl_c() -> Iterator[None]:
    """Interrupt this process some time into the block, which must raise `KeyboardInterrupt`.

    Raises:
        AssertionError: nothing was interrupted.
    """
    over = threading.Event()

    def press() -> None:
        wait = FIRST
        while not over.wait(wait):
            os.kill(os.getpid(), signal.SIGINT)
            wait = AGAIN

    presser = threading.Thread(target=press)
    try:
        presser.start()
        yield
    except KeyboardInterrupt:
        return
    finally:
        over.set()
        presser.join()
    raise AssertionError("nothing was interrupted")
