"""Reading one ``.feat`` file, come what may in its place."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from featdsl.diagnostics import catalog
from featdsl.diagnostics.model import Diagnostic, Problems

MAX_BYTES = 1 << 20


def read_text(path: Path, name: str, problems: Problems, *, root: Path | None = None) -> str | None:
    """Return a file's text, or report in one line why there is none and return None.

    `name` is how the file is called in messages. A link that leaves `root` is not followed.
    """
    problem = _unreadable(path, name, root)
    if problem is not None:
        problems.report(problem)
        return None
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as failure:
        problems.report(_cannot(name, _reason(failure)))
        return None
    return _decode(content, name, problems)


def _unreadable(path: Path, name: str, root: Path | None) -> Diagnostic | None:
    try:
        state = path.stat()
        inside = root is None or path.resolve().is_relative_to(root)
    except (OSError, RuntimeError) as failure:  # RuntimeError: a loop of links
        return _cannot(name, _reason(failure))
    if stat.S_ISDIR(state.st_mode):
        return _cannot(name, "it is a folder").help("only files may have the ending .feat")
    if not stat.S_ISREG(state.st_mode):
        return _cannot(name, "it is not a regular file")
    if not inside:
        return _cannot(name, "it is a link to a file outside the project").help(
            "copy the file into the project"
        )
    if state.st_size > MAX_BYTES:
        return _too_large(name, state.st_size)
    return None


def _decode(content: bytes, name: str, problems: Problems) -> str | None:
    if len(content) > MAX_BYTES:
        problems.report(_too_large(name, len(content)))
        return None
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        problems.report(_not_utf8(f"`{name}` is UTF-16, not UTF-8"))
        return None
    if (zero := content.find(b"\0")) >= 0:
        message = f"`{name}` is no text: byte {zero} is NUL"
        problems.report(catalog.NOT_TEXT.general(message).help("write it anew, as UTF-8 text"))
        return None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as failure:
        byte = content[failure.start]
        line = content.count(b"\n", 0, failure.start) + 1
        where = f"byte {failure.start} (0x{byte:02x}, line {line}) is wrong"
        problems.report(_not_utf8(f"`{name}` is not UTF-8: {where}"))
        return None
    return text


def _cannot(name: str, why: str) -> Diagnostic:
    return catalog.UNREADABLE.general(f"`{name}` cannot be read: {why}")


def _reason(failure: OSError | RuntimeError) -> str:
    if isinstance(failure, FileNotFoundError):
        return "there is no such file"
    number = getattr(failure, "errno", None)
    return os.strerror(number).lower() if number else "it is a link that leads to itself"


def _too_large(name: str, size: int) -> Diagnostic:
    return catalog.TOO_LARGE.general(
        f"`{name}` is too large: {size / MAX_BYTES:,.1f} MiB, and at most 1 MiB is read"
    ).help("split it: the files of a project are read as one")


def _not_utf8(message: str) -> Diagnostic:
    return catalog.NOT_UTF8.general(message).help("save it as UTF-8")
