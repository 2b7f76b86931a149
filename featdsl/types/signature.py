"""What a function or an aggregate takes: shared by both registries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from featdsl.types.dtype import DType, Kind

BOOLS = frozenset({Kind.BOOL})
NUMBERS = frozenset({Kind.INT, Kind.FLOAT, Kind.DECIMAL})
INTS = frozenset({Kind.INT})
TEXTS = frozenset({Kind.TEXT})
TIMES = frozenset({Kind.DATE, Kind.TIMESTAMP})
TIMESTAMPS = frozenset({Kind.TIMESTAMP})
DURATIONS = frozenset({Kind.DURATION})
ORDERED = NUMBERS | TEXTS | TIMES | DURATIONS | BOOLS
LISTS = frozenset({Kind.LIST})
MAPS = frozenset({Kind.MAP})
ANYTHING = ORDERED | LISTS | MAPS

_WORDS = {
    BOOLS: "a condition",
    NUMBERS: "a number",
    INTS: "an int",
    TEXTS: "text",
    TIMES: "a date or timestamp",
    TIMESTAMPS: "a timestamp",
    TEXTS | INTS: "text or an int",
    DURATIONS: "a duration",
    NUMBERS | DURATIONS: "a number or a duration",
    NUMBERS | TIMES: "a number or a time",
    NUMBERS | TIMES | DURATIONS: "a number, a time or a duration",
    ORDERED: "a value that can be ordered",
    NUMBERS | TEXTS | TIMES | BOOLS: "a number, a text, a time or a condition",
    LISTS: "a list",
    MAPS: "a map",
    TEXTS | LISTS: "text or a list",
    TEXTS | LISTS | MAPS: "text, a list or a map",
    LISTS | MAPS: "a list or a map",
    BOOLS | TIMES: "a condition, or a time",
    ANYTHING: "a value",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter.

    ``constant`` must be known at compile time; ``valid`` then returns what is wrong with a
    value, in words, or None. ``same_as`` names an earlier parameter whose type must be common
    with this one's. ``calendar`` takes lengths of months and years too.
    """

    name: str
    accepts: frozenset[Kind]
    constant: bool = False
    calendar: bool = False
    optional: bool = False
    repeated: bool = False
    same_as: str | None = None
    valid: Callable[[Any], str | None] | None = None

    @property
    def words(self) -> str:
        """What it takes, in words: "a number"."""
        return _WORDS.get(self.accepts) or " or ".join(sorted(k.value for k in self.accepts))

    def takes(self, dtype: DType) -> bool:
        """Whether a value of the type may stand here; a bare null may, unless it is a constant."""
        missing = (Kind.ERROR,) if self.constant else (Kind.NULL, Kind.ERROR)
        return dtype.kind in self.accepts or dtype.kind in missing


def signature_text(name: str, parameters: Sequence[Parameter]) -> str:
    """``quantile(x: number, q: constant number)``."""
    shown = []
    for p in parameters:
        kind = "|".join(sorted(k.value for k in p.accepts)) if len(p.accepts) < 4 else "any"
        star = "…" if p.repeated else ""
        mark = "?" if p.optional else ""
        shown.append(f"{p.name}{mark}{star}: {kind}")
    return f"{name}({', '.join(shown)})"
