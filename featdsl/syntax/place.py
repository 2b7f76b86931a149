"""Where the grammar refused, seen as lexemes: what the messages' rules look at."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import SupportsIndex, overload

from featdsl.syntax import expected as spoken
from featdsl.syntax.reader import Stop
from featdsl.syntax.scan import Kind, Lexeme, Scan
from featdsl.syntax.split import Chunk
from featdsl.text.span import Span

_NONE = Lexeme(Kind.SIGN, -1, -1, "")
NAMES = frozenset({Kind.WORD, Kind.QUOTED, Kind.PATTERN})
_BEGIN_VALUE = NAMES | {Kind.NUMBER, Kind.STRING, Kind.PARAM, Kind.INSTANT}


class Lexemes(tuple[Lexeme, ...]):
    """Lexemes of an item, with empty ones behind the last: a rule may look past the end."""

    __slots__ = ()

    @overload
    def __getitem__(self, at: SupportsIndex) -> Lexeme: ...
    @overload
    def __getitem__(self, at: slice) -> Lexemes: ...
    def __getitem__(self, at: SupportsIndex | slice) -> Lexeme | Lexemes:
        if isinstance(at, slice):
            return Lexemes(super().__getitem__(at))
        return super().__getitem__(at) if -len(self) <= at.__index__() < len(self) else _NONE


@dataclass(frozen=True)
class Context:
    """What was being read: an item of a body of some kind, a declaration's head, a file."""

    scan: Scan
    source: str
    kind: str
    """The body's kind (see `words.ITEMS`), or ``head``, or ``file``."""
    chunk: Chunk
    declaration: str = ""
    """The declaration's kind, where its head was read."""


@dataclass(frozen=True)
class Place:
    """The refused lexeme `here` (an empty one at the end), with its neighbours."""

    stop: Stop
    context: Context

    @cached_property
    def index(self) -> int:
        return min(self.context.scan.index_at(self.stop.offset), self.context.chunk.last)

    @cached_property
    def lexemes(self) -> Lexemes:
        """The lexemes of the item or head."""
        chunk = self.context.chunk
        return Lexemes(self.context.scan.lexemes[chunk.first : chunk.last])

    @property
    def at(self) -> int:
        """Index of `here` among `lexemes`."""
        return self.index - self.context.chunk.first

    def near(self, distance: int) -> Lexeme:
        """The lexeme some places after `here`, or before it; an empty one outside the item."""
        i = self.at + distance
        return self.lexemes[i] if 0 <= i < len(self.lexemes) else _NONE

    @property
    def here(self) -> Lexeme:
        return self.near(0)

    @property
    def before(self) -> Lexeme:
        return self.near(-1)

    @property
    def after(self) -> Lexeme:
        return self.near(1)

    @property
    def at_end(self) -> bool:
        return self.at >= len(self.lexemes)

    @property
    def kind(self) -> str:
        return self.context.kind

    @property
    def expected(self) -> frozenset[str]:
        return self.stop.expected

    def expects(self, terminal: str) -> bool:
        return terminal in self.stop.expected

    @property
    def expects_value(self) -> bool:
        return spoken.begins_value(self.stop.expected)

    @property
    def may_begin_value(self) -> bool:
        return self.here.kind in _BEGIN_VALUE or self.here.text in ("(", "[")

    def span(self, first: Lexeme, last: Lexeme | None = None) -> Span:
        return Span(self.context.source, first.start, (last or first).end)

    @property
    def place(self) -> Span:
        """The span of `here`; at the end, that of the last lexeme."""
        if self.at_end:
            last = self.lexemes[-1]
            return Span(self.context.source, last.start, last.end)
        return self.span(self.here)

    def text(self, first: Lexeme, last: Lexeme) -> str:
        """The text from one lexeme to another, in one line and not too long."""
        raw = " ".join(self.context.scan.text[first.start : last.end].split())
        return raw if len(raw) <= 60 else f"{raw[:57]}..."

    def line_of(self, lexeme: Lexeme) -> int:
        return self.context.scan.line_of(lexeme.start)

    def rest_of_line(self, first: int) -> Lexeme:
        """The last lexeme of the item on the line of the lexeme at `first`."""
        last = first
        line = self.line_of(self.lexemes[first])
        while last + 1 < len(self.lexemes) and self.line_of(self.lexemes[last + 1]) == line:
            last += 1
        return self.lexemes[last]
