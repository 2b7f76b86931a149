"""``featc prepare``."""

from __future__ import annotations

from time import perf_counter

import typer

from featdsl.cli.options import AsJson


def prepare(context: typer.Context, as_json: AsJson = False) -> None:
    """Make a project's data with its own script.

    Runs the Python file that featc.toml names under [prepare], with all rights of the caller:
    only for projects whose code is trusted. Writes what the script writes, which is the data
    folder, and target/prepare.json with a hash of each file.

    Examples:
        featc prepare
        featc prepare --project features/flights

    Exit status: 0, 1 when the script fails, 2 when there is no project.
    """
    from featdsl.cli.progress import Waiting
    from featdsl.cli.screen import Screen
    from featdsl.cli.settings import settings_of
    from featdsl.cli.table import Column, table
    from featdsl.cli.work import open_project
    from featdsl.project.prepare import RECORD, prepare_data
    from featdsl.text.amounts import show_bytes, show_seconds

    settings = settings_of(context)
    screen = Screen.of(settings)
    project = open_project(settings)
    started = perf_counter()
    with Waiting(screen, "making the data"):
        record = prepare_data(project)
    if as_json:
        screen.say(record.model_dump_json(indent=2))
        return
    rows = [(f.path, show_bytes(f.bytes), f.sha256[:12]) for f in record.files]
    screen.say(
        *table(screen, ["file", Column("size", right=True), "sha256"], rows),
        "",
        f"{screen.mark(True)} data made in {show_seconds(perf_counter() - started)}; hashes are in "
        f"{project.config.project.target_dir}/{RECORD}",
    )
