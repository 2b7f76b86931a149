"""How much was compared."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Tally:
    """``agreed`` are sets of rows at a time of which all values are the same.

    ``filled`` cells are not null; of expectations, they do not hold. ``left_out`` are those that
    the compiler does not take.
    """

    programs: int = 0
    agreed: int = 0
    groups: int = 0
    cells: int = 0
    filled: int = 0
    left_out: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    stopped: Counter[str] = field(default_factory=Counter)
