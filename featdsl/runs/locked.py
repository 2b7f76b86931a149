"""Data against the columns that featc.lock has of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from featdsl.diagnostics import catalog
from featdsl.diagnostics.failure import Failure
from featdsl.diagnostics.model import Problems
from featdsl.engines.duckdb import Session
from featdsl.engines.errors import EngineError
from featdsl.ir.program import Source
from featdsl.ir.source import LockedColumns
from featdsl.runs.shapes import Shape
from featdsl.sources.spec import SourceKind
from featdsl.sources.stored_dtype import dtype_of
from featdsl.sources.stored_types import type_words

_NULLS = frozenset({'"NULL"', "NULL"})
_ACCEPT = "`featc lock` accepts it"


def keys_of(session: Session, source: Source, kind: SourceKind, files: Sequence[Path]) -> list[str]:
    """The names of the columns of files that need not have the declared ones.

    Raises:
        Failure: they cannot be read.
    """
    assert kind.names is not None, "only some kinds are asked for names"
    try:
        return [str(row[0]) for row in session.execute(kind.names([str(f) for f in files]))]
    except EngineError as error:
        message = f"the files of `{source.short}` cannot be read as {kind.name}"
        refused = catalog.UNREADABLE_DATA.at(source.location.span, message)
        raise Failure(refused.note(f"the engine says: {error.detail}")) from error


def check_locked(
    session: Session,
    kind: SourceKind,
    source: Source,
    shapes: Sequence[Shape],
    problems: Problems,
    *,
    typed: bool = True,
) -> bool:
    """Report how data differ from what featc.lock has of them; False where they cannot be read.

    Types of text are not told again, nor any without `typed`: values that do not fit are reported
    as those of declared columns are.

    Raises:
        Failure: the files cannot be read.
    """
    if not source.locked:
        return True
    if kind.names is not None:
        files = [file for shape in shapes for file in shape.files]
        keys = keys_of(session, source, kind, files)
        shapes = [Shape(tuple((key, "JSON") for key in keys), tuple(files))]
    typed = typed and kind.told is None
    wrong = list(dict.fromkeys(_changes(source, source.locked, shapes, typed=typed)))
    for message, help in wrong:
        found = catalog.COLUMNS_CHANGED.at(source.name_span, message)
        problems.report(found.because(source.location.span, "read from here").help(help))
    for message in dict.fromkeys(_additions(source, source.locked, shapes)):
        problems.report(catalog.NEW_COLUMN.at(source.name_span, message).help(_ACCEPT))
    return not wrong


def _changes(
    source: Source, locked: LockedColumns, shapes: Sequence[Shape], *, typed: bool
) -> Iterator[tuple[str, str]]:
    """What data lack, or have of another type, each with its remedy."""
    for shape in shapes:
        stored = dict(shape.stored)
        for name, dtype in locked.items():
            if dtype is None:
                continue
            if name not in stored:
                yield (
                    f"the data of `{source.short}` have no column `{name}` any more",
                    f"write `{shape.files[0].name}` with it, or {_ACCEPT}",
                )
            elif typed and stored[name] not in _NULLS:
                now = dtype_of(stored[name])
                if now != dtype:
                    held = type_words(stored[name]) if now is None else now
                    yield (
                        f"`{name}` of `{source.short}` was {dtype}, and the data hold {held} now",
                        f"write `{shape.files[0].name}` as before, or {_ACCEPT}",
                    )


def _additions(source: Source, locked: LockedColumns, shapes: Sequence[Shape]) -> Iterator[str]:
    for shape in shapes:
        for name, _ in shape.stored:
            if name not in locked:
                yield f"the data of `{source.short}` have a new column `{name}`, which is not read"
