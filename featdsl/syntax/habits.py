"""Messages for what people bring from SQL and other languages: one rule a habit."""

from __future__ import annotations

from featdsl.diagnostics import catalog
from featdsl.diagnostics.model import Diagnostic
from featdsl.syntax import grammar
from featdsl.syntax.literals import unit_meant
from featdsl.syntax.place import NAMES, Place
from featdsl.syntax.scan import Kind, Lexeme
from featdsl.syntax.words import RESERVED
from featdsl.text.span import Span

_COMPARISONS = frozenset({"=", "!=", "<>", "<", "<=", ">", ">="})
_OPERATORS = {
    "&&": "write `and`",
    "&": "write `and`",
    "||": "write `concat(a, b)` to join texts, `or` between conditions",
    "!": "write `not`",
    "~": "write `not`, or `matches` for regular expressions",
    "**": "write `power(a, b)`",
    "^": "write `power(a, b)`",
    "::": "write `cast(x as int)`",
    ":=": "write `=`",
    "=>": "write `name: value` for a named argument",
    "->": "a part of a value is a column of its own where the data are made",
    "?": "write `if c then a else b`",
    "===": "write `=`",
}

_SQL_CLAUSES = frozenset({"having", "limit", "union", "inner", "left", "right", "outer", "qualify"})


def foreign_comment(p: Place) -> Diagnostic | None:
    """``-- words``, ``// words``, ``/* … */``: words in a row after the sign."""
    first = next((i for i in range(p.at + 1) if _comment_sign(p, i)), None)
    if first is None or first >= len(p.lexemes):
        return None
    sign = p.lexemes[first]
    if not p.at_end and p.line_of(sign) != p.line_of(p.here):
        return None
    if sign.text != "/*" and first > 0 and not _two_words(p, first):
        return None
    shown = "--" if sign.text == "-" else sign.text
    span = p.span(sign)
    return (
        catalog.FOREIGN_COMMENT.at(
            Span(span.source, span.start, span.start + 2), f"`{shown}` begins no comment"
        )
        .help("a comment begins with `#` and goes on to the end of the line")
        .note("`##` begins a doc comment: it belongs to the declaration below it")
    )


def _comment_sign(p: Place, i: int) -> bool:
    if i >= len(p.lexemes):
        return False
    sign = p.lexemes[i]
    following = p.lexemes[i + 1] if i + 1 < len(p.lexemes) else None
    return sign.text in ("//", "/*") or (
        sign.text == "-"
        and following is not None
        and following.text == "-"
        and following.start == sign.end
    )


def _two_words(p: Place, sign: int) -> bool:
    """Whether two words stand in a row after a sign, as they never do in an expression."""
    line = p.line_of(p.lexemes[sign])
    run = 0
    for lexeme in p.lexemes[sign + 1 :]:
        if p.line_of(lexeme) != line:
            break
        run = run + 1 if lexeme.kind is Kind.WORD else 0
        if run == 2:
            return True
    return False


def double_equals(p: Place) -> Diagnostic | None:
    if p.here.text != "==":
        return None
    found = catalog.DOUBLE_EQUALS.at(p.place, "`==` is no operator").mended("==", "=")
    return found.help("comparison is written with one sign: `a = b`")


def foreign_operator(p: Place) -> Diagnostic | None:
    remedy = _OPERATORS.get(p.here.text)
    if remedy is None:
        return None
    return catalog.FOREIGN_OPERATOR.at(p.place, f"`{p.here.text}` is no operator").help(remedy)


def percent_operator(p: Place) -> Diagnostic | None:
    if p.here.text == "%":
        simple = p.before.kind in (*NAMES, Kind.NUMBER) and p.after.kind in (*NAMES, Kind.NUMBER)
        left, right = (p.before.text, p.after.text) if simple else ("a", "b")
        sign = p.here
    elif p.before.text.endswith("%") and p.before.kind is Kind.NUMBER and p.may_begin_value:
        left, right, sign = p.before.text[:-1], p.here.text, p.before
    else:
        return None
    place = Span(p.context.source, sign.end - 1, sign.end)
    return catalog.PERCENT_OPERATOR.at(place, "`%` is no operator").help(
        f"the remainder is `mod({left}, {right})`; `15%` is the number 0.15"
    )


def sql_window(p: Place) -> Diagnostic | None:
    if p.before.text.lower() != "over" or p.here.text != "(":
        return None
    return (
        catalog.SQL_WINDOW.at(p.span(p.before, p.here), "a window is not an SQL `over (...)`")
        .note("rows are those of the entity already; no partition is named")
        .help("write how far back the rows go: `over 30d`, or `over lifetime` for all")
    )


def sql_statement(p: Place) -> Diagnostic | None:
    for i in range(min(p.at + 1, len(p.lexemes))):
        following = p.lexemes[i + 1].text if i + 1 < len(p.lexemes) else ""
        if p.lexemes[i].text.lower() == "select" and following not in ("=", ":", "[", ".", ")"):
            return catalog.SQL_STATEMENT.at(
                p.span(p.lexemes[i]), "an SQL statement cannot stand here"
            ).help("write the expression alone: `name = sum(amount) over 30d`")
    for word, by in ((p.here, p.after), (p.before, p.here)):
        if word.text.lower() in ("group", "order", "partition") and by.text.lower() == "by":
            return (
                catalog.SQL_STATEMENT.at(
                    p.span(word, by), f"`{word.text} {by.text}` is no clause of a feature"
                )
                .help("values are one for each entity already: leave it out")
                .help(
                    "of each category a value is `sum(x by category)`, of groups of rows one is "
                    "`avg(sum(x) per basket_id)`"
                )
            )
    if p.here.text.lower() in _SQL_CLAUSES:
        return catalog.SQL_STATEMENT.at(p.place, f"`{p.here.text}` is no clause here").help(
            "rows are joined and filtered in a `view`: `join`, `where`"
        )
    return None


def name_after_value(p: Place) -> Diagnostic | None:
    """``sum(amount) as spend``, also ``spend = sum(amount) as spend``."""
    if p.kind not in ("features", "labels", "template", "view"):
        return None
    i = next((k for k, x in enumerate(p.lexemes) if _alias(p, k, x) and k >= p.at), None)
    if i is None:
        return None
    sign, name = p.lexemes[i], p.lexemes[i + 1]
    first = p.lexemes[0]
    headed = len(p.lexemes) > 1 and p.lexemes[1].text in ("=", "[", ":")
    message = "a name stands before its value, not after it"
    diagnostic = catalog.NAME_AFTER_VALUE.at(p.span(sign, name), message)
    if headed or p.kind == "view":
        return diagnostic.help(f"take `as {name.text}` out")
    return diagnostic.help(f"write `{name.text} = {p.text(first, p.lexemes[i - 1])}`")


def _alias(p: Place, k: int, lexeme: Lexeme) -> bool:
    if lexeme.text.lower() != "as" or not 0 < k < len(p.lexemes) - 1:
        return False
    depth = sum((x.kind is Kind.OPEN) - (x.kind is Kind.CLOSE) for x in p.lexemes[:k])
    return depth == 0 and p.lexemes[k + 1].kind in NAMES


def chained_comparison(p: Place) -> Diagnostic | None:
    if p.here.text not in _COMPARISONS or not {"AND", "OR"} <= p.expected:
        return None
    if p.expects("EQ") or p.expects("CMP"):
        return None
    first = _comparison_before(p)
    diagnostic = catalog.CHAINED_COMPARISON.at(p.place, "comparisons do not chain")
    if first is not None:
        diagnostic = diagnostic.because(p.span(first), "the first comparison")
    return diagnostic.help("write `a < b and b < c`, or `b between a and c`")


def _comparison_before(p: Place) -> Lexeme | None:
    depth = 0
    for lexeme in reversed(p.lexemes[: p.at]):
        depth += (lexeme.kind is Kind.CLOSE) - (lexeme.kind is Kind.OPEN)
        if depth < 0:
            return None
        if depth == 0 and lexeme.text in _COMPARISONS:
            return lexeme
    return None


def round_list(p: Place) -> Diagnostic | None:
    """``in ("a", "b")``, read up to its comma: one value in parentheses is an expression."""
    first = _bracket_round(p)
    if first is None or p.here.text not in (",", ")"):
        return None
    opened = p.lexemes[first]
    if opened.text != "(" or p.lexemes[first - 1].text.lower() != "in":
        return None
    depth, last = 0, p.at
    for k in range(first, len(p.lexemes)):
        depth += (p.lexemes[k].kind is Kind.OPEN) - (p.lexemes[k].kind is Kind.CLOSE)
        if depth == 0:
            last = k
            break
    inside = p.text(opened, p.lexemes[last])[1:-1]
    return catalog.ROUND_LIST.at(
        p.span(opened, p.lexemes[last]), "a list stands in square brackets"
    ).help(f"write `in [{inside}]`")


def _bracket_round(p: Place) -> int | None:
    """Where the innermost bracket opens that is open here."""
    depth = 0
    for k in range(p.at - 1, 0, -1):
        depth += (p.lexemes[k].kind is Kind.CLOSE) - (p.lexemes[k].kind is Kind.OPEN)
        if depth < 0:
            return k
    return None


def keyword_case(p: Place) -> Diagnostic | None:
    """``a AND b``, ``CASE WHEN``, ``IS NOT NULL``."""
    keywords = RESERVED | set(grammar.keywords().values())
    for lexeme in (p.before, p.here):
        lower = lexeme.text.lower()
        if lexeme.kind is Kind.WORD and lexeme.text != lower and lower in keywords:
            found = catalog.KEYWORD_CASE.at(
                p.span(lexeme), f"`{lexeme.text}` is no keyword: keywords are in lower case"
            )
            return found.mended(lexeme.text, lower).help(f"write `{lower}`")
    return None


def interval(p: Place) -> Diagnostic | None:
    """``interval '30' day``, ``30 days``, ``over 30``."""
    number, word = p.here, p.after
    if p.here.text.lower() == "interval" and p.after.kind in (Kind.STRING, Kind.NUMBER):
        number, word, start = p.after, p.near(2), p.here
    elif p.before.text.lower() == "interval" and p.here.kind in (Kind.STRING, Kind.NUMBER):
        start = p.before
    elif p.here.kind is Kind.WORD and p.before.kind is Kind.NUMBER and p.before.text.isdigit():
        number, word, start = p.before, p.here, p.before
        if unit_meant(word.text) is None:
            return None
    elif p.here.kind is Kind.NUMBER and _wants_duration(p):
        start = p.here
    else:
        return None
    digits = "".join(x for x in number.text if x.isdigit()) or "30"
    unit = unit_meant(number.text.strip("'\"0123456789 ") or word.text)
    last = word if unit is not None and word.kind is Kind.WORD else number
    diagnostic = catalog.BAD_DURATION.at(
        p.span(start, last), "a duration is a number and its unit in one word"
    )
    if unit == "":
        return diagnostic.help(f"write `{digits}min` or `{digits}month`")
    return diagnostic.help(f"write `{digits}{unit or 'd'}`")


def _wants_duration(p: Place) -> bool:
    """Whether nothing but a duration makes sense; behind a name one may stand before `ago`."""
    if not p.expects("DURATION") or p.expects("INT"):
        return False
    return p.after.text == "ago" or not p.expects("SIGN")


def number_without_zero(p: Place) -> Diagnostic | None:
    if p.here.text != "." or p.after.kind is not Kind.NUMBER or not p.expects("NUMBER"):
        return None
    return catalog.BAD_NUMBER.at(p.span(p.here, p.after), "a number begins with a digit").help(
        f"write `0.{p.after.text}`"
    )


def colon_parameter(p: Place) -> Diagnostic | None:
    """``:name``, ``${name}``, ``{name}`` where a parameter is meant."""
    if not p.expects("PARAM"):
        return None
    name = p.after
    if p.here.text == ":" and name.kind is Kind.WORD:
        found = p.span(p.here, name)
    elif p.here.text == "{" and name.kind is Kind.WORD and p.near(2).text == "}":
        found = p.span(p.here, p.near(2))
    elif p.here.text == "$":
        found = p.span(p.here)
        name = p.near(2) if p.after.text == "{" else p.after
    else:
        return None
    shown = name.text if name.kind is Kind.WORD else "name"
    return catalog.FOREIGN_OPERATOR.at(found, "a parameter is written with a dollar").help(
        f"write `${shown}`"
    )


SIGNS = (
    foreign_comment,
    double_equals,
    percent_operator,
    sql_window,
    sql_statement,
)

HABITS = (
    foreign_operator,
    name_after_value,
    chained_comparison,
    round_list,
    interval,
    number_without_zero,
    colon_parameter,
)
