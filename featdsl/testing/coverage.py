"""What tests reach of a project: features, windows, branches and outcomes of conditions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlglot import exp

from featdsl.compiler.compilation import Compilation
from featdsl.compiler.options import Options
from featdsl.compiler.statements import relation_query
from featdsl.diagnostics.failure import Failure
from featdsl.engines.duckdb import Session
from featdsl.engines.profile import Profile
from featdsl.ir.program import (
    DatasetColumn,
    Expected,
    ExpectedRows,
    Feature,
    Group,
    Let,
    Program,
    StatedColumn,
    Test,
    View,
)
from featdsl.ir.refs import groups_behind
from featdsl.sql import build, statements
from featdsl.testing.given import asked_groups
from featdsl.testing.groups import GroupTest, instants_of
from featdsl.testing.probes import Probe, ProbeKind, feature_probes, referred, view_probes
from featdsl.testing.run import Runner
from featdsl.testing.training import RowsTest
from featdsl.text.names import short_name
from featdsl.text.span import Span
from featdsl.types.dtype import BOOL

_PROBE = "featc_probe_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """Something that no test reaches. ``kind`` is feature, window or branch; ``of`` whose it is."""

    kind: str
    of: str
    words: str
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    reached: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How much is reached, by kind, and what is not, in the order of the texts."""

    shares: Mapping[str, Share]
    missing: tuple[Missing, ...]


def measure(
    compilation: Compilation, options: Options, tests: Sequence[Test], *, touched_only: bool = False
) -> Coverage:
    """Run what tests could reach beside what they state.

    A feature is touched by a test that states its value, or that of a feature which is computed
    from it. A test that cannot be run reaches nothing.

    Args:
        compilation: The project, without errors.
        options: What it was compiled with.
        tests: The tests.
        touched_only: Whether to leave out what none of the tests touches, where they are some.
    """
    with Session(Profile(threads=1)) as session:
        found = _Reached(Runner(compilation, options, session))
        for test in tests:
            with suppress(Failure):
                found.add(test)
    return _coverage(compilation.program, found, touched_only=touched_only)


@dataclass(slots=True)
class _Reached:
    """``features`` and ``views`` were computed by some test; ``probes`` were true in one."""

    runner: Runner
    features: set[str] = field(default_factory=set)
    views: set[str] = field(default_factory=set)
    probes: set[tuple[str, str]] = field(default_factory=set)

    def add(self, test: Test) -> None:
        program = self.runner.program(test)
        for expected in test.expected:
            self.features |= set(_touched(program, expected.stated))
        scans = self.runner.scans(program, test)
        try:
            for expected in test.expected:
                self._values(program, test, expected, scans)
            for instant, groups in asked_groups(self.runner.session, program, test, scans).items():
                self._rows(program, test, instant, groups, scans)
        finally:
            self.runner.drop(scans)

    def _values(
        self,
        program: Program,
        test: Test,
        expected: Expected | ExpectedRows,
        scans: Mapping[str, exp.Table],
    ) -> None:
        names = _touched(program, expected.stated)
        probes = [p for name in names for p in feature_probes(program.feature(name))]
        if not probes:
            return
        asked = _with_probes(program, probes)
        session = self.runner.session
        if isinstance(expected, ExpectedRows):
            self._keep(probes, _in_dataset(session, asked, test, expected, probes, scans))
            return
        by_group: dict[str, list[int]] = {}
        for i, probe in enumerate(probes):
            by_group.setdefault(_group_of(probe), []).append(i)
        for group, places in by_group.items():
            own = group == expected.group
            stated = replace(
                expected,
                group=group,
                features=tuple(f"{_PROBE}{i}" for i in places),
                at=expected.at if own else expected.at or expected.instants[0],
                cells=(),
                spans=(),
            )
            rows = _in_group(GroupTest(session, asked, test, stated, scans))
            self._keep([probes[i] for i in places], rows)

    def _rows(
        self,
        program: Program,
        test: Test,
        instant: datetime,
        groups: Iterable[str],
        scans: Mapping[str, exp.Table],
    ) -> None:
        for view in _views(program, test, groups):
            self.views.add(view.name)
            probes = view_probes(view)
            if not probes:
                continue
            lets = tuple(
                Let(name=f"{_PROBE}{i}", dtype=BOOL, value=p.condition, span=p.span)
                for i, p in enumerate(probes)
            )
            probed = replace(view, lets=(*view.lets, *lets), where=None)
            asked = replace(program, views={**program.views, view.name: probed})
            query = relation_query(asked, view.name, as_of=instant, scans=scans)
            columns = [build.func("bool_or", build.col(let.name)) for let in lets]
            rows = exp.Select(expressions=columns).from_(statements.subquery(query, "rows"))
            self._keep(probes, self.runner.session.execute(rows))

    def _keep(self, probes: Sequence[Probe], rows: Iterable[Sequence[object]]) -> None:
        for row in rows:
            self.probes |= {
                (p.subject, p.words) for p, true in zip(probes, row, strict=True) if true
            }


def _touched(program: Program, stated: Iterable[str]) -> list[str]:
    """The features that are stated, and those that they are computed from."""
    found = dict.fromkeys(stated)
    todo = list(found)
    while todo:
        for name in referred(program.feature(todo.pop())):
            if name not in found:
                found[name] = None
                todo.append(name)
    return list(found)


def _group_of(probe: Probe) -> str:
    return probe.subject.rpartition(".")[0]


def _with_probes(program: Program, probes: Sequence[Probe]) -> Program:
    """The program with a feature for each probe, in the group of what it is about."""
    more: dict[str, dict[str, Feature]] = {}
    subjects: dict[str, str] = {}
    for i, probe in enumerate(probes):
        feature = program.feature(probe.subject)
        name = f"{feature.group}.{_PROBE}{i}"
        subjects[name] = feature.name
        more.setdefault(feature.group, {})[name] = replace(
            feature,
            name=name,
            dtype=BOOL,
            nullable=True,
            expr=probe.condition,
            family=None,
            window=None,
            expectations=(),
        )

    def probed(group: Group) -> Group:
        own = more.get(group.name, {})
        of_requests = {n: f for n, f in own.items() if subjects[n] in group.requests}
        return replace(
            group,
            features={**group.features, **{n: f for n, f in own.items() if n not in of_requests}},
            requests={**group.requests, **of_requests},
        )

    return replace(
        program,
        groups={n: probed(g) for n, g in program.groups.items()},
        labels={n: probed(g) for n, g in program.labels.items()},
    )


def _in_group(asked: GroupTest) -> Iterator[Sequence[object]]:
    expected = asked.expected
    listed = set(zip(expected.keys, expected.instants, strict=True))
    for instant in instants_of(expected):
        for key, values in asked.values(instant).items():
            if expected.at is not None or (key, instant) in listed:
                yield values


def _in_dataset(
    session: Session,
    program: Program,
    test: Test,
    expected: ExpectedRows,
    probes: Sequence[Probe],
    scans: Mapping[str, exp.Table],
) -> Iterator[Sequence[object]]:
    columns = [
        DatasetColumn(name=f"{_PROBE}{i}", feature=f"{_group_of(p)}.{_PROBE}{i}", span=p.span)
        for i, p in enumerate(probes)
    ]
    dataset = replace(
        program.datasets[expected.dataset],
        columns=tuple(c for c, p in zip(columns, probes, strict=True) if _in(program.groups, p)),
        labels=tuple(c for c, p in zip(columns, probes, strict=True) if _in(program.labels, p)),
    )
    asked = replace(program, datasets={**program.datasets, dataset.name: dataset})
    stated = tuple(StatedColumn(name=c.name, dtype=BOOL, feature=c.feature) for c in columns)
    named, rows = RowsTest(
        session, asked, test, replace(expected, columns=stated, cells=(), spans=()), scans
    ).rows()
    places = [named.index(c.name) for c in columns]
    for row in rows:
        yield [row[i] for i in places]


def _in(groups: Mapping[str, Group], probe: Probe) -> bool:
    return _group_of(probe) in groups


def _views(program: Program, test: Test, groups: Iterable[str]) -> Iterator[View]:
    """Views whose rows groups read, joined ones too, down to where rows are given."""
    waiting = [g.relation for g in groups_behind(program, groups) if g.relation is not None]
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in seen or name not in program.views or name in test.given:
            continue
        seen.add(name)
        view = program.views[name]
        yield view
        waiting += [*view.lefts, *(j.source for j in view.joins)]


def _coverage(program: Program, reached: _Reached, *, touched_only: bool) -> Coverage:
    features = [
        f
        for g in (*program.groups.values(), *program.labels.values())
        for f in g.members.values()
        if not touched_only or f.name in reached.features
    ]
    views = [v for v in program.views.values() if not touched_only or v.name in reached.views]
    missing = [
        Missing(kind="feature", of=f.name, words="no test touches it", span=f.name_span)
        for f in features
        if f.name not in reached.features
    ]
    shares = {"feature": Share(reached=len(features) - len(missing), total=len(features))}
    # What no test touches is told once, not for each of its windows too.
    probes = [p for f in features for p in feature_probes(f)]
    probes += [p for v in views for p in view_probes(v)]
    for kind in ProbeKind:
        own = [p for p in probes if p.kind is kind]
        left = [p for p in own if (p.subject, p.words) not in reached.probes]
        shares[kind.value] = Share(reached=len(own) - len(left), total=len(own))
        missing += [
            Missing(kind=kind.value, of=p.subject, words=p.words, span=p.span)
            for p in left
            if p.subject in program.views or p.subject in reached.features
        ]
    declared = sorted([*features, *views], key=lambda d: (d.name_span.source, d.name_span.start))
    order = {d.name: i for i, d in enumerate(declared)}
    missing.sort(key=lambda m: order[m.of])
    return Coverage(shares=shares, missing=tuple(missing))


def subject_text(missing: Missing) -> str:
    """How a feature, or a view, is called on a screen: ``spend.spend_7d``, ``lines``."""
    group, _, feature = missing.of.rpartition(".")
    return f"{short_name(group)}.{feature}" if "." in group else feature
