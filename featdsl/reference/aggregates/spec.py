"""What an aggregate's twin is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from featdsl.reference.calendar import MICROSECOND
from featdsl.reference.values import Value
from featdsl.types.dtype import DType


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """Rows that count, oldest first: arguments without nulls, and times.

    ``constants`` are the arguments that are the same for all rows, ``dtypes`` those of all.
    """

    rows: tuple[tuple[Value, ...], ...]
    times: tuple[datetime | None, ...]
    constants: tuple[Value, ...]
    dtypes: tuple[DType, ...]
    as_of: datetime
    timezone: str = "UTC"

    @property
    def values(self) -> list[Value]:
        """The first argument."""
        return [row[0] for row in self.rows]

    @property
    def floats(self) -> list[float]:
        """The first argument, as float64."""
        return self.floats_of(0)

    def ages(self) -> list[Fraction]:
        """Microseconds from each row's time to the as-of time, which float64 holds exactly."""
        since = [self.as_of - time for time in self.times if time is not None]
        return [Fraction(age // MICROSECOND) for age in since]

    def floats_of(self, i: int) -> list[float]:
        """An argument, as float64: all that loses digits begins with these."""
        return [float(row[i]) for row in self.rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class AggregateTwin:
    """``compute`` sees at least one row; of none the value is ``empty``.

    The first ``varying`` arguments are of the rows, those behind them constants. A row counts
    if none of its arguments is null. Of NaN and infinity comes null.
    """

    compute: Callable[[Given], Value]
    empty: Value = None
    varying: int = 1
