"""Groups: their rows, their key's columns, their features in dependency order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

from featdsl.aggregates.registry import aggregates
from featdsl.diagnostics import catalog
from featdsl.diagnostics.model import Diagnostic
from featdsl.ir import expr as ir
from featdsl.ir.program import Entity, Expectation, Feature, Group, Meta, Role
from featdsl.ir.refs import row_aggregates
from featdsl.semantics import references
from featdsl.semantics.aggregate_calls import report_no_time
from featdsl.semantics.attributes import meta
from featdsl.semantics.check_units import check_units
from featdsl.semantics.conditions import condition
from featdsl.semantics.dollars import DollarNames
from featdsl.semantics.environment import Budget, Env, Place
from featdsl.semantics.expectations import Output, expectations
from featdsl.semantics.feature_names import (
    FeatureNames,
    GroupNames,
    Value,
    in_family,
    reference,
)
from featdsl.semantics.features import feature_expectations, report_unused, resolve_feature
from featdsl.semantics.fns import NODES
from featdsl.semantics.later import LATER_AGGREGATES
from featdsl.semantics.members import GroupDecl, Member, Members, expand
from featdsl.semantics.name_patterns import pattern_text
from featdsl.semantics.names import RowNames
from featdsl.semantics.order import Graph, cycle_diagnostic, order
from featdsl.semantics.project import Known
from featdsl.semantics.relation import RelationInfo
from featdsl.semantics.roles import entity_role, role_columns
from featdsl.semantics.scope import RELATIONS, Kind, Symbol, find
from featdsl.semantics.views import LateView
from featdsl.semantics.windows import step_of
from featdsl.syntax import nodes
from featdsl.text.names import short_name
from featdsl.text.span import Span
from featdsl.types.duration import Duration

_ENTITY = frozenset({Kind.ENTITY})


@dataclass(slots=True)
class _Draft:
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


def resolve_groups(envs: Sequence[Env], known: Known, late: Mapping[str, LateView]) -> None:
    """Labels and features of all namespaces, each after what it needs, and views that need some.

    Labels come first in all that is looked at in turn: what reads a label is told of leakage.
    """
    groups: dict[str, GroupNames] = {}
    drafts: dict[str, _Draft] = {}
    for kind in (Kind.LABELS, Kind.FEATURES):
        for env in envs:
            for symbol in env.scope.of(kind):
                if isinstance(symbol.decl, nodes.FeaturesDecl | nodes.LabelsDecl):
                    at = env.moved(labels=kind is Kind.LABELS, groups=groups)
                    draft = _draft(symbol.decl, symbol, at, known, late)
                    drafts[symbol.full] = draft
                    groups[symbol.full] = draft.names
    graph = _graph(drafts, late)
    found = order(graph)
    for path in found.cycles:
        envs[0].report(_cycle(graph, path, drafts, late))
    for full in found.cut:
        if full in late:
            late[full].symbol.poisoned = True
        else:
            group, _, name = full.rpartition(".")
            drafts[group].names.values[name] = None
    for full in found.names:
        if full in late:
            late[full].resolve(groups, known)
        else:
            group, _, name = full.rpartition(".")
            _resolve(name, drafts[group], known)
    features = {f.name: f for d in drafts.values() for f in d.features.values()}
    for draft in drafts.values():
        _finish(draft, features, known)


def _draft(
    decl: GroupDecl, symbol: Symbol, env: Env, known: Known, late: Mapping[str, LateView]
) -> _Draft:
    """The group with its members by name, before any is resolved."""
    env = env.moved(aligned=_step(decl, env))
    members = expand(decl, env)
    known.features[symbol.full] = dict.fromkeys(members.members, False)
    known.members[symbol.full] = members
    if env.labels:
        _note_labels(symbol, members, env)
    if decl.broken or members.open:
        known.incomplete.add(symbol.full)
    about = meta(decl, symbol.kind.value, env.report, members.attributes)
    rows = None if decl.source is None else env.scopes.seek(decl.source.parts, env.scope)
    relation = None if rows is None else known.relations.get(rows.full)
    waits = rows.full if rows is not None and rows.full in late else None
    if waits is not None:
        relation = late[waits].outline(known, late)
    entity = env.scopes.seek(decl.entity.parts, env.scope)
    names = GroupNames(
        group=symbol.name,
        full=symbol.full,
        decl=decl,
        relation=relation or _no_rows(decl, symbol),
        role=None,
        entity=None if entity is None else known.entities.get(entity.full),
        members=members,
    )
    return _Draft(symbol, decl, env, names, about, waits)


def _step(decl: GroupDecl, env: Env) -> Duration | None:
    """The step that windows of the group are aligned to."""
    if decl.aligned is None:
        return None
    if env.labels:
        env.report(
            catalog.ALIGNED_FORWARD.at(
                decl.aligned.span, "labels are not aligned: they would begin before the as-of time"
            ).help("align the times of the spine instead")
        )
        return None
    return step_of(decl.aligned, env)


def _no_rows(decl: GroupDecl, symbol: Symbol) -> RelationInfo:
    """In place of the rows of a group that has none, or whose rows were reported."""
    return RelationInfo(
        name=symbol.full,
        what="group",
        span=decl.name.span,
        columns={},
        open=decl.source is not None,
    )


# --- What needs what ------------------------------------------------------------------------------


def _graph(
    drafts: Mapping[str, _Draft], late: Mapping[str, LateView]
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


def _needs(member: Member, draft: _Draft, drafts: Mapping[str, _Draft]) -> dict[str, Span]:
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
    for node in (member.decl.value, member.decl.where):
        for need, span in _vias(node, member, drafts, draft.env, draft.names).items():
            found.setdefault(need, span)
    return found


def _vias(
    node: nodes.Node | None,
    member: Member | None,
    drafts: Mapping[str, _Draft],
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
    drafts: Mapping[str, _Draft],
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


def _cycle(
    graph: Graph,
    path: tuple[str, ...],
    drafts: Mapping[str, _Draft],
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


# --- One after another ----------------------------------------------------------------------------


def _resolve(name: str, draft: _Draft, known: Known) -> None:
    """One feature; before the first of a group, what all of them share."""
    if not draft.begun:
        draft.begun = True
        draft.whole = _begin(draft, known)
    names = draft.names
    if not draft.whole or draft.rows is None:
        names.values[name] = None
        return
    member = names.members.members[name]
    feature = resolve_feature(member, names, draft.env, draft.rows, draft.where)
    names.values[name] = (
        None if feature is None else Value(feature.name, feature.dtype, feature.nullable)
    )
    if feature is not None:
        draft.features[feature.name] = feature


def _begin(draft: _Draft, known: Known) -> bool:
    """The rows, the key's columns and the conditions of a group; False where one is not known."""
    decl, env, names = draft.decl, draft.env, draft.names
    found = find(decl.entity, _ENTITY, env.scope, env.scopes, env.report)
    names.entity = None if found is None else known.entities.get(found.full)
    if decl.source is None:
        if env.labels:
            _report_label_rows(draft)
            return False
        _check_rowless(draft)
        relation: RelationInfo | None = names.relation
    else:
        rows = find(decl.source, RELATIONS, env.scope, env.scopes, env.report)
        relation = None if rows is None else known.relations.get(rows.full)
    if relation is None or names.entity is None:
        return False
    names.relation = relation
    if decl.aligned is not None and decl.source is not None and relation.time is None:
        report_no_time(decl.aligned, f"`aligned {env.aligned}`", relation, env)
        draft.env = env = env.moved(aligned=None)
    if decl.source is not None:
        names.role = _role(decl, names.entity, relation, env)
        if names.role is None:
            return False
    _check_keys(names.members, names.entity, env)
    draft.rows = env.moved(
        place=Place.ROWS,
        names=RowNames(relation, frozenset(names.members.members)),
        budget=Budget(NODES),
    )
    if decl.where is not None and decl.source is not None:
        draft.where = condition(decl.where, draft.rows, "`where`")
    return True


def _report_label_rows(draft: _Draft) -> None:
    if not draft.decl.broken:
        draft.env.report(
            catalog.MISSING_ITEM.at(draft.decl.name.span, "labels need rows").help(
                "name their source: `labels g for e from s { … }`"
            )
        )


def _check_rowless(draft: _Draft) -> None:
    """A group without `from` has no clauses that speak of rows."""
    decl, report = draft.decl, draft.env.report
    for node, what in ((decl.where, "`where`"), (decl.aligned, "`aligned`")):
        if node is not None:
            report(
                catalog.CLAUSE_WITHOUT_EFFECT.at(
                    node.span, f"{what} has no effect: no rows are read here"
                ).help("name the rows in the head: `features g for e from s`")
            )
    if decl.role:
        span = decl.role[0].span.to(decl.role[-1].span)
        report(
            catalog.CLAUSE_WITHOUT_EFFECT.at(
                span, "columns for the key have no effect: no rows are read here"
            ).help("name the rows in the head: `features g for e from s`")
        )


def _finish(draft: _Draft, features: Mapping[str, Feature], known: Known) -> None:
    """The group with its features, checked as a whole."""
    if not draft.begun:
        draft.whole = _begin(draft, known)
    names, full, entity = draft.names, draft.symbol.full, draft.names.entity
    if not draft.whole or entity is None:
        return
    if len(draft.features) == len(names.members.members):
        _check_aligned(draft)
    for feature in draft.features.values():
        check_units(feature.expr, features, draft.env.report)
    known.features[full].update(dict.fromkeys((f.short for f in draft.features.values()), True))
    members = names.members.members
    checked = {
        name: replace(f, expectations=feature_expectations(members[f.short], names, draft.env))
        for name, f in draft.features.items()
    }
    groups = known.labels if draft.env.labels else known.groups
    groups[full] = Group(
        name=full,
        meta=draft.about,
        span=draft.decl.span,
        name_span=draft.decl.name.span,
        entity=entity.name,
        relation=None if draft.decl.source is None else names.relation.name,
        role=names.role,
        features=checked,
        expectations=_expectations(names, draft.env),
    )


def _check_aligned(draft: _Draft) -> None:
    """A step that no window takes up is a mistake."""
    decl, env = draft.decl, draft.env
    if env.aligned is None or decl.aligned is None or decl.source is None:
        return
    windows = (n.window for f in draft.features.values() for n in row_aggregates(f.expr))
    if not any(isinstance(w, ir.Window) and w.aligned == env.aligned for w in windows):
        report_unused(decl.aligned, "`aligned`", "no window here takes it up", env)


def _note_labels(symbol: Symbol, members: Members, env: Env) -> None:
    places = {name: m.decl.name.span for name, m in members.members.items()}
    for family, windows in ((f, w) for f, w in members.families.items() if w):
        places[family] = places[next(iter(windows.values()))]
    for name, span in places.items():
        env.scope.labels.setdefault(name, span)
        env.scope.labels[f"{symbol.name}.{name}"] = span


def _check_keys(members: Members, entity: Entity, env: Env) -> None:
    """The output has the entity's keys and the features: no two of one name."""
    for key in entity.keys:
        member = members.members.get(key.name.lower())
        if member is not None:
            env.report(
                catalog.DUPLICATE_FEATURE.at(
                    member.decl.name.span,
                    f"`{key.name}` is a key of `{entity.short}`, a column of the output already",
                )
                .because(entity.name_span, "declared here")
                .help("leave the feature out")
            )


def _role(decl: GroupDecl, entity: Entity, relation: RelationInfo, env: Env) -> Role | None:
    if not decl.role:
        return entity_role(entity, relation, decl.entity.span, env)
    span = decl.role[0].span.to(decl.role[-1].span)
    columns = role_columns(decl.role, entity, relation, span, env)
    return None if columns is None else Role(entity=entity.name, columns=columns)


@cache
def _aggregate_names() -> frozenset[str]:
    return frozenset({*aggregates(), *LATER_AGGREGATES, "exists"})


def _expectations(names: GroupNames, env: Env) -> tuple[Expectation, ...]:
    found: list[Expectation] = []
    output = Output("group", columns=names.columns)
    assert isinstance(env.dollars, DollarNames)
    for expect, loops in names.members.expects:
        at = env.moved(
            place=Place.OUTPUT,
            names=FeatureNames(names, None, set(), output=True),
            dollars=replace(env.dollars, loops=loops),
            budget=Budget(NODES),
        )
        found += expectations([expect], output, at)
    return tuple(found)
