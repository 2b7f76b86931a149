"""What most commands begin with: the project, compiled, its mistakes told."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from featdsl.cli.help import TEXTS
from featdsl.cli.screen import Screen
from featdsl.cli.settings import Settings, settings_of

if TYPE_CHECKING:
    from featdsl.compiler.compilation import Compilation
    from featdsl.diagnostics.model import Diagnostic
    from featdsl.notify.spec import Message
    from featdsl.project.as_of import AsOf
    from featdsl.project.load import Project


@dataclass(frozen=True, slots=True)
class Work:
    """A project, its compilation and all that is to be said about the two."""

    settings: Settings
    screen: Screen
    project: Project
    compilation: Compilation
    diagnostics: tuple[Diagnostic, ...]

    def as_of(self, given: str | None) -> AsOf:
        """The as-of time of the command, with where it came from."""
        from featdsl.project.as_of import choose_as_of

        setting = self.project.config.project.as_of
        return choose_as_of(given, setting, now=self.settings.clock())

    def now(self) -> datetime:
        """The clock as runs take it: UTC without a zone."""
        from featdsl.project.as_of import to_utc

        return to_utc(self.settings.clock())


def open_project(settings: Settings, params: Iterable[str] | None = None) -> Project:
    """Load the project that the command is about."""
    from featdsl.project.load import load_project

    return load_project(
        settings.project or Path.cwd(),
        here_only=settings.project is not None,
        target=settings.target,
        params=params or (),
        now=settings.clock(),
        environment=os.environ,
    )


def begin(
    context: typer.Context, params: Iterable[str] | None = None, *, notify: bool = False
) -> Work:
    """Load and compile; mistakes are told and end the command with status 1.

    Warnings are not told: `featc check` is the place to read them.
    """
    return without_errors(compiled(context, params), notify=notify)


def without_errors(work: Work, *, notify: bool = False) -> Work:
    """The same; mistakes are told and end the command with status 1.

    With `notify`, those are told too who want to know of runs that fail.
    """
    errors = errors_of(work.diagnostics)
    if errors:
        work.screen.tell(rendered(work, errors, err=True))
        if notify:
            _tell_refused(work, errors)
        raise typer.Exit(1)
    return work


def _tell_refused(work: Work, errors: Sequence[Diagnostic]) -> None:
    from featdsl.runs.describe import entry_of
    from featdsl.runs.messages import refused_message

    project = work.project
    problems = [entry_of(d, project.readable) for d in errors]
    name = project.config.project.name
    tell(work, refused_message(name, project.target_name, problems))


def tell(work: Work, message: Message) -> None:
    """Send a message that is about no run, and tell whom it did not reach."""
    from featdsl.runs.notified import sent, untold

    lost = [untold(d) for d in sent(work.project, message) if d.why is not None]
    if lost:
        work.screen.tell("", rendered(work, lost, err=True))


def compiled(context: typer.Context, params: Iterable[str] | None = None) -> Work:
    """Load and compile, whatever comes of it."""
    settings = settings_of(context)
    project = open_project(settings, params)
    context.meta[TEXTS] = project.readable
    return compile_loaded(settings, project)


def compile_loaded(settings: Settings, project: Project) -> Work:
    """Compile a project, whatever comes of it."""
    from featdsl.compiler.pipeline import compile_project

    compilation = compile_project(project.texts, project.options)
    diagnostics = (*project.problems.sorted(), *compilation.diagnostics)
    return Work(settings, Screen.of(settings), project, compilation, diagnostics)


def errors_of(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    from featdsl.diagnostics.model import Severity

    return [d for d in diagnostics if d.severity is Severity.ERROR]


def rendered(work: Work, diagnostics: Sequence[Diagnostic], *, err: bool = False) -> str:
    """Diagnostics as text and their number, for the output or the error stream."""
    from featdsl.diagnostics.render.text import render_text, summary

    painted = work.screen.colored(err=err)
    text = render_text(diagnostics, work.project.readable, color=painted)
    return f"{text}\n\n{summary(diagnostics)}"
