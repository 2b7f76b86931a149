"""``featc check --watch``: checked again whenever something that is read changes.

The texts are looked at again and again with `os.stat`: a project has few files, each system has
it, and it sees changes on network folders and in containers, where notices of changes get lost.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from featdsl.cli.output import MACHINES, Output, Told
from featdsl.cli.screen import Screen
from featdsl.cli.settings import Settings
from featdsl.cli.work import Work

PAUSE = 0.1
"""Seconds between two looks, at least."""
SHARE = 4
"""How much longer than a look itself the pause before the next one is, at least."""
SETTLED = 0.05
"""Seconds without a change after which a file counts as written: many editors empty it first."""
_RESTLESS = 10
"""How often a change is waited out; then what is there is checked."""
_CLEAR = "\033[H\033[2J\033[3J"

State = Mapping[str, tuple[int, int, int] | None]
"""Of each file time, size and identity; None where it cannot be seen."""


def watch_projects(
    settings: Settings, roots: Sequence[Path], params: Sequence[str], output: Output
) -> NoReturn:
    """Check projects until interrupted; without `roots`, the one that the command line is about.

    Raises:
        Failure: the command line or the project's place is wrong from the start. What goes wrong
            later is told, and the next change waited for.
    """
    from featdsl.project.discover import find_root

    here_only = settings.project is not None
    roots = roots or [find_root(settings.project or Path.cwd(), here_only=here_only)]
    screen = Screen.of(settings)
    ignored = dict.fromkeys(roots, "target")
    first = True
    while True:
        seen = state(ignored)
        _begin(settings, screen, output)
        checked = [_check(settings, root, params, first=first) for root in roots]
        for one in checked:
            if isinstance(one, Work):
                ignored[one.project.root] = one.project.config.project.target_dir
        _end(screen, checked, output)
        # Which folder holds the outputs, and is not watched, is known from here on.
        _wait(ignored, {path: s for path, s in seen.items() if not _ignored(path, ignored)})
        first = False


def state(roots: Mapping[Path, str]) -> State:
    """What texts, settings and locks of projects look like; `roots` gives their output folders."""
    return {str(path): _look(path) for path in _watched(roots)}


def _ignored(path: str, roots: Mapping[Path, str]) -> bool:
    """Whether a file lies among a project's outputs."""
    outputs = [root / target for root, target in roots.items() if root / target != root]
    return any(Path(path).is_relative_to(folder) for folder in outputs)


def _watched(roots: Mapping[Path, str]) -> Iterator[Path]:
    from featdsl.project.config import SETTINGS_FILE
    from featdsl.project.discover import find_texts
    from featdsl.project.lock import LOCK_FILE

    for root, target_dir in roots.items():
        yield root / SETTINGS_FILE
        yield root / LOCK_FILE
        yield from find_texts(root, target_dir)


def _look(path: Path) -> tuple[int, int, int] | None:
    try:
        found = os.stat(path)  # noqa: PTH116  # thousands of times a minute
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _wait(roots: Mapping[Path, str], seen: State) -> None:
    """Return once something is other than it was when it was read, and stays so for a moment."""
    while True:
        began = time.perf_counter()
        now = state(roots)
        if now != seen:
            break
        time.sleep(max(PAUSE, SHARE * (time.perf_counter() - began)))
    for _ in range(_RESTLESS):
        time.sleep(SETTLED)
        before, now = now, state(roots)
        if now == before:
            return


def _check(settings: Settings, root: Path, params: Sequence[str], *, first: bool) -> Work | Told:
    from featdsl.cli.check import compiled_at
    from featdsl.diagnostics.failure import Failure
    from featdsl.text.sources import SourceSet

    try:
        (work,) = compiled_at(settings, [root], params)
    except Failure as failure:
        if first:
            raise
        return Told(root, SourceSet(), failure.diagnostics)
    return work


def _begin(settings: Settings, screen: Screen, output: Output) -> None:
    if output not in MACHINES:
        if screen.out.isatty() and os.environ.get("TERM") != "dumb":
            screen.out.write(_CLEAR)
        now = settings.clock().astimezone()
        screen.say(screen.style(f"--- {now:%H:%M:%S} checking ---", "dim"))
        screen.out.flush()


def _end(screen: Screen, checked: Sequence[Work | Told], output: Output) -> None:
    """Say what was found; for machines a document is one line, so that a reader knows its end."""
    from featdsl.cli.check import printed, told
    from featdsl.diagnostics.render.text import summary

    screen.say(*printed(screen, checked, output, indent=None))
    if output not in MACHINES:
        said = summary(d for one in checked for d in told(one).diagnostics)
        said = f"{said}; " if output is Output.CONCISE else ""
        screen.say(screen.style(f"--- {said}waiting for changes ---", "dim"))
    screen.out.flush()
