"""Tables of tests: headers against columns, cells as values of their column's type."""

from __future__ import annotations

from collections.abc import Mapping

from featdsl.diagnostics import catalog
from featdsl.ir.expr import Value
from featdsl.semantics.nested import read_nested
from featdsl.semantics.remedies import as_written
from featdsl.semantics.report import Report
from featdsl.semantics.values import NotAValue
from featdsl.syntax import nodes
from featdsl.types.dtype import DType, Kind


def header(table: nodes.Table) -> dict[str, nodes.Cell]:
    """Names in the header; the parser reports a name that stands twice."""
    return {cell.text: cell for cell in table.header}


def typed_cells(
    table: nodes.Table, dtypes: Mapping[str, DType], report: Report
) -> list[tuple[Value, ...]] | None:
    """A value for each of `dtypes` in each row; None where a cell was reported."""
    places = [c.text for c in table.header]
    ok = True
    rows: list[tuple[Value, ...]] = []
    for row in table.rows:
        values: list[Value] = []
        for name, dtype in dtypes.items():
            cell = row.cells[places.index(name)]
            try:
                values.append(cell_value(cell.text, dtype))
            except NotAValue as wrong:
                report(
                    catalog.BAD_CELL.at(cell.span, f"a cell of `{name}`: {wrong}")
                    .because(table.header[places.index(name)].span, "in this column")
                    .help(_meant(cell.text) or as_written(dtype))
                )
                ok = False
                if set(cell.text) == {"-"}:
                    break  # a line of dashes is told once
        rows.append(tuple(values))
    return rows if ok else None


def _meant(text: str) -> str | None:
    """What was meant by a cell that holds no value of its column."""
    if text.lower() in ("null", "none", "nan", "na", "n/a"):
        return "an empty cell is null: `|  |`"
    if len(text) > 1 and set(text) <= set("-:"):
        return "no line stands between the names of columns and the rows: take it out"
    return None


def cell_value(text: str, dtype: DType) -> Value:
    """A cell's value: an empty one is null; a text may stand in quotes, so that it can be empty.

    Raises:
        NotAValue: the text is no value of the type.
    """
    if not text:
        return None
    if dtype.kind is Kind.TEXT and len(text) > 1 and text[0] == text[-1] == '"':
        return text[1:-1]
    return read_nested(text, dtype)
