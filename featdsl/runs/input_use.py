"""A source as the record has it: from what was counted anyway, and what files say of themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlglot import exp

from featdsl.engines.duckdb import Session
from featdsl.ir import expr as ir
from featdsl.ir.text import scalar_text
from featdsl.runs.parsed import rows_by_file
from featdsl.runs.stored import Opened, StoredRows
from featdsl.sources import parquet
from featdsl.sql import build, statements
from featdsl.store.record import ColumnUse, DropUse, InputFile, InputUse


def input_use(session: Session, stored: StoredRows, measured: Mapping[str, Any]) -> InputUse:
    """A source that was read and fits; `measured` has what was counted over its rows.

    Raises:
        EngineError: a file cannot be read any more.
    """
    source = stored.source
    return InputUse(
        source=source.name,
        kind=source.location.kind,
        location=source.location.written.strip('"') or source.location.argument,
        rows=int(measured["stored"]),
        files=_files(session, stored, int(measured["stored"])),
        columns=tuple(ColumnUse(name=n, dtype=str(c.dtype)) for n, c in source.columns.items()),
        dropped=tuple(
            DropUse(condition=d.text, because=d.because, rows=int(measured[f"dropped {i}"]))
            for i, d in enumerate(source.drops, start=1)
        ),
        oldest=measured.get("oldest"),
        newest=measured.get("newest"),
        days=None if measured.get("days") is None else int(measured["days"]),
        options={n: _plain(source.location.options[n]) for n in source.location.written_options},
    )


def _files(session: Session, stored: StoredRows, rows: int) -> tuple[InputFile, ...]:
    """The files that were hashed, with the rows of each."""
    opened = stored.opened
    if len(opened.uses) != len(opened.files):  # of code there are no rows, of a look no hashes
        return tuple(InputFile(**u.model_dump()) for u in opened.uses)
    found = _rows(session, opened, stored, rows)
    return tuple(
        InputFile(**use.model_dump(), rows=None if found is None else found.get(str(file), 0))
        for file, use in zip(opened.files, opened.uses, strict=True)
    )


def _rows(
    session: Session, opened: Opened, stored: StoredRows, rows: int
) -> Mapping[str, int] | None:
    if opened.kind.query:  # its rows are those of the query
        return None
    if len(opened.files) == 1:
        return {str(opened.files[0]): rows}
    if stored.copy is not None:
        return rows_by_file(session, stored.copy)
    if opened.kind.name != parquet.SOURCE.name or not opened.files:
        return None
    names = exp.Array(expressions=[build.text(str(f)) for f in opened.files])
    query = exp.Select(expressions=[build.col("file_name"), build.col("num_rows")]).from_(
        statements.table_function("parquet_file_metadata", names, {})
    )
    return {_text(name): int(n) for name, n in session.execute(query)}


def _text(value: Any) -> str:
    return value.decode("utf-8") if isinstance(value, bytes) else str(value)


def _plain(value: ir.Scalar) -> str:
    # Text as it is: secrets are found in it, and hidden.
    return value if isinstance(value, str) else scalar_text(value)
