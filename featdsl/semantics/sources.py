"""Sources: columns, history, roles, what is dropped and what must hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from featdsl.diagnostics import catalog
from featdsl.ir.program import Drop, Keep, Role, Source, SourceColumn
from featdsl.ir.source import LockedColumns
from featdsl.semantics.attributes import meta
from featdsl.semantics.conditions import condition
from featdsl.semantics.environment import Budget, Env, Place
from featdsl.semantics.expectations import Output, expectations
from featdsl.semantics.fns import NODES
from featdsl.semantics.locations import location
from featdsl.semantics.locked import is_held, locked_columns, typed_columns
from featdsl.semantics.names import AS_OF, RowNames, reserved
from featdsl.semantics.project import Known
from featdsl.semantics.relation import ColumnInfo, RelationInfo
from featdsl.semantics.roles import role_columns
from featdsl.semantics.scope import Kind, Symbol, find
from featdsl.semantics.source_history import History, history
from featdsl.semantics.written_types import written_type
from featdsl.sources.registry import sources
from featdsl.syntax import nodes
from featdsl.types.dtype import DType

_ENTITY = frozenset({Kind.ENTITY})


def resolve_sources(env: Env, known: Known, locked: Mapping[str, LockedColumns] | None) -> None:
    """Sources of a namespace; `locked` has the columns of those that declare none."""
    for symbol in env.scope.of(Kind.SOURCE):
        if isinstance(symbol.decl, nodes.SourceDecl):
            _source(symbol.decl, symbol, env, known, locked)


def _source(
    decl: nodes.SourceDecl,
    symbol: Symbol,
    env: Env,
    known: Known,
    locked: Mapping[str, LockedColumns] | None,
) -> None:
    about = meta(decl, "source", env)
    where = location(decl, env)
    listed = decl.columns is not None
    read = None if listed else locked_columns(decl, symbol.full, where, locked, env)
    columns = _columns(decl, env) if read is None else typed_columns(decl, read, env)
    relation = _relation(decl, symbol, columns)
    known.relations[symbol.full] = relation
    found = history(decl, relation, env)
    _apply_history(decl, relation, found)
    relation.roles = _roles(decl, relation, env, known)
    at = env.moved(place=Place.SOURCE, names=RowNames(relation), as_of=False, budget=Budget(NODES))
    drops = _drops(decl, at)
    keep = _keep(decl, found.keep, at)
    checks = expectations(decl.expects, Output("source", relation), at)
    if where is None:
        return
    known.sources[symbol.full] = Source(
        name=symbol.full,
        meta=about,
        span=decl.span,
        name_span=decl.name.span,
        location=where,
        columns=columns,
        locked=read,
        key=found.key,
        time=found.time,
        ties=found.ties,
        available=found.available,
        keep=keep,
        valid=found.valid,
        snapshot=found.snapshot,
        roles=relation.roles,
        drops=drops,
        expectations=checks,
    )


def _columns(decl: nodes.SourceDecl, env: Env) -> dict[str, SourceColumn]:
    if decl.columns is None:
        return {}
    columns: dict[str, SourceColumn] = {}
    folded: dict[str, SourceColumn] = {}
    for column in decl.columns:
        name = column.name.text
        dtype = written_type(column.type, env.report)
        first = folded.get(name.lower())
        if first is not None:
            env.report(
                catalog.DUPLICATE_COLUMN.at(
                    column.name.span,
                    f"`{decl.name.text}` has the column `{name}` twice"
                    if name == first.name
                    else f"`{name}` and `{first.name}` differ in case only: engines read one name",
                ).because(first.span, "first declared here")
            )
        if name in columns:
            continue
        if name.lower() == AS_OF:
            env.report(
                catalog.RESERVED_NAME.at(column.name.span, reserved(name, "no column's name")).help(
                    "leave it out of `columns`, or rename it in the data"
                )
            )
        _check_held(decl, column, dtype, env)
        columns[name] = folded[name.lower()] = SourceColumn(
            name=name,
            dtype=dtype,
            required=column.required,
            pii=column.pii,
            description=column.description,
            span=column.name.span,
        )
    return columns


def _check_held(decl: nodes.SourceDecl, column: nodes.ColumnDecl, dtype: DType, env: Env) -> None:
    kind = None if decl.origin is None else sources().get(decl.origin.kind.text)
    if kind is None or dtype.is_error or is_held(dtype, kind.holds):
        return
    held = ", ".join(sorted(k.value for k in kind.holds))
    env.report(
        catalog.COLUMN_TYPE.at(
            column.type.span, f"a `{kind.name}` source cannot hold {dtype}"
        ).help(f"its columns can be {held}")
    )


def _relation(
    decl: nodes.SourceDecl, symbol: Symbol, columns: dict[str, SourceColumn]
) -> RelationInfo:
    broken = any(b.kind in ("column", "columns", "item") for b in decl.broken)
    end = None if decl.valid is None else decl.valid.end.text
    return RelationInfo(
        name=symbol.full,
        what="source",
        span=decl.name.span,
        open=(decl.columns is None and not columns) or broken,
        columns={
            name: ColumnInfo(
                name=name,
                dtype=c.dtype,
                nullable=not c.required,
                span=c.span,
                owner=symbol.full,
                pii=c.pii,
                unreadable=(
                    "at the as-of time the end of what is valid is not known yet"
                    if name == end
                    else None
                ),
            )
            for name, c in columns.items()
        },
    )


def _apply_history(decl: nodes.SourceDecl, relation: RelationInfo, found: History) -> None:
    """What groups need to know of a source's rows."""
    relation.time = found.time
    relation.order = (*found.ties, *(k for k in found.key if k not in found.ties))
    relation.delay = None if found.available is None else found.available.after
    relation.delay_span = found.delay_span
    relation.history = found.has_history
    relation.changes = any(c is not None for c in (found.keep, found.valid, found.snapshot))
    relation.identity = found.identity
    relation.unique_by = found.unique_by


def _roles(
    decl: nodes.SourceDecl, relation: RelationInfo, env: Env, known: Known
) -> tuple[Role, ...]:
    roles: list[Role] = []
    for item in decl.roles:
        symbol = find(item.entity, _ENTITY, env.scope, env.scopes, env.report)
        entity = None if symbol is None else known.entities.get(symbol.full)
        if entity is None:
            continue
        columns = role_columns(item.columns, entity, relation, item.span, env)
        if columns is None:
            relation.broken_roles.add(entity.name)
            continue
        role = Role(entity=entity.name, columns=columns)
        if role in roles:
            env.report(
                catalog.DUPLICATE_NAME.at(
                    item.span, f"the entity `{entity.short}` is named twice with the same columns"
                ).because(relation.role_spans[entity.name], "first named here")
            )
            continue
        relation.role_spans[entity.name] = item.span
        roles.append(role)
    return tuple(roles)


def _keep(decl: nodes.SourceDecl, keep: Keep | None, env: Env) -> Keep | None:
    """`keep` with its `removed when`."""
    if keep is None or decl.keep is None or decl.keep.removed_when is None:
        return keep
    value = condition(decl.keep.removed_when, env, "`removed when`")
    return keep if value.dtype.is_error else replace(keep, removed_when=value)


def _drops(decl: nodes.SourceDecl, env: Env) -> tuple[Drop, ...]:
    drops: list[Drop] = []
    for item in decl.drops:
        value = condition(item.condition, env, "`drop when`")
        if not value.dtype.is_error:
            drops.append(
                Drop(
                    condition=value,
                    because=None if item.because is None else item.because.value,
                    text=env.texts.slice(item.condition.span),
                    span=item.span,
                )
            )
    return tuple(drops)
