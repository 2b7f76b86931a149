"""CSV, parsed once: a typed Parquet copy in the cache, found again by content and declaration."""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlglot import exp

from featdsl.diagnostics.model import Problems
from featdsl.engines.duckdb import Session
from featdsl.files.atomic import make_folder, sync_file, sync_folder, write_text_atomic
from featdsl.files.digest import sha256
from featdsl.files.errors import explained
from featdsl.files.paths import inside
from featdsl.ir.program import Source
from featdsl.ir.text import HIDDEN, scalar_text
from featdsl.runs.lines import csv_records
from featdsl.runs.places import Places
from featdsl.runs.rejects import (
    MAX_KEPT,
    Reject,
    broken_rows,
    reject_diagnostic,
    write_report,
)
from featdsl.runs.shapes import Fitted
from featdsl.sources.spec import FILE, ROW, Read, SourceKind
from featdsl.sql import build, statements
from featdsl.store.record import RejectUse

LAYOUT = 1
"""Of the typed copies: a new one makes old copies unknown."""

MOST_COPIES = 64
"""Typed copies that a target keeps of CSV files that have changed since."""

MISFIT = "featc_misfit"
"""The place of the first column, from 0, whose text does not fit; null where all do."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """A typed copy: the declared columns, and `FILE`, the path that each row comes from."""

    path: Path

    def relation(self, *, numbered: bool = False) -> exp.Expr:
        options = {"file_row_number": build.boolean(True)} if numbered else {}
        return statements.table_function("read_parquet", build.text(str(self.path)), options)


def cache_key(source: Source, hashes: Sequence[tuple[Path, str]]) -> str:
    """Hash of everything that a typed copy depends on."""
    declared = {name: str(column.dtype) for name, column in source.columns.items()}
    options = {name: scalar_text(value) for name, value in source.location.options.items()}
    content = [LAYOUT, source.location.kind, options, declared, [(str(p), h) for p, h in hashes]]
    text = json.dumps(content, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def cached(folder: Path, key: str) -> Parsed | None:
    """The copy of a key, where there is one and its content is what was written."""
    path = folder / f"{key}.parquet"
    try:
        expected = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))["sha256"]
        if sha256(path) != expected:
            return None
        os.utime(path)  # what was used lately is forgotten last
        return Parsed(path)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def is_kept(folder: Path, key: str) -> bool:
    """Whether there is a copy of a key; whether it is whole is seen when it is read."""
    return (folder / f"{key}.json").is_file()


def forget(folder: Path, used: Collection[Path]) -> None:
    """Remove the copies that were used least lately, but those in use, down to `MOST_COPIES`.

    Raises:
        FileError: one of them cannot be removed.
    """
    with explained(folder, doing="tidy"):
        copies = {p: p.stat().st_mtime_ns for p in folder.glob("*.parquet")}
        for path in sorted(copies, key=lambda p: copies[p], reverse=True)[MOST_COPIES:]:
            if path not in used:
                path.with_suffix(".json").unlink(missing_ok=True)
                path.unlink(missing_ok=True)


def parse(
    session: Session,
    kind: SourceKind,
    source: Source,
    fitted: Sequence[Fitted],
    *,
    key: str,
    run: str,
    staging: Path,
    places: Places,
    problems: Problems,
    rejected: list[RejectUse],
) -> Parsed | None:
    """Parse files into a typed copy; rows that do not fit are reported, and there is none.

    `rejected` takes the files that they are in.

    Raises:
        Failure: the engine cannot read the files.
        FileError: the copy or the report of rejects cannot be written.
    """
    rejects = f"rejects_{key[:16]}"
    staged = staging / f"{key}.parquet"
    queries = [_typed(kind, source, f, rejects) for f in fitted]
    session.copy(
        statements.union_all(queries),
        staged,
        {"FORMAT": "parquet", "COMPRESSION": "zstd"},
        doing=f"reading `{source.short}`",
    )
    shown = {str(f): places.shown(f) for x in fitted for f in x.shape.files}
    broken, listed = broken_rows(session, rejects, shown)
    count, unfit = broken.total(), _count_misfits(session, staged)
    misfits = unfit.total()
    if misfits and len(listed) == count:  # the lines of all broken rows are known
        listed += _misfits(session, source, staged, fitted, shown, listed)
    count += misfits
    if count:
        by_file = broken + Counter({shown[f]: n for f, n in unfit.items()})
        rejected += [RejectUse(source=source.name, file=f, rows=by_file[f]) for f in by_file]
        report = places.rejects / f"{run}-{source.name}.csv"
        write_report(report, listed, places.target)
        where = report.relative_to(places.root) if report.is_relative_to(places.root) else report
        problems.report(reject_diagnostic(source, count, listed, where))
        return None
    return _keep(staged, places.cache, key)


def _typed(kind: SourceKind, source: Source, fitted: Fitted, rejects: str) -> exp.Select:
    """Declared columns, file, and which column does not fit."""
    relation = kind.read(
        Read(
            location=source.location,
            files=[str(f) for f in fitted.shape.files],
            stored=fitted.shape.stored,
            numbered=True,
            rejects=rejects,
        )
    )
    values: list[exp.Expr] = [
        statements.named(c.value.copy(), name) for name, c in fitted.conversions.items()
    ]
    ifs = [
        exp.If(this=c.misfit.copy(), true=build.number(i))
        for i, c in enumerate(fitted.conversions.values())
        if c.misfit is not None
    ]
    found = exp.Case(ifs=ifs) if ifs else build.null()
    values += [
        build.col(FILE),
        statements.named(exp.cast(found, exp.DataType.Type.INT), MISFIT),
    ]
    return exp.Select(expressions=values).from_(relation)


def _count_misfits(session: Session, staged: Path) -> Counter[str]:
    """Rows with a field that does not fit, by the paths of files that have some."""
    counted = exp.Count(this=build.col(MISFIT))
    query = exp.Select(expressions=[build.col(FILE), counted]).group_by(build.col(FILE))
    found = session.execute(query.from_(Parsed(staged).relation()))
    return Counter({path: int(n) for path, n in found if n})


def _misfits(
    session: Session,
    source: Source,
    staged: Path,
    fitted: Sequence[Fitted],
    shown: dict[str, str],
    broken: Sequence[Reject],
) -> list[Reject]:
    """The first rows with a field that does not fit, with their lines and texts."""
    query = (
        exp.Select(expressions=[build.col(FILE), build.col(ROW), build.col(MISFIT)])
        .from_(Parsed(staged).relation(numbered=True))
        .where(build.is_null(build.col(MISFIT), negated=True))
        .order_by(build.col(ROW))
        .limit(MAX_KEPT)
    )
    rows = session.execute(query)
    starts = first_rows(session, Parsed(staged))
    by_file: dict[str, dict[int, int]] = {}
    for file, row, column in rows:
        by_file.setdefault(file, {})[row - starts[file]] = column
    found = []
    for file, wanted in by_file.items():
        names = [n for f in fitted if Path(file) in f.shape.files for n, _ in f.shape.stored]
        lines = {r.line for r in broken if r.file == shown[file] and r.line is not None}
        fields = csv_records(source.location, Path(file), wanted, lines)
        for place, index in wanted.items():
            column = list(source.columns.values())[index]
            line, record = fields.get(place, (None, []))
            at = names.index(column.name)
            text = record[at] if at < len(record) else ""
            reason = f"it is no {column.dtype}"
            said = HIDDEN if column.pii else text
            found.append(Reject(shown[file], line, reason, column.name, said))
    return found


def rows_by_file(session: Session, parsed: Path) -> dict[str, int]:
    """Rows of each file in a typed copy, by its path; a file without rows is not there."""
    query = exp.Select(expressions=[build.col(FILE), exp.Count(this=exp.Star())])
    grouped = query.from_(Parsed(parsed).relation()).group_by(build.col(FILE))
    return {path: int(n) for path, n in session.execute(grouped)}


def first_rows(session: Session, parsed: Parsed) -> dict[str, int]:
    """The row, from 0, at which each file begins in a typed copy."""
    query = (
        exp.Select(expressions=[build.col(FILE), exp.Min(this=build.col(ROW))])
        .from_(parsed.relation(numbered=True))
        .group_by(build.col(FILE))
    )
    return dict(session.execute(query))


def _keep(staged: Path, folder: Path, key: str) -> Parsed:
    """Move a copy into the cache."""
    final = folder / f"{key}.parquet"
    with explained(final):
        make_folder(folder)
        inside(folder.parent, folder)
        digest = sha256(staged)
        sync_file(staged)
        staged.replace(final)
        sync_folder(folder)
    write_text_atomic(final.with_suffix(".json"), json.dumps({"sha256": digest}))
    return Parsed(final)
