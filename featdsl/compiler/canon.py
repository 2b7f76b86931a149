"""What is hashed, as canonical JSON: values, expectations, metadata, locations."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from featdsl.ir import expr as ir
from featdsl.ir.program import Expectation, Location, Meta
from featdsl.ir.text import canonical
from featdsl.types.duration import Duration
from featdsl.types.step import calendar_unit

FORMAT = 1
"""Goes into every hash: a change of what is hashed is a new number, said in the changelog."""


Canon = Any
"""What JSON can hold: lists, objects with text keys, text, numbers, null."""


def digest(canon: Canon) -> str:
    text = json.dumps(
        {"format": FORMAT, "of": canon}, sort_keys=True, ensure_ascii=True, separators=(",", ":")
    )
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def metadata_canon(meta: Meta) -> Canon:
    said = {
        f.name: getattr(meta, f.name) for f in fields(meta) if f.name not in ("freshness", "own")
    }
    # Left out where nothing is said: what was published before there were any keeps its print.
    if meta.freshness is not None:
        said["freshness"] = str(meta.freshness)
    if meta.own:
        said["own"] = {**meta.own}
    return said | {"tags": sorted(meta.tags), "notes": sorted(meta.notes), "allow": {**meta.allow}}


def expectation_canon(e: Expectation) -> Canon:
    condition = None if e.condition is None else canonical(e.condition)
    return [
        e.kind.value,
        condition,
        e.columns,
        e.op,
        scalar_canon(e.bound),
        scalar_canon(e.allow),
        e.warn,
    ]


def written_location(location: Location) -> str:
    """A location as written, parameters not filled in, without its quotes."""
    text = location.written or location.argument
    for quote in ('"""', '"', "'"):
        if len(text) >= 2 * len(quote) and text.startswith(quote) and text.endswith(quote):
            return text[len(quote) : -len(quote)]
    return text


def scalar_canon(value: ir.Scalar | Sequence[ir.Scalar]) -> Canon:
    """A value as JSON, the same for lengths of time that are the same."""
    match value:
        case None | bool() | str():
            return value
        case int():
            return ["int", str(value)]
        case float():
            return ["float", repr(value)]
        case Decimal():
            return ["decimal", format(value, "f")]
        case datetime():
            return ["instant", value.isoformat()]
        case date():
            return ["date", value.isoformat()]
        case Duration():
            return ["months", value.months] if value.is_calendar else ["micros", value.micros]
        case _:
            return [scalar_canon(v) for v in value]


def dumped(canon: Canon) -> str:
    return json.dumps(canon, sort_keys=True, separators=(",", ":"))


def ends_canon(window: ir.Window) -> Canon:
    end = Duration(0, "d") if window.end is None else window.end
    return [scalar_canon(window.start), window.start_closed, scalar_canon(end), window.end_closed]


def counts_days(node: ir.Aggregate) -> bool:
    """Whether times are counted in steps that begin at midnight of the project's zone."""
    given = (a.value for a in node.args if isinstance(a, ir.Literal | ir.Param))
    steps = any(calendar_unit(v) for v in given if isinstance(v, Duration))
    return steps and node.args[0].dtype.is_temporal
