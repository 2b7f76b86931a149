"""Selected features, sorted by the groups they are computed in."""

from __future__ import annotations

from collections.abc import Iterable

from featdsl.ir.program import Program
from featdsl.project.selectors import select
from featdsl.runs.outputs import Wanted, wanted_groups


def chosen_groups(program: Program, selectors: Iterable[str] | None) -> list[Wanted]:
    """Groups with those of their features that are selected; without selectors, as a run does.

    Raises:
        Failure: a selector matches nothing.
    """
    selectors = tuple(selectors or ())
    return wanted_groups(program, select(program, selectors) if selectors else ())


def names_of(wanted: Wanted) -> tuple[str, ...] | None:
    """Short names of the chosen features; None for a whole group."""
    return None if wanted.whole else tuple(f.short for f in wanted.features)
