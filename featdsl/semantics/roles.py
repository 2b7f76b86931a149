"""Roles: the columns of a relation that hold an entity's key."""

from __future__ import annotations

from collections.abc import Sequence

from featdsl.diagnostics import catalog
from featdsl.diagnostics.suggest import did_you_mean
from featdsl.ir.program import Entity, Role
from featdsl.semantics.environment import Env
from featdsl.semantics.relation import ColumnInfo, RelationInfo
from featdsl.syntax import nodes
from featdsl.text.span import Span
from featdsl.types.dtype import common, fit_together


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
            )
            .because(entity.name_span, "declared here")
            .help(
                f"name a column for each key, in this order: "
                f"`entity {entity.short} ({', '.join(k.name for k in entity.keys)})`"
                if entity.keys
                else f"it has no key: write `entity {entity.short}` without columns"
            )
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


def entity_role(
    entity: Entity, relation: RelationInfo, span: Span, env: Env, *, written: bool = True
) -> Role | None:
    """The relation's one role of an entity; None where it has none or several.

    Columns named as the keys need no word in the source. ``written`` is False where a role
    cannot be picked: help then does not say how.
    """
    roles = [r for r in relation.roles if r.entity == entity.name]
    if len(roles) == 1:
        return roles[0]
    if len(roles) > 1:
        _report_several(roles, entity, relation, span, env, written=written)
        return None
    if relation.open or entity.name in relation.broken_roles:
        return None
    if all(k.name in relation.columns for k in entity.keys):
        columns = role_columns((), entity, relation, span, env)
        return None if columns is None else Role(entity=entity.name, columns=columns)
    found = catalog.NO_ROLE.at(
        span, f"`{relation.short}` does not name the entity `{entity.short}`"
    ).because(relation.span, "declared here")
    pick = f", or write `for {entity.short}(column)`" if written else ""
    env.report(found.help(f"add `entity {entity.short}` to the source{pick}"))
    return None


def _report_several(
    roles: Sequence[Role],
    entity: Entity,
    relation: RelationInfo,
    span: Span,
    env: Env,
    *,
    written: bool,
) -> None:
    shown = " or ".join(f"`{entity.short}({', '.join(r.columns)})`" for r in roles)
    found = catalog.NO_ROLE.at(
        span, f"`{relation.short}` names the entity `{entity.short}` {len(roles)} times"
    )
    if written:
        env.report(found.help(f"pick one: {shown}"))
        return
    env.report(
        found.because(relation.span, "declared here").help(
            f"declare another source over the same data that names `{entity.short}` once"
        )
    )


def _fits(info: ColumnInfo, same: bool, key: object, place: Span, entity: Entity, env: Env) -> bool:
    if same or info.dtype.is_error:
        return True
    dtype = next(k.dtype for k in entity.keys if k is key)
    both = common(info.dtype, dtype)
    alike = both is not None and fit_together(info.dtype, dtype)
    if alike and info.dtype.kind is dtype.kind:
        return True
    env.report(
        catalog.KEY_TYPE.at(
            place, f"the key of `{entity.short}` is {dtype}, the column `{info.name}` {info.dtype}"
        )
        .because(info.span, "the column is declared here")
        .because(entity.name_span, "the entity is declared here")
        .help("declare both as one type")
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
