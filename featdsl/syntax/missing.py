"""Messages for signs and values that are missing, or one too many: one rule a mistake."""

from __future__ import annotations

from featdsl.diagnostics import catalog
from featdsl.diagnostics.model import Diagnostic
from featdsl.syntax.place import NAMES, Place
from featdsl.syntax.scan import Kind
from featdsl.syntax.words import CLAUSES, RESERVED, item_words

GROUPS = ("features", "labels", "template")
"""Bodies whose items are features."""


def table(p: Place) -> Diagnostic | None:
    if p.kind != "test":
        return None
    for lexeme in p.lexemes[: p.at + 1]:
        if lexeme.kind is Kind.ROW and not _ends_with_bar(lexeme.text):
            return catalog.TABLE_ROW.at(p.span(lexeme), "a table row does not end with `|`").help(
                "every row begins and ends with a bar: `| 1 | 2 |`"
            )
    if p.expects("TABLE_ROW") and p.expects("DOT"):
        return catalog.TABLE_ROW.at(
            p.place, f"`{p.lexemes[0].text} {p.lexemes[1].text}` is not followed by a table"
        ).help("write the rows below it, the first with the columns' names: `| a | b |`")
    return None


def _ends_with_bar(row: str) -> bool:
    tail = row.rpartition("|")[2].strip()
    return len(row) > 1 and row.count("|") > 1 and (not tail or tail.startswith("#"))


def instant(p: Place) -> Diagnostic | None:
    """``at 2024-01-01``, ``at "2024-01-01"``."""
    if not p.expects("INSTANT") or p.here.kind not in (Kind.NUMBER, Kind.STRING):
        return None
    if p.expects_value or p.expects("INT"):
        return None
    last = p.rest_of_line(p.at)
    for k in range(p.at + 1, len(p.lexemes)):
        if p.lexemes[k].kind is Kind.WORD or p.lexemes[k].text == ",":
            last = p.lexemes[k - 1] if k > p.at else last
            break
    text = p.text(p.here, last).strip("\"'")
    return catalog.BAD_INSTANT.at(p.span(p.here, last), "an instant begins with `@`").help(
        f"write `@{text}`"
    )


def needless_sign(p: Place) -> Diagnostic | None:
    if p.here.text == ";":
        return needless(p)
    if p.here.text == "," and (p.at == 0 or p.expects("RBRACE")):
        return needless(p)
    return None


def needless(p: Place) -> Diagnostic:
    found = catalog.NEEDLESS_SIGN.at(p.place, f"`{p.here.text}` separates nothing")
    return found.mended(p.here.text, "").help(
        f"take `{p.here.text}` out: declarations and items need no separator"
    )


def missing_equals(p: Place) -> Diagnostic | None:
    """``spend sum(amount)``, ``spend[7d] sum(amount)``, ``const n 5``."""
    if not p.may_begin_value and p.here.text not in ("+", "-"):
        return None
    if p.lexemes[0].text == "expect":
        return None
    named = p.kind in GROUPS and p.at == 1 and p.lexemes[0].kind in NAMES
    attribute = p.lexemes[0].text in item_words(p.kind)
    is_value = p.after.text in ("(", "+", "-", "*", "/", "//", ".", "<", ">", "??")
    if named and not attribute and p.here.kind in NAMES and is_value:
        return _equals_before(p)
    if not p.expects("EQ") or p.expects("AND") or named:
        return None
    if any(x.text == "=" for x in p.lexemes[: p.at]):
        return None
    return _equals_before(p)


def _equals_before(p: Place) -> Diagnostic:
    name = p.text(p.lexemes[0], p.before)
    return catalog.MISSING_EQUALS.at(p.place, f"`=` is missing before `{p.here.text}`").help(
        f"write `{name} = {p.text(p.here, p.rest_of_line(p.at))}`"
    )


def missing_quotes(p: Place) -> Diagnostic | None:
    """``owner me@x``, ``from csv prices.csv``."""
    if p.lexemes[0].text == "from" and p.at == 3 and p.before.kind is Kind.WORD:
        return _quotes(p, 2)  # from csv prices.csv
    if not p.expects("STRING") or p.expects_value:
        return None
    if p.here.kind not in (Kind.WORD, Kind.INSTANT, Kind.QUOTED) and p.here.text not in "/.@~":
        return None
    if p.at_end or (p.at == 1 and p.lexemes[0].text not in item_words(p.kind)):
        return None
    return _quotes(p, p.at)


def _quotes(p: Place, first: int) -> Diagnostic | None:
    begin, last = p.lexemes[first], p.rest_of_line(first)
    if last.kind is Kind.OPEN:
        return None
    text = p.text(begin, last)
    word = p.lexemes[first - 1].text
    shown = text if '"' not in text else "..."
    return catalog.MISSING_QUOTES.at(
        p.span(begin, last), f"the text after `{word}` stands in quotes"
    ).help(f'write `{word} "{shown}"`')


def missing_separator(p: Place) -> Diagnostic | None:
    """``f(a b)``, ``[1 2]``."""
    if not (p.expects("COMMA") and p.may_begin_value):
        return None
    if not (p.expects("RPAR") or p.expects("RSQB")):
        return None
    return catalog.SYNTAX.at(p.place, f"`,` is missing before `{p.here.text}`").help(
        f"write `{p.before.text}, {p.here.text}`"
    )


def missing_operator(p: Place) -> Diagnostic | None:
    """``x = a b(c)``: the second of two values in a line reads as the next item."""
    second, first = p.before, p.near(-2)
    if p.at < 3 or second.kind not in NAMES or second.text in RESERVED | CLAUSES:
        return None
    if p.line_of(first) != p.line_of(second):
        return None
    if first.kind not in (*NAMES, Kind.NUMBER, Kind.STRING, Kind.CLOSE) or first.text in CLAUSES:
        return None
    if p.at_end and second.text in item_words(p.kind):
        return None  # an attribute without its value
    if first.text in RESERVED or p.kind in ("head", "file"):
        return None
    return catalog.SYNTAX.at(
        p.span(second), f"unexpected `{second.text}` after `{first.text}`"
    ).help("an operator or a comma is missing between the two; or the next item begins too early")


def missing_value(p: Place) -> Diagnostic | None:
    """``a +`` at the end, ``f(, b)``, ``x =``."""
    if not p.expects_value or p.may_begin_value:
        return None
    if p.before.start < 0 or p.here.kind in (Kind.STRING, Kind.NUMBER):
        return None
    after = p.before.text
    if p.at_end:
        return catalog.SYNTAX.at(p.place, f"a value is missing after `{after}`")
    return catalog.SYNTAX.at(p.place, f"a value is missing between `{after}` and `{p.here.text}`")
