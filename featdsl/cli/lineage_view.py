"""Lineage as a tree, as JSON and as a Mermaid flow chart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from featdsl.cli.lineage_walk import Branch, Traced
from featdsl.cli.screen import Screen, printable

_COLORS = {"feature": "bold", "label": "bold", "column": "cyan"}


def as_tree(screen: Screen, traced: Traced) -> Iterator[str]:
    """Lines: what it rests on above, what rests on it below."""
    name = f"{screen.style(printable(traced.name), 'bold')}  {screen.style(traced.kind, 'dim')}"
    yield name
    if traced.up is not None:
        yield from _half(screen, "rests on", "nothing else", traced.up)
    if traced.down is not None:
        yield from _half(screen, "is read by", "nothing", traced.down)


def _half(screen: Screen, title: str, none: str, branches: tuple[Branch, ...]) -> Iterator[str]:
    yield ""
    if branches:
        yield title
        yield from _tree(screen, branches, "", set())
    else:
        yield f"{title} {none}"


def _tree(
    screen: Screen, branches: Iterable[Branch], margin: str, drawn: set[Branch]
) -> Iterator[str]:
    branches = list(branches)
    for branch in branches:
        last = branch is branches[-1]
        repeated = branch.repeated or branch in drawn
        if branch.branches:
            drawn.add(branch)
        name = printable(branch.name)
        label = screen.style(name, _COLORS[branch.kind]) if branch.kind in _COLORS else name
        note = "as above" if repeated else branch.note or _kind(branch)
        line = f"{margin}{'└─' if last else '├─'} {label}"
        yield f"{line}  {screen.style(note, 'dim')}" if note else line
        if not repeated:
            inner = margin + ("   " if last else "│  ")
            yield from _tree(screen, branch.branches, inner, drawn)


def _kind(branch: Branch) -> str:
    return "" if branch.kind in ("feature", "column") else branch.kind


def as_json_value(traced: Traced) -> dict[str, Any]:
    """Nodes and edges; an edge leads from what is read to its reader."""
    nodes, edges = _graph(traced)
    return {
        "name": traced.name,
        "kind": traced.kind,
        "nodes": [{"name": n, "kind": k, "roles": r} for n, (k, r) in nodes.items()],
        "edges": [{"from": a, "to": b} for a, b in edges],
    }


def as_flowchart(traced: Traced) -> Iterator[str]:
    """A Mermaid flow chart from the columns on the left to the features on the right."""
    nodes, edges = _graph(traced)
    ids = {name: f"n{number}" for number, name in enumerate(nodes)}
    yield "flowchart LR"
    for name, (kind, _) in nodes.items():
        left, right = ("([", "])") if kind == "feature" else ("[", "]")
        yield f'  {ids[name]}{left}"{_quoted(name)}"{right}'
    yield from (f"  {ids[a]} --> {ids[b]}" for a, b in edges)


def _quoted(text: str) -> str:
    """Text for a Mermaid label: entities in place of what would end it or be markup."""
    return "".join(c if c.isalnum() or c in " ._-" else f"#{ord(c)};" for c in text)


_Nodes = dict[str, tuple[str, str]]


def _graph(traced: Traced) -> tuple[_Nodes, list[tuple[str, str]]]:
    nodes: _Nodes = {traced.name: (traced.kind, "")}
    edges: dict[tuple[str, str], None] = {}
    _collect(traced.up or (), traced.name, nodes, edges, up=True)
    _collect(traced.down or (), traced.name, nodes, edges, up=False)
    return nodes, list(edges)


def _collect(
    branches: Iterable[Branch],
    parent: str,
    nodes: _Nodes,
    edges: dict[tuple[str, str], None],
    *,
    up: bool,
) -> None:
    for branch in branches:
        # A column's name alone is not unique: it is known by its source.
        name = f"{parent}.{branch.name}" if branch.kind == "column" else branch.name
        nodes.setdefault(name, (branch.kind, branch.note))
        edges[(name, parent) if up else (parent, name)] = None
        _collect(branch.branches, name, nodes, edges, up=up)
