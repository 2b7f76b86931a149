"""Warnings of one kind, a few of them shown: what a person reads of hundreds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from featdsl.diagnostics.model import Diagnostic, Severity
from featdsl.text.amounts import count

MOST = 5
"""Warnings of one kind that are all shown."""
FIRST = 3
"""Those that are shown of more."""


@dataclass(frozen=True, slots=True)
class Fewer:
    """Diagnostics in the order given; ``left`` are those that are not shown."""

    shown: tuple[Diagnostic, ...]
    left: tuple[Diagnostic, ...]

    def told(self, how: str) -> list[str]:
        """A line for each kind of what is left out, and how to see it."""
        kinds: dict[str, list[Diagnostic]] = {}
        for d in self.left:
            kinds.setdefault(d.code.id, []).append(d)
        lines = []
        for found in kinds.values():
            code = found[0].code
            files = {d.primary.span.source for d in found if d.primary is not None}
            where = f" in {count(len(files), 'file')}" if files else ""
            lines.append(f"and {count(len(found), 'more warning')} [{code.id} {code.slug}]{where}")
        return [*lines, f"  help: {how}"] if lines else []


def fewer(diagnostics: Iterable[Diagnostic]) -> Fewer:
    """All errors, and the first warnings of each kind."""
    found = list(diagnostics)
    number: dict[str, int] = {}
    for d in found:
        number[d.code.id] = number.get(d.code.id, 0) + (d.severity is Severity.WARNING)
    seen: dict[str, int] = {}
    shown: list[Diagnostic] = []
    left: list[Diagnostic] = []
    for d in found:
        many = d.severity is Severity.WARNING and number[d.code.id] > MOST
        seen[d.code.id] = seen.get(d.code.id, 0) + many
        (left if many and seen[d.code.id] > FIRST else shown).append(d)
    return Fewer(tuple(shown), tuple(left))
