"""Rows of a CSV file that cannot be read as declared: found, told, kept in a report."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlglot import exp

from featdsl.diagnostics import catalog
from featdsl.diagnostics.model import Diagnostic
from featdsl.engines.duckdb import Session
from featdsl.files.atomic import write_text_atomic
from featdsl.ir.program import Source
from featdsl.runs.guard import guarded
from featdsl.runs.lines import line_at
from featdsl.sources.csv import MAX_REJECTS
from featdsl.sql import build
from featdsl.types.dtype import INT

MAX_KEPT = 1000
SHOWN = 3

_REMEDY = "correct the file, or declare the column as text and `try_cast` it in a view"
_WHOLE_FLOATS = (
    "pandas makes floats of ints in a column with nulls, and writes `1.0`: "
    '`astype("Int64")` before `to_csv` keeps them'
)
_REASONS = {
    "MISSING COLUMNS": "too few fields",
    "TOO MANY COLUMNS": "too many fields",
    "UNQUOTED VALUE": "a quoted field is not closed, or text follows it",
    "LINE SIZE OVER MAXIMUM": "the line is too long",
    "INVALID ENCODING": "it is not UTF-8",
    "INVALID STATE": "the quotes do not match",
}


@dataclass(frozen=True, slots=True)
class Reject:
    """One row; ``column`` and ``text`` where one field is to blame."""

    file: str
    line: int | None
    reason: str
    column: str = ""
    text: str = ""

    def __str__(self) -> str:
        where = f"line {self.line}" if self.line is not None else "a line"
        field = f" (`{self.column}` is `{self.text[:40]}`)" if self.column else ""
        return f"{where} of {self.file}: {self.reason}{field}"


def broken_rows(
    session: Session, table: str, shown: dict[str, str]
) -> tuple[Counter[str], list[Reject]]:
    """Rows of broken shape: how many in each file, and the first of them.

    Args:
        session: Where they were read.
        table: The name of the engine's table of rejects.
        shown: The name under which each path is shown.
    """
    scans = build.table(f"{table}_scans", "s")
    paths = exp.Select(
        expressions=[build.col("scan_id", "s"), build.col("file_id", "s"), build.col("file_path")]
    ).from_(scans)
    wanted = ("file_path", "line_byte_position", "error_type")
    query = (
        exp.Select(expressions=[build.col(name) for name in wanted])
        .distinct()
        .from_(build.table(table, "r"))
        .join(exp.Subquery(this=paths), join_type="inner", using=["scan_id", "file_id"])
        .order_by(build.col("file_path"), build.col("line_byte_position"))
    )
    found = session.execute(query)
    listed = [
        Reject(
            shown[path],
            line_at(Path(path), offset or 0),
            _REASONS.get(kind, kind.lower()),
        )
        for path, offset, kind in found[:MAX_KEPT]
    ]
    rows = {(path, offset) for path, offset, _ in found}
    return Counter(shown[path] for path, _ in rows), listed


def reject_diagnostic(
    source: Source, count: int, rejects: Sequence[Reject], report: Path | None
) -> Diagnostic:
    """Rejected rows with samples; at the column to blame where it is one."""
    columns = {r.column for r in rejects}
    named = next(iter(columns)) if len(columns) == 1 else ""
    rows = f"{count:,}" if count < MAX_REJECTS else f"at least {count:,}"
    plural = "row" if count == 1 else "rows"
    message = f"{rows} {plural} of `{source.short}` cannot be read as declared"
    if named:
        dtype = source.columns[named].dtype
        holds = "holds" if count == 1 else "hold"
        message = f"{rows} {plural} of `{source.short}` {holds} no {dtype} in `{named}`"
    span = source.columns[named].span if named else source.location.span
    found = catalog.REJECTED_ROWS.at(span, message)
    for reject in rejects[:SHOWN]:
        found = found.note(str(reject))
    if report is not None:
        found = found.note(f"listed in {report}")
    found = found.help(
        "correct the file, or declare the column as text and `try_cast` it in a view"
        if source.locked is None
        else "correct the file, or let `featc lock` read the types again"
    )
    return found.help(_WHOLE_FLOATS) if any(_is_whole(r, source) for r in rejects) else found


def _is_whole(reject: Reject, source: Source) -> bool:
    """Whether an int is written with a fraction of zeros."""
    if not reject.column or source.columns[reject.column].dtype != INT:
        return False
    return re.fullmatch(r"\s*[+-]?[0-9]+\.0+\s*", reject.text) is not None


def write_report(path: Path, rejects: Sequence[Reject], within: Path) -> None:
    """Keep rejects as CSV.

    Raises:
        FileError: the report cannot be written.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["file", "line", "column", "text", "reason"])
    for r in rejects:
        writer.writerow([guarded(r.file), r.line, r.column, guarded(r.text), r.reason])
    write_text_atomic(path, text.getvalue(), within=within)
