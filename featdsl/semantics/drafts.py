"""Groups under way: what each of their features needs, before any is resolved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from featdsl.aggregates.registry import aggregates
from featdsl.diagnostics.model import Diagnostic
from featdsl.ir import expr as ir
from featdsl.ir.program import Feature, Meta
from featdsl.semantics import references
from featdsl.semantics.environment import Env
from featdsl.semantics.feature_names import GroupNames, in_family, reference
from featdsl.semantics.later import LATER_AGGREGATES
from featdsl.semantics.members import GroupDecl, Member
from featdsl.semantics.name_patterns import pattern_text
from featdsl.semantics.order import Graph, cycle_diagnostic
from featdsl.semantics.scope import Symbol
from featdsl.semantics.views import LateView
from featdsl.syntax import nodes
from featdsl.text.names import short_name
from featdsl.text.span import Span


@dataclass(slots=True)
class Draft:
    """A group under way: its names, and what its features are resolved with once it is begun."""

    symbol: Symbol
    decl: GroupDecl
    env: Env
    names: GroupNames
    about: Meta
    late: str | None = None
    begun: bool = False
    whole: bool = False
    rows: Env | None = None
    where: ir.Expr | None = None
    features: dict[str, Feature] = field(default_factory=dict)


def graph_of(
    drafts: Mapping[str, Draft], late: Mapping[str, LateView]
) -> dict[str, dict[str, Span]]:
    """For each feature, and each view that waits for some, what it needs, and where."""
    graph: dict[str, dict[str, Span]] = {}
    for full, view in late.items():
        graph[full] = dict(view.below)
        for at in view.looked_up:
            need = _feature_of(at.value, None, drafts, view.env)
            if need is not None:
                graph[full].setdefault(need, at.span)
    for full, draft in drafts.items():
        of_group = _vias(draft.decl.where, None, drafts, draft.env)
        if draft.late is not None and draft.decl.source is not None:
            of_group[draft.late] = draft.decl.source.span
        for name, member in draft.names.members.members.items():
            graph[f"{full}.{name}"] = {**_needs(member, draft, drafts), **of_group}
    return graph


def _needs(member: Member, draft: Draft, drafts: Mapping[str, Draft]) -> dict[str, Span]:
    """Features that a definition names, but for columns inside aggregates, and where."""
    found: dict[str, Span] = {}
    for node in (member.decl.value, member.decl.default):
        if node is None:
            continue
        for at in references.walk(node, _aggregate_names()):
            if isinstance(at, nodes.Name | nodes.Pattern):
                need = _feature_of(at, member, drafts, draft.env, draft.names)
                if need is not None:
                    found.setdefault(need, at.span)
    for node in (member.decl.value, member.decl.where, member.decl.default):
        for need, span in _vias(node, member, drafts, draft.env, draft.names).items():
            found.setdefault(need, span)
    return found


def _vias(
    node: nodes.Node | None,
    member: Member | None,
    drafts: Mapping[str, Draft],
    env: Env,
    names: GroupNames | None = None,
) -> dict[str, Span]:
    """Features of other things that are looked up anywhere in a text."""
    found: dict[str, Span] = {}
    for at in () if node is None else references.walk(node):
        if isinstance(at, nodes.Via):
            need = _feature_of(at.value, member, drafts, env, names)
            if need is not None:
                found.setdefault(need, at.span)
    return found


def _feature_of(
    at: nodes.Name | nodes.Pattern,
    member: Member | None,
    drafts: Mapping[str, Draft],
    env: Env,
    names: GroupNames | None = None,
) -> str | None:
    """The full name of the feature that a name means, where it means one."""
    parts = _written(at, member, env)
    if not parts:
        return None
    *before, text = parts
    if names is not None and (not before or before == [names.group]):
        if before and before[0] in names.relation.joined:
            return None
        need = reference(text, member, names)
        return None if need is None else f"{names.full}.{need}"
    if not before or (names is not None and before[0] in names.relation.joined):
        return None
    symbol = env.scopes.seek(_group_parts(at), env.scope)
    other = None if symbol is None else drafts.get(symbol.full)
    if other is None:
        return None
    text = in_family(text, member, other.names)
    if text not in other.names.members.members:
        return None
    return f"{other.names.full}.{text}"


def _group_parts(at: nodes.Name | nodes.Pattern) -> tuple[nodes.Ident, ...]:
    """What stands before a feature's name: its group's, short or full."""
    return at.parts[:-1] if isinstance(at, nodes.Name) else at.prefix


def _written(at: nodes.Name | nodes.Pattern, member: Member | None, env: Env) -> list[str]:
    """The parts of a name, the holes of a pattern filled; none where they cannot be."""
    if isinstance(at, nodes.Name):
        return [p.text for p in at.parts]
    text = pattern_text(at, {} if member is None else member.loops, env)
    return [] if text is None else [*(p.text for p in at.prefix), text]


def cycle_of(
    graph: Graph,
    path: tuple[str, ...],
    drafts: Mapping[str, Draft],
    late: Mapping[str, LateView],
) -> Diagnostic:
    """A cycle of features of one group by their names, of several with their groups."""
    groups = {full.rpartition(".")[0] for full in path if full not in late}
    word = drafts[next(iter(groups))].names.word if groups else "view"
    what = f"{word}s" if not late.keys() & set(path) or not groups else f"{word}s and views"

    def named(full: str) -> str:
        if full in late or (len(groups) == 1 and not late.keys() & set(path)):
            return short_name(full)
        return ".".join(full.split(".")[-2:])

    return cycle_diagnostic(graph, path, what, named=named)


@cache
def _aggregate_names() -> frozenset[str]:
    return frozenset({*aggregates(), *LATER_AGGREGATES, "exists", "next_in"})
