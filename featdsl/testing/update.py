"""Cells of ``then`` tables rewritten to what was computed; layout and comments stay."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from featdsl.diagnostics.model import Problems
from featdsl.diagnostics.render.text import width
from featdsl.semantics.cells import cell_value
from featdsl.semantics.values import NotAValue
from featdsl.syntax import nodes
from featdsl.syntax.parse import parse
from featdsl.testing.compare import same
from featdsl.testing.result import Difference, TestResult, What, value_text
from featdsl.text.sources import SourceSet
from featdsl.types.dtype import DType, Kind

_BAR = re.compile(r"(?<!\\)\|")

Changes = dict[int, dict[str, str]]
"""By the start of a row in its file: new texts of cells, by column."""


@dataclass(slots=True)
class Rewritten:
    """New texts of files, by name; ``cells`` were written, ``left`` could not be."""

    texts: dict[str, str] = field(default_factory=dict)
    cells: int = 0
    left: list[tuple[TestResult, Difference]] = field(default_factory=list)


def rewrite(texts: SourceSet, results: Iterable[TestResult]) -> Rewritten:
    """State what was computed, where a cell differs.

    Rows that are missing or unexpected stay as they are: which keys there are is the author's
    to say. So do values that no cell can hold.
    """
    found = Rewritten()
    changes: dict[str, Changes] = {}
    for result in results:
        for difference in result.differences:
            text = _new_text(difference)
            if text is None:
                found.left.append((result, difference))
                continue
            assert difference.feature is not None
            rows = changes.setdefault(difference.span.source, {})
            rows.setdefault(difference.span.start, {})[difference.feature] = text
            found.cells += 1
    for name, rows in changes.items():
        found.texts[name] = _rewritten(texts.files[name].text, name, rows)
    return found


def _new_text(difference: Difference) -> str | None:
    """What a cell has to hold, which is read back as that value; None where nothing is."""
    if difference.what is not What.VALUE or difference.dtype is None:
        return None
    text = _cell_text(difference.actual, difference.dtype)
    if "\n" in text or "\r" in text or text != text.strip() or text.endswith("\\"):
        return None
    try:
        read = cell_value(text, difference.dtype)
    except NotAValue:
        return None
    return text.replace("|", "\\|") if same(read, difference.actual, difference.dtype) else None


def _cell_text(value: object, dtype: DType) -> str:
    match value:
        case None:
            return ""
        case str() if dtype.kind is Kind.TEXT:
            quoted = value != value.strip() or not value or value[0] == value[-1] == '"'
            return f'"{value}"' if quoted else value
        case _:
            return value_text(value)


def _rewritten(text: str, name: str, changes: Mapping[int, Mapping[str, str]]) -> str:
    pieces: list[tuple[int, int, str]] = []
    for table in _tables(parse(text, name, Problems())):
        if any(row.span.start in changes for row in table.rows):
            pieces += _table(text, table, changes)
    for start, end, new in sorted(pieces, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def _tables(module: nodes.Module) -> Iterator[nodes.Table]:
    for decl in module.decls:
        if isinstance(decl, nodes.TestDecl):
            yield from (then.table for then in decl.thens)


def _table(
    text: str, table: nodes.Table, changes: Mapping[int, Mapping[str, str]]
) -> Iterator[tuple[int, int, str]]:
    """Places between bars with their new text; columns that were aligned stay so."""
    names = [cell.text for cell in table.header]
    # The header has no node of its own: its cells say where it starts.
    starts = [_line_start(text, table.header[0].span.start), *(r.span.start for r in table.rows)]
    rows = [_fields(text, start, len(names)) for start in starts]
    for i, name in enumerate(names):
        places = [row[i] for row in rows]
        old = [text[start:end] for start, end in places]
        new = [
            _field(changes.get(start, {}).get(name), field)
            for start, field in zip(starts, old, strict=True)
        ]
        new = _aligned(old, new)
        for place, before, after in zip(places, old, new, strict=True):
            if before != after:
                yield (*place, after)


def _line_start(text: str, position: int) -> int:
    return text.index("|", text.rfind("\n", 0, position) + 1)


def _fields(text: str, start: int, columns: int) -> list[tuple[int, int]]:
    """Where the text between each two bars lies, in a row that starts at its first bar."""
    end = text.find("\n", start)
    bars = [m.start() for m in _BAR.finditer(text, start, len(text) if end < 0 else end)]
    return [(a + 1, b) for a, b in pairwise(bars[: columns + 1])]


def _field(new: str | None, old: str) -> str:
    """A field with another text, as wide as it was where that is wide enough."""
    if new is None:
        return old
    indent = old[: len(old) - len(old.lstrip())] if old.strip() else " "
    if old and old == old.rstrip():  # Text that bars stand close to.
        return indent + new
    found = f"{indent}{new} "
    return found + " " * (width(old) - width(found))


def _aligned(old: Sequence[str], new: Sequence[str]) -> list[str]:
    if len({width(field) for field in old}) > 1:
        return list(new)
    wide = max(map(width, new))
    return [field + " " * (wide - width(field)) for field in new]
