"""Random groups of features, each written twice: as people write, and with nothing left out.

Clauses of a group, a feature or a family hold for the calls inside. Marks say where they would
stand in a call: `sugared` leaves them away, `plain` fills them in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random

from tests.property.writing import DECIMALS, KINDS, NUMBERS, STORED, Writer

ONE = ("min", "max", "mode")
IN_ORDER = ("first", "last")
RECENT = ("7d", "30d")
"""Windows of the constant `$recent`."""

_MARK = re.compile("⟦([WOBF]):?(.*?)⟧")


@dataclass(frozen=True)
class Clauses:
    """What holds for all calls of a feature."""

    conditions: tuple[str, ...] = ()
    over: str | None = None


def sugared(text: str) -> str:
    """As people write: a call has its own clauses only."""

    def of(mark: re.Match[str]) -> str:
        kind, inner = mark.groups()
        return f" where {inner}" if kind == "W" and inner else inner

    return _MARK.sub(of, text)


def plain(text: str, clauses: Clauses) -> str:
    """With every clause in every call, bare columns too."""

    def of(mark: re.Match[str]) -> str:
        kind, inner = mark.groups()
        conditions = " and ".join(f"({c})" for c in (*clauses.conditions, inner) if c)
        match kind:
            case "W":
                return f" where {conditions}" if conditions else ""
            case "O":
                return "" if clauses.over is None else f" over {clauses.over}"
            case "B" if clauses.conditions:
                held = " and ".join(f"({c})" for c in clauses.conditions)
                return f"(case when {held} then {inner} end)"
            case "F":
                assert clauses.over is not None
                return inner + suffix(clauses.over)
        return inner

    return _MARK.sub(of, text)


def suffix(window: str) -> str:
    """What a family's member is called after its family."""
    window = window.partition(" aligned ")[0]
    if window.startswith("since start of "):
        return f"_{window.removeprefix('since start of ')}"
    capped = re.fullmatch(r"last (\d+) events(?: in (.*))?", window)
    if capped is not None:
        return f"_last_{capped[1]}{'' if capped[2] is None else suffix(capped[2])}"
    start, dots, end = re.fullmatch(r"(\w+)(<?\.\.=?)?(\w+)?", window).groups()
    if end is None or (end == "0d" and not dots.endswith("=")):
        return f"_{start}"
    return f"_{start}_{end}"


@dataclass
class Features:
    """Writes the features of a group; ``columns`` and ``exact`` floats are those in sight."""

    r: Random
    rows: Writer
    columns: dict[str, list[str]]
    exact: set[str]
    writer_of: Callable[..., Writer]
    windows: Sequence[str]
    keys: Sequence[str]
    timed: bool
    ordered: bool
    bare: bool
    where: str | None
    known: dict[str, list[str]] = field(default_factory=dict)
    named: set[str] = field(default_factory=set)
    sugar: list[str] = field(default_factory=list)
    flat: list[str] = field(default_factory=list)

    def write(self) -> None:
        """Fill ``sugar`` and ``flat``."""
        r = self.r
        if self.timed and r.random() < 0.6:
            self.family()
        for i in range(r.randint(3, 9)):
            self.one(self.name(i))
        if r.random() < 0.4:
            self.loop()
        r.shuffle(self.sugar)
        r.shuffle(self.flat)

    def name(self, i: int) -> str:
        """Of the feature; some are called as a column, which is another thing in aggregates."""
        r = self.r
        if self.bare or r.random() > 0.15:
            return f"f{i}"
        columns = ("int_1", "dec_1", "float_1", "text_1", "ts_1", "at", "id")
        name = r.choice((*columns, "count", "last"))
        taken = name in self.named or name in self.keys
        self.named.add(name)
        return f"f{i}" if taken else name

    def writer(self) -> Writer:
        by_kind = {k: list(v) for k, v in self.known.items()}
        if self.bare:
            for kind, columns in self.columns.items():
                by_kind.setdefault(kind, []).extend(f"⟦B:{c}⟧" for c in columns)
        return self.writer_of(by_kind, as_of=True, aggregate=self.aggregate)

    def one(self, name: str) -> None:
        r = self.r
        if r.random() < 0.04:
            self.approximate(name)
            return
        kind = r.choice((*STORED, *NUMBERS, "rough", "rough"))
        value = self.writer().of(kind, r.choice((0, 1, 1, 2, 3)))
        dtype = ""
        if kind == "dec" and r.random() < 0.3:
            dtype = f": {r.choice((*DECIMALS, 'float', 'int'))}"
        elif kind == "int" and r.random() < 0.3:
            dtype = f": {r.choice(('int', 'decimal(20, 1)', 'float'))}"
        elif kind == "float" and r.random() < 0.2:
            dtype = f": {r.choice(('decimal(20, 2)', 'int'))}"
        default = self.writer().of(kind, 0) if r.random() < 0.25 else None
        over = r.choice(self.windows) if "⟦O⟧" in value and r.random() < 0.4 else None
        where = None
        if ("⟦W" in value or "⟦B" in value) and r.random() < 0.3:
            where = self.rows.of("bool", 1)
        if not dtype or dtype == ": float":
            self.known.setdefault("float" if dtype else kind, []).append(name)
        self.add(f"{name}{dtype}", value, over, where, default)

    def add(
        self, name: str, value: str, over: str | None, where: str | None, default: str | None
    ) -> None:
        text = f"{name} = {sugared(value)}"
        text += "" if over is None else f" over {over}"
        text += "" if where is None else f" where {where}"
        text += "" if default is None else f" default {sugared(default)}"
        self.sugar.append(text)
        clauses = Clauses(tuple(c for c in (self.where, where) if c is not None), over)
        text = f"{name} = {plain(value, clauses)}"
        text += "" if default is None else f" default {plain(default, clauses)}"
        self.flat.append(text)

    def approximate(self, name: str) -> None:
        name = f"approx_{name}"
        x = self.rows.of(self.r.choice(("int", "text", "date")), 1)
        self.add(name, self.call("approx_count_distinct", [x]), None, None, None)

    def family(self) -> None:
        """Families, and families of these."""
        r = self.r
        drawn = r.sample(self.windows, min(len(self.windows), r.randint(1, 3)))
        windows = tuple({suffix(w): w for w in drawn}.values())
        listed = ", ".join(windows)
        if r.random() < 0.2:
            windows, listed = RECENT, "$recent"
        names = []
        for i in range(r.choice((1, 2))):
            call = self.call("count", [], windowed=False)
            x = self.rows.leaf(r.choice(("int", "dec", "float")), 0)
            other = self.call(r.choice(("min", "max", "sum")), [x], windowed=False)
            value = f"{call} + {other}" if r.random() < 0.3 else (other if i else call)
            self.members(f"fam{i}", listed, windows, value, None)
            names.append(f"⟦F:fam{i}⟧")
        self.members("both", listed, windows, f"{names[0]} / {names[-1]}", None)
        self.known.setdefault("float", []).extend(f"both{suffix(w)}" for w in windows)
        if r.random() < 0.5:
            value = f"(⟦F:both⟧ ?? {names[0]}) * 2"
            self.members("again", listed, windows, value, r.choice((None, "1", names[-1])))

    def members(
        self, name: str, listed: str, windows: Sequence[str], value: str, default: str | None
    ) -> None:
        r = self.r
        where = self.rows.of("bool", 1) if "⟦W" in value and r.random() < 0.2 else None
        text = f"{name}[{listed}] = {sugared(value)}"
        text += "" if where is None else f" where {where}"
        text += "" if default is None else f" default {sugared(default)}"
        self.sugar.append(text)
        conditions = tuple(c for c in (self.where, where) if c is not None)
        for window in windows:
            clauses = Clauses(conditions, window)
            text = f"{name}{suffix(window)} = {plain(value, clauses)}"
            text += "" if default is None else f" default {plain(default, clauses)}"
            self.flat.append(text)

    def loop(self) -> None:
        """A `for`, and what it stands for."""
        r = self.r
        text, number = self.rows.leaf("text", 0), self.rows.leaf("int", 0)
        bodies = [
            ("x", ('"x"', '"y"'), f"n_{{x}} = count(⟦W:{text} = $x⟧)  m_{{x}} = n_{{x}} * 2"),
            ("n", ("1", "7"), f"above_{{n}} = count(⟦W:{number} > $n⟧) / count(⟦W:⟧)"),
        ]
        if self.timed:
            bodies.append(("w", RECENT, f"sum_{{w}} = sum({number}⟦W:⟧ over $w default 0)"))
        name, items, body = r.choice(bodies)
        self.sugar.append(f"for {name} in [{', '.join(items)}] {{ {sugared(body)} }}")
        clauses = Clauses(() if self.where is None else (self.where,))
        for item in items:
            filled = plain(body, clauses).replace(f"{{{name}}}", item.strip('"'))
            self.flat.append(filled.replace(f"${name}", item))

    # --- Aggregates ----------------------------------------------------------------------------

    def aggregate(self, kind: str, depth: int) -> str | None:
        """A call that gives a value of a kind."""
        choice = {
            "int": self.of_int,
            "dec": self.of_dec,
            "float": self.of_float,
            "bool": self.of_bool,
            "dur": self.of_dur,
            "rough": self.of_rough,
        }.get(kind, lambda depth: self.stored(kind, depth))
        return choice(max(depth, self.r.choice((0, 1, 2))))

    def call(
        self, name: str, args: list[str], default: str | None = None, *, windowed: bool = True
    ) -> str:
        r = self.r
        own = self.rows.of("bool", r.choice((0, 1, 2))) if r.random() < 0.3 else ""
        text = f"{', '.join(args)}⟦W:{own}⟧"
        if self.timed:
            text += f" over {r.choice(self.windows)}" if windowed and r.random() < 0.4 else "⟦O⟧"
        if default is not None and r.random() < 0.2:
            text += f" default {default}"
        return f"{name}({text})"

    def stored(self, kind: str, depth: int) -> str:
        """A value of the column itself."""
        r = self.r
        ordered = self.ordered
        x = self.rows.of(kind, depth)
        if ordered and r.random() < 0.35:
            other = self.rows.of(r.choice(KINDS), r.choice((0, 1)))
            return self.call(r.choice(("min_by", "max_by")), [x, other])
        names = (*ONE, *IN_ORDER) if ordered else ONE
        return self.call(r.choice(names), [x])

    def of_int(self, depth: int) -> str:
        r = self.r
        name = r.choice(("count", "count", "count_distinct", "sum", "sum", "stored"))
        if name == "stored":
            return self.stored("int", depth)
        if name == "count_distinct" or (name == "count" and r.random() < 0.4):
            return self.call(name, [self.rows.of(r.choice(STORED), depth)])
        args = [self.rows.of("int", depth)] if name == "sum" else []
        return self.call(name, args, "0" if name == "sum" else None)

    def of_dec(self, depth: int) -> str:
        if self.r.random() < 0.5:
            return self.stored("dec", depth)
        return self.call("sum", [self.rows.of(self.r.choice(("dec", "dec", "int")), depth)], "0.5")

    def of_float(self, depth: int) -> str:
        r = self.r
        exact = [c for c in self.columns["float"] if c in self.exact]
        name = r.choice(("avg", "ratio", "stored", "sum"))
        if name == "ratio":
            return self.call("ratio", [self.rows.of("bool", depth)])
        if name == "stored" or (name == "sum" and not exact):
            return self.stored("float", depth)
        if name == "sum" or (exact and r.random() < 0.3):
            return self.call(name, [r.choice(exact)])
        return self.call("avg", [self.rows.of(r.choice(("int", "dec")), depth)])

    def of_bool(self, depth: int) -> str:
        r = self.r
        name = r.choice(("any", "all", "exists", "stored"))
        if name == "stored":
            return self.stored("bool", depth)
        return self.call(name, [] if name == "exists" else [self.rows.of("bool", depth)])

    def of_dur(self, depth: int) -> str:
        name = self.r.choice(("sum", "avg", "median", "min", "max"))
        return self.call(name, [self.rows.of("dur", depth)])

    def of_rough(self, depth: int) -> str:
        r = self.r
        x = self.rows.of(r.choice(NUMBERS), min(depth, 1))
        timed = self.timed
        one = ["stddev", "stddev_pop", "variance", "variance_pop", "skewness", "kurtosis"]
        one += ["median", "sum", "avg"]
        name = r.choice(
            [*one, "quantile", "corr", "covar", "entropy"] + ["slope", "ewm_sum"] * timed
        )
        match name:
            case "quantile":
                return self.call(name, [x, r.choice(("0.9", "0.25", "0", "1", "50%"))])
            case "corr" | "covar":
                return self.call(name, [x, self.rows.of(r.choice(NUMBERS), 1)])
            case "entropy":
                return self.call(name, [self.rows.of(r.choice(STORED), depth)])
            case "ewm_sum":
                return self.call(name, [x, f"half_life: {r.choice(('1d', '36h'))}"])
            case _:
                return self.call(name, [x])
