"""What a kind of source is: options, files, SQL from stored to declared columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlglot import exp

from featdsl.ir.expr import Scalar
from featdsl.ir.program import Location, Source, SourceColumn
from featdsl.types.dtype import DType, Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """An option in brackets after the location: ``(delimiter = ";")``.

    ``valid`` returns what is wrong with a value of the right type, in words, or None. Without a
    ``default`` it has to be written.
    """

    name: str
    kind: Kind
    default: Scalar | None
    meaning: str
    valid: Callable[[Any], str | None] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """From a stored column to a declared one.

    ``value`` has the declared type and never fails: it is null where a value does not fit.
    ``misfit`` is true for those values, and None where every value fits.
    """

    value: exp.Expr
    misfit: exp.Expr | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceKind:
    """One kind, ``from <name> "<argument>" (options)``.

    ``holds`` are the types that its columns can have. ``scan`` is the FROM item of a compiled
    statement: the wanted columns in their declared types, read without having seen the data.
    ``find`` lists the files, in a fixed order. ``stored`` says which columns a file holds, as
    pairs of name and engine type, or is None where the engine must be asked. ``read`` is the
    FROM item over files of one shape. ``convert`` returns a conversion, or in words why there
    is none.
    ``parsed`` kinds are read once, into typed Parquet. ``explain`` turns what the engine says of
    a file that it cannot read into words and a remedy, where it knows better. ``wrong`` says
    what is wrong with an argument, in words. Rows of ``called`` kinds are what Python code of the
    project returns: no SQL reads them, and they have no files. The argument
    of a ``query`` is SQL over files, in which nothing is filled in; its rows are made once a run.
    ``named`` kinds are tables of the engine that the SQL runs in; ``connected`` ones are on a
    server, their argument is the name of the variable that says how it is reached, so that no
    program holds a password. ``nameless`` data have no names for their columns. ``told`` says
    which types columns of text may be told to have, where the values must say it; ``names`` is a
    query for the names of the columns of files, where ``stored`` gives the declared ones.
    """

    name: str
    meaning: str
    argument: str
    options: tuple[Option, ...] = ()
    holds: frozenset[Kind]
    scan: Callable[[Source, Sequence[str]], exp.Expr]
    find: Callable[[Location, Path, Sequence[Path]], list[Path]]
    read: Callable[[Read], exp.Expr]
    stored: Callable[[Location, Path, Mapping[str, SourceColumn]], list[tuple[str, str]]] | None
    convert: Callable[[exp.Expr, str, DType], Conversion | str]
    parsed: bool = False
    wrong: Callable[[str], str | None] | None = None
    called: bool = False
    query: bool = False
    explain: Callable[[Location, Path, str], tuple[str, str | None] | None] | None = None
    named: bool = False
    connected: bool = False
    nameless: Callable[[Location], bool] | None = None
    told: Callable[[exp.Expr], Mapping[DType, exp.Expr | None]] | None = None
    names: Callable[[Sequence[str]], exp.Query] | None = None

    def option(self, location: Location, name: str) -> Any:
        """The value of an option, its default where it is not written."""
        return option(self.options, location, name)


FILE = "featc_file"
ROW = "file_row_number"
"""Columns that numbered rows have besides: the file's path, and the row's place in it from 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """Files of one shape to read: ``stored`` are their columns and types, in the files' order.

    ``numbered`` adds the columns `FILE` and, where the kind is not parsed, `ROW`. With
    ``rejects``, rows whose shape is broken are put aside in a table of that name (and one
    with ``_scans`` appended) in place of failing.
    """

    location: Location
    files: Sequence[str]
    stored: Sequence[tuple[str, str]] = field(default=())
    numbered: bool = False
    rejects: str | None = None


def option(options: Sequence[Option], location: Location, name: str) -> Any:
    """The value that a location gives to one of `options`, or its default."""
    known = next(o for o in options if o.name == name)
    return location.options.get(name, known.default)
