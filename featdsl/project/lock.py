"""``featc.lock``: the columns of sources that declare none, as they were read from the data."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

from featdsl.diagnostics import catalog
from featdsl.diagnostics.model import Problems
from featdsl.ir.source import LockedColumns
from featdsl.project.toml_places import locate, syntax_error_place
from featdsl.text.span import Span
from featdsl.types.dtype import DType
from featdsl.types.reading import read_type

LOCK_FILE = "featc.lock"
VERSION = 1
UNREAD = "not read"
"""In place of a type: the language has none for what the column holds."""
_HEAD = """\
# Columns of sources that declare none, as they were read from the data. `featc lock` writes this.
"""
_REMEDY = "`featc lock` writes it anew from the data"

Locked = Mapping[str, LockedColumns]
"""By the full names of sources."""


def lock_text(locked: Locked) -> str:
    """The file: the same text for the same columns."""
    return "".join([_HEAD, f"version = {VERSION}\n", *_tables(locked)])


def _tables(locked: Locked) -> Iterator[str]:
    for source in sorted(locked):
        yield f"\n[sources.{_quoted(source)}]\n"
        for name, dtype in locked[source].items():
            yield f"{_quoted(name)} = {_quoted(UNREAD if dtype is None else str(dtype))}\n"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def read_lock(text: str, problems: Problems) -> dict[str, dict[str, DType | None]]:
    """The columns that the file holds; what is wrong in it is reported, and left out."""

    def report(message: str, place: Span) -> None:
        problems.report(catalog.LOCK_FILE.at(place, message).help(_REMEDY))

    try:
        raw: dict[str, Any] = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # TOMLDecodeError, or a number out of bounds
        wrong, place = syntax_error_place(LOCK_FILE, text, error)
        report(f"{LOCK_FILE} is no TOML: {wrong[:1].lower()}{wrong[1:]}", place)
        return {}
    version, sources = raw.get("version"), raw.get("sources", {})
    if version != VERSION or not isinstance(sources, dict):
        found = f"is of version {version!r}" if version != VERSION else "lists no sources"
        place = locate(LOCK_FILE, text, ("version",), value=True) or Span(LOCK_FILE, 0, 0)
        report(f"{LOCK_FILE} {found}, and version {VERSION} is read", place)
        return {}
    locked: dict[str, dict[str, DType | None]] = {}
    for source, columns in sources.items():
        items = columns.items() if isinstance(columns, dict) else [(source, columns)]
        for name, written in items:
            dtype = read_type(written) if isinstance(written, str) else None
            if dtype is None and written != UNREAD:
                path = ("sources", source, name)
                place = locate(LOCK_FILE, text, path, value=True) or Span(LOCK_FILE, 0, 0)
                report(f"`{written}` is no type of a column", place)
            else:
                locked.setdefault(source, {})[name] = dtype
    return locked
