"""Labels of a training set that no row has: found, told with what explains it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sqlglot import exp

from featdsl.compiler.training import AUDIT
from featdsl.diagnostics import catalog
from featdsl.diagnostics.model import Diagnostic
from featdsl.engines.duckdb import Session
from featdsl.ir.program import DatasetColumn
from featdsl.project.as_of import show_instant
from featdsl.runs.train_counts import Horizon
from featdsl.runs.train_state import Training
from featdsl.sql import build, statements
from featdsl.text.amounts import count


def empty_labels(
    session: Session, training: Training, horizons: Mapping[str, Horizon | None]
) -> Iterator[Diagnostic]:
    """A warning for the labels that are null in every row of a known key and time.

    One for all labels that wait for the same source, one for each other label.

    Raises:
        EngineError: the rows cannot be read.
    """
    labels = training.dataset.labels
    rows, *counted = _counts(session, training, horizons)
    waiting: dict[str, list[DatasetColumn]] = {}
    for label, present, still_open in zip(labels, counted[::2], counted[1::2], strict=True):
        ahead = horizons[label.name]
        if present or not rows:
            continue
        if ahead is not None and still_open == rows:
            waiting.setdefault(ahead.source, []).append(label)
        else:
            yield _unexplained(training, label, ahead, rows)
    for source, found in waiting.items():
        yield _not_over(training, source, found, rows)


def _counts(
    session: Session, training: Training, horizons: Mapping[str, Horizon | None]
) -> tuple[int, ...]:
    """Rows of a known key and time; for each label, those that have it, and that wait for it."""
    measures: list[exp.Expr] = [exp.Count(this=exp.Star())]
    for label in training.dataset.labels:
        ahead = horizons[label.name]
        still_open = (
            build.boolean(False) if ahead is None else ahead.is_open(training.time, training.untils)
        )
        measures += [exp.Count(this=build.col(label.name)), statements.count_where(still_open)]
    known = exp.EQ(this=build.col(AUDIT[1]), expression=build.text("known"))
    query = exp.Select(expressions=measures).from_(training.rows.copy(), copy=False)
    return session.execute(query.where(known, copy=False), doing="counting labels")[0]


def _not_over(
    training: Training, source: str, labels: list[DatasetColumn], rows: int
) -> Diagnostic:
    name, until = training.run.program.sources[source].short, training.untils.get(source)
    found = catalog.NO_LABELS.at(labels[0].span, _headline(labels, rows))
    for label in labels[1:]:
        found = found.because(label.span, "and here")
    if until is None:
        return found.note(f"no row of `{name}` can be seen").help(
            f"check that the data of `{name}` are the right ones"
        )
    found = found.note(f"labels are known up to {show_instant(until)}, and no window was over then")
    if training.asked.labels_until is not None:
        return found.help("give a later time, or leave `--labels-until` out")
    return found.help("ask about earlier times, or bring the data up to date")


def _unexplained(
    training: Training, label: DatasetColumn, ahead: Horizon | None, rows: int
) -> Diagnostic:
    found = catalog.NO_LABELS.at(label.span, _headline([label], rows))
    if ahead is None:
        return found.help("check what the spine holds in this column")
    name = training.run.program.sources[ahead.source].short
    return found.help(f"check the label's windows and conditions against the rows of `{name}`")


def _headline(labels: list[DatasetColumn], rows: int) -> str:
    names = ", ".join(f"`{c.name}`" for c in labels)
    said = "labels" if len(labels) > 1 else "label"
    verb = "are" if len(labels) > 1 else "is"
    where = "the only row" if rows == 1 else f"all {count(rows, 'row')}"
    return f"the {said} {names} {verb} null in {where} of a known key and time"
