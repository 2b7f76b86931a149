"""What stops the loading of a project, as an exception that carries its diagnostics."""

from __future__ import annotations

from featdsl.diagnostics.model import Diagnostic


class ProjectError(Exception):
    """A mistake of the user without which nothing sensible can follow."""

    def __init__(self, *diagnostics: Diagnostic) -> None:
        super().__init__("; ".join(d.message for d in diagnostics))
        self.diagnostics = diagnostics
