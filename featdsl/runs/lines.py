"""Where rows lie in the files that people can open: rows of Parquet, lines of CSV."""

from __future__ import annotations

import csv
from collections.abc import Container, Iterable, Mapping
from pathlib import Path

from featdsl.ir.program import Location
from featdsl.sources.csv import records

_BLOCK = 1 << 20


def csv_records(
    location: Location, path: Path, wanted: Iterable[int], broken: Container[int] = ()
) -> Mapping[int, tuple[int, list[str]]]:
    """Line and fields of records by their place in a file, from 0, the header not counted.

    Records that cannot be found (the file is broken, or has changed) are left out.

    Args:
        location: How the file is written.
        path: The file.
        wanted: Places of records among those that could be read.
        broken: Lines of records that could not.
    """
    places = set(wanted)
    last = max(places, default=-1)
    found: dict[int, tuple[int, list[str]]] = {}
    skip = 1 if location.options.get("header", True) else 0
    try:
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            whole = (r for r in records(location, file) if r[0] not in broken)
            for i, (line, record) in enumerate(whole, start=-skip):
                if i in places:
                    found[i] = (line, record)
                if i >= last:
                    break
    except (OSError, csv.Error):
        pass
    return found


def line_at(path: Path, offset: int) -> int | None:
    """The line, from 1, that holds the byte at `offset`; None where it cannot be read."""
    lines = 1
    try:
        with path.open("rb") as file:
            while offset > 0 and (block := file.read(min(_BLOCK, offset))):
                lines += block.count(b"\n")
                offset -= len(block)
    except OSError:
        return None
    return lines
