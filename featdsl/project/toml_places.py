"""Where a key stands in a TOML text: the standard reader does not say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from tomllib import TOMLDecodeError

from featdsl.text.span import Span

_PART = r"""(?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')"""
_PATH = rf"{_PART}(?:[ \t]*\.[ \t]*{_PART})*"
_TABLE = re.compile(rf"^[ \t]*\[\[?[ \t]*({_PATH})[ \t]*\]")
_KEY = re.compile(rf"^[ \t]*({_PATH})[ \t]*=[ \t]*(.*?)[ \t]*$")
_LONG = re.compile(r'"""|\'\'\'')
_AT = re.compile(r"\(at line (\d+), column (\d+)\)$")
_MOST_DIGITS = 4300
_DIGITS = re.compile(rf"[0-9_]{{{_MOST_DIGITS + 1},}}")
_VALUE = re.compile(r"""("(?:[^"\\]|\\.)*"|'[^']*'|[^#]*?)[ \t]*(?:#.*)?$""")


def locate(name: str, text: str, path: Sequence[str], *, value: bool = False) -> Span | None:
    """Return the place of the key `path`, or of its nearest parent that is written.

    With `value`, the place of what the key is set to. None where no part of the path is written
    in a way that a line-wise look can find (inline tables, say).
    """
    found: dict[tuple[str, ...], tuple[Span, Span]] = {}
    for parts, key, worth in _keys(name, text):
        found.setdefault(parts, (key, worth))
    for length in range(len(path), 0, -1):
        places = found.get(tuple(path[:length]))
        if places is not None:
            return places[1] if value and length == len(path) else places[0]
    return None


def syntax_error_place(name: str, text: str, failure: Exception) -> tuple[str, Span]:
    """What is wrong in a text that cannot be read, and where."""
    if isinstance(failure, RecursionError):
        lines = text.split("\n")
        deepest = max(range(len(lines)), key=lambda i: lines[i].count("[") + lines[i].count("{"))
        start = sum(len(line) + 1 for line in lines[:deepest])
        return "values are nested too deeply", Span(name, start, min(start + 1, len(text)))
    digits = None if isinstance(failure, TOMLDecodeError) else _DIGITS.search(text)
    if digits is not None:
        start = digits.start()
        return f"a number has more than {_MOST_DIGITS:,} digits", Span(name, start, start + 1)
    message = str(failure)
    match = _AT.search(message)
    if match is None:
        return message.removesuffix(" (at end of document)"), Span(name, len(text), len(text))
    line, column = int(match[1]), int(match[2])
    start = sum(len(x) + 1 for x in text.split("\n")[: line - 1]) + column - 1
    return message[: match.start()].rstrip(), Span(name, start, min(start + 1, len(text)))


def _keys(name: str, text: str) -> Iterator[tuple[tuple[str, ...], Span, Span]]:
    table: tuple[str, ...] = ()
    offset, inside = 0, False
    for line in text.split("\n"):
        quotes = len(_LONG.findall(line))
        if not inside:
            if header := _TABLE.match(line):
                table = _parts(header[1])
                span = _span(name, offset, header.span(1))
                yield table, span, span
            elif pair := _KEY.match(line):
                start, end = pair.span(2)
                worth = _VALUE.match(pair[2])
                end = start + worth.end(1) if worth else end
                key = _span(name, offset, pair.span(1))
                yield (*table, *_parts(pair[1])), key, _span(name, offset, (start, end))
        inside ^= quotes % 2 == 1
        offset += len(line) + 1


def _parts(path: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in re.findall(_PART, path))


def _span(name: str, offset: int, ends: tuple[int, int]) -> Span:
    return Span(name, offset + ends[0], offset + ends[1])
