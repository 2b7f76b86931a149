"""Windows: which stretch of time before, or after, the as-of time rows are read of."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeAlias

from featdsl.ir.leaves import Param
from featdsl.types.duration import Duration


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """``[t - start, t - end)``; a null start is the beginning of time.

    ``start_closed`` takes rows at exactly ``t - start`` in, ``end_closed`` those at ``t - end``.
    With ``aligned`` every end is counted from the largest boundary of that step at or before t,
    not from t. ``since`` is a unit: the start is that of the unit that holds t, or the boundary,
    and ``start`` is null. ``last`` takes, of the rows that are left after every condition, so
    many of the newest. ``parameter`` is what ``start`` is the value of, where it is.
    """

    start: Duration | None = None
    end: Duration | None = None
    start_closed: bool = True
    end_closed: bool = False
    aligned: Duration | None = None
    since: str | None = None
    last: int | None = None
    parameter: Param | None = None

    @property
    def uncapped(self) -> Window:
        """The stretch of time, with all its rows."""
        return self if self.last is None else replace(self, last=None)

    def __str__(self) -> str:
        text = f"since start of {self.since}" if self.since is not None else self._ends()
        if self.last is not None:
            within = "" if text == "lifetime" else f" in {text}"
            text = f"last {self.last} events{within}"
        return text if self.aligned is None else f"{text} aligned {self.aligned}"

    def _ends(self) -> str:
        start = "lifetime" if self.start is None else str(self.start)
        if self.parameter is not None:
            start = f"${self.parameter.name.rpartition('.')[2]}"
        plain = self.start_closed and not self.end_closed
        if self.end is None and plain:
            return start
        arrow = {
            (True, False): "..",
            (True, True): "..=",
            (False, False): "<..",
            (False, True): "<..=",
        }
        end = "0d" if self.end is None else str(self.end)
        return f"{start}{arrow[(self.start_closed, self.end_closed)]}{end}"


LIFETIME = Window()


@dataclass(frozen=True, slots=True, kw_only=True)
class NextWindow:
    """``next W``, in labels only: ``[t, t + W)``."""

    length: Duration

    def __str__(self) -> str:
        return f"next {self.length}"


AnyWindow: TypeAlias = Window | NextWindow
