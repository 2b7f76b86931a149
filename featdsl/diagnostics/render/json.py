"""Diagnostics as plain data for machines, with a published schema.

Lines and columns count from 1, columns in characters. ``end_line`` and ``end_column`` are those of
the character behind the last one. What has no place has null in ``file`` and the four numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal, TypedDict

from pydantic import BaseModel, ConfigDict

from featdsl.diagnostics.found import Found
from featdsl.diagnostics.model import Diagnostic, Label
from featdsl.diagnostics.render.edits import edit_of
from featdsl.text.sources import SourceSet
from featdsl.text.span import Span


class Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class LabelEntry(Model):
    file: str | None
    line: int | None
    column: int | None
    end_line: int | None
    end_column: int | None
    text: str


class FixEntry(Model):
    """What mends the text: ``replacement`` in place of what stands between the two places."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int
    replacement: str


class DiagnosticEntry(Model):
    """``file`` is relative to the project."""

    code: str
    slug: str
    severity: Literal["error", "warning"]
    message: str
    file: str | None
    line: int | None
    column: int | None
    end_line: int | None
    end_column: int | None
    label: str
    labels: tuple[LabelEntry, ...]
    notes: tuple[str, ...]
    helps: tuple[str, ...]
    fix: FixEntry | None


class ProjectDiagnostic(DiagnosticEntry):
    """``project`` is the way from the current folder to the project."""

    project: str


class Report(Model):
    """What ``featc check --output json`` prints."""

    schema_version: Literal[1] = 1
    ok: bool
    errors: int
    warnings: int
    diagnostics: tuple[ProjectDiagnostic, ...]


def to_json(diagnostics: Iterable[Diagnostic], sources: SourceSet) -> list[dict[str, Any]]:
    """One dictionary a diagnostic, of the fields of `DiagnosticEntry`."""
    return [DiagnosticEntry(**_fields(d, sources)).model_dump(mode="json") for d in diagnostics]


def report(found: Sequence[Found]) -> Report:
    """All that was found in some projects."""
    errors = sum(f.errors for f in found)
    return Report(
        ok=errors == 0,
        errors=errors,
        warnings=sum(len(f.diagnostics) for f in found) - errors,
        diagnostics=tuple(_of_projects(found)),
    )


def _of_projects(found: Sequence[Found]) -> Iterator[ProjectDiagnostic]:
    for f in found:
        for d in f.diagnostics:
            yield ProjectDiagnostic(**_fields(d, f.sources), project=f.folder)


def _fields(d: Diagnostic, sources: SourceSet) -> dict[str, Any]:
    return {
        "code": d.code.id,
        "slug": d.code.slug,
        "severity": d.severity.value,
        "message": d.message,
        **_place(d.primary.span if d.primary else None, sources),
        "label": d.primary.text if d.primary else "",
        "labels": tuple(_label(second, sources) for second in d.secondary),
        "notes": d.notes,
        "helps": d.helps,
        "fix": _fix(d, sources),
    }


def _label(label: Label, sources: SourceSet) -> LabelEntry:
    return LabelEntry(**_place(label.span, sources), text=label.text)


def _fix(d: Diagnostic, sources: SourceSet) -> FixEntry | None:
    edit = edit_of(d, sources)
    if edit is None:
        return None
    place: dict[str, Any] = {**_place(edit.span, sources)}
    return FixEntry(**place, replacement=edit.replacement)


class _Place(TypedDict):
    file: str | None
    line: int | None
    column: int | None
    end_line: int | None
    end_column: int | None


def _place(span: Span | None, sources: SourceSet) -> _Place:
    name = None if span is None else span.source
    file = None if name is None else sources.files.get(name)
    if span is None or file is None:
        return _Place(file=name, line=None, column=None, end_line=None, end_column=None)
    line, column = file.position(min(span.start, len(file.text)))
    end_line, end_column = file.position(min(span.end, len(file.text)))
    return _Place(file=name, line=line, column=column, end_line=end_line, end_column=end_column)
