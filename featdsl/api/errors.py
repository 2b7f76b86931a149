"""What the Python interface raises: one hierarchy, worded as on the command line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from featdsl.api.diagnostics import Diagnostics, diagnostics_of
from featdsl.diagnostics import catalog, model
from featdsl.diagnostics.failure import Failure
from featdsl.diagnostics.suggest import did_you_mean
from featdsl.files.errors import FileError
from featdsl.runs.failures import file_diagnostic
from featdsl.text.sources import SourceSet


class FeatcError(Exception):
    """Something that featc tells: what happened, where, and the remedy.

    ``diagnostics`` are the facts; ``str()`` gives what the command line prints.

    Example:
        >>> try:
        ...     project.snapshot("spend")
        ... except featdsl.FeatcError as error:
        ...     print([d.code for d in error.diagnostics])
    """

    __module__ = "featdsl"  # as tracebacks name it

    def __init__(self, message: str, diagnostics: Diagnostics | None = None) -> None:
        super().__init__(message, diagnostics)
        self.diagnostics = Diagnostics() if diagnostics is None else diagnostics

    def __str__(self) -> str:
        return str(self.args[0])


class ProjectError(FeatcError):
    """There is no project, or its settings cannot be used."""

    __module__ = "featdsl"


class CompileError(FeatcError):
    """The texts of a project have mistakes."""

    __module__ = "featdsl"


class RunError(FeatcError):
    """Data are not as declared, or the engine or a file failed."""

    __module__ = "featdsl"


class ArgumentError(FeatcError, ValueError):
    """An argument has no meaning: nothing is called so, or a value does not fit."""

    __module__ = "featdsl"


_OPTION = re.compile(r"`--(?P<name>[a-z-]+)(?: (?P<value>[^`]*))?`")
_OF_PROJECTS = frozenset(
    {
        catalog.NO_PROJECT,
        catalog.CONFIG_SYNTAX,
        catalog.UNKNOWN_KEY,
        catalog.WRONG_SETTING,
        catalog.MISSING_SETTING,
        catalog.UNKNOWN_TARGET,
    }
)
_OF_ARGUMENTS = frozenset(
    {
        catalog.NO_MATCH,
        catalog.UNKNOWN_NAME,
        catalog.WRONG_INSTANT,
        catalog.WRONG_PARAMETER,
        catalog.UNKNOWN_INPUT,
        catalog.MISSING_INPUT,
        catalog.INPUT_VALUE,
    }
)


def argument_error(message: str, remedy: str | None = None) -> ArgumentError:
    """An argument that has no meaning, with its remedy."""
    return ArgumentError(message if remedy is None else f"{message}\n  help: {remedy}")


def unknown(kind: str, name: str, known: Iterable[str]) -> ArgumentError:
    """A name that nothing has, with the nearest one."""
    return argument_error(f"no {kind} is called `{name}`", did_you_mean(name, known))


def error_of(diagnostics: Iterable[model.Diagnostic], texts: SourceSet) -> FeatcError:
    """The exception for diagnostics of a piece of work that stopped."""
    found = tuple(map(in_python, diagnostics))
    shown = diagnostics_of(found, texts)
    codes = {d.code for d in found if d.severity is model.Severity.ERROR}
    kind: type[FeatcError] = RunError
    if codes <= _OF_ARGUMENTS:
        kind = ArgumentError
    elif codes <= _OF_PROJECTS:
        kind = ProjectError
    return kind(_told(shown), shown)


def in_python(found: model.Diagnostic) -> model.Diagnostic:
    """A diagnostic whose remedies name arguments of Python, not options of the command line."""
    return replace(found, helps=tuple(_OPTION.sub(_argument, text) for text in found.helps))


def _argument(option: re.Match[str]) -> str:
    if option["name"] == "project":
        return f'`featdsl.load("{option["value"]}")`'
    if option["name"] == "input":
        name, _, value = (option["value"] or "").partition("=")
        return f'`inputs={{"{name}": {value}}}`'
    if option["name"] == "null":
        return f'`inputs={{"{option["value"]}": None}}`'
    return f"`{option['name'].replace('-', '_')}={option['value'] or '…'}`"


def compile_error(diagnostics: Diagnostics) -> CompileError:
    """The exception for texts with mistakes; warnings are not told."""
    errors = diagnostics.errors
    return CompileError(_told(errors), errors)


def _told(diagnostics: Diagnostics) -> str:
    return str(diagnostics) if len(diagnostics) > 1 else "".join(d.text for d in diagnostics)


@contextmanager
def raising(
    texts: SourceSet,
    more: Callable[[Sequence[model.Diagnostic]], Sequence[model.Diagnostic]] = tuple,
) -> Iterator[None]:
    """Turn what stops a piece of work into the exceptions of this module.

    Args:
        texts: What diagnostics may point into.
        more: Adds to diagnostics what only the caller knows.
    """
    try:
        yield
    except Failure as failure:
        # The cause is an engine's words, which the diagnostics quote already.
        raise error_of(more(failure.diagnostics), texts) from None
    except FileError as error:
        raise error_of([file_diagnostic(error)], texts) from None
