"""A group's features as rows: computed, written, described."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from sqlglot import exp

from featdsl.compiler.statements import group_query
from featdsl.diagnostics.failure import Failure
from featdsl.diagnostics.model import Diagnostic
from featdsl.engines.duckdb import Session
from featdsl.engines.errors import EngineError, Trouble
from featdsl.ir.program import Feature, Group, Program
from featdsl.runs.given import NO_COLUMN
from featdsl.runs.guard import guarded_sql
from featdsl.sql import build, statements
from featdsl.store.record import PartsUse
from featdsl.text.names import short_name
from featdsl.types.dtype import DType, Kind

Format = Literal["parquet", "csv", "jsonl"]
FORMATS: tuple[Format, ...] = ("parquet", "csv", "jsonl")

FILE_OPTIONS: Mapping[Format, Mapping[str, str | int | bool]] = {
    "parquet": {"FORMAT": "parquet", "COMPRESSION": "zstd", "ROW_GROUP_SIZE": 122_880},
    "csv": {"FORMAT": "csv", "HEADER": True},
    "jsonl": {"FORMAT": "json"},
}
_OF_ONE_VALUE = frozenset({Trouble.CONVERSION, Trouble.TOO_LARGE, Trouble.ENTRIES, Trouble.OTHER})


@dataclass(frozen=True, slots=True)
class Wanted:
    """A group and those of its features that are computed, in the order of the text."""

    group: Group
    features: tuple[Feature, ...]

    @property
    def whole(self) -> bool:
        return len(self.features) == len(self.group.features)


@dataclass(frozen=True, slots=True)
class Computed:
    """A group's rows, in a FROM item whose columns are the entity's keys and the features.

    ``parts`` are what features that rest on inputs read of a key, in a file beside.
    """

    wanted: Wanted
    keys: Mapping[str, DType]
    relation: exp.Expr
    rows: int
    parts: PartsUse | None = None

    @property
    def columns(self) -> dict[str, DType]:
        """Names and types of the columns, in order."""
        return {**self.keys, **{f.short: f.dtype for f in self.wanted.features}}


def wanted_groups(program: Program, selection: Sequence[str]) -> list[Wanted]:
    """The groups of the selected features; without a selection, all features but private ones."""
    selected = frozenset(selection)
    found = []
    for group in program.groups.values():
        ordered = sorted(group.features.values(), key=lambda f: f.index)
        features = tuple(
            f for f in ordered if (f.name in selected if selected else not f.meta.private)
        )
        if features:
            found.append(Wanted(group, features))
    return found


def left_out(groups: Iterable[Group]) -> str:
    """What of groups rests on an input, and has no value before a request, in words."""
    found = [f for g in groups for f in sorted(g.requests.values(), key=lambda f: f.index)]
    if not found:
        return ""
    names = ", ".join(f"{short_name(f.group)}.{f.short}" for f in found)
    why = "it rests on an input" if len(found) == 1 else "they rest on inputs"
    return f"left out, since {why}: {names}"


def all_taken(program: Program, wanted: Iterable[Wanted]) -> list[Group]:
    """The groups of which all but private features are computed; those without any, if all are."""
    computed = {f.name for w in wanted for f in w.features}

    def taken(group: Group) -> bool:
        return all(f.name in computed or f.meta.private for f in group.features.values())

    everything = all(map(taken, program.groups.values()))
    return [g for g in program.groups.values() if taken(g) and (g.features or everything)]


def output_query(
    session: Session,
    program: Program,
    wanted: Wanted,
    *,
    as_of: datetime,
    scans: Mapping[str, exp.Table],
) -> exp.Select:
    """The query of a group's rows, ordered by key, in types that files can hold."""
    if not (wanted.features or program.entities[wanted.group.entity].keys):
        # One row, of which nothing is known before a request: a file wants a column.
        return exp.Select(expressions=[statements.named(build.null(), NO_COLUMN)])
    query = group_query(
        program,
        wanted.group.name,
        as_of=as_of,
        features=[f.short for f in wanted.features],
        scans=scans,
    )
    return _storable(session, query, _keys(program, wanted))


def _keys(program: Program, wanted: Wanted) -> dict[str, DType]:
    return {k.name: k.dtype for k in program.entities[wanted.group.entity].keys}


def _storable(session: Session, query: exp.Select, keys: Iterable[str]) -> exp.Select:
    """128-bit ints as decimals: Parquet would make floats of them."""
    columns = session.columns(query)
    if not any(kind == "HUGEINT" for _, kind in columns):
        return query
    query.set("order", None)
    exact = exp.DataType.build("DECIMAL(38, 0)", dialect="duckdb")
    values: list[exp.Expr] = [
        statements.named(exp.Cast(this=build.col(name), to=exact.copy()), name)
        if kind == "HUGEINT"
        else build.col(name)
        for name, kind in columns
    ]
    outer = exp.Select(expressions=values).from_(statements.subquery(query, "result"))
    order = [build.col(k) for k in keys]
    return outer.order_by(*order) if order else outer


def compute(
    session: Session,
    program: Program,
    wanted: Wanted,
    *,
    as_of: datetime,
    scans: Mapping[str, exp.Table],
    file: Path | None,
    reuse: Callable[[exp.Select], int | None] | None = None,
) -> Computed:
    """Compute a group into a Parquet file, or without one into a table of the session.

    `reuse` may put what the query gives into the file, and return how many rows that is.

    Raises:
        EngineError: the engine cannot; where a single feature is at fault, it is named.
    """
    keys = _keys(program, wanted)
    try:
        query = output_query(session, program, wanted, as_of=as_of, scans=scans)
        doing = f"computing `{wanted.group.name}`"
        if file is None:
            relation: exp.Expr = session.create_table(f"output {wanted.group.name}", query)
            rows = _count(session, relation)
        else:
            kept = None if reuse is None else reuse(query)
            if kept is None:
                kept = session.copy(query, file, FILE_OPTIONS["parquet"], doing=doing)
            rows = kept
            relation = statements.table_function("read_parquet", build.text(str(file)), {})
    except EngineError as error:
        found = _at_fault(session, program, wanted, error, as_of=as_of, scans=scans)
        raise Failure(found) from error
    return Computed(wanted, keys, relation, rows)


def _count(session: Session, relation: exp.Expr) -> int:
    query = exp.Select(expressions=[exp.Count(this=exp.Star())]).from_(relation.copy())
    return int(session.execute(query)[0][0])


def _at_fault(
    session: Session,
    program: Program,
    wanted: Wanted,
    error: EngineError,
    *,
    as_of: datetime,
    scans: Mapping[str, exp.Table],
) -> Diagnostic:
    """The error at the first feature that fails when it is computed alone."""
    found = error.diagnostics[0]
    if error.trouble not in _OF_ONE_VALUE:
        return found.because(wanted.group.name_span, "the group that was computed")
    for feature in wanted.features:
        alone = Wanted(wanted.group, (feature,))
        try:
            query = output_query(session, program, alone, as_of=as_of, scans=scans)
            # All rows: a value that nobody asks for is not computed.
            digest = build.func("max", build.func("hash", build.col(feature.short)))
            session.execute(
                exp.Select(expressions=[digest]).from_(statements.subquery(query, "alone"))
            )
        except EngineError as own:
            code = own.diagnostics[0].code
            message = f"computing `{feature.name}`: {own.diagnostics[0].message}"
            told = code.at(feature.name_span, message)
            for note in own.diagnostics[0].notes:
                told = told.note(note)
            for remedy in own.diagnostics[0].helps:
                told = told.help(remedy)
            return told
    return found.because(wanted.group.name_span, "the group that was computed")


def write_as(
    session: Session,
    computed: Computed,
    path: Path,
    format: Format,
    *,
    guard_formulas: bool = True,
) -> None:
    """Write a computed group in another format; in CSV, text that spreadsheets run is defused.

    Raises:
        EngineError: the file cannot be written.
    """
    query = statements.star_from(computed.relation.copy())
    if format == "csv":
        query = _csv_query(computed, guard_formulas=guard_formulas)
    if computed.keys:
        query = query.order_by(*[build.col(k) for k in computed.keys])
    session.copy(query, path, FILE_OPTIONS[format], doing=f"writing `{computed.wanted.group.name}`")


def _csv_query(computed: Computed, *, guard_formulas: bool) -> exp.Select:
    values: list[exp.Expr] = []
    for name, dtype in computed.columns.items():
        column: exp.Expr = build.col(name)
        if dtype.kind is Kind.TEXT and guard_formulas:
            column = guarded_sql(column)
        elif dtype.items:
            column = build.func("to_json", column)
        values.append(statements.named(column, name))
    return exp.Select(expressions=values or [exp.Star()]).from_(computed.relation.copy())
