"""Random calls of aggregates, out of the forms of `calls/`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random

from tests.harness.generate.clauses import WINDOW, over, where
from tests.harness.generate.kinds import KINDS, MANY
from tests.harness.generate.writer import Writer
from tests.harness.registry import modules


@dataclass
class Caller:
    """Writes calls over a relation's rows; ``exact`` floats are columns as they are stored.

    ``timed`` rows lie in windows by the column ``time``, ``ordered`` ones have a total order.
    Where windows are ``short``, each call has one of its own.
    """

    r: Random
    rows: Writer
    columns: dict[str, list[str]]
    exact: set[str]
    windows: Sequence[str]
    timed: bool
    ordered: bool
    time: str = ""
    short: bool = False
    named: dict[str, str] = field(default_factory=dict)

    def of(self, kind: str, depth: int) -> str | None:
        """A call that gives a value of a kind."""
        made = calls(kind)
        if not made:
            return None
        depth = max(depth, self.r.choice((0, 1, 2)))
        for _ in range(4):
            found = self.r.choice(made)(self, depth)
            if found is not None:
                return found
        return None

    def call(
        self, name: str, args: Sequence[str], default: str | None = None, *, windowed: bool = True
    ) -> str:
        """A call with clauses of its own: sometimes a condition, a window, a default."""
        r = self.r
        own = self.rows.of("bool", r.choice((0, 1, 2))) if r.random() < 0.3 else ""
        text = f"{', '.join(args)}{where(own)}"
        if self.timed:
            own_window = windowed and (self.short or r.random() < 0.4)
            text += self.window() if own_window else WINDOW
        if default is not None and r.random() < 0.2:
            text += f" default {default}"
        return f"{name}({text})"

    def window(self) -> str:
        """A window of its own, by its name where it has one."""
        window = self.r.choice(self.windows)
        if window in self.named and self.r.random() < 0.5:
            return f" over {self.named[window]}"
        return over(window)

    def pick(self, items: Sequence[str]) -> str:
        return self.r.choice(items)

    def exact_floats(self) -> list[str]:
        return [c for c in self.columns.get("float", []) if c in self.exact]


Call = Callable[[Caller, int], str | None]
"""Writes a call whose argument is at most so deep; None where it cannot stand."""

_CALLS: dict[str, list[Call]] = {}


def calls(kind: str) -> list[Call]:
    """Every call that gives a value of a kind."""
    if not _CALLS:
        for kind_ in (*KINDS, *MANY, "rough", "roughs"):
            _CALLS[kind_] = []
        for module in modules("tests.harness.generate.calls"):
            for kind_, made in module.CALLS.items():
                _CALLS.setdefault(kind_, []).extend(made)
    return _CALLS[kind]
