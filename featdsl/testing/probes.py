"""What a test could reach in a definition: windows, branches, both outcomes of conditions.

A probe is a condition beside the definition, true where what it is about is reached: of a
feature for a key, of a view for a row. Probes are asked as features and lets are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum

from featdsl.ir import expr as ir
from featdsl.ir.program import Feature, View
from featdsl.ir.refs import features_named
from featdsl.ir.text import canonical
from featdsl.ir.visit import children, walk
from featdsl.text.span import Span
from featdsl.types.dtype import BOOL, INT


class ProbeKind(StrEnum):
    WINDOW = "window"
    BRANCH = "branch"


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """``subject`` is the full name of a feature or view; ``words`` say what is not reached."""

    kind: ProbeKind
    subject: str
    words: str
    span: Span = field(compare=False, repr=False)
    condition: ir.Expr = field(compare=False, repr=False)


def feature_probes(feature: Feature) -> tuple[Probe, ...]:
    """Probes of a feature or label, each once; conditions are of its group's keys."""
    return _once(_Finder(feature.name, None).of(feature.expr, None))


def view_probes(view: View) -> tuple[Probe, ...]:
    """Probes of a view's lets and its ``where``; conditions are of its rows before ``where``."""
    finder = _Finder(view.name, None)
    found = [p for let in view.lets for p in finder.of(let.value, None)]
    if view.where is not None:
        found += finder.of(view.where, None)
        found += finder.outcomes(view.where, None)
    return _once(iter(found))


def _once(probes: Iterator[Probe]) -> tuple[Probe, ...]:
    return tuple({(p.kind, p.words): p for p in probes}.values())


@dataclass(frozen=True, slots=True)
class _Finder:
    """Finds probes in an expression of a key or, below ``aggregate``, of its rows."""

    subject: str
    aggregate: ir.Aggregate | None

    def of(self, e: ir.Expr, guard: ir.Expr | None) -> Iterator[Probe]:
        """Probes of an expression that is looked at where ``guard`` is true."""
        match e:
            case ir.Aggregate():
                yield from self._aggregate(e, guard)
            case ir.Conditional():
                yield from self._conditional(e, guard)
            case ir.Coalesce(operands=operands):
                for i, operand in enumerate(operands):
                    missing = [_is_null(o) for o in operands[:i]]
                    reached = _all(guard, *missing)
                    yield from self.of(operand, reached)
                    if reached is not None and i:
                        yield self._branch(
                            f"`{canonical(operand)}` is never used for a null",
                            operand.span,
                            reached,
                        )
            case _:
                for child in children(e):
                    yield from self.of(child, guard)

    def outcomes(self, condition: ir.Expr, guard: ir.Expr | None) -> Iterator[Probe]:
        """That a ``where`` is met, and that it is not."""
        text = canonical(condition)
        for outcome, reached in (("true", condition), ("false", _is_not(condition))):
            words = f"`where {text}` is never {outcome}"
            yield self._branch(words, condition.span, _all(guard, reached))

    def _conditional(self, e: ir.Conditional, guard: ir.Expr | None) -> Iterator[Probe]:
        before = guard
        for condition, value in e.branches:
            yield from self.of(condition, before)
            reached = _all(before, condition)
            words = f"`if {canonical(condition)}` never decides"
            yield self._branch(words, condition.span, reached)
            yield from self.of(value, reached)
            before = _all(before, _is_not(condition))
        first = canonical(e.branches[0][0])
        span = e.span if e.otherwise is None else e.otherwise.span
        yield self._branch(f"`else` of `if {first}` never decides", span, before)
        if e.otherwise is not None:
            yield from self.of(e.otherwise, before)

    def _aggregate(self, e: ir.Aggregate, guard: ir.Expr | None) -> Iterator[Probe]:
        if self.aggregate is not None:
            return  # Of an aggregate over groups: its rows are those of the outer one.
        if e.window is not None:
            yield Probe(
                kind=ProbeKind.WINDOW,
                subject=self.subject,
                words=f"no row reaches the window `{e.window}`",
                span=e.span,
                condition=_any_row(replace(e, where=None, after=None), None),
            )
        rows = _Finder(self.subject, e)
        if e.where is not None:
            all_rows = _Finder(self.subject, replace(e, where=None, after=None))
            yield from all_rows.of(e.where, None)
            yield from all_rows.outcomes(e.where, None)
        if e.after is not None:
            later = _Finder(self.subject, replace(e, after=None))
            yield from later.of(e.after, None)
            yield from later.outcomes(e.after, None)
        # Of groups of rows only their number is told apart: an aggregate of no group is null.
        for arg in () if e.groups is not None else e.args:
            yield from rows.of(arg, None)
        if e.default is not None:
            missing = _is_null(replace(e, default=None, nullable=True))
            words = f"`default {canonical(e.default)}` is never used"
            yield self._branch(words, e.default.span, _all(guard, missing))

    def _branch(self, words: str, span: Span, reached: ir.Expr | None) -> Probe:
        assert reached is not None
        if self.aggregate is not None:
            reached = _any_row(self.aggregate, reached)
        return Probe(
            kind=ProbeKind.BRANCH, subject=self.subject, words=words, span=span, condition=reached
        )


def _any_row(aggregate: ir.Aggregate, condition: ir.Expr | None) -> ir.Expr:
    """Whether one of the rows that the aggregate reads meets a condition as well."""
    span, where, after = aggregate.span, aggregate.where, aggregate.after
    if after is not None or (condition is not None and _looks_back(condition)):
        after = _all(after, condition)
    else:
        where = _all(where, condition)
    counted = ir.Aggregate(
        aggregate="count",
        args=(),
        where=where,
        window=aggregate.window,
        after=after,
        dtype=INT,
        nullable=False,
        span=span,
    )
    zero = ir.Literal(value=0, dtype=INT, nullable=False, span=span)
    return ir.Compare(op=ir.CompareOp.GT, left=counted, right=zero, dtype=BOOL, span=span)


def _looks_back(condition: ir.Expr) -> bool:
    """Whether it is about rows before a row, which are those that pass every other condition."""
    return any(isinstance(n, ir.Previous | ir.Session) for n in walk(condition))


def _is_null(e: ir.Expr) -> ir.Expr:
    return ir.IsNull(operand=e, dtype=BOOL, nullable=False, span=e.span)


def _is_not(condition: ir.Expr) -> ir.Expr:
    """Whether a condition is false or null."""
    no = ir.Literal(value=False, dtype=BOOL, nullable=False, span=condition.span)
    known = ir.Coalesce(operands=(condition, no), dtype=BOOL, nullable=False, span=condition.span)
    return ir.Not(operand=known, dtype=BOOL, nullable=False, span=condition.span)


def _all(*conditions: ir.Expr | None) -> ir.Expr | None:
    found: ir.Expr | None = None
    for c in conditions:
        if found is None or c is None:
            found = c if found is None else found
        else:
            found = ir.Logical(op=ir.LogicalOp.AND, left=found, right=c, dtype=BOOL, span=c.span)
    return found


def referred(feature: Feature) -> Iterator[str]:
    """Full names of the features that a feature refers to."""
    return features_named(feature.expr)
