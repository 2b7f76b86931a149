"""The columns of a table of spine rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class SpineShape:
    """Columns of a table of spine rows: those that come out, and which are key, time, number.

    ``hidden`` are read as inputs, and do not come out. ``sent`` are those that hold an input
    whose own column comes out as it was handed in: by the name of the input.
    """

    columns: tuple[str, ...]
    keys: tuple[str, ...]
    time: str
    row: str
    hidden: tuple[str, ...] = ()
    sent: Mapping[str, str] = field(default_factory=dict)

    def input(self, name: str) -> str:
        """The column that holds an input."""
        return self.sent.get(name, name)
