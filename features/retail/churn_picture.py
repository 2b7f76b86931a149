"""The picture of the churn study: two bars a variant, as SVG, drawn without a library."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

Bar = tuple[str, str, float, float]
"""Title, what the model was judged on, area before and in use."""

WIDTH, LEFT, RIGHT, TOP, ROW = 720, 236, 60, 76, 62
SCALE = WIDTH - LEFT - RIGHT
BEFORE, IN_USE, TEXT, FAINT = "#9db4d0", "#1f4e79", "#1c2733", "#c9d1d9"


def picture(bars: Sequence[Bar]) -> str:
    """An SVG of horizontal bars; areas run from 0 to 1, and 0.5 is chance."""
    height = TOP + ROW * len(bars) + 34
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        f'width="{WIDTH}" height="{height}" role="img" font-family="sans-serif" font-size="13">',
        "<title>ROC AUC of four churn models: what was seen before, and in use</title>",
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        text(16, 24, "ROC AUC of a churn model", size=15, weight="bold"),
        f'<rect x="{LEFT}" y="37" width="12" height="12" fill="{BEFORE}"/>',
        text(LEFT + 18, 48, "seen before it is used"),
        f'<rect x="{LEFT + 180}" y="37" width="12" height="12" fill="{IN_USE}"/>',
        text(LEFT + 198, 48, "in use"),
        *axis(height - 34),
    ]
    for n, bar in enumerate(bars):
        parts += row(TOP + ROW * n, bar)
    return "\n".join([*parts, "</svg>", ""])


def row(y: int, bar: Bar) -> Iterator[str]:
    """A variant's words and bars."""
    title, judged, before, in_use = bar
    yield text(16, y + 20, title)
    yield text(16, y + 37, f"judged on {judged}", size=11, fill="#5b6875")
    for top, area, fill in ((y + 6, before, BEFORE), (y + 27, in_use, IN_USE)):
        yield f'<rect x="{LEFT}" y="{top}" width="{area * SCALE:.1f}" height="18" fill="{fill}"/>'
        yield text(LEFT + area * SCALE + 6, top + 14, f"{area:.2f}")


def axis(bottom: int) -> Iterator[str]:
    """Lines at 0, 0.5 and 1."""
    for area, name in ((0.0, "0"), (0.5, "0.5: chance"), (1.0, "1")):
        x = LEFT + area * SCALE
        yield f'<line x1="{x:.1f}" y1="{TOP - 10}" x2="{x:.1f}" y2="{bottom}" stroke="{FAINT}"/>'
        yield text(x, bottom + 18, name, size=11, anchor="middle", fill="#5b6875")


def text(
    x: float,
    y: float,
    words: str,
    *,
    size: int = 13,
    weight: str = "normal",
    anchor: str = "start",
    fill: str = TEXT,
) -> str:
    """Words at a place."""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" font-weight="{weight}" '
        f'text-anchor="{anchor}" fill="{fill}">{escape(words)}</text>'
    )
