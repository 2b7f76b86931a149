"""Rows that a source's SQL makes of files, once a session."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from featdsl.diagnostics import catalog
from featdsl.diagnostics.failure import Failure
from featdsl.diagnostics.model import Problems
from featdsl.engines.duckdb import Session
from featdsl.engines.errors import EngineError, Trouble
from featdsl.ir.program import Source
from featdsl.runs.given import Given, open_given
from featdsl.runs.hashes import Hashes
from featdsl.runs.locked import check_locked
from featdsl.runs.places import Places
from featdsl.runs.shapes import Shape
from featdsl.runs.stored import Opened, file_use
from featdsl.sources.spec import SourceKind
from featdsl.sources.sql import files_of, query_of, read_parquet
from featdsl.sql import statements

_OF_THE_QUERY = frozenset({Trouble.OTHER, Trouble.INPUT, Trouble.CONVERSION, Trouble.TOO_LARGE})


def open_queried(
    session: Session, source: Source, places: Places, hashes: Hashes, problems: Problems
) -> Opened | None:
    """Find and hash the files, make the rows, and fit them by the rules of Parquet files.

    What is wrong is reported, and gives None.

    Raises:
        EngineError: the query takes too long, or more memory than there is.
    """
    location = source.location

    def load(session: Session, name: str) -> exp.Table:
        texts = {name: statements.texts([str(f) for f in files]) for name, files in found.items()}
        query = query_of(location, lambda name: read_parquet(texts[name].copy()))
        return session.create_table(name, query)

    def check(kind: SourceKind, shape: Shape) -> bool:
        return check_locked(session, kind, source, [shape], problems)

    given = Given(words=f"the SQL of {source.short}", load=load)
    try:
        found = files_of(location, places.data, places.roots)
        files = tuple(sorted({file for many in found.values() for file in many}))
        uses = tuple(file_use(source, file, places, hashes) for file in files)
        opened = open_given(session, source, given, problems, check=check)
    except EngineError as error:
        if error.trouble not in _OF_THE_QUERY:
            raise
        message = f"the SQL of `{source.short}` cannot be computed"
        refused = catalog.UNREADABLE_DATA.at(location.span, message)
        problems.report(refused.note(f"the engine says: {' '.join(error.detail.split())}"))
        return None
    except Failure as failure:
        problems.extend(failure.diagnostics)
        return None
    return None if opened is None else replace(opened, source=source, files=files, uses=uses)
