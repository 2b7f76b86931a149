"""Errors of files as diagnostics."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from featdsl.diagnostics import catalog
from featdsl.diagnostics.failure import Failure
from featdsl.diagnostics.model import Diagnostic
from featdsl.files.errors import FileError, Reason

_CODES = {
    Reason.LOCKED: catalog.TARGET_LOCKED,
    Reason.DAMAGED: catalog.DAMAGED_CATALOG,
    Reason.NEWER: catalog.NEWER_CATALOG,
}


def file_diagnostic(error: FileError) -> Diagnostic:
    """A `FileError` in the form of all other messages."""
    code = _CODES.get(error.reason, catalog.CANNOT_WRITE)
    return code.general(str(error)).help(error.remedy)


@contextmanager
def told() -> Iterator[None]:
    """Turn errors of files into `Failure`s."""
    try:
        yield
    except FileError as error:
        raise Failure(file_diagnostic(error)) from error
