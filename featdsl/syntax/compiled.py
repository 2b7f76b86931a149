"""A grammar's parser, kept beside the compiled modules: making it takes half a second.

Like a `.pyc`: whoever can write there can change the program itself. What is not readable, or of
another grammar, library or Python, is made anew; what cannot be written is made each time.
"""

from __future__ import annotations

import marshal
import sys
from contextlib import suppress
from hashlib import sha256
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any

import lark
from lark import Lark
from lark.grammar import Rule
from lark.lexer import TerminalDef

from featdsl.files.atomic import write_bytes_atomic
from featdsl.files.errors import FileError
from featdsl.syntax.lexing import PLUGINS

_DIGEST = 32


def kept_in() -> Path:
    """Where the tables lie: beside what Python keeps of this module."""
    return Path(cache_from_source(__file__)).with_suffix(".tables")


def parser_of(grammar: str, callbacks: Any) -> Lark:
    """The parser of a grammar, from the tables that are kept where they are there."""
    key = sha256(f"{lark.__version__}\n{sys.version}\n{grammar}".encode()).digest()
    kept = read(kept_in(), key)
    if kept is not None:
        data, memo = kept
        loaded: Lark = Lark._load_from_dict(  # type: ignore[no-untyped-call]
            data, memo, transformer=callbacks, _plugins=dict(PLUGINS)
        )
        return loaded
    made = Lark(
        grammar,
        parser="lalr",
        lexer="contextual",
        transformer=callbacks,
        keep_all_tokens=True,
        maybe_placeholders=False,
        _plugins=dict(PLUGINS),
    )
    if not sys.dont_write_bytecode:
        write(kept_in(), key, made)
    return made


def read(path: Path, key: bytes) -> tuple[Any, Any] | None:
    """The tables that were kept under a key; None where they are not whole."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    head, told, body = content[:_DIGEST], content[_DIGEST : 2 * _DIGEST], content[2 * _DIGEST :]
    if head != key or told != sha256(body).digest():
        return None
    data, memo = marshal.loads(body)
    return data, memo


def write(path: Path, key: bytes, parser: Lark) -> None:
    """Keep a parser's tables, where that can be."""
    data, memo = parser.memo_serialize([TerminalDef, Rule])
    # What is given anew to each parser that is made of it.
    data["options"] = {
        k: v for k, v in data["options"].items() if k not in ("transformer", "_plugins")
    }
    body = marshal.dumps((data, memo))
    with suppress(FileError, OSError):
        write_bytes_atomic(path, key + sha256(body).digest() + body, durable=False)
