"""Where a project is and which ``.feat`` files it has."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from featdsl.diagnostics import catalog
from featdsl.diagnostics.failure import Failure
from featdsl.diagnostics.model import Diagnostic
from featdsl.project.config import SETTINGS_FILE

SUFFIX = ".feat"
MAX_FILES = 10_000


def find_root(start: Path, *, here_only: bool = False) -> Path:
    """Return the nearest folder from `start` upwards that holds a ``featc.toml``.

    With `here_only`, `start` itself (or the ``featc.toml`` that it names) must be it.

    Raises:
        Failure: there is none.
    """
    folder = start.absolute()
    if here_only and folder.name == SETTINGS_FILE:
        folder = folder.parent
    for candidate in (folder,) if here_only else (folder, *folder.parents):
        if (candidate / SETTINGS_FILE).is_file():
            return candidate.resolve()
    raise Failure(_no_project(start, here_only=here_only))


def find_texts(root: Path, target_dir: str) -> Iterator[Path]:
    """The project's ``.feat`` entries, whatever they are, in order of their path.

    Hidden folders, the target folder and projects inside the project are left out.
    """
    skipped = root / target_dir
    for folder, folders, files in os.walk(root):
        here = Path(folder)
        named_like_texts = [f for f in folders if f.endswith(SUFFIX)]
        folders[:] = sorted(
            f
            for f in folders
            if not f.startswith(".")
            and not f.endswith(SUFFIX)
            and here / f != skipped
            and not (here / f / SETTINGS_FILE).is_file()
        )
        for name in sorted([*files, *named_like_texts]):
            if name.endswith(SUFFIX) and not name.startswith("."):
                yield here / name


def _no_project(start: Path, *, here_only: bool) -> Diagnostic:
    if here_only:
        diagnostic = catalog.NO_PROJECT.general(f"`{start}` holds no {SETTINGS_FILE}")
    else:
        diagnostic = catalog.NO_PROJECT.general(
            f"no {SETTINGS_FILE} in this folder or any above it"
        )
    below = [str(p.relative_to(start.absolute())) for p in _projects_below(start.absolute())]
    if below:
        named = ", ".join(f"`--project {p}`" for p in below)
        return diagnostic.help(f"there are projects below: {named}")
    return diagnostic.help("`featc init DIR` makes a project; `--project DIR` names one")


def _projects_below(folder: Path) -> list[Path]:
    found = [p.parent for depth in ("*", "*/*") for p in folder.glob(f"{depth}/{SETTINGS_FILE}")]
    return sorted(p for p in found if not any(x.startswith(".") for x in p.parts))[:5]
