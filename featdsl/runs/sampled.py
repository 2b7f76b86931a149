"""What is published beside what the texts now say, for a sample of keys.

The values before are those of the published files. Those after are computed as of the same time,
from all rows of the keys that a hash picks: windows need every row of a key, and no other key's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlglot import exp

from featdsl.compiler.compilation import Compilation
from featdsl.engines.duckdb import Session
from featdsl.ir.program import Feature
from featdsl.project.load import Project
from featdsl.runs.opened import opened
from featdsl.runs.outputs import Wanted, output_query
from featdsl.runs.profile import Profiled, profile_output
from featdsl.runs.published import checked_file, type_of
from featdsl.runs.steps import hidden_in
from featdsl.runs.trial import is_picked, sampled
from featdsl.sql import build, statements
from featdsl.store.current import Current, Space
from featdsl.store.record import FeatureProfile
from featdsl.types.dtype import Kind

RELATIVE = 1e-9
"""How far floats may be apart: the order of their sums is not the same."""
_ROW = "row of it"


@dataclass(frozen=True, slots=True)
class Compared:
    """A group that is published: ``columns`` has the published column of features by short names.

    ``same`` of them mean what they meant; ``hidden`` columns held personal data.
    """

    group: str
    current: Current
    as_of: datetime
    columns: Mapping[str, str]
    same: frozenset[str]
    hidden: frozenset[str]


@dataclass(frozen=True, slots=True)
class FeatureSample:
    """``differ`` of the keys that are there before and after have another value.

    Profiles are of all keys of the sample, before and after.
    """

    feature: str
    differ: int
    before: FeatureProfile
    after: FeatureProfile


@dataclass(frozen=True, slots=True)
class GroupSample:
    """One of ``every`` keys: ``keys`` are there before and after, others are ``gone`` or ``new``.

    ``others`` are features that mean the same and have other values: then the data are others, or
    parameters.
    """

    group: str
    run: str
    as_of: datetime
    every: int
    keys: int
    gone: int
    new: int
    features: tuple[FeatureSample, ...]
    others: tuple[str, ...]


def compare_samples(
    project: Project, compilation: Compilation, compared: Sequence[Compared], *, share: float
) -> list[GroupSample]:
    """Compute groups for a share of their keys, and compare with what is published.

    Raises:
        Failure: a source does not fit, a published file is not as it was written, or the engine
            cannot compute a feature.
    """
    program = compilation.program
    wanted = {}
    for c in compared:
        ordered = sorted(program.groups[c.group].features.values(), key=lambda f: f.index)
        features = tuple(f for f in ordered if f.short in c.columns)
        wanted[c.group] = Wanted(program.groups[c.group], features)
    found = []
    with opened(project, program, list(wanted.values())) as (session, scans):
        for c in compared:
            work = _Group(session, project, compilation, c, wanted[c.group])
            found.append(work.compared_with(scans, share))
    return found


@dataclass(frozen=True, slots=True)
class _Group:
    session: Session
    project: Project
    compilation: Compilation
    asked: Compared
    wanted: Wanted

    @property
    def keys(self) -> list[str]:
        return [k.name for k in self.compilation.program.entities[self.wanted.group.entity].keys]

    def compared_with(self, scans: Mapping[str, exp.Table], share: float) -> GroupSample:
        program, group = self.compilation.program, self.wanted.group
        picked, every = sampled(self.session, program, group, scans, share=share)
        query = output_query(
            self.session, program, self.wanted, as_of=self.asked.as_of, scans=picked
        )
        after = self.session.create_table(f"after {group.name}", _picked(query, self.keys, every))
        before = self.session.create_table(f"before {group.name}", self._published(every))
        both, gone, new, *differ = self._counted(before, after)
        changed = [f for f in self.wanted.features if f.short not in self.asked.same]
        was = self._profiles(before, [self._as_before(f) for f in changed], both + gone)
        now = self._profiles(after, changed, both + new)
        counts = {f.short: n for f, n in zip(self.wanted.features, differ, strict=True)}
        return GroupSample(
            group=group.name,
            run=self.asked.current.run,
            as_of=self.asked.as_of,
            every=every,
            keys=both,
            gone=gone,
            new=new,
            features=tuple(
                FeatureSample(f.name, counts[f.short], b, a)
                for f, b, a in zip(changed, was, now, strict=True)
            ),
            others=tuple(
                f.name
                for f in self.wanted.features
                if f.short in self.asked.same and counts[f.short]
            ),
        )

    def _published(self, every: int) -> exp.Select:
        """Rows of the published file whose keys are picked, with columns as they are called now."""
        space = Space(target=self.project.target_name)
        target = self.project.target_dir
        path = checked_file(target, space, self.asked.group, self.asked.current)
        plain = {"hive_partitioning": build.boolean(False)}
        file = statements.table_function("read_parquet", build.text(str(path.resolve())), plain)
        columns = [
            *(build.col(k) for k in self.keys),
            *(
                statements.named(build.col(self.asked.columns[f.short]), f.short)
                for f in self.wanted.features
            ),
        ]
        return _picked(exp.Select(expressions=columns).from_(file), self.keys, every)

    def _counted(self, before: exp.Table, after: exp.Table) -> list[int]:
        """Keys that are there before and after, before only, after only; of features who differ."""
        sides = []
        for table, alias in ((before, "b"), (after, "a")):
            marked = [exp.Star(), statements.named(build.boolean(True), _ROW)]
            query = exp.Select(expressions=marked).from_(table.copy())
            sides.append(statements.subquery(query, alias))
        there = {a: exp.Not(this=build.is_null(build.col(_ROW, a))) for a in ("b", "a")}
        both = exp.And(this=there["b"], expression=there["a"])
        alone = [exp.Not(this=there[a].copy()) for a in ("a", "b")]
        differ = (
            exp.And(this=both.copy(), expression=self._differs(f)) for f in self.wanted.features
        )
        counted = [statements.count_where(c.copy()) for c in (both, *alone, *differ)]
        equal = build.all_of(
            [exp.EQ(this=build.col(k, "b"), expression=build.col(k, "a")) for k in self.keys]
        )
        query = exp.Select(expressions=counted).from_(sides[0])
        query = query.join(sides[1], on=equal or build.boolean(True), join_type="full")
        return [int(n) for n in self.session.execute(query)[0]]

    def _differs(self, feature: Feature) -> exp.Expr:
        was: exp.Expr = build.col(feature.short, "b")
        now: exp.Expr = build.col(feature.short, "a")
        before = self._as_before(feature)
        if Kind.FLOAT in (before.dtype.kind, feature.dtype.kind) and _is_number(before, feature):
            return exp.paren(_apart(was, now))
        if before.dtype != feature.dtype and not _is_number(before, feature):
            was, now = (exp.cast(c, exp.DataType.Type.TEXT) for c in (was, now))
        return exp.paren(exp.NullSafeNEQ(this=was, expression=now))

    def _as_before(self, feature: Feature) -> Feature:
        """The feature in the type that it was published in."""
        column = self.asked.columns[feature.short]
        published = next(c for c in self.asked.current.columns if c.name == column)
        return replace(feature, dtype=type_of(published.dtype) or feature.dtype)

    def _profiles(
        self, table: exp.Table, features: Sequence[Feature], rows: int
    ) -> tuple[FeatureProfile, ...]:
        hidden = hidden_in(self.compilation.program)
        hidden |= {f.name for f in features if self.asked.columns[f.short] in self.asked.hidden}
        return profile_output(self.session, Profiled(table, rows, self.keys, features, hidden))


def _apart(was: exp.Expr, now: exp.Expr) -> exp.Expr:
    """Whether one of two numbers is null and the other not, or they are further apart than sums."""
    was, now = (exp.cast(c, exp.DataType.Type.DOUBLE) for c in (was, now))
    null = [exp.paren(build.is_null(c.copy())) for c in (was, now)]
    apart = build.func("abs", exp.paren(exp.Sub(this=was.copy(), expression=now.copy())))
    largest = build.func("greatest", *(build.func("abs", c) for c in (was, now)))
    slack = exp.paren(exp.Mul(this=largest, expression=exp.Literal.number(repr(RELATIVE))))
    far = build.func("coalesce", exp.GT(this=apart, expression=slack), build.boolean(False))
    other = exp.paren(exp.NEQ(this=null[0], expression=null[1]))
    return exp.Or(this=other, expression=far)


def _is_number(*features: Feature) -> bool:
    return all(f.dtype.kind in (Kind.INT, Kind.DECIMAL, Kind.FLOAT) for f in features)


def _picked(query: exp.Select, keys: Sequence[str], every: int) -> exp.Select:
    """Rows whose keys are picked: of the sources' rows those of a few other keys may be left."""
    found = statements.star_from(statements.subquery(query, "result"))
    return found if every == 1 else found.where(is_picked(keys, every))
