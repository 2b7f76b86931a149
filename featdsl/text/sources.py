"""The texts of a project, and where a position lies in them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from featdsl.text.span import Span


@dataclass(frozen=True)
class SourceFile:
    """One `.feat` file: its name (relative to the project) and its text."""

    name: str
    text: str

    @cached_property
    def line_starts(self) -> tuple[int, ...]:
        starts = [0]
        starts += [i + 1 for i, c in enumerate(self.text) if c == "\n"]
        return tuple(starts)

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of a character offset, both from 1."""
        line = bisect_right(self.line_starts, offset)
        return line, offset - self.line_starts[line - 1] + 1

    def line(self, number: int) -> str:
        """Text of a line, from 1, without its end."""
        start = self.line_starts[number - 1]
        end = self.line_starts[number] - 1 if number < len(self.line_starts) else len(self.text)
        return self.text[start:end].rstrip("\r")


@dataclass(frozen=True)
class SourceSet:
    """All files of a project by name."""

    files: Mapping[str, SourceFile] = field(default_factory=dict)

    @classmethod
    def of(cls, texts: Mapping[str, str]) -> SourceSet:
        return cls({name: SourceFile(name, text) for name, text in texts.items()})

    def __iter__(self) -> Iterator[SourceFile]:
        return iter(self.files[name] for name in sorted(self.files))

    def slice(self, span: Span) -> str:
        """The text that a span covers."""
        return self.files[span.source].text[span.start : span.end]

    def where(self, span: Span) -> str:
        """``file:line:column`` of a span's start."""
        file = self.files.get(span.source)
        if file is None:
            return span.source
        line, column = file.position(span.start)
        return f"{span.source}:{line}:{column}"
