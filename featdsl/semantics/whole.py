"""Last pass: what has a mistake, or stands on something that has, leaves the program."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import replace
from typing import TypeVar

from featdsl.diagnostics.model import Diagnostic, Severity
from featdsl.ir.program import (
    Dataset,
    Declared,
    Entity,
    ExpectedRows,
    Feature,
    Group,
    Program,
    Source,
    SpineGrid,
    SpineRows,
    Test,
    View,
)
from featdsl.ir.refs import features_named, inputs_named
from featdsl.text.span import Span

D = TypeVar("D", bound=Declared)


class _Mistakes:
    """Places of errors, to be asked for those inside a declaration."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.starts: dict[str, list[int]] = {}
        for d in diagnostics:
            if d.severity is Severity.ERROR and d.primary is not None:
                self.starts.setdefault(d.primary.span.source, []).append(d.primary.span.start)
        for starts in self.starts.values():
            starts.sort()

    def inside(self, span: Span) -> bool:
        starts = self.starts.get(span.source, [])
        at = bisect_left(starts, span.start)
        return at < len(starts) and starts[at] < span.end


def whole_only(program: Program, diagnostics: Iterable[Diagnostic]) -> Program:
    """The program without declarations that have an error, and without what rests on them."""
    mistakes = _Mistakes(diagnostics)
    if not mistakes.starts:
        return program
    params = _healthy(program.params, mistakes)
    sources = _healthy(program.sources, mistakes)
    inputs = _healthy(program.inputs, mistakes)
    views = _views(_healthy(program.views, mistakes), sources)
    entities = {
        name: e if e.population in {*sources, *views} else replace(e, population=None)
        for name, e in _healthy(program.entities, mistakes).items()
    }
    relations = sources.keys() | views.keys()
    groups = _groups(program.groups, entities, relations, mistakes)
    labels = _groups(program.labels, entities, relations, mistakes)
    while True:  # features and views may rest on each other
        members = {f for g in (*groups.values(), *labels.values()) for f in g.members}
        standing = {n: v for n, v in views.items() if members >= set(_read_by(v))}
        standing = _views(standing, sources)
        relations = sources.keys() | standing.keys()
        after = (
            _groups(_resting(groups, members, inputs.keys()), entities, relations, mistakes),
            _groups(_resting(labels, members, inputs.keys()), entities, relations, mistakes),
        )
        if standing == views and after == (groups, labels):
            break
        views, (groups, labels) = standing, after
    datasets = {
        name: d
        for name, d in _healthy(program.datasets, mistakes).items()
        if _dataset_stands(d, entities, relations, members)
    }
    consumers = {
        name: c
        for name, c in _healthy(program.consumers, mistakes).items()
        if datasets.keys() >= {*c.datasets}
        and members >= {*c.features, *([] if c.target is None else [c.target])}
        and (c.predictions is None or c.predictions in sources)
    }
    return replace(
        program,
        params=params,
        entities=entities,
        sources=sources,
        views=views,
        inputs=inputs,
        groups=groups,
        labels=labels,
        datasets=datasets,
        consumers=consumers,
        wanted={
            name: replace(w, features=tuple(f for f in w.features if f in members))
            for name, w in _healthy(program.wanted, mistakes).items()
            if w.entity in entities
        },
        tests=tuple(
            t
            for t in program.tests
            if _test_stands(t, relations, members, {*groups, *labels, *datasets})
        ),
    )


def _healthy(declared: Mapping[str, D], mistakes: _Mistakes) -> dict[str, D]:
    return {name: d for name, d in declared.items() if not mistakes.inside(d.span)}


def _views(views: Mapping[str, View], sources: Mapping[str, Source]) -> dict[str, View]:
    """Views stand in dependency order, so that one look at each is enough."""
    kept: dict[str, View] = {}
    for name, view in views.items():
        read = (*view.lefts, *(j.source for j in view.joins))
        if all(r in sources or r in kept for r in read):
            kept[name] = view
    return kept


def _groups(
    groups: Mapping[str, Group],
    entities: Mapping[str, Entity],
    relations: Set[str],
    mistakes: _Mistakes,
) -> dict[str, Group]:
    return {
        name: _group(group, mistakes)
        for name, group in groups.items()
        if group.entity in entities and (group.relation is None or group.relation in relations)
    }


def _dataset_stands(
    dataset: Dataset,
    entities: Mapping[str, Entity],
    relations: Set[str],
    members: Set[str],
) -> bool:
    """Whether all that a data set rests on is there."""
    entity, spine = entities.get(dataset.entity), dataset.spine
    if entity is None:
        return False
    if isinstance(spine, SpineGrid) and entity.keys and entity.population is None:
        return False
    if isinstance(spine, SpineRows) and spine.source not in relations:
        return False
    read = (c.feature for c in (*dataset.columns, *dataset.labels))
    return members >= {name for name in read if name is not None}


def _resting(groups: Mapping[str, Group], members: Set[str], inputs: Set[str]) -> dict[str, Group]:
    """Groups with the features that rest on none that is missing."""

    def stands(feature: Feature) -> bool:
        asked = {i.input for i in inputs_named(feature.expr)}
        return members >= set(features_named(feature.expr)) and inputs >= asked

    return {
        name: replace(
            g,
            features={n: f for n, f in g.features.items() if stands(f)},
            requests={n: f for n, f in g.requests.items() if stands(f)},
        )
        for name, g in groups.items()
    }


def _read_by(view: View) -> Iterator[str]:
    """Full names of the features that a view reads."""
    for join in view.joins:
        for e, _ in join.on:
            yield from features_named(e)
        yield from () if join.residual is None else features_named(join.residual)
    for let in view.lets:
        yield from features_named(let.value)
    yield from () if view.where is None else features_named(view.where)


def _group(group: Group, mistakes: _Mistakes) -> Group:
    """The group with its healthy features, and expectations of those."""
    features = {n: f for n, f in group.features.items() if not mistakes.inside(f.span)}
    requests = {n: f for n, f in group.requests.items() if not mistakes.inside(f.span)}
    checks = tuple(
        e
        for e in group.expectations
        if e.condition is None or features.keys() >= set(features_named(e.condition))
    )
    return replace(group, features=features, requests=requests, expectations=checks)


def _test_stands(test: Test, relations: Set[str], members: Set[str], declared: Set[str]) -> bool:
    """Whether all that a test gives and states is there."""
    asked = {e.dataset if isinstance(e, ExpectedRows) else e.group for e in test.expected}
    stated = {name for e in test.expected for name in e.stated}
    return relations >= test.given.keys() and declared >= asked and members >= stated
