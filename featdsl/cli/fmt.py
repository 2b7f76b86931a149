"""``featc fmt``."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from featdsl.cli.errors import UsageMistake
from featdsl.cli.screen import Screen, printable
from featdsl.cli.settings import Settings, settings_of
from featdsl.text.amounts import count

if TYPE_CHECKING:
    from featdsl.diagnostics.model import Problems

Paths = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="PATH", help="Files or folders; without any, the project's .feat files."
    ),
]


@dataclass(frozen=True, slots=True)
class _Formatted:
    path: Path
    name: str
    before: str
    after: str | None
    """None where the text has a syntax error."""

    @property
    def changed(self) -> bool:
        return self.after is not None and self.before != self.after


def fmt(
    context: typer.Context,
    paths: Paths = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; fail when a file would change.")
    ] = False,
    diff: Annotated[
        bool, typer.Option("--diff", help="Write nothing; print what would change.")
    ] = False,
) -> None:
    """Put .feat files into the one form that all of them have.

    Rewrites the files in place, each whole or not at all; comments stay. A file with a syntax
    error is reported and left as it is.

    Examples:
        featc fmt
        featc fmt features.feat
        featc fmt --check
        featc fmt --diff

    Exit status: 0, or 1 when a file has a syntax error or, with --check or --diff, would change.
    """
    from featdsl.diagnostics.model import Problems

    settings = settings_of(context)
    screen = Screen.of(settings)
    problems = Problems()
    formatted = list(_formatted(_chosen(settings, paths), problems))
    changed = [f for f in formatted if f.changed]
    if diff:
        for file in changed:
            screen.say(*_diff(screen, file))
    if not (check or diff):
        _write(changed)
    _tell(screen, problems, formatted)
    screen.tell(*_summary(formatted, written=not (check or diff)))
    raise typer.Exit(1 if problems.has_errors or (changed and (check or diff)) else 0)


def _chosen(settings: Settings, paths: list[Path] | None) -> Iterator[tuple[Path, str]]:
    """Files with the names that they go by."""
    from featdsl.project.discover import find_root, find_texts
    from featdsl.project.load import load_project

    if not paths:
        here_only = settings.project is not None
        root = find_root(settings.project or Path.cwd(), here_only=here_only)
        project = load_project(root, here_only=True)
        target = project.config.project.target_dir
        yield from ((path, path.relative_to(root).as_posix()) for path in find_texts(root, target))
        return
    for path in dict.fromkeys(paths):
        if path.is_dir():
            yield from ((p, str(p)) for p in find_texts(path, "target"))
        elif not path.exists():
            raise UsageMistake(f"there is no `{path}`", "name .feat files or folders")
        else:
            yield path, str(path)


def _formatted(files: Iterable[tuple[Path, str]], problems: Problems) -> Iterator[_Formatted]:
    """Files in form; one that cannot be read or parsed is reported and stays as it is."""
    from featdsl.project.read_text import read_text
    from featdsl.syntax.format import format_text

    for path, name in files:
        text = read_text(path, name, problems)
        if text is not None:
            yield _Formatted(path, name, text, format_text(text, name, problems))


def _write(changed: Iterable[_Formatted]) -> None:
    from featdsl.files.atomic import write_text_atomic

    for file in changed:
        assert file.after is not None
        write_text_atomic(file.path, file.after)


def _summary(formatted: list[_Formatted], *, written: bool) -> Iterator[str]:
    changed = [f for f in formatted if f.changed]
    in_form = sum(f.after == f.before for f in formatted)
    yield from (
        f"{'formatted' if written else 'would change'} {printable(f.name)}" for f in changed
    )
    if in_form or not changed:
        yield f"{count(in_form, 'file')} already in form"


def _tell(screen: Screen, problems: Problems, formatted: list[_Formatted]) -> None:
    from featdsl.diagnostics.render.text import render_text
    from featdsl.text.sources import SourceSet

    if problems.items:
        texts = SourceSet.of({f.name: f.before for f in formatted})
        screen.tell(render_text(problems.sorted(), texts, color=screen.colored(err=True)), "")


def _diff(screen: Screen, file: _Formatted) -> Iterator[str]:
    lines = difflib.unified_diff(
        file.before.splitlines(),
        (file.after or "").splitlines(),
        file.name,
        file.name,
        lineterm="",
    )
    for line in lines:
        style = {"+": "green", "-": "red", "@": "cyan"}.get(line[:1])
        shown = printable(line.replace("\t", "    "))
        yield screen.style(shown, style) if style else shown
