"""Syntax trees to a typed program: the passes, in order.

`collect` names, `bind_params`, functions, templates, entities, inputs, sources, views, groups of
labels and features, data sets, consumers, wanted features, tests, lint: each pass over all
namespaces, since a declaration of one may need one of another, and that one of the first again. A
declaration
with a mistake is reported and left out of the program; its name stays known, so that one mistake
gives one message.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from featdsl.diagnostics.model import Problems
from featdsl.ir.program import Origin, Program
from featdsl.ir.source import LockedColumns
from featdsl.semantics.allow import apply_allows
from featdsl.semantics.asked import check_asked
from featdsl.semantics.bind_params import bind_params, check_overrides
from featdsl.semantics.cases import resolve_tests
from featdsl.semantics.collect import collect
from featdsl.semantics.complete import check_complete
from featdsl.semantics.consumers import resolve_consumers
from featdsl.semantics.datasets import resolve_datasets
from featdsl.semantics.dollars import Bound, DollarNames
from featdsl.semantics.entities import resolve_entities, resolve_populations
from featdsl.semantics.environment import Budget, Env, Place
from featdsl.semantics.expressions import RESOLVERS
from featdsl.semantics.fns import NODES, Functions
from featdsl.semantics.groups import resolve_groups
from featdsl.semantics.inputs import resolve_inputs
from featdsl.semantics.joined_ahead import check_joined_ahead
from featdsl.semantics.lint.rules import OFF_BY_DEFAULT, RULES
from featdsl.semantics.lint.subject import Subject
from featdsl.semantics.names import NoNames
from featdsl.semantics.own_attributes import OwnAttribute
from featdsl.semantics.project import Known
from featdsl.semantics.report import Report
from featdsl.semantics.scope import Scope, Scopes
from featdsl.semantics.sources import resolve_sources
from featdsl.semantics.surroundings import Surroundings
from featdsl.semantics.templates import check_templates
from featdsl.semantics.views import resolve_views
from featdsl.semantics.wanted import resolve_wanted
from featdsl.semantics.whole import whole_only
from featdsl.syntax import nodes
from featdsl.text.sources import SourceSet

Overrides = Mapping[str, tuple[Any, Origin]]


def analyse(
    modules: Sequence[nodes.Module],
    *,
    project: str,
    timezone: str,
    params: Overrides,
    texts: SourceSet,
    problems: Problems,
    enabled: Collection[str] = (),
    surroundings: Surroundings | None = None,
    locked: Mapping[str, LockedColumns] | None = MappingProxyType({}),
    attributes: Mapping[str, OwnAttribute] = MappingProxyType({}),
) -> Program:
    """Resolve, type and check a project.

    Args:
        modules: The parsed files.
        project: Name of the project, the namespace of files that name none.
        timezone: Name of the zone of days and longer units.
        params: Values of parameters from outside, by short or full name: text as typed, or a
            typed value; with where each comes from.
        texts: The files' texts.
        problems: Takes mistakes and warnings.
        enabled: Slugs of the warnings that are off by default and wanted.
        surroundings: The day and the environment, for defaults of parameters and places of data.
        locked: The columns of sources that declare none, by full name; None where they are about
            to be read from the data.
        attributes: Those that the project declares itself, by name.

    Returns:
        What is whole: declarations with mistakes are left out.
    """
    report = Report()
    scopes = collect(modules, project, report)
    known = Known()
    functions = Functions()
    world = surroundings or Surroundings()
    envs = tuple(
        _environment(s, scopes, report, texts, known, functions, world).moved(attributes=attributes)
        for s in scopes
    )
    timed = tuple(env.moved(as_of=True) for env in envs)
    bind_params(envs, known.bound, params, world)
    functions.check(timed)
    check_templates(envs)
    for env in envs:
        resolve_entities(env, known)
    for env in envs:
        resolve_inputs(env, known)
    for env in envs:
        resolve_sources(env, known, locked)
    late = resolve_views(envs, known)
    for env in envs:
        resolve_populations(env, known)
    resolve_groups(timed, known, late)
    for env in envs:
        resolve_datasets(env, known)
    for env in envs:
        resolve_consumers(env, known)
    for env in envs:
        resolve_wanted(env, known)
    for env in envs:
        resolve_tests(env, known)
    check_overrides(params, scopes, report)
    subject = Subject(scopes, known, report, whole=not (report.has_errors or problems.has_errors))
    for slug, rule in RULES.items():
        if slug not in OFF_BY_DEFAULT or slug in enabled:
            rule(subject)
    idle = OFF_BY_DEFAULT.difference(enabled) | ({"unused"} if not subject.whole else set())
    problems.extend(apply_allows(report.items, modules, idle))
    program = Program(
        project=project,
        timezone=timezone,
        params={p.name: p for b in known.bound.values() for p in b.parameters.values()},
        entities=known.entities,
        sources=known.sources,
        views=known.views,
        inputs=known.inputs,
        groups=known.groups,
        labels=known.labels,
        datasets=known.datasets,
        consumers=known.consumers,
        wanted=known.wanted,
        tests=tuple(known.tests),
    )
    if problems.has_errors:
        return whole_only(program, problems.items)
    if locked is not None:  # else nothing is said of what rests on columns that nobody knows
        check_complete(program, modules, known.members)
    check_asked(program, problems)
    check_joined_ahead(program, problems)
    return whole_only(program, problems.items) if problems.has_errors else program


def _environment(
    scope: Scope,
    scopes: Scopes,
    report: Report,
    texts: SourceSet,
    known: Known,
    functions: Functions,
    world: Surroundings,
) -> Env:
    """The environment of a namespace; without names of its own, as constants have it."""
    known.bound[scope.namespace] = Bound()
    return Env(
        place=Place.CONSTANT,
        names=NoNames(),
        dollars=DollarNames(known.bound),
        scope=scope,
        scopes=scopes,
        report=report,
        texts=texts,
        variables=world.environment,
        code=world.code,
        resolvers=RESOLVERS,
        functions=functions,
        inputs=known.inputs,
        budget=Budget(NODES),
        as_of=False,
    )
