"""The columns of a spine that is no source: which hold key and time, in which types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from featdsl.diagnostics import catalog
from featdsl.diagnostics.failure import Failure
from featdsl.diagnostics.model import Diagnostic, Problems
from featdsl.diagnostics.suggest import nearest
from featdsl.engines.duckdb import Session
from featdsl.ir.program import (
    Dataset,
    DatasetColumn,
    Location,
    Meta,
    Program,
    Source,
    SourceColumn,
    SpineRows,
)
from featdsl.ir.refs import inputs_behind
from featdsl.planning.training import AS_OF, AUDIT, SPLIT
from featdsl.runs.given import KIND, Given, kind_of, shape_of
from featdsl.runs.hashes import Hashes
from featdsl.runs.shapes import Shape, fit, shapes_of
from featdsl.runs.stored import Opened
from featdsl.sources.registry import sources
from featdsl.sources.spec import SourceKind
from featdsl.store.record import FileUse
from featdsl.types.dtype import TEXT, TIMESTAMP, DType

NAME = "spine"
"""What messages call rows that are no source's."""
ENDINGS: Mapping[str, str] = {".parquet": "parquet", ".pq": "parquet", ".csv": "csv"}
"""Kinds of files by how their names end."""
_SHOWN = 8
_HOW = "a spine is a Parquet or CSV file: `--spine rows.parquet`"


@dataclass(frozen=True, slots=True)
class SpineNames:
    """Columns of a spine that hold the keys, in the entity's order, and the time."""

    keys: tuple[str, ...]
    time: str


def open_file(
    session: Session,
    program: Program,
    dataset: Dataset,
    path: Path,
    hashes: Hashes,
    problems: Problems,
) -> tuple[Opened, SpineNames] | None:
    """Look into a Parquet or CSV file; a column that is missing or does not fit gives None.

    Raises:
        Failure: it is not there, is neither, or cannot be read.
    """
    asked = _Asked(program, dataset, problems)
    kind, path = sources()[_kind(dataset, path)], path.resolve()
    location = asked.location(kind.name, str(path), path.name)
    wanted = {n: asked.column(n, TEXT) for n in asked.known}
    try:
        (shape,) = shapes_of(session, kind, asked.source(location, wanted), [path])
        use = FileUse(path=path.name, bytes=path.stat().st_size, sha256=hashes.of(path))
    except OSError as error:
        message = f"the spine `{path.name}` cannot be read: {(error.strerror or '').lower()}"
        raise Failure(catalog.NO_SPINE.at(dataset.name_span, message)) from error
    except Failure as failure:
        raise Failure(*map(_without_options, failure.diagnostics)) from failure
    return asked.opened(kind, location, shape, path.name, files=(path,), uses=(use,))


def open_frame(
    session: Session, program: Program, dataset: Dataset, given: Given, problems: Problems
) -> tuple[Opened, SpineNames] | None:
    """Look into rows that are handed in, as `open_file`.

    Raises:
        Failure: the engine cannot read them.
    """
    asked = _Asked(program, dataset, problems, given.index)
    loaded = given.load(session, f"given {NAME}")
    shape = shape_of(session, given, loaded)
    location = asked.location(KIND, given.words, given.words)
    return asked.opened(kind_of(given, loaded), location, shape, given.words)


def _kind(dataset: Dataset, path: Path) -> str:
    def problem(message: str, remedy: str) -> Failure:
        return Failure(catalog.NO_SPINE.at(dataset.name_span, message).help(remedy))

    if path.is_dir():
        raise problem(f"the spine `{path.name}` is a folder", _HOW)
    if not path.exists():
        near = nearest(path.name, _beside(path))
        remedy = _HOW if near is None else f"did you mean `{path.with_name(near)}`?"
        raise problem(f"the spine `{path}` does not exist", remedy)
    kind = ENDINGS.get(path.suffix.lower())
    if kind is None:
        raise problem(f"the spine `{path.name}` is neither Parquet nor CSV by its name", _HOW)
    return kind


def _beside(path: Path) -> list[str]:
    try:
        return [p.name for p in path.parent.iterdir() if p.suffix.lower() in ENDINGS]
    except OSError:
        return []


def _without_options(diagnostic: Diagnostic) -> Diagnostic:
    """A spine on the command line has no options of a source."""
    if diagnostic.code is not catalog.DATA_COLUMN_MISSING:
        return diagnostic
    return replace(diagnostic, helps=("separate them by commas, or write Parquet",))


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a data set wants of rows that are no source's; ``index`` as in `Given`."""

    program: Program
    dataset: Dataset
    problems: Problems
    index: tuple[str, ...] = ()

    @property
    def keys(self) -> list[tuple[str, ...]]:
        """Names that the column of each key may have, the best one first."""
        spine = self.dataset.spine
        keys = self.program.entities[self.dataset.entity].keys
        own = spine.keys if isinstance(spine, SpineRows) else [k.name for k in keys]
        return [tuple(dict.fromkeys((name, k.name))) for name, k in zip(own, keys, strict=True)]

    @property
    def time(self) -> tuple[str, ...]:
        """Names that the column of the time may have."""
        spine = self.dataset.spine
        own = spine.at if isinstance(spine, SpineRows) else AS_OF
        return tuple(dict.fromkeys((own, AS_OF)))

    @property
    def known(self) -> list[str]:
        labels = [c.name for c in self.dataset.labels if c.feature is None]
        return [*(n for names in self.keys for n in names), *self.time, *labels, *self._inputs()]

    def _inputs(self) -> dict[str, SourceColumn]:
        """The columns of inputs that features of the data set rest on, by name."""
        program = self.program
        named = (c.feature for c in self.dataset.columns if c.feature is not None)
        found = [i for name in named for i in inputs_behind(program, name)]
        return {i.column: program.inputs[i.input].columns[i.column] for i in found}

    def location(self, kind: str, argument: str, written: str) -> Location:
        span = self.dataset.name_span
        return Location(kind=kind, argument=argument, written=written, span=span)

    def source(self, location: Location, columns: Mapping[str, SourceColumn]) -> Source:
        """The rows as a source, so that they are read as one."""
        return Source(
            name=NAME,
            meta=Meta(),
            span=self.dataset.span,
            name_span=self.dataset.name_span,
            location=location,
            columns=columns,
        )

    def column(self, name: str, dtype: DType) -> SourceColumn:
        """A column: of a data set's source as declared there, but for the given type."""
        declared = self._declared().get(name)
        if declared is not None:
            return replace(declared, dtype=dtype, required=False)
        return SourceColumn(name=name, dtype=dtype, span=self.dataset.name_span)

    def _declared(self) -> Mapping[str, SourceColumn]:
        spine = self.dataset.spine
        return {c.name: c for c in spine.columns} if isinstance(spine, SpineRows) else {}

    def opened(
        self,
        kind: SourceKind,
        location: Location,
        shape: Shape,
        title: str,
        *,
        files: tuple[Path, ...] = (),
        uses: tuple[FileUse, ...] = (),
    ) -> tuple[Opened, SpineNames] | None:
        """Find key, time and labels among the columns, and fit what has a declared type."""
        stored = [n for n, _ in shape.stored]
        names = self._names(stored, title)
        if names is None:
            return None
        source = self.source(location, self._columns(stored, names, everything=kind.parsed))
        fitted = fit(kind, source, shape, self.problems)
        return None if fitted is None else (Opened(source, kind, files, uses, (fitted,)), names)

    def _columns(
        self, stored: Sequence[str], names: SpineNames, *, everything: bool
    ) -> dict[str, SourceColumn]:
        """Columns that have a type to be read in; of a kind that is parsed all."""
        entity = self.program.entities[self.dataset.entity]
        types = {n: c.dtype for n, c in self._declared().items()}
        types |= {name: column.dtype for name, column in self._inputs().items()}
        types |= {n: k.dtype for n, k in zip(names.keys, entity.keys, strict=True)}
        types[names.time] = TIMESTAMP
        return {n: self.column(n, types.get(n, TEXT)) for n in stored if everything or n in types}

    def _names(self, stored: Sequence[str], title: str) -> SpineNames | None:
        """Which columns hold keys and time; what is missing, or in the way, is reported."""
        before = len(self.problems.items)
        keys = [self._find(names, stored, title, "the key") for names in self.keys]
        time = self._find(self.time, stored, title, "the time")
        for label in self.dataset.labels:
            if label.feature is None:
                self._find((label.name,), stored, title, "the label", label)
        for name in self._inputs():
            self._find((name,), stored, title, "an input")
        self._check_clashes(stored, title)
        if time is None or len(self.problems.items) > before:
            return None
        return SpineNames(tuple(k for k in keys if k is not None), time)

    def _find(
        self,
        names: tuple[str, ...],
        stored: Sequence[str],
        title: str,
        what: str,
        label: DatasetColumn | None = None,
    ) -> str | None:
        found = next((n for n in names if n in stored), None)
        if found is not None:
            return found
        message = f"`{title}` has no column `{names[0]}` for {what}"
        span = self.dataset.name_span if label is None else label.span
        columns = f"its columns: {_listed(stored)}" if stored else "it has no columns"
        told = catalog.SPINE_COLUMN.at(span, message).note(columns)
        if len(names) > 1:
            told = told.note(f"the column may also be called {_listed(names[1:])}")
        self.problems.report(told.help(self._remedy(names, stored)))
        return None

    def _remedy(self, names: tuple[str, ...], stored: Sequence[str]) -> str:
        """What gives the column of one of some names."""
        indexed = next((n for n in names if n in self.index), None)
        if indexed is not None:
            return f"`{indexed}` is in the frame's index: `reset_index()` makes it a column"
        near = next(filter(None, (nearest(n, stored) for n in names)), None)
        if near is not None:
            return f"rename `{near}` to `{names[0]}`"
        if self.index:
            levels = _listed([n or "(no name)" for n in self.index])
            return f"add the column; `reset_index()` makes columns of the index: {levels}"
        return "add the column"

    def _check_clashes(self, stored: Sequence[str], title: str) -> None:
        """Columns that are called like one of the output. Capitals tell no names apart in SQL."""
        computed = {c.name.lower(): c for c in self.dataset.columns}
        computed |= {c.name.lower(): c for c in self.dataset.labels if c.feature is not None}
        reserved = {n.lower() for n in (*AUDIT, *((SPLIT,) if self.dataset.parts else ()))}
        clashing = [n for n in stored if n.lower() in computed or n.lower() in reserved]
        if not clashing:
            return
        places = dict.fromkeys(computed[n.lower()].span for n in clashing if n.lower() in computed)
        first, *others = places or [None]
        holds = "columns" if len(clashing) > 1 else "the column"
        message = (
            f"`{title}` has {holds} {_listed(clashing)}, which `{self.dataset.short}` computes"
        )
        if first is None:
            told = catalog.SPINE_CLASH.at(self.dataset.name_span, message)
        else:
            told = catalog.SPINE_CLASH.at(first, message, "computed here")
        for span in others:
            told = told.because(span, "computed here")
        self.problems.report(told.help("leave the columns out of the spine, or rename them there"))


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
    return ", ".join(f"`{n}`" for n in names[:_SHOWN]) + more
