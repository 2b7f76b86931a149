"""Spines: the rows of a data set, before it has features."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from featdsl.diagnostics import catalog
from featdsl.diagnostics.suggest import did_you_mean
from featdsl.ir.dataset import is_shown
from featdsl.ir.program import Entity, SourceColumn, Spine, SpineGrid, SpineRows
from featdsl.semantics.environment import Env
from featdsl.semantics.moments import Moment, moment
from featdsl.semantics.names import AS_OF
from featdsl.semantics.project import Known
from featdsl.semantics.relation import ColumnInfo, RelationInfo
from featdsl.semantics.roles import entity_role
from featdsl.semantics.scope import RELATIONS, find, listed
from featdsl.semantics.windows import shortest
from featdsl.syntax import nodes
from featdsl.text.span import Span
from featdsl.types.dtype import TIMESTAMP, DType
from featdsl.types.dtype import Kind as TypeKind

_TIMES = frozenset({TypeKind.DATE, TypeKind.TIMESTAMP})
TIMES = 10_000
"""Times that a grid may have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpineInfo:
    """A spine, and its columns of the output; ``relation`` is its rows', where they are some."""

    spine: Spine | None
    columns: Mapping[str, ColumnInfo]
    relation: RelationInfo | None = None


def resolve_spine(
    decl: nodes.DatasetDecl, entity: Entity, env: Env, known: Known
) -> SpineInfo | None:
    """The spine of a data set; None where it was reported."""
    match decl.spine:
        case nodes.SpineRows() as rows:
            return _rows(rows, entity, env, known)
        case nodes.SpineGrid() as grid:
            spine = _grid(grid, entity, env)
            return None if spine is None else SpineInfo(spine=spine, columns=_keys(entity, grid))
    if any(b.kind == "item" for b in decl.broken):
        return None
    return SpineInfo(spine=None, columns=_keys(entity, decl.name))


def _keys(entity: Entity, at: nodes.Node) -> dict[str, ColumnInfo]:
    """What rows without a source are: the entity's keys and the as-of time."""
    made = {k.name: _made(k.name, k.dtype, entity.name_span, entity.name) for k in entity.keys}
    return made | {AS_OF: _made(AS_OF, TIMESTAMP, at.span, entity.name)}


def _made(name: str, dtype: DType, span: Span, owner: str) -> ColumnInfo:
    return ColumnInfo(name=name, dtype=dtype, nullable=True, span=span, owner=owner)


def _rows(item: nodes.SpineRows, entity: Entity, env: Env, known: Known) -> SpineInfo | None:
    symbol = find(item.source, RELATIONS, env.scope, env.scopes, env.report)
    if symbol is None:
        return None
    relation = known.relations.get(symbol.full)
    if relation is None:
        return None
    role = entity_role(entity, relation, item.source.span, env, written=False)
    timed = _check_time(item.at, relation, env)
    if role is None or not timed or relation.open:
        return None
    keys = role.columns
    own = {*keys, item.at.text}
    columns = {n: c for n, c in relation.columns.items() if n in own or is_shown(c.dtype, c.pii)}
    stored = _stored_columns(symbol.full, relation, known)
    spine = SpineRows(source=symbol.full, at=item.at.text, keys=keys, columns=stored)
    return SpineInfo(spine=spine, columns=columns, relation=relation)


def _stored_columns(name: str, relation: RelationInfo, known: Known) -> tuple[SourceColumn, ...]:
    """The columns that the rows have under a bare name, as declared or as a view makes them."""
    source = known.sources.get(name)
    if source is not None:
        return tuple(source.columns.values())
    return tuple(
        SourceColumn(
            name=column.name,
            dtype=column.dtype,
            required=not column.nullable,
            pii=column.pii,
            span=column.span,
        )
        for column in relation.columns.values()
    )


def _check_time(at: nodes.Ident, relation: RelationInfo, env: Env) -> bool:
    info = relation.columns.get(at.text)
    if info is None:
        if not relation.open:
            env.report(
                catalog.UNKNOWN_COLUMN.at(at.span, f"`{relation.short}` has no column `{at.text}`")
                .because(relation.span, "declared here")
                .help(did_you_mean(at.text, relation.columns, what="columns"))
            )
        return False
    if info.dtype.kind in _TIMES or info.dtype.is_error:
        return not info.dtype.is_error
    env.report(
        catalog.TIME_COLUMN.at(
            at.span,
            f"the as-of time of a spine is a timestamp or date, `{at.text}` is {info.dtype}",
        )
        .because(info.span, "declared here")
        .help(_times_help(at, relation))
    )
    return False


def _times_help(at: nodes.Ident, relation: RelationInfo) -> str:
    """The columns that could be the as-of time, or how to have one."""
    times = [f"`{n}`" for n, c in relation.columns.items() if c.dtype.kind in _TIMES]
    if not times:
        return f"declare `{at.text}` as `timestamp`, or take a grid: `spine every 7d from … to …`"
    return f"columns of `{relation.short}` that hold times: {listed(times, last='and')}"


def _grid(item: nodes.SpineGrid, entity: Entity, env: Env) -> SpineGrid | None:
    start, end = moment(item.start, env), moment(item.end, env)
    populated = _check_population(item, entity, env)
    sampled = _check_sample(item, env)
    if start is None or end is None or not _check_times(item, start, end, env):
        return None
    if not populated or not sampled:
        return None
    return SpineGrid(
        every=item.every.value,
        start=start.value,
        end=end.value,
        sample=item.sample,
        written=(start.written, end.written),
    )


def _check_population(item: nodes.SpineGrid, entity: Entity, env: Env) -> bool:
    if entity.population is not None or not entity.keys:
        return True
    scope = env.scopes.by_namespace[entity.name.rpartition(".")[0]]
    declared = getattr(scope.symbols[entity.short].decl, "population", None)
    if declared is None:  # else it was reported
        env.report(
            catalog.GRID_WITHOUT_POPULATION.at(
                item.span, f"the entity `{entity.short}` does not say which keys exist"
            )
            .because(entity.name_span, "declared here, without `from`")
            .help("name the source that lists them: `entity e { key …  from source }`")
            .help("or take a spine's rows from a source: `spine source at column`")
        )
    return False


def _check_sample(item: nodes.SpineGrid, env: Env) -> bool:
    if item.sample is None or 0 < item.sample <= 1:
        return True
    env.report(
        catalog.BAD_CONSTANT.at(
            item.span, "a sample is more than 0% and at most 100% of the rows"
        ).help("`sample 10%` takes a tenth of them; leave it out to take all")
    )
    return False


def _check_times(item: nodes.SpineGrid, start: Moment, end: Moment, env: Env) -> bool:
    every = item.every.value
    if shortest(every) <= 0:
        env.report(
            catalog.BAD_CONSTANT.at(item.every.span, "a spine's step has no length").help(
                "a step is the time from one row of a key to the next: `every 7d`"
            )
        )
        return False
    if start.value > end.value:
        env.report(
            catalog.BAD_CONSTANT.at(item.end.span, "the spine ends before it starts")
            .because(item.start.span, "it starts here")
            .help(f"the earlier time comes first: `from {end.written} to {start.written}`")
        )
        return False
    try:
        many = every.later(start.value, TIMES) <= end.value
    except OverflowError:
        many = False
    if many:
        env.report(
            catalog.BAD_CONSTANT.at(item.span, f"the spine has more than {TIMES:,} times").help(
                "take longer steps, or a shorter time"
            )
        )
    return not many
