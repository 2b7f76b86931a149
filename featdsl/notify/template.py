"""Templates: ``{name}`` is replaced by one of a few words, and nothing else means anything."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

WORDS: Mapping[str, str] = {
    "what": "what happened, in a sentence",
    "event": "failure, warning, success or plan",
    "project": "the project's name",
    "target": "the target's name",
    "run": "the run's name; empty where there is none",
    "as_of": "the as-of time of the run",
    "seconds": "how long it took",
    "user": "who asked for it",
    "host": "on which machine",
    "sets": "sets that were published, with their rows, one on a line",
    "checks": "expectations that do not hold, one on a line",
    "problems": "errors and warnings, one on a line",
    "details": "problems, checks and sets",
}
SUBJECT = "featc {project} ({target}): {what}"
TEXT = "{what}\nrun {run} as of {as_of}, {seconds}\n{details}"
_MOST = 4000
_PIECE = re.compile(r"\{\{|\}\}|\{([^{}\n]*)\}|[{}]")


def wrong_in(template: str) -> str | None:
    """What is wrong in a template, in words, or None."""
    for match in _PIECE.finditer(template):
        if match[0] in ("{{", "}}"):
            continue
        if match[1] is None:
            return "a template whose braces are in pairs (`{{` stands for a brace)"
        if match[1] not in WORDS:
            return f"a template of {', '.join(f'{{{w}}}' for w in WORDS)}, not {{{match[1]}}}"
    return None


def fill(
    template: str, words: Mapping[str, str], *, escape: Callable[[str], str] = lambda text: text
) -> str:
    """The template with words in place, each escaped; what they hold is never looked at again."""

    def piece(match: re.Match[str]) -> str:
        name = match[1]
        return match[0][0] if name is None else escape(plain(words.get(name, "")))

    return _cut(_PIECE.sub(piece, template).rstrip())


def plain(text: str) -> str:
    """Text that steers neither a terminal nor the direction of writing; lines stay."""
    return "".join(c if c == "\n" or c.isprintable() else _escaped(c) for c in text)


def one_line(text: str, most: int = 200) -> str:
    """The text as a headline."""
    line = " ".join(plain(text).split())
    return line if len(line) <= most else f"{line[: most - 1]}…"


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


def _cut(text: str) -> str:
    return text if len(text) <= _MOST else f"{text[: _MOST - 1]}…"
