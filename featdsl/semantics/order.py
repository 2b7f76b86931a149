"""Dependency order, and cycles as closed paths with a place for each step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise

from featdsl.diagnostics import catalog
from featdsl.diagnostics.model import Diagnostic
from featdsl.text.names import short_name
from featdsl.text.span import Span

Graph = Mapping[str, Mapping[str, Span]]
"""For each name, what it refers to, and where."""


@dataclass(frozen=True, slots=True)
class Ordering:
    """``names`` in dependency order, without those that form or need a cycle (``cut``)."""

    names: tuple[str, ...]
    cycles: tuple[tuple[str, ...], ...]
    cut: frozenset[str]


def order(graph: Graph) -> Ordering:
    """Order names so that each stands after what it refers to.

    The order among independent names is that of the graph. A cycle is a path of names that
    starts at its alphabetically first one; names outside the graph are ignored.
    """
    waiting = {name: sum(1 for d in needs if d in graph) for name, needs in graph.items()}
    users: dict[str, list[str]] = {name: [] for name in graph}
    for name, needs in graph.items():
        for need in needs:
            if need in graph:
                users[need].append(name)
    done: list[str] = []
    ready = [name for name, n in waiting.items() if n == 0]
    place = {name: i for i, name in enumerate(graph)}
    while ready:
        freed: list[str] = []
        for name in ready:
            done.append(name)
            for user in users[name]:
                waiting[user] -= 1
                if waiting[user] == 0:
                    freed.append(user)
        ready = sorted(freed, key=place.__getitem__)
    cut = frozenset(graph) - frozenset(done)
    return Ordering(tuple(done), tuple(_cycles(graph, cut)), cut)


def _cycles(graph: Graph, names: frozenset[str]) -> list[tuple[str, ...]]:
    """One shortest cycle for each knot of names that refer to each other."""
    cycles: list[tuple[str, ...]] = []
    covered: set[str] = set()
    for name in sorted(names):
        if name in covered:
            continue
        path = _path_back(graph, name, names)
        if path is None:
            continue
        covered |= _knot(graph, name, names)
        cycles.append(path)
    return cycles


def _path_back(graph: Graph, start: str, names: frozenset[str]) -> tuple[str, ...] | None:
    """Shortest path from `start` to itself, without the closing name; breadth first."""
    paths: list[tuple[str, ...]] = [(start,)]
    seen: set[str] = set()
    while paths:
        longer: list[tuple[str, ...]] = []
        for path in paths:
            for need in sorted(graph[path[-1]]):
                if need == start:
                    return path
                if need in names and need not in seen:
                    seen.add(need)
                    longer.append((*path, need))
        paths = longer
    return None


def _reachable(graph: Graph, start: str, names: frozenset[str]) -> set[str]:
    seen: set[str] = set()
    todo = [start]
    while todo:
        for need in graph[todo.pop()]:
            if need in names and need not in seen:
                seen.add(need)
                todo.append(need)
    return seen


def _knot(graph: Graph, start: str, names: frozenset[str]) -> set[str]:
    """Names that reach `start` and are reached from it."""
    users: dict[str, dict[str, Span]] = {name: {} for name in names}
    for name in names:
        for need, span in graph[name].items():
            if need in names:
                users[need][name] = span
    return _reachable(graph, start, names) & _reachable(users, start, names)


def cycle_diagnostic(
    graph: Graph,
    path: tuple[str, ...],
    what: str,
    mark: str = "",
    named: Callable[[str], str] | None = None,
) -> Diagnostic:
    """``a -> b -> a``, with the place of each reference."""
    closed = [*path, path[0]]
    # Of several namespaces or groups, the last part alone would not tell them apart.
    several = len({name.rpartition(".")[0] for name in path}) > 1
    called = {name: name if several else short_name(name) for name in path}
    if named is not None:
        called = {name: named(name) for name in path}
    shown = " -> ".join(f"{mark}{called[name]}" for name in closed)
    one = f"a {what.removesuffix('s')} refers to itself"
    headline = f"{one if len(path) == 1 else f'{what} form a cycle'}: {shown}"
    steps = list(pairwise(closed))
    first, *rest = [(graph[a][b], f"`{called[a]}` needs `{called[b]}`") for a, b in steps]
    found = catalog.CYCLE.at(first[0], headline, first[1])
    for span, text in rest:
        found = found.because(span, text)
    return found.help("break the path at one of these places")
