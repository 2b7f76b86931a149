"""Rows that a function of the project's own Python code returns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from sqlglot import exp

from featdsl.ir.program import Location, Source
from featdsl.sources.spec import Read, SourceKind
from featdsl.sources.stored_types import HOLDS, convert
from featdsl.sql import build

_WORD = r"[^\W\d]\w*"
_ARGUMENT = re.compile(rf"{_WORD}(\.{_WORD})*:{_WORD}")


def wrong(argument: str) -> str | None:
    """What is wrong with ``module:function``."""
    if _ARGUMENT.fullmatch(argument):
        return None
    return "`module:function` is needed, such as `load:customers`, a function in `load.py`"


def place(location: Location) -> tuple[Path, str]:
    """The file, from the project's folder on, and the name of the function."""
    return file_of(location.argument), location.argument.partition(":")[2]


def file_of(argument: str) -> Path:
    """The file that holds ``module:function``, from the project's folder on."""
    return Path(*argument.partition(":")[0].split(".")).with_suffix(".py")


def scan(source: Source, columns: Sequence[str]) -> exp.Expr:
    """A table of that name stands for the rows where SQL is only shown."""
    return build.table(f"python {source.location.argument}")


def find(location: Location, base: Path, roots: Sequence[Path]) -> list[Path]:
    """No file holds the rows."""
    return []


def read(wanted: Read) -> exp.Expr:
    """As `scan`: what is called is read from the session."""
    return build.table(f"python {wanted.location.argument}")


SOURCE = SourceKind(
    name="python",
    meaning="Rows that a function of the project returns: a data frame, an Arrow table, or dicts.",
    argument="`module:function`, from the project's folder on",
    holds=HOLDS,
    scan=scan,
    find=find,
    read=read,
    stored=None,
    convert=convert,
    wrong=wrong,
    called=True,
)
