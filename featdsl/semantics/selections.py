"""Selections: what `g.*` and `g.f` of data sets and consumers stand for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from featdsl.diagnostics import catalog
from featdsl.diagnostics.suggest import did_you_mean
from featdsl.ir.program import Feature, Group
from featdsl.semantics.environment import Env
from featdsl.semantics.members import Members
from featdsl.semantics.names import report_leak, report_leaks
from featdsl.semantics.project import Known
from featdsl.semantics.scope import Kind, Symbol, find, listed, report_private
from featdsl.syntax import nodes

_WORDS = {Kind.FEATURES: "feature", Kind.LABELS: "label"}


@dataclass(frozen=True, slots=True)
class Selected:
    """Members of one group, in the order of the text.

    ``whole`` is False where some are not known: they were reported, or did not parse.
    """

    group: Group
    features: tuple[Feature, ...]
    whole: bool


def select(item: nodes.Selector, env: Env, known: Known) -> Selected | None:
    """The features that ``g.*`` or ``g.f`` names; None where it was reported."""
    if not item.star:
        return one_of(item.path, Kind.FEATURES, env, known)
    if _report_labels(item.path, item.path.parts, env, known):
        return None
    symbol = find(item.path, frozenset({Kind.FEATURES}), env.scope, env.scopes, env.report)
    group = None if symbol is None else known.groups.get(symbol.full)
    if symbol is None or group is None:
        return None
    states = known.features[symbol.full]
    whole = all(states.values()) and symbol.full not in known.incomplete
    features = sorted(group.members.values(), key=lambda f: f.index)
    return Selected(group, tuple(f for f in features if not _set_apart(f, group)), whole)


def _set_apart(feature: Feature, group: Group) -> bool:
    """Whether `*` leaves it out: it is private or deprecated, itself or with its group."""
    return any(m.private or m.deprecated is not None for m in (feature.meta, group.meta))


def one_of(path: nodes.Name, kind: Kind, env: Env, known: Known) -> Selected | None:
    """The one feature, or label, of ``g.f``; None where it was reported."""
    if len(path.parts) == 1:
        _report_bare(path, kind, env, known)
        return None
    if kind is Kind.FEATURES and _report_labels(path, path.parts[:-1], env, known):
        return None
    place = path.parts[0].span.to(path.parts[-2].span)
    group_path = nodes.Name(span=place, parts=path.parts[:-1])
    symbol = find(group_path, frozenset({kind}), env.scope, env.scopes, env.report)
    return None if symbol is None else member_of(path, symbol, env, known)


def member_of(path: nodes.Name, symbol: Symbol, env: Env, known: Known) -> Selected | None:
    """The member of a group that the last part of a path names."""
    name = path.parts[-1].text
    group = (known.labels if symbol.kind is Kind.LABELS else known.groups).get(symbol.full)
    members = known.members.get(symbol.full)
    if members is None:
        return None
    if name in members.members and _may_see(path, symbol, members, env):
        feature = None if group is None else group.members.get(f"{symbol.full}.{name}")
        if group is None or feature is None:
            return None
        return Selected(group, (feature,), True)
    word = _WORDS[symbol.kind]
    if name in members.members:
        return None
    if name in members.families:
        shown = [f"`{symbol.name}.{m}`" for m in members.families[name].values()]
        env.report(
            catalog.FAMILY_MEMBER.at(
                path.span, f"`{name}` is a family of {len(shown)} {word}s, and one is needed here"
            ).help(f"its members are {listed(shown, last='and')}")
        )
    elif symbol.full not in known.incomplete:
        env.report(
            catalog.UNKNOWN_FEATURE.at(
                path.span, f"there is no {word} `{name}` in group `{symbol.name}`"
            ).help(did_you_mean(name, members.members, what=f"{word}s"))
        )
    return None


def _may_see(path: nodes.Name, symbol: Symbol, members: Members, env: Env) -> bool:
    """Whether a member is seen from here; reports one that is private to its namespace."""
    decl = members.members[path.parts[-1].text].decl
    if symbol.namespace == env.scope.namespace or not decl.private:
        return True
    word = _WORDS[symbol.kind]
    report_private(
        f"the {word} `{path.text}`", symbol.namespace, decl.name.span, path.span, env.report
    )
    return False


def _report_labels(
    path: nodes.Name, group: tuple[nodes.Ident, ...], env: Env, known: Known
) -> bool:
    """Whether the group is one of labels, which are no features."""
    symbol = env.scopes.seek(group, env.scope)
    if symbol is None or symbol.kind is not Kind.LABELS:
        return False
    symbol.used = True
    if not symbol.poisoned:
        _report_leak(path, path.parts[len(group) :], symbol, env, known)
    return True


def _report_leak(
    path: nodes.Name, label: tuple[nodes.Ident, ...], group: Symbol, env: Env, known: Known
) -> None:
    """A label of a group, or, where it is no one label, the labels that it may mean."""
    members = known.members.get(group.full)
    name = label[0].text if label else None
    if members is None or name in members.members:
        shown = group.name if name is None else f"{group.name}.{name}"
        place = group.span if name is None else env.scopes.label_place(group, name)
        report_leak(shown, path.span, place, env)
    elif name in members.families:
        report_leaks(group, members.families[name].values(), path.span, env)
    else:
        report_leaks(group, members.members, path.span, env)


def _report_bare(path: nodes.Name, kind: Kind, env: Env, known: Known) -> None:
    """A name without its group."""
    text, word = path.text, _WORDS[kind]
    symbol = env.scope.symbol(text, path.span)
    if symbol is not None and symbol.kind is kind:
        symbol.used = True
        if not symbol.poisoned:
            takes = f"`{text}.*` takes all of its features" if kind is Kind.FEATURES else None
            env.report(
                catalog.WRONG_KIND.at(path.span, f"`{text}` is a {kind.value}, not one {word}")
                .because(symbol.span, "declared here")
                .help(takes or f"name one of its labels: `{text}.label`")
            )
        return
    if symbol is not None and kind is Kind.FEATURES and symbol.kind is Kind.LABELS:
        _report_labels(path, path.parts, env, known)
        return
    if kind is Kind.FEATURES and text in env.scope.labels:
        report_leak(text, path.span, env.scope.labels[text], env)
        return
    if symbol is not None and symbol.poisoned:
        return
    owners = list(_owners(text, kind, path, env, known))
    env.report(
        catalog.UNKNOWN_FEATURE.at(
            path.span, f"`{text}` names no {word}: a {word} is named with its group"
        ).help(f"did you mean `{owners[0]}.{text}`?" if owners else None)
    )


def _owners(text: str, kind: Kind, path: nodes.Name, env: Env, known: Known) -> Iterator[str]:
    for symbol in env.scope.visible(path.span.source, kind):
        members = known.members.get(symbol.full)
        if members is not None and text in members.members:
            yield symbol.name
