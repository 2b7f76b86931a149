"""``featc init``."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from shlex import quote
from typing import Annotated

import typer


class Template(StrEnum):
    """Reference projects to begin with."""

    QUICKSTART = "quickstart"
    FLIGHTS = "flights"
    RETAIL = "retail"


SHOWN = {
    Template.QUICKSTART: "spend.premium_txn_share",
    Template.FLIGHTS: "carrier_departures.late_share_90d",
    Template.RETAIL: "trips.overdue",
}
"""A feature of each to look at first."""

Folder = Annotated[
    Path | None,
    typer.Argument(metavar="DIR", help="Where; made if missing. Without it, the current folder."),
]
From = Annotated[
    Template,
    typer.Option("--from", metavar="NAME", help="What to copy: quickstart, flights or retail."),
]


def init(
    context: typer.Context, folder: Folder = None, template: From = Template.QUICKSTART
) -> None:
    """Make a new project that works at once, with sample data.

    Writes into DIR, which must be empty: featc.toml, .feat files, the script that makes the data,
    and the data. The data of `flights` and `retail` come from packages of their own, those of
    `quickstart` from the script.

    Examples:
        featc init shop
        cd shop && featc check && featc run
        featc init groceries --from retail

    Exit status: 0, or 1 when DIR is not empty or cannot be written, or a package is missing.
    """
    from featdsl.cli.progress import Waiting
    from featdsl.cli.screen import Screen, printable
    from featdsl.cli.settings import settings_of

    screen = Screen.of(settings_of(context))
    target = folder or Path()
    _refuse_full(target)
    with Waiting(screen, "making the project"):
        made = _make(target, template)
    shown = printable(str(target))
    enter = [] if target.absolute() == Path.cwd() else [f"  cd {quote(shown)}"]
    screen.say(
        f"{screen.mark(True)} made a project in {screen.style(shown, 'bold')}: {', '.join(made)}",
        "",
        "Next:",
        *enter,
        "  featc check                              is the text right?",
        "  featc test                               do the worked examples hold?",
        f"  {f'featc preview {SHOWN[template]}':39}  a few values",
        "  featc run                                all values, as Parquet",
        "  featc docs                               a page for each feature",
    )


def _refuse_full(target: Path) -> None:
    from featdsl.diagnostics import catalog
    from featdsl.diagnostics.failure import Failure

    if target.is_dir():
        # A new repository or virtual environment is no reason to refuse.
        found = sorted(p.name for p in target.iterdir() if not p.name.startswith("."))
        if not found:
            return
        message = f"`{target}` is not empty: it holds `{found[0]}`"
    elif target.exists() or target.is_symlink():
        message = f"`{target}` is a file, not a folder"
    else:
        return
    raise Failure(catalog.NOT_EMPTY.general(message).help("name a new folder: `featc init NAME`"))


def _make(target: Path, template: Template) -> list[str]:
    """Write the project, whole or not at all; return what lies in the folder then."""
    from featdsl.cli.assets import reference_project
    from featdsl.files.atomic import copy_atomic
    from featdsl.project.load import load_project
    from featdsl.project.prepare import prepare_data
    from featdsl.project.read_config import name_from

    with _staged(target) as staging:
        for path in sorted(reference_project(template).iterdir()):
            if path.suffix in {".feat", ".toml", ".py", ".md"}:
                copy_atomic(path, staging / path.name)
        _rename(staging / "featc.toml", name_from(target.absolute().name))
        prepare_data(load_project(staging, here_only=True))
        return sorted(f"{p.name}/" if p.is_dir() else p.name for p in staging.iterdir())


def _rename(settings: Path, name: str) -> None:
    from featdsl.files.atomic import write_text_atomic

    text = settings.read_text(encoding="utf-8")
    text = re.sub(r'^name = ".*"$', f'name = "{name}"', text, count=1, flags=re.MULTILINE)
    write_text_atomic(settings, text)


@contextmanager
def _staged(target: Path) -> Iterator[Path]:
    """A folder whose content moves to `target` at the end, and is removed on a failure."""
    from featdsl.files import faults
    from featdsl.files.atomic import make_folder, sync_folder, sync_tree
    from featdsl.files.errors import explained

    existed = target.is_dir()
    staging = target / f".featc-init-{os.getpid()}"
    with explained(target):
        make_folder(staging)
    moved: list[Path] = []
    try:
        with explained(target):
            yield staging
            sync_tree(staging)
            for path in sorted(staging.iterdir()):
                moved.append(target / path.name)
                faults.point("rename")
                path.rename(target / path.name)
            sync_folder(target)
    except BaseException:
        for path in [staging, *moved, *([] if existed else [target])]:
            _remove(path)
        raise
    staging.rmdir()


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
