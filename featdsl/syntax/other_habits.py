"""Messages for views, data sets, tests, constants and bodies that are written as elsewhere."""

from __future__ import annotations

from featdsl.diagnostics import catalog
from featdsl.diagnostics.model import Diagnostic
from featdsl.syntax.literals import unit_meant
from featdsl.syntax.place import NAMES, Place
from featdsl.syntax.scan import Kind

_BODIES = frozenset({"entity", "source", "view", "features", "labels", "dataset", "test"})
_KINDS_OF_JOIN = frozenset({"left", "right", "inner", "outer", "full", "cross"})
_EVERY = {"hourly": "1h", "daily": "1d", "weekly": "1w", "monthly": "1month", "yearly": "1year"}


def body_without_brace(p: Place) -> Diagnostic | None:
    """``features g for e from s:`` and lines that are only indented."""
    if p.kind != "head" or not p.lexemes or p.lexemes[0].text not in _BODIES:
        return None
    if not p.expects("LBRACE") or len(p.lexemes) < 2:
        return None
    next_line = p.before.start >= 0 and not p.at_end and p.line_of(p.here) > p.line_of(p.before)
    if p.here.text != ":" and not next_line:
        return None
    if p.here.text == ":" and p.after.kind in NAMES and p.line_of(p.after) == p.line_of(p.here):
        return None
    head = p.text(p.lexemes[0], p.before)
    return catalog.SYNTAX.at(
        p.place if p.here.text == ":" else p.span(p.before), "a body stands in braces"
    ).help(f"write `{head} {{`, and `}}` behind the last line; indentation means nothing")


def join_of_sql(p: Place) -> Diagnostic | None:
    """``left join s as p``, ``join s p on``, ``join s as p using (k)``."""
    if p.kind != "view" or not p.lexemes:
        return None
    first, following = p.lexemes[0].text.lower(), p.context.scan.lexemes
    after = following[p.context.chunk.first + 1 :][:1]
    if first in _KINDS_OF_JOIN and after and after[0].text.lower() in ("join", "outer"):
        found = catalog.SQL_STATEMENT.at(p.span(p.lexemes[0]), f"there is no `{first} join`")
        return found.help(
            f"take `{first}` out: a row without a match stays, until `where p.key is not null`"
        )
    if first != "join":
        return None
    if p.here.kind in NAMES and p.after.text == "on" and p.expects("AS"):
        found = catalog.SYNTAX.at(p.place, "a join is named with `as`")
        return found.help(f"write `{p.text(p.lexemes[0], p.before)} as {p.here.text} on`")
    if p.here.text == "using" and p.expects("ON"):
        key = next((x.text for x in p.lexemes[p.at + 1 :] if x.kind in NAMES), "key")
        found = catalog.SYNTAX.at(p.place, "a join says what is equal with `on`")
        return found.help(f"write `on {key} = {p.before.text}.{key}`")
    return None


def items_of_views(p: Place) -> Diagnostic | None:
    """``x = a + 1``, ``filter a > 1``, ``order by a``, ``select a`` in a view."""
    if p.kind != "view" or not p.lexemes:
        return None
    first = p.lexemes[0]
    if p.at == 1 and p.here.text == "=" and first.kind in NAMES:
        rest = p.text(first, p.rest_of_line(0))
        found = catalog.UNKNOWN_ITEM.at(p.span(first), "a value gets its name by `let` in a view")
        return found.help(f"write `let {rest}`")
    if first.text == "let" and len(p.lexemes) > 3 and p.lexemes[2].text == ":":
        if "=" in (x.text for x in p.lexemes[:6]) or p.here.text not in "+-*/,(.":
            return None
        rest = p.text(p.lexemes[3], p.rest_of_line(3))
        found = catalog.MISSING_EQUALS.at(p.span(p.lexemes[2]), "`:` stands before a type")
        return found.help(f"write `let {p.lexemes[1].text} = {rest}`")
    word = first.text.lower()
    if word in ("filter", "having"):
        rest = p.text(first, p.rest_of_line(0))[len(word) :].strip()
        found = catalog.UNKNOWN_ITEM.at(p.span(first), f"`{first.text}` begins no item of a `view`")
        return found.help(f"write `where {rest}`")
    if word == "order":
        found = catalog.SQL_STATEMENT.at(p.span(first), "rows of a view have no order of their own")
        return found.help("aggregates that need an order take that of the rows' time: `last(x)`")
    if word == "select":
        found = catalog.SQL_STATEMENT.at(p.span(first), "a view has all columns of its rows")
        return found.help("leave it out, and name what is calculated: `let x = a + b`")
    return None


def head_of_view(p: Place) -> Diagnostic | None:
    """``view v = s``, ``view v from s where a { }``."""
    if p.kind != "head" or not p.lexemes or p.lexemes[0].text != "view" or p.at < 2:
        return None
    if p.here.text == "=":
        rest = p.after.text or "s"
        found = catalog.SYNTAX.at(p.place, "a view names its rows with `from`")
        return found.help(f"write `view {p.before.text} from {rest} {{ }}`")
    if p.here.text in ("where", "join", "let"):
        found = catalog.MISPLACED.at(p.place, f"`{p.here.text}` stands in the body of a view")
        return found.help(f"write `{p.text(p.lexemes[0], p.before)} {{ {p.here.text} … }}`")
    return None


def items_of_datasets(p: Place) -> Diagnostic | None:
    """``spine s on t``, ``spine daily``, ``split 80/20``, ``labels x``, ``include *``."""
    if p.kind != "dataset" or not p.lexemes:
        return None
    word, here = p.lexemes[0].text, p.here.text
    meant = {"labels": "label", "features": "include", "target": "label", "rows": "spine"}.get(word)
    if meant is not None:
        return catalog.UNKNOWN_ITEM.at(
            p.span(p.lexemes[0]), f"`{word}` begins no item of a `dataset`"
        ).help(f"write `{p.text(p.lexemes[0], p.rest_of_line(0)).replace(word, meant, 1)}`")
    if word == "include" and here == "*":
        found = catalog.SYNTAX.at(p.place, "features are included by their groups")
        return found.help("write `include g.*` for each group `g`")
    if word == "split":
        return _split(p)
    if word != "spine":
        return None
    if p.near(-1).text == "from" and p.at == 2:
        return catalog.SYNTAX.at(p.span(p.before), "a spine is named without `from`").help(
            f"write `spine {p.text(p.here, p.rest_of_line(2))}`"
        )
    if p.lexemes[1].text in _EVERY and p.at >= 2:
        rest = p.text(p.lexemes[1], p.rest_of_line(1)).replace(p.lexemes[1].text, "", 1)
        return catalog.SYNTAX.at(p.span(p.lexemes[1]), "a grid says its step with `every`").help(
            f"write `spine every {_EVERY[p.lexemes[1].text]}{rest}`"
        )
    if p.expects("AT") and (p.at_end or p.after.kind in NAMES):
        column = "t" if p.at_end else p.after.text
        return catalog.SYNTAX.at(
            p.place, "a spine says with `at` which column holds its times"
        ).help(f"write `spine {p.lexemes[1].text} at {column}`")
    if p.expects("TO") and here in ("until", "till", "through", "-"):
        return catalog.SYNTAX.at(p.place, "a grid ends with `to`").help(
            f"write `to {p.after.text}`"
        )
    return None


def _split(p: Place) -> Diagnostic | None:
    if p.at == 1 and p.here.kind is Kind.NUMBER:
        return catalog.SYNTAX.at(p.place, "a split says by what").help(
            "write `split by time at @2024-06-01`, or by a key, `split by customer_id at 80%`"
        )
    if p.here.kind is Kind.NUMBER and p.here.text.startswith("0."):
        share = f"{p.here.text[2:].ljust(2, '0')}%"
        if share[:-1].isdigit() and len(share) == 3:
            return catalog.SYNTAX.at(p.place, "a share is a percentage").help(f"write `{share}`")
    if p.expects("AT") and p.here.kind in (Kind.NUMBER, Kind.INSTANT):
        cut = p.text(p.here, p.rest_of_line(p.at))
        if p.here.kind is Kind.NUMBER and "%" not in cut:
            cut = f"@{cut}"
        return catalog.SYNTAX.at(p.place, "`at` is missing before the cut").help(
            f"write `at {cut}`"
        )
    return None


def items_of_tests(p: Place) -> Diagnostic | None:
    """``as of @2024-01-01``, ``expect g``, ``test t {``."""
    if p.kind == "head" and p.lexemes and p.lexemes[0].text == "test" and p.at == 1:
        if p.here.kind not in NAMES:
            return None
        found = catalog.MISSING_QUOTES.at(p.place, "a test's name stands in quotes")
        return found.help(f'write `test "{p.here.text}" {{`')
    if p.kind != "test" or not p.lexemes:
        return None
    if p.before.text == "as" and p.here.text == "of":
        found = catalog.SYNTAX.at(p.span(p.before, p.here), "the as-of time of a test follows `at`")
        return found.help(f"write `at {p.after.text}`")
    word = p.lexemes[0].text
    meant = {"expect": "then", "when": "at", "as": "at", "as_of": "at", "with": "given"}.get(word)
    if meant is None:
        return None
    rest = p.text(p.lexemes[0], p.rest_of_line(0))[len(word) :].strip().removeprefix("of ")
    return catalog.UNKNOWN_ITEM.at(
        p.span(p.lexemes[0]), f"`{word}` begins no item of a `test`"
    ).help(f"write `{meant} {rest}`")


def names_of_values(p: Place) -> Diagnostic | None:
    """``param x = 5``, ``param $x: int``, ``fn f(x: int) { return x }``, ``fn f(x) -> int``."""
    if p.kind != "head" or not p.lexemes or p.lexemes[0].text not in ("param", "fn", "const"):
        return None
    word, here = p.lexemes[0].text, p.here.text
    if p.here.kind is Kind.PARAM and p.at == 1:
        found = catalog.BAD_NAME.at(p.place, f"the name of a {word} is declared without `$`")
        return found.help(f"write `{word} {here.removeprefix('$')}`")
    if word == "param" and p.at == 2 and p.expects("COLON"):
        found = catalog.SYNTAX.at(p.place, "a parameter has a type")
        typed = here if p.here.kind is Kind.WORD else "int"
        return found.help(f"write `param {p.before.text}: {typed} = …`")
    if word == "fn" and here == "->":
        found = catalog.FOREIGN_OPERATOR.at(p.place, "a type stands behind `:`")
        return found.help(f"write `: {p.after.text}`")
    if word == "fn" and here == "{":
        found = catalog.SYNTAX.at(p.place, "a function is one expression")
        return found.help(f"write `{p.text(p.lexemes[0], p.before)} = …`")
    return None


def not_null(p: Place) -> Diagnostic | None:
    """``x not null``."""
    if p.here.text.lower() != "null" or p.before.text != "not" or not p.expects("BETWEEN"):
        return None
    return catalog.SYNTAX.at(p.span(p.before, p.here), "`is` is missing").help(
        "write `is not null`"
    )


def window_ahead(p: Place) -> Diagnostic | None:
    """``over following 30d``, ``over -30d``."""
    if p.before.text != "over" or p.kind not in ("labels", "features", "template"):
        return None
    if p.here.text not in ("following", "coming", "upcoming", "future", "-", "+"):
        return None
    length = p.after.text
    unit = length.lstrip("0123456789_")
    if p.after.kind is not Kind.NUMBER or unit_meant(unit) is None:
        return None
    found = catalog.SYNTAX.at(p.span(p.here, p.after), "this is no window")
    if p.kind == "labels":
        return found.help(f"write `over next {length}`")
    return found.help(f"write `over {length}`: it ends at the as-of time")


OTHER_HABITS = (
    body_without_brace,
    join_of_sql,
    head_of_view,
    items_of_views,
    items_of_datasets,
    items_of_tests,
    names_of_values,
    not_null,
    window_ahead,
)
