"""``like``, and regular expressions in RE2 syntax read as Python's."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from featdsl.reference.stop import Unanswered


def like(text: str, pattern: str) -> bool:
    """Whether all of a text is as the pattern: ``%`` is any text, ``_`` one code point."""
    parts = (".*" if c == "%" else "." if c == "_" else re.escape(c) for c in pattern)
    return re.fullmatch("".join(parts), text, re.DOTALL) is not None


_CLASSES: Final = {"d": "0-9", "s": "\\t\\n\\f\\r ", "w": "0-9A-Za-z_"}
_POSIX: Final = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "ascii": "\\x00-\\x7f",
    "blank": "\\t ",
    "cntrl": "\\x00-\\x1f\\x7f",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": "!-/:-@\\[-`{-~",
    "space": "\\t\\n\\v\\f\\r ",
    "upper": "A-Z",
    "word": "0-9A-Za-z_",
    "xdigit": "0-9A-Fa-f",
}


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """The regular expression, for ``search``.

    Raises:
        Unanswered: it has what Python's do not know.
    """
    return re.compile(_Reader(pattern).read())


class _Reader:
    """RE2's classes are those of ASCII, ``$`` is the very end, flags may stand anywhere."""

    def __init__(self, pattern: str) -> None:
        self.text = pattern
        self.at = 0
        self.lines = [False]

    def read(self) -> str:
        out = ""
        while self.at < len(self.text):
            c = self._next()
            if c == "(":
                self.lines.append(self.lines[-1])
                out += self._group()
            elif c == ")":
                self.lines.pop()
                out += ")"
            elif c == "[":
                out += self._set()
            elif c == "\\":
                out += self._escape(inside=False)
            elif c == "$":
                out += "(?m:$)" if self.lines[-1] else "\\Z"
            elif c == "^":
                out += "(?m:^)" if self.lines[-1] else "\\A"
            else:
                out += c
        return out

    def _next(self) -> str:
        self.at += 1
        return self.text[self.at - 1]

    def _group(self) -> str:
        if not self.text.startswith("?", self.at):
            return "("
        flags = re.compile(r"\?([imsU]*)(-[imsU]+)?([:)])").match(self.text, self.at)
        if flags is None:
            return "("  # a name: `(?P<n>`
        on, off = flags[1], (flags[2] or "")[1:]
        if "U" in on + off:
            raise Unanswered(f"the flag U in {self.text!r}")
        if flags[3] == ")" and self.at != 1:
            raise Unanswered(f"flags inside of {self.text!r}")
        self.at = flags.end()
        self.lines[-1] = "m" in on or (self.lines[-1] and "m" not in off)
        on, off = on.replace("m", ""), off.replace("m", "")
        if flags[3] == ")":
            self.lines[-2:] = [self.lines[-1]]
            return f"(?{on})" if on else ""
        return f"(?{on}{'-' + off if off else ''}:"

    def _escape(self, *, inside: bool) -> str:
        c = self._next()
        if c in _CLASSES:
            return _CLASSES[c] if inside else f"[{_CLASSES[c]}]"
        if c.lower() in _CLASSES and not inside:
            return f"[^{_CLASSES[c.lower()]}]"
        if c in "bB":
            return f"(?a:\\{c})"
        if c == "z":
            return "\\Z"
        if c == "x" and self.text.startswith("{", self.at):
            end = self.text.index("}", self.at)
            code = int(self.text[self.at + 1 : end], 16)
            self.at = end + 1
            return re.escape(chr(code))
        if c.isalnum() and c not in "Aafnrtvx":
            raise Unanswered(f"\\{c} in {self.text!r}")
        return "\\" + c

    def _set(self) -> str:
        out = "["
        if self.text.startswith("^", self.at):
            out += self._next()
        first = True
        while first or not self.text.startswith("]", self.at):
            first = False
            named = re.compile(r"\[:([a-z]+):\]").match(self.text, self.at)
            if named is not None:
                out += _POSIX[named[1]]
                self.at = named.end()
                continue
            c = self._next()
            out += self._escape(inside=True) if c == "\\" else "\\" + c if c in "[]&~|" else c
        self.at += 1
        return out + "]"
