"""What a test is compiled with: the parameters that it sets, and the day that it asks about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime

from featdsl.compiler.options import Options
from featdsl.ir.program import Expected, ExpectedRows, Origin, Program, SpineGrid, Test
from featdsl.project.load import surroundings


def options_of(program: Program, options: Options, test: Test) -> Options:
    """The options of a project for one of its tests: in it `today()` is the day that it asks about.

    ``program`` is that of the project. Without a day what reads one is missing: a test says the
    same whenever it is run.
    """
    given = {name: (value, Origin.TEST) for name, value in test.params.items()}
    world = options.surroundings
    if _reads_day(program):
        latest = _latest_time(program, test)
        today = None if latest is None else surroundings(program.timezone, latest, None).today
        world = replace(world, today=today)
    return replace(options, params={**options.params, **given}, surroundings=world)


def _reads_day(program: Program) -> bool:
    """Whether the default of a parameter reads the day."""
    return any("today()" in (p.meaning or "") for p in program.params.values())


def _latest_time(program: Program, test: Test) -> datetime | None:
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
    if rows is None and spine.source in program.views:
        yield None
        return
    place = rows.columns.index(spine.at) if rows and spine.at in rows.columns else None
    cells = () if rows is None or place is None else (row[place] for row in rows.cells)
    for cell in cells:
        if isinstance(cell, datetime):
            yield cell
        elif isinstance(cell, date):
            yield datetime(cell.year, cell.month, cell.day)
