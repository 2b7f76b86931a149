"""The grammar's text and the parser made of it: `featdsl/_grammar` in a wheel, else `grammar/`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from lark import Lark

from featdsl.syntax.compiled import parser_of

# Read one after the other, they are one grammar.
PARTS = ("feat.lark", "expr.lark", "tokens.lark")

_KEYWORD = re.compile(r"^([A-Z_]+)\.\d: /([a-z]+)\\b", re.MULTILINE)


def grammar_dir() -> Traversable:
    """Where the grammar lies: inside the package in a wheel, beside it in a checkout."""
    packaged = files("featdsl").joinpath("_grammar")
    if packaged.is_dir():
        return packaged
    return Path(__file__).resolve().parents[2] / "grammar"


@cache
def grammar_text() -> str:
    folder = grammar_dir()
    return "\n".join(folder.joinpath(part).read_text(encoding="utf-8") for part in PARTS)


def build(callbacks: Any = None) -> Lark:
    """The parser; `callbacks` has a method for each rule or alias, called with all tokens."""
    return parser_of(grammar_text(), callbacks)


@cache
def keywords() -> Mapping[str, str]:
    """The word of each terminal that is one, by the terminal's name."""
    return dict(_KEYWORD.findall(grammar_text()))
