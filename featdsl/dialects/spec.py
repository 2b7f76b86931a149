"""What a dialect is: how it rewrites a statement's tree, how it spells one, what it lacks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlglot import exp

from featdsl.ir.expr import Expr
from featdsl.types.dtype import DType


class Shape(StrEnum):
    """What a statement makes of a query."""

    SELECT = "select"
    VIEW = "view"
    TABLE = "table"
    MACRO = "macro"


class Lacking(Exception):
    """A statement needs what the dialect does not have.

    Args:
        what: Of what there is no equal: a function of the vocabulary, a kind of clause.
    """

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


@dataclass(frozen=True, slots=True, kw_only=True)
class Lack:
    """Something of the language that the dialect cannot compute with the same values.

    ``shown`` is how it is written in `.feat` text, ``used`` tells whether an expression is it,
    ``reason`` says why in a clause, ``remedy`` what to write instead where there is something.
    """

    shown: str
    used: Callable[[Expr], bool]
    reason: str
    remedy: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredTable:
    """A table of the engine that holds the rows of a source; ``columns`` as declared."""

    name: str
    schema: str | None
    columns: Mapping[str, DType]


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What a statement is to make, beside its query.

    Args:
        shape: What to make of it.
        name: Of the view, table or macro.
        schema: Where it is made; made itself where it is not there.
        columns: Those of the query with their types, in order.
        comment: What is said of the whole.
        comments: What is said of columns.
    """

    shape: Shape
    name: str
    schema: str | None
    columns: Mapping[str, DType]
    comment: str
    comments: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How one engine's SQL is made.

    ``finish`` rewrites a query built in the common vocabulary; tables that stand for sources
    are given by the name that they have in the tree, and ``columns`` are the query's with
    their types. It raises `Lacking`. ``statements`` gives the whole, each without its semicolon,
    for a finished query. ``parameter`` is how the as-of time is written as a parameter of a
    SELECT. ``howto`` gives lines that say how a file with the
    statements is run. ``longest_name`` counts bytes. ``reads_files`` ones read the data where
    sources say they are; the others read tables.
    """

    name: str
    title: str
    lacks: tuple[Lack, ...] = ()
    finish: Callable[[exp.Query, Mapping[str, StoredTable], Mapping[str, DType]], exp.Query]
    statements: Callable[[exp.Query, Made], list[str]]
    parameter: str
    howto: Callable[[Made, bool], list[str]]
    longest_name: int | None = None
    reads_files: bool = True
