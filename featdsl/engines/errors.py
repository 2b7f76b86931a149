"""What an engine reports, sorted by what a user can do about it."""

from __future__ import annotations

from enum import StrEnum

from featdsl.diagnostics import catalog
from featdsl.diagnostics.failure import Failure
from featdsl.diagnostics.model import Diagnostic


class Trouble(StrEnum):
    MEMORY = "memory"
    SPILL = "spill"
    TIMEOUT = "timeout"
    TOO_LARGE = "too large"
    CONVERSION = "conversion"
    INPUT = "input"
    OUTPUT = "output"
    FORBIDDEN = "forbidden"
    ENTRIES = "entries"
    SEVERAL = "several rows"
    OTHER = "other"


_CODES = {
    Trouble.MEMORY: catalog.OUT_OF_MEMORY,
    Trouble.SPILL: catalog.OUT_OF_MEMORY,
    Trouble.TIMEOUT: catalog.TIMED_OUT,
    Trouble.TOO_LARGE: catalog.NUMBER_TOO_LARGE,
    Trouble.CONVERSION: catalog.UNFIT_RESULT,
    Trouble.INPUT: catalog.UNREADABLE_DATA,
    Trouble.OUTPUT: catalog.CANNOT_WRITE,
    Trouble.FORBIDDEN: catalog.OUTSIDE_ROOTS,
    Trouble.ENTRIES: catalog.TOO_MANY_ENTRIES,
    Trouble.SEVERAL: catalog.DUPLICATE_KEY,
    Trouble.OTHER: catalog.ENGINE_FAILED,
}
_HEADLINES = {
    Trouble.MEMORY: "the query needs more memory than it may use",
    Trouble.SPILL: "the query needs more memory, and more room on the disk, than there is",
    Trouble.TIMEOUT: "the query took longer than it may",
    Trouble.TOO_LARGE: "a result has more digits than its type holds",
    Trouble.CONVERSION: "a value cannot be converted",
    Trouble.INPUT: "a data file cannot be read",
    Trouble.OUTPUT: "the engine cannot write",
    Trouble.FORBIDDEN: "a file lies outside the folders that may be read",
    Trouble.ENTRIES: "a list or a map would hold more entries than it may",
    Trouble.SEVERAL: "a key has several rows at a time that is asked about",
    Trouble.OTHER: "the engine reports an error",
}
_REMEDIES = {
    Trouble.MEMORY: (
        "give it more with `memory_limit` in featc.toml, select fewer features, "
        "or use fewer `threads`"
    ),
    Trouble.SPILL: "free space on the target's disk, or raise `memory_limit` in featc.toml",
    Trouble.TIMEOUT: "select fewer features, or allow more time",
    Trouble.TOO_LARGE: "cast to `float`, or to a decimal of fewer digits, before multiplying",
    Trouble.CONVERSION: "`try_cast` gives null where a value does not fit",
    Trouble.INPUT: "check that the file is whole and of the kind that the source declares",
    Trouble.OUTPUT: "free space on the target's disk, or choose another target",
    Trouble.FORBIDDEN: "move the file into the project's data folder",
    Trouble.ENTRIES: (
        "take the newest n, `collect(x, last: n)`, the most frequent k, `top_k(x, k)`, "
        "or a shorter window"
    ),
    Trouble.SEVERAL: "correct the data, or aggregate the column",
    Trouble.OTHER: "find the feature at fault by selecting fewer of them, and report the case",
}
MAX_DETAIL = 500
"""Characters of an engine's own message that are shown."""


class EngineError(Failure):
    """An engine's error as a diagnostic; ``trouble`` tells what kind it is."""

    def __init__(self, trouble: Trouble, detail: str, *, doing: str = "") -> None:
        self.trouble = trouble
        self.detail = detail
        headline = f"{doing}: {_HEADLINES[trouble]}" if doing else _HEADLINES[trouble]
        super().__init__(self._diagnostic(headline))

    def _diagnostic(self, headline: str) -> Diagnostic:
        said = " ".join(self.detail.split())
        shown = said if len(said) <= MAX_DETAIL else said[:MAX_DETAIL] + " …"
        note = f"the engine says: {shown}" if shown else None
        remedy = _REMEDIES[self.trouble]
        return _CODES[self.trouble].general(headline).note(note).help(remedy)
