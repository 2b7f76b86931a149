"""The parser's loop over Lark's table: a text that parses takes no other way.

Lark's own loop does the same in steps that a text of a thousand features feels. What does not
parse is left to Lark, whose errors know what would have been taken.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lark import Lark, Token
from lark.parsers.lalr_analysis import Shift

from featdsl.syntax.lexing import StateLexer


class Machine:
    """A parser's table with its callbacks, made ready for the loop."""

    def __init__(self, lark: Lark) -> None:
        inner = lark.parser.parser.parser
        table, callbacks = inner.parse_table, inner.callbacks
        self._lexer: StateLexer = lark.parser.lexer
        self._start: int = table.start_states["start"]
        self._end: int = table.end_states["start"]
        reductions: dict[Any, tuple[int, str, Callable[[list[Any]], Any]]] = {}
        self._shifts: dict[int, dict[str, int]] = {}
        self._reduces: dict[int, dict[str, tuple[int, str, Callable[[list[Any]], Any]]]] = {}
        for state, actions in table.states.items():
            self._shifts[state] = {n: arg for n, (act, arg) in actions.items() if act is Shift}
            reduces = self._reduces[state] = {}
            for name, (act, rule) in actions.items():
                if act is not Shift:
                    made = reductions.get(id(rule))
                    if made is None:
                        made = (len(rule.expansion), rule.origin.name, callbacks[rule])
                        reductions[id(rule)] = made
                    reduces[name] = made

    def parse(self, text: str) -> Any:
        """What the callbacks make of the text; None where it does not parse."""
        lexer, shifts, reduces = self._lexer, self._shifts, self._reduces
        ignored, head_of, known = lexer.terminals.ignored, lexer.terminals.head, lexer.candidates
        states: list[int] = [self._start]
        values: list[Any] = []
        at, size = 0, len(text)
        while True:
            skipped = ignored(text, at)
            if skipped is not None:
                at = skipped.end()
            name, token = "$END", None
            if at < size:
                for kind, match in known(states[-1], head_of(text, at)):
                    found = match(text, at)
                    if found is not None:
                        name = kind
                        break
                else:
                    return None
                token = str.__new__(Token, found[0])
                token.type, token.value = name, found[0]
                token.start_pos, token.end_pos = at, found.end()
                at = found.end()
            while True:
                state = states[-1]
                after = shifts[state].get(name)
                if after is not None:
                    states.append(after)
                    values.append(token)
                    break
                reduce = reduces[state].get(name)
                if reduce is None:
                    return None
                count, origin, callback = reduce
                if count:
                    children = values[-count:]
                    del states[-count:]
                    del values[-count:]
                else:
                    children = []
                states.append(shifts[states[-1]][origin])
                values.append(callback(children))
                if token is None and states[-1] == self._end:
                    return values[-1]
