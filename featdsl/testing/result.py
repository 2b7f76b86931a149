"""What came of a test."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from featdsl.diagnostics import catalog
from featdsl.diagnostics.model import Diagnostic
from featdsl.ir.expr import Value
from featdsl.ir.program import Test
from featdsl.ir.text import scalar_text
from featdsl.text.span import Span
from featdsl.types.dtype import DType
from featdsl.types.value import MapValue

MAX_TOLD = 5


class What(StrEnum):
    VALUE = "value"
    MISSING = "missing row"
    UNEXPECTED = "unexpected row"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One cell that differs, or a row that is missing or unexpected.

    ``asked`` is the full name of the group or data set; ``row`` the number, from 1, of a data
    set's row. ``key`` pairs names with values, and ``as_of`` is the time: those of a spine's row
    as far as it has them. ``span`` is the row of the `then` table, or the test.
    """

    what: What
    asked: str
    row: int | None = None
    key: tuple[tuple[str, Value], ...]
    as_of: datetime | None
    span: Span
    feature: str | None = None
    dtype: DType | None = None
    expected: object = None
    actual: object = None

    def __str__(self) -> str:
        named = [f"{name} = {value_text(value)}" for name, value in self.key]
        key = ", ".join(named if self.row is None else [f"row {self.row}", *named]) or "the row"
        match self.what:
            case What.VALUE:
                want, got = value_text(self.expected), value_text(self.actual)
                return f"{key}: `{self.feature}` is {got}, expected {want}"
            case What.MISSING:
                return f"{key}: expected, but there is no such row"
            case What.UNEXPECTED:
                return f"{key}: computed, but not expected"


@dataclass(frozen=True, slots=True, kw_only=True)
class TestResult:
    """A test that was run: it passes where nothing differs.

    ``problem`` is there where it could not be run.
    """

    __test__ = False

    test: Test
    differences: tuple[Difference, ...] = ()
    problem: Diagnostic | None = None
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        return not self.differences and self.problem is None

    @property
    def cells(self) -> int:
        """How many values it states."""
        return sum(len(row) for e in self.test.expected for row in e.cells)

    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """The result as messages: none where it passed."""
        if self.problem is not None:
            return (self.problem,)
        if not self.differences:
            return ()
        first = self.differences[0]
        message = f'test "{self.test.title}" fails: {first}'
        found = catalog.FAILED_TEST.at(first.span, message)
        for difference in self.differences[1:MAX_TOLD]:
            found = found.note(str(difference))
        if len(self.differences) > MAX_TOLD:
            found = found.note(f"and {len(self.differences) - MAX_TOLD:,} more differences")
        return (found.help("correct the features, or the table where it states the wrong value"),)


def value_text(value: object) -> str:
    """A value as a test's table would hold it; null for nothing."""
    match value:
        case None:
            return "null"
        case list() | tuple():
            return f"[{', '.join(map(value_text, value))}]"
        case MapValue() | dict():
            entries = value.items() if isinstance(value, dict) else value
            shown = (f"{value_text(k)}: {value_text(v)}" for k, v in entries)
            return f"{{{', '.join(shown)}}}"
        case bool():
            return "true" if value else "false"
        case datetime():
            return value.isoformat(sep=" ")
        case str():
            return scalar_text(value)
        case _:
            return str(value)
