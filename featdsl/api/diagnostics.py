"""Diagnostics as Python data, with what a notebook shows of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from featdsl.diagnostics import model
from featdsl.diagnostics.render.text import render_text
from featdsl.site.html import element
from featdsl.text.sources import SourceSet


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One mistake or warning; ``str()`` gives what the command line prints.

    ``code`` (``FD0202``) and ``slug`` (``unknown-column``) are stable. ``file`` is relative to
    the project; ``line`` and ``column`` count from 1, ``end_line`` and ``end_column`` are those
    of the character behind the last one. Without a place in a text, the five are None. ``help``
    is the remedy, None where there is none; ``notes`` are facts.

    Example:
        >>> for d in project.diagnostics:
        ...     print(d.file, d.line, d.code, d.message)
    """

    code: str
    slug: str
    severity: Literal["error", "warning"]
    message: str
    file: str | None
    line: int | None
    column: int | None
    end_line: int | None
    end_column: int | None
    notes: tuple[str, ...]
    help: str | None
    text: str

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        place = "" if self.file is None else f" {self.file}:{self.line}"
        return f"<{self.severity} {self.code}{place}: {self.message}>"

    def _repr_html_(self) -> str:
        return element("pre", self.text)


class Diagnostics(tuple[Diagnostic, ...]):
    """Diagnostics by file and place; what has no place comes first.

    ``errors`` and ``warnings`` are those of one severity. ``str()`` gives what the command line
    prints, with the counts.
    """

    __slots__ = ()

    @property
    def errors(self) -> Diagnostics:
        """Those that stop a compilation or a run."""
        return Diagnostics(d for d in self if d.severity == "error")

    @property
    def warnings(self) -> Diagnostics:
        """Those that do not."""
        return Diagnostics(d for d in self if d.severity == "warning")

    def __str__(self) -> str:
        return "\n\n".join((*(d.text for d in self), self._counts()))

    def __repr__(self) -> str:
        return f"<{self._counts()}>"

    def _repr_html_(self) -> str:
        return element("pre", str(self))

    def _counts(self) -> str:
        errors = len(self.errors)
        counts = {"error": errors, "warning": len(self) - errors}
        words = [f"{n:,} {word}{'' if n == 1 else 's'}" for word, n in counts.items() if n]
        return ", ".join(words) or "no problems"


def diagnostics_of(found: Iterable[model.Diagnostic], texts: SourceSet) -> Diagnostics:
    """Diagnostics of the compiler as public data."""
    return Diagnostics(_diagnostic(d, texts) for d in found)


def _diagnostic(found: model.Diagnostic, texts: SourceSet) -> Diagnostic:
    file: str | None = None
    start: tuple[int | None, int | None] = (None, None)
    end: tuple[int | None, int | None] = (None, None)
    if found.primary is not None:
        span = found.primary.span
        file = span.source
        text = texts.files.get(file)
        if text is not None:
            start = text.position(min(span.start, len(text.text)))
            end = text.position(min(span.end, len(text.text)))
    return Diagnostic(
        code=found.code.id,
        slug=found.code.slug,
        severity="error" if found.severity is model.Severity.ERROR else "warning",
        message=found.message,
        file=file,
        line=start[0],
        column=start[1],
        end_line=end[0],
        end_column=end[1],
        notes=found.notes,
        help="; ".join(found.helps) or None,
        text=render_text([found], texts),
    )
