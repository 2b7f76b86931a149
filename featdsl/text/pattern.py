r"""Regular expressions in RE2 syntax: what is wrong with one, and how many groups it has.

The engines that know RE2 refuse a pattern only when they run; here it is read before. What is
accepted here is accepted there. The reverse does not hold for rare syntax (`\Q…\E`, octal
codes, scripts that are not listed), which is refused with its name.

Syntax: https://github.com/google/re2/wiki/Syntax
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_LONGEST = 1_000  # repetitions, also of nested ones together: RE2's own limit
_DEEPEST = 100
_LARGEST = 100_000  # rough size when repetitions are written out; RE2 gives up at six times that

_REPEAT = re.compile(r"\{([0-9]{1,9})(?:(,)([0-9]{1,9})?)?\}")
_FLAGS = re.compile(r"\?([imsU]*)(-[imsU]+)?([:)])")
_NAME = re.compile(r"\?P<([A-Za-z_][A-Za-z0-9_]*)>")
_POSIX = re.compile(r"\[:\^?([a-z]+):\]")
_PROPERTY = re.compile(r"[pP](?:\{\^?([A-Za-z_]+)\}|([A-Z]))")
_CODE = re.compile(r"x(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]{1,6})\})")

_POSIX_NAMES = "alnum alpha ascii blank cntrl digit graph lower print punct space upper word xdigit"
_PROPERTIES = (
    "C Cc Cf Co Cs L Ll Lm Lo Lt Lu M Mc Me Mn N Nd Nl No P Pc Pd Pe Pf Pi Po Ps S Sc Sk Sm So "
    "Z Zl Zp Zs Arabic Armenian Bengali Cyrillic Devanagari Ethiopic Georgian Greek Gujarati "
    "Gurmukhi Han Hangul Hebrew Hiragana Kannada Katakana Khmer Lao Latin Malayalam Mongolian "
    "Myanmar Sinhala Tamil Telugu Thai Tibetan"
)
_CLASSES = frozenset("dDsSwW")
_PLACES = frozenset("bBAz")
_CONTROLS = dict(zip("aftnrv", "\a\f\t\n\r\v", strict=True))
_NOT_IN_RE2 = {
    "?=": "lookahead",
    "?!": "lookahead",
    "?<=": "lookbehind",
    "?<!": "lookbehind",
    "?>": "atomic groups",
    "?#": "comments",
    "?(": "conditions",
    "?P=": "references to groups",
    "?P>": "references to groups",
    "?|": "branch resets",
}


def pattern_problem(pattern: str) -> str | None:
    """What is wrong with a regular expression, in words; None where it is right."""
    try:
        _Reader(pattern).read()
    except _WrongError as wrong:
        return str(wrong)
    return None


def group_count(pattern: str) -> int:
    """Number of capturing groups of a right pattern."""
    reader = _Reader(pattern)
    reader.read()
    return reader.groups


class _WrongError(ValueError):
    pass


@dataclass(frozen=True, slots=True)
class _Part:
    """A rough size, and the largest product of counted repetitions in it."""

    size: int
    repeats: int = 1


@dataclass(slots=True)
class _Reader:
    text: str
    at: int = 0
    depth: int = 0
    groups: int = 0
    names: set[str] = field(default_factory=set)

    def read(self) -> None:
        part = self._choices()
        if self.at < len(self.text):
            raise _WrongError(f"`)` at character {self.at + 1} closes nothing")
        if part.size > _LARGEST:
            raise _WrongError("it is too large when its repetitions are written out")

    def _peek(self, ahead: str) -> bool:
        return self.text.startswith(ahead, self.at)

    def _choices(self) -> _Part:
        parts = [self._sequence()]
        while self._peek("|"):
            self.at += 1
            parts.append(self._sequence())
        return _together(parts)

    def _sequence(self) -> _Part:
        parts = []
        while self.at < len(self.text) and self.text[self.at] not in "|)":
            parts.append(self._repeated())
        return _together(parts)

    def _repeated(self) -> _Part:
        start = self.at
        if self.text[start] in "*+?" or _REPEAT.match(self.text, start):
            raise _WrongError(f"nothing stands before the repetition at character {start + 1}")
        part = self._single()
        repeat = self._repetition()
        if repeat is None:
            return part
        if part.size == 0:
            raise _WrongError(f"flags alone are repeated at character {start + 1}")
        if self._peek("?"):
            self.at += 1
        if self.at < len(self.text) and (
            self.text[self.at] in "*+?" or _REPEAT.match(self.text, self.at)
        ):
            raise _WrongError(f"a repetition is repeated at character {self.at + 1}")
        repeats = part.repeats * max(repeat, 1)
        if repeats > _LONGEST:
            raise _WrongError(f"repetitions make up {repeats}, {_LONGEST} are the most")
        return _Part(part.size * max(repeat, 1) + 2, repeats)

    def _repetition(self) -> int | None:
        """How often, where it is counted; 1 for `*`, `+`, `?`; None where nothing repeats."""
        if self.at < len(self.text) and self.text[self.at] in "*+?":
            self.at += 1
            return 1
        counted = _REPEAT.match(self.text, self.at)
        if counted is None:
            return None
        least = int(counted[1])
        most = int(counted[3]) if counted[3] else least
        if least > most:
            raise _WrongError(f"`{counted[0]}` counts down")
        if most > _LONGEST:
            raise _WrongError(f"`{counted[0]}` repeats too often, {_LONGEST} are the most")
        self.at = counted.end()
        return most + (counted[2] is not None and not counted[3])

    def _single(self) -> _Part:
        match self.text[self.at]:
            case "(":
                return self._group()
            case "[":
                return self._class()
            case "\\":
                return _Part(self._escape(in_class=False)[0])
            case ".":
                self.at += 1
                return _Part(12)
            case c:
                self.at += 1
                return _Part(2 * len(c.encode("utf-8", "replace")))

    def _group(self) -> _Part:
        opened = self.at
        self.at += 1
        self.depth += 1
        if self.depth > _DEEPEST:
            raise _WrongError(f"groups are nested more than {_DEEPEST} deep")
        if self._peek("?") and self._head():
            self.depth -= 1
            return _Part(0)
        if not self._in_question(opened):
            self.groups += 1
        part = self._choices()
        if not self._peek(")"):
            raise _WrongError(f"`(` at character {opened + 1} is not closed")
        self.at += 1
        self.depth -= 1
        return _Part(part.size + 2, part.repeats)

    def _in_question(self, opened: int) -> bool:
        head = self.text[opened + 1 : self.at]
        return head.startswith("?") and not head.startswith("?P<")

    def _head(self) -> bool:
        """Read what follows `(?`; true where the group ends with it, as `(?i)` does."""
        named = _NAME.match(self.text, self.at)
        if named is not None:
            if named[1] in self.names:
                raise _WrongError(f"two groups are named `{named[1]}`")
            self.names.add(named[1])
            self.at = named.end()
            return False
        flags = _FLAGS.match(self.text, self.at)
        if flags is not None and (flags[1] or flags[2] or flags[3] == ":"):
            self.at = flags.end()
            return flags[3] == ")"
        for start in sorted(_NOT_IN_RE2, key=len, reverse=True):
            if self._peek(start):
                raise _WrongError(f"RE2 has no {_NOT_IN_RE2[start]}: `({start}`")
        if self._peek("?<"):
            raise _WrongError("a named group is written `(?P<name>…)`")
        raise _WrongError(f"`(?` at character {self.at} is followed by nothing known")

    def _class(self) -> _Part:
        opened = self.at
        self.at += 1
        size = 8
        if self._peek("^"):
            self.at += 1
            size += 24
        first = True
        while first or not self._peek("]"):
            if self.at >= len(self.text):
                raise _WrongError(f"`[` at character {opened + 1} is not closed")
            size += self._member()
            first = False
        self.at += 1
        return _Part(size)

    def _member(self) -> int:
        """One character, range or class between brackets; its rough size."""
        posix = _POSIX.match(self.text, self.at)
        if posix is not None:
            if posix[1] not in _POSIX_NAMES.split():
                raise _WrongError(f"`{posix[0]}` is no class of characters")
            self.at = posix.end()
            return 8
        if self._peek("[:"):
            raise _WrongError("`[:` between brackets begins a class such as `[:alpha:]`")
        size, low = self._character()
        if low is None or not self._peek("-") or self._peek("-]"):
            return size
        self.at += 1
        if self.at >= len(self.text):
            return size
        start = self.at
        _, high = self._character()
        if high is None or self._posix_start(start):
            raise _WrongError(f"a range ends in a class at character {start + 1}")
        if high < low:
            raise _WrongError(f"the range `{low}-{high}` counts down")
        return 16

    def _posix_start(self, at: int) -> bool:
        return self.text.startswith("[:", at)

    def _character(self) -> tuple[int, str | None]:
        if self._peek("\\"):
            return self._escape(in_class=True)
        c = self.text[self.at]
        self.at += 1
        return 8, c

    def _escape(self, *, in_class: bool) -> tuple[int, str | None]:
        """Size, and the one character that it stands for (None: a class or a place)."""
        self.at += 1
        if self.at >= len(self.text):
            raise _WrongError("it ends in a backslash")
        c = self.text[self.at]
        for reader in (_PROPERTY, _CODE):
            found = reader.match(self.text, self.at)
            if found is not None:
                self.at = found.end()
                return _property(found) if reader is _PROPERTY else _code(found)
        if c in "pPx":
            raise _WrongError(f"`\\{c}` at character {self.at} is not complete")
        self.at += 1
        if c in _CLASSES or (c in _PLACES and not in_class):
            return 24, None
        if c in _CONTROLS:
            return 2, _CONTROLS[c]
        if c.isascii() and not c.isalnum() and c.isprintable():
            return 2, c
        if c.isdigit():
            raise _WrongError(f"RE2 has no references to groups: `\\{c}`")
        raise _WrongError(f"`\\{c}` has no meaning")


def _property(found: re.Match[str]) -> tuple[int, None]:
    name = found[1] or found[2]
    if name not in _PROPERTIES.split():
        raise _WrongError(f"`\\{found[0]}` is no property of characters that is known here")
    return 1_500, None


def _code(found: re.Match[str]) -> tuple[int, str]:
    code = int(found[1] or found[2], 16)
    if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        raise _WrongError(f"`\\{found[0]}` is no character")
    return 8, chr(code)


def _together(parts: list[_Part]) -> _Part:
    return _Part(sum(p.size for p in parts) + 1, max((p.repeats for p in parts), default=1))
