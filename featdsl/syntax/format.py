"""`featc fmt`: one layout for every text that parses. Every comment stays where it belongs.

Two spaces a level, one item a line, one empty line between declarations, an author's empty
lines inside bodies kept as one. A body that its author wrote in one line stays in one where it
fits; an item that is too long goes on in the next line, four spaces further right.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import TypeAlias

from lark import Lark, Token, Tree

from featdsl.diagnostics.model import Problems
from featdsl.diagnostics.render.text import width
from featdsl.syntax import grammar
from featdsl.syntax.alike import alike
from featdsl.syntax.parse import parse
from featdsl.syntax.scan import Kind, Lexeme, scan
from featdsl.syntax.spelling import Word, flat, words, wrapped

LINE = 100
_STEP = "  "
_BAR = re.compile(r"(?<!\\)\|")
# Rules with a body; of a feature and a constant the body is the last child's.
_BLOCKS = frozenset({"block", "notes"})


def format_text(text: str, source: str, problems: Problems) -> str | None:
    """The text in the one layout; None, with reports, where it does not parse."""
    found = Problems()
    text = text.removeprefix("\ufeff")
    before = parse(text, source, found)
    problems.extend(found.items)
    if found.has_errors:
        return None
    formatted = _Formatter(text).run()
    after = parse(formatted, source, found)
    assert alike(before, after), "the formatter changed what the file says"
    return formatted


Child: TypeAlias = Token | Tree[Token]


@cache
def _tree_parser() -> Lark:
    return grammar.build()


class _Formatter:
    def __init__(self, text: str) -> None:
        self.text = text
        scanned = scan(text)
        self.scan = scanned
        rows = (_row_comment(x) for x in scanned.lexemes if x.kind is Kind.ROW)
        found = [*scanned.comments, *(r for r in rows if r is not None)]
        self.comments = sorted(found, key=lambda c: c.start)
        self.next_comment = 0
        self.lines: list[str] = []
        # End of the last thing written, in the text.
        self.last = 0
        # Whether an empty line may stand next: not at the start of a body.
        self.opened = True

    def run(self) -> str:
        tree: Tree[Token] = _tree_parser().parse(self.text)
        previous = ""
        for child in tree.children:
            assert isinstance(child, Tree)
            self._between(child, previous)
            before = len(self.lines)
            self._item(child, 0)
            previous = "line" if len(self.lines) == before + 1 else "block"
        self._comments_before(len(self.text), 0)
        return "".join(f"{line}\n" for line in self.lines)

    def _between(self, declaration: Tree[Token], previous: str) -> None:
        """Comments above a declaration, and the empty line before them."""
        start = _first(declaration)
        one_line = self._one_line(declaration, 0) is not None
        joined = previous == "line" and one_line and not self._has_comment(start)
        if previous and not joined and not self._empty_line_next(start):
            self._blank()
        self._comments_before(start, 0)
        self._author_blank(start)

    # --- comments and empty lines

    def _has_comment(self, end: int) -> bool:
        i = self.next_comment
        return i < len(self.comments) and self.comments[i].start < end

    def _empty_line_next(self, start: int) -> bool:
        """Whether the author left a line empty before what comes next."""
        if self._has_comment(start):
            start = self.comments[self.next_comment].start
        return self.text.count("\n", self.last, start) > 1

    def _blank(self) -> None:
        if self.lines and self.lines[-1] != "":
            self.lines.append("")

    def _author_blank(self, start: int) -> None:
        if not self.opened and self.text.count("\n", self.last, start) > 1:
            self._blank()
        self.opened = False

    def _comments_before(self, end: int, level: int) -> None:
        """Comments on lines of their own before an offset."""
        while self._has_comment(end):
            comment = self._take()
            self._author_blank(comment.start)
            self.lines.append(_STEP * level + comment.text.rstrip())
            self.last = comment.end

    def _take(self) -> Lexeme:
        comment = self.comments[self.next_comment]
        self.next_comment += 1
        return comment

    def _trailing(self) -> None:
        """The comment behind what was written last, on its line."""
        if not self._has_comment(len(self.text)):
            return
        comment = self.comments[self.next_comment]
        if not self.text[self.last : comment.start].strip(" \t\r"):
            self.lines[-1] += f"  {self._take().text.rstrip()}"
            self.last = comment.end

    # --- items

    def _item(self, tree: Tree[Token], level: int) -> None:
        head, body = _parts(tree)
        table = next((c for c in head if isinstance(c, Tree) and c.data == "table"), None)
        line = words(Tree(tree.data, [c for c in head if c is not table]))
        one_line = self._one_line(tree, level)
        if one_line is not None:
            self.lines.append(_STEP * level + one_line)
            self.last = _last(tree)
            self._trailing()
            return
        self._words(line, level, opening=body is not None)
        self._trailing()
        if table is not None:
            self._table(table, level + 1)
        if body is not None:
            self._body(body, level)

    def _body(self, body: Sequence[Child], level: int) -> None:
        self.opened = True
        for item in body[1:-1]:
            tree = _tree(item)
            start = _first(tree)
            self._comments_before(start, level + 1)
            self._author_blank(start)
            self._item(tree, level + 1)
        closing = body[-1]
        end = _last(_tree(closing))
        if self._has_comment(end):
            self._comments_before(end, level + 1)
        self.lines.append(f"{_STEP * level}}}")
        self.last = end
        self.opened = False
        self._trailing()

    def _words(self, line: list[Word], level: int, *, opening: bool) -> None:
        """An item's words; comments between them end a line."""
        if opening:
            brace = self._brace_after(line)
            line = [*line, Word("{", brace, brace + 1, False, None)]
        start = _STEP * level
        rest = _STEP * (level + 2)
        part: list[Word] = []
        for word in line:
            if part and self._has_comment(word.start):
                self._put(part, start, rest)
                start, part = rest, []
                self._trailing()
                while self._has_comment(word.start):
                    comment = self._take()
                    self.lines.append(rest + comment.text.rstrip())
                    self.last = comment.end
            part.append(word)
        self._put(part, start, rest)

    def _put(self, part: list[Word], start: str, rest: str) -> None:
        lines = wrapped(part, len(start), len(rest), LINE)
        self.lines += [(start if i == 0 else rest) + text for i, text in enumerate(lines)]
        self.last = part[-1].end

    def _brace_after(self, line: list[Word]) -> int:
        lexemes, at = self.scan.lexemes, self.scan.index_at(line[-1].end)
        while lexemes[at].text != "{":
            at += 1
        return lexemes[at].start

    def _one_line(self, tree: Tree[Token], level: int) -> str | None:
        """An item with a body in one line, where its author wrote it so and it fits."""
        head, body = _parts(tree)
        if body is None:
            end = _last(tree)
            fits = not self._comment_between(_first(tree), end) and not _has_table(tree)
            text = flat(words(tree)) if fits else ""
            return text if fits and len(_STEP) * level + width(text) <= LINE else None
        opening, closing = body[0], body[-1]
        start, end = _first(_tree(opening)), _last(_tree(closing))
        if "\n" in self.text[start:end] or self._comment_between(_first(tree), end):
            return None
        text = _in_one_line(str(tree.data), head, body)
        return text if len(_STEP) * level + width(text) <= LINE else None

    def _comment_between(self, start: int, end: int) -> bool:
        i = self.next_comment
        while i < len(self.comments) and self.comments[i].start < start:
            i += 1
        return i < len(self.comments) and self.comments[i].start < end

    # --- tables

    def _table(self, table: Tree[Token], level: int) -> None:
        rows = [(t, _cells(str(t))) for t in table.children if isinstance(t, Token)]
        columns = len(rows[0][1])
        widths = [max(width(cells[i]) for _, cells in rows) for i in range(columns)]
        for token, cells in rows:
            self._comments_before(token.start_pos or 0, level)
            padded = (f"{c}{' ' * (w - width(c))}" for c, w in zip(cells, widths, strict=True))
            self.lines.append(f"{_STEP * level}| {' | '.join(padded)} |")
            self.last = token.end_pos or 0
            self._trailing()


def _parts(
    tree: Tree[Token],
) -> tuple[list[Child], Sequence[Child] | None]:
    """What stands before an item's braces, and the braces with what they hold."""
    children: list[Child] = list(tree.children)
    if tree.data == "use":
        return children, None
    for i, child in enumerate(children):
        if isinstance(child, Token) and child.type == "LBRACE":
            return children[:i], children[i:]
        if isinstance(child, Tree) and child.data in _BLOCKS:
            return children[:i], list(child.children)
    return children, None


def _in_one_line(rule: str, head: list[Child], body: Sequence[Child]) -> str:
    items = []
    for item in body[1:-1]:
        tree = _tree(item)
        inner_head, inner_body = _parts(tree)
        items.append(
            flat(words(tree))
            if inner_body is None
            else _in_one_line(str(tree.data), inner_head, inner_body)
        )
    inside = f" {_STEP.join(items)} " if items else " "
    return f"{flat(words(Tree(rule, head)))} {{{inside}}}"


def _tree(child: Child) -> Tree[Token]:
    return child if isinstance(child, Tree) else Tree("item", [child])


def _has_table(tree: Tree[Token]) -> bool:
    return any(isinstance(c, Tree) and c.data == "table" for c in tree.children)


def _tokens(tree: Tree[Token]) -> Iterator[Token]:
    for child in tree.children:
        if isinstance(child, Tree):
            yield from _tokens(child)
        else:
            yield child


def _first(tree: Tree[Token]) -> int:
    return next(_tokens(tree)).start_pos or 0


def _last(tree: Tree[Token]) -> int:
    child = tree.children[-1]
    return _last(child) if isinstance(child, Tree) else child.end_pos or 0


def _cells(row: str) -> list[str]:
    return [cell.strip() for cell in _BAR.split(row)[1:-1]]


def _row_comment(row: Lexeme) -> Lexeme | None:
    """The comment behind a table row's last bar."""
    bar = row.text.rfind("|")
    start = row.text.find("#", bar)
    if start < 0:
        return None
    return Lexeme(Kind.COMMENT, row.start + start, row.end, row.text[start:])
