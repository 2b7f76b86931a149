"""The lineage of a feature as a drawing: columns, views, features, what is made of it.

Inline SVG laid out here, so that it needs no script: one column of boxes for each step, edges
from left to right. A table beside it says the same in words.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from featdsl.site.html import Html, element

_GAP: Final = 46
_ROW: Final = 20
_HEAD: Final = 34
_SPACE: Final = 18
_MARGIN: Final = 8
_CHARACTER: Final = 7.3
"""Width of one of the monospaced face at 12 px; remarks are smaller."""
_LEFT: Final = 13
_RIGHT: Final = 11
_NARROWEST: Final = 104
_WIDEST: Final = 200
_LEAST_SCALE: Final = 0.86
_RULER: Final = 64
"""Pixels that a step of the style sheet's ``at-least-…`` stands for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """``rows`` are (text, remark) lines below the title; ``kind`` is its class and caption."""

    id: str
    kind: str
    title: str
    href: str | None = None
    rows: tuple[tuple[str, str], ...] = ()
    more: int = 0

    @property
    def height(self) -> int:
        lines = len(self.rows) + bool(self.more)
        return _HEAD + (lines * _ROW + 8 if lines else 0)

    @property
    def width(self) -> int:
        """What its longest line needs, within limits."""
        lines = [len(self.title), *(len(text) + len(remark) + 1 for text, remark in self.rows)]
        needed = _LEFT + _RIGHT + math.ceil(max(lines) * _CHARACTER) + 1
        return min(_WIDEST, max(_NARROWEST, needed))


@dataclass(frozen=True, slots=True)
class Edge:
    start: str
    end: str
    faint: bool = False


@dataclass(slots=True)
class Drawing:
    """Boxes by step, from left to right, and edges between boxes of different steps."""

    steps: list[list[Box]] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Placed:
    box: Box
    x: int
    y: int
    width: int


def draw(drawing: Drawing, label: str) -> Html:
    """The drawing as one `svg` element; empty steps take no room."""
    steps = [step for step in drawing.steps if step]
    inner = max((_stacked(step) for step in steps), default=0)
    widths = [max(box.width for box in step) for step in steps]
    placed = {p.box.id: p for p in _place(steps, widths, inner)}
    width = 2 * _MARGIN + sum(widths) + max(0, len(steps) - 1) * _GAP
    height = 2 * _MARGIN + inner
    edges = [_edge(placed[e.start], placed[e.end], e) for e in drawing.edges]
    # It shrinks with its frame, but not so far that it cannot be read.
    least = math.ceil(width * _LEAST_SCALE / _RULER)
    return element(
        "svg",
        element("title", label),
        element("g", edges, class_="edges", aria_hidden="true"),
        [_box(p) for p in placed.values()],
        class_=f"lineage at-least-{least}",
        role="group",
        aria_label=label,
        viewBox=f"0 0 {width} {height}",
        width=width,
        height=height,
    )


def _stacked(step: Sequence[Box]) -> int:
    return sum(box.height for box in step) + _SPACE * (len(step) - 1)


def _place(steps: Sequence[Sequence[Box]], widths: Sequence[int], inner: int) -> Iterator[_Placed]:
    x = _MARGIN
    for step, width in zip(steps, widths, strict=True):
        y = _MARGIN + (inner - _stacked(step)) // 2
        for box in step:
            yield _Placed(box, x, y, width)
            y += box.height + _SPACE
        x += width + _GAP


def _edge(start: _Placed, end: _Placed, edge: Edge) -> Html:
    x1, y1 = start.x + start.width, start.y + _HEAD // 2
    x2, y2 = end.x, end.y + _HEAD // 2
    bend = max(_GAP // 2, (x2 - x1) // 2)
    path = f"M{x1} {y1}C{x1 + bend} {y1} {x2 - bend} {y2} {x2} {y2}"
    return element("path", d=path, class_="edge faint" if edge.faint else "edge")


def _box(placed: _Placed) -> Html:
    box, x, y = placed.box, placed.x, placed.y
    frame = element("rect", x=x, y=y, width=placed.width, height=box.height, rx=7, class_="frame")
    stripe = element("rect", x=x, y=y + 9, width=3, height=_HEAD - 18, class_="stripe")
    room = int((placed.width - _LEFT - _RIGHT) / _CHARACTER)
    title = _text(x + _LEFT, y + 22, box.title, "box-title", room)
    head: Html = title
    if box.href is not None:
        head = element("a", title, href=box.href)
    rows = enumerate(box.rows)
    lines = [_row(placed, y + _HEAD + i * _ROW + 11, row, room) for i, row in rows]
    if box.more:
        below = y + _HEAD + len(box.rows) * _ROW + 11
        lines.append(_text(x + _LEFT, below, f"and {box.more} more", "remark", room))
    return element("g", frame, stripe, head, lines, class_=f"box {box.kind}")


def _row(placed: _Placed, y: int, row: tuple[str, str], room: int) -> Html:
    text, remark = row
    name = _text(placed.x + _LEFT, y, text, "cell", room - len(remark) - bool(remark))
    right = placed.x + placed.width - _RIGHT
    said = element("text", remark, x=right, y=y, class_="remark", text_anchor="end")
    return element("g", name, said if remark else None)


def _text(x: int, y: int, text: str, class_: str, room: int) -> Html:
    shown = text if len(text) <= room else f"{text[: room - 1]}…"
    whole = element("title", text) if shown != text else None
    return element("text", whole, shown, x=x, y=y, class_=class_)
