"""Typed expressions: every name is bound, every node has its type.

Equality ignores spans, so equal meaning is equal data (what sharing and fingerprints rest on).
Parameters keep their name beside the value of this compilation; constants, `for` variables and
functions are already expanded.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from featdsl.ir.leaves import (
    AsOf,
    Column,
    FeatureRef,
    GroupKey,
    InputRef,
    Node,
    Param,
    Scalar,
    Until,
    Value,
)
from featdsl.ir.window import LIFETIME, AnyWindow, NextWindow, Window
from featdsl.types.duration import Duration

__all__ = [
    "LIFETIME",
    "PERCENT_RANK",
    "ROW_VALUE",
    "Aggregate",
    "Ago",
    "Among",
    "AnyWindow",
    "Arithmetic",
    "ArithmeticOp",
    "AsOf",
    "Between",
    "Call",
    "Cast",
    "Coalesce",
    "Column",
    "Compare",
    "CompareOp",
    "Conditional",
    "Expr",
    "FeatureRef",
    "GroupKey",
    "Groups",
    "InList",
    "InputRef",
    "IsNull",
    "Like",
    "ListOf",
    "Literal",
    "Logical",
    "LogicalOp",
    "Negate",
    "NextIn",
    "NextWindow",
    "Node",
    "Not",
    "Param",
    "Previous",
    "Scalar",
    "Session",
    "SqlCall",
    "Until",
    "Value",
    "Via",
    "Window",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Literal(Node):
    """A value; ``of`` is the calculation with parameters that it is the result of, where it is."""

    value: Scalar
    of: Expr | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListOf(Node):
    """``[a, b]`` of constants, where a function takes a list."""

    items: tuple[Literal | Param, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Via(Node):
    """The feature (full name) of the thing that ``keys`` name, in the order of its entity's keys.

    Of features it is read at the same as-of time; in rows at the row's time, and keys are of the
    row. A null or unknown key gives null, also for counts.
    """

    feature: str
    keys: tuple[Expr, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ago(Node):
    """A feature of the same key (full name) as it was ``length`` before the as-of time."""

    feature: str
    length: Duration
    foreign: bool = field(default=False, compare=False)


PERCENT_RANK = "percent_rank"
"""Among peers: the share of the others whose value is smaller than one's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Among(Node):
    """An aggregate, or `PERCENT_RANK`, over the values of peers at the as-of time.

    Peers are the keys of the entity that exist then and have the same ``key`` as oneself; all of
    them where it is None. ``args``, ``where`` and ``key`` are expressions over features of the
    entity, of each peer. ``default`` replaces the call's null.
    """

    aggregate: str
    args: tuple[Expr, ...]
    where: Expr | None = None
    key: Expr | None = None
    default: Expr | None = None


class ArithmeticOp(StrEnum):
    ADD = "+"
    SUBTRACT = "-"
    MULTIPLY = "*"
    DIVIDE = "/"  # float, null where the divisor is 0
    FLOOR_DIVIDE = "//"


class CompareOp(StrEnum):
    EQ = "="
    NE = "!="
    LT = "<"
    LE = "<="
    GT = ">"
    GE = ">="


class LogicalOp(StrEnum):
    AND = "and"
    OR = "or"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arithmetic(Node):
    """Numbers with numbers, times with durations.

    timestamp - timestamp is a duration, timestamp +- duration a timestamp, duration / duration
    a float.
    """

    op: ArithmeticOp
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class Negate(Node):
    operand: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class Compare(Node):
    op: CompareOp
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class Logical(Node):
    op: LogicalOp
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class Not(Node):
    operand: Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class IsNull(Node):
    operand: Expr
    negated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class InList(Node):
    """``x in [a, b]``; a list parameter is expanded to its items."""

    operand: Expr
    items: tuple[Expr, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Between(Node):
    operand: Expr
    low: Expr
    high: Expr
    negated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Like(Node):
    operand: Expr
    pattern: Expr
    negated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditional(Node):
    """``if``/``case``: the first condition that is true decides; no ``otherwise`` is null."""

    branches: tuple[tuple[Expr, Expr], ...]
    otherwise: Expr | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Coalesce(Node):
    """``a ?? b``, and a feature's ``default``."""

    operands: tuple[Expr, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast(Node):
    """To ``dtype``; ``safe`` gives null where the value does not fit (``try_cast``)."""

    operand: Expr
    safe: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Node):
    """A scalar function of the registry by name."""

    function: str
    args: tuple[Expr, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlCall(Node):
    """One expression of the engine's SQL, cast to ``dtype``: ``sql("…{t}…", t: x): type``.

    ``template`` has the holes ``{0}``, ``{1}``, … for ``args``, in the order of their first use;
    ``names`` are what they are called in the text. Read by `featdsl.sql.escape`.
    """

    template: str
    args: tuple[Expr, ...]
    names: tuple[str, ...] = field(compare=False)
    written: str = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class NextIn(Node):
    """The smallest value of a column of a static source (full name) that is not past at t.

    A date is past after its day in the project's time zone, a timestamp when t is later. Of the
    rows whose columns equal the constants of ``where``; null where there is none.
    """

    source: str
    column: str
    where: tuple[tuple[str, Expr], ...] = ()


ROW_VALUE = "row_value"
"""The aggregate that a bare column stands for: its value in the one row that is seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Previous(Node):
    """The operand's value in the ``n``-th row before, of those that the aggregate reads.

    The rows are those of the key in the window that pass ``where``, capped, in their total order;
    within an inner aggregate those of the group that pass its own ``where``. Null where there is
    no such row. ``given`` is what ``n`` is the value of, where a parameter says it.
    """

    operand: Expr
    n: int = 1
    given: Expr | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Session(Node):
    """The time of the first row of the session that a row is in, among the same rows.

    A row begins a session where there is no row before, or one by ``gap`` or more before it.
    ``given`` is what ``gap`` is the value of, where a parameter says it.
    """

    time: Expr
    gap: Duration
    given: Expr | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Groups:
    """``per``: the rows that an aggregate reads, made one for each value of ``keys``.

    A row of which a key is null is in no group. ``where`` is asked of groups.
    """

    keys: tuple[Expr, ...]
    where: Expr | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Aggregate(Node):
    """An aggregate of the registry over the rows of the key.

    ``where`` holds every condition that applies (group, feature, call), ANDed. ``default``
    replaces the call's null. ``window`` is None where the source has no time: then all rows
    that exist at t are read. A bare column outside aggregates is ``row_value(column)``.
    Aggregates of labels may look forward; all of labels read rows as they are known at `Until`.

    ``after`` is a call's condition that holds `Previous` or `Session`: it is asked of the rows
    that are left, last of all, when those values are known. With ``groups`` the rows that pass it
    are grouped, and the aggregate goes over the groups, in the order and with the time of their
    first rows: ``args`` are made of inner aggregates, over the group's rows (their ``window`` is
    None), of keys (`GroupKey`), and of what is the same for all rows.
    With ``by`` it is a map: for each value of it that a row has the aggregate of those rows, whose
    null ``default`` replaces; null by no rows.
    """

    aggregate: str
    args: tuple[Expr, ...]
    where: Expr | None = None
    window: AnyWindow | None = None
    default: Expr | None = None
    after: Expr | None = None
    groups: Groups | None = None
    by: Expr | None = None


Expr: TypeAlias = (
    Literal
    | ListOf
    | Param
    | Column
    | InputRef
    | FeatureRef
    | Via
    | Ago
    | Among
    | AsOf
    | Until
    | Arithmetic
    | Negate
    | Compare
    | Logical
    | Not
    | IsNull
    | InList
    | Between
    | Like
    | Conditional
    | Coalesce
    | Cast
    | Call
    | SqlCall
    | NextIn
    | Previous
    | Session
    | GroupKey
    | Aggregate
)
