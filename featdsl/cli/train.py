"""``featc train``."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from featdsl.cli.errors import UsageMistake
from featdsl.cli.options import AsJson, Params

if TYPE_CHECKING:
    from featdsl.cli.work import Work
    from featdsl.runs.train import TrainOutcome

_ENDINGS = (".parquet", ".pq", ".csv")


def train(
    context: typer.Context,
    name: Annotated[
        str,
        typer.Argument(metavar="DATASET", help="A data set; its name or the end of it."),
    ],
    spine: Annotated[
        Path | None,
        typer.Option(
            "--spine",
            metavar="FILE",
            help="Rows to ask about, Parquet or CSV, in place of the data set's own: a column "
            "for each key, and the time in the data set's `at` column or `as_of`.",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="FILE",
            help="What to write, .parquet or .csv; without it, Parquet below the target.",
        ),
    ] = None,
    labels_until: Annotated[
        str | None,
        typer.Option(
            "--labels-until",
            metavar="TIME",
            help="Up to when labels are known: 2024-01-03, 2024-01-03T10:00:00Z, today. Without "
            "it, when the newest row of their source can be seen.",
        ),
    ] = None,
    mature: Annotated[
        bool,
        typer.Option("--mature", help="Leave out rows with a label that is not known yet."),
    ] = False,
    param: Params = None,
    as_json: AsJson = False,
) -> None:
    """Make a training set: each row of a spine with what was known at its time.

    Rows keep their number and order, duplicates too. What is unknown is null, and counted: keys
    that are missing or not in the population, times that are missing, labels whose window is
    not over. Sources are checked before anything is computed. A column that repeats a label is
    told. Writes the file whole or not at all, and a record into the project's target.

    Examples:
        featc train churn
        featc train churn --mature --out churn.parquet
        featc train churn --spine asked.csv --out churn.csv
        featc train retail.churn --labels-until 2026-10-01 --param premium_floor=650
        featc train churn --json | jq '.training.labels'

    Exit status: 0, 1 when the project has mistakes, a check fails or something cannot be read or
    written, 2 when the command line is wrong, 130 when interrupted; then nothing is written.
    """
    from featdsl.cli.datasets import dataset_named
    from featdsl.cli.train_view import as_text
    from featdsl.cli.work import begin

    _check_paths(spine, out)
    work = begin(context, param, notify=True)
    dataset = dataset_named(work.compilation.program, name)
    until = None if labels_until is None else _until(work, labels_until)
    outcome = _execute(work, dataset, spine=spine, out=out, labels_until=until, mature=mature)
    if as_json:
        work.screen.say(outcome.record.to_json().rstrip("\n"))
    elif outcome.ok:
        work.screen.say(*as_text(work, outcome.record, out))
    raise typer.Exit(0 if outcome.ok else 1)


def _check_paths(spine: Path | None, out: Path | None) -> None:
    if out is None:
        return
    if out.suffix.lower() not in _ENDINGS:
        raise UsageMistake(
            f"`--out {out}` is neither Parquet nor CSV by its name", "write `--out rows.parquet`"
        )
    if spine is not None and spine.resolve() == out.resolve():
        raise UsageMistake(
            f"`--out` would replace the spine `{spine}`", "write the training set beside it"
        )


def _until(work: Work, text: str) -> datetime:
    from featdsl.diagnostics.failure import Failure
    from featdsl.project.as_of import HOW, parse_as_of

    try:
        return parse_as_of(text, now=work.settings.clock())
    except Failure as failure:
        raise UsageMistake(f"`--labels-until {text}` is no time", HOW) from failure


def _execute(
    work: Work,
    dataset: str,
    *,
    spine: Path | None,
    out: Path | None,
    labels_until: datetime | None,
    mature: bool,
) -> TrainOutcome:
    """Make it, telling what is being done; then tell what went wrong, or what to look at."""
    from featdsl.cli.progress import Waiting
    from featdsl.cli.run import show_progress
    from featdsl.cli.work import rendered
    from featdsl.project.load import with_remedies
    from featdsl.runs.train import train as make

    with Waiting(work.screen, f"training set {dataset}") as progress:
        outcome = make(
            work.project,
            work.compilation,
            dataset,
            spine=spine,
            labels_until=labels_until,
            mature=mature,
            out=None if out is None else out.absolute(),
            observe=lambda p: show_progress(progress, p),
            now=work.now,
        )
    if outcome.diagnostics:
        told = with_remedies(work.project, outcome.diagnostics)
        work.screen.tell(rendered(work, told, err=True), "")
    return outcome
