"""The smallest case that still differs: fewer declarations, items, rows, cells, operators."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from time import process_time
from typing import Any, TypeVar

import duckdb

from featdsl.diagnostics.model import Problems
from featdsl.syntax.format import format_text
from tests.harness.case import BATCH, Case, Refused

T = TypeVar("T")
SECONDS = 60


@dataclass
class Reducer:
    """``differs`` says whether a case shows what was found; the time for it is boxed,
    of the processor.
    """

    differs: Callable[[Case], bool]
    until: float

    def holds(self, case: Case) -> bool:
        """Whether a smaller case is as good; one that cannot be read or run is not."""
        if process_time() > self.until:
            return False
        try:
            return self.differs(case)
        except (Refused, KeyError, StopIteration, AssertionError, IndexError, duckdb.Error):
            return False

    def fewer(self, items: Sequence[T], works: Callable[[list[T]], bool]) -> list[T]:
        """Items without which it works no more (ddmin)."""
        rest = list(items)
        size = max(1, len(rest) // 2)
        while size:
            at = 0
            while at < len(rest):
                some = rest[:at] + rest[at + size :]
                if works(some):
                    rest = some
                else:
                    at += size
            size //= 2
        return rest

    def smaller(self, case: Case) -> Case:
        """All of it, until nothing can be left out any more."""
        for _ in range(3):
            before = case
            for step in (_batches, _rows, _declarations, _lines, _brackets, _asked, _cells):
                case = step(self, case)
            if case == before:
                break
        return case


def reduced(case: Case, check: Callable[[Case], list[str]], seconds: float = SECONDS) -> Case:
    """A small case that differs as the given one does.

    Where the engine fails for the one it fails for the other, with the same code.
    """
    fails = _failures(check(case))

    def differs(some: Case) -> bool:
        found = check(some)
        return bool(found) and _failures(found) == fails

    return Reducer(differs, process_time() + seconds).smaller(case)


def _failures(found: list[str]) -> set[str]:
    return {f[0] for d in found if (f := re.search(r"the engine fails(: FD\d+)?", d))}


def _batches(reducer: Reducer, case: Case) -> Case:
    try:
        numbers = case.batches
    except KeyError:
        return case
    found = reducer.fewer(numbers, lambda some: reducer.holds(case.only(set(some))))
    return case.only(set(found)) if len(found) < len(numbers) else case


def _rows(reducer: Reducer, case: Case) -> Case:
    for name in case.stored:

        def given(rows: list[Any], name: str = name, case: Case = case) -> Case:
            return replace(case, stored={**case.stored, name: rows})

        found = reducer.fewer(case.stored[name], lambda some: reducer.holds(given(some)))
        case = given(found)
    return case


def _asked(reducer: Reducer, case: Case) -> Case:
    spine = case.spine
    if spine is None:
        return case

    def given(rows: list[Any]) -> Case:
        return replace(case, spine=replace(spine, rows=rows))

    return given(reducer.fewer(spine.rows, lambda some: bool(some) and reducer.holds(given(some))))


def _declarations(reducer: Reducer, case: Case) -> Case:
    parts = case.text.split("\n\n")

    def given(some: list[str]) -> Case:
        text = "\n\n".join(some)
        gone = {n for n in case.stored if not re.search(rf"source {n.split('.')[1]}\b", text)}
        return replace(
            case, text=text, stored={n: r for n, r in case.stored.items() if n not in gone}
        )

    return given(reducer.fewer(parts, lambda some: reducer.holds(given(some))))


def _lines(reducer: Reducer, case: Case) -> Case:
    lines = case.text.split("\n")
    found = reducer.fewer(lines, lambda some: reducer.holds(replace(case, text="\n".join(some))))
    return replace(case, text="\n".join(found))


def _brackets(reducer: Reducer, case: Case) -> Case:
    """Something in brackets becomes a part of itself, or less."""
    at = 0
    while at < len(case.text):
        for text in _simpler(case.text, at):
            if reducer.holds(replace(case, text=text)):
                case = replace(case, text=text)
                break
        else:
            at += 1
            while at < len(case.text) and case.text[at] != "(" and case.text[at - 1] != " ":
                at += 1
    return case


def _simpler(text: str, at: int) -> Iterator[str]:
    """Texts with less in place of what begins somewhere: a call, a bracket, a clause."""
    clause = re.match(r"(where|default|over|and|or|then) ", text[at:])
    if clause is not None:
        end = _end_of_clause(text, at + clause.end())
        yield text[:at].rstrip() + text[end:]
    if text[at : at + 1] != "(":
        return
    end = _closing(text, at)
    if end is None:
        return
    start = at
    while start and (text[start - 1].isalnum() or text[start - 1] == "_"):
        start -= 1
    for part in _parts(text[at + 1 : end]):
        yield text[:start] + part + text[end + 1 :]
        yield text[:at] + part + text[end + 1 :]


def _parts(inner: str) -> Iterator[str]:
    """What stands between brackets, commas and operators."""
    found, depth, begin = [], 0, 0
    for i, char in enumerate(inner + " "):
        depth += (char in "([") - (char in ")]")
        if depth == 0 and char in " ,":
            found.append(inner[begin:i])
            begin = i + 1
    words = ("if", "then", "else", "case", "when", "end", "and", "or", "not", "where", "over")
    for part in sorted({p for p in found if p and p not in words}, key=len):
        if re.match(r"[\w(\"$@`-]", part):
            yield part


def _closing(text: str, at: int) -> int | None:
    depth = 0
    for i in range(at, len(text)):
        depth += (text[i] == "(") - (text[i] == ")")
        if depth == 0:
            return i
    return None


def _end_of_clause(text: str, at: int) -> int:
    depth = 0
    for i in range(at, len(text)):
        depth += (text[i] in "([{") - (text[i] in ")]}")
        if depth < 0 or text[i] == "\n":
            return i
        if depth == 0 and re.match(r" (where|default|over|and|or|else|end)\b", text[i:]):
            return i
    return len(text)


def _cells(reducer: Reducer, case: Case) -> Case:
    """Cells become null, or the smallest of their type."""
    for name, rows in case.stored.items():
        for i in range(len(rows)):
            for column, value in rows[i].items():
                if column == BATCH:
                    continue
                for simple in (None, 0, "", False):
                    if value is None or value == simple:
                        break
                    if simple is not None and type(simple) is not type(value):
                        continue
                    row = {**case.stored[name][i], column: simple}
                    some = [*case.stored[name][:i], row, *case.stored[name][i + 1 :]]
                    smaller = replace(case, stored={**case.stored, name: some})
                    if reducer.holds(smaller):
                        case = smaller
                        break
    return case


def formatted(text: str) -> str:
    """A project as the formatter writes it, where it can be."""
    problems = Problems()
    found = format_text(text, "t.feat", problems)
    return text if found is None or problems.has_errors else found
