"""Where the passes report: one mistake gives one message, however often it is expanded."""

from __future__ import annotations

from dataclasses import dataclass, field

from featdsl.diagnostics import catalog
from featdsl.diagnostics.model import Diagnostic, Severity
from featdsl.text.span import Span


@dataclass(slots=True)
class Report:
    """Collects diagnostics of the analysis.

    A family, a loop or a function is resolved once a member: the same code at the same place
    is one mistake.
    """

    items: list[Diagnostic] = field(default_factory=list)
    _seen: set[tuple[str, Span | None]] = field(default_factory=set)

    def __call__(self, diagnostic: Diagnostic) -> None:
        place = None if diagnostic.primary is None else diagnostic.primary.span
        mark = diagnostic.code.id if place is not None else diagnostic.message
        if (mark, place) not in self._seen:
            self._seen.add((mark, place))
            self.items.append(diagnostic)

    def unsupported(self, span: Span, what: str, instead: str | None = None) -> None:
        """Report a part of the language that this version does not compile."""
        self(catalog.NOT_SUPPORTED.at(span, f"{what} is not yet supported").help(instead))

    @property
    def has_errors(self) -> bool:
        return any(d.severity is Severity.ERROR for d in self.items)
