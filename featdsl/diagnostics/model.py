"""A diagnostic as data: words are chosen where the facts are, paint in `render`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum

from featdsl.diagnostics.suggest import NearestName
from featdsl.text.span import Span


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Label:
    """A place and what is said about it; an empty text only underlines."""

    span: Span
    text: str = ""


@dataclass(frozen=True, slots=True)
class Fix:
    """`written`, which stands at the span or is the last part of what stands there, is `meant`.

    A name that is meant may need quotes, a sign or word of the language never does.
    """

    span: Span
    written: str
    meant: str
    is_name: bool = True


@dataclass(frozen=True, slots=True)
class Code:
    """One kind of problem. `id` is stable for ever; `slug` is what people type in `allow`."""

    id: str
    slug: str
    title: str
    severity: Severity = Severity.ERROR

    def at(self, span: Span, message: str, label: str = "") -> Diagnostic:
        """Report at a place; `message` is a headline that stands alone on one line."""
        return Diagnostic(self, message, Label(span, label), severity=self.severity)

    def general(self, message: str) -> Diagnostic:
        """Report a problem that has no place in a `.feat` file."""
        return Diagnostic(self, message, None, severity=self.severity)


@dataclass(frozen=True, slots=True)
class Diagnostic:
    code: Code
    message: str
    primary: Label | None
    secondary: tuple[Label, ...] = ()
    notes: tuple[str, ...] = ()
    helps: tuple[str, ...] = ()
    severity: Severity = Severity.ERROR
    fix: Fix | None = None
    """What an editor may do by itself; `render.edits` says how."""

    def because(self, span: Span | None, text: str) -> Diagnostic:
        """Add a second place that explains the first; without a span it is left out."""
        if span is None:
            return self
        return replace(self, secondary=(*self.secondary, Label(span, text)))

    def note(self, text: str | None) -> Diagnostic:
        """Add a fact in words."""
        return self if text is None else replace(self, notes=(*self.notes, text))

    def mended(self, written: str, meant: str) -> Diagnostic:
        """Say which sign or word of the language is right in place of the one at the place."""
        assert self.primary is not None
        return replace(self, fix=Fix(self.primary.span, written, meant, is_name=False))

    def help(self, text: str | None) -> Diagnostic:
        """Add a remedy; None (nothing close, say) adds nothing.

        A `NearestName` for what stands at the primary place is also a fix.
        """
        if text is None:
            return self
        fix = self.fix
        if fix is None and self.primary is not None and isinstance(text, NearestName):
            fix = Fix(self.primary.span, text.written, text.meant)
        return replace(self, helps=(*self.helps, str(text)), fix=fix)


@dataclass(slots=True)
class Problems:
    """Collects diagnostics so that one run reports every independent problem."""

    items: list[Diagnostic] = field(default_factory=list)
    _alike: dict[tuple[str, Span | None, str], list[Diagnostic]] = field(default_factory=dict)

    def report(self, diagnostic: Diagnostic) -> None:
        """Keep a diagnostic; the same one twice is kept once."""
        place = None if diagnostic.primary is None else diagnostic.primary.span
        alike = self._alike.setdefault((diagnostic.code.id, place, diagnostic.message), [])
        if diagnostic not in alike:
            alike.append(diagnostic)
            self.items.append(diagnostic)

    def extend(self, diagnostics: Iterable[Diagnostic]) -> None:
        for diagnostic in diagnostics:
            self.report(diagnostic)

    @property
    def has_errors(self) -> bool:
        return any(d.severity is Severity.ERROR for d in self.items)

    def sorted(self) -> list[Diagnostic]:
        """By file and place; what has no place comes first."""

        def order(d: Diagnostic) -> tuple[str, int, int, str, str]:
            if d.primary is None:
                return ("", 0, 0, d.code.id, d.message)
            s = d.primary.span
            return (s.source, s.start, s.end, d.code.id, d.message)

        return sorted(self.items, key=order)
