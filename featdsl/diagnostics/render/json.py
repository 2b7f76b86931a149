"""Diagnostics as plain data for machines: the fields are stable, lines and columns count from 1."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from featdsl.diagnostics.model import Diagnostic, Label
from featdsl.text.sources import SourceSet
from featdsl.text.span import Span


def to_json(diagnostics: Iterable[Diagnostic], sources: SourceSet) -> list[dict[str, Any]]:
    """One dictionary a diagnostic.

    ``end_line`` and ``end_column`` are those of the character behind the last one. A diagnostic
    without a place has null in ``file`` and the four numbers. Columns count characters.
    """
    return [_diagnostic(d, sources) for d in diagnostics]


def _diagnostic(d: Diagnostic, sources: SourceSet) -> dict[str, Any]:
    return {
        "code": d.code.id,
        "slug": d.code.slug,
        "severity": d.severity.value,
        "message": d.message,
        **_place(d.primary.span if d.primary else None, sources),
        "label": d.primary.text if d.primary else "",
        "labels": [_label(second, sources) for second in d.secondary],
        "notes": list(d.notes),
        "helps": list(d.helps),
    }


def _label(label: Label, sources: SourceSet) -> dict[str, Any]:
    return {**_place(label.span, sources), "text": label.text}


def _place(span: Span | None, sources: SourceSet) -> dict[str, Any]:
    empty = {"line": None, "column": None, "end_line": None, "end_column": None}
    if span is None:
        return {"file": None, **empty}
    file = sources.files.get(span.source)
    if file is None:
        return {"file": span.source, **empty}
    line, column = file.position(min(span.start, len(file.text)))
    end_line, end_column = file.position(min(span.end, len(file.text)))
    return {
        "file": span.source,
        "line": line,
        "column": column,
        "end_line": end_line,
        "end_column": end_column,
    }
