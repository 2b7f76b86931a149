"""What `today()` is in a test: the day of what it asks, not the one on which it is run."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

from featdsl.ir.program import Expected, ExpectedRows, Program, SpineGrid, Test


def reads_day(program: Program) -> bool:
    """Whether the default of a parameter reads the day."""
    return any("today()" in (p.meaning or "") for p in program.params.values())


def latest_time(program: Program, test: Test) -> datetime | None:
    """The latest time that a test asks about, UTC; None where that may rest on the day itself."""
    found = [t for e in test.expected for t in _times(program, test, e)]
    known = [t for t in found if t is not None]
    return max(known).replace(tzinfo=UTC) if known and len(known) == len(found) else None


def _times(
    program: Program, test: Test, expected: Expected | ExpectedRows
) -> Iterator[datetime | None]:
    if isinstance(expected, Expected):
        yield from expected.instants if expected.at is None else (expected.at,)
        return
    spine = program.datasets[expected.dataset].spine
    if spine is None or isinstance(spine, SpineGrid):
        rests_on_run = spine is None or any("$" in text for text in spine.written)
        yield None if spine is None or rests_on_run else spine.end
        return
    rows = test.given.get(spine.source)
    place = rows.columns.index(spine.at) if rows and spine.at in rows.columns else None
    cells = () if rows is None or place is None else (row[place] for row in rows.cells)
    for cell in cells:
        if isinstance(cell, datetime):
            yield cell
        elif isinstance(cell, date):
            yield datetime(cell.year, cell.month, cell.day)
