"""Selected features, sorted by the groups they are computed in."""

from __future__ import annotations

from collections.abc import Iterable

from featdsl.ir.program import Program
from featdsl.project.selectors import select


def by_group(
    program: Program, selectors: Iterable[str] | None
) -> dict[str, tuple[str, ...] | None]:
    """Short names of the selected features by their group's full name.

    None stands for a whole group.

    Raises:
        Failure: a selector matches nothing.
    """
    chosen = set(select(program, selectors or ()))
    result: dict[str, tuple[str, ...] | None] = {}
    for group in program.groups.values():
        features = tuple(f.short for f in group.features.values() if f.name in chosen)
        if features:
            result[group.name] = None if len(features) == len(group.features) else features
    return result
