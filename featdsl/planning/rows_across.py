"""Rows with what is looked up in features of other things, as of each row's time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from featdsl.ir import expr as ir
from featdsl.ir.plan import Derive
from featdsl.ir.program import Source
from featdsl.ir.visit import children, column_name, replace_leaves
from featdsl.planning.rows import cap_of
from featdsl.planning.steps import Sight, Steps, free_name
from featdsl.types.dtype import BOOL, TIMESTAMP


@dataclass(slots=True)
class LookedUp:
    """A step of rows in which the values of `ir.Via` are columns."""

    steps: Steps
    root: Source
    sight: Sight
    step: str
    columns: dict[ir.Via, ir.Column] = field(default_factory=dict)
    time: str | None = None

    def add(self, expressions: Iterable[ir.Expr]) -> None:
        """Look up what expressions need, inner keys first; each is looked up once."""
        waiting = list(dict.fromkeys(v for e in expressions for v in vias(e)))
        while True:
            waiting = [v for v in waiting if v not in self.columns]
            if not waiting:
                return
            ready = [v for v in waiting if all(n in self.columns for n in inner(v))]
            self._look_up(ready)

    def placed(self, e: ir.Expr) -> ir.Expr:
        """The expression with columns in place of what is looked up."""
        return replace_leaves(e, lambda n: self.columns.get(n) if isinstance(n, ir.Via) else None)

    def _look_up(self, ready: list[ir.Via]) -> None:
        from featdsl.planning.values import look_up  # values read rows, and rows read values

        taken = {c.lower() for c in self.steps.columns(self.step)}
        made: dict[str, ir.Expr] = {}
        if self.time is None:
            self.time = self._time(taken, made)
        found: dict[ir.Expr, str] = {}
        wanted: list[tuple[str, str, tuple[str, ...]]] = []
        for via in ready:
            keys: list[str] = []
            for key in map(self.placed, via.keys):
                if isinstance(key, ir.Column):
                    keys.append(column_name(key))
                    continue
                if key not in found:
                    found[key] = free_name("key", taken)
                    made[found[key]] = key
                keys.append(found[key])
            group, _, short = via.feature.rpartition(".")
            name = free_name(f"{group.rpartition('.')[2]}_{short}", taken)
            wanted.append((via.feature, name, tuple(keys)))
            self.columns[via] = ir.Column(dtype=via.dtype, nullable=True, span=via.span, name=name)
        if made:
            derive = Derive(
                input=self.step, columns=self.steps.columns(self.step), values=tuple(made.items())
            )
            note = "what is looked up, and when"
            span = self.root.name_span
            self.step = self.steps.add(f"{self.root.short}_keyed", derive, note, span)
        self.step = look_up(
            self.steps,
            self.step,
            wanted,
            at=self.time,
            one_time=False,
            span=self.root.name_span,
        )

    def _time(self, taken: set[str], made: dict[str, ir.Expr]) -> str:
        """When a row looks: at its time; what it sees ahead of that, it looks up now."""
        assert self.root.time is not None, "semantics asks for a time"
        cap = cap_of(self.steps, self.root, self.sight)
        if cap is None:
            return self.root.time
        span = self.root.name_span
        time = ir.Column(dtype=TIMESTAMP, span=span, name=self.root.time)
        ahead = ir.Compare(dtype=BOOL, span=span, op=ir.CompareOp.GT, left=time, right=cap)
        name = free_name("looks_at", taken)
        made[name] = ir.Conditional(
            dtype=TIMESTAMP, span=span, branches=((ahead, cap),), otherwise=time
        )
        return name


def vias(e: ir.Expr) -> Iterator[ir.Via]:
    """What an expression over rows looks up, inner keys first."""
    for child in children(e):
        yield from vias(child)
    if isinstance(e, ir.Via):
        yield e


def inner(via: ir.Via) -> Iterator[ir.Via]:
    """What the keys themselves look up."""
    for key in via.keys:
        yield from vias(key)
