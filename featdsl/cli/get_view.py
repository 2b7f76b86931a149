"""What `featc get` shows: who, as of when, and the values; JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from featdsl.cli.dump import plain
from featdsl.cli.preview_view import Look
from featdsl.cli.preview_view import as_text as table_text
from featdsl.cli.screen import Screen, printable, show_value
from featdsl.project.as_of import show_instant
from featdsl.runs.columns import Columns
from featdsl.runs.evaluate import Evaluated
from featdsl.runs.preview import Preview
from featdsl.text.amounts import count


def as_text(screen: Screen, found: Evaluated) -> Iterator[str]:
    """Lines; safe to print."""
    features = len(found.columns.types) - len(found.keys)
    yield f"{screen.style(found.dataset, 'bold')}  {count(features, 'feature')}"
    yield f"as of {show_instant(found.as_of)}, published by the run {printable(found.record.run)}"
    yield ""
    rows = _rows(found.columns)
    preview = Preview(group=found.dataset, columns=found.columns.types, rows=tuple(rows))
    yield from table_text(screen, Look(preview, found.keys, ()))
    unknown = [
        r[: len(found.keys)] for r, known in zip(rows, found.known, strict=True) if not known
    ]
    for key in unknown:
        named = zip(found.keys, map(show_value, key), strict=True)
        yield f"there is no {', '.join(f'{k} {v}' for k, v in named)} at the as-of time"


def _rows(columns: Columns) -> list[tuple[Any, ...]]:
    """Rows of Python values; a null is None."""
    found = []
    for name in columns.types:
        array = columns.array(name)
        pairs = zip(array.values.tolist(), array.nulls.tolist(), strict=True)
        found.append([None if null else value for value, null in pairs])
    return list(zip(*found, strict=True))


def as_json_value(found: Evaluated) -> dict[str, Any]:
    """Decimals, dates and times are text, so that nothing of them is lost."""
    keys = len(found.keys)
    features = tuple(found.columns.types)[keys:]
    return {
        "dataset": found.dataset,
        "as_of": found.as_of.isoformat() + "Z",
        "run": found.record.run,
        "keys": list(found.keys),
        "features": list(features),
        "rows": [
            {
                "key": dict(zip(found.keys, plain(row[:keys]), strict=True)),
                "known": known,
                "values": dict(zip(features, plain(row[keys:]), strict=True)),
            }
            for row, known in zip(_rows(found.columns), found.known, strict=True)
        ],
    }
