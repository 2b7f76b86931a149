"""What passes read: aggregates over the columns of narrow rows, and names for those."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from featdsl.functions.registry import functions
from featdsl.ir import expr as ir
from featdsl.ir.visit import reads_beside, replace_leaves, walk
from featdsl.planning.steps import free_name
from featdsl.types.dtype import BOOL, DType, Kind


@dataclass(slots=True)
class Namer:
    """Gives expressions column names, one name an expression: readable where it is a column.

    ``taken`` holds names in lower case: engines take ``A`` and ``a`` for one name.
    """

    taken: set[str]
    values: dict[str, ir.Expr] = field(default_factory=dict)
    names: dict[ir.Expr, str] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)

    def name_of(self, e: ir.Expr) -> str:
        found = self.names.get(e)
        if found is None:
            found = free_name(_stem(e), self.taken, self.numbers)
            self.names[e] = found
            self.values[found] = e
        return found


def _stem(e: ir.Expr) -> str:
    match e:
        case ir.Column(name=name, qualifier=None):
            return name
        case ir.Column(name=name, qualifier=qualifier):
            return f"{qualifier}_{name}"
        case ir.Aggregate(aggregate=aggregate, args=(ir.Column(name=name), *_), where=None):
            return name if aggregate == ir.ROW_VALUE else f"{aggregate}_{name}"
        case ir.Aggregate(args=(ir.Column(name=name), *_), where=ir.Column(name=where)):
            return f"{e.aggregate}_{name}_{where}"
        case ir.Aggregate(args=(), where=ir.Column(name=where)):
            return f"{e.aggregate}_{where}"
        case ir.Aggregate():
            return e.aggregate
        case _:
            return "if" if e.dtype.kind is Kind.BOOL else "x"


def narrowed(
    a: ir.Aggregate, namer: Namer, *, paired: bool, within: ir.Expr | None = None
) -> ir.Aggregate:
    """The aggregate over columns of the narrow rows; constants stay where they are.

    Where rows are `paired` with points after they were narrowed, what needs the point's as-of
    time, and what may stop a run at rows that no point sees, is computed from columns then.
    Values of rows before are computed from columns too, in steps of their own. `within` is the
    condition of the aggregate that this one stands in.
    """
    counts = both(within, a.where)

    def column(e: ir.Expr) -> ir.Expr:
        if _constant(e):
            return e
        if reads_beside(e):
            return replace_leaves(e, beside)
        if paired and not isinstance(e, ir.Column) and any(map(waits, walk(e))):
            return replace_leaves(e, lambda leaf: _named(leaf, namer))
        return ir.Column(dtype=e.dtype, nullable=e.nullable, span=e.span, name=namer.name_of(e))

    def beside(leaf: ir.Expr) -> ir.Expr | None:
        match leaf:
            case ir.Previous(operand=operand):
                return replace(leaf, operand=argument(operand))
            case ir.Session(time=time):
                return replace(leaf, time=column(time))
        return _named(leaf, namer)

    def argument(e: ir.Expr) -> ir.Expr:
        if counts is None or reads_beside(e) or not any(map(_may_stop, walk(e))):
            return column(e)
        # A row that does not count is no reason to stop: it may be left out for what it holds.
        return column(
            ir.Conditional(dtype=e.dtype, span=e.span, branches=((counts, e),), otherwise=None)
        )

    def inner(e: ir.Expr) -> ir.Expr | None:
        if not isinstance(e, ir.Aggregate):
            return None
        return replace(narrowed(e, namer, paired=paired, within=counts), default=e.default)

    groups = a.groups
    if groups is not None:
        where = None if groups.where is None else replace_leaves(groups.where, inner)
        groups = ir.Groups(keys=tuple(map(argument, groups.keys)), where=where)
    return replace(
        a,
        args=tuple(argument(x) if groups is None else replace_leaves(x, inner) for x in a.args),
        where=None if a.where is None else column(a.where),
        after=None if a.after is None else column(a.after),
        groups=groups,
        by=_by(a, argument, inner),
        default=a.default if a.by is not None else None,
    )


def _by(
    a: ir.Aggregate,
    of_row: Callable[[ir.Expr], ir.Expr],
    of_group: Callable[[ir.Expr], ir.Expr | None],
) -> ir.Expr | None:
    if a.by is None:
        return None
    return of_row(a.by) if a.groups is None else replace_leaves(a.by, of_group)


def both(a: ir.Expr | None, b: ir.Expr | None) -> ir.Expr | None:
    """Both conditions."""
    if a is None or b is None:
        return a or b
    return ir.Logical(dtype=BOOL, span=b.span, op=ir.LogicalOp.AND, left=a, right=b)


def _named(leaf: ir.Expr, namer: Namer) -> ir.Expr | None:
    if not isinstance(leaf, ir.Column):
        return None
    return replace(leaf, name=namer.name_of(leaf), qualifier=None)


def waits(e: ir.Expr) -> bool:
    """Whether a part of an expression is left to when rows are paired with as-of times."""
    if isinstance(e, ir.SqlCall):
        return True
    if isinstance(e, ir.Call):
        return functions()[e.function].reads_as_of
    return isinstance(e, ir.AsOf) or _may_stop(e)


def _may_stop(e: ir.Expr) -> bool:
    """Whether an operation by itself stops a run at some value: a cast that does, SQL may."""
    if isinstance(e, ir.SqlCall):
        return True
    if not isinstance(e, ir.Cast) or e.safe:
        return False
    return _cast_may_stop(e.operand.dtype, e.dtype)


def _cast_may_stop(source: DType, target: DType) -> bool:
    if source.is_nested:
        return any(_cast_may_stop(s, t) for s, t in zip(source.items, target.items, strict=False))
    if target.kind is Kind.TEXT:
        return False
    if source.kind in (Kind.TEXT, Kind.FLOAT):
        return target.kind is not Kind.FLOAT or source.kind is Kind.TEXT
    return target.is_exact and target.precision - target.scale < source.precision - source.scale


_VARY = ir.Column | ir.AsOf | ir.Call | ir.SqlCall | ir.FeatureRef | ir.Previous | ir.Session


def _constant(e: ir.Expr) -> bool:
    return not any(isinstance(n, _VARY) for n in walk(e))
