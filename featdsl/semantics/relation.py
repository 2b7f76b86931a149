"""What is known of a source's or view's rows: columns, history, roles."""

from __future__ import annotations

from dataclasses import dataclass, field

from featdsl.ir.program import Role
from featdsl.text.names import short_name
from featdsl.text.span import Span
from featdsl.types.dtype import DType
from featdsl.types.duration import Duration


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnInfo:
    """A column as expressions see it; ``unreadable`` says why features cannot read it."""

    name: str
    dtype: DType
    nullable: bool
    span: Span
    owner: str
    pii: bool = False
    unreadable: str | None = None


@dataclass(slots=True, kw_only=True)
class RelationInfo:
    """Rows that groups and views can stand on.

    ``joined`` has the columns of each join's right side by alias. ``order`` are the columns
    that order rows of one time. ``single`` is True where a key of an entity in ``unique_by``
    has at most one row at any time: see `one_row_for`. ``identity`` are columns that tell the
    rows of one time apart, if any do. ``changes`` is True where it is said which rows exist at a
    time: they are no events. ``height`` is how many lets its rows stand on in a
    row. ``open`` relations have columns that are not known (they did not parse, or nothing says
    what they are): any name may be one.
    """

    name: str
    what: str
    span: Span
    columns: dict[str, ColumnInfo]
    joined: dict[str, dict[str, ColumnInfo]] = field(default_factory=dict)
    height: int = 0
    open: bool = False
    open_aliases: set[str] = field(default_factory=set)
    time: str | None = None
    order: tuple[str, ...] = ()
    identity: tuple[str, ...] = ()
    delay: Duration | None = None
    delay_span: Span | None = None
    unique_by: tuple[str, ...] | None = None
    history: bool = False
    changes: bool = False
    roles: tuple[Role, ...] = ()
    role_spans: dict[str, Span] = field(default_factory=dict)
    broken_roles: set[str] = field(default_factory=set)
    """Entities that are named with a mistake."""

    @property
    def short(self) -> str:
        return short_name(self.name)

    def one_row_for(self, columns: tuple[str, ...]) -> bool:
        """Whether these columns' values have at most one row at any as-of time."""
        return self.unique_by is not None and set(self.unique_by) <= set(columns)
