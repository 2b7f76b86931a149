"""From the parser's reductions to nodes, what both expressions and declarations need."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, TypeAlias

from lark import Token

from featdsl.diagnostics import catalog
from featdsl.diagnostics.model import Diagnostic
from featdsl.syntax import nodes as n
from featdsl.syntax.limits import NAME_BYTES
from featdsl.syntax.piece import Piece
from featdsl.syntax.scan import Scan
from featdsl.syntax.words import RESERVED
from featdsl.text.span import Span

# What a rule's callback gets: tokens, nodes, clauses, tuples of nodes.
Children: TypeAlias = list[Any]

_DECLARED = re.compile(r"[a-z_][a-z0-9_]*\Z")
_PATTERN_PARTS = re.compile(r"\{(\w+)\}")


class Clause(NamedTuple):
    """A word and what follows it, before it is known whose clause it is."""

    word: str
    value: Any
    span: Span


class TooDeep(Exception):
    """An expression has more levels than the limit; the rest of it need not be read."""

    def __init__(self, node: n.Node) -> None:
        super().__init__()
        self.node = node


class Builder:
    """State of one parse; the parser calls a method of a subclass for every rule it reduces.

    What a literal or name has wrong is kept in `found`: the text did parse, but its nodes
    hold substitutes and are not to be used.
    """

    def __init__(self) -> None:
        self.begin("", Piece(""), Scan("", ()))

    def begin(self, file: str, piece: Piece, scan: Scan) -> None:
        self.file = file
        self.file_text = scan.text
        self.docs = scan.docs
        self.found: list[Diagnostic] = []
        # Names before `=` in expressions: where one begins a line, it may be the next feature.
        self.equalities: list[n.Name] = []
        # Levels of operators by the node's identity, with the node, so that no other gets it.
        self.levels: dict[int, tuple[n.Node, int]] = {}
        self._text = piece.text
        self._place = piece.place if len(piece.begins) > 1 else piece.places[0].__add__

    def report(self, diagnostic: Diagnostic) -> None:
        self.found.append(diagnostic)

    # --- places

    def span(self, children: Sequence[Any]) -> Span:
        """From the first child to the last."""
        return Span(self.file, self._start(children[0]), self._end(children[-1]))

    def _start(self, child: Any) -> int:
        if type(child) is Token:
            return self._place(child.start_pos or 0)
        start: int = child.span.start if hasattr(child, "span") else self._start(child[0])
        return start

    def _end(self, child: Any) -> int:
        if type(child) is Token:
            return self._place((child.end_pos or 1) - 1) + 1
        end: int = child.span.end if hasattr(child, "span") else self._end(child[-1])
        return end

    def token_span(self, token: Token) -> Span:
        place = self._place(token.start_pos or 0)
        return Span(self.file, place, place + len(token))

    def doc(self, span: Span) -> str | None:
        return self.docs.get(span.start)

    def indent(self, offset: int) -> int:
        """Width of the white space before an offset's line."""
        line = self.file_text[self.file_text.rfind("\n", 0, offset) + 1 : offset + 1]
        return len(line) - len(line.lstrip())

    def begins_line(self, offset: int) -> bool:
        line = self.file_text.rfind("\n", 0, offset) + 1
        return not self.file_text[line:offset].strip()

    # --- names

    def ident(self, token: Token) -> n.Ident:
        """A name used or a column of the outside world: in backticks it may be anything."""
        span = self.token_span(token)
        text = str(token)
        if text[0] == "`":
            text = text[1:-1]
            if not text.strip():
                self.report(catalog.BAD_NAME.at(span, "a name in backticks is empty"))
        elif text in RESERVED:
            self.report(reserved_word(text, span))
        elif text != text.lower():
            self.report(self._capitals(text, span, token.end_pos or 0))
            text = snake(text)  # so that others find what was meant, and say nothing
        return self._limited(n.Ident(span=span, text=text))

    def _capitals(self, text: str, span: Span, end: int) -> Diagnostic:
        if text.lower() in RESERVED:
            found = catalog.KEYWORD_CASE.at(
                span, f"`{text}` is no keyword: keywords are in lower case"
            )
            return found.mended(text, text.lower()).help(f"write `{text.lower()}`")
        if self._text[end : end + 1] == "(":
            found = catalog.KEYWORD_CASE.at(
                span, f"`{text}` is no function: functions are in lower case"
            )
            return found.mended(text, text.lower()).help(f"write `{text.lower()}`")
        return (
            catalog.BAD_NAME.at(span, f"`{text}` has capital letters")
            .help(f"names are in lower case: `{snake(text)}`")
            .help(f"a column of the data that is called so is written `` `{text}` ``")
        )

    def given_name(self, token: Token) -> n.Ident:
        """A name that is given here: lower case, digits, underscores."""
        name = self.ident(token)
        if token[0] == "`" and not _DECLARED.match(name.text):
            plain = re.sub(r"\W+", "_", name.text.lower(), flags=re.ASCII).strip("_")
            self.report(
                catalog.BAD_NAME.at(name.span, f"`{name.text}` cannot be declared as a name")
                .note("names have letters a-z, digits and `_`; only columns of data have others")
                .help(f"write `{plain}`" if plain and not plain[0].isdigit() else None)
            )
        return name

    def _limited(self, name: n.Ident) -> n.Ident:
        size = len(name.text.encode("utf-8", "surrogatepass"))
        if size > NAME_BYTES:
            self.report(
                catalog.TOO_LONG.at(name.span, f"a name has {size} bytes").help(
                    f"names have at most {NAME_BYTES} bytes, as databases want"
                )
            )
        return name

    def pattern_parts(self, token: Token) -> tuple[str | n.Ident, ...]:
        """The text and the holes of ``spend_{c}_90d``."""
        span = self.token_span(token)
        if str(token) != token.lower():
            self.report(
                catalog.BAD_NAME.at(span, f"`{token}` has capital letters").help(
                    f"names are in lower case: `{token.lower()}`"
                )
            )
        if len(token) > 4 * NAME_BYTES:
            self.report(catalog.TOO_LONG.at(span, f"a name has {len(token)} characters"))
            return (str(token[:NAME_BYTES]),)
        parts: list[str | n.Ident] = []
        start = span.start
        for i, text in enumerate(_PATTERN_PARTS.split(str(token))):
            if i % 2 == 0:
                parts += [text] if text else []
                start += len(text)
            else:
                place = Span(span.source, start + 1, start + 1 + len(text))
                parts.append(n.Ident(span=place, text=text))
                start += len(text) + 2
        return tuple(parts)

    # --- clauses

    def once(self, clauses: Iterable[Clause], owner: str) -> dict[str, Any]:
        """Clauses by their word; a second one of a word is reported."""
        first: dict[str, Clause] = {}
        for clause in clauses:
            if clause.word in first:
                self.repeated(clause.word, clause.span, first[clause.word].span, owner)
            first.setdefault(clause.word, clause)
        return {word: clause.value for word, clause in first.items()}

    def repeated(self, word: str, span: Span, first: Span, owner: str) -> None:
        self.report(
            catalog.REPEATED.at(span, f"`{word}` stands twice in {owner}")
            .because(first, "first here")
            .help(f"keep one `{word}`")
        )


def snake(text: str) -> str:
    """``totalSpend`` as ``total_spend``."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text).lower()


def reserved_word(text: str, span: Span) -> Diagnostic:
    return catalog.RESERVED_WORD.at(span, f"`{text}` is a reserved word, not a name").help(
        f"write `` `{text}` `` in backticks, or choose another name"
    )


def plain(children: Iterable[Any]) -> list[Any]:
    """The children without tokens."""
    return [c for c in children if type(c) is not Token]


def tokens(children: Iterable[Any], kind: str) -> list[Token]:
    """The tokens of one kind among the children."""
    return [c for c in children if type(c) is Token and c.type == kind]


def has(children: Iterable[Any], kind: str) -> bool:
    return bool(tokens(children, kind))
