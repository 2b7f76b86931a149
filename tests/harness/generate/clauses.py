"""A feature written twice: as people write, and with nothing left out.

Clauses of a group, a feature or a family hold for the calls inside. Marks say where they would
stand in a call: `sugared` leaves them away, `plain` fills them in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from tests.harness.generate.windows import suffix

WINDOW = "⟦O⟧"

UNLIKE = "⟦!⟧"
"""In a text that means something else with its clauses in the calls: a condition that looks back
sees the rows that pass those of group and feature, but not those that pass what it stands beside.
"""
_BACK = re.compile(r"\b(previous|session)\(")
_MARK = re.compile("⟦([WOVBF]):?(.*?)⟧")


def where(condition: str) -> str:
    """The conditions of a call: its own, or none."""
    return f"⟦W:{condition}⟧"


def over(window: str) -> str:
    """The window of a call."""
    return f" over ⟦V:{window}⟧"


def bare(column: str) -> str:
    """A column outside of aggregates."""
    return f"⟦B:{column}⟧"


def member(family: str) -> str:
    """A family, inside of another: its member of the same window."""
    return f"⟦F:{family}⟧"


def is_conditional(text: str) -> bool:
    """Whether conditions hold for something in a text."""
    return "⟦W" in text or "⟦B" in text


@dataclass(frozen=True)
class Clauses:
    """What holds for all calls of a feature."""

    conditions: tuple[str, ...] = ()
    over: str | None = None
    aligned: str | None = None

    def window(self, written: str) -> str:
        """A window, aligned as the group is where it does not say itself."""
        if self.aligned is None or " aligned " in written:
            return written
        return f"{written} aligned {self.aligned}"


def sugared(text: str) -> str:
    """As people write: a call has its own clauses only."""

    def of(mark: re.Match[str]) -> str:
        kind, inner = mark.groups()
        return f" where {inner}" if kind == "W" and inner else inner

    return _MARK.sub(of, text)


def plain(text: str, clauses: Clauses) -> str:
    """With every clause in every call, bare columns too."""

    def of(mark: re.Match[str]) -> str:
        kind, inner = mark.groups()
        conditions = " and ".join(f"({c})" for c in (*clauses.conditions, inner) if c)
        match kind:
            case "W":
                unlike = clauses.conditions and _BACK.search(inner)
                return f" where {conditions}{UNLIKE if unlike else ''}" if conditions else ""
            case "O" if clauses.over is not None:
                return f" over {clauses.window(clauses.over)}"
            case "O":
                return "" if clauses.aligned is None else f" over {clauses.window('lifetime')}"
            case "V":
                return clauses.window(inner)
            case "B" if clauses.conditions:
                held = " and ".join(f"({c})" for c in clauses.conditions)
                return f"(case when {held} then {inner} end)"
            case "F":
                assert clauses.over is not None
                return inner + suffix(clauses.over)
        return inner

    return _MARK.sub(of, text)
