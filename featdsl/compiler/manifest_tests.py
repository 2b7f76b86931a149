"""Tests as the manifest shows them: tables of text."""

from __future__ import annotations

from datetime import datetime

from featdsl.compiler.redact import redact_text
from featdsl.ir import manifest as m
from featdsl.ir.expr import Value
from featdsl.ir.program import Expected, ExpectedRows, Program, Rows, Test
from featdsl.ir.text import HIDDEN, scalar_text, value_text
from featdsl.text.sources import SourceSet
from featdsl.text.span import Span
from featdsl.types.value import MapValue


def place(texts: SourceSet, span: Span) -> m.Place:
    """File and lines of a span."""
    file = texts.files[span.source]
    line, _ = file.position(span.start)
    end, _ = file.position(max(span.start, span.end - 1))
    return m.Place(file=span.source, line=line, end_line=end)


def test_entries(program: Program, texts: SourceSet) -> tuple[m.TestEntry, ...]:
    """Every test of a program, in order."""
    secrets = [p.short for p in program.params.values() if p.secret]
    return tuple(_entry(program, test, texts, secrets) for test in program.tests)


def _entry(program: Program, test: Test, texts: SourceSet, secrets: list[str]) -> m.TestEntry:
    instants = dict.fromkeys(
        t for e in test.expected if isinstance(e, Expected) for t in e.instants
    )
    hidden = {p.name for p in program.params.values() if p.secret}
    return m.TestEntry(
        title=test.title,
        given=tuple(_given(name, rows) for name, rows in test.given.items()),
        settings=tuple(
            m.SettingEntry(param=name, value=HIDDEN if name in hidden else value_text(value))
            for name, value in test.params.items()
        ),
        instants=tuple(map(_instant, instants)),
        expected=tuple(_expected(program, e) for e in test.expected),
        features=tuple(name for e in test.expected for name in e.stated),
        place=place(texts, test.span),
        text=redact_text(texts.slice(test.span), secrets),
    )


def _given(name: str, rows: Rows) -> m.TableEntry:
    cells = tuple(tuple(map(cell_text, row)) for row in rows.cells)
    return m.TableEntry(name=name, columns=rows.columns, rows=cells)


def _expected(program: Program, expected: Expected | ExpectedRows) -> m.TableEntry:
    if isinstance(expected, ExpectedRows):
        return m.TableEntry(
            name=expected.dataset,
            columns=tuple(c.name for c in expected.columns),
            states=tuple(c.feature for c in expected.columns),
            rows=tuple(tuple(map(cell_text, row)) for row in expected.cells),
        )
    group = program.groups.get(expected.group) or program.labels[expected.group]
    keys = tuple(key.name for key in program.entities[group.entity].keys)
    rows = zip(expected.keys, expected.instants, expected.cells, strict=True)
    return m.TableEntry(
        name=expected.group,
        columns=(*keys, "as_of", *expected.features),
        states=(*(None for _ in keys), None, *expected.stated),
        rows=tuple(
            (*map(cell_text, key), _instant(instant), *map(cell_text, cells))
            for key, instant, cells in rows
        ),
    )


def _instant(instant: datetime) -> str:
    return instant.replace(tzinfo=None).isoformat(sep=" ")


def cell_text(value: Value) -> str | None:
    """A cell as it is written in a table; null is None."""
    match value:
        case None:
            return None
        case str():
            return value
        case tuple():
            return f"[{', '.join(map(_item_text, value))}]"
        case MapValue():
            entries = (f"{_item_text(key)}: {_item_text(held)}" for key, held in value)
            return f"{{{', '.join(entries)}}}"
        case datetime():
            return _instant(value)
        case _:
            return scalar_text(value).removeprefix("@")


def _item_text(value: Value) -> str:
    """What a list or a map holds, as a cell holds it: texts and times in quotes."""
    text = cell_text(value)
    if text is None:
        return "null"
    if not isinstance(value, str | datetime):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
