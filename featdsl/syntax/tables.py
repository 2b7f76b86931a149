"""Tables of tests: rows of bars to cells with places."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import pairwise

from featdsl.diagnostics import catalog
from featdsl.diagnostics.model import Diagnostic
from featdsl.syntax.limits import TABLE_COLUMNS
from featdsl.syntax.nodes import Cell, Row, Table
from featdsl.text.amounts import count
from featdsl.text.span import Span

# A bar that no backslash stands before.
_BAR = re.compile(r"(?<!\\)\|")


def read_table(rows: Sequence[tuple[str, Span]], report: Callable[[Diagnostic], None]) -> Table:
    """The first row is the header; every other row must have as many cells."""
    read = [_row(text, span) for text, span in rows]
    header = read[0]
    _check_header(header, report)
    for row in read[1:]:
        if len(row.cells) != len(header.cells):
            report(_wrong_count(row, header))
    span = read[0].span.to(read[-1].span)
    return Table(span=span, header=header.cells, rows=tuple(read[1:]))


def _row(text: str, span: Span) -> Row:
    bars = [m.start() for m in _BAR.finditer(text)]
    cells = []
    for begin, end in pairwise(bars):
        raw = text[begin + 1 : end]
        trimmed = raw.strip()
        start = begin + 1 + (raw.index(trimmed) if trimmed else min(1, len(raw)))
        place = Span(span.source, span.start + start, span.start + max(start + len(trimmed), start))
        cells.append(Cell(span=place, text=trimmed.replace("\\|", "|")))
    return Row(span=span, cells=tuple(cells))


def _check_header(header: Row, report: Callable[[Diagnostic], None]) -> None:
    if len(header.cells) > TABLE_COLUMNS:
        place = header.cells[TABLE_COLUMNS].span
        report(
            catalog.TOO_LONG.at(place, f"a table has more than {TABLE_COLUMNS:,} columns").help(
                "leave out columns that the test does not speak of"
            )
        )
        return
    first: dict[str, Cell] = {}
    for cell in header.cells:
        if not cell.text:
            place = Span(cell.span.source, cell.span.start, cell.span.start + 1)
            report(
                catalog.TABLE_HEADER.at(place, "a column of the table has no name").help(
                    "write a name between the bars, or take the column out"
                )
            )
        elif cell.text in first:
            report(
                catalog.TABLE_HEADER.at(cell.span, f"`{cell.text}` stands twice in the header")
                .because(first[cell.text].span, "first here")
                .help("each column of a table has a name of its own")
            )
        first.setdefault(cell.text, cell)


def _wrong_count(row: Row, header: Row) -> Diagnostic:
    has, wants = len(row.cells), len(header.cells)
    extra = row.cells[wants].span if has > wants else row.span
    place = Span(extra.source, extra.start, row.span.end)
    return (
        catalog.TABLE_ROW.at(place, f"a row has {count(has, 'cell')}, its header has {wants}")
        .because(header.span, count(wants, "column"))
        .help("an empty cell (`|  |`) is null; a bar inside a cell is written `\\|`")
    )
