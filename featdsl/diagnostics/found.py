"""What was found in one project, as the renderers of several projects take it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from featdsl.diagnostics.model import Diagnostic, Severity
from featdsl.text.sources import SourceSet


@dataclass(frozen=True, slots=True)
class Found:
    """``folder`` is the way to the project, with forward slashes; ``.`` is the project itself."""

    diagnostics: Sequence[Diagnostic]
    sources: SourceSet
    folder: str = "."

    def path(self, name: str) -> str:
        """The way to a file of the project."""
        return name if self.folder == "." else f"{self.folder}/{name}"

    @property
    def errors(self) -> int:
        return sum(d.severity is Severity.ERROR for d in self.diagnostics)
