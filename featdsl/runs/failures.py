"""Errors of files as diagnostics."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from featdsl.diagnostics import catalog
from featdsl.diagnostics.failure import Failure
from featdsl.diagnostics.model import Diagnostic
from featdsl.files.errors import FileError, Reason


def file_diagnostic(error: FileError) -> Diagnostic:
    """A `FileError` in the form of all other messages."""
    code = catalog.TARGET_LOCKED if error.reason is Reason.LOCKED else catalog.CANNOT_WRITE
    return code.general(str(error)).help(error.remedy)


@contextmanager
def told() -> Iterator[None]:
    """Turn errors of files into `Failure`s."""
    try:
        yield
    except FileError as error:
        raise Failure(file_diagnostic(error)) from error
