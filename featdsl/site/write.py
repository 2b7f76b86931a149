"""Writes a site's files, and removes those of an earlier site that are no more.

A list of what was written lies beside the pages. It names what is about to be written before
that is, so a build that was cut short leaves nothing that the next one does not know.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import Final

from featdsl.files.atomic import write_text_atomic
from featdsl.files.errors import explained
from featdsl.files.paths import inside

LIST: Final = "site-files.json"


def write_site(out: Path, texts: Mapping[str, str]) -> None:
    """Bring a folder to hold exactly these files, beside whatever else lies there.

    Args:
        out: The folder; created where it is missing.
        texts: Contents by path within it, with forward slashes.

    Raises:
        FileError: something cannot be written or removed.
    """
    before = _listed(out)
    _write_list(out, {*before, *texts})
    for path, text in texts.items():
        write_text_atomic(out / path, text, within=out, durable=False)
    for path in sorted(before - texts.keys()):
        _remove(out, path)
    _write_list(out, texts)


def _listed(out: Path) -> set[str]:
    """What an earlier site wrote; nothing where there was none, or its list is damaged."""
    try:
        found = json.loads((out / LIST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return set()
    return {p for p in found if isinstance(p, str)} if isinstance(found, list) else set()


def _write_list(out: Path, paths: Iterable[str]) -> None:
    text = json.dumps(sorted(paths), indent=0) + "\n"
    write_text_atomic(out / LIST, text, within=out, durable=False)


def _remove(out: Path, path: str) -> None:
    """Remove a page, if it lies where pages lie and is one."""
    parts = PurePosixPath(path).parts
    if not parts or ".." in parts or PurePosixPath(path).is_absolute():
        return
    file = inside(out, out.joinpath(*parts))
    with explained(file, doing="remove"):
        file.unlink(missing_ok=True)
