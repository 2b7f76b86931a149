"""Tables: a bold header, a thin rule, and never wider than the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from featdsl.cli.screen import Screen
from featdsl.diagnostics.render.text import width as cell_width

_GAP = "  "
_NARROWEST = 6


@dataclass(frozen=True, slots=True)
class Column:
    """``fixed`` columns keep their width; of the others the widest give way first."""

    title: str
    right: bool = False
    fixed: bool = False


def table(
    screen: Screen,
    columns: Sequence[Column | str],
    rows: Sequence[Sequence[str]],
    *,
    indent: int = 0,
) -> list[str]:
    """Return a table's lines; cells are safe to print and have no style of their own.

    On a terminal, cells that do not fit end in ``…``; elsewhere nothing is cut.
    """
    heads = [c if isinstance(c, Column) else Column(c) for c in columns]
    cells = [[str(c) for c in row] for row in rows]
    natural = [
        max([cell_width(head.title), *(cell_width(row[i]) for row in cells)])
        for i, head in enumerate(heads)
    ]
    widths = _fitted(natural, heads, screen.width, indent)
    margin = " " * indent
    title = _line([h.title for h in heads], heads, widths)
    rule = _GAP.join("─" * w for w in widths)
    body = [margin + _paint(screen, row, _line(row, heads, widths)) for row in cells]
    return [
        margin + screen.style(title.rstrip(), "bold"),
        margin + screen.style(rule, "dim"),
        *body,
    ]


def natural_width(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> int:
    """Columns of the terminal that a table takes when nothing is cut."""
    widths = [
        max([cell_width(title), *(cell_width(row[i]) for row in rows)])
        for i, title in enumerate(titles)
    ]
    return sum(widths) + len(_GAP) * (len(widths) - 1)


def _fitted(
    natural: Sequence[int], columns: Sequence[Column], width: int | None, indent: int
) -> list[int]:
    widths = list(natural)
    if width is None:
        return widths
    room = width - indent - len(_GAP) * (len(widths) - 1)
    while sum(widths) > room:
        able = [i for i, w in enumerate(widths) if w > _NARROWEST and not columns[i].fixed]
        if not able:
            break
        widths[max(able, key=lambda i: widths[i])] -= 1
    return widths


def _line(cells: Sequence[str], columns: Sequence[Column], widths: Sequence[int]) -> str:
    return _GAP.join(
        _cell(cell, width, right=column.right)
        for cell, width, column in zip(cells, widths, columns, strict=True)
    ).rstrip()


def cut(text: str, width: int) -> str:
    """A cell that takes no more than `width` columns of the terminal."""
    if cell_width(text) <= width:
        return text
    text = text[:width]
    while cell_width(text) > width - 1:
        text = text[:-1]
    return f"{text}…"


def _cell(text: str, width: int, *, right: bool) -> str:
    text = cut(text, width)
    space = " " * (width - cell_width(text))
    return space + text if right else text + space


def _paint(screen: Screen, row: Sequence[str], line: str) -> str:
    # Null is no value of the data: it steps back.
    return line.replace("null", screen.style("null", "dim")) if "null" in row else line
