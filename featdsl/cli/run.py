"""``featc run``."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from featdsl.cli.options import AsJson, AsOfOption, Params, Selectors

if TYPE_CHECKING:
    from featdsl.cli.progress import Waiting
    from featdsl.cli.screen import Screen
    from featdsl.cli.work import Work
    from featdsl.project.as_of import AsOf
    from featdsl.runs.execute import Outcome
    from featdsl.runs.progress import Progress
    from featdsl.store.record import OutputUse, RunRecord


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
    as_json: AsJson = False,
) -> None:
    """Compute features at one moment and publish them.

    Checks the sources before anything is computed and the results before anything is published;
    when a check fails, what was published before stays. Writes files, and a record of the run,
    into the project's target. Features that are private are computed when they are selected.

    Examples:
        featc run
        featc run spend profile.city --as-of 2026-10-01
        featc run tag:retail --param premium_floor=650
        featc run --out values --format csv
        featc run --json | jq '.outputs[].rows'

    Exit status: 0, 1 when the project has mistakes, a check fails or something cannot be read or
    written, 130 when interrupted; then nothing is published.
    """
    from featdsl.cli.work import begin

    work = begin(context, param)
    at = work.as_of(as_of)
    if not as_json:
        work.screen.say(f"as of {work.screen.style(str(at), 'bold')}")
    outcome = execute(work, selectors, at, out=out, file_format=file_format)
    if as_json:
        work.screen.say(outcome.record.to_json().rstrip("\n"))
    elif outcome.ok:
        work.screen.say("", *_results(work, outcome.record, out))
    raise typer.Exit(0 if outcome.ok else 1)


def execute(
    work: Work,
    selectors: list[str] | None,
    at: AsOf,
    *,
    out: Path | None = None,
    file_format: Format = Format.PARQUET,
) -> Outcome:
    """Run, telling what is being done; then tell what went wrong, or what to look at."""
    from featdsl.cli.progress import Waiting
    from featdsl.cli.work import rendered
    from featdsl.project.load import with_remedies
    from featdsl.project.selectors import select
    from featdsl.runs.execute import run_project

    selection = select(work.compilation.program, selectors) if selectors else ()
    with Waiting(work.screen, f"running {work.project.config.project.name}") as progress:
        outcome = run_project(
            work.project,
            work.compilation,
            as_of=at,
            selection=selection,
            out=out,
            format=file_format.value,
            observe=lambda p: show_progress(progress, p),
            now=work.now,
        )
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


def _results(work: Work, record: RunRecord, out: Path | None) -> Iterator[str]:
    from featdsl.runs.outputs import all_taken, left_out, wanted_groups
    from featdsl.store.ledger import record_path
    from featdsl.text.amounts import count, show_seconds

    screen, target = work.screen, work.project.target_dir
    yield from outputs_table(screen, record.outputs)
    features = sum(len(o.profile) for o in record.outputs)
    passed = sum(c.status.value == "passed" for c in record.checks)
    seconds = show_seconds(record.seconds or 0)
    yield ""
    yield (
        f"{screen.mark(True)} {count(features, 'feature')}, {count(passed, 'check')} passed, "
        f"in {seconds}"
    )
    program = work.compilation.program
    left = left_out(all_taken(program, wanted_groups(program, record.selection)))
    if left:
        yield f"  {left}"
    yield f"  files   {output_files(out.absolute() if out else target, record.outputs)}"
    yield f"  record  {shown_path(record_path(target, record.run))}"


def output_files(folder: Path, outputs: tuple[OutputUse, ...]) -> str:
    """The path of the files; of several a pattern that a shell understands."""
    paths = [Path("data", o.folder or "", f.path).parts for o in outputs for f in o.files]
    parts = [p[0] if len(set(p)) == 1 else "*" for p in zip(*paths, strict=False)]
    return shown_path(folder.joinpath(*parts))


def outputs_table(screen: Screen, outputs: tuple[OutputUse, ...]) -> list[str]:
    """Each computed set: its rows and columns, how many of its values are null, its size."""
    from featdsl.cli.screen import printable
    from featdsl.cli.table import Column, table
    from featdsl.text.amounts import show_bytes

    rows = []
    for output in outputs:
        cells = sum(p.rows for p in output.profile)
        nulls = sum(p.nulls for p in output.profile)
        size = sum(f.bytes for f in output.files)
        rows.append(
            (
                printable(output.group),
                f"{output.rows:,}",
                f"{len(output.columns):,}",
                f"{nulls / cells:.1%}" if cells else "",
                show_bytes(size) if output.files else "",
            )
        )
    heads = [Column(h, right=True, fixed=True) for h in ("rows", "columns", "nulls", "size")]
    return table(screen, ["group", *heads], rows)


def shown_path(path: Path) -> str:
    """A path as short as it can be typed from here."""
    from featdsl.cli.screen import printable

    here = Path.cwd()
    return printable(str(path.relative_to(here) if path.is_relative_to(here) else path))
