"""A source's stored rows in a session: found, hashed, fitted to the declared columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlglot import exp

from featdsl.diagnostics import catalog
from featdsl.diagnostics.failure import Failure
from featdsl.diagnostics.model import Problems
from featdsl.engines.duckdb import Session
from featdsl.ir.program import Source
from featdsl.ir.text import HIDDEN
from featdsl.runs import shapes
from featdsl.runs.hashes import Hashes
from featdsl.runs.lines import csv_records
from featdsl.runs.locked import check_locked
from featdsl.runs.parsed import Parsed, cache_key, cached, first_rows, parse
from featdsl.runs.places import Places
from featdsl.runs.shapes import Fitted, fit, shapes_of
from featdsl.sources.registry import sources
from featdsl.sources.spec import FILE, ROW, SourceKind
from featdsl.sql import build, statements
from featdsl.store.record import FileUse, RejectUse


@dataclass(frozen=True, slots=True)
class Opened:
    """A source's files, each with its hash, and how their columns become the declared ones.

    ``uses`` is empty where the files were not hashed.
    """

    source: Source
    kind: SourceKind
    files: tuple[Path, ...]
    uses: tuple[FileUse, ...]
    fitted: tuple[Fitted, ...]


@dataclass(frozen=True, slots=True)
class StoredRows:
    """A source's rows in a session.

    ``plain`` has the declared columns in their declared types; ``flagged`` also, for each of
    ``misfits``, a condition that is true where its value does not fit; ``numbered`` also the
    file and row of each row, which ``words`` turns into words. ``copy`` is the typed copy that
    they come from, where the kind is parsed.
    """

    opened: Opened
    plain: exp.Expr
    flagged: exp.Expr
    numbered: exp.Expr
    misfits: tuple[str, ...]
    copy: Path | None
    words: Callable[[list[tuple[str, int]]], list[str]]

    @property
    def source(self) -> Source:
        return self.opened.source


def open_source(
    session: Session,
    source: Source,
    places: Places,
    hashes: Hashes,
    problems: Problems,
    *,
    hash_all: bool = True,
) -> Opened | None:
    """Find, hash and look into a source's files; what is wrong is reported, and gives None."""
    kind = sources()[source.location.kind]
    try:
        files = kind.find(source.location, places.data, places.roots)
        hashed = files if hash_all or kind.parsed else []
        uses = tuple(file_use(source, file, places, hashes) for file in hashed)
        shapes = shapes_of(session, kind, source, files)
        if not check_locked(session, kind, source, shapes, problems):
            return None
        found = [fit(kind, source, s, problems) for s in shapes]
    except Failure as failure:
        problems.extend(failure.diagnostics)
        return None
    fitted = tuple(f for f in found if f is not None)
    if len(fitted) < len(found):
        return None
    return Opened(source, kind, tuple(files), uses, fitted)


def file_use(source: Source, file: Path, places: Places, hashes: Hashes) -> FileUse:
    """A file as it is recorded, with its hash.

    Raises:
        Failure: it cannot be read.
    """
    try:
        digest = hashes.of(file)
        size = file.stat().st_size
    except OSError as error:
        message = f"`{places.shown(file)}` cannot be read: {(error.strerror or '').lower()}"
        found = catalog.UNREADABLE_DATA.at(source.location.span, message)
        remedy = "give the current user the right to read it"
        raise Failure(found.help(remedy)) from error
    return FileUse(path=places.shown(file), bytes=size, sha256=digest)


def stored_rows(
    session: Session,
    opened: Opened,
    *,
    run: str,
    staging: Path,
    places: Places,
    problems: Problems,
    rejected: list[RejectUse] | None = None,
) -> StoredRows | None:
    """Rows of a source; kinds that are parsed are read once. Rejected rows give None.

    `rejected` takes the files that they are in.

    Raises:
        Failure: the engine cannot read the files.
        FileError: a typed copy cannot be written.
    """
    source, kind = opened.source, opened.kind
    if not kind.parsed:
        return StoredRows(
            opened,
            plain=shapes.normalised(kind, source, opened.fitted),
            flagged=shapes.flagged(kind, source, opened.fitted),
            numbered=shapes.numbered(kind, source, opened.fitted),
            misfits=tuple(shapes.misfit_columns(source, opened.fitted)),
            copy=None,
            words=lambda rows: [f"row {row + 1:,} of {_shown(places, f)}" for f, row in rows],
        )
    key = cache_key(source, [(f, u.sha256) for f, u in zip(opened.files, opened.uses, strict=True)])
    copy = cached(places.cache, key) or parse(
        session,
        kind,
        source,
        opened.fitted,
        key=key,
        run=run,
        staging=staging,
        places=places,
        problems=problems,
        rejected=[] if rejected is None else rejected,
    )
    return None if copy is None else _from_copy(session, opened, copy, places)


def _from_copy(session: Session, opened: Opened, copy: Parsed, places: Places) -> StoredRows:
    columns: list[exp.Expr] = [build.col(name) for name in opened.source.columns]
    plain = exp.Select(expressions=columns).from_(copy.relation())
    numbered = exp.Select(
        expressions=[*[c.copy() for c in columns], build.col(FILE), build.col(ROW)]
    ).from_(copy.relation(numbered=True))

    def words(rows: list[tuple[str, int]]) -> list[str]:
        starts = first_rows(session, copy)
        found = []
        for file, row in rows:
            place = row - starts[file]
            records = csv_records(opened.source.location, Path(file), [place])
            shown = _shown(places, file)
            if place in records:
                found.append(f"line {records[place][0]:,} of {shown}")
            else:
                found.append(f"row {place + 1:,} of {shown}")
        return found

    return StoredRows(opened, plain, plain.copy(), numbered, (), copy.path, words)


def _shown(places: Places, file: str) -> str:
    return places.shown(Path(file))


def located(
    session: Session, rows: StoredRows, condition: exp.Expr, columns: list[str], *, limit: int
) -> list[str]:
    """Where the first rows lie for which a condition holds, and what ``columns`` hold there.

    Columns with personal data are hidden.
    """
    source = rows.source
    shown = [c for c in columns if c in source.columns]
    values: list[exp.Expr] = [build.col(FILE), build.col(ROW), *[build.col(c) for c in shown]]
    query = (
        exp.Select(expressions=values)
        .from_(statements.subquery(rows.numbered.copy(), "stored"))
        .where(condition.copy())
        .limit(limit)
    )
    found = session.execute(query)
    where = rows.words([(r[0], r[1]) for r in found])
    pii = frozenset(n for n, c in source.columns.items() if c.pii)
    return [
        f"{place}: {values_text(shown, r[2:], pii)}" if shown else place
        for place, r in zip(where, found, strict=True)
    ]


def values_text(columns: list[str], values: tuple[object, ...], pii: frozenset[str]) -> str:
    """``a = 1, b = null``; personal data are hidden."""
    pairs = zip(columns, values, strict=True)
    return shown_text(columns, [shown_value(c, v, pii) for c, v in pairs])


def shown_text(columns: Sequence[str], values: Sequence[str | None]) -> str:
    """``a = 1, b = null`` of values that are texts already."""
    pairs = zip(columns, values, strict=True)
    return ", ".join(f"{c} = {'null' if v is None else v}" for c, v in pairs)


def shown_value(column: str, value: object, pii: frozenset[str]) -> str | None:
    """A value as it is kept; null is None, personal data are hidden."""
    if value is None:
        return None
    return HIDDEN if column in pii else _text(value)


def _text(value: object) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return text if len(text) <= 60 else f"{text[:60]} …"
