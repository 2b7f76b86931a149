"""What a function's twin is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import reduce

from featdsl.reference.casts import cast
from featdsl.reference.values import Value
from featdsl.types.dtype import DType, common


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """Arguments by position, constants too; the as-of time; the project's time zone."""

    args: tuple[Value, ...]
    dtypes: tuple[DType, ...]
    as_of: datetime
    timezone: str

    @property
    def x(self) -> Value:
        """The first argument."""
        return self.args[0]

    def arg(self, i: int, default: Value = None) -> Value:
        """Argument `i`, or what holds where it is not given."""
        return self.args[i] if i < len(self.args) else default

    def alike(self) -> list[Value]:
        """All arguments, numbers in the narrowest type that holds them."""
        both = reduce(lambda a, b: common(a, b) or a, self.dtypes)
        return [cast(a, both) if both.is_numeric else a for a in self.args]


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionTwin:
    """``compute`` sees no null, unless the function is ``null_safe``; of NaN comes null."""

    compute: Callable[[Given], Value]
    null_safe: bool = False
