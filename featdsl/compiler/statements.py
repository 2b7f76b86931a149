"""SQL of a program: queries of groups and relations, and whole statements with a header."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Literal, TypeAlias

from sqlglot import exp

from featdsl import __version__
from featdsl.diagnostics import catalog
from featdsl.diagnostics.failure import Failure
from featdsl.ir import expr as ir
from featdsl.ir.program import Program, Source
from featdsl.ir.text import value_text
from featdsl.ir.visit import walk
from featdsl.lowering.statement import Scans, lower
from featdsl.planning.build import build, build_rows
from featdsl.planning.optimize import optimize
from featdsl.sources.registry import sources
from featdsl.sql import build as sql

AS_OF_PARAMETER = "as_of"


AsOf: TypeAlias = datetime | Literal["now", "param"]
"""Naive UTC; or the time at which the SQL runs; or the named parameter ``$as_of``."""


class Shape(StrEnum):
    """What a statement is."""

    SELECT = "select"
    VIEW = "view"
    TABLE = "table"


def as_of_expression(as_of: AsOf) -> exp.Expr:
    """The as-of time as SQL."""
    if as_of == "now":
        return sql.func("timezone", sql.text("UTC"), sql.func("now"))
    if as_of == "param":
        return exp.cast(exp.Placeholder(this=AS_OF_PARAMETER), exp.DataType.Type.TIMESTAMP)
    return sql.timestamp(as_of)


def group_query(
    program: Program,
    group: str,
    *,
    as_of: AsOf,
    features: Sequence[str] | None = None,
    scans: Mapping[str, exp.Table] | None = None,
    population: bool = True,
) -> exp.Select:
    """One SELECT for the features of a group at one as-of time, ordered by key.

    Args:
        program: The checked program.
        group: The group's full name.
        as_of: The as-of time, naive UTC, ``"now"`` or ``"param"``.
        features: Short names of what comes out; None for all. Columns are the entity's keys,
            then features in the order of the text.
        scans: Tables that hold the stored rows of sources, or given rows of views, by full
            name: exactly the declared columns in the declared types (timestamps without zone
            in UTC, null in place of NaN and infinity). A source without one is read by its kind.
        population: Whether the entity's population says which keys exist.
    """
    scans = scans or {}
    given = [name for name in scans if name in program.views]
    plan = build(
        program,
        group,
        features=features,
        given=given,
        population=population,
        reserved=table_names(scans),
    )
    plan = optimize(plan)
    return lower(
        plan,
        scan=scan_of(program, scans),
        as_of=as_of_expression(as_of),
        timezone=program.timezone,
    )


def relation_query(
    program: Program,
    name: str,
    *,
    as_of: AsOf,
    scans: Mapping[str, exp.Table] | None = None,
) -> exp.Select:
    """The rows of a source or view as seen at the as-of time, in no promised order."""
    scans = scans or {}
    given = [n for n in scans if n in program.views]
    plan = build_rows(program, name, given=given, reserved=table_names(scans))
    return lower(
        plan,
        scan=scan_of(program, scans),
        as_of=as_of_expression(as_of),
        timezone=program.timezone,
    )


def table_names(scans: Mapping[str, exp.Table]) -> frozenset[str]:
    """Names of tables that are read without a schema: a step called so would hide its table."""
    return frozenset(t.name for t in scans.values() if not t.db)


def scan_of(program: Program, scans: Mapping[str, exp.Table]) -> Scans:
    """Where rows are read: a given table, else the source itself by its kind."""

    def scan(name: str, columns: tuple[str, ...]) -> exp.Expr:
        if name in scans:
            return scans[name].copy()
        source = program.sources[name]
        return sources()[source.location.kind].scan(source, columns)

    return scan


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
) -> str:
    """A whole statement as text, with a header that says what it is and how to run it.

    Args:
        program: The checked program.
        group: The group's full name.
        as_of: The as-of time; a view or table cannot have a parameter.
        shape: What to make of the SELECT.
        features: Short names of what comes out; None for all.
        schema: Schema of the view or table, made where it is not there; None for the engine's
            current one.
        fingerprint: Of the group's meaning.
        files: Names of the `.feat` files it comes from.

    Raises:
        ValueError: a view or table with ``as_of="param"``.
        Failure: a secret parameter's value would stand in the text.
    """
    _refuse_secrets(program, group)
    query = group_query(program, group, as_of=as_of, features=features)
    statement: exp.Expr = query
    before = ""
    if shape is not Shape.SELECT:
        if as_of == "param":
            raise ValueError(f"a {shape} cannot have a parameter: an as-of time is needed")
        target = sql.table(program.groups[group].short)
        if schema is not None:
            target.set("db", sql.ident(schema))
            made = exp.Create(this=exp.Table(db=sql.ident(schema)), kind="SCHEMA", exists=True)
            before = f"{made.sql('duckdb')};\n"
        statement = exp.Create(
            this=target, kind=shape.value.upper(), replace=True, expression=query
        )
    lines = _header(program, group, as_of=as_of, fingerprint=fingerprint, files=files)
    header = "".join(f"-- {_one_line(line)}\n" for line in lines)
    return f"{header}{before}{statement.sql('duckdb', pretty=True)};\n"


def _refuse_secrets(program: Program, group: str) -> None:
    secret = [n for n in parameters_of(program, group) if program.params[n].secret]
    if secret:
        parameter = program.params[secret[0]]
        raise Failure(
            catalog.NOT_SUPPORTED.at(
                parameter.name_span,
                f"SQL of `{group}`, which would show the secret `{parameter.short}`: "
                "not yet supported",
            ).help("`featc run` computes it without showing the value")
        )


def _header(
    program: Program, group: str, *, as_of: AsOf, fingerprint: str, files: Sequence[str]
) -> list[str]:
    declared = program.groups[group]
    entity = program.entities[declared.entity]
    lines = [
        f"{declared.name}: {len(declared.features)} features of each {entity.short}",
        f"made by featc {__version__} from {', '.join(files) or 'text'}; edit that, not this",
    ]
    if fingerprint:
        lines.append(f"fingerprint {fingerprint}")
    used = parameters_of(program, group)
    if used:
        shown = (
            f"{p.short} = {'***' if p.secret else value_text(p.value)} ({p.origin})"
            for p in map(program.params.__getitem__, used)
        )
        lines.append(f"parameters: {', '.join(shown)}")
    match as_of:
        case "now":
            lines.append("as of: the time at which it runs")
        case "param":
            lines.append("as of: the parameter $as_of, a timestamp in UTC")
        case _:
            lines.append(f"as of: {as_of.isoformat(sep=' ')} UTC")
    lines.append("times are UTC: run it after SET TimeZone = 'UTC'")
    lines.append("files are named from the project's data folder on: run it there")
    return lines


def _one_line(text: str) -> str:
    """Text that cannot leave its comment."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def parameters_of(program: Program, group: str) -> list[str]:
    """Full names of the parameters that a group's values rest on, in the order declared."""
    short = {
        node.name
        for e in expressions_of(program, group)
        for node in walk(e)
        if isinstance(node, ir.Param)
    }
    return [name for name, p in program.params.items() if p.short in short or name in short]


def expressions_of(program: Program, group: str) -> Iterator[ir.Expr]:
    """Every expression that a group's values rest on: its features', and its relation's."""
    for feature in program.groups[group].features.values():
        yield feature.expr
    yield from _relation_expressions(program, program.groups[group].relation)


def _relation_expressions(program: Program, name: str) -> Iterator[ir.Expr]:
    relation = program.relation(name)
    if isinstance(relation, Source):
        yield from (d.condition for d in relation.drops)
        return
    for join in relation.joins:
        yield from (e for e, _ in join.on)
        yield from () if join.residual is None else (join.residual,)
        yield from _relation_expressions(program, join.source)
    yield from (let.value for let in relation.lets)
    yield from () if relation.where is None else (relation.where,)
    yield from _relation_expressions(program, relation.left)
