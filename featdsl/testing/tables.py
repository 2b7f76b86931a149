"""Differences of a test as a table of texts."""

from __future__ import annotations

from collections.abc import Sequence

from featdsl.diagnostics.render.text import shown, width
from featdsl.project.as_of import show_instant
from featdsl.testing.result import Difference, What, value_text
from featdsl.text.names import short_name

_GAP = "  "


def difference_heads(differences: Sequence[Difference]) -> tuple[str, ...]:
    """Titles of the columns of `difference_rows`."""
    kinds = {"group" if d.row is None else "data set" for d in differences}
    return (", ".join(sorted(kinds)), "key", "as of", "feature", "expected", "actual")


def difference_rows(differences: Sequence[Difference]) -> list[list[str]]:
    """A row each: whose value, of what key, at what time, what was expected and what came out."""
    rows = []
    for d in differences:
        named = [f"{name} {value_text(value)}" for name, value in d.key]
        key = ", ".join(named if d.row is None else [f"row {d.row}", *named])
        valued = d.what is What.VALUE
        values = [value_text(d.expected), value_text(d.actual)] if valued else ["", ""]
        at = "" if d.as_of is None else show_instant(d.as_of)
        cells = [short_name(d.asked), key, at, d.feature or d.what.value, *values]
        rows.append([shown(cell.replace("\n", "\\n")) for cell in cells])
    return rows


def difference_table(differences: Sequence[Difference]) -> list[str]:
    """Lines of a table that is as wide as its values."""
    rows = [list(difference_heads(differences)), *difference_rows(differences)]
    widths = [max(width(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = [
        _GAP.join(cell + " " * (w - width(cell)) for cell, w in zip(row, widths, strict=True))
        for row in rows
    ]
    rule = _GAP.join("─" * w for w in widths)
    return [line.rstrip() for line in (lines[0], rule, *lines[1:])]
