"""New texts in place of a project's files, each whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping

from featdsl.diagnostics import catalog
from featdsl.diagnostics.failure import Failure
from featdsl.files.atomic import write_bytes_atomic
from featdsl.project.load import Project

_MARK = b"\xef\xbb\xbf"
"""What some editors begin a UTF-8 file with; it stays."""


def rewrite_texts(project: Project, texts: Mapping[str, str]) -> None:
    """Write texts by the names of files.

    Raises:
        Failure: a file is no longer what was read; nothing is written.
        FileError: a file cannot be written.
    """
    new: dict[str, bytes] = {}
    for name, text in texts.items():
        path = project.root / name
        content = path.read_bytes() if path.is_file() else b""
        read = content.removeprefix(_MARK)
        if read != project.texts.files[name].text.encode("utf-8"):
            message = f"`{name}` changed while the tests ran: it is not rewritten"
            raise Failure(catalog.UNREADABLE.general(message).help("run the tests again"))
        new[name] = (_MARK if content != read else b"") + text.encode("utf-8")
    for name, content in new.items():
        write_bytes_atomic(project.root / name, content, within=project.root)
