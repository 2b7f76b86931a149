"""Groups: their rows, their key's columns, their features in dependency order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from featdsl.diagnostics import catalog
from featdsl.ir import expr as ir
from featdsl.ir.program import Entity, Expectation, Group, Role
from featdsl.ir.refs import row_aggregates
from featdsl.semantics.aggregate_calls import report_no_time
from featdsl.semantics.attributes import meta
from featdsl.semantics.check_units import Units
from featdsl.semantics.conditions import condition
from featdsl.semantics.dollars import DollarNames
from featdsl.semantics.drafts import Draft, cycle_of, graph_of
from featdsl.semantics.environment import Budget, Env, Place
from featdsl.semantics.expectations import Output, expectations
from featdsl.semantics.feature_names import (
    FeatureNames,
    GroupNames,
    Value,
)
from featdsl.semantics.features import feature_expectations, report_unused, resolve_feature
from featdsl.semantics.fns import NODES
from featdsl.semantics.heights import HEIGHT, level_of, too_high, too_many_windows
from featdsl.semantics.input_names import check_reach, request_size
from featdsl.semantics.lookups import DEPTH, TABLES, Lookups
from featdsl.semantics.members import GroupDecl, Member, Members, expand
from featdsl.semantics.names import RowNames
from featdsl.semantics.order import Graph, order
from featdsl.semantics.project import Known
from featdsl.semantics.relation import RelationInfo
from featdsl.semantics.roles import entity_role, role_columns
from featdsl.semantics.scope import RELATIONS, Kind, Symbol, find
from featdsl.semantics.views import LateView
from featdsl.semantics.windows import step_of
from featdsl.syntax import nodes
from featdsl.types.duration import Duration

_ENTITY = frozenset({Kind.ENTITY})


def resolve_groups(envs: Sequence[Env], known: Known, late: Mapping[str, LateView]) -> None:
    """Labels and features of all namespaces, each after what it needs, and views that need some.

    Labels come first in all that is looked at in turn: what reads a label is told of leakage.
    """
    groups: dict[str, GroupNames] = {}
    drafts: dict[str, Draft] = {}
    for kind in (Kind.LABELS, Kind.FEATURES):
        for env in envs:
            for symbol in env.scope.of(kind):
                if isinstance(symbol.decl, nodes.FeaturesDecl | nodes.LabelsDecl):
                    at = env.moved(labels=kind is Kind.LABELS, groups=groups, sources=known.sources)
                    draft = _draft(symbol.decl, symbol, at, known, late)
                    drafts[symbol.full] = draft
                    groups[symbol.full] = draft.names
    graph = graph_of(drafts, late)
    found = order(graph)
    for path in found.cycles:
        envs[0].report(cycle_of(graph, path, drafts, late))
    for full in found.cut:
        if full in late:
            late[full].symbol.poisoned = True
        else:
            group, _, name = full.rpartition(".")
            drafts[group].names.values[name] = None
    lookups = Lookups()
    levels: dict[str, int] = {}
    for full in found.names:
        if full in late:
            late[full].resolve(groups, known)
        else:
            group, _, name = full.rpartition(".")
            levels[full] = level_of(graph[full], levels)
            if levels[full] > HEIGHT:
                _leave_out(name, drafts[group], report=levels[full] == HEIGHT + 1)
                continue
            of_rows = [need for need in graph[full] if need in late]
            _resolve(name, drafts[group], known)
            _check_lookups(full, drafts[group], _read_by_rows(of_rows, graph, late), lookups)
    units = Units({f.name: f for d in drafts.values() for f in d.features.values()})
    for draft in drafts.values():
        _finish(draft, units, known)


def _draft(
    decl: GroupDecl, symbol: Symbol, env: Env, known: Known, late: Mapping[str, LateView]
) -> Draft:
    """The group with its members by name, before any is resolved."""
    env = env.moved(aligned=_step(decl, env))
    members = expand(decl, env)
    known.features[symbol.full] = dict.fromkeys(members.members, False)
    known.members[symbol.full] = members
    if env.labels:
        _note_labels(symbol, members, env)
    if decl.broken or members.open:
        known.incomplete.add(symbol.full)
    about = meta(decl, symbol.kind.value, env, members.attributes)
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
    return Draft(symbol, decl, env, names, about, waits)


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


# --- One after another ----------------------------------------------------------------------------


def _resolve(name: str, draft: Draft, known: Known) -> None:
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
    if feature is not None and not check_reach(feature.expr, draft.env):
        feature = None
    names.values[name] = (
        None
        if feature is None
        else Value(
            feature.name,
            feature.dtype,
            feature.nullable,
            request=request_size(feature.expr, draft.env),
        )
    )
    if feature is not None:
        draft.features[feature.name] = feature


def _leave_out(name: str, draft: Draft, *, report: bool) -> None:
    """A feature that stands too high; only the lowest of a row is told of."""
    draft.names.values[name] = None
    if report:
        written = draft.names.members.members[name].decl
        draft.env.report(too_high(name, "features", written.span))


def _read_by_rows(views: Sequence[str], graph: Graph, late: Mapping[str, LateView]) -> set[str]:
    """Features that the rows of views read, and those of the views that they stand on."""
    found, waiting = set[str](), list(views)
    while waiting:
        for need in graph[waiting.pop()]:
            if need in late:
                waiting.append(need)
            else:
                found.add(need)
    return found


def _check_lookups(full: str, draft: Draft, of_rows: set[str], lookups: Lookups) -> None:
    """Leave out a feature that would be computed from too many tables."""
    feature = draft.features.get(full)
    if feature is None or lookups.add(feature, of_rows):
        return
    del draft.features[full]
    draft.names.values[feature.short] = None
    draft.env.report(
        catalog.EXPANSION.at(
            feature.name_span,
            f"`{feature.short}` rests on more than {TABLES} tables of other keys or times, "
            f"or on more than {DEPTH} that rest on each other",
        ).help(
            "each `via`, `ago` and `among` is a table: read fewer, or of features nearer the rows"
        )
    )


def _begin(draft: Draft, known: Known) -> bool:
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


def _report_label_rows(draft: Draft) -> None:
    if not draft.decl.broken:
        draft.env.report(
            catalog.MISSING_ITEM.at(draft.decl.name.span, "labels need rows").help(
                "name their source: `labels g for e from s { … }`"
            )
        )


def _check_rowless(draft: Draft) -> None:
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


def _finish(draft: Draft, units: Units, known: Known) -> None:
    """The group with its features, checked as a whole."""
    if not draft.begun:
        draft.whole = _begin(draft, known)
    names, full, entity = draft.names, draft.symbol.full, draft.names.entity
    wide = too_many_windows(draft.symbol.name, draft.features.values(), draft.decl.name.span)
    if wide is not None:
        draft.env.report(wide)
    if not draft.whole or entity is None:
        return
    if len(draft.features) == len(names.members.members):
        _check_aligned(draft)
    for feature in draft.features.values():
        units.check(feature, draft.env.report)
    known.features[full].update(dict.fromkeys((f.short for f in draft.features.values()), True))
    members = names.members.members
    checked = {
        name: replace(f, expectations=_of_feature(members[f.short], draft))
        for name, f in draft.features.items()
    }
    requests = {v.full for v in names.values.values() if v is not None and v.request}
    groups = known.labels if draft.env.labels else known.groups
    groups[full] = Group(
        name=full,
        meta=draft.about,
        span=draft.decl.span,
        name_span=draft.decl.name.span,
        entity=entity.name,
        relation=None if draft.decl.source is None else names.relation.name,
        role=names.role,
        features={n: f for n, f in checked.items() if n not in requests},
        requests={n: f for n, f in checked.items() if n in requests},
        expectations=_expectations(names, draft.env),
    )


def _of_feature(member: Member, draft: Draft) -> tuple[Expectation, ...]:
    return feature_expectations(member, draft.names, draft.env)


def _check_aligned(draft: Draft) -> None:
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
