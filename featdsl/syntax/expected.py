"""What the grammar would have taken, in people's words."""

from __future__ import annotations

from collections.abc import Collection

from featdsl.syntax import grammar

_SPOKEN = {
    "NAME": "a name",
    "NAMEPATTERN": "a name",
    "PARAM": "a `$name`",
    "INT": "a number",
    "NUMBER": "a number",
    "PERCENT": "a percentage such as `10%`",
    "DURATION": "a duration such as `30d`",
    "INSTANT": "an instant such as `@2024-01-03`",
    "STRING": "a text in quotes",
    "TABLE_ROW": "a table row such as `| 1 | 2 |`",
    "EQ": "`=`",
    "DOT": "`.`",
    "DOTBRACE": "`.{`",
    "DOTSTAR": "`.*`",
    "COMMA": "`,`",
    "COLON": "`:`",
    "LPAR": "`(`",
    "RPAR": "`)`",
    "LSQB": "`[`",
    "RSQB": "`]`",
    "LBRACE": "`{`",
    "RBRACE": "`}`",
    "STAR": "`*`",
    "RANGE": "`..`",
}
# What begins a value; where most of them are expected, they are one word.
_VALUE = frozenset({"NAME", "INT", "NUMBER", "STRING", "LPAR", "PARAM"})
_LITERAL = frozenset({"STRING", "INT", "NUMBER", "TRUE", "NULL"})
_VALUE_ALL = _VALUE | {
    "NAMEPATTERN", "PERCENT", "DURATION", "INSTANT", "TRUE", "FALSE", "NULL", "CASE", "IF", "NOT",
    "SQL", "LSQB", "SIGN",
}  # fmt: skip
_OPERATORS = frozenset(
    {"SIGN", "STAR", "DIVIDE", "COALESCE", "EQ", "CMP", "AND", "OR", "IN", "NOT", "BETWEEN"}
    | {"LIKE", "MATCHES", "IS"}
)
_DECLARATIONS = frozenset({"SOURCE", "VIEW", "FEATURES", "ENTITY"})


def words(expected: Collection[str]) -> frozenset[str]:
    """The keywords among the expected terminals."""
    known = grammar.keywords()
    return frozenset(known[t] for t in expected if t in known)


def begins_value(expected: Collection[str]) -> bool:
    """Whether an expression is expected."""
    return set(expected) >= _VALUE


def in_words(expected: Collection[str], *, limit: int = 5) -> str:
    """A short list: ``a name, `(` or `where```."""
    left = set(expected) - {"$END"}
    spoken: list[str] = []
    if left >= _VALUE:
        spoken.append("a value")
        left -= _VALUE_ALL
    elif left >= _LITERAL:
        spoken.append('an attribute\'s value such as `"text"` or `12`')
        left -= _VALUE_ALL
    if {"SIGN", "STAR", "DIVIDE"} <= left:
        spoken.append("an operator")
        left -= _OPERATORS
    if left >= _DECLARATIONS:
        return "a declaration"
    known = grammar.keywords()
    signs = sorted({_SPOKEN[t] for t in left if t in _SPOKEN})
    keywords = sorted({f"`{known[t]}`" for t in left if t in known})
    spoken += signs + keywords
    if len(spoken) > limit:
        spoken = [*spoken[:limit], "…"]
        return ", ".join(spoken)
    if len(spoken) > 1:
        return f"{', '.join(spoken[:-1])} or {spoken[-1]}"
    return spoken[0] if spoken else "the end"
