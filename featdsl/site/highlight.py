"""Colours for FEAT and SQL text: tokens by regular expression, nothing is parsed."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from featdsl.site.html import Html, element, join

_FEAT_WORDS: Final = (
    "namespace use const param secret entity source view features labels input consumer wanted "
    "dataset template apply fn test expect key from time then available after snapshot valid to "
    "columns required pii drop when because keep last first per by removed join many as on let "
    "where over default aligned private for in given at lifetime next since allow warn owner tags "
    "note unit format domain deprecated was version uri and or not is null between like matches if "
    "else case end true false"
)
_TYPES: Final = "bool int float decimal text date timestamp duration list map"
_SQL_WORDS: Final = (
    "select from where and or not null is in as with on join left inner cross group by order "
    "having filter case when then else end over partition rows range between preceding following "
    "current row unbounded union all distinct cast try_cast interval timestamp date values asof "
    "using exists limit true false create table view replace asc desc nulls first last like "
    "materialized qualify"
)


def _words(listed: str) -> str:
    return "|".join(listed.split(" "))


_FEAT: Final = re.compile(
    rf"""
    (?P<doc>\#\#[^\n]*)
  | (?P<comment>\#[^\n]*)
  | (?P<string>\"\"\"[\s\S]*?\"\"\"|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`[^`\n]*`)
  | (?P<parameter>\$[A-Za-z_]\w*)
  | (?P<number>@\d[\d:T.-]*|\b\d[\d_]*(?:\.\d+)?(?:%|[a-z]+\b)?)
  | (?P<call>\b[a-z_]\w*(?=\())
  | (?P<type>\b(?:{_words(_TYPES)})\b(?!\s*[=\[]))
  | (?P<keyword>\b(?:{_words(_FEAT_WORDS)})\b(?!\s*(?:[:\[]|=(?!=))))
  | (?P<name>\b[A-Za-z_]\w*)
  | (?P<other>[\s\S])
    """,
    re.VERBOSE,
)
_SQL: Final = re.compile(
    rf"""
    (?P<comment>--[^\n]*|/\*[\s\S]*?\*/)
  | (?P<string>'(?:[^']|'')*')
  | (?P<name>"(?:[^"]|"")*")
  | (?P<parameter>\$\w+)
  | (?P<number>\b\d+(?:\.\d+)?\b)
  | (?P<keyword>(?i:\b(?:{_words(_SQL_WORDS)})\b))
  | (?P<call>\b[A-Za-z_]\w*(?=\())
  | (?P<plain>\b\w+)
  | (?P<other>[\s\S])
    """,
    re.VERBOSE,
)
_SHOWN: Final = frozenset(
    {"doc", "comment", "string", "parameter", "number", "call", "type", "keyword"}
)


@lru_cache(maxsize=1024)
def feat_code(text: str) -> Html:
    """A block of FEAT text."""
    return _block(text, _FEAT, "FEAT", "code wrap")


@lru_cache(maxsize=64)
def sql_code(text: str) -> Html:
    """A block of SQL."""
    return _block(text, _SQL, "SQL", "code")


def _block(text: str, tokens: re.Pattern[str], language: str, class_: str) -> Html:
    parts: list[str] = []
    plain: list[str] = []
    for token in tokens.finditer(_dedented(text)):
        if token.lastgroup in _SHOWN:
            parts.append("".join(plain))
            plain.clear()
            parts.append(element("span", token[0], class_=f"tok-{token.lastgroup}"))
        else:
            plain.append(token[0])
    parts.append("".join(plain))
    code = element("code", join(parts))
    # The frame scrolls sideways, so it can be reached with the keyboard.
    frame = element("pre", code, tabindex="0", aria_label=f"{language} text", role="region")
    return element("div", frame, class_=class_)


def _dedented(text: str) -> str:
    """The text without the white space that all lines but the first share.

    A definition is cut out of its file, so its first line has lost its own already.
    """
    first, *rest = text.rstrip().split("\n")
    widths = [len(line) - len(line.lstrip(" ")) for line in rest if line.strip()]
    cut = min(widths, default=0)
    if rest and rest[-1].strip() != "}":
        cut = min(cut, 2)
    return "\n".join([first, *(line[cut:] for line in rest)])
