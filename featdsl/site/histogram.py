"""Small bar charts of a profile, as inline SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from featdsl.site.html import Html, element

_HEIGHT: Final = 150
_BAR: Final = 14
_STEP: Final = 16


@dataclass(frozen=True, slots=True)
class Bar:
    """``label`` says what is counted: a range, or a value."""

    label: str
    count: int


def histogram(bars: Sequence[Bar], label: str) -> Html:
    """Bars side by side, the highest as high as the chart; each says its range and count."""
    highest = max((bar.count for bar in bars), default=0)
    shapes = [_bar(i, bar, highest) for i, bar in enumerate(bars)]
    width = max(1, len(bars)) * _STEP
    floor = element("line", x1=0, y1=_HEIGHT, x2=width, y2=_HEIGHT, class_="floor")
    return element(
        "svg",
        element("title", label),
        shapes,
        floor,
        class_="histogram",
        role="img",
        aria_label=label,
        viewBox=f"0 0 {width} {_HEIGHT + 1}",
        width=width * 2,
        height=(_HEIGHT + 1) * 2,
    )


def _bar(i: int, bar: Bar, highest: int) -> Html:
    # What is there is seen, however little it is beside the highest.
    height = 0 if not bar.count else max(2, round(bar.count / highest * (_HEIGHT - 4)))
    return element(
        "rect",
        element("title", f"{bar.label}: {bar.count:,}"),
        x=i * _STEP + 1,
        y=_HEIGHT - height,
        width=_BAR,
        height=height,
        rx=1,
        class_="bar",
    )
