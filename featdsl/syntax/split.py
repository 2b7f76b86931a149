"""Cut a text that does not parse into declarations and items, and match its brackets.

Heuristics: used only after the grammar has refused the whole, so that they never decide what a
correct text means.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from featdsl.diagnostics import catalog
from featdsl.diagnostics.model import Diagnostic
from featdsl.syntax.limits import BRACKET_DEPTH
from featdsl.syntax.scan import Kind, Lexeme, Scan
from featdsl.syntax.words import CLAUSES, DECLARATIONS, ITEMS, RESERVED, item_words
from featdsl.text.span import Span

_CLOSES = {"(": ")", "[": "]", "{": "}", ".{": "}"}
_NAMES = frozenset({Kind.WORD, Kind.QUOTED, Kind.PATTERN})
_STATEMENTS = frozenset({"select", "create", "insert", "update", "delete", "with"})


@dataclass(frozen=True, slots=True)
class Chunk:
    """The lexemes ``[first, last)`` of what looks like one declaration."""

    first: int
    last: int


@dataclass
class Shape:
    """Where declarations begin and which brackets belong together."""

    chunks: list[Chunk] = field(default_factory=list)
    partner: dict[int, int] = field(default_factory=dict)
    """Index of the closing bracket by that of the opening one."""
    ends: dict[int, int] = field(default_factory=dict)
    """For a brace that is never closed: index behind the last lexeme of what it opens."""
    ruined: set[int] = field(default_factory=set)
    """First lexemes of declarations that are reported as a whole."""
    damage: list[int] = field(default_factory=list)
    """Offsets of what is reported already; no second message is due there."""
    diagnostics: list[Diagnostic] = field(default_factory=list)

    def inside(self, opening: int, last: int) -> int:
        """Index behind the last lexeme inside a bracket; `last` where it has no end."""
        return min(self.partner.get(opening, self.ends.get(opening, last)), last)

    def behind(self, i: int) -> int:
        """Index of the next lexeme of the same depth: behind the bracket that opens at `i`."""
        if i in self.partner:
            return self.partner[i] + 1
        return max(self.ends.get(i, 0), i + 1)


class _Splitter:
    def __init__(self, scan: Scan, source: str) -> None:
        self.scan = scan
        self.source = source
        self.lexemes = scan.lexemes
        self.shape = Shape()
        self.first = 0
        self.stack: list[int] = []
        self.deep = False

    def run(self) -> Shape:
        for i, lexeme in enumerate(self.lexemes):
            if i > self.first and self._begins_declaration(i):
                self._end(i)
            if lexeme.kind is Kind.OPEN:
                self._open(i)
            elif lexeme.kind is Kind.CLOSE and self._close(i):
                self._end(i + 1)
        self._end(len(self.lexemes))
        return self.shape

    # --- brackets

    def _open(self, i: int) -> None:
        self.stack.append(i)
        if len(self.stack) > BRACKET_DEPTH and not self.deep:
            self.deep = True
            self._damaged(
                i,
                catalog.TOO_DEEP.at(
                    self._span(i), f"brackets are nested more than {BRACKET_DEPTH} deep"
                ).help("give inner parts a name: a `let`, a `fn`, a private feature"),
            )

    def _close(self, i: int) -> bool:
        """Match a closing bracket; True where it ends the declaration."""
        closing = self.lexemes[i].text
        if closing == "}":
            return self._close_brace(i)
        if not self.stack or self._text(self.stack[-1]) in ("{", ".{"):
            self._unopened(i)
            return False
        opening = self.stack.pop()
        self.shape.partner[opening] = i
        if _CLOSES[self._text(opening)] != closing:
            self._damaged(
                i,
                catalog.UNCLOSED.at(
                    self._span(i), f"`{self._text(opening)}` is closed by `{closing}`"
                )
                .because(self._span(opening), "opened here")
                .help(f"write `{_CLOSES[self._text(opening)]}`"),
            )
        return False

    def _close_brace(self, i: int) -> bool:
        inner = []
        while self.stack and self._text(self.stack[-1]) in ("(", "["):
            inner.append(self.stack.pop())
        if not self.stack:
            self.stack = inner[::-1]
            return self._missing_opening(i)
        if inner:
            item = self._next_item(inner[0], i)
            if item is None:
                self._unclosed(inner[0], i, "`}` stands here")
            else:
                self._unclosed(inner[0], item, "the next item begins here")
            self.shape.damage += [self.lexemes[k].start for k in inner[1:]]
        self.shape.partner[self.stack.pop()] = i
        return not self.stack and self._ends_declaration(i)

    def _ends_declaration(self, closing: int) -> bool:
        """Whether a `}` that leaves no brace open stands as far left as the declaration."""
        indent = self.scan.indent_of(self.lexemes[self.first].start)
        return self.scan.indent_of(self.lexemes[closing].start) <= indent

    def _missing_opening(self, closing: int) -> bool:
        """A `}` with nothing to close: some line above it opens its body without `{`."""
        at = self._line_without_brace(closing)
        if at is None:
            self._unopened(closing)
            return not self.stack
        if self.first not in self.shape.ruined:
            self.shape.ruined.add(self.first)
            if self.lexemes[at].start in self.shape.damage:
                return self._ends_declaration(closing)
            self._damaged(
                at,
                catalog.UNOPENED.at(self._span(at), f"`{{` is missing after `{self._text(at)}`")
                .because(self._span(closing), "this `}` closes nothing")
                .help("add `{`"),
            )
        return self._ends_declaration(closing)

    def _line_without_brace(self, closing: int) -> int | None:
        """The last lexeme of the line that should have opened what `closing` closes."""
        outer = [
            c
            for o, c in self.shape.partner.items()
            if o >= self.first and self._text(o) == "{" and self._further_right(c, o)
        ]
        closing = min(outer, default=closing)
        if not self.scan.begins_line(closing):
            return self._first_on_line(closing) if outer else None
        column = self.scan.column_of(self.lexemes[closing].start)
        for i in range(closing - 1, self.first - 1, -1):
            if self.scan.begins_line(i) and self.scan.column_of(self.lexemes[i].start) <= column:
                last = i
                while not self.scan.begins_line(last + 1):
                    last += 1
                deeper = self.scan.column_of(self.lexemes[last + 1].start) > column
                return last if deeper and self._text(last) != "{" else None
        return None

    def _further_right(self, closing: int, opening: int) -> bool:
        """Whether the line of a `}` begins further right than that of its `{`."""
        return self.scan.indent_of(self.lexemes[closing].start) > self.scan.indent_of(
            self.lexemes[opening].start
        )

    def _first_on_line(self, i: int) -> int:
        while not self.scan.begins_line(i):
            i -= 1
        return i

    def _end(self, last: int) -> None:
        """End a declaration; brackets that are still open are never closed."""
        if self.stack:
            inner = self._blame_by_indent()
            at_end = last == len(self.lexemes)
            item = self._next_item(self.stack[-1], last)
            if (item is not None and self._text(self.stack[-1]) != "{") or inner:
                self._unclosed(self.stack[-1], item, "the next item begins here")
            else:
                place = None if at_end else last
                self._unclosed(self.stack[-1], place, "the next declaration begins here")
            self.shape.damage += [self.lexemes[k].start for k in self.stack[:-1]]
        if last > self.first:
            self.shape.chunks.append(Chunk(self.first, last))
        self.first, self.stack, self.deep = last, [], False

    def _next_item(self, opening: int, last: int) -> int | None:
        """Where, behind an opening bracket, a line begins as the next item would."""
        for i in range(opening + 1, last - 1):
            here, after = self.lexemes[i : i + 2]
            if (
                here.kind in _NAMES
                and here.text not in RESERVED
                and after.text in ("=", ":", "[")
                and self.scan.begins_line(i)
                and self._text(i - 1) not in ("and", "or", "not", "where", ",", "(", "[")
            ):
                return i
        return None

    def _blame_by_indent(self) -> bool:
        """Where a `}` stands further left than the line of its `{`, it was meant for an outer one.

        The outermost open brace then takes the `}`, and the inner one is the one not closed: then
        the result is True.
        """
        outer = self.stack[-1]
        if self._text(outer) != "{":
            return False
        for opening, closing in sorted(self.shape.partner.items(), reverse=True):
            if opening < outer or self._text(opening) != "{":
                continue
            line_indent = self.scan.indent_of(self.lexemes[opening].start)
            if self.scan.begins_line(closing) and line_indent > self.scan.column_of(
                self.lexemes[closing].start
            ):
                del self.shape.partner[opening]
                self.shape.partner[outer] = closing
                self.shape.ends[opening] = self._outdent(opening, closing)
                self.stack[-1] = opening
                return True
        return False

    def _outdent(self, opening: int, last: int) -> int:
        """The first lexeme behind a brace that begins a line no further right than its line."""
        indent = self.scan.indent_of(self.lexemes[opening].start)
        for i in range(opening + 1, last):
            if self.scan.begins_line(i) and self.scan.column_of(self.lexemes[i].start) <= indent:
                return i
        return last

    def _unclosed(self, opening: int, place: int | None, label: str) -> None:
        text = self._text(opening).lstrip(".")
        end = len(self.lexemes) if place is None else place
        if any(x.kind is Kind.UNTERMINATED for x in self.lexemes[opening:end]):
            # The text without an end is reported; it may well hold the closing bracket.
            self.shape.damage.append(self.lexemes[opening].start)
            return
        if text == "(" and opening and self._text(opening - 1) == "columns":
            self._damaged(
                opening,
                catalog.UNCLOSED.at(self._span(opening), "the columns stand in braces").help(
                    "write `columns {`, and `}` behind the last"
                ),
            )
            return
        diagnostic = catalog.UNCLOSED.at(
            self._span(opening), f"`{text}` is never closed", "opened here"
        )
        if place is not None:
            diagnostic = diagnostic.because(self._span(place), label)
        self._damaged(opening, diagnostic.help(f"add `{_CLOSES[text]}`"))

    def _unopened(self, i: int) -> None:
        text = self.lexemes[i].text
        self._damaged(
            i,
            catalog.UNOPENED.at(self._span(i), f"`{text}` closes nothing").help(
                f"take the `{text}` out, or open the bracket before it"
            ),
        )

    def _damaged(self, i: int, diagnostic: Diagnostic) -> None:
        self.shape.damage.append(self.lexemes[i].start)
        self.shape.diagnostics.append(diagnostic)

    def _text(self, i: int) -> str:
        return self.lexemes[i].text

    def _span(self, i: int) -> Span:
        return Span(self.source, self.lexemes[i].start, self.lexemes[i].end)

    # --- declarations

    def _begins_declaration(self, i: int) -> bool:
        lexeme = self.lexemes[i]
        if lexeme.kind is not Kind.WORD or self._text(i - 1) == "secret":
            return False
        begins_line = self.scan.begins_line(i)
        if i == self.first + 1 and not begins_line:
            return False  # the name of a declaration may be a word such as `use`
        if not self.stack:
            if not begins_line and lexeme.text not in DECLARATIONS:
                return False
            if begins_line and self._indented(i):
                return False
            return self._head(i, exact=not begins_line) or lexeme.text.lower() in _STATEMENTS
        return begins_line and not self._indented(i) and self._head(i, exact=True)

    def _indented(self, i: int) -> bool:
        """Whether a line begins further right than the declaration above it."""
        first = self.lexemes[self.first].start
        return self.scan.column_of(self.lexemes[i].start) > self.scan.indent_of(first)

    def _head(self, i: int, *, exact: bool) -> bool:
        """Whether a declaration's head stands at `i`; `exact`: with what must follow its name."""
        word, name, after = (*self.lexemes[i : i + 3], *_NOTHING)[:3]
        if word.text == "secret":
            return name.text == "param"
        if name.kind not in (*_NAMES, Kind.STRING) or name.text in RESERVED:
            return False
        if word.text in DECLARATIONS:
            follows = DECLARATIONS[word.text]
            return not exact or not follows or after.text in follows
        if word.text in RESERVED or word.text in CLAUSES:
            return False
        return after.text in ("{", "for", "from", "=", ":", "(") and name.text not in CLAUSES


_NOTHING = (Lexeme(Kind.SIGN, 0, 0, ""),) * 3


def split(scan: Scan, source: str) -> Shape:
    """Cut a file into declarations, and match brackets inside each."""
    return _Splitter(scan, source).run()


def split_items(scan: Scan, shape: Shape, kind: str, first: int, last: int) -> Iterator[Chunk]:
    """Cut the lexemes ``[first, last)`` between a body's braces into items."""
    begin = i = first
    while i < last:
        if i > begin and _begins_item(scan, kind, begin, i, last):
            yield Chunk(begin, i)
            begin = i
        i = shape.behind(i)
    if begin < last:
        yield Chunk(begin, last)


def _begins_item(scan: Scan, kind: str, begin: int, i: int, last: int) -> bool:
    before, here, after = (*scan.lexemes[i - 1 : min(i + 2, last)], *_NOTHING)[:3]
    if here.kind is Kind.PARAM:
        return kind == "test" and after.text == "="
    if here.kind not in _NAMES:
        return False
    if here.text in RESERVED - item_words(kind):
        return after.text in ("=", ":") and scan.begins_line(i)
    named = after.text in ("=", ":", "[") and (here.text not in CLAUSES or after.text == "=")
    if kind in ("columns", "input") and (after.text == ":" or kind == "columns"):
        words = here.kind in _NAMES and after.kind in _NAMES
        return after.text == ":" or (scan.begins_line(i) and words)
    if named and kind in ("features", "labels", "template") and _ends_value(before, kind):
        return True
    if not scan.begins_line(i):
        return False
    indented = scan.column_of(here.start) > scan.indent_of(scan.lexemes[begin].start)
    if indented and before.text in ("and", "or", "not", "where", ",", "(", "["):
        return False
    if named or here.text in item_words(kind):
        return True
    if here.text in CLAUSES:
        return False
    if not indented and _ends_value(before, kind):
        return True
    return after.kind in (*_NAMES, Kind.STRING, Kind.NUMBER, Kind.PARAM)


def _ends_value(lexeme: Lexeme, kind: str) -> bool:
    """Whether an expression or attribute may end with this lexeme."""
    if lexeme.kind is Kind.WORD:
        words = CLAUSES | RESERVED | ITEMS.get(kind, CLAUSES) | {"private", "feature"}
        return lexeme.text not in words - {"end", "true", "false", "null", "warn"}
    return lexeme.kind not in (Kind.SIGN, Kind.OPEN)
