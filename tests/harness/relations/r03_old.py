"""Rows older than a window change nothing in it."""

from __future__ import annotations

from datetime import timedelta

from featdsl.ir import expr as ir
from tests.harness.compare import different
from tests.harness.relations.ground import Ground, Relation

_FARTHEST = timedelta(days=3 * 366 + 400)
"""Farther back than any window that has a start."""


def is_bounded(g: Ground, feature: str) -> bool:
    windows = [a.window for a in g.aggregates(feature)]
    return all(
        isinstance(w, ir.Window) and (w.start is not None or w.since is not None) for w in windows
    )


def differences(g: Ground) -> list[str] | None:
    root = g.root
    bounded = {f for f in g.group.features if is_bounded(g, f)}
    whole = {f for f in bounded if any(True for _ in g.aggregates(f))}
    if root.time is None or not g.alone() or not g.apart() or not whole:
        return None
    if root.keep is not None or root.valid is not None or getattr(root, "snapshot", None):
        return None
    more = []
    for _ in range(4):
        changes = {root.time: g.case.as_of - _FARTHEST - timedelta(days=g.r.randrange(300))}
        if root.available is not None and root.available.column is not None:
            changes[root.available.column] = g.case.as_of - timedelta(days=1)
        row = g.another(root, changes)
        more += [] if row is None else [row]
    if not more:
        return None
    other = g.ask(stored=g.with_rows({root.name: more}))
    shorts = {g.group.features[f].short for f in bounded}
    table = {k: {f: v for f, v in row.items() if f in shorts} for k, row in g.base.items()}
    other = {k: v for k, v in other.items() if k in table}
    return list(different(g.program, g.name, table, other))


RELATION = Relation("R3", "rows older than a window change nothing in it", differences)
