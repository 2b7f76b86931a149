"""Which steps stand inside of others: engines bind named queries in a row one within the other."""

from __future__ import annotations

from collections.abc import Mapping

from featdsl.ir.plan import Combine, Plan, inputs

MOST = 200
"""Steps of a statement that stand in one row; DuckDB allows 1,000 levels, of expressions too."""


def holders(plan: Plan) -> Mapping[str, str]:
    """Of steps that one table of values alone is made of, that table; of few steps none.

    A step is held by the nearest table of values that all ways from it to the output lead through.
    What it reads itself is held there too, or further out, and stands before it.
    """
    if len(plan.steps) <= MOST:
        return {}
    readers: dict[str, list[str]] = {}
    for step in plan.steps:
        for name in inputs(step.operation):
            readers.setdefault(name, []).append(step.name)
    tables = {s.name for s in plan.steps[:-1] if isinstance(s.operation, Combine)}
    above: dict[str, str | None] = {}
    depth: dict[str | None, int] = {None: 0}
    found: dict[str, str] = {}
    for step in reversed(plan.steps):
        shared = _shared(readers.get(step.name, ()), above, depth)
        above[step.name] = shared
        depth[step.name] = depth[shared] + 1
        table = shared
        while table is not None and table not in tables:
            table = above[table]
        if table is not None:
            found[step.name] = table
    return found


def _shared(
    readers: tuple[str, ...] | list[str],
    above: Mapping[str, str | None],
    depth: Mapping[str | None, int],
) -> str | None:
    """The nearest step that all ways from the readers to the output lead through."""
    if not readers:
        return None
    first: str | None = readers[0]
    for name in readers[1:]:
        other: str | None = name
        while first != other:
            if depth[first] >= depth[other]:
                first = None if first is None else above[first]
            else:
                other = None if other is None else above[other]
    return first
