"""Tokens as canonical words: their spelling, what stands close to what, where a line may break."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lark import Token, Tree

from featdsl.diagnostics.render.text import width

# Words and signs before which an item that is too long goes on in the next line: those that
# bind least first.
_BREAKS = (
    {"over", "where", "default", "because", "available", "allow", "warn", "removed", "from", "for"},
    {"then", "else", "when", "end", "on", "per", "by", "aligned"},
    {"or"},
    {"and"},
    {"??"},
    {"+", "-"},
    {"*", "/", "//"},
    {"via"},
)
_RANK = {word: rank for rank, words in enumerate(_BREAKS) for word in words}
_COMMA_RANK = 1
# Rules whose parenthesis or bracket stands close to the word before it.
_CLOSE_BRACKET = frozenset(
    {"call", "type_expr", "apply", "template", "fn", "sql", "env", "role_columns", "windows"}
)
_OPENING = frozenset({"(", "[", ".{"})
_CLOSING = frozenset({")", "]"})
_ESCAPE = re.compile(r"\\.|''|\"")


@dataclass(frozen=True, slots=True)
class Word:
    """A token as it is written out, and where it stood: ``[start, end)`` of the text."""

    text: str
    start: int
    end: int
    close: bool
    """No space before it."""
    rank: int | None
    """A line may break before it, the sooner the smaller; None: it may not."""


def words(tree: Tree[Token]) -> list[Word]:
    """The words of an item without a body, in order."""
    found: list[Word] = []
    depth = 0
    previous = ""
    glue = True  # nothing stands before the first word
    for token, rule in _tokens(tree):
        text = _spelt(token)
        if text in _CLOSING or (text == "}" and rule == "use"):
            depth -= 1
        close = glue or _stands_close(token, text, rule)
        rank = _COMMA_RANK if previous == "," else _RANK.get(text)
        if rank is not None:
            rank = None if close else rank + depth * len(_BREAKS)
        found.append(Word(text, token.start_pos or 0, token.end_pos or 0, close, rank))
        if text in _OPENING:
            depth += 1
        glue = text in (*_OPENING, ".", "..", "..=", "<..", "<..=") or (
            token.type == "SIGN" and rule in ("unary", "signed")
        )
        previous = text
    return _tidied(found)


def _tokens(tree: Tree[Token]) -> Iterator[tuple[Token, str]]:
    """Each token with the rule it stands in; ``count(*)``, ``count(distinct x)`` as usual."""
    rule = str(tree.data)
    skipped = ""
    if rule == "call" and _function(tree) == "count":
        skipped = _sql_count(tree)
    for child in tree.children:
        if isinstance(child, Tree):
            renamed = skipped == "DISTINCT" and child is tree.children[0]
            for token, inner in _tokens(child):
                yield (token.update(value="count_distinct") if renamed else token), inner
        elif child.type != skipped:
            yield child, rule


def _function(tree: Tree[Token]) -> str:
    head = tree.children[0]
    return str(head.children[0]) if isinstance(head, Tree) and len(head.children) == 1 else ""


def _sql_count(tree: Tree[Token]) -> str:
    kinds = [c.type for c in tree.children if isinstance(c, Token)]
    return next((kind for kind in ("STAR", "DISTINCT") if kind in kinds), "")


def _stands_close(token: Token, text: str, rule: str) -> bool:
    if text in (",", ":", ".", ".*", ".{", "..", "..=", "<..", "<..=", *_CLOSING):
        return True
    if text == "}":
        return rule == "use"
    return text in ("(", "[") and rule in _CLOSE_BRACKET


def _spelt(token: Token) -> str:
    text = str(token)
    match token.type:
        case "STRING" if text.startswith("'"):
            return f'"{_ESCAPE.sub(_double_quoted, text[1:-1])}"'
        case "CMP" if text == "<>":
            return "!="
        case "INSTANT":
            return text.replace(" ", "T")
        case _:
            return text


def _double_quoted(match: re.Match[str]) -> str:
    return {"\\'": "'", "''": "'", '"': '\\"'}.get(match[0], match[0])


def _tidied(found: list[Word]) -> list[Word]:
    """Without commas that nothing follows."""
    kept: list[Word] = []
    for i, word in enumerate(found):
        following = found[i + 1].text if i + 1 < len(found) else ""
        if word.text == "," and following in _CLOSING:
            continue
        kept.append(word)
    return kept


def flat(line: list[Word]) -> str:
    """Words in one line."""
    parts: list[str] = []
    for word in line:
        if parts and not word.close:
            parts.append(" ")
        parts.append(word.text)
    return "".join(parts)


def wrapped(line: list[Word], first: int, rest: int, limit: int) -> list[str]:
    """Words in as few lines as fit, broken where brackets are fewest.

    Args:
        line: The words.
        first: Columns that are taken before the first line.
        rest: Columns that are taken before each other line.
        limit: Columns of a line.
    """
    lines: list[list[Word]] = [[]]

    def taken() -> int:
        return first if len(lines) == 1 else rest

    def fill(part: list[Word], rank: int) -> None:
        for segment in _segments(part, rank):
            joined = [*lines[-1], *segment]
            breaks = bool(lines[-1]) and segment[0].rank is not None
            inner = [w.rank for w in segment[1:] if w.rank is not None]
            if taken() + width(flat(joined)) <= limit:
                lines[-1] = joined
            elif breaks and rest + width(flat(segment)) <= limit:
                lines.append(segment)
            elif inner:
                if breaks:
                    lines.append([])
                fill(segment, min(inner))
            elif breaks:
                lines.append(segment)
            else:
                lines[-1] = joined

    fill(line, 0)
    return [flat(x) for x in lines if x]


def _segments(part: list[Word], rank: int) -> list[list[Word]]:
    """The words cut before each place of at most this rank."""
    segments: list[list[Word]] = []
    for word in part:
        if not segments or (word.rank is not None and word.rank <= rank):
            segments.append([])
        segments[-1].append(word)
    return segments
