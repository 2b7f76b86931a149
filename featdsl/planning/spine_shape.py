"""The columns of a table of spine rows."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SpineShape:
    """Columns of a table of spine rows: those that come out, and which are key, time, number.

    ``hidden`` are read as inputs, and do not come out.
    """

    columns: tuple[str, ...]
    keys: tuple[str, ...]
    time: str
    row: str
    hidden: tuple[str, ...] = ()
