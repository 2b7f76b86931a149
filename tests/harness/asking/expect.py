"""Random expectations over what a program declares, with bounds where its rows turn them.

An expectation is written twice: first so that the oracle measures the set, then with bounds at
that measure or beside it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from random import Random
from typing import Any

from tests.harness.asking import aggregates, bounds
from tests.harness.asking.columns import Names
from tests.harness.generate.writer import Names as InSight
from tests.harness.generate.writer import Writer

Finish = Callable[[Random, Any], str]
"""The condition, by what was measured."""


@dataclass(frozen=True)
class Draft:
    """An expectation on a ``subject``, a source, view, group or data set by its short name.

    ``feature`` is whose it is, where it is one's own. ``text`` can be compiled; ``finish`` gives
    the text that is kept.
    """

    subject: str
    text: str
    finish: Finish
    feature: str | None = None
    warn: bool = True

    def with_measure(self, r: Random, measure: Any) -> Draft:
        text = self.finish(r, measure)
        return replace(self, text=text, finish=lambda r, m: text)

    @property
    def written(self) -> str:
        return f"expect {self.text}{' warn' if self.warn else ''}"


@dataclass
class Expecting:
    """Writes expectations of a set: ``columns`` are its names; ``timed`` rows have a time.

    ``dollars`` are parameters that may stand in conditions.
    """

    r: Random
    columns: Names
    dollars: dict[str, list[str]]
    timed: bool = False

    def __post_init__(self) -> None:
        self.rows = Writer(self.r, InSight(self.columns.by_kind, dollars=self.dollars))

        def aggregate(kind: str, depth: int) -> str | None:
            return aggregates.call(self.r, self.rows, kind, depth)

        self.whole = Writer(self.r, InSight({}, dollars=self.dollars, aggregate=aggregate))

    def some(self) -> tuple[str, Finish]:
        """An expectation of any kind: its first text, and what becomes of it."""
        r = self.r
        kinds = [self.condition] * 4 + [self.compared] * 2 + [self.combined, self.changes] * 2
        kinds += [self.count, self.nulls, self.nulls, self.unique, self.distinct, self.drift]
        kinds += [self.freshness] * 2 if self.timed else []
        while True:
            found = r.choice(kinds)()
            if found is not None:
                return found

    # Of rows.

    def condition(self) -> tuple[str, Finish]:
        r = self.r
        if self.columns.rough and r.random() < 0.15:
            op, bound = r.choice(("<", ">=")), r.choice(("0.1234567", "-2.7182817", "100.3333331"))
            text = f"{r.choice(self.columns.rough)} {op} {bound}"
        elif r.random() < 0.15:
            text = f"{r.choice([*self.columns.all])} is {r.choice(('', 'not '))}null"
        else:
            text = self.naming()

        def finish(r: Random, failing: Fraction | None) -> str:
            if failing is None or failing == 1 or r.random() < 0.5:
                return text
            allowed = r.choice(bounds.share(r, failing))
            return f"{text} allow {allowed}"

        return text, finish

    def naming(self) -> str:
        """A condition that names a column, as most do."""
        for _ in range(4):
            text = self.rows.of("bool", self.r.choice((1, 1, 2, 3)))
            if {*re.findall(r"`[^`]*`|[\w.]+", text)} & self.columns.all.keys():
                break
        return text

    def unique(self) -> tuple[str, Finish] | None:
        names = [n for n, t in self.columns.all.items() if n not in self.columns.rough]
        if not names:
            return None
        some = self.r.sample(names, min(len(names), self.r.choice((1, 1, 2, 3))))
        text = f"unique({', '.join(some)})"
        return text, lambda r, measure: text

    def nulls(self) -> tuple[str, Finish]:
        word = f"null_rate({self.r.choice([*self.columns.all])})"
        return f"{word} < 5%", lambda r, m: bounds.against(
            r, word, bounds.share(r, m or Fraction())
        )

    # Of a set.

    def count(self) -> tuple[str, Finish]:
        return "rows() > 0", lambda r, m: bounds.against(r, "rows()", bounds.whole(r, m))

    def distinct(self) -> tuple[str, Finish] | None:
        names = [n for n in self.columns.all if n not in self.columns.rough]
        if not names:
            return None
        word = f"distinct({self.r.choice(names)})"
        return f"{word} > 0", lambda r, m: bounds.against(r, word, bounds.whole(r, m))

    def freshness(self) -> tuple[str, Finish]:
        return "freshness < 1d", lambda r, m: bounds.against(r, "freshness", bounds.age(r, *m))

    def combined(self) -> tuple[str, Finish]:
        text = self.whole.of("bool", self.r.choice((1, 2, 2, 3)))
        return text, lambda r, m: text

    def compared(self) -> tuple[str, Finish] | None:
        """A number of all rows, whose measure says where bounds lie."""
        number = self._number()
        if number is None:
            return None

        def finish(r: Random, measure: Any) -> str:
            of = bounds.rough if isinstance(measure, float) else bounds.whole
            return bounds.against(r, number, of(r, measure))

        return f"{number} changes < 1%", finish

    def _number(self) -> str | None:
        kind = self.r.choice(("int", "int", "dec", "float", "rough"))
        return aggregates.call(self.r, self.rows, kind, self.r.choice((0, 1)))

    # Against the run before.

    def changes(self) -> tuple[str, Finish] | None:
        words = ["rows()", f"null_rate({self.r.choice([*self.columns.all])})"]
        names = [n for n in self.columns.all if n not in self.columns.rough]
        words += [f"distinct({self.r.choice(names)})"] if names else []
        number = self._number() if self.r.random() < 0.6 else self.r.choice(words)
        if number is None:
            return None

        def finish(r: Random, measure: Any) -> str:
            known = Fraction() if measure is None or measure == float("inf") else Fraction(measure)
            exact = r.choice(bounds.share(r, min(known, Fraction(10**6))))
            return f"{number} changes {r.choice(('<', '<='))} {exact}"

        return f"{number} changes <= 1%", finish

    def drift(self) -> tuple[str, Finish] | None:
        kinds = ("int", "dec", "float", "text", "bool")
        names = [n for k in kinds for n in self.columns.by_kind.get(k, ())]
        if not names:
            return None
        word = f"drift({self.r.choice(names)})"
        return f"{word} < 0.2", lambda r, m: bounds.against(r, word, bounds.rough(r, m or 0.0))
