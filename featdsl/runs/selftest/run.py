"""Trying the relations on a project's data."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlglot import exp

from featdsl.compiler.compilation import Compilation
from featdsl.compiler.statements import group_query
from featdsl.engines.duckdb import Session
from featdsl.ir.program import Program, Source
from featdsl.project.load import Project
from featdsl.runs.execute import places_of
from featdsl.runs.opened import Scans, opened
from featdsl.runs.outputs import Wanted, wanted_groups
from featdsl.runs.places import Places
from featdsl.runs.selftest import added, reach
from featdsl.runs.selftest.compare import Key, Values, changed
from featdsl.runs.selftest.cut import cut, otherwise
from featdsl.runs.selftest.model import Finding, Relation, SelfTest, Tried
from featdsl.runs.selftest.published import last_published
from featdsl.runs.selftest.shown import SHOWN, is_key, narrowed, rows_of, tied
from featdsl.runs.selftest.spines import repeated_spines
from featdsl.sql import build, statements
from featdsl.types.dtype import TIMESTAMP

_SHUFFLES = (1, 2)
_TOLD = 20
"""Findings whose rows are narrowed down: each takes some queries."""
_SHARES = (0.5, 0.9)
"""Where, among the times of a source's rows, the values are looked at beside the as-of time."""


def selftest_project(
    project: Project,
    compilation: Compilation,
    selection: Sequence[str],
    *,
    as_of: datetime,
    step: Callable[[str], None] = lambda _: None,
) -> SelfTest:
    """Try every relation on the selected features, over the project's data.

    Nothing is published or recorded. Each group is computed at up to three times, for each
    relation and source again.

    Args:
        project: Where it is.
        compilation: What it means; without errors.
        selection: Full names of features; none for all but private ones.
        as_of: The latest as-of time, naive UTC.
        step: Is told what is being done.

    Raises:
        Failure: a source does not fit, or the engine cannot compute a feature.
    """
    program = compilation.program
    wanted = wanted_groups(program, selection)
    with opened(project, program, wanted) as (session, scans):
        trial = _Trial(session, program, scans, places_of(project, program), step)
        times = trial.times(as_of)
        for at in times:
            for group in wanted:
                trial.try_group(group, at)
        for group in wanted:
            trial.try_again(group)
        trial.try_spines(as_of)
    tried = tuple(
        Tried(relation=r, trials=trial.trials.get(r, 0), cells=trial.cells.get(r, 0))
        for r in Relation
    )
    return SelfTest(times=tuple(times), tried=tried, findings=tuple(trial.told()))


@dataclass(slots=True)
class _Trial:
    session: Session
    program: Program
    scans: Scans
    places: Places
    step: Callable[[str], None]
    tables: int = 0
    trials: dict[Relation, int] = field(default_factory=dict)
    cells: dict[Relation, int] = field(default_factory=dict)
    found: dict[tuple[Relation, str], list[Finding]] = field(default_factory=dict)

    def times(self, as_of: datetime) -> list[datetime]:
        """The as-of time, and times within the data before it."""
        found = {as_of}
        for name, table in self.scans.items():
            source = self.program.sources[name]
            if source.time is None:
                continue
            time = build.cast(build.col(source.time), TIMESTAMP)
            before = exp.LT(this=time, expression=build.timestamp(as_of))
            values = [
                build.func("quantile_disc", time.copy(), exp.Literal.number(str(s)))
                for s in _SHARES
            ]
            query = exp.Select(expressions=values).from_(table.copy()).where(before)
            ((*moments,),) = self.session.execute(query)
            found |= {m for m in moments if m is not None}
        latest = sorted(found)
        # The as-of time itself, one in the middle and one late: more would only take longer.
        return sorted({latest[len(latest) // 2], latest[-2] if len(latest) > 1 else as_of, as_of})

    def try_group(self, wanted: Wanted, at: datetime) -> None:
        before = self.values(wanted, at, self.scans)
        reading = reach.sources_read(self.program, wanted.group.name)
        for seed in _SHUFFLES:
            self.step(f"{wanted.group.name}: {Relation.SHUFFLED} ({at})")
            mixed = {
                name: self._table(
                    added.shuffled(self.scans[name], self.program.sources[name], seed)
                )
                for name in reading
            }
            after = self.values(wanted, at, {**self.scans, **mixed})
            for finding, _ in self._compare(Relation.SHUFFLED, wanted, at, before, after):
                self._replace(
                    finding, tied(self.session, self.program, self.scans, wanted, finding.key)
                )
            self._drop(mixed.values())
        for relation, make in (
            (Relation.FUTURE, self._future),
            (Relation.LATE, lambda s, w, t: added.late(s, t)),
            (Relation.OLD, self._old),
        ):
            for name in reading:
                source = self.program.sources[name]
                moved = make(source, wanted, at)
                if moved is not None:
                    self._try_added(relation, source, moved, wanted, at, before)
        self._try_split(wanted, at, before)
        for name in reading:
            self._try_cut(self.program.sources[name], wanted, at, before)

    def _future(self, source: Source, wanted: Wanted, at: datetime) -> added.Moved | None:
        return added.future(source, at, closed=reach.takes_end_in(self.program, wanted.group.name))

    def _old(self, source: Source, wanted: Wanted, at: datetime) -> added.Moved | None:
        root = reach.only_root(self.program, wanted.group.name)
        starts = [reach.earliest(self.program, f.name, at) for f in wanted.features]
        known = [s for s in starts if s is not None]
        if root != source.name or not known:
            return None
        return added.old(source, min(known) - timedelta(days=1))

    def _try_added(
        self,
        relation: Relation,
        source: Source,
        moved: added.Moved,
        wanted: Wanted,
        at: datetime,
        before: Values,
    ) -> None:
        self.step(f"{wanted.group.name}: {relation} in {source.name} ({at})")
        table = self.scans[source.name]
        copies = self._table(added.copies(table, source, self.program, moved))
        features = [
            i
            for i, f in enumerate(wanted.features)
            if relation is not Relation.OLD or reach.earliest(self.program, f.name, at) is not None
        ]

        excused = self._first_seen(relation, source, copies, wanted, at)

        def after(numbers: list[int] | None) -> Values:
            more = self._table(added.with_rows(table, source, copies, numbers))
            try:
                found = self.values(wanted, at, {**self.scans, source.name: more})
                return {k: v for k, v in found.items() if k in before or not excused(k)}
            finally:
                self._drop([more])

        found = after(None)
        fresh = self._compare(relation, wanted, at, before, found, source=source, only=features)
        for finding, place in fresh:
            if len(self.found) > _TOLD:
                break
            key = finding.key
            rows = narrowed(self.session, copies, key, place, before, after)
            self._replace(finding, rows)
        self._drop([copies])

    def _first_seen(
        self, relation: Relation, source: Source, copies: exp.Table, wanted: Wanted, at: datetime
    ) -> Callable[[Key], bool]:
        """Whether a key may come into being by the copies: an old one may be its first row.

        So may one at the as-of time itself: it is seen then, though no window takes it.
        """
        if relation is not Relation.FUTURE or source.time is None:
            return lambda _: relation is Relation.OLD
        columns = reach.key_columns(self.program, wanted.group.name)
        if not columns:
            return lambda _: True
        seen = {*self.session.execute(added.keys_at(copies, columns, source.time, at))}
        return lambda key: key in seen

    def _try_split(self, wanted: Wanted, at: datetime, before: Values) -> None:
        """Both halves of the keys by themselves give what all give together."""
        root = reach.only_root(self.program, wanted.group.name)
        columns = reach.key_columns(self.program, wanted.group.name)
        if root is None or not columns:
            return
        self.step(f"{wanted.group.name}: {Relation.SPLIT} ({at})")
        table = self.scans[root]
        keys = self._table(added.halves(table, columns))
        listed = self.session.execute(statements.star_from(keys.copy()))
        half_of = {row[:-1]: row[-1] for row in listed}
        together: dict[Key, Sequence[object]] = {}
        for part in (0, 1):
            rows = self._table(added.half(table, keys, columns, part))
            found = self.values(wanted, at, {**self.scans, root: rows})
            self._drop([rows])
            # A key without rows is there in both: with a population it exists all the same.
            together |= {k: v for k, v in found.items() if half_of.get(k, 0) == part}
        self._drop([keys])
        self._compare(Relation.SPLIT, wanted, at, before, together)

    def _try_cut(self, source: Source, wanted: Wanted, at: datetime, before: Values) -> None:
        """Files without the rows of the future give the same rows of the past."""
        self.tables += 1
        rows = cut(self.session, source, self.places, at, f"selftest files {self.tables}")
        if rows is None:
            return
        self.step(f"{wanted.group.name}: {Relation.CUT} in {source.name} ({at})")
        table = self._table(rows)
        after = self.values(wanted, at, {**self.scans, source.name: table})
        fresh = self._compare(Relation.CUT, wanted, at, before, after, source=source)
        columns = reach.key_columns(self.program, wanted.group.name)
        mine = reach.only_root(self.program, wanted.group.name) == source.name
        for finding, _ in fresh:
            query = statements.star_from(
                statements.subquery(otherwise(table, self.scans[source.name], source, at), "r")
            )
            if mine and columns:
                query = query.where(is_key(source, columns, finding.key))
            self._replace(finding, rows_of(self.session, query.limit(SHOWN)))
        self._drop([table])

    def try_again(self, wanted: Wanted) -> None:
        """What was published last comes out again."""
        known = last_published(self.session, self.program, wanted, self.places, self.scans)
        if known is None:
            return
        self.step(f"{wanted.group.name}: {Relation.AGAIN} ({known.at})")
        now = self.values(known.wanted, known.at, self.scans)
        self._compare(Relation.AGAIN, known.wanted, known.at, known.values, now)

    def try_spines(self, at: datetime) -> None:
        for dataset, once, twice in repeated_spines(self.session, self.program, self.scans, at):
            self.step(f"{dataset.name}: {Relation.REPEATED}")
            names = [c.feature or c.name for c in dataset.columns]
            cells = list(changed(once, twice))
            self._count(Relation.REPEATED, len(once) * len(names))
            for key, place in cells:
                self._add(
                    Finding(
                        relation=Relation.REPEATED,
                        feature=names[place],
                        at=at,
                        key=key,
                        before=once[key][place] if key in once else None,
                        after=twice[key][place] if key in twice else None,
                    )
                )

    # --- Values, tables, findings ------------------------------------------------------------

    def values(self, wanted: Wanted, at: datetime, scans: Scans) -> Values:
        query = group_query(
            self.program,
            wanted.group.name,
            as_of=at,
            features=[f.short for f in wanted.features],
            scans=scans,
        )
        count = len(self.program.entities[wanted.group.entity].keys)
        rows = self.session.execute(query, doing=f"computing {wanted.group.name}")
        return {row[:count]: row[count:] for row in rows}

    def _table(self, query: exp.Expr) -> exp.Table:
        self.tables += 1
        return self.session.create_table(f"selftest {self.tables}", query)

    def _drop(self, tables: Iterable[exp.Table]) -> None:
        for table in tables:
            self.session.execute(statements.drop("TABLE", table.name))

    def _count(self, relation: Relation, cells: int) -> None:
        self.trials[relation] = self.trials.get(relation, 0) + 1
        self.cells[relation] = self.cells.get(relation, 0) + cells

    def _compare(
        self,
        relation: Relation,
        wanted: Wanted,
        at: datetime,
        before: Values,
        after: Values,
        *,
        source: Source | None = None,
        only: Sequence[int] | None = None,
    ) -> list[tuple[Finding, int]]:
        """Keep what changed; the first finding of each feature, and its place, come back."""
        places = range(len(wanted.features)) if only is None else only
        if relation is not Relation.SHUFFLED:
            places = [i for i in places if not self._is_tied(wanted.features[i].name)]
        self._count(relation, len(before) * len(places))
        fresh = []
        for key, place in sorted(changed(before, after), key=repr):
            if place not in places:
                continue
            finding = Finding(
                relation=relation,
                feature=wanted.features[place].name,
                at=at,
                key=key,
                before=before[key][place] if key in before else None,
                after=after[key][place] if key in after else None,
                source=self._source_of(relation, wanted, source),
            )
            if self._add(finding):
                fresh.append((finding, place))
        return fresh

    def _source_of(self, relation: Relation, wanted: Wanted, source: Source | None) -> str | None:
        if source is not None:
            return source.name
        ordered = relation is Relation.SHUFFLED
        return reach.only_root(self.program, wanted.group.name) if ordered else None

    def _add(self, finding: Finding) -> bool:
        """Whether it is the first of its relation and feature."""
        known = self.found.setdefault((finding.relation, finding.feature), [])
        known.append(finding)
        return len(known) == 1

    def _replace(self, finding: Finding, rows: tuple[Mapping[str, object], ...]) -> None:
        known = self.found[finding.relation, finding.feature]
        known[0] = replace(finding, rows=rows)

    def told(self) -> Iterator[Finding]:
        for (relation, feature), (first, *others) in self.found.items():
            # A value that the order decides differs in other trials too, which says nothing more.
            if relation is Relation.SHUFFLED or not self._is_tied(feature):
                yield replace(first, others=len(others))

    def _is_tied(self, feature: str) -> bool:
        return (Relation.SHUFFLED, feature) in self.found
