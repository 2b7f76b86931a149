"""The stages of a training set up to its rows; those of sources are the stages of a run."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from sqlglot import exp

from featdsl.compiler.training import AUDIT, label_sources, training_query, until_query
from featdsl.diagnostics import catalog
from featdsl.diagnostics.failure import Failure
from featdsl.ir.program import SpineGrid, SpineRows, View
from featdsl.ir.relations import roots
from featdsl.planning.training import instants
from featdsl.project.as_of import AsOf, show_instant
from featdsl.runs.matches import check_matches, check_spine_matches
from featdsl.runs.needed import at_many_times, behind, needed_joins, read_before
from featdsl.runs.spine import StagedSpine, given_spine, own_spine, view_spine
from featdsl.runs.stage import report_changes
from featdsl.runs.state import Run
from featdsl.runs.steps import check_data, context_of, find_sources, stage_data
from featdsl.runs.train_counts import PointCounts, count_points
from featdsl.runs.train_state import Training
from featdsl.sql import build, statements
from featdsl.text.amounts import count

_AHEAD = timedelta(days=1)
"""The midnight after the last day of the data is no time after them."""


@dataclass(frozen=True, slots=True)
class Steps:
    """The stages of one training set; each returns in a few words what came of it."""

    training: Training

    def find(self, run: Run) -> str:
        """Find the files of all sources that are read."""
        dataset = self.training.dataset
        if self.training.asked.spine is None and dataset.spine is None:
            message = f"`{dataset.name}` has no spine of its own"
            found = catalog.NO_SPINE.at(dataset.name_span, message)
            raise Failure(found.help("hand one in: `--spine rows.parquet`"))
        return find_sources(run)

    def stage(self, run: Run) -> str:
        """Make tables of the sources and of the spine; find up to when labels are known."""
        training = self.training
        said = stage_data(run)
        if run.problems.has_errors:
            return said
        training.spine = self._staged_spine(run)
        if run.problems.has_errors:
            return said
        for source in label_sources(run.program, training.dataset.name):
            training.untils[source] = self._until(run, source)
        if training.spine is None:
            return said
        table = training.spine.table
        points = count_points(run.session, table.table, table.keys, build.col(table.time))
        training.points = points
        if points.strange:
            rows = "row has" if points.strange == 1 else "rows have"
            message = f"{points.strange:,} {rows} no time of the years 1 to 9999 in `{table.time}`"
            found = catalog.UNFIT_VALUES.at(training.dataset.name_span, message)
            run.problems.report(found.help("correct the times, or leave them empty"))
        return f"{said}, {count(points.rows, 'row')} of the spine"

    def _staged_spine(self, run: Run) -> StagedSpine | None:
        dataset, given = self.training.dataset, self.training.asked.spine
        if given is not None:
            return given_spine(
                run.session,
                run.program,
                dataset,
                given,
                hashes=run.hashes,
                run=run.id,
                staging=run.staging,
                places=run.settings.places,
                problems=run.problems,
            )
        if isinstance(dataset.spine, SpineRows):
            if dataset.spine.source in run.program.views:
                return view_spine(run.session, run.program, dataset, run.staged.scans)
            rows = run.staged.rows[dataset.spine.source]
            return own_spine(run.session, run.program, dataset, rows.plain)
        return None

    def _until(self, run: Run, source: str) -> datetime | None:
        given, newest = self.training.asked.labels_until, self._last_seen(run, source)
        if given is None:
            return newest
        if newest is None or given - newest > _AHEAD:
            self._report_ahead(run, source, given, newest)
        return given

    def _report_ahead(
        self, run: Run, source: str, given: datetime, newest: datetime | None
    ) -> None:
        """Say that windows count as over of which the data hold no rows."""
        name = run.program.sources[source].short
        if newest is None:
            but = f"no row of `{name}` can be seen"
        else:
            but = f"the newest row of `{name}` can be seen at {show_instant(newest)}"
        message = f"labels count as known up to {show_instant(given)}, but {but}"
        found = catalog.LABELS_PAST_DATA.at(self.training.dataset.name_span, message)
        run.problems.report(
            found.note("windows in between count as over, and without rows").help(
                "leave `--labels-until` out, or give an earlier time"
            )
        )

    def _last_seen(self, run: Run, source: str) -> datetime | None:
        query = until_query(run.program, source, scans=run.staged.scans)
        found: datetime | None = run.session.execute(query, doing="looking for the newest row")[0][
            0
        ]
        return found

    def check(self, run: Run) -> str:
        """Check the data as of the latest time of the spine; what labels read also behind it."""
        run.settings = replace(run.settings, as_of=self._latest(run))
        said = check_data(
            run, before=at_many_times(run.program, run.groups), more=self._spine_views(run)
        )
        if not run.problems.has_errors:
            self._check_spine(run)
        if not run.problems.has_errors:
            self._check_labels(run)
        if self.training.points is not None and not run.problems.has_errors:
            self.check_times(run, self.training.points)
        return said

    def _spine_views(self, run: Run) -> frozenset[str]:
        """Views that the rows of the spine are of."""
        spine = self.training.dataset.spine
        if self.training.asked.spine is not None or not isinstance(spine, SpineRows):
            return frozenset()
        return frozenset(r.name for r in behind(run.program, spine.source) if isinstance(r, View))

    def _check_spine(self, run: Run) -> None:
        """Joins that find several rows for a row of the spine."""
        spine = self.training.dataset.spine
        if not self._spine_views(run) or not isinstance(spine, SpineRows):
            return
        check_spine_matches(
            context_of(run),
            run.program,
            spine,
            rows={name: c.rows for name, c in run.checked.items()},
            scans=run.staged.scans,
            problems=run.problems,
        )

    def _latest(self, run: Run) -> AsOf:
        points, spine = self.training.points, self.training.dataset.spine
        last = None if points is None else points.last
        if points is None and isinstance(spine, SpineGrid):
            last = instants(spine)[-1] if spine.start <= spine.end else spine.end
        if last is not None:
            return AsOf(last, "the latest time of the spine")
        known = [t for t in self.training.untils.values() if t is not None]
        return AsOf(max(known), "the end of the labels") if known else run.settings.as_of

    def _check_labels(self, run: Run) -> None:
        """Joins that find several rows for a row that only labels read."""
        until = max((t for t in self.training.untils.values() if t is not None), default=None)
        if until is None or until <= run.settings.as_of.instant:
            return
        labels = [g for g in run.groups if g in run.program.labels]
        check_matches(
            replace(context_of(run), as_of=until),
            run.program,
            needed_joins(run.program, labels),
            rows={name: c.rows for name, c in run.checked.items()},
            scans=run.staged.scans,
            problems=run.problems,
            before=read_before(run.program, labels),
        )

    def check_times(self, run: Run, points: PointCounts) -> None:
        """Say that a spine is empty, or asks about times after everything that happened."""
        dataset, spine = self.training.dataset, self.training.spine
        if not points.rows:
            message = f"the spine of `{dataset.short}` has no rows"
            told = catalog.EMPTY_SPINE.at(dataset.name_span, message)
            run.problems.report(told.help("check that it is the right one"))
            return
        newest = self._newest(run)
        if newest is None or points.last is None or points.last <= newest + _AHEAD:
            return
        if spine is None:
            n = None
        else:
            bound = build.timestamp(newest + _AHEAD)
            later = exp.GT(this=build.col(spine.table.time), expression=bound)
            query = exp.Select(expressions=[statements.count_where(later)])
            n = int(run.session.execute(query.from_(spine.table.table.copy()))[0][0])
        rows = "rows ask" if n is None else "1 row asks" if n == 1 else f"{n:,} rows ask"
        message = f"{rows} about times after all data, up to {show_instant(points.last)}"
        run.problems.report(
            catalog.FUTURE_SPINE.at(dataset.name_span, message)
            .note(f"the newest row that is read can be seen from {show_instant(newest)} on")
            .help("check the unit and the zone of the spine's times, or bring the data up to date")
        )

    def _newest(self, run: Run) -> datetime | None:
        """When the newest row that features or labels read can be seen."""
        spine = self.training.spine
        own: set[str] = set()
        if spine is not None and spine.kind == "source":
            own = {source.name for source in roots(run.program, spine.name)}
        timed = [n for n in run.checked if n not in own and run.program.sources[n].time is not None]
        newest = [self._last_seen(run, name) for name in timed]
        return max((t for t in newest if t is not None), default=None)

    def compute(self, run: Run) -> str:
        """Compute all rows into a table of the session, in the spine's order."""
        training = self.training
        query = training_query(
            run.program,
            training.dataset.name,
            spine=None if training.spine is None else training.spine.table,
            until={name: t for name, t in training.untils.items() if t is not None},
            scans=run.staged.scans,
            audit=True,
        )
        try:
            training.rows = run.session.create_table("training rows", query)
        except Failure as failure:
            span = training.dataset.name_span
            told = (d.because(span, "the data set that was computed") for d in failure.diagnostics)
            raise Failure(*told) from failure
        found = run.session.columns(statements.star_from(training.rows.copy()))
        training.columns = {name: stored for name, stored in found if name not in AUDIT}
        self._report_changes(run)
        run.hashes.save()
        return count(len(training.columns), "column")

    def _report_changes(self, run: Run) -> None:
        report_changes(run.opened.values(), run.hashes, run.settings.places, run.problems)
        spine = self.training.asked.spine
        if isinstance(spine, Path) and spine.resolve() in run.hashes.changed():
            message = f"`{spine.name}` changed while it was read"
            found = catalog.SOURCE_CHANGED.at(self.training.dataset.name_span, message)
            run.problems.report(found.help("run again when nothing writes to it"))
