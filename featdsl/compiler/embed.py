"""SQL to embed: whole statements in a dialect, with a header that says how to run them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from featdsl.compiler.header import dataset_header, group_header, one_line
from featdsl.compiler.lacking import (
    check_names,
    explain_lacking,
    refuse_called,
    refuse_same,
)
from featdsl.compiler.said import dataset_comments, group_comments
from featdsl.compiler.shown_secrets import refuse_secrets
from featdsl.compiler.statements import AsOf, group_query
from featdsl.compiler.training import training_query
from featdsl.dialects.registry import dialects
from featdsl.dialects.spec import Dialect, Lacking, Made, Shape, StoredTable
from featdsl.ir.program import Dataset, Feature, Program, Source, SpineRows
from featdsl.ir.refs import groups_of_spine
from featdsl.sources.registry import sources
from featdsl.sources.table import table_of
from featdsl.sql import build as sql
from featdsl.types.dtype import TEXT, TIMESTAMP, DType

__all__ = ["Shape", "render_dataset", "render_statement"]

_STORED = "stored: "
"""Before the full name of a source: the table that stands for it in a tree, and no step's name."""


@dataclass(frozen=True, slots=True)
class _Place:
    """In which dialect, and where the rows of sources are."""

    program: Program
    dialect: Dialect
    source_schema: str | None

    @property
    def tables(self) -> Mapping[str, StoredTable]:
        """Tables of sources by their full name; none where the statement reads files."""
        if self.dialect.reads_files and self.source_schema is None:
            return {}
        return {name: self._table(source) for name, source in self.program.sources.items()}

    def _table(self, source: Source) -> StoredTable:
        """The table that a source names, else the one that is called like the source."""
        named = sources()[source.location.kind].named
        schema, name = table_of(source.location) if named else (None, source.short)
        return StoredTable(
            name=name,
            schema=schema or self.source_schema,
            columns={c.name: c.dtype for c in source.columns.values()},
        )

    @property
    def named(self) -> Mapping[str, StoredTable]:
        """Tables of the sources that name theirs."""
        return {
            name: self._table(source)
            for name, source in self.program.sources.items()
            if sources()[source.location.kind].named
        }

    @property
    def reserved(self) -> list[str]:
        """Names of tables that are read without a schema: a step called so would hide one."""
        read = {**self.named, **self.tables}
        return [t.name for t in read.values() if t.schema is None]

    @property
    def scans(self) -> Mapping[str, exp.Table]:
        return {name: sql.table(_STORED + name) for name in self.tables}


def render_statement(
    program: Program,
    group: str,
    *,
    as_of: AsOf,
    shape: Shape = Shape.SELECT,
    features: Sequence[str] | None = None,
    schema: str | None = None,
    fingerprint: str = "",
    files: Sequence[str] = (),
    dialect: str = "duckdb",
    source_schema: str | None = None,
) -> str:
    """The features of a group as a statement, or several, with a header.

    Args:
        program: The checked program.
        group: The group's full name.
        as_of: The as-of time: a parameter for a macro, and none for a view or table.
        shape: What to make of the SELECT.
        features: Short names of what comes out; None for all.
        schema: Schema of the view, table or macro, made where it is not there; None for the
            engine's current one.
        fingerprint: Of the group's meaning.
        files: Names of the `.feat` files it comes from.
        dialect: Name of the dialect.
        source_schema: Schema of the tables that hold the rows of sources. None: the engine's
            current one, or files where the dialect reads them.

    Raises:
        ValueError: a view or table with ``as_of="param"``, a macro with another time.
        Failure: the dialect cannot say it, or a secret's value would stand in the text.
    """
    if shape is not Shape.SELECT and (as_of == "param") is not (shape is Shape.MACRO):
        raise ValueError(f"a {shape} cannot have this as-of time: {as_of}")
    place = _Place(program, dialects()[dialect], source_schema)
    refuse_secrets(program, (group,), group, places=not place.tables)
    if not place.tables:
        refuse_called(program, (group,), group)
    declared = program.groups[group]
    chosen = [f for f in declared.features.values() if features is None or f.short in features]
    chosen.sort(key=lambda f: f.index)
    keys = {key.name: key.dtype for key in program.entities[declared.entity].keys}
    made = Made(
        shape=shape,
        name=declared.short,
        schema=schema,
        columns={**keys, **{f.short: f.dtype for f in chosen}},
        comment=one_line(declared.meta.doc or declared.short),
        comments=group_comments(program, declared, chosen),
    )

    def query() -> exp.Query:
        return group_query(
            program,
            group,
            as_of=as_of,
            features=features,
            scans=place.scans,
            reserved=place.reserved,
        )

    body, read = _body(place, made, query, chosen, (group,), declared.name)
    lines = group_header(
        program,
        declared,
        as_of=as_of,
        parameter=place.dialect.parameter if shape is Shape.SELECT else "as_of",
        fingerprint=fingerprint,
        files=files,
    )
    return _whole(place, made, [*lines, *_reads(place, read)], body, parameter=as_of == "param")


def render_dataset(
    program: Program,
    dataset: str,
    *,
    shape: Shape = Shape.SELECT,
    schema: str | None = None,
    fingerprint: str = "",
    files: Sequence[str] = (),
    dialect: str = "duckdb",
    source_schema: str | None = None,
) -> str:
    """The training set of a data set's own spine as a statement, or several, with a header.

    Arguments are those of `render_statement`.

    Raises:
        ValueError: a macro, or a data set without a spine of its own.
        Failure: the dialect cannot say it, or a secret's value would stand in the text.
    """
    declared = program.datasets[dataset]
    if shape is Shape.MACRO or declared.spine is None:
        raise ValueError("a training set has the times of its own spine")
    place = _Place(program, dialects()[dialect], source_schema)
    features = list(_computed(program, declared).values())
    own = tuple(dict.fromkeys(f.group for f in features))
    groups = tuple(dict.fromkeys((*own, *groups_of_spine(program, declared))))
    refuse_secrets(program, groups, dataset, places=not place.tables)
    if not place.tables:
        refuse_called(program, groups, dataset)
    query = training_query(program, dataset, scans=place.scans, reserved=place.reserved)
    made = Made(
        shape=shape,
        name=declared.short,
        schema=schema,
        columns=_dataset_columns(program, declared, query),
        comment=one_line(declared.meta.doc or declared.short),
        comments=dataset_comments(program, declared),
    )
    body, read = _body(place, made, lambda: query, features, groups, declared.name)
    lines = dataset_header(program, declared, own, fingerprint=fingerprint, files=files)
    return _whole(place, made, [*lines, *_reads(place, read)], body, parameter=False)


def _computed(program: Program, dataset: Dataset) -> dict[str, Feature]:
    """Features and labels that are no columns of the spine, by the name of their column."""
    columns = (*dataset.columns, *dataset.labels)
    return {c.name: program.feature(c.feature) for c in columns if c.feature is not None}


def _dataset_columns(program: Program, dataset: Dataset, query: exp.Select) -> dict[str, DType]:
    """The columns of a training set with their types."""
    known = {name: f.dtype for name, f in _computed(program, dataset).items()}
    if isinstance(dataset.spine, SpineRows):
        known = {c.name: c.dtype for c in dataset.spine.columns} | known
    else:
        keys = {key.name: key.dtype for key in program.entities[dataset.entity].keys}
        known = keys | {"as_of": TIMESTAMP} | known
    return {name: known.get(name, TEXT) for name in query.named_selects}


def _body(
    place: _Place,
    made: Made,
    query: Callable[[], exp.Query],
    features: Sequence[Feature],
    groups: Sequence[str],
    name: str,
) -> tuple[list[str], list[StoredTable]]:
    """The statements, and the tables that they read."""
    tree = query()
    stored = {_STORED + full: table for full, table in place.tables.items()}
    named = {node.name for node in tree.find_all(exp.Table)}
    read = {full: t for full, t in place.tables.items() if _STORED + full in named}
    # Where files are read, tables that sources name are read beside them.
    beside = {} if place.tables else place.named
    read |= {full: table for full, table in beside.items() if table.name in named}
    check_names(place.program, place.dialect, made, read, name)
    refuse_same(place.program, read)
    try:
        finished = place.dialect.finish(tree, stored, made.columns)
    except Lacking as lacking:
        raise explain_lacking(
            place.program, place.dialect, lacking, features, groups, name
        ) from lacking
    return place.dialect.statements(finished, made), list(read.values())


def _reads(place: _Place, read: Sequence[StoredTable]) -> list[str]:
    """Where the statement finds its rows."""
    files = ["files are named from the project's data folder on: run it there"]
    if not place.tables and not read:
        return files
    where = "" if place.source_schema is None else f" of the schema {place.source_schema}"
    names = ", ".join(
        t.name if t.schema in (None, place.source_schema) else f"{t.schema}.{t.name}" for t in read
    )
    tables = [f"reads the tables{where}: {names}; with the columns that the sources declare"]
    return tables if place.tables else [*tables, *files]


def _whole(
    place: _Place, made: Made, lines: Sequence[str], body: Sequence[str], *, parameter: bool
) -> str:
    said = [*lines[:-1], *place.dialect.howto(made, parameter), lines[-1]]
    header = "".join(f"-- {one_line(line)}\n" for line in said)
    return header + "".join(f"{statement};\n" for statement in body)
