"""Sets of rows that a run, or a training set, asks expectations of: as the oracle has them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from featdsl.ir import expr as ir
from featdsl.ir.program import Expectation, Group, Program, SpineRows
from featdsl.ir.visit import column_name, walk
from featdsl.reference.expectations import Judged, judged
from featdsl.reference.expected_sets import (
    Member,
    group_set,
    names_in,
    stored_set,
    training_set,
    view_set,
)
from featdsl.reference.oracle import Oracle
from featdsl.reference.spine import training_rows
from tests.harness.case import Case, Stored
from tests.harness.oracle import oracle_of

EARLIER, SHARE = "earlier", "share"
"""In a case, when a first run was, and the share of the rows it saw: what `changes` looks at."""


def turns(case: Case) -> Iterator[tuple[datetime, Stored]]:
    """When a project is run, and over which rows."""
    if EARLIER in case.more:
        share = case.more[SHARE]
        first = {n: rows[: int(len(rows) * share)] for n, rows in case.stored.items()}
        yield case.more[EARLIER], first
    yield case.as_of, case.stored


@dataclass
class Sets:
    """Of a run at a time; of a training set where ``dataset`` names one."""

    program: Program
    oracle: Oracle
    at: datetime
    dataset: str | None = None
    known: dict[str, list[Member]] = field(default_factory=dict)

    @classmethod
    def over(
        cls, program: Program, case: Case, stored: Stored, at: datetime, dataset: str | None = None
    ) -> Sets:
        return cls(program, oracle_of(program, replace(case, stored=stored)), at, dataset)

    def judge(self, subject: str, expected: Expectation, before: Sets | None) -> Judged:
        then = None if before is None else before.of(subject)
        return judged(expected, self.of(subject), self.at, self.program.timezone, then)

    def of(self, subject: str) -> list[Member]:
        name = self.set_of(subject)
        if name not in self.known:
            self.known[name] = self._of(name)
        return self.known[name]

    def set_of(self, subject: str) -> str:
        """The set that is judged: of a feature, its group's output."""
        p = self.program
        sets = {*p.sources, *p.views, *p.groups, *p.labels, *p.datasets}
        return subject if subject in sets else subject.rpartition(".")[0]

    def _of(self, name: str) -> list[Member]:
        if name in self.program.sources:
            return stored_set(self.oracle, name, self.at)
        if name in self.program.views:
            return view_set(self.oracle, name, self.at)
        if self.dataset is None:
            return group_set(self.oracle, name, self.at)
        rows = training_rows(self.oracle, self.dataset)
        names = {} if name == self.dataset else self._names(self._group(name))
        return training_set(self.oracle, rows, self.at, names)

    def _group(self, name: str) -> Group:
        groups = self.program.groups
        return groups[name] if name in groups else self.program.labels[name]

    def _names(self, group: Group) -> dict[str, str]:
        """What members of a group are called in the training set."""
        assert self.dataset is not None
        dataset = self.program.datasets[self.dataset]
        keys = [k.name for k in self.program.entities[dataset.entity].keys]
        own = dataset.spine.keys if isinstance(dataset.spine, SpineRows) else keys
        return names_in(group, keys, (*dataset.columns, *dataset.labels), own)

    def asked(self, subject: str, expected: tuple[Expectation, ...]) -> list[Expectation]:
        """Which expectations of a subject are asked: in a training set those that need one."""
        name = self.set_of(subject)
        if self.dataset is None or name not in self.program.groups:
            return [*expected]
        requests = {f.short for f in self.program.groups[name].requests.values()}
        return [e for e in expected if named(e) & requests]

    def is_skipped(self, subject: str, expected: Expectation) -> bool:
        """Whether it is about features that are not computed: private ones, or on inputs."""
        name = self.set_of(subject)
        if name not in self.program.groups and name not in self.program.labels:
            return False
        group = self._group(name)
        if self.dataset is not None:
            return not named(expected) <= self._names(group).keys()
        keys = {k.name for k in self.program.entities[group.entity].keys}
        shown = {f.short for f in group.features.values() if not f.meta.private}
        return not named(expected) <= keys | shown

    def reached(
        self, expected: dict[str, tuple[Expectation, ...]], read: set[str]
    ) -> list[list[str]]:
        """What is asked of what, by stage: of sources that are ``read``, views, results."""
        views = [n for n in expected if n in self.program.views and self._is_read(n)]
        of_set = {n: self.set_of(n) for n in expected}
        if self.dataset is None:
            results = [n for n, s in of_set.items() if s in self.program.groups]
        else:
            some = [
                n for n, s in of_set.items() if s in {*self.program.groups, *self.program.labels}
            ]
            results = [n for n in (*some, self.dataset) if self._is_included(n, expected)]
        return [[n for n in expected if n in read], views, results]

    def _is_included(self, subject: str, expected: dict[str, tuple[Expectation, ...]]) -> bool:
        if subject == self.dataset:
            return subject in expected
        group = self._group(self.set_of(subject))
        keys = len(self.program.entities[group.entity].keys)
        return bool(self.asked(subject, expected[subject])) and len(self._names(group)) > keys

    def _is_read(self, view: str) -> bool:
        """Whether rows of some published group are a view's, directly or through others."""

        def behind(name: str) -> Iterator[str]:
            yield name
            if name in self.program.views:
                for left in self.program.views[name].lefts:
                    yield from behind(left)

        groups = [
            g
            for g in self.program.groups.values()
            if any(not f.meta.private for f in g.features.values())
        ]
        if self.dataset is not None:
            columns = self.program.datasets[self.dataset].columns
            included = {c.feature.rpartition(".")[0] for c in columns if c.feature is not None}
            groups = [g for g in self.program.groups.values() if g.name in included]
        return any(view in behind(g.relation) for g in groups if g.relation is not None)


def named(expected: Expectation) -> set[str]:
    """Names of the set that an expectation is about."""
    nodes = () if expected.condition is None else walk(expected.condition)
    names = {
        n.feature.rpartition(".")[2] if isinstance(n, ir.FeatureRef) else column_name(n)
        for n in nodes
        if isinstance(n, ir.FeatureRef | ir.Column)
    }
    return names | {*expected.columns}
