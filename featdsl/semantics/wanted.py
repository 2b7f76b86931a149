"""Wanted features: what someone asked for, until a feature of that name is declared."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from featdsl.diagnostics import catalog
from featdsl.diagnostics.suggest import did_you_mean
from featdsl.ir.program import Group, Wanted, WantedStatus
from featdsl.semantics.attributes import meta
from featdsl.semantics.environment import Env
from featdsl.semantics.project import Known
from featdsl.semantics.scope import Kind, find
from featdsl.syntax import nodes
from featdsl.text.span import Span

_ENTITY = frozenset({Kind.ENTITY})
_WRITTEN = tuple(s.value for s in WantedStatus if s is not WantedStatus.DONE)


def resolve_wanted(env: Env, known: Known) -> None:
    """Wanted features of a namespace; one that is declared by now is done."""
    places: dict[str, Span] = {}
    for module in env.scope.modules:
        for decl in module.decls:
            if not isinstance(decl, nodes.WantedDecl):
                continue
            name = decl.name.text
            first = places.setdefault(name, decl.name.span)
            if first is not decl.name.span:
                env.report(
                    catalog.DUPLICATE_NAME.at(decl.name.span, f"`{name}` is asked for twice")
                    .because(first, "the other is here")
                    .help("make one of the two")
                )
                continue
            _wanted(decl, env, known)


def _wanted(decl: nodes.WantedDecl, env: Env, known: Known) -> None:
    about = meta(decl, "wanted feature", env)
    found = find(decl.entity, _ENTITY, env.scope, env.scopes, env.report)
    status = _status(decl, env)
    since = decl.attribute("since")
    asked = decl.attribute("by")
    entity = None if found is None else known.entities.get(found.full)
    if entity is None or status is None or decl.broken:
        return
    features = tuple(_declared(decl.name.text, entity.name, known.groups))
    name = f"{env.scope.namespace}.{decl.name.text}"
    known.wanted[name] = Wanted(
        name=name,
        meta=about,
        span=decl.span,
        name_span=decl.name.span,
        entity=entity.name,
        by=_text(asked),
        since=_date(since),
        status=WantedStatus.DONE if features else status,
        because=_because(decl),
        features=features,
    )


def _status(decl: nodes.WantedDecl, env: Env) -> WantedStatus | None:
    """What was decided; open where nothing is written, None where it was reported."""
    item = decl.status
    if item is None:
        return WantedStatus.OPEN
    word = item.state.text
    if word not in _WRITTEN:
        env.report(
            catalog.ATTRIBUTE_VALUE.at(
                item.state.span, f"the status of what is wanted is not `{word}`"
            ).help(did_you_mean(word, _WRITTEN, what="statuses"))
        )
        return None
    if word == WantedStatus.DECLINED and _because(decl) is None:
        env.report(
            catalog.MISSING_ITEM.at(
                item.span, f"`{decl.name.text}` is declined, and nothing says why"
            ).help('say it: `status declined because "…"`')
        )
        return None
    return WantedStatus(word)


def _because(decl: nodes.WantedDecl) -> str | None:
    because = None if decl.status is None else decl.status.because
    return None if because is None or not because.value.strip() else because.value


def _declared(name: str, entity: str, groups: Mapping[str, Group]) -> list[str]:
    """Features of that name, or members of that family, about the entity."""
    return [
        feature.name
        for group in groups.values()
        if group.entity == entity
        for feature in sorted(group.members.values(), key=lambda f: f.index)
        if name in (feature.short, feature.family)
    ]


def _text(attribute: nodes.Attribute | None) -> str | None:
    value = None if attribute is None else attribute.value
    return value.value if isinstance(value, nodes.StringLit) else None


def _date(attribute: nodes.Attribute | None) -> date | None:
    value = None if attribute is None else attribute.value
    return value.value.date() if isinstance(value, nodes.InstantLit) else None
