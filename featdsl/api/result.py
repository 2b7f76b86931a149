"""What a computation gives: rows, and a report of what was counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from os import PathLike
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from featdsl.api.declared import facts_html, table_html
from featdsl.api.diagnostics import Diagnostics
from featdsl.api.errors import raising
from featdsl.api.frames import arrow_table, polars_frame, python_rows
from featdsl.project.as_of import show_instant
from featdsl.runs.as_pandas import pandas_frame
from featdsl.runs.columns import Columns
from featdsl.site.html import Html, element
from featdsl.text.sources import SourceSet

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa

SHOWN = 10
"""Rows that a notebook shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was counted on the way to a result.

    Attributes:
        rows: Rows of the result.
        as_of: The as-of time, naive UTC; None where each row has its own.
        read: Rows of each source that was read, by full name.
        checks: Expectations that were checked.
        warnings: What is to be known about data and result.
        spine: Rows of a training set's spine; None or empty of others, as all that follows.
        unknown: Of them, rows without key or time, or of a key that is not in the population:
            their features and labels are null.
        immature: Rows of which a label was not known yet, by label: it is null there.
        dropped: Rows with such a label that were left out.
        until: Up to when labels are known, naive UTC, by full name of the source.
        classes: Rows by value of a label that has few values.
        split: Rows by value of ``split``.
    """

    rows: int
    as_of: datetime | None = None
    read: Mapping[str, int] = field(default_factory=dict)
    checks: int = 0
    warnings: Diagnostics = field(default_factory=Diagnostics)
    spine: int | None = None
    unknown: int | None = None
    immature: Mapping[str, int] = field(default_factory=dict)
    dropped: int | None = None
    until: Mapping[str, datetime | None] = field(default_factory=dict)
    classes: Mapping[str, Mapping[str | None, int]] = field(default_factory=dict)
    split: Mapping[str | None, int] = field(default_factory=dict)

    def _facts(self) -> dict[str, str | None]:
        counts = {
            "rows of the spine": self.spine,
            "rows": self.rows,
            "unknown": self.unknown,
            **{f"`{label}` not known yet": n for label, n in self.immature.items()},
            "dropped": self.dropped,
        }
        facts = {name: None if n is None else f"{n:,}" for name, n in counts.items()}
        values = {**self.classes, **({"split": self.split} if self.split else {})}
        for name, found in values.items():
            shown = (f"{'null' if v is None else v} {n:,}" for v, n in found.items())
            facts[f"rows by `{name}`"] = ", ".join(shown)
        facts["as of"] = None if self.as_of is None else show_instant(self.as_of)
        for source, until in self.until.items():
            known = "nothing is known" if until is None else show_instant(until)
            facts[f"labels of {source} known until"] = known
        facts |= {f"read of {source}": f"{rows:,} rows" for source, rows in self.read.items()}
        facts["checked"] = f"{self.checks:,} expectations" if self.checks else None
        return facts

    def __str__(self) -> str:
        facts = {name: value for name, value in self._facts().items() if value is not None}
        width = max(map(len, facts))
        lines = [f"{name:<{width}}  {value}" for name, value in facts.items()]
        return "\n".join([*lines, *(f"\n{w}" for w in self.warnings)])

    def _repr_html_(self) -> str:
        told = element("pre", str(self.warnings)) if self.warnings else None
        return facts_html("", self._facts(), told)


class Result:
    """Rows in memory; ask for them in the form that is needed.

    ``types`` are the columns' types in the language, ``keys`` the columns that tell whose row
    it is. Values are exact: see the table in `docs/guides/python.md`. A result is also an Arrow
    stream, so that ``polars.DataFrame(result)``, ``pyarrow.table(result)`` and others take it.

    Example:
        >>> result = project.snapshot("spend", as_of="2026-10-01")
        >>> frame = result.pandas()
        >>> print(result.report)
    """

    def __init__(
        self,
        title: str,
        columns: Columns,
        report: Report,
        *,
        keys: tuple[str, ...] = (),
        index: Any = None,
    ) -> None:
        self._title = title
        self._columns = columns
        self._index = index
        self.report = report
        """What was counted."""
        self.keys = keys
        """Columns that tell whose row it is, and of a training set all of its spine."""

    @property
    def types(self) -> Mapping[str, str]:
        """Types of the columns in the language, in order."""
        return MappingProxyType({n: str(t) for n, t in self._columns.types.items()})

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns, in order."""
        return tuple(self._columns.types)

    def __len__(self) -> int:
        return self._columns.rows

    def pandas(self, *, floats: bool = False) -> pd.DataFrame:
        """Rows as a pandas frame; with the index of the pandas frame that was the spine.

        Args:
            floats: Give ints, decimals and booleans that are no keys as float64, nulls as NaN:
                what most models take. Decimals and ints beyond 2**53 are rounded then.

        Returns:
            A frame that the caller owns: ints are ``Int64``, booleans ``boolean``, decimals and
            dates Python objects, times naive UTC ``datetime64[us]``.

        Example:
            >>> project.snapshot("spend").pandas(floats=True).describe()
        """
        names = [n for n in self._columns.types if n not in self.keys] if floats else ()
        return pandas_frame(self._columns, index=self._index, floats=names)

    def polars(self) -> pl.DataFrame:
        """Rows as a polars frame; needs ``pip install 'featdsl[polars]'``.

        Raises:
            ImportError: polars or pyarrow is not installed.
        """
        return polars_frame(self._columns)

    def arrow(self) -> pa.Table:
        """Rows as an Arrow table; needs ``pip install 'featdsl[arrow]'``.

        Raises:
            ImportError: pyarrow is not installed.
        """
        return arrow_table(self._columns)

    def rows(self) -> list[tuple[Any, ...]]:
        """Rows as tuples of Python values; a null is None. Needs no library."""
        return python_rows(self._columns)

    def write(self, path: str | PathLike[str], *, guard_formulas: bool = True) -> Path:
        """Write the rows to a file, whole or not at all; one that is there is replaced.

        Args:
            path: Where to; it ends in ``.parquet``, ``.csv`` or ``.jsonl``.
            guard_formulas: In CSV, put an apostrophe before text that a spreadsheet would run.

        Returns:
            The absolute path.

        Raises:
            ValueError: the name ends in something else.
            RunError: the file cannot be written.
        """
        from featdsl.runs.write import format_of, write_columns

        target = Path(path).absolute()
        format = format_of(target)
        if format is None:
            raise ValueError(f"`{target.name}` must end in .parquet, .csv or .jsonl")
        with raising(SourceSet()):
            write_columns(self._columns, target, format, guard_formulas=guard_formulas)
        return target

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.arrow().__arrow_c_stream__(requested_schema)

    def __repr__(self) -> str:
        size = f"{len(self):,} rows, {len(self.columns):,} columns"
        return f"<{self._title}: {size}; .pandas() .polars() .arrow() .rows() .write(path)>"

    def _repr_html_(self) -> str:
        return element("div", *self._parts())

    def _parts(self) -> list[Html | None]:
        shown = python_rows(self._columns, SHOWN)
        head = [f"{name} {dtype}" for name, dtype in self.types.items()]
        rows = [[_shown(v) for v in row] for row in shown]
        more = len(self) - len(rows)
        return [
            element("p", f"{self._title}: {len(self):,} rows, {len(self.columns):,} columns"),
            table_html(head, rows),
            element("p", f"… and {more:,} more rows") if more > 0 else None,
            element("pre", str(self.report.warnings)) if self.report.warnings else None,
        ]


def _shown(value: object) -> str:
    """A value in a table: text as it is, lists and maps as they are written."""
    from featdsl.testing.result import value_text

    return value_text(value) if value is None or isinstance(value, list | dict) else str(value)
