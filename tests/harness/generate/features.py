"""Random features of a group, written as people write and with nothing left out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.harness.generate import clauses
from tests.harness.generate.caller import Caller
from tests.harness.generate.calls.groups import of_groups
from tests.harness.generate.calls.statistics import statistic
from tests.harness.generate.clauses import Clauses, plain, sugared
from tests.harness.generate.kinds import DECIMALS, MANY, NUMBERS, STORED
from tests.harness.generate.sizes import Size
from tests.harness.generate.writer import Writer

_COLUMNS = ("int_1", "dec_1", "float_1", "text_1", "ts_1", "at", "id", "count", "last")
"""Features may be called as a column, or an aggregate."""

_TYPES = {
    "dec": (0.3, (*DECIMALS, "float", "int")),
    "int": (0.3, ("int", "decimal(20, 1)", "float")),
    "float": (0.2, ("decimal(20, 2)", "int")),
}
"""By kind, how often a type is written, and which."""


@dataclass
class Features:
    """Writes the features of a group.

    ``bare`` columns may stand outside of aggregates; ``where`` is the group's condition,
    ``aligned`` what its windows are aligned to. ``foreign`` are
    features of other groups, and what is made of them; ``more`` may stand in features only.
    """

    caller: Caller
    writer_of: Callable[..., Writer]
    size: Size
    keys: Sequence[str]
    bare: bool
    where: str | None
    aligned: str | None = None
    foreign: dict[str, list[str]] = field(default_factory=dict)
    known: dict[str, list[str]] = field(default_factory=dict)
    more: dict[str, list[str]] = field(default_factory=dict)
    named: set[str] = field(default_factory=set)
    sugar: list[str] = field(default_factory=list)
    flat: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.r = self.caller.r

    @property
    def rows(self) -> Writer:
        return self.caller.rows

    @property
    def conditions(self) -> tuple[str, ...]:
        return () if self.where is None else (self.where,)

    def writer(self) -> Writer:
        """Of expressions outside of aggregates: features in sight, calls, bare columns."""
        by_kind = {k: list(v) for k, v in self.known.items()}
        for kind, found in (*self.foreign.items(), *self.more.items()):
            by_kind.setdefault(kind, []).extend(found)
        if self.bare:
            for kind, columns in self.caller.columns.items():
                by_kind.setdefault(kind, []).extend(map(clauses.bare, columns))
        return self.writer_of(by_kind, as_of=True, aggregate=self.caller.of)

    def name(self, i: int) -> str:
        """Of the feature; some are called as a column, which is another thing in aggregates."""
        if self.bare or self.r.random() > 0.15:
            return f"f{i}"
        name = self.r.choice(_COLUMNS)
        taken = name in self.named or name in self.keys
        self.named.add(name)
        return f"f{i}" if taken else name

    def one(self, name: str) -> None:
        """A feature of any kind."""
        r = self.r
        if r.random() < 0.04:
            self.approximate(name)
            return
        ranks = [text for text in self.foreign.get("float", ()) if text.startswith("percent_rank")]
        if ranks and r.random() < 0.2:
            self.add(name, r.choice(ranks))
            return
        if r.random() < 0.1:
            value = statistic(self.caller)
            if value is not None:
                self.add(name, value)
                return
        if r.random() < 0.08:
            value = self.caller.of(r.choice(("list", "list", "map")), 1)
            if value is not None:
                self.add(name, value)
                return
        if self.where is None and self.aligned is None and r.random() < 0.05:
            value = of_groups(self.caller)
            if value is not None:
                self.add(name, value)
                return
        kind = r.choice((*STORED, *NUMBERS, "rough", "rough"))
        if r.random() < 0.08:
            kind = r.choice((*MANY, "roughs"))
        value = self.writer().maybe(kind, r.choice(self.size.depth))
        if value is None:
            kind = "int"
            value = self.writer().of(kind, 1)
        share, types = _TYPES.get(kind, (0.0, ()))
        dtype = f": {r.choice(types)}" if r.random() < share else ""
        default = self.writer().maybe(kind, 0) if r.random() < 0.25 else None
        windowed = clauses.WINDOW in value and r.random() < 0.4
        over = r.choice(self.caller.windows) if windowed else None
        where = None
        if clauses.is_conditional(value) and r.random() < 0.3:
            where = self.rows.of("bool", 1)
        if not dtype or dtype == ": float":
            self.known.setdefault("float" if dtype else kind, []).append(name)
        self.add(f"{name}{dtype}", value, over, where, default)

    def add(
        self,
        name: str,
        value: str,
        over: str | None = None,
        where: str | None = None,
        default: str | None = None,
    ) -> None:
        """A feature with its clauses."""
        private = "private " if self.r.random() < 0.04 else ""
        text = f"{private}{name} = {sugared(value)}"
        text += "" if over is None else f" over {over}"
        text += "" if where is None else f" where {where}"
        text += "" if default is None else f" default {sugared(default)}"
        self.sugar.append(text)
        own = () if where is None else (where,)
        filled = Clauses((*self.conditions, *own), over, self.aligned)
        text = f"{name} = {plain(value, filled)}"
        text += "" if default is None else f" default {plain(default, filled)}"
        self.flat.append(text)

    def approximate(self, name: str) -> None:
        name = f"approx_{name}"
        x = self.rows.of(self.r.choice(("int", "text", "date")), 1)
        self.add(name, self.caller.call("approx_count_distinct", [x]))
