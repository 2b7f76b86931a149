"""DuckDB, with rows of Python as tables: values of groups, and training sets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import duckdb
import pyarrow as pa
from sqlglot import exp

from featdsl.compiler.statements import group_query
from featdsl.compiler.training import SpineTable, training_query
from featdsl.ir.program import Program
from featdsl.sql import build
from featdsl.types.dtype import DType, Kind
from tests.harness.case import Spine, Stored, Table
from tests.harness.generate.rows import is_unknown

WAYS = ("param",) * 10 + ("plain",) * 5 + ("pretty", "subset")
"""How values are asked for: with the time in the text, as a parameter, or each by itself."""
_PROGRAMS = 16
STOPS = (duckdb.OutOfRangeException, duckdb.ConversionException)
"""A run stops where a value does not fit; the engine also computes some that nobody asks for."""


def arrow_type(dtype: DType) -> pa.DataType:
    """The Arrow type of stored values."""
    match dtype.kind:
        case Kind.INT:
            return pa.int64()
        case Kind.DECIMAL:
            return pa.decimal128(dtype.precision, dtype.scale)
        case Kind.FLOAT:
            return pa.float64()
        case Kind.BOOL:
            return pa.bool_()
        case Kind.TEXT:
            return pa.string()
        case Kind.DATE:
            return pa.date32()
        case Kind.TIMESTAMP:
            return pa.timestamp("us")
        case Kind.LIST:
            return pa.list_(arrow_type(dtype.items[0]))
        case Kind.MAP:
            return pa.map_(*map(arrow_type, dtype.items))
    raise NotImplementedError(f"no stored values of {dtype}")


def arrow_table(types: Mapping[str, DType], rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    """Rows as sources are read: null in place of NaN and infinity, maps in the order of keys."""
    columns = {}
    for name, dtype in types.items():
        values = [row[name] for row in rows]
        if dtype.kind is Kind.FLOAT:
            values = [None if is_unknown(v) else v for v in values]
        if dtype.kind is Kind.MAP:
            values = [None if v is None else sorted(v.items()) for v in values]
        columns[name] = pa.array(values, arrow_type(dtype))
    return pa.table(columns)


@dataclass
class Texts:
    """Statements of a program, by the way to ask; the program, so that none takes its place."""

    program: Program
    by_way: dict[Any, list[tuple[list[str], str]]] = field(default_factory=dict)


@dataclass
class Engine:
    """A connection, and the tables that it holds."""

    settings: Mapping[str, str] = field(default_factory=dict)
    connection: duckdb.DuckDBPyConnection = field(init=False)
    scans: dict[str, exp.Table] = field(default_factory=dict)
    texts: dict[int, Texts] = field(default_factory=dict)
    """By program; those that were asked last."""

    def __post_init__(self) -> None:
        self.connection = duckdb.connect(config={"threads": 1})
        self.connection.execute("set TimeZone = 'UTC'")
        for name, value in self.settings.items():
            self.connection.execute(f"set {name} = {value}")

    def load(self, program: Program, stored: Stored) -> None:
        """Give the sources of a program their rows."""
        self.scans = {}
        for i, (name, source) in enumerate(program.sources.items()):
            types = {c: t.dtype for c, t in source.columns.items()}
            self.give(f"stored_{i}", arrow_table(types, stored[name]))
            self.scans[name] = build.table(f"stored_{i}")

    def give(self, name: str, table: pa.Table) -> None:
        self.connection.register(name, table)

    def rows(self, query: exp.Expr | str, given: dict[str, Any] | None = None) -> list[Any]:
        text = query if isinstance(query, str) else query.sql("duckdb")
        return self.connection.execute(text, given).fetchall()

    def group(
        self,
        program: Program,
        name: str,
        as_of: datetime,
        how: str = "plain",
        *,
        population: bool = True,
    ) -> Table:
        """A group's values by key, in one of the ways to ask for them."""
        keys = len(program.entities[program.groups[name].entity].keys)
        found: Table = {}
        for features, text in self.statements(program, name, as_of, how, population=population):
            # Where nothing depends on time there is no parameter.
            given = {"as_of": as_of} if "$as_of" in text else None
            for row in self.rows(text, given):
                values = found.setdefault(row[:keys], {})
                values |= dict(zip(features, row[keys:], strict=True))
        return found

    def statements(
        self, program: Program, name: str, as_of: datetime, how: str, *, population: bool
    ) -> list[tuple[list[str], str]]:
        """Statements with the features that each gives; of a program that goes on, kept."""
        found = self.texts.pop(id(program), None) or Texts(program)
        self.texts[id(program)] = found
        if len(self.texts) > _PROGRAMS:
            self.texts.pop(next(iter(self.texts)))
        key = (name, how, population, None if how == "param" else as_of)
        if key not in found.by_way:
            group = program.groups[name]
            shorts = [f.short for f in sorted(group.features.values(), key=lambda f: f.index)]
            found.by_way[key] = [
                (features, self.statement(program, name, as_of, how, features, population))
                for features in ([[f] for f in shorts] if how == "subset" else [shorts])
            ]
        return found.by_way[key]

    def statement(
        self,
        program: Program,
        name: str,
        as_of: datetime,
        how: str,
        features: Sequence[str],
        population: bool,
    ) -> str:
        query = group_query(
            program,
            name,
            as_of="param" if how == "param" else as_of,
            features=features,
            scans=self.scans,
            population=population,
        )
        return query.sql("duckdb", pretty=how == "pretty", copy=False)

    def own_training(
        self, program: Program, dataset: str, *, population: bool = True
    ) -> list[dict[str, Any]]:
        """Rows of a training set over the data set's own spine, by column."""
        query = training_query(program, dataset, scans=self.scans, population=population)
        found = self.connection.execute(query.sql("duckdb"))
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def training(
        self,
        program: Program,
        dataset: str,
        spine: Spine,
        *,
        population: bool = True,
        until: datetime | None = None,
        audit: bool = False,
    ) -> list[Any]:
        """Rows of a training set over a spine; with the columns of the audit at the end."""
        entity = program.entities[spine.entity]
        names = [f"key_{i}" for i in range(len(entity.keys))]
        arrays = {"n": pa.array(range(len(spine.rows)), pa.int64())}
        arrays["extra"] = pa.array([r[0] for r in spine.rows], pa.string())
        for i, (name, key) in enumerate(zip(names, entity.keys, strict=True)):
            arrays[name] = pa.array([r[1 + i] for r in spine.rows], arrow_type(key.dtype))
        arrays["asked"] = pa.array([r[-1] for r in spine.rows], pa.timestamp("us"))
        self.give("spine", pa.table(arrays))
        query = training_query(
            program,
            dataset,
            spine=SpineTable(
                table=build.table("spine"),
                columns=("extra", *names, "asked"),
                keys=tuple(names),
                time="asked",
                row="n",
            ),
            scans=self.scans,
            population=population,
            until=None if until is None else dict.fromkeys(program.sources, until),
            audit=audit,
        )
        return self.rows(query)
