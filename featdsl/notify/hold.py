"""What a message on its way has open, so that somebody else can end it when its time is over."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress


class Hold:
    """Sockets of one attempt. A thread sends, another one ends it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: list[socket.socket] = []
        self.ended = False

    def connect(self, host: str, port: int, seconds: float) -> socket.socket:
        """A connection that ends when the attempt does.

        Raises:
            OSError: there is none.
        """
        made = socket.create_connection((host, port), seconds)
        with self._lock:
            if self.ended:
                made.close()
                raise TimeoutError
            # TLS takes the socket over; a twin can still shut the connection.
            self._open.append(made.dup())
        return made

    def end(self) -> None:
        """Shut what is open: whoever waits for it goes on with an error."""
        with self._lock:
            self.ended = True
            self._close()

    def close(self) -> None:
        """Let go of it; what was sent in time stays."""
        with self._lock:
            self._close()

    def _close(self) -> None:
        for twin in self._open:
            with suppress(OSError):
                twin.shutdown(socket.SHUT_RDWR)
            twin.close()
        self._open.clear()
