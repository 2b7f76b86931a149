"""Entities: their keys, and where their population comes from."""

from __future__ import annotations

from dataclasses import replace

from featdsl.diagnostics import catalog
from featdsl.ir.program import Entity, EntityKey
from featdsl.semantics.attributes import meta
from featdsl.semantics.environment import Env
from featdsl.semantics.names import AS_OF, reserved
from featdsl.semantics.project import Known
from featdsl.semantics.scope import RELATIONS, Kind, Symbol, find
from featdsl.semantics.written_types import written_type
from featdsl.syntax import nodes
from featdsl.text.span import Span
from featdsl.types.dtype import Kind as TypeKind

_KEY_TYPES = frozenset(
    {TypeKind.INT, TypeKind.TEXT, TypeKind.DATE, TypeKind.TIMESTAMP, TypeKind.BOOL}
)


def resolve_entities(env: Env, known: Known) -> None:
    """Entities with their keys; populations follow when sources are known."""
    for symbol in env.scope.of(Kind.ENTITY):
        if isinstance(symbol.decl, nodes.EntityDecl):
            _entity(symbol.decl, symbol, env, known)


def _entity(decl: nodes.EntityDecl, symbol: Symbol, env: Env, known: Known) -> None:
    about = meta(decl, "entity", env)
    if decl.broken:
        symbol.poisoned = True
        return
    keys: list[EntityKey] = []
    seen: dict[str, Span] = {}
    for key in decl.keys:
        dtype = written_type(key.type, env.report)
        first = seen.setdefault(key.name.text.lower(), key.name.span)
        if first is not key.name.span:
            env.report(
                catalog.DUPLICATE_COLUMN.at(
                    key.name.span, f"`{key.name.text}` is a key of `{symbol.name}` twice"
                ).because(first, "first here")
            )
            continue
        if key.name.text.lower() == AS_OF:
            env.report(
                catalog.RESERVED_NAME.at(
                    key.name.span, reserved(key.name.text, "no key's name")
                ).help("give the key a name of its own")
            )
            symbol.poisoned = True
        if not dtype.is_error and dtype.kind not in _KEY_TYPES:
            env.report(
                catalog.KEY_TYPE.at(
                    key.type.span, f"a key cannot be {dtype}: its values are not told apart safely"
                ).help("keys are int, text, date, timestamp or bool")
            )
            symbol.poisoned = True
        symbol.poisoned = symbol.poisoned or dtype.is_error
        keys.append(EntityKey(name=key.name.text, dtype=dtype))
    known.entities[symbol.full] = Entity(
        name=symbol.full,
        meta=about,
        span=decl.span,
        name_span=decl.name.span,
        keys=tuple(keys),
        population=None,
    )


def resolve_populations(env: Env, known: Known) -> None:
    """The source after an entity's ``from``."""
    for symbol in env.scope.of(Kind.ENTITY):
        decl = symbol.decl
        entity = known.entities.get(symbol.full)
        if not isinstance(decl, nodes.EntityDecl) or entity is None or decl.population is None:
            continue
        name = decl.population
        if not entity.keys:
            env.report(
                catalog.CLAUSE_WITHOUT_EFFECT.at(
                    name.span, f"`from` has no effect: `{entity.short}` has no key to list"
                ).help("an entity without a key is one, and always there: leave `from` out")
            )
            continue
        source = find(name, RELATIONS, env.scope, env.scopes, env.report)
        if source is None:
            continue
        relation = known.relations.get(source.full)
        if relation is None:
            if source.kind is Kind.VIEW and not source.poisoned:
                _report_late(name, symbol, source, env)
            continue
        if any(r.entity == entity.name for r in relation.roles):
            known.entities[symbol.full] = replace(entity, population=source.full)
        elif not relation.open and entity.name not in relation.broken_roles:
            _report_role(name, symbol, source, env)


def _report_late(name: nodes.Name, symbol: Symbol, view: Symbol, env: Env) -> None:
    """Who exists is known before any feature is: features are of those that exist."""
    env.report(
        catalog.POPULATION_OF_FEATURES.at(
            name.span, f"`{view.name}` reads features, and is to say which `{symbol.name}` exists"
        )
        .because(view.span, "declared here, with `via`")
        .help("list them in a source, or in a view without `via`")
    )


def _report_role(name: nodes.Name, symbol: Symbol, source: Symbol, env: Env) -> None:
    env.report(
        catalog.NO_ROLE.at(name.span, f"`{source.name}` does not name the entity `{symbol.name}`")
        .because(source.span, "declared here")
        .help(f"add `entity {symbol.name}` to `{source.name}`")
    )
