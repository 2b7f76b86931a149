"""Cases as files: every failure that was found, to be replayed before new ones are looked for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.harness.case import Case, Spine

FOLDER = Path(__file__).parent / "corpus"


def written(case: Case) -> str:
    """A case as JSON."""
    fields = {**asdict(case), "text": case.text.split("\n")}
    return json.dumps(fields, default=_plain, indent=1, ensure_ascii=False)


def read(text: str) -> Case:
    """The case that was written."""
    fields = json.loads(text, object_hook=_typed)
    if fields["spine"] is not None:
        spine = fields["spine"]
        fields["spine"] = Spine(spine["entity"], [tuple(row) for row in spine["rows"]])
    return Case(**{**fields, "text": "\n".join(fields["text"])})


def corpus() -> Iterator[tuple[str, Case]]:
    """Every case that is kept, by its name."""
    for path in sorted(FOLDER.glob("*.json")):
        yield path.stem, read(path.read_text(encoding="utf-8"))


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            return {"timestamp": value.isoformat()}
        case date():
            return {"date": value.isoformat()}
        case Decimal():
            return {"decimal": str(value)}
    raise TypeError(f"{value!r} cannot be written")


def _typed(fields: dict[str, Any]) -> Any:
    match fields:
        case {"timestamp": text}:
            return datetime.fromisoformat(text)
        case {"date": text}:
            return date.fromisoformat(text)
        case {"decimal": text}:
            return Decimal(text)
    return fields
