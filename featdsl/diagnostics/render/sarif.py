"""Diagnostics as SARIF 2.1.0, which code-scanning services and editors read.

Source: OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0", 2020.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any
from urllib.parse import quote

from featdsl.diagnostics.found import Found
from featdsl.diagnostics.model import Code, Diagnostic, Label
from featdsl.diagnostics.render.edits import edit_of
from featdsl.text.sources import SourceFile
from featdsl.text.span import Span

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
ROOT = "%SRCROOT%"
_SETTINGS = "featc.toml"
Json = dict[str, Any]


def render_sarif(found: Sequence[Found], *, page: Callable[[Code], str], version: str) -> Json:
    """One run of the tool over some projects.

    Args:
        found: The folders of the projects are relative to what ``%SRCROOT%`` stands for.
        page: The Markdown page of a code.
        version: The tool's.
    """
    used = {d.code.id: d.code for f in found for d in f.diagnostics}
    codes = [used[key] for key in sorted(used)]
    number = {code.id: i for i, code in enumerate(codes)}
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "featc",
                        "version": version,
                        "rules": [_rule(code, page(code)) for code in codes],
                    }
                },
                "columnKind": "utf16CodeUnits",
                "originalUriBaseIds": {
                    ROOT: {"description": {"text": "The repository that the projects are in."}}
                },
                "results": [_result(d, f, number[d.code.id]) for f in found for d in f.diagnostics],
            }
        ],
    }


def _rule(code: Code, page: str) -> Json:
    return {
        "id": code.id,
        "name": "".join(word.capitalize() for word in code.slug.split("-")),
        "shortDescription": {"text": f"{code.slug}: {code.title}"},
        "fullDescription": {"text": _first_paragraph(page) or code.title},
        "help": {"text": page, "markdown": page},
        "defaultConfiguration": {"level": code.severity.value},
    }


def _first_paragraph(page: str) -> str:
    """What happened, in plain words: the first paragraph below the headings."""
    paragraphs = [p for p in page.split("\n\n") if p.strip() and not p.startswith("#")]
    return " ".join(paragraphs[0].split()) if paragraphs else ""


def _result(d: Diagnostic, found: Found, rule: int) -> Json:
    result: Json = {
        "ruleId": d.code.id,
        "ruleIndex": rule,
        "level": d.severity.value,
        "message": {"text": "\n".join([d.message, *d.notes, *(f"help: {h}" for h in d.helps)])},
        "locations": [_labelled(d.primary, found)],
    }
    if d.secondary:
        result["relatedLocations"] = [
            {"id": i, **_labelled(label, found)} for i, label in enumerate(d.secondary, start=1)
        ]
    if fixes := list(_fixes(d, found)):
        result["fixes"] = fixes
    return result


def _fixes(d: Diagnostic, found: Found) -> Iterator[Json]:
    edit = edit_of(d, found.sources)
    if edit is not None:
        replaced = {
            "deletedRegion": _region(edit.span, found.sources.files[edit.span.source]),
            "insertedContent": {"text": edit.replacement},
        }
        change = {
            "artifactLocation": _artifact(edit.span.source, found),
            "replacements": [replaced],
        }
        yield {"description": {"text": d.helps[0]}, "artifactChanges": [change]}


def _labelled(label: Label | None, found: Found) -> Json:
    """A place with what is said of it."""
    # Services refuse a result without a place: the settings stand for the whole project.
    name = _SETTINGS if label is None else label.span.source
    file = None if label is None else found.sources.files.get(name)
    region = {"startLine": 1} if file is None or label is None else _region(label.span, file)
    location: Json = {
        "physicalLocation": {"artifactLocation": _artifact(name, found), "region": region}
    }
    if label is not None and label.text:
        location["message"] = {"text": label.text}
    return location


def _artifact(name: str, found: Found) -> Json:
    return {"uri": quote(found.path(name)), "uriBaseId": ROOT}


def _region(span: Span, file: SourceFile) -> Json:
    """From the first character to the one behind the last; columns in UTF-16 code units."""
    start, end = (min(offset, len(file.text)) for offset in (span.start, span.end))
    line, column = _position(start, file)
    end_line, end_column = _position(end, file)
    return {
        "startLine": line,
        "startColumn": column,
        "endLine": end_line,
        "endColumn": end_column,
    }


def _position(offset: int, file: SourceFile) -> tuple[int, int]:
    line, column = file.position(offset)
    before = file.text[offset - column + 1 : offset]
    return line, len(before.encode("utf-16-le", "surrogatepass")) // 2 + 1
