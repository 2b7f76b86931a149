"""The lineage part of a feature's page: the drawing, and the same as a table."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from featdsl.ir import manifest as m
from featdsl.site.context import PageContext
from featdsl.site.drawing import Box, Drawing, Edge, draw
from featdsl.site.html import Html, element, join
from featdsl.site.parts import nothing, section, table
from featdsl.site.paths import Kind
from featdsl.text.amounts import count

_MOST_ROWS: Final = 9
_MOST_BOXES: Final = 8
_LEGEND: Final = "A dashed line: the source only says which keys exist."
_ROLES: Final = {
    "value": "it enters the value",
    "filter": "it decides which rows count",
    "time": "it places or orders rows in time",
    "key": "it tells whose row it is",
}


def lineage_section(page: PageContext, feature: m.FeatureEntry) -> Html:
    """Columns, views and features it rests on, and what is made of it."""
    drawing = _drawing(page, feature)
    label = f"Lineage of {feature.short}"
    frame = element(
        "div",
        draw(drawing, label),
        class_="scroll drawing",
        role="region",
        tabindex="0",
        aria_label=label,
    )
    legend = element("p", _LEGEND, class_="remark") if _has_population(feature) else None
    return section("Lineage", "lineage", frame, legend, _columns(page, feature))


def _has_population(feature: m.FeatureEntry) -> bool:
    sources, ways = _direct(feature)
    return any(_is_population(columns, ways[name]) for name, columns in sources.items())


def _is_population(columns: list[m.LineageColumn], way: tuple[str, ...]) -> bool:
    """Whether a source only says which keys exist."""
    return not way and not any({"value", "filter"} & set(c.roles) for c in columns)


def _drawing(page: PageContext, feature: m.FeatureEntry) -> Drawing:
    sources, views = _direct(feature)
    drawing = Drawing()
    depth = max((len(chain) for chain in views.values()), default=0)
    boxes = {name: _source_box(page, name, columns) for name, columns in sources.items()}
    # A source that is read without a view stands beside the last ones, so that no edge crosses.
    near = [boxes[name] for name in sources if depth and not views[name]]
    drawing.steps.append([box for box in boxes.values() if box not in near])
    chains = _chain_steps(views, depth)
    for i, step in enumerate(chains, start=1):
        shown = [_view_box(page, name) for name in step]
        drawing.steps.append(shown + (near if i == depth else []))
    drawing.steps.append(_feature_boxes(page, feature.features, "above"))
    drawing.steps.append([_own_box(feature)])
    drawing.steps.append(_feature_boxes(page, feature.used_by, "below"))
    drawing.edges += _source_edges(feature, sources, views)
    drawing.edges += [Edge(f"above:{name}", "self") for name in _first(feature.features)]
    drawing.edges += [Edge("self", f"below:{name}") for name in _first(feature.used_by)]
    return drawing


def _direct(
    feature: m.FeatureEntry,
) -> tuple[dict[str, list[m.LineageColumn]], dict[str, tuple[str, ...]]]:
    """Columns that the feature itself reads, by source; and the longest way from each source."""
    sources: dict[str, list[m.LineageColumn]] = {}
    ways: dict[str, tuple[str, ...]] = {}
    for column in feature.columns:
        if not column.direct:
            continue
        sources.setdefault(column.source, []).append(column)
        # From the source to the feature.
        way = tuple(reversed(column.through))
        if len(way) >= len(ways.get(column.source, ())):
            ways[column.source] = way
    return sources, ways


def _chain_steps(ways: dict[str, tuple[str, ...]], depth: int) -> list[list[str]]:
    """Views by step: the last view before the feature stands in the last step."""
    steps: list[dict[str, None]] = [{} for _ in range(depth)]
    for way in ways.values():
        for i, view in enumerate(reversed(way)):
            steps[depth - 1 - i][view] = None
    return [list(step) for step in steps]


def _source_edges(
    feature: m.FeatureEntry,
    sources: dict[str, list[m.LineageColumn]],
    ways: dict[str, tuple[str, ...]],
) -> list[Edge]:
    edges: dict[tuple[str, str], Edge] = {}
    for name, columns in sources.items():
        way = [f"source:{name}", *(f"view:{v}" for v in ways[name]), "self"]
        population = _is_population(columns, ways[name])
        for start, end in pairwise(way):
            edges[start, end] = Edge(start, end, faint=population)
    return list(edges.values())


def _source_box(page: PageContext, name: str, columns: list[m.LineageColumn]) -> Box:
    ranked = sorted(columns, key=lambda c: (list(_ROLES).index(c.roles[0]), c.column))
    unique = {c.column: c for c in reversed(ranked)}
    rows = [(c.column, c.roles[0]) for c in reversed(unique.values())]
    return Box(
        id=f"source:{name}",
        kind="source",
        title=page.site.shown(name),
        href=page.address(Kind.SOURCE, name),
        rows=tuple(rows[:_MOST_ROWS]),
        more=max(0, len(rows) - _MOST_ROWS),
    )


def _view_box(page: PageContext, name: str) -> Box:
    return Box(
        id=f"view:{name}",
        kind="view",
        title=page.site.shown(name),
        href=page.address(Kind.VIEW, name),
    )


def _own_box(feature: m.FeatureEntry) -> Box:
    rows = ((feature.dtype, ""),)
    return Box(id="self", kind="self", title=feature.short, rows=rows)


def _first(names: tuple[str, ...]) -> tuple[str, ...]:
    return names[:_MOST_BOXES]


def _feature_boxes(page: PageContext, names: tuple[str, ...], side: str) -> list[Box]:
    boxes = [
        Box(
            id=f"{side}:{name}",
            kind="feature",
            title=page.site.features[name].short,
            href=page.address(Kind.FEATURE, name),
        )
        for name in _first(names)
    ]
    rest = len(names) - len(boxes)
    if rest:
        boxes.append(Box(id=f"{side} more", kind="more", title=f"and {count(rest, 'feature')}"))
    return boxes


def _columns(page: PageContext, feature: m.FeatureEntry) -> Html:
    if not feature.columns:
        return nothing("It rests on no column.")
    rows = [
        (
            join((page.declared(c.source), element("span", " · ", class_="remark"))),
            element("code", c.column),
            join([[element("span", r, class_=f"role {r}", title=_ROLES[r]), " "] for r in c.roles]),
            _through(page, c),
        )
        for c in feature.columns
    ]
    shown = table(("Source", "Column", "Role", "Way"), rows, label="Columns", class_="compact")
    summary = element("summary", f"{count(len(rows), 'column')} in a table")
    return element("details", summary, shown)


def _through(page: PageContext, column: m.LineageColumn) -> Html:
    views = [page.declared(name) for name in column.through]
    way: list[Html | str] = []
    if not column.direct:
        way.append("by way of other features")
    for view in views:
        way += [", through " if way else "through ", view]
    return join(way) if way else element("span", "direct", class_="none")
