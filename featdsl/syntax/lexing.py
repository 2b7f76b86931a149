"""Which terminal a text begins with: what Lark's lexer says, without trying them all.

Lark tries the terminals that a state of the parser takes as one regular expression, a hundred
branches long, in each state another. Here the first word or character of a text leaves two or
three to be tried, in the same order, each by its own expression: what is found is the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from lark import Token, UnexpectedCharacters, UnexpectedToken
from lark.lexer import ContextualLexer, Lexer, LexerState, PatternStr, TerminalDef

Candidates: TypeAlias = tuple[tuple[str, Callable[[str, int], re.Match[str] | None]], ...]

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_KEYWORD = re.compile(r"([a-z]+)\\b")
_DIGITS = "0123456789"
_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"
# What the terminals begin with that are neither a word nor one sign: all that do must stand here.
STARTS: Mapping[str, str] = {
    "NAME": f"{_LETTERS}`",
    "NAMEPATTERN": _LETTERS,
    "PARAM": "$",
    "INT": _DIGITS,
    "NUMBER": _DIGITS,
    "PERCENT": _DIGITS,
    "DURATION": _DIGITS,
    "INSTANT": "@",
    "STRING": "\"'",
    "TABLE_ROW": "|",
    "CMP": "<>=!",
    "SIGN": "+-",
    "DIVIDE": "/",
    "RANGE": ".<",
}


class Terminals:
    """The terminals of a grammar, by what a text begins with and what is taken there."""

    def __init__(self, terminals: Iterable[TerminalDef], ignore: Collection[str]) -> None:
        # The order of Lark's alternatives.
        ordered = sorted(
            terminals,
            key=lambda t: (-t.priority, -t.pattern.max_width, -len(t.pattern.value), t.name),
        )
        self.ignored = re.compile(
            "(?:" + "|".join(t.pattern.to_regexp() for t in ordered if t.name in ignore) + ")+"
        ).match
        self._ordered = [t for t in ordered if t.name not in ignore]
        self.words = {t.name: word[1] for t in self._ordered if (word := _keyword(t))}
        self._keywords = frozenset(self.words.values())

    def head(self, text: str, at: int) -> str:
        """What decides: a keyword, any other word's first letter, a character."""
        start = text[at]
        word = _WORD.match(text, at)
        return start if word is None or word[0] not in self._keywords else word[0]

    def candidates(self, head: str, accepted: Collection[str] | None) -> Candidates:
        """What may stand there, in the order in which it is tried; None: of all terminals."""
        return tuple(
            (t.name, re.compile(t.pattern.to_regexp()).match)
            for t in self._ordered
            if (accepted is None or t.name in accepted) and self._may_begin(t, head)
        )

    def _may_begin(self, terminal: TerminalDef, head: str) -> bool:
        word = self.words.get(terminal.name)
        if word is not None:
            return word == head
        if isinstance(terminal.pattern, PatternStr):
            return terminal.pattern.value[0] == head[0]
        return head[0] in STARTS[terminal.name]


def _keyword(terminal: TerminalDef) -> re.Match[str] | None:
    if isinstance(terminal.pattern, PatternStr):
        return None
    return _KEYWORD.match(terminal.pattern.value)


class StateLexer(Lexer):
    """Lark's contextual lexer with those terminals: which are taken depends on the state."""

    def __init__(
        self, conf: Any, states: Mapping[int, Sequence[str]], always_accept: Collection[str] = ()
    ) -> None:
        self.conf = conf
        self.terminals = Terminals(conf.terminals, conf.ignore)
        self.states = states
        self.always = frozenset(always_accept)
        self._found: dict[tuple[int | None, str], Candidates] = {}

    def candidates(self, state: int | None, head: str) -> Candidates:
        """What may stand in a state of the parser, or anywhere, where a text begins so."""
        found = self._found.get((state, head))
        if found is None:
            accepted = None if state is None else self.always.union(self.states[state])
            found = self._found[state, head] = self.terminals.candidates(head, accepted)
        return found

    def lex(self, lexer_state: LexerState, parser_state: Any) -> Iterator[Token]:
        """Tokens, each in the state that the parser is in by then; errors are Lark's."""
        text, counter = lexer_state.text.text, lexer_state.line_ctr
        while True:
            skipped = self.terminals.ignored(text, counter.char_pos)
            if skipped is not None:
                counter.feed(skipped[0])
            if counter.char_pos >= len(text):
                return
            token = self._token(text, counter, parser_state.position)
            if token is None:
                raise self._unexpected(text, lexer_state, parser_state)
            lexer_state.last_token = token
            counter.feed(token)
            token.end_line, token.end_column = counter.line, counter.column
            token.end_pos = counter.char_pos
            yield token

    def _token(self, text: str, counter: Any, state: int | None) -> Token | None:
        at = counter.char_pos
        for name, match in self.candidates(state, self.terminals.head(text, at)):
            found = match(text, at)
            if found is not None:
                return Token(name, found[0], at, counter.line, counter.column)
        return None

    def _unexpected(self, text: str, lexer_state: LexerState, parser_state: Any) -> Exception:
        """What stands there is no terminal, or one that is not taken there."""
        counter, last = lexer_state.line_ctr, lexer_state.last_token
        history = [last] if last else None
        allowed = {s for s in self.states[parser_state.position] if s.isupper()}
        names = self.conf.terminals_by_name
        token = self._token(text, counter, None)
        if token is not None:
            return UnexpectedToken(  # type: ignore[no-untyped-call]
                token, allowed, state=parser_state, token_history=history, terminals_by_name=names
            )
        return UnexpectedCharacters(  # type: ignore[no-untyped-call]
            text,
            counter.char_pos,
            counter.line,
            counter.column,
            allowed=allowed,
            token_history=history,
            state=parser_state,
            terminals_by_name=names,
        )


PLUGINS: Mapping[str, type] = {ContextualLexer.__name__: StateLexer}
"""For Lark: what takes the place of its own."""
