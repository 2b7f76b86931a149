"""SQL of a program: queries of groups and relations, and what their values rest on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Literal, TypeAlias

from sqlglot import exp

from featdsl.ir import expr as ir
from featdsl.ir.program import Join, Program
from featdsl.ir.refs import groups_behind, looked_in, relation_expressions
from featdsl.ir.visit import walk
from featdsl.lowering.statement import lower
from featdsl.lowering.step_values import Scans
from featdsl.planning.build import build, build_matches, build_rows, build_seen
from featdsl.planning.optimize import optimize
from featdsl.planning.steps import Sight
from featdsl.sources.registry import sources
from featdsl.sql import build as sql

AS_OF_PARAMETER = "as_of"


AsOf: TypeAlias = datetime | Literal["now", "param"]
"""Naive UTC; or the time at which the SQL runs; or the named parameter ``$as_of``."""


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
    unlisted: Iterable[str] = (),
    reserved: Iterable[str] = (),
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
        unlisted: Other entities whose population does not say so.
        reserved: Names that no step may have, beside those of scanned tables.
    """
    scans = scans or {}
    given = [name for name in scans if name in program.views]
    plan = build(
        program,
        group,
        features=features,
        given=given,
        unlisted=unlisted if population else (*unlisted, program.groups[group].entity),
        reserved=table_names(scans).union(reserved),
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


SEEN_FROM, SEEN_TO = "featc_from", "featc_to"
"""Of `seen_query`: the times between which a row is seen, the first of them included."""


def seen_query(
    program: Program, source: str, *, as_of: AsOf, scans: Mapping[str, exp.Table] | None = None
) -> exp.Select:
    """The rows of a source that changes that are seen at some time up to the as-of time."""
    scans = scans or {}
    plan = build_seen(program, source, start=SEEN_FROM, end=SEEN_TO, reserved=table_names(scans))
    return lower(
        plan,
        scan=scan_of(program, scans),
        as_of=as_of_expression(as_of),
        timezone=program.timezone,
    )


MATCHED = "featc_row"
"""Of `matches_query`: the number of a left row."""
SINCE = "featc_since"
"""Of `matches_query`: from when on a left row is joined with what it matches."""


def matches_query(
    program: Program,
    view: str,
    join: Join,
    *,
    as_of: AsOf,
    sight: Sight = Sight.AS_OF,
    at: ir.Expr | None = None,
    scans: Mapping[str, exp.Table] | None = None,
) -> exp.Select:
    """The number of each left row of a join and `SINCE`, once for each right row that matches it.

    Left rows are those seen at the as-of time, with the joins before this one; with
    `Sight.EVERY` all that are seen at some time up to then, with `Sight.STORED` all, ``at`` as in
    `build_matches`.
    """
    scans = scans or {}
    plan = build_matches(
        program,
        view,
        join,
        row=MATCHED,
        sight=sight,
        at=at,
        since=SINCE,
        given=[n for n in scans if n in program.views],
        reserved=table_names(scans),
    )
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


def parameters_of(program: Program, group: str) -> list[str]:
    """Full names of the parameters that a group's values rest on, in the order declared."""
    used = {
        node.name
        for e in expressions_of(program, group)
        for node in walk(e)
        if isinstance(node, ir.Param)
    }
    return [name for name in program.params if name in used]


def expressions_of(program: Program, group: str) -> Iterator[ir.Expr]:
    """Every expression that a group's values rest on: of features, and of their rows."""
    relations: dict[str, None] = {}
    for behind in groups_behind(program, [group]):
        for feature in behind.members.values():
            yield feature.expr
        if behind.relation is not None:
            relations[behind.relation] = None
        relations.update(dict.fromkeys(looked_in(behind)))
        population = program.entities[behind.entity].population
        if population is not None and behind.name != group:
            relations[population] = None
    for relation in relations:
        yield from relation_expressions(program, relation)
