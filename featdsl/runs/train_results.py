"""What came out of a training set: counted, checked, searched for columns that repeat a label."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from sqlglot import exp

from featdsl.compiler.fingerprint import fingerprint_features
from featdsl.diagnostics import catalog
from featdsl.diagnostics.model import Diagnostic
from featdsl.ir.program import DatasetColumn, Group
from featdsl.planning.training import SPLIT
from featdsl.runs.describe import dataset_fingerprint
from featdsl.runs.expect import check_set
from featdsl.runs.leaks import Leak, Tells, find_leaks
from featdsl.runs.rowset import RowSet
from featdsl.runs.state import Run
from featdsl.runs.steps import (
    column_names,
    context_of,
    hidden_features,
    pii_names,
    skipped,
)
from featdsl.runs.train_counts import (
    FEW,
    Audit,
    Horizon,
    audit,
    count_nulls,
    count_points,
    count_values,
    horizon,
)
from featdsl.runs.train_labels import empty_labels
from featdsl.runs.train_state import Training
from featdsl.runs.train_steps import Steps
from featdsl.sources.stored_types import type_words
from featdsl.sql import statements
from featdsl.store.record import ColumnUse, LabelUse, SpineUse, TrainingUse, UntilUse, ValueCount
from featdsl.text.amounts import count
from featdsl.text.names import short_name

_NO_COLUMN = "the spine that was handed in lacks a column that it is about"
_NO_LABEL = "it is about labels that the data set does not have"
_NO_FEATURE = "it is about features that the data set does not have"


@dataclass(frozen=True, slots=True)
class Results:
    """The last stage before writing."""

    training: Training
    hidden: frozenset[str] = frozenset()

    @classmethod
    def of(cls, training: Training) -> Results:
        """With the features into whose values personal data enter."""
        return cls(training, hidden_features(training.run))

    def check(self, run: Run) -> str:
        """Count, check the data set's expectations, look for columns that repeat a label."""
        training = self.training
        horizons = {c.name: horizon(run.program, c) for c in training.dataset.labels}
        counted = self._audit(run, horizons)
        spine = self._spine_use(run, counted)
        assert counted.rows == spine.rows, "a training set has the rows of its spine"
        relation = statements.subquery(training.result, "result")
        rows, nulls = count_nulls(run.session, relation, list(training.columns))
        dataset = training.dataset
        run.training = TrainingUse(
            dataset=dataset.name,
            entity=dataset.entity,
            version=dataset.meta.version or 1,
            format=training.asked.format,
            fingerprint=dataset_fingerprint(run.program, dataset),
            spine=spine,
            rows=rows,
            dropped=counted.rows - rows,
            untils=tuple(
                UntilUse(source=n, until=t, given=training.asked.labels_until is not None)
                for n, t in training.untils.items()
            ),
            labels=tuple(
                self._label_use(run, c, horizons[c.name], counted, relation) for c in dataset.labels
            ),
            split=self._split(run, relation),
            columns=tuple(self._column_uses(run)),
            nulls=nulls,
        )
        run.problems.extend(empty_labels(run.session, training, horizons))
        self._expect(run, relation)
        if not run.problems.has_errors:
            self._look_for_leaks(run, counted)
        return count(rows, "row")

    def _audit(self, run: Run, horizons: dict[str, Horizon | None]) -> Audit:
        training = self.training
        immature = {
            name: ahead.is_open(training.time, training.untils)
            for name, ahead in horizons.items()
            if ahead is not None
        }
        return audit(run.session, training.rows, immature)

    def _spine_use(self, run: Run, counted: Audit) -> SpineUse:
        training, spine = self.training, self.training.spine
        points = training.points
        if points is None:  # a grid: what came out is what it was
            points = count_points(run.session, training.rows, training.keys, training.time)
            Steps(training).check_times(run, points)
        return SpineUse(
            kind="grid" if spine is None else spine.kind,
            name=training.dataset.entity if spine is None else spine.name,
            rows=points.rows,
            points=points.points,
            without_key=counted.without_key,
            without_time=counted.without_time,
            unknown=counted.unknown,
            first=points.first,
            last=points.last,
            file=None if spine is None else spine.file,
        )

    def _label_use(
        self,
        run: Run,
        label: DatasetColumn,
        ahead: Horizon | None,
        counted: Audit,
        rows: exp.Expr,
    ) -> LabelUse:
        hidden = label.feature is not None and label.feature in self.hidden
        return LabelUse(
            name=label.name,
            feature=label.feature,
            until=None if ahead is None else ahead.until(self.training.untils),
            immature=counted.immature.get(label.name),
            classes=() if hidden else count_values(run.session, rows, label.name, most=FEW),
        )

    def _split(self, run: Run, rows: exp.Expr) -> tuple[ValueCount, ...]:
        if not self.training.dataset.parts:
            return ()
        parts = count_values(run.session, rows, SPLIT)
        order = (*self.training.dataset.parts, None)
        return tuple(sorted(parts, key=lambda p: order.index(p.value)))

    def _column_uses(self, run: Run) -> Iterator[ColumnUse]:
        dataset = self.training.dataset
        computed = {c.name: c.feature for c in (*dataset.columns, *dataset.labels)}
        prints = fingerprint_features(run.program)
        for name, stored in self.training.columns.items():
            feature = computed.get(name)
            own = None if feature is None else run.program.feature(feature).dtype
            yield ColumnUse(
                name=name,
                dtype=type_words(stored) if own is None else str(own),
                fingerprint=None if feature is None else prints[feature].data,
            )

    def _expect(self, run: Run, rows: exp.Expr) -> None:
        training, dataset = self.training, self.training.dataset
        checked = RowSet(
            subject=dataset.name,
            words=f"`{dataset.name}`",
            relation=rows,
            keys=tuple(dict.fromkeys((*training.keys, training.time_column))),
            pii=pii_names(run) | {c.name for c in dataset.columns if c.feature in self.hidden},
        )
        context = context_of(run)
        missing = [e for e in dataset.expectations if not column_names(e) <= {*training.columns}]
        possible = [e for e in dataset.expectations if e not in missing]
        uses, told, _ = check_set(context, checked, possible)
        run.checks += uses
        run.checks += [skipped(context, dataset.name, e, _NO_COLUMN) for e in missing]
        run.problems.extend(told)
        for group in (*run.program.labels.values(), *run.program.groups.values()):
            self._expect_of_group(run, group, checked)

    def _expect_of_group(self, run: Run, group: Group, rows: RowSet) -> None:
        """Check what is expected of labels, and of features that rest on inputs.

        Values of these are known in training sets only: over the rows of the data set.
        """
        dataset = self.training.dataset
        own = {
            short_name(c.feature): c.name
            for c in (*dataset.labels, *dataset.columns)
            if c.feature is not None and c.feature.rpartition(".")[0] == group.name
        }
        if not own:
            return
        keys = run.program.entities[group.entity].keys
        names = own | {k.name: c for k, c in zip(keys, self.training.keys, strict=True)}
        asked = [(group.name, e) for e in group.expectations]
        asked += [(f.name, e) for f in group.members.values() for e in f.expectations]
        if group.name in run.program.groups:
            requests = {f.short for f in group.requests.values()}
            asked = [(name, e) for name, e in asked if column_names(e) & requests]
        missing = _NO_LABEL if group.name in run.program.labels else _NO_FEATURE
        context = context_of(run)
        possible = [e for _, e in asked if column_names(e) <= names.keys()]
        subject = f"{group.name} in {rows.subject}"
        words = f"`{group.name}` in {rows.words}"
        over = replace(rows, subject=subject, words=words, names=names, duplicates={})
        uses, told, _ = check_set(context, over, possible)
        results = iter(uses)
        run.checks += [
            next(results).model_copy(update={"subject": name})
            if column_names(e) <= names.keys()
            else skipped(context, name, e, missing)
            for name, e in asked
        ]
        run.problems.extend(told)

    # --- Columns that repeat a label -----------------------------------------------------------

    def _look_for_leaks(self, run: Run, counted: Audit) -> None:
        training, dataset = self.training, self.training.dataset
        labels = [c.name for c in dataset.labels]
        apart = {*labels, *training.keys, training.time_column}
        if dataset.parts:
            apart.add(SPLIT)
        found = find_leaks(
            run.session,
            training.rows,
            counted.rows,
            labels,
            {n: t for n, t in training.columns.items() if n not in apart},
            {n: training.columns[n] for n in labels},
        )
        run.problems.extend(self._leak(leak) for leak in found)

    def _leak(self, leak: Leak) -> Diagnostic:
        dataset = self.training.dataset
        label = next(c for c in dataset.labels if c.name == leak.label)
        feature = next((c for c in dataset.columns if c.name == leak.column), None)
        told = catalog.TELLS_LABEL.at(label.span, _told(leak), "the label")
        if feature is None:
            return told.help(
                f"leave `{leak.column}` out before training: it is not known when a model is asked"
            )
        return told.because(feature.span, "the feature").help(
            f"leave it out: `except {feature.feature}`, or correct what it is computed from"
        )


def _told(leak: Leak) -> str:
    column, label, rows = f"`{leak.column}`", f"`{leak.label}`", count(leak.rows, "row")
    match leak.tells:
        case Tells.EQUAL:
            return f"{column} equals the label {label} in all {rows} where both are known"
        case Tells.ONE_TO_ONE:
            return f"{column} tells the label {label}: they go one to one in {rows}"
        case Tells.NULLS:
            return (
                f"{column} tells the label {label}: it is null for some values of the label and "
                f"for the others never, in {rows}"
            )
