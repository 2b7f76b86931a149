"""What ends a command early, besides the `Failure`s and errors of the parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from featdsl.diagnostics.failure import Failure
    from featdsl.text.sources import SourceSet


class UsageMistake(Exception):
    """The command line is wrong: exit status 2, a line that says what, a line with the remedy."""

    def __init__(self, message: str, remedy: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


class OutputClosed(Exception):
    """Nobody reads the output any more (``featc … | head``)."""


class Placed(Exception):
    """A failure, with the texts that its places are in."""

    def __init__(self, failure: Failure, texts: SourceSet) -> None:
        super().__init__(str(failure))
        self.failure = failure
        self.texts = texts
