"""One POST of JSON over HTTPS: nothing is followed, and of the answer only the status is read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from featdsl.notify.hold import Hold
from featdsl.notify.spec import NotSent

if TYPE_CHECKING:
    import socket
    from http.client import HTTPConnection

_FULL = 429


def post(
    url: str,
    body: Any,
    *,
    token: str | None,
    hosts: Sequence[str] | None,
    hold: Hold,
    seconds: float,
) -> None:
    """Send `body`.

    Args:
        url: Where to; of ``https``, or of ``http`` on this machine.
        body: What JSON can hold.
        token: Goes into the header `Authorization`.
        hosts: Where the URL may lead; None for anywhere.
        hold: Ends the connection.
        seconds: How long to wait for each step; `hold` limits all of them.

    Raises:
        NotSent: nobody took it.
    """
    import http.client
    import ssl

    import featdsl

    secure, host, port, path = _parts(url, hosts)
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": f"featc/{featdsl.__version__}",
        "Connection": "close",
    }
    if token is not None:
        if not token.isprintable() or not token.isascii():
            raise NotSent("the token is no text that a header may hold")
        headers["Authorization"] = f"Bearer {token}"
    connection = _connection(secure, host, port, hold, seconds)
    try:
        connection.request("POST", path, json.dumps(body).encode(), headers)
        status = connection.getresponse().status
    except ssl.SSLCertVerificationError as error:
        raise NotSent("the certificate of the server cannot be verified") from error
    except ssl.SSLError as error:
        why = "there is no secure connection to the server"
        raise NotSent(why, again=hold.ended) from error
    except (http.client.HTTPException, ConnectionResetError, BrokenPipeError) as error:
        raise NotSent("the server gave no answer that is one of HTTP", again=True) from error
    finally:
        connection.close()
    _check(status)


def _check(status: int) -> None:
    if 300 <= status < 400:
        raise NotSent(f"the server answers {status}: it is elsewhere, and nothing is followed")
    if not 200 <= status < 300:
        raise NotSent(f"the server answers {status}", again=status >= 500 or status == _FULL)


def _parts(url: str, hosts: Sequence[str] | None) -> tuple[bool, str, int, str]:
    """Whether it is secure, host, port and path.

    Raises:
        NotSent: nothing is sent to such a URL.
    """
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError as error:
        raise NotSent("it leads to no URL") from error
    if not url.isascii() or not url.isprintable() or " " in url or not host:
        raise NotSent("it leads to no URL")
    if parts.scheme != "https" and not (parts.scheme == "http" and is_here(host)):
        raise NotSent("the URL does not begin with https://")
    if parts.username is not None or parts.password is not None:
        raise NotSent("the URL holds a user or a password")
    if hosts is not None and host not in hosts:
        raise NotSent("the URL leads to none of `hosts`")
    secure = parts.scheme == "https"
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return secure, host, port or (443 if secure else 80), path


def is_here(host: str) -> bool:
    """Whether a host is this machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _connection(secure: bool, host: str, port: int, hold: Hold, seconds: float) -> HTTPConnection:
    import http.client
    import ssl

    class Held(http.client.HTTPConnection):
        sock: socket.socket

        def connect(self) -> None:
            self.sock = hold.connect(host, port, seconds)
            if secure:
                context = ssl.create_default_context()
                self.sock = context.wrap_socket(self.sock, server_hostname=host)

    return Held(host, port, timeout=seconds)
