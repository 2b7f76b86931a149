"""``featc check``."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from featdsl.cli.errors import UsageMistake
from featdsl.cli.options import AsJson, AsOfOption, Params
from featdsl.cli.output import Output, OutputOption, Told, chosen, documents, way
from featdsl.cli.screen import Screen
from featdsl.cli.settings import Settings, settings_of
from featdsl.text.amounts import count

if TYPE_CHECKING:
    from featdsl.cli.work import Work
    from featdsl.ir.program import Program
    from featdsl.project.load import Project

Files = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="FILE",
        help="Files of the projects to check, each as a whole; without any, the project here.",
    ),
]


def check(
    context: typer.Context,
    files: Files = None,
    run: Annotated[
        bool,
        typer.Option(
            "--run", help="Also try everything a run does, on 1 % of the keys, in memory."
        ),
    ] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Check again whenever a text or featc.toml changes.")
    ] = False,
    as_of: AsOfOption = None,
    param: Params = None,
    output: OutputOption = None,
    as_json: AsJson = False,
) -> None:
    """Find the mistakes of a project.

    Syntax, names, types, time, leakage, style. Reads the texts only and writes nothing. With --run
    it goes on: test data, parameters, the sources as they are, a sample run and its checks, one
    tick a step; nothing is published. With --watch it goes on until Ctrl-C.

    Examples:
        featc check
        featc check --project features/flights
        featc check --run
        featc check --watch
        featc check --output concise
        featc check --json | jq '.diagnostics[].code'

    Exit status: 0 when there are no errors (warnings are none), 1 when there are, 2 when there is
    no project.
    """
    settings = settings_of(context)
    form = chosen(output, as_json=as_json)
    if run and (files or watch):
        other = "--watch" if watch else "files"
        raise UsageMistake(f"`--run` does not go with {other}", "run the two one after the other")
    if run:
        from featdsl.cli.check_run import check_run

        raise typer.Exit(check_run(context, param, as_of, form))
    roots = [find_project(file, settings) for file in files or []]
    if watch:
        from featdsl.cli.watch import watch_projects

        watch_projects(settings, list(dict.fromkeys(roots)), param or [], form)
    works = list(compiled_at(settings, dict.fromkeys(roots), param or []))
    screen = Screen.of(settings)
    screen.say(*printed(screen, works, form))
    raise typer.Exit(1 if any(errors(work) for work in works) else 0)


def find_project(file: Path, settings: Settings) -> Path:
    """The folder of the project that a file belongs to.

    Raises:
        UsageMistake: there is no such file, or it belongs to another project than the one that
            the command line names, or to none.
    """
    from featdsl.project.config import SETTINGS_FILE
    from featdsl.project.discover import SUFFIX, find_root

    if not file.exists():
        raise UsageMistake(f"there is no `{file}`", "name .feat files")
    if file.name != SETTINGS_FILE and file.suffix != SUFFIX:
        raise UsageMistake(f"`{file}` is no .feat file", "name .feat files")
    place = file.absolute().parent
    if not any((folder / SETTINGS_FILE).is_file() for folder in (place, *place.parents)):
        raise UsageMistake(
            f"`{file}` belongs to no project", f"a project's folder has a {SETTINGS_FILE}"
        )
    root = find_root(place)
    if settings.project is not None and root != find_root(settings.project, here_only=True):
        raise UsageMistake(
            f"`{file}` does not belong to the project `{settings.project}`", "leave `--project` out"
        )
    return root


def compiled_at(settings: Settings, roots: Iterable[Path], params: Sequence[str]) -> Iterator[Work]:
    """The projects of some folders; without any, the one that the command line is about."""
    from featdsl.cli.work import compile_loaded, open_project
    from featdsl.project.load import load_project

    projects: list[Project] = [
        load_project(
            root,
            here_only=True,
            target=settings.target,
            params=params,
            now=settings.clock(),
            environment=os.environ,
        )
        for root in roots
    ]
    for project in projects or [open_project(settings, params)]:
        yield compile_loaded(settings, project)


def printed(
    screen: Screen, checked: Sequence[Work | Told], output: Output, *, indent: int | None = 2
) -> Iterator[str]:
    """What is said of some projects; of one that cannot be loaded, why."""
    if output is not Output.TEXT:
        yield from documents(output, [told(one) for one in checked], indent=indent)
        return
    for number, one in enumerate(checked):
        if len(checked) > 1:
            yield from [""] if number else []
            yield screen.style(f"{way(Path.cwd(), told(one).root)}:", "bold")
        yield from _text(screen, one)


def told(checked: Work | Told) -> Told:
    """What a project is told of itself."""
    if isinstance(checked, Told):
        return checked
    return Told(checked.project.root, checked.project.readable, checked.diagnostics)


def _text(screen: Screen, checked: Work | Told) -> Iterator[str]:
    from featdsl.diagnostics.render.fewer import fewer
    from featdsl.diagnostics.render.text import render_text, summary

    found = told(checked)
    if found.diagnostics:
        few = fewer(found.diagnostics)
        yield render_text(few.shown, found.sources, color=screen.colored())
        more = few.told("`featc check --output concise` lists each in a line")
        yield from ["", *more] if more else []
        yield from ["", summary(found.diagnostics)]
    if not isinstance(checked, Told) and not errors(checked):
        yield from [""] if found.diagnostics else []
        yield f"{screen.mark(True)} {contents(checked)}"


def errors(work: Work) -> int:
    """How many errors a project has."""
    from featdsl.cli.work import errors_of

    return len(errors_of(work.diagnostics))


def _training(program: Program) -> list[str]:
    """What models learn from, where something is declared."""
    labels = sum(len(group.features) for group in program.labels.values())
    found = {"label": labels, "data set": len(program.datasets)}
    found["wanted feature"] = sum(not w.features for w in program.wanted.values())
    return [count(n, name) for name, n in found.items() if n]


def contents(work: Work) -> str:
    """What a project declares, in numbers."""
    program = work.compilation.program
    parts = [
        count(len(work.project.texts.files), "file"),
        count(len(program.sources), "source"),
        count(len(program.views), "view"),
        count(len(list(program.features())), "feature")
        + f" in {count(len(program.groups), 'group')}",
        *_training(program),
        count(len(program.tests), "test"),
    ]
    return f"{program.project}: {', '.join(parts)}"
