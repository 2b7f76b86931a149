"""Random typed expressions as FEAT text: every operator, and most functions and aggregates.

Kinds of values are ``int dec float text bool ts date dur`` and ``rough``: a float whose last
digits depend on how it is computed, which is neither compared nor rounded.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random

KINDS = ("int", "dec", "float", "text", "bool", "ts", "date", "dur")
STORED = KINDS[:-1]
NUMBERS = ("int", "dec", "float")

LITERALS = {
    "int": ("0", "1", "2", "-3", "7", "1000", "2_000_000_000"),
    "dec": ("0.5", "0.00", "-1.25", "12.34", "15%", "0.1"),
    "float": ("cast(0.5 as float)", "cast(-2 as float)", "cast(0.25 as float)"),
    "text": ('"x"', '""', '"é"', '"B"', '"x_y"', '"it\'s"'),
    "bool": ("true", "false"),
    "ts": ("@2024-02-29T12:30:00", "@1969-12-31T23:00:00", "@2024-03-31T00:00:00"),
    "date": ("@2024-02-29", "@1969-12-31", "@2023-12-31"),
    "dur": ("90min", "1d", "500ms", "2w", "1h"),
    "rough": ("ln(2)", "exp(1)"),
}
PATTERNS = ("^x", "[a-y]+", "(x|é)$", "^$", "x.y", "(?i)b", "([0-9]+)")
LIKES = ('"x%"', '"%"', '"_"', '"%y"', '"x\\\\_%"', '""')
UNITS = ("minute", "hour", "day", "week", "month", "quarter", "year")
DECIMALS = ("decimal(12, 2)", "decimal(6, 4)", "decimal(20, 0)", "decimal(5, 1)")


@dataclass
class Names:
    """What may be named where an expression stands, by kind.

    ``as_of`` says whether the as-of time may be; ``aggregate`` makes aggregate calls.
    """

    by_kind: dict[str, list[str]]
    as_of: bool = False
    dollars: dict[str, list[str]] = field(default_factory=dict)
    lists: dict[str, list[str]] = field(default_factory=dict)
    functions: dict[str, list[tuple[str, Sequence[str]]]] = field(default_factory=dict)
    aggregate: Callable[[str, int], str | None] = lambda kind, depth: None


@dataclass
class Writer:
    """Writes expressions of a kind with some names in sight."""

    r: Random
    names: Names

    def of(self, kind: str, depth: int) -> str:
        """An expression of a kind, at most ``depth`` operators deep."""
        if depth <= 0 or self.r.random() < 0.25:
            return self.leaf(kind, depth)
        makers = [*getattr(self, f"make_{kind}")(), *self.any_kind(kind)]
        for _ in range(4):
            made = self.r.choice(makers)(depth - 1)
            if made is not None:
                return made
        return self.leaf(kind, depth)

    def leaf(self, kind: str, depth: int) -> str:
        if kind == "ts" and self.names.as_of and self.r.random() < 0.15:
            return "as_of"
        found = self.names.aggregate(kind, depth) if self.r.random() < 0.75 else None
        if found is not None:
            return found
        known = self.names.by_kind.get(kind, [])
        if known and self.r.random() < 0.8:
            return self.r.choice(known)
        dollars = self.names.dollars.get(kind, [])
        if dollars and self.r.random() < 0.4:
            return self.r.choice(dollars)
        return self.r.choice(LITERALS[kind])

    def number(self, depth: int) -> str:
        return self.of(self.r.choice(NUMBERS), depth)

    def time(self, depth: int) -> str:
        return self.of(self.r.choice(("ts", "ts", "date")), depth)

    def any_kind(self, kind: str) -> list[Callable[[int], str | None]]:
        """Forms that give a value of the kind of their operands."""
        of, r = self.of, self.r

        def call(depth: int) -> str | None:
            known = self.names.functions.get(kind, [])
            if not known:
                return None
            name, kinds = r.choice(known)
            return f"{name}({', '.join(of(k, depth) for k in kinds)})"

        def case(depth: int) -> str:
            branches = " ".join(
                f"when {of('bool', depth)} then {of(kind, depth)}" for _ in range(r.randint(1, 2))
            )
            last = f" else {of(kind, depth)}" if r.random() < 0.6 else ""
            return f"(case {branches}{last} end)"

        found: list[Callable[[int], str | None]] = [
            lambda d: f"(if {of('bool', d)} then {of(kind, d)} else {of(kind, d)})",
            case,
            lambda d: f"({of(kind, d)} ?? {of(kind, d)})",
            lambda d: f"coalesce({of(kind, d)}, {of(kind, d)}, {self.leaf(kind, 0)})",
            call,
            call,
        ]
        if kind not in ("dur", "rough"):
            found.append(lambda d: f"nullif({of(kind, d)}, {of(kind, d)})")
        return found

    def make_int(self) -> list[Callable[[int], str | None]]:
        of, r = self.of, self.r
        return [
            lambda d: f"({of('int', d)} {r.choice('+-')} {of('int', d)})",
            lambda d: f"({of('int', d)} * {r.choice(('2', '-1', '10'))})",
            lambda d: f"({of('int', d)} // {of('int', d)})",
            lambda d: f"({of('dur', d)} // {r.choice(('1h', '1d', '7min'))})",
            lambda d: f"mod({of('int', d)}, {of('int', d)})",
            lambda d: f"(-{of('int', 0)})",
            lambda d: f"{r.choice(('abs', 'sign', 'floor', 'ceil', 'round'))}({of('int', d)})",
            lambda d: f"sign({of(r.choice(('dec', 'float', 'dur')), d)})",
            lambda d: f"round({of('int', d)}, {r.choice((-1, -2, 0, 1))})",
            lambda d: f"clip({of('int', d)}, {of('int', 0)}, {of('int', 0)})",
            lambda d: f"length({of('text', d)})",
            lambda d: f"bucket({self.number(d)}, [-1, 0, 10, 100])",
            lambda d: f"days_between({self.time(d)}, {self.time(d)})",
            lambda d: f"calendar_days({self.time(d)}, {self.time(d)})",
            lambda d: f"{r.choice(('day_of_week', 'month_of_year'))}({self.time(d)})",
            lambda d: f"hour_of_day({of('ts', d)})",
            lambda d: f"cast({of(r.choice(('dec', 'float', 'bool')), d)} as int)",
            lambda d: self.since(d),
        ]

    def since(self, depth: int) -> str | None:
        if not self.names.as_of:
            return None
        return f"{self.r.choice(('days_since', 'hours_since', 'age'))}({self.of('ts', depth)})"

    def make_dec(self) -> list[Callable[[int], str | None]]:
        of, r = self.of, self.r
        whole = ("dec", "int")
        return [
            lambda d: f"({of('dec', d)} {r.choice('+-')} {of(r.choice(whole), d)})",
            lambda d: f"({of('dec', 0)} * {of('dec', 0)})",
            lambda d: f"({of('int', 0)} * {of('dec', 0)})",
            lambda d: f"({of('dec', 0)} // {of('dec', 0)})",
            lambda d: f"mod({of('dec', 0)}, {of('dec', 0)})",
            lambda d: f"(-{of('dec', 0)})",
            lambda d: f"{r.choice(('abs', 'floor', 'ceil', 'round'))}({of('dec', d)})",
            lambda d: f"round({of('dec', d)}, {r.choice((-1, 0, 1, 3))})",
            lambda d: f"clip({of('dec', 0)}, {of('dec', 0)}, {of('int', 0)})",
            lambda d: f"cast({of(r.choice(NUMBERS), d)} as {r.choice(DECIMALS)})",
        ]

    def make_float(self) -> list[Callable[[int], str | None]]:
        of, r = self.of, self.r
        return [
            lambda d: f"({of('float', d)} {r.choice('+-*')} {self.number(d)})",
            lambda d: f"({of('int', 0)} {r.choice('+-*')} {of('float', d)})",
            lambda d: f"({self.number(d)} / {self.number(d)})",
            lambda d: f"({of('dur', d)} / {of('dur', d)})",
            lambda d: f"({of('float', d)} // {self.number(d)})",
            lambda d: f"mod({of('float', d)}, {self.number(d)})",
            lambda d: f"(-{of('float', d)})",
            lambda d: f"{r.choice(('abs', 'floor', 'ceil', 'round', 'sqrt'))}({of('float', d)})",
            lambda d: f"round({of('float', d)}, {r.choice((-1, 0, 1, 2))})",
            lambda d: f"clip({of('float', d)}, {of('int', 0)}, {of('dec', 0)})",
            lambda d: f"cast({of(r.choice(('int', 'dec')), d)} as float)",
        ]

    def make_rough(self) -> list[Callable[[int], str | None]]:
        of, r = self.of, self.r
        return [
            lambda d: f"({self.leaf('rough', d)} * {r.choice(('2', '0.1', '-1'))})",
            lambda d: f"{r.choice(('ln', 'exp', 'log'))}({of('int', d)})",
            lambda d: f"log({of('int', d)}, {r.choice(('2', '10', '3', '1', '0'))})",
            lambda d: f"power({of('float', d)}, {r.choice(('2', '0.5', '-1', '0'))})",
        ]

    def make_text(self) -> list[Callable[[int], str | None]]:
        of, r = self.of, self.r
        return [
            lambda d: f"{r.choice(('lower', 'upper', 'trim', 'hash'))}({of('text', d)})",
            lambda d: f"hash({of('int', d)})",
            lambda d: f"concat({of('text', d)}, {of('text', d)})",
            lambda d: f"substring({of('text', d)}, {r.randint(1, 3)}, {r.randint(0, 2)})",
            lambda d: f"substring({of('text', d)}, {r.randint(1, 3)})",
            lambda d: f"replace({of('text', d)}, {of('text', 0)}, {of('text', 0)})",
            lambda d: f'extract({of("text", d)}, "{r.choice(PATTERNS)}")',
            lambda d: f"cast({of(r.choice(('int', 'dec', 'bool', 'ts', 'date')), d)} as text)",
        ]

    def make_bool(self) -> list[Callable[[int], str | None]]:
        of, r = self.of, self.r
        word = ("contains", "starts_with", "ends_with")
        return [
            self.comparison,
            self.comparison,
            lambda d: f"({of('bool', d)} {r.choice(('and', 'or'))} {of('bool', d)})",
            lambda d: f"(not {of('bool', d)})",
            lambda d: f"({self.of(r.choice(KINDS), d)} is {r.choice(('', 'not '))}null)",
            self.membership,
            self.between,
            lambda d: f"({of('text', d)} {r.choice(('', 'not '))}like {r.choice(LIKES)})",
            lambda d: f'({of("text", d)} matches "{r.choice(PATTERNS)}")',
            lambda d: f"{r.choice(word)}({of('text', d)}, {of('text', 0)})",
            lambda d: f"is_weekend({self.time(d)})",
            lambda d: f"cast({of('int', d)} as bool)",
        ]

    def comparison(self, depth: int) -> str:
        kind = self.r.choice(KINDS)
        other = kind
        if kind in NUMBERS:
            other = self.r.choice(NUMBERS)
        elif kind in ("ts", "date"):
            other = self.r.choice(("ts", "date"))
        op = self.r.choice(("=", "!=", "<", "<=", ">", ">="))
        return f"({self.of(kind, depth)} {op} {self.of(other, depth)})"

    def membership(self, depth: int) -> str:
        kind = self.r.choice(("int", "dec", "text", "date", "float"))
        no = self.r.choice(("", "not "))
        known = self.names.lists.get(kind, [])
        if known and self.r.random() < 0.4:
            return f"({self.of(kind, depth)} {no}in {self.r.choice(known)})"
        items = [self.leaf(kind, 0) for _ in range(self.r.randint(1, 3))]
        if self.r.random() < 0.15:
            items.append("null")
        return f"({self.of(kind, depth)} {no}in [{', '.join(items)}])"

    def between(self, depth: int) -> str:
        kind = self.r.choice(("int", "dec", "float", "text", "ts", "date", "dur"))
        low, high = self.of(kind, 0), self.of(kind, 0)
        return f"({self.of(kind, depth)} {self.r.choice(('', 'not '))}between {low} and {high})"

    def make_ts(self) -> list[Callable[[int], str | None]]:
        of, r = self.of, self.r
        return [
            lambda d: f"({of('ts', d)} {r.choice('+-')} {r.choice(('7d', '90min', '1month'))})",
            lambda d: f"({of('date', d)} {r.choice('+-')} {r.choice(('1d', '1year', '1quarter'))})",
            lambda d: f"({of('ts', 0)} {r.choice('+-')} {of('dur', d)})",
            lambda d: f'{r.choice(("start_of", "date_trunc"))}("{r.choice(UNITS)}", {of("ts", d)})',
            lambda d: f"cast({of('date', d)} as timestamp)",
        ]

    def make_date(self) -> list[Callable[[int], str | None]]:
        of, r = self.of, self.r
        return [
            lambda d: f'start_of("{r.choice(UNITS)}", {of("date", d)})',
            lambda d: f"cast({of('ts', d)} as date)",
        ]

    def make_dur(self) -> list[Callable[[int], str | None]]:
        of, r = self.of, self.r
        return [
            lambda d: f"({self.time(d)} - {self.time(d)})",
            lambda d: f"({of('dur', d)} {r.choice('+-')} {of('dur', d)})",
            lambda d: f"({of('dur', 0)} * {r.choice(('2', '-1', '3'))})",
            lambda d: f"abs({of('dur', d)})",
            lambda d: f"(-{of('dur', 0)})",
        ]
