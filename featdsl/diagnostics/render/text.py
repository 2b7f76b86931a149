"""Diagnostics for a terminal: headline, source lines with underlines, notes, help."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from featdsl.diagnostics.model import Diagnostic, Label, Severity
from featdsl.text.amounts import count
from featdsl.text.sources import SourceFile, SourceSet

_TAB = 4
_LONGEST = 160
# Lines between two labels of a file that still make one snippet.
_NEAR = 2

_COLOURS = {
    "error": "\x1b[1;31m",
    "warning": "\x1b[1;33m",
    "mark": "\x1b[1;31m",
    "second": "\x1b[34m",
    "gutter": "\x1b[2m",
    "help": "\x1b[36m",
    "bold": "\x1b[1m",
}
_RESET = "\x1b[0m"


def render_text(
    diagnostics: Iterable[Diagnostic], sources: SourceSet, *, color: bool = False
) -> str:
    """Diagnostics in the order given, an empty line between two; empty for none.

    Characters that would steer a terminal are shown escaped, tabs as four columns.
    """
    painter = _Painter(color)
    return "\n\n".join(_block(d, sources, painter) for d in diagnostics)


def summary(diagnostics: Iterable[Diagnostic]) -> str:
    """Counts in a line: ``2 errors, 1 warning in 3 files``; ``no problems`` for none."""
    items = list(diagnostics)
    errors = sum(d.severity is Severity.ERROR for d in items)
    warnings = len(items) - errors
    files = {d.primary.span.source for d in items if d.primary is not None}
    counts = [count(n, word) for n, word in ((errors, "error"), (warnings, "warning")) if n]
    if not counts:
        return "no problems"
    return ", ".join(counts) + (f" in {count(len(files), 'file')}" if files else "")


@dataclass(frozen=True, slots=True)
class _Painter:
    on: bool

    def __call__(self, style: str, text: str) -> str:
        return f"{_COLOURS[style]}{text}{_RESET}" if self.on and text else text


@dataclass(frozen=True, slots=True)
class _Mark:
    """An underline: line from 1, columns from 0 of the shown line, and what it says."""

    line: int
    start: int
    end: int
    text: str
    primary: bool
    column: int


def _block(d: Diagnostic, sources: SourceSet, paint: _Painter) -> str:
    kind = paint(d.severity.value, f"{d.severity.value}[{d.code.id} {d.code.slug}]")
    lines = [f"{kind}: {paint('bold', shown(d.message))}"]
    labels = [] if d.primary is None else [(d.primary, True)]
    labels += [(second, False) for second in d.secondary]
    for name, group in _by_file(labels):
        lines += _snippets(name, group, sources, paint)
    lines += [f"  = {shown(note)}" for note in d.notes]
    lines += [f"  {paint('help', 'help')}: {shown(help_)}" for help_ in d.helps]
    return "\n".join(lines)


def _by_file(
    labels: Sequence[tuple[Label, bool]],
) -> list[tuple[str, list[tuple[Label, bool]]]]:
    """Labels by file, the primary one's file first."""
    files: dict[str, list[tuple[Label, bool]]] = {}
    for label, primary in labels:
        files.setdefault(label.span.source, []).append((label, primary))
    return list(files.items())


def _snippets(
    name: str, labels: list[tuple[Label, bool]], sources: SourceSet, paint: _Painter
) -> list[str]:
    file = sources.files.get(name)
    if file is None:
        return [f"  --> {shown(name)}"]
    marks = [_mark(label, primary, file) for label, primary in labels]
    lines: list[str] = []
    for group in _near_each_other(marks):
        first = next((m for m in group if m.primary), group[0])
        lines.append(f"  {paint('gutter', '-->')} {shown(name)}:{first.line}:{first.column}")
        lines += _snippet(group, file, paint)
    return lines


def _near_each_other(marks: list[_Mark]) -> list[list[_Mark]]:
    """Groups of marks to show in one snippet; the group of the first mark comes first."""
    groups: list[list[_Mark]] = []
    for mark in sorted(marks, key=lambda m: (m.line, m.start)):
        if groups and mark.line - groups[-1][-1].line <= _NEAR:
            groups[-1].append(mark)
        else:
            groups.append([mark])
    return sorted(groups, key=lambda g: marks[0] not in g)


def _mark(label: Label, primary: bool, file: SourceFile) -> _Mark:
    start = min(label.span.start, len(file.text))
    line, column = file.position(start)
    text = file.line(line)
    length = max(1, min(label.span.end - start, len(text) - column + 1))
    left = width(text[: column - 1])
    right = left + max(1, width(text[column - 1 : column - 1 + length], left))
    return _Mark(line, left, right, label.text, primary, column)


def _snippet(marks: list[_Mark], file: SourceFile, paint: _Painter) -> list[str]:
    gutter = max(len(str(marks[-1].line)), 3)
    lines: list[str] = []
    previous = 0
    for number in sorted({m.line for m in marks}):
        if previous and number > previous + 1:
            lines += [_source_line(n, file, gutter, 0, paint) for n in range(previous + 1, number)]
        marked = [m for m in marks if m.line == number]
        for together in _in_one_view(file.line(number), marked):
            cut = _cut(file.line(number), together)
            lines.append(_source_line(number, file, gutter, cut, paint))
            bar = paint("gutter", f" {'':>{gutter}} |")
            by_weight = sorted(together, key=lambda m: not m.primary)
            lines += [f"{bar} {_underline(m, cut, paint)}" for m in by_weight]
        previous = number
    return lines


def _in_one_view(line: str, marks: list[_Mark]) -> list[list[_Mark]]:
    """Marks of a line by what can be seen of it at once; a long line is shown once for each."""
    if _fits(line):
        return [marks]
    views: list[list[_Mark]] = []
    for mark in sorted(marks, key=lambda m: m.start):
        if views and mark.end - views[-1][0].start <= _LONGEST - 2:
            views[-1].append(mark)
        else:
            views.append([mark])
    return views


def _fits(line: str) -> bool:
    return len(line) <= _LONGEST and width(line) <= _LONGEST


def _cut(line: str, marks: list[_Mark]) -> int:
    """Columns to leave out at the start of a line that is too long to be shown.

    What is marked is in sight, or its beginning where it is itself too long.
    """
    start, end = min(m.start for m in marks), max(m.end for m in marks)
    if _fits(line) or end < _LONGEST:
        return 0
    return max(0, min(max(start - _LONGEST // 2, end - _LONGEST + 1), start - 1))


def _source_line(number: int, file: SourceFile, gutter: int, cut: int, paint: _Painter) -> str:
    bar = paint("gutter", f" {number:>{gutter}} |")
    line = file.line(number)
    text = shown(line) if _fits(line) else _view(line, cut)
    return f"{bar} {text}".rstrip()


def _view(line: str, cut: int) -> str:
    """The columns of a long line from `cut` on, with `…` where something is left out."""
    first, last = (cut + 1 if cut else 0), cut + _LONGEST - 1
    if _plain(line):
        return f"{'…' * (cut > 0)}{line[first:last]}{'…' * (len(line) > last)}"
    parts: list[str] = []
    column = 0
    for character in line:
        end = column + _columns(character, column)
        if end > last:
            return "".join([*parts, " " * (last - column), "…"])
        if column >= first:
            parts.append(_visible(character, column))
        elif end >= first:
            parts = ["…", " " * (end - first)]
        column = end
    return "".join(parts)


def _underline(mark: _Mark, cut: int, paint: _Painter) -> str:
    sign = "^" if mark.primary else "-"
    style = "mark" if mark.primary else "second"
    start = mark.start - cut
    line = sign * max(1, min(mark.end - mark.start, _LONGEST - start))
    return " " * start + paint(style, f"{line} {shown(mark.text)}".rstrip())


def shown(text: str) -> str:
    """A line as it can be shown: tabs as spaces, control and direction characters escaped."""
    parts: list[str] = []
    column = 0
    for character in text:
        part = _visible(character, column)
        column += _columns(character, column)
        parts.append(part)
    return "".join(parts)


def width(text: str, column: int = 0) -> int:
    """Terminal columns that `shown` text takes from a column on."""
    if _plain(text):
        return len(text)
    start = column
    for character in text:
        column += _columns(character, column)
    return column - start


def _plain(text: str) -> bool:
    """Whether each character takes one column."""
    return text.isascii() and text.isprintable()


def _visible(character: str, column: int) -> str:
    if character == "\t":
        return " " * (_TAB - column % _TAB)
    if _unsafe(character):
        number = ord(character)
        return f"\\x{number:02x}" if number < 0x100 else f"\\u{{{number:x}}}"
    return character


def _columns(character: str, column: int) -> int:
    if " " <= character <= "~":
        return 1
    if character == "\t" or _unsafe(character):
        return len(_visible(character, column))
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


def _unsafe(character: str) -> bool:
    """Control characters, direction overrides, line separators and lone surrogates."""
    if " " <= character <= "~":
        return False
    number = ord(character)
    return (
        number < 0x20
        or 0x7F <= number <= 0x9F
        or number in (0x061C, 0x200E, 0x200F, 0x2028, 0x2029)
        or 0x202A <= number <= 0x202E
        or 0x2066 <= number <= 0x2069
        or 0xD800 <= number <= 0xDFFF
    )
