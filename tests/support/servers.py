"""Servers of this machine for tests of channels: each does to a connection what it is told to."""

from __future__ import annotations

import json
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Talk = Callable[[socket.socket, threading.Event], None]


@dataclass
class Server:
    """``asked`` is what each connection sent first, as far as the talk read it."""

    port: int
    connections: int = 0
    asked: list[bytes] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook/T0K3N?key=S3CR3T"


@contextmanager
def serving(*talks: Talk, context: ssl.SSLContext | None = None) -> Iterator[Server]:
    """A server whose connections are talked to in turn, by the last talk from then on."""
    over = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))
    server = Server(listener.getsockname()[1])

    def one(connection: socket.socket, talk: Talk) -> None:
        with suppress(OSError, ssl.SSLError):
            if context is not None:
                connection = context.wrap_socket(connection, server_side=True)
            talk(connection, over)
        with suppress(OSError):
            connection.close()

    def accept() -> None:
        while not over.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            talk = talks[min(server.connections, len(talks) - 1)]
            server.connections += 1
            threading.Thread(target=one, args=(connection, talk), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        over.set()
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(2)


def read_request(connection: socket.socket) -> bytes:
    """A request with its body, as HTTP has them."""
    found = b""
    while b"\r\n\r\n" not in found:
        piece = connection.recv(65536)
        if not piece:
            return found
        found += piece
    head, _, body = found.partition(b"\r\n\r\n")
    length = next(
        int(line.partition(b":")[2])
        for line in head.split(b"\r\n")
        if line.lower().startswith(b"content-length:")
    )
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def answers(text: bytes, into: list[bytes] | None = None) -> Talk:
    """Read a request, and answer."""

    def talk(connection: socket.socket, over: threading.Event) -> None:
        asked = read_request(connection)
        if into is not None:
            into.append(asked)
        connection.sendall(text)

    return talk


def status(code: int, *headers: str, into: list[bytes] | None = None) -> Talk:
    lines = [f"HTTP/1.1 {code} Said", "Content-Length: 0", *headers, "", ""]
    return answers("\r\n".join(lines).encode(), into)


def silent(connection: socket.socket, over: threading.Event) -> None:
    """Take everything, say nothing."""
    while not over.wait(0.02):
        pass


def closes(connection: socket.socket, over: threading.Event) -> None:
    """Hang up."""


def drips(first: bytes, again: bytes) -> Talk:
    """Say something for ever, a little at a time, so that no single wait is long."""

    def talk(connection: socket.socket, over: threading.Event) -> None:
        connection.sendall(first)
        while not over.wait(0.02):
            connection.sendall(again)

    return talk


def pours(first: bytes) -> Talk:
    """Say something for ever, as fast as can be."""

    def talk(connection: socket.socket, over: threading.Event) -> None:
        read_request(connection)
        connection.sendall(first)
        while not over.is_set():
            connection.sendall(b"x" * 65536)

    return talk


def certificate(folder: Path) -> Path:
    """A certificate for this machine that nobody has signed, with its key."""
    path = folder / "here.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-keyout", path, "-out", folder / "cert.pem", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
        check=True, capture_output=True,
    )  # fmt: skip
    path.write_bytes(path.read_bytes() + (folder / "cert.pem").read_bytes())
    return path


def with_certificate(path: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


CHANNEL = """\
[targets.dev.notify.{name}]
kind = "{kind}"
url = 'env("{variable}")'
on = {on}
timeout = "1s"
attempts = 1
"""
ALL = '["failure", "warning", "success"]'


def channel(
    name: str = "ops", *, kind: str = "webhook", variable: str = "HOOK", on: str = ALL
) -> str:
    """Settings of a channel that gives up soon."""
    return CHANNEL.format(name=name, kind=kind, variable=variable, on=on)


def said(asked: list[bytes]) -> list[dict[str, Any]]:
    """The messages in what was asked."""
    return [json.loads(a.partition(b"\r\n\r\n")[2]) for a in asked]
