"""``featc run``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from featdsl.cli.options import (
    AsJson,
    AsOfOption,
    Because,
    DryRun,
    Every,
    From,
    Params,
    Restate,
    Resume,
    Selectors,
    Timeout,
    To,
)

if TYPE_CHECKING:
    from featdsl.cli.progress import Waiting
    from featdsl.cli.work import Work
    from featdsl.project.as_of import AsOf
    from featdsl.runs.execute import Outcome
    from featdsl.runs.grid import Asked
    from featdsl.runs.progress import Progress


class Format(StrEnum):
    PARQUET = "parquet"
    CSV = "csv"
    JSONL = "jsonl"


def run(
    context: typer.Context,
    selectors: Selectors = None,
    as_of: AsOfOption = None,
    param: Params = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Where to publish; without it, the target."),
    ] = None,
    file_format: Annotated[
        Format,
        typer.Option(
            "--format", metavar="parquet|csv|jsonl", help="Format of the files; parquet without it."
        ),
    ] = Format.PARQUET,
    begin: From = None,
    end: To = None,
    every: Every = None,
    restate: Restate = False,
    because: Because = None,
    timeout: Timeout = None,
    resume: Resume = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Compute features at one moment and publish them.

    Checks the sources before anything is computed and the results before anything is published;
    when a check fails, what was published before stays. Writes files, and a record of the run,
    into the project's target. Features that are private are computed when they are selected.
    Parameters without a value are asked for on a terminal, and are an error elsewhere.

    Examples:
        featc run
        featc run spend profile.city --as-of 2026-10-01
        featc run tag:retail --param premium_floor=650
        featc run --out values --format csv
        featc run --dry-run
        featc run --timeout 30min
        featc run --resume
        featc run --from 2026-01-01 --to 2026-01-31 --every 1d
        featc run --restate --as-of 2026-01-31 --because "amounts were in cents"
        featc run --json | jq -c 'select(.event == "done")'

    Exit status: 0, 1 when the project has mistakes, a check fails, something cannot be read or
    written, or it takes longer than --timeout, 130 when interrupted; then nothing is published.
    """
    from featdsl.cli.lengths import length_of
    from featdsl.cli.run_ahead import tell_ahead
    from featdsl.cli.run_asked import with_answers
    from featdsl.cli.run_grid import When, asked_of, execute_times
    from featdsl.cli.work import compiled, without_errors

    limit = None if timeout is None else length_of("--timeout", timeout)
    work = without_errors(with_answers(compiled(context, param)), notify=not dry_run)
    when = When(as_of, begin, end, every, restate=restate, because=because)
    asked = asked_of(
        work, selectors, out, file_format.value, timeout=limit, resume=resume, because=because
    )
    times = when.times(work, asked) if when.many else [work.as_of(as_of)]
    if dry_run:
        tell_ahead(work, asked, times, as_json=as_json)
        return
    if when.many:
        raise typer.Exit(0 if execute_times(work, asked, times, as_json=as_json) else 1)
    (at,) = times
    if not as_json:
        work.screen.say(f"as of {work.screen.style(str(at), 'bold')}")
    outcome = execute(work, asked, at, as_json=as_json)
    if outcome.ok and not as_json:
        from featdsl.cli.run_view import results

        work.screen.say("", *results(work, outcome.record, out))
    raise typer.Exit(0 if outcome.ok else 1)


def execute(work: Work, asked: Asked, at: AsOf, *, as_json: bool) -> Outcome:
    """Run, telling what is being done; then tell what went wrong, or what to look at."""
    from featdsl.cli.run_watch import watching
    from featdsl.cli.work import rendered
    from featdsl.project.load import with_remedies
    from featdsl.runs.execute import run_project

    with watching(work, as_json=as_json) as watch:
        outcome = run_project(
            work.project,
            work.compilation,
            as_of=at,
            selection=asked.selection,
            out=asked.out,
            format=asked.format,
            timeout=asked.timeout,
            resume=asked.resume,
            observe=watch.observe,
            now=work.now,
        )
        watch.ended(outcome)
    if outcome.diagnostics:
        told = with_remedies(work.project, outcome.diagnostics)
        work.screen.tell("", rendered(work, told, err=True))
    return outcome


def show_progress(progress: Waiting, happened: Progress) -> None:
    title, detail = happened.stage.title, happened.detail
    if happened.state == "finished":
        progress.done(f"{title}: {detail}" if detail else title)
    else:
        progress.step(f"{title}: {detail}" if detail else title)
