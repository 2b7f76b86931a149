"""Parameters, constants, lists and functions of a project."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random

from tests.harness.generate.kinds import TYPES
from tests.harness.generate.windows import RECENT
from tests.harness.generate.writer import Names, Writer

_MADE = {
    "int": ("int", "3"),
    "dec": ("decimal(8, 2)", "1.50"),
    "float": ("float", "0.5"),
    "text": ("text", '"x"'),
    "bool": ("bool", "true"),
    "ts": ("timestamp", "@2024-03-01T10:00:00"),
    "date": ("date", "@2024-03-01"),
    "dur": ("duration", "36h"),
}


@dataclass
class Values:
    """What is declared, as text, and what may be named, by kind."""

    texts: list[str] = field(default_factory=list)
    dollars: dict[str, list[str]] = field(default_factory=dict)
    lists: dict[str, list[str]] = field(default_factory=dict)
    functions: dict[str, list[tuple[str, Sequence[str]]]] = field(default_factory=dict)
    constants: dict[str, list[str]] = field(default_factory=dict)
    windows: dict[str, str] = field(default_factory=dict)
    templates: list[str] = field(default_factory=list)

    def names(self, by_kind: dict[str, list[str]], **more: object) -> Names:
        found = Names(by_kind, dollars=self.dollars, lists=self.lists, **more)  # type: ignore[arg-type]
        found.functions, found.constants = self.functions, self.constants
        return found


def make_values(r: Random, share: float) -> Values:
    """A share of all that there may be."""
    values = Values()
    for kind, (dtype, text) in _MADE.items():
        if r.random() < share:
            values.texts.append(f"param p_{kind}: {dtype} = {text}")
            values.dollars.setdefault(kind, []).append(f"$p_{kind}")
        if r.random() < share and kind != "float":
            values.texts.append(f"const c_{kind} = {text}")
            values.dollars.setdefault(kind, []).append(f"$c_{kind}")
    if r.random() < share:
        values.texts.append('const some_texts = ["x", "é", "12"]')
        values.lists["text"] = ["$some_texts"]
    if r.random() < share:
        values.texts.append("const some_ints = [1, -3, 7]")
        values.lists["int"] = ["$some_ints"]
    _calculated(r, values, share)
    _constants(r, values, share)
    values.texts.append(f"const recent = [{', '.join(RECENT)}]")
    for i in range(r.choice((0, 1, 2)) if r.random() < 2 * share else 0):
        _function(r, values, f"fn_{i}", lambda by_kind: Writer(r, values.names(by_kind)))
    return values


def _calculated(r: Random, values: Values, share: float) -> None:
    """Parameters whose defaults are calculated, of others and of the day."""
    for kind, dtype, text in (
        ("int", "int", "$p_int * 2 - 7"),
        ("dec", "decimal(8, 2)", "$p_dec + 1.25"),
        ("text", "text", '$p_text ?? "y"'),
        ("date", "date", "today() - 31d"),
        ("ts", "timestamp", "$p_ts - 36h"),
    ):
        needed = "$p_" not in text or f"$p_{kind}" in values.dollars.get(kind, [])
        if needed and r.random() < share:
            values.texts.append(f"param q_{kind}: {dtype} = {text}")
            values.dollars.setdefault(kind, []).extend([f"$q_{kind}"] * 2)


def _constants(r: Random, values: Values, share: float) -> None:
    """Parameters and constants that stand where a function takes a constant, or for a window."""
    for number in ("1", "2", "3"):
        if r.random() < share:
            how = f"param n_{number}: int =" if r.random() < 0.7 else f"const n_{number} ="
            values.texts.append(f"{how} {number}")
            values.constants.setdefault(number, []).append(f"$n_{number}")
            values.constants.setdefault(f"-{number}", []).append(f"-$n_{number}")
            values.constants.setdefault(f"{int(number) / 4}", []).append(f"$n_{number} / 4")
            values.constants.setdefault(str(int(number) - 1), []).append(f"($n_{number} - 1)")
    for window in ("7d", "1d", "36h"):
        if r.random() < share:
            how = f"param w_{window}: duration =" if r.random() < 0.7 else f"const w_{window} ="
            values.texts.append(f"{how} {window}")
            values.windows[window] = f"$w_{window}"
            values.constants.setdefault(window, []).append(f"$w_{window}")


def _function(
    r: Random, values: Values, name: str, writer: Callable[[dict[str, list[str]]], Writer]
) -> None:
    kinds = [r.choice(("int", "dec", "float", "text", "ts")) for _ in range(r.randint(1, 2))]
    kind = r.choice(("int", "dec", "bool", "text", "float"))
    by_kind: dict[str, list[str]] = {}
    for i, k in enumerate(kinds):
        by_kind.setdefault(k, []).append(f"x{i}")
    body = writer(by_kind).of(kind, 2)
    types = {**TYPES, "dec": "decimal(14, 4)"}
    parameters = ", ".join(f"x{i}: {types[k]}" for i, k in enumerate(kinds))
    returns = f": {types[kind]}" if r.random() < 0.6 else ""
    values.texts.append(f"fn {name}({parameters}){returns} = {body}")
    values.functions.setdefault(kind, []).append((name, kinds))
