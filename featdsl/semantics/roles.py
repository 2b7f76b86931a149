"""Roles: the columns of a relation that hold an entity's key."""

from __future__ import annotations

from collections.abc import Sequence

from featdsl.diagnostics import catalog
from featdsl.diagnostics.suggest import did_you_mean
from featdsl.ir.program import Entity
from featdsl.semantics.environment import Env
from featdsl.semantics.relation import ColumnInfo, RelationInfo
from featdsl.syntax import nodes
from featdsl.text.span import Span
from featdsl.types.dtype import common


def role_columns(
    written: Sequence[nodes.Ident],
    entity: Entity,
    relation: RelationInfo,
    span: Span,
    env: Env,
) -> tuple[str, ...] | None:
    """Columns for each key of the entity, in the order of the keys; None where one is wrong.

    Without written columns they are those named as the keys.
    """
    names = [(i.text, i.span) for i in written] or [(k.name, span) for k in entity.keys]
    if len(names) != len(entity.keys):
        n = len(entity.keys)
        env.report(
            catalog.KEY_COLUMNS.at(
                span, f"`{entity.short}` has {n} key{'s' * (n != 1)}, here are {len(names)} columns"
            ).because(entity.name_span, "declared here")
        )
        return None
    for (name, place), key in zip(names, entity.keys, strict=True):
        info = relation.columns.get(name)
        if info is None:
            if not relation.open:
                _report_missing(name, place, bool(written), entity, relation, env)
                return None
        elif not _fits(info, key.dtype == info.dtype, key, place, entity, env):
            return None
    return tuple(name for name, _ in names)


def _fits(info: ColumnInfo, same: bool, key: object, place: Span, entity: Entity, env: Env) -> bool:
    if same or info.dtype.is_error:
        return True
    dtype = next(k.dtype for k in entity.keys if k is key)
    both = common(info.dtype, dtype)
    if both is not None and info.dtype.kind is dtype.kind:
        return True
    env.report(
        catalog.KEY_TYPE.at(
            place, f"the key of `{entity.short}` is {dtype}, the column `{info.name}` {info.dtype}"
        )
        .because(info.span, "the column is declared here")
        .because(entity.name_span, "the entity is declared here")
    )
    return False


def _report_missing(
    name: str, place: Span, written: bool, entity: Entity, relation: RelationInfo, env: Env
) -> None:
    found = catalog.UNKNOWN_COLUMN.at(
        place, f"`{relation.short}` has no column `{name}` for the key of `{entity.short}`"
    ).because(relation.span, f"`{relation.short}` has {len(relation.columns)} columns")
    if not written:
        found = found.help(f"name the column that holds it: `entity {entity.short} (column)`")
    env.report(found.help(did_you_mean(name, relation.columns, what="columns")))
