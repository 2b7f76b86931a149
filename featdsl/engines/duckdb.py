"""DuckDB: a session in memory that is locked down before it runs anything.

It reads the folders it was opened with and writes one; it loads no extension, sees no Python
variable, counts time in UTC, and cannot be talked into anything else. That is a second wall
behind the compiler's own checks, not a sandbox for hostile users.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

from sqlglot import exp

from featdsl.engines.errors import EngineError, Trouble
from featdsl.engines.profile import DEFAULT_MEMORY_SHARE, Profile, available_memory
from featdsl.sql import build, statements
from featdsl.sql.one_order import in_one_order

if TYPE_CHECKING:
    import duckdb

NAME = "duckdb"
"""In records, and of its SQL in sqlglot."""
Row = tuple[Any, ...]
T = TypeVar("T")

# Seconds after which a wait ends, to see whether somebody pressed Ctrl-C.
_LOOK = 0.1


class Session:
    """One connection. Use it in a ``with`` block; it is not shared between threads.

    Statements run in a thread of their own, so that Ctrl-C reaches Python at once and stops
    them; a session that was interrupted can be used again.
    """

    def __init__(self, profile: Profile | None = None) -> None:
        self.profile = profile or Profile()
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._worker: ThreadPoolExecutor | None = None

    def __enter__(self) -> Session:
        import duckdb

        # Replacement scans would let a table's name mean a variable of this program.
        self._connection = duckdb.connect(
            ":memory:", config={"python_enable_replacements": "false"}
        )
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="duckdb")
        try:
            # One call for all: each takes a turn of the worker.
            settings = (_set(name, value) for name, value in _settings(self.profile))
            self.execute("; ".join(s.sql(dialect=NAME) for s in settings))
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the session; what it held in memory is gone."""
        connection, self._connection = self._connection, None
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.shutdown(wait=True)
        if connection is not None:
            connection.close()

    def execute(
        self,
        statement: exp.Expr | str,
        parameters: Mapping[str, Any] | None = None,
        *,
        doing: str = "",
    ) -> list[Row]:
        """Run one statement and return all its rows.

        Args:
            statement: An expression, or text that the compiler rendered.
            parameters: Values of named parameters, ``$name`` in the statement.
            doing: What is being done, in words: how an error's headline begins.

        Raises:
            EngineError: the engine reports an error, or the profile's time is over.
            KeyboardInterrupt: Ctrl-C; the statement has been stopped.
        """
        given = dict(parameters) if parameters else None
        return self._run(statement, given, lambda result: result.fetchall(), doing)

    def rows(self, query: exp.Expr, *, doing: str = "") -> tuple[list[str], list[Row]]:
        """Run a query and return the names of its columns, and its rows.

        Raises:
            EngineError: as `execute`.
        """
        return self._run(query, None, _named_rows, doing)

    def arrays(self, query: exp.Expr, *, doing: str = "") -> dict[str, Any]:
        """Run a query and return its columns as numpy arrays, masked where they hold nulls.

        Raises:
            EngineError: as `execute`.
        """
        return self._run(query, None, lambda result: result.fetchnumpy(), doing)

    def arrow(self, query: exp.Expr, *, doing: str = "") -> Any:
        """Run a query and return an Arrow table; pyarrow must be installed.

        Raises:
            EngineError: as `execute`.
        """
        connection, worker = self._connection, self._worker
        assert connection is not None and worker is not None, "the session is not open"
        text = self._text(query)
        return self._await(worker.submit(lambda: connection.sql(text).to_arrow_table()), doing)

    def _text(self, statement: exp.Expr) -> str:
        found = in_one_order(statement) if self.profile.one_order else statement
        return found.sql(dialect=NAME)

    def _run(
        self,
        statement: exp.Expr | str,
        parameters: dict[str, Any] | None,
        fetch: Callable[[Any], T],
        doing: str,
    ) -> T:
        connection, worker = self._connection, self._worker
        assert connection is not None and worker is not None, "the session is not open"
        text = statement if isinstance(statement, str) else self._text(statement)
        return self._await(
            worker.submit(lambda: fetch(connection.execute(text, parameters))), doing
        )

    def _await(self, future: Future[T], doing: str) -> T:
        import duckdb

        seconds = self.profile.timeout_seconds
        until = None if seconds is None else monotonic() + seconds
        try:
            # Some libraries (polars is one) take the signal in a way that does not end a wait.
            while not future.done():
                left = _LOOK if until is None else min(_LOOK, until - monotonic())
                if left <= 0:
                    self._stop(future)
                    told = f"stopped after {seconds} s"
                    raise EngineError(Trouble.TIMEOUT, told, doing=doing)
                wait([future], left)
            return future.result()
        except duckdb.Error as error:
            raise _explained(error, doing) from error
        except BaseException:
            self._stop(future)
            raise

    def _stop(self, future: Future[T]) -> None:
        """Interrupt the statement and wait until it is over."""
        while not future.done():
            self.interrupt()
            try:
                future.exception(0.05)
            except TimeoutError:
                continue

    def interrupt(self) -> None:
        """Stop the running statement, from any thread; without one, nothing happens."""
        if self._connection is not None:
            self._connection.interrupt()

    def columns(self, query: exp.Expr, *, doing: str = "") -> list[tuple[str, str]]:
        """Names and types (as DuckDB spells them) of a query's columns; nothing is read."""
        described = self.execute(f"DESCRIBE {query.sql(dialect=NAME)}", doing=doing)
        return [(r[0], r[1]) for r in described]

    def create_view(self, name: str, query: exp.Expr) -> exp.Table:
        """Name a query for this session."""
        self.execute(statements.create_view(name, query))
        return build.table(name)

    def create_table(self, name: str, query: exp.Expr) -> exp.Table:
        """Keep a query's rows under a name for this session."""
        self.execute(statements.create_table(name, query))
        return build.table(name)

    def register(self, name: str, frame: Any) -> exp.Table:
        """Name a pandas or polars frame, or an Arrow table, for this session; nothing is copied.

        Raises:
            EngineError: it is nothing that the engine can read.
        """
        connection, worker = self._connection, self._worker
        assert connection is not None and worker is not None, "the session is not open"
        self._await(worker.submit(lambda: connection.register(name, frame)), "reading a frame")
        return build.table(name)

    def copy(
        self, query: exp.Expr, path: Path, options: Mapping[str, Any], *, doing: str = ""
    ) -> int:
        """Write a query's rows to a file; returns how many. What fails leaves no file.

        Raises:
            EngineError: as `execute`.
        """
        try:
            found = self.execute(statements.copy_to(query, str(path), options), doing=doing)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return int(found[0][0])


def _named_rows(result: Any) -> tuple[list[str], list[Row]]:
    return [column[0] for column in result.description], result.fetchall()


def _settings(profile: Profile) -> list[tuple[str, exp.Expr]]:
    """Settings in order: the last two close the door."""
    limit = profile.memory_bytes
    if limit is None and (memory := available_memory()) is not None:
        limit = int(memory * DEFAULT_MEMORY_SHARE)
    folders = [*profile.readable, *([profile.writable] if profile.writable else [])]
    found: list[tuple[str, exp.Expr | None]] = [
        ("threads", None if profile.threads is None else build.number(profile.threads)),
        ("memory_limit", None if limit is None else build.text(f"{limit}B")),
        ("temp_directory", build.text(str(profile.spill) if profile.spill else "")),
        (
            "max_temp_directory_size",
            None if profile.max_spill_bytes is None else build.text(f"{profile.max_spill_bytes}B"),
        ),
        ("TimeZone", build.text("UTC")),
        # Rows of a file keep their order: what is written from them is the same every time.
        ("preserve_insertion_order", build.boolean(True)),
        ("enable_progress_bar", build.boolean(False)),
        ("autoinstall_known_extensions", build.boolean(False)),
        ("autoload_known_extensions", build.boolean(False)),
        ("allow_community_extensions", build.boolean(False)),
        ("allow_persistent_secrets", build.boolean(False)),
        ("allowed_directories", statements.texts([f"{f.resolve()}/" for f in folders])),
        ("allowed_paths", statements.texts([str(f.resolve()) for f in profile.files])),
        ("enable_external_access", build.boolean(False)),
        ("lock_configuration", build.boolean(True)),
    ]
    return [(name, value) for name, value in found if value is not None]


def _set(name: str, value: exp.Expr) -> exp.Expr:
    item = exp.SetItem(this=exp.EQ(this=exp.column(name), expression=value))
    return exp.Set(expressions=[item], unset=False, tag=False)


_TROUBLES: Sequence[tuple[str, str, Trouble]] = (
    # class of the exception, pattern in its message, what it means; the first that fits
    ("OutOfMemoryException", "max_temp_directory_size", Trouble.SPILL),
    ("OutOfMemoryException", "", Trouble.MEMORY),
    ("IOException", "No space left|could not write|Could not write", Trouble.OUTPUT),
    ("IOException", "", Trouble.INPUT),
    ("PermissionException", "", Trouble.FORBIDDEN),
    ("OutOfRangeException", "", Trouble.TOO_LARGE),
    ("ConversionException", "out of range|Could not cast value|Casting value", Trouble.TOO_LARGE),
    ("ConversionException", "", Trouble.CONVERSION),
    # What the compiler's own guards say: `featdsl.aggregates.entries`, `featdsl.lowering.alone`.
    ("InvalidInputException", "featc: too many entries", Trouble.ENTRIES),
    ("InvalidInputException", "featc: several rows", Trouble.SEVERAL),
    ("InvalidInputException", "(?i)parquet|magic bytes|csv|file ", Trouble.INPUT),
    ("SerializationException", "", Trouble.INPUT),
)


def _explained(error: Exception, doing: str) -> EngineError:
    name, message = type(error).__name__, str(error)
    for kind, pattern, trouble in _TROUBLES:
        if name == kind and re.search(pattern, message):
            return EngineError(trouble, _without_statement(message), doing=doing)
    return EngineError(Trouble.OTHER, _without_statement(message), doing=doing)


def _without_statement(message: str) -> str:
    """The engine's message without the excerpt of the statement and the general advice."""
    return re.split(r"\n\s*\nLINE |\nPossible solutions|\n\nPossible", message)[0].strip()


def version() -> str:
    """Version of the engine."""
    import duckdb

    return str(duckdb.__version__)
