"""Text to lexemes without knowing the grammar: what recovery, messages and layout stand on.

Where both know a thing (texts, comments, table rows, quoted names), this file and
``grammar/tokens.lark`` say the same.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from enum import Enum, auto
from functools import cached_property
from typing import NamedTuple


class Kind(Enum):
    WORD = auto()
    QUOTED = auto()
    PATTERN = auto()
    PARAM = auto()
    NUMBER = auto()
    INSTANT = auto()
    STRING = auto()
    ROW = auto()
    OPEN = auto()
    CLOSE = auto()
    SIGN = auto()
    COMMENT = auto()
    # A text or quoted name without its end: from the quote to the end of the line.
    UNTERMINATED = auto()


class Lexeme(NamedTuple):
    kind: Kind
    start: int
    end: int
    text: str


_PATTERNS = (
    # With the plain comments below it, which may be many.
    (Kind.COMMENT, r"#[^\n]*+(?:\s*+#(?!#)[^\n]*+)*+"),
    # Behind a word, two bars are SQL's operator and no table row.
    (Kind.SIGN, r"(?<=[\w)\]\"'`])\|\||(?<=[\w)\]\"'`] )\|\|"),
    (Kind.ROW, r"\|[^\n]*"),
    (
        Kind.STRING,
        r'"""[\s\S]*?"""|"(?!"")(?:[^"\\\n]++|\\[^\n])*+"|\'(?:[^\'\\\n]++|\\[^\n]|\'\')*+\'',
    ),
    (Kind.QUOTED, r"`[^`\n]*`"),
    (Kind.UNTERMINATED, r"[\"'`][^\n]*"),
    (Kind.PATTERN, r"[A-Za-z_]\w*(?:\{[A-Za-z_]\w*\}\w*)+"),
    (Kind.WORD, r"[^\W\d]\w*"),
    (Kind.PARAM, r"\$\w*"),
    (
        Kind.NUMBER,
        r"[0-9][0-9_]*\.[0-9][0-9_]*(?:[eE][-+]?[0-9]+)?%?|[0-9]\w*%?",
    ),
    (
        Kind.INSTANT,
        r"@[0-9][0-9A-Za-z:.+-]*(?: [0-9][0-9]:[0-9][0-9](?::[0-9][0-9](?:\.[0-9]+)?)?)?",
    ),
    (Kind.OPEN, r"\.\{|[({\[]"),
    (Kind.CLOSE, r"[)}\]]"),
    (Kind.SIGN, r"<\.\.=|<\.\.|\.\.=|\.\.|\.\*|<=|>=|!=|<>|==|&&|\?\?|//|/\*|\*\*|::|=>|->|:=|\S"),
)
_LEXEME = re.compile("|".join(f"({pattern})" for _, pattern in _PATTERNS))
_KINDS = (Kind.SIGN, *(kind for kind, _ in _PATTERNS))
_INDENT = re.compile(r"[^\S\n]*")
_COMMENT = re.compile(r"#[^\n]*")
_DOC = re.compile(r"##(?!#) ?(.*)")


@dataclass(frozen=True)
class Scan:
    """The lexemes of a text (comments apart), and its doc comments."""

    text: str
    lexemes: tuple[Lexeme, ...]
    commented: tuple[tuple[int, int], ...] = ()
    """Where comments stand, one below the other."""
    docs: dict[int, str] = field(default_factory=dict)
    """Doc text by the offset of the lexeme below it."""

    @cached_property
    def comments(self) -> tuple[Lexeme, ...]:
        """The comments, one a line."""
        return tuple(
            Lexeme(Kind.COMMENT, match.start(), match.end(), match[0])
            for start, end in self.commented
            for match in _COMMENT.finditer(self.text, start, end)
        )

    @cached_property
    def starts(self) -> tuple[int, ...]:
        return tuple(x.start for x in self.lexemes)

    @cached_property
    def line_starts(self) -> tuple[int, ...]:
        return (0, *(i + 1 for i, c in enumerate(self.text) if c == "\n"))

    def index_at(self, offset: int) -> int:
        """Index of the lexeme that begins at or covers an offset; else of the next one."""
        i = bisect_right(self.starts, offset) - 1
        if i >= 0 and offset < self.lexemes[i].end:
            return i
        return i + 1

    def line_of(self, offset: int) -> int:
        """Line of an offset, from 0."""
        return bisect_right(self.line_starts, offset) - 1

    def column_of(self, offset: int) -> int:
        """Characters before an offset on its line."""
        return offset - self.line_starts[self.line_of(offset)]

    def begins_line(self, i: int) -> bool:
        """Whether nothing but white space stands before lexeme `i` on its line."""
        start = self.lexemes[i].start
        return not self.text[self.line_starts[self.line_of(start)] : start].strip()

    def indent_of(self, offset: int) -> int:
        """Width of the white space that the offset's line begins with."""
        begin = self.line_starts[self.line_of(offset)]
        text = _INDENT.match(self.text, begin)
        return len(text[0]) if text else 0


def scan(text: str) -> Scan:
    """Cut a text into lexemes. Total: every character that is not white space is in one."""
    lexemes: list[Lexeme] = []
    comments: list[tuple[int, int]] = []
    docs: dict[int, str] = {}
    pending: list[str] = []
    last_doc_end = -1
    for match in _LEXEME.finditer(text):
        kind = _KINDS[match.lastindex or 0]
        start, end = match.span()
        if kind is Kind.COMMENT:
            comments.append((start, end))
            doc = _DOC.match(text, start)
            if doc is None or not _alone(text, start):
                continue
            if text.count("\n", last_doc_end, start) > 1:
                pending = []  # a blank line: what is above belongs to nothing
            pending.append(doc[1].rstrip())
            last_doc_end = doc.end()
            continue
        if pending:
            docs[start] = "\n".join(pending).strip()
            pending = []
        lexemes.append(Lexeme(kind, start, end, match[0]))
    return Scan(text, tuple(lexemes), tuple(comments), docs)


def _alone(text: str, start: int) -> bool:
    line = text.rfind("\n", 0, start) + 1
    return not text[line:start].strip(" \t\r\ufeff")
