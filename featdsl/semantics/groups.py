"""Groups: their rows, their key's columns, their features in dependency order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from featdsl.aggregates.registry import aggregates
from featdsl.diagnostics import catalog
from featdsl.ir import expr as ir
from featdsl.ir.program import Entity, Expectation, Feature, Group, Role
from featdsl.ir.visit import walk
from featdsl.semantics import references
from featdsl.semantics.aggregate_calls import LATER_AGGREGATES, report_no_time
from featdsl.semantics.attributes import meta
from featdsl.semantics.check_units import check_units
from featdsl.semantics.conditions import condition
from featdsl.semantics.dollars import DollarNames
from featdsl.semantics.environment import Budget, Env, Place
from featdsl.semantics.expectations import Output, expectations
from featdsl.semantics.feature_names import FeatureNames, GroupNames, Value, reference
from featdsl.semantics.features import report_unused, resolve_feature
from featdsl.semantics.fns import NODES
from featdsl.semantics.members import GroupDecl, Member, Members, expand
from featdsl.semantics.name_patterns import pattern_text
from featdsl.semantics.names import RowNames
from featdsl.semantics.order import cycle_diagnostic, order
from featdsl.semantics.project import Known
from featdsl.semantics.relation import RelationInfo
from featdsl.semantics.roles import entity_role, role_columns
from featdsl.semantics.scope import RELATIONS, Kind, Symbol, find
from featdsl.semantics.windows import step_of
from featdsl.syntax import nodes
from featdsl.text.span import Span
from featdsl.types.duration import Duration

_ENTITY = frozenset({Kind.ENTITY})


def resolve_groups(envs: Sequence[Env], known: Known) -> None:
    """Labels of all namespaces, then features: what reads a label is told of leakage."""
    for env in envs:
        for symbol in env.scope.of(Kind.LABELS):
            if isinstance(symbol.decl, nodes.LabelsDecl):
                _group(symbol.decl, symbol, env.moved(labels=True), known, known.labels)
    for env in envs:
        for symbol in env.scope.of(Kind.FEATURES):
            if isinstance(symbol.decl, nodes.FeaturesDecl):
                _group(symbol.decl, symbol, env, known, known.groups)


def _group(
    decl: GroupDecl, symbol: Symbol, env: Env, known: Known, groups: dict[str, Group]
) -> None:
    header = _header(decl, symbol, env, known)
    env = env.moved(aligned=None if header is None else _step(decl, header[0], env))
    members = expand(decl, env)
    known.features[symbol.full] = dict.fromkeys(members.members, False)
    known.members[symbol.full] = members
    if env.labels:
        _note_labels(symbol, members, env)
    if decl.broken or members.open:
        known.incomplete.add(symbol.full)
    about = meta(decl, symbol.kind.value, env.report, members.attributes)
    if header is None:
        return
    relation, role, entity = header
    keys = tuple(k.name for k in entity.keys)
    names = GroupNames(symbol.name, symbol.full, decl, relation, role, keys, members)
    _check_keys(members, entity, env)
    rows = env.moved(
        place=Place.ROWS,
        names=RowNames(relation, frozenset(members.members)),
        budget=Budget(NODES),
    )
    where = None if decl.where is None else condition(decl.where, rows, "`where`")
    features = _features(names, env, rows, where)
    if len(features) == len(members.members):
        _check_aligned(decl, features, env)
    by_name = {f.name: f for f in features}
    for feature in features:
        check_units(feature.expr, by_name, env.report)
    known.features[symbol.full].update(dict.fromkeys((f.short for f in features), True))
    groups[symbol.full] = Group(
        name=symbol.full,
        meta=about,
        span=decl.span,
        name_span=decl.name.span,
        entity=entity.name,
        relation=relation.name,
        role=role,
        features=by_name,
        expectations=_expectations(names, env),
    )


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


def _header(
    decl: GroupDecl, symbol: Symbol, env: Env, known: Known
) -> tuple[RelationInfo, Role, Entity] | None:
    """The rows, the key's columns and the entity; None where one is not known."""
    found = find(decl.entity, _ENTITY, env.scope, env.scopes, env.report)
    entity = None if found is None else known.entities.get(found.full)
    if decl.source is None:
        if not env.labels:
            env.report.unsupported(
                decl.name.span, "a group without `from` (features of other groups only)"
            )
        elif not decl.broken:
            env.report(
                catalog.MISSING_ITEM.at(decl.name.span, "labels need rows").help(
                    "name their source: `labels g for e from s { … }`"
                )
            )
        return None
    rows = find(decl.source, RELATIONS, env.scope, env.scopes, env.report)
    relation = None if rows is None else known.relations.get(rows.full)
    if relation is None or entity is None:
        return None
    role = _role(decl, entity, relation, env)
    return None if role is None else (relation, role, entity)


def _step(decl: GroupDecl, relation: RelationInfo, env: Env) -> Duration | None:
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
    step = step_of(decl.aligned, env)
    if step is not None and relation.time is None:
        report_no_time(decl.aligned, f"`aligned {step}`", relation, env)
        return None
    return step


def _check_aligned(decl: GroupDecl, features: list[Feature], env: Env) -> None:
    """A step that no window takes up is a mistake."""
    if env.aligned is None or decl.aligned is None:
        return
    windows = (n.window for f in features for n in walk(f.expr) if isinstance(n, ir.Aggregate))
    if not any(isinstance(w, ir.Window) and w.aligned == env.aligned for w in windows):
        report_unused(decl.aligned, "`aligned`", "no window here takes it up", env)


def _role(decl: GroupDecl, entity: Entity, relation: RelationInfo, env: Env) -> Role | None:
    if not decl.role:
        return entity_role(entity, relation, decl.entity.span, env)
    span = decl.role[0].span.to(decl.role[-1].span)
    columns = role_columns(decl.role, entity, relation, span, env)
    return None if columns is None else Role(entity=entity.name, columns=columns)


def _features(names: GroupNames, env: Env, rows: Env, where: ir.Expr | None) -> list[Feature]:
    """Features in dependency order, without those that have a mistake or need one that has."""
    graph = {name: _needs(m, names, env) for name, m in names.members.members.items()}
    found = order(graph)
    for path in found.cycles:
        env.report(cycle_diagnostic(graph, path, f"{names.word}s"))
    names.values.update(dict.fromkeys(found.cut))
    features: list[Feature] = []
    for name in found.names:
        feature = resolve_feature(names.members.members[name], names, env, rows, where)
        names.values[name] = (
            None if feature is None else Value(feature.name, feature.dtype, feature.nullable)
        )
        if feature is not None:
            features.append(feature)
    return features


def _needs(member: Member, names: GroupNames, env: Env) -> dict[str, Span]:
    """Features that a definition names, outside aggregates, and where."""
    found: dict[str, Span] = {}
    for node in (member.decl.value, member.decl.default):
        if node is None:
            continue
        for at in references.walk(node, _aggregate_names()):
            text = _written(at, member, names, env)
            need = None if text is None else reference(text, member, names)
            if need is not None:
                found.setdefault(need, at.span)
    return found


def _written(at: nodes.Node, member: Member, names: GroupNames, env: Env) -> str | None:
    """The bare name of a feature of this group."""
    if isinstance(at, nodes.Name):
        parts = [p.text for p in at.parts]
        if len(parts) == 2 and parts[0] == names.group:
            return None if parts[0] in names.relation.joined else parts[1]
        return parts[0] if len(parts) == 1 else None
    if isinstance(at, nodes.Pattern) and not at.prefix:
        return pattern_text(at, member.loops, env)
    return None


@cache
def _aggregate_names() -> frozenset[str]:
    return frozenset({*aggregates(), *LATER_AGGREGATES, "exists"})


def _expectations(names: GroupNames, env: Env) -> tuple[Expectation, ...]:
    if env.labels:
        for expect, _ in names.members.expects:
            env.report.unsupported(expect.span, "`expect` of labels")
        return ()
    found: list[Expectation] = []
    output = Output("group", columns=(*names.keys, *names.members.members))
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
