"""SQL text that stands in `.feat` text: one scalar expression with holes, read and filled in.

``{name}`` is a hole. Holes are nodes of the tree, and what fills them is put in their place there:
no value is ever written into text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, ClassVar

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.parsers.duckdb import DuckDBParser
from sqlglot.tokenizer_core import Token, TokenType

from featdsl.sql.escape_functions import ALLOWED, CLOCK

LEVELS = 32
"""How deep an expression may be."""
LONGEST = 2000
"""How many characters the text may have."""

_DUCKDB = sqlglot.Dialect.get_or_raise("duckdb")
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_OPEN = (TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.L_BRACE)
_CLOSE = (TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE)
_SYNTAX = (
    "and or not in is like ilike between when then else case end as from interval "
    "cast try_cast decimal numeric varchar char extract"
)
_BEFORE_PARENTHESIS = frozenset(_SYNTAX.split(" "))
"""Words that stand before a parenthesis and call nothing."""
_CLOCK_TOKENS = (
    TokenType.CURRENT_DATE,
    TokenType.CURRENT_DATETIME,
    TokenType.CURRENT_TIME,
    TokenType.CURRENT_TIMESTAMP,
    TokenType.LOCALTIME,
    TokenType.LOCALTIMESTAMP,
)
_TYPE_NAMES = (
    "BOOLEAN TINYINT SMALLINT INT BIGINT INT128 UTINYINT USMALLINT UINT UBIGINT FLOAT DOUBLE "
    "DECIMAL TEXT VARCHAR CHAR DATE TIME TIMESTAMP TIMESTAMPNTZ TIMESTAMPTZ INTERVAL VARBINARY"
)
_TYPES = frozenset(exp.DataType.Type[name] for name in _TYPE_NAMES.split(" "))
_NODES: tuple[type[exp.Expr], ...] = (
    *(exp.Literal, exp.Boolean, exp.Null, exp.Paren, exp.Array, exp.Interval, exp.Var),
    *(exp.Not, exp.And, exp.Or, exp.Case, exp.If),
    *(exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.Is, exp.Between, exp.In),
    *(exp.Like, exp.ILike, exp.Escape, exp.DPipe, exp.AtTimeZone),
    *(exp.Neg, exp.Add, exp.Sub, exp.Mul, exp.Div, exp.IntDiv, exp.Mod),
    *(exp.Cast, exp.TryCast, exp.DataType, exp.DataTypeParam),
    *(exp.Anonymous, exp.Extract, exp.DateBin),
)
_QUERY = (exp.AggFunc, exp.Window, exp.Query, exp.UDTF)


class _Parser(DuckDBParser):
    """Functions stay what is written: others have other arguments in other dialects."""

    FUNCTIONS: ClassVar = {"DATE_BIN": DuckDBParser.FUNCTIONS["DATE_BIN"]}
    FUNCTION_PARSERS: ClassVar = {
        name: DuckDBParser.FUNCTION_PARSERS[name] for name in ("CAST", "TRY_CAST", "EXTRACT")
    }
    NO_PAREN_FUNCTIONS: ClassVar[dict[TokenType, Any]] = {}
    NO_PAREN_FUNCTION_PARSERS: ClassVar = {
        name: DuckDBParser.NO_PAREN_FUNCTION_PARSERS[name] for name in ("CASE", "IF")
    }


class Wrong(Enum):
    """What kind of mistake a text has."""

    TEXT = auto()
    FUNCTION = auto()
    CLOCK = auto()


class EscapeError(Exception):
    """A text that is not one expression of its arguments.

    Args:
        wrong: The kind of mistake.
        message: What is wrong, as the end of a sentence that begins with the text.
    """

    def __init__(self, wrong: Wrong, message: str) -> None:
        super().__init__(message)
        self.wrong = wrong
        self.message = message


@dataclass(frozen=True, slots=True)
class Escape:
    """A text as it is understood: its tree, and the holes in the order of their first use."""

    tree: exp.Expr
    holes: tuple[str, ...]

    def text(self, spelled: Callable[[str], str]) -> str:
        """The one spelling of the expression, with what `spelled` says of the holes."""

        def hole(name: str) -> exp.Expr:
            return exp.Var(this=f"{{{spelled(name)}}}")

        return _filled(self.tree, hole).sql("duckdb")


def read(text: str) -> Escape:
    """Understand a text.

    Raises:
        EscapeError: it is not one scalar expression of holes, constants and allowed functions.
    """
    if len(text) > LONGEST:
        raise EscapeError(Wrong.TEXT, f"is longer than {LONGEST} characters")
    try:
        return _read(text)
    except SqlglotError:
        raise EscapeError(Wrong.TEXT, "cannot be read as one expression") from None
    except RecursionError:
        raise _too_deep() from None


def fill(text: str, values: tuple[exp.Expr, ...]) -> exp.Expr:
    """The expression with values in place of the holes ``{0}``, ``{1}``, …."""

    def value(name: str) -> exp.Expr:
        return exp.Paren(this=values[int(name)].copy())

    return _filled(read(text).tree, value)


def _read(text: str) -> Escape:
    escape = _understood(text)
    spelled = escape.text(str)
    if _understood(spelled).text(str) != spelled:
        raise EscapeError(Wrong.TEXT, "cannot be read in one way only")
    return escape


def _understood(text: str) -> Escape:
    tokens = list(_with_holes(_DUCKDB.tokenize(text)))
    if not tokens:
        raise EscapeError(Wrong.TEXT, "is empty")
    _check_tokens(tokens)
    (tree,) = _Parser(dialect=_DUCKDB).parse(tokens, text)
    if tree is None:
        raise EscapeError(Wrong.TEXT, "cannot be read as one expression")
    _check_depth(tree)
    for node in tree.walk():
        _check_node(node)
    columns = sum(1 for _ in tree.find_all(exp.Column))
    if columns != sum(t.token_type is TokenType.IDENTIFIER for t in tokens):
        raise EscapeError(Wrong.TEXT, "has a hole where no value can stand")
    holes = dict.fromkeys(_hole(n) for n in tree.find_all(exp.Column, bfs=False))
    return Escape(tree, tuple(h for h in holes if h is not None))


def _with_holes(tokens: list[Token]) -> Iterator[Token]:
    """Tokens with ``{name}`` as one quoted name; nothing else may be quoted so."""
    i = 0
    while i < len(tokens):
        token = tokens[i]
        if token.comments:
            raise EscapeError(Wrong.TEXT, "has a comment")
        if token.token_type is TokenType.IDENTIFIER:
            raise EscapeError(Wrong.TEXT, f'names `"{token.text}"`: it sees its arguments only')
        three = tokens[i : i + 3]
        kinds = [t.token_type for t in three]
        if kinds[:1] == [TokenType.L_BRACE] and kinds[2:] == [TokenType.R_BRACE]:
            if any(t.comments for t in three):
                raise EscapeError(Wrong.TEXT, "has a comment")
            yield Token(
                TokenType.IDENTIFIER,
                three[1].text,
                line=token.line,
                col=token.col,
                start=token.start,
                end=three[2].end,
            )
            i += 3
            continue
        yield token
        i += 1


def _check_tokens(tokens: list[Token]) -> None:
    depth = 0
    for token, after in zip(tokens, [*tokens[1:], None], strict=True):
        kind = token.token_type
        depth += (kind in _OPEN) - (kind in _CLOSE)
        if depth > LEVELS:
            raise _too_deep()
        if kind is TokenType.SEMICOLON:
            raise EscapeError(Wrong.TEXT, "is more than one expression: it has a `;`")
        if kind in _CLOCK_TOKENS:
            raise _clock(token.text.lower())
        called = after is not None and after.token_type is TokenType.L_PAREN
        if called and kind is TokenType.IDENTIFIER:
            raise EscapeError(Wrong.TEXT, f"calls its argument `{token.text}`")
        if called and _WORD.match(token.text):
            _check_called(token.text.lower())


def _check_called(name: str) -> None:
    if name in CLOCK:
        raise _clock(f"{name}()")
    if name not in ALLOWED and name not in _BEFORE_PARENTHESIS:
        raise EscapeError(Wrong.FUNCTION, f"calls `{name}`, which is not one that it may call")


def _check_node(node: exp.Expr) -> None:
    if isinstance(node, exp.Column | exp.Identifier):
        if _hole(node) is None:
            raise EscapeError(
                Wrong.TEXT, f"names `{node.name}`: it sees its arguments only, as `{{name}}`"
            )
        return
    subquery = isinstance(node, exp.In) and (node.args.get("query") or node.args.get("unnest"))
    if isinstance(node, _QUERY) or subquery:
        raise EscapeError(Wrong.TEXT, "holds a query")
    part = node.args.get("unit") if isinstance(node, exp.Interval) else None
    part = node.this if isinstance(node, exp.Extract) else part
    if not isinstance(node, _NODES) or not (part is None or isinstance(part, exp.Var)):
        raise EscapeError(Wrong.TEXT, "holds what is no part of a scalar expression")
    if isinstance(node, exp.DataType) and node.this not in _TYPES:
        raise EscapeError(
            Wrong.TEXT, f"casts to a type that it may not use: `{node.sql('duckdb')}`"
        )


def _check_depth(tree: exp.Expr) -> None:
    waiting = [(tree, 1)]
    while waiting:
        node, depth = waiting.pop()
        if depth > LEVELS:
            raise _too_deep()
        waiting += [(child, depth + 1) for child in node.iter_expressions()]


def _hole(node: exp.Expr) -> str | None:
    """The name of a hole: a name in quotes, of one part."""
    identifier = node.this if isinstance(node, exp.Column) and len(node.parts) == 1 else node
    quoted = isinstance(identifier, exp.Identifier) and identifier.quoted
    return identifier.name if quoted else None


def _filled(tree: exp.Expr, value: Callable[[str], exp.Expr]) -> exp.Expr:
    def filled(node: exp.Expr) -> exp.Expr:
        name = _hole(node) if isinstance(node, exp.Column) else None
        return node if name is None else value(name)

    return tree.copy().transform(filled, copy=False)


def _too_deep() -> EscapeError:
    return EscapeError(Wrong.TEXT, f"is nested more than {LEVELS} levels deep")


def _clock(name: str) -> EscapeError:
    return EscapeError(Wrong.CLOCK, f"calls `{name}`, whose value differs from run to run")
