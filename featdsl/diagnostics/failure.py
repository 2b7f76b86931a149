"""What stops a piece of work, as an exception that carries its diagnostics."""

from __future__ import annotations

from featdsl.diagnostics.model import Diagnostic


class Failure(Exception):
    """A mistake of the user, or of the world outside, without which nothing can follow.

    Stages that can go on report to `Problems` instead.
    """

    def __init__(self, *diagnostics: Diagnostic) -> None:
        super().__init__("; ".join(d.message for d in diagnostics))
        self.diagnostics = diagnostics
