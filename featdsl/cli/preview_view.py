"""What a preview shows: a table that fits, a range in words, JSON."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from featdsl.cli.dump import plain
from featdsl.cli.screen import Screen, show_column, show_value
from featdsl.cli.table import Column, cut, natural_width, table
from featdsl.ir.expr import Scalar
from featdsl.project.as_of import AsOf
from featdsl.runs.preview import Preview
from featdsl.text.amounts import count

LONGEST = 80
"""Characters of a cell where no terminal says how many fit; JSON has all of them."""


@dataclass(frozen=True, slots=True)
class Look:
    """Computed rows; the first columns are ``keys``. ``asked`` are keys that were asked for."""

    found: Preview
    keys: tuple[str, ...]
    asked: tuple[tuple[Scalar, ...], ...]

    @property
    def features(self) -> tuple[str, ...]:
        return tuple(self.found.columns)[len(self.keys) :]

    @property
    def absent(self) -> list[tuple[Scalar, ...]]:
        """Keys that were asked for and that do not exist at the as-of time."""
        existing = {row[: len(self.keys)] for row in self.found.rows}
        return [key for key in self.asked if key not in existing]


def as_text(screen: Screen, look: Look) -> Iterator[str]:
    """Lines; safe to print."""
    shown = 0
    if look.found.rows:
        lines, shown = _table(screen, look)
        yield from lines
    for absent in look.absent:
        named = zip(look.keys, map(show_value, absent), strict=True)
        yield f"there is no {', '.join(f'{k} {v}' for k, v in named)} at the as-of time"
    if look.found.total is not None:
        of = f"{shown:,} of {count(look.found.total, 'row')}"
        yield ""
        yield f"{of}, one for each {', '.join(look.keys)}" if look.keys else of
    if len(look.found.ranges) == 1:
        yield _range(look)


def _table(screen: Screen, look: Look) -> tuple[list[str], int]:
    """Keys down and features across; the other way round where that does not fit."""
    names = list(look.found.columns)
    columns = list(zip(*look.found.rows, strict=True))
    cells = [list(row) for row in zip(*map(show_column, columns), strict=True)]
    if screen.width is None:
        cells = [[cut(cell, LONGEST) for cell in row] for row in cells]
    if screen.width is not None and natural_width(names, cells) > screen.width:
        return _turned(screen, look, cells)
    heads = [
        Column(name, right=all(map(_is_number, values)), fixed=name in look.keys)
        for name, values in zip(names, columns, strict=True)
    ]
    return table(screen, heads, cells), len(cells)


def _turned(screen: Screen, look: Look, cells: list[list[str]]) -> tuple[list[str], int]:
    """Features down; as many keys across as fit."""
    keys = len(look.keys)
    heads, rows = [", ".join(look.keys)], [[name] for name in look.features]
    for row in cells:
        wider = [[*line, cell] for line, cell in zip(rows, row[keys:], strict=True)]
        title = ", ".join(row[:keys])
        if len(heads) > 1 and natural_width([*heads, title], wider) > (screen.width or 0):
            break
        rows, heads = wider, [*heads, title]
    first, *others = heads
    lines = table(screen, [first, *(Column(h, right=True) for h in others)], rows)
    return lines, len(others)


def _is_number(value: object) -> bool:
    numeric = isinstance(value, int | float | Decimal) and not isinstance(value, bool)
    return value is None or numeric


def _range(look: Look) -> str:
    ((_, of),) = look.found.ranges.items()
    total = look.found.total
    share = f" ({of.nulls / total:.1%})" if of.nulls and total else ""
    text = f"{of.nulls:,} null{share}"
    if of.least is not None:
        least, median, largest = (
            cut(show_value(v), LONGEST) for v in (of.least, of.median, of.largest)
        )
        text += f"; least {least}, median {median}, largest {largest}"
    return text


def as_json_value(look: Look, at: AsOf) -> dict[str, Any]:
    """Decimals, dates and times are text, so that nothing of them is lost."""
    keys = len(look.keys)
    return {
        "group": look.found.group,
        "as_of": at.instant.isoformat() + "Z",
        "as_of_origin": at.origin,
        "keys": list(look.keys),
        "features": list(look.features),
        "total": look.found.total,
        "absent": [dict(zip(look.keys, plain(key), strict=True)) for key in look.absent],
        "rows": [
            {
                "key": dict(zip(look.keys, plain(row[:keys]), strict=True)),
                "values": dict(zip(look.features, plain(row[keys:]), strict=True)),
            }
            for row in look.found.rows
        ],
    }
