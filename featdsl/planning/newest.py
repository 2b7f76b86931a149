"""Which rows can be among the newest n of a point, told before points and rows are paired."""

from __future__ import annotations

from collections.abc import Mapping

from featdsl.ir import expr as ir
from featdsl.ir.plan import Newest, Ordered, Pass
from featdsl.ir.program import Group
from featdsl.ir.row_values import After, Pick, RowValue
from featdsl.ir.visit import walk
from featdsl.planning.narrow import waits
from featdsl.planning.steps import Steps, free_name


def newest_rows(
    steps: Steps, group: Group, blank: Pass, most: Mapping[ir.Expr | None, int]
) -> tuple[str, tuple[Newest, ...]]:
    """The narrow rows of a pass with what makes them too old, and which are read.

    A row is left out of a point's where all of the next n rows, for which the condition is true,
    are in the window and seen: these are newer. All rows that are among the newest n stay, so
    that they have the same numbers. What waits for the as-of time is not asked here, and then
    every row stays.
    """
    if not most or any(waits(e) for where in most if where is not None for e in walk(where)):
        return blank.input, ()
    paired, time = blank.paired, blank.time
    assert paired is not None and time is not None
    columns = steps.columns(blank.input)
    taken = {c.lower() for c in columns}
    values: list[tuple[str, RowValue]] = []
    found: list[Newest] = []

    def after(column: str | None, pick: Pick, where: ir.Expr | None, n: int) -> str | None:
        if column is None:
            return None
        name = free_name(f"after_{column}", taken)
        values.append((name, After(column=column, n=n, pick=pick, where=where)))
        return name

    for where, n in most.items():
        last = after(time, Pick.LAST, where, n)
        assert last is not None
        start = after(paired.start, Pick.LARGEST, where, n)
        found.append(
            Newest(
                where=where, time=last, start=start, end=after(paired.end, Pick.SMALLEST, where, n)
            )
        )
    ordered = Ordered(
        input=blank.input,
        columns=columns,
        keys=paired.keys,
        order=blank.order,
        values=tuple(values),
        time=None,
        window=None,
    )
    note = "rows with the newer ones that take their place"
    return steps.add(f"{group.short}_after", ordered, note, group.name_span), tuple(found)
