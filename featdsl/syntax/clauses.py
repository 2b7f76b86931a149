"""Messages for clauses of aggregates that stand, or are written, as in other languages."""

from __future__ import annotations

from featdsl.diagnostics import catalog
from featdsl.diagnostics.model import Diagnostic
from featdsl.syntax.literals import unit_meant
from featdsl.syntax.missing import GROUPS
from featdsl.syntax.place import NAMES, Place
from featdsl.syntax.scan import Kind, Lexeme
from featdsl.syntax.words import CLAUSES, RESERVED

_GOES_ON = frozenset(
    {"+", "-", "*", "/", "//", "??", "=", "!=", "<>", "<", "<=", ">", ">=", ",", ")"}
    | {"and", "or", "then", "else", "is", "in", "between", "like", "matches", "when", "end"}
)
_OF_WINDOWS = frozenset(
    {"last", "events", "in", "since", "start", "of", "lifetime", "next", "aligned"}
    | {"..", "..=", "<..", "<..="}
)
_BACK = frozenset({"last", "past", "previous", "prior", "preceding", "trailing", "the"})
_INSTEAD_OF_OVER = frozenset({"for", "in", "within", "during", "last", "past", "window", "since"})
_UNITS = frozenset({"minute", "hour", "day", "week", "month", "quarter", "year"})
_EVER = frozenset({"all", "ever", "everything", "*", "always", "unbounded", "forever"})


def clause_of_a_call(p: Place) -> Diagnostic | None:
    """``sum(a) over 7d / 2``: what belongs to one aggregate stands behind its parentheses."""
    if p.kind not in GROUPS or (p.at_end and p.at < 3):
        return None
    i = _clause_before(p)
    if i is None:
        return None
    call = _call_before(p, i)
    if call is None:
        return None
    word, (name, inside) = p.lexemes[i], call
    written = _clause(p, i)
    if word.text == "per":
        remedy = f"avg({name}({inside}) {written})"
    else:
        remedy = f"{name}({f'{inside} {written}'.strip()})"
    what = {"over": "the window", "per": "what groups the rows", "by": "what parts the rows"}
    return catalog.MISPLACED.at(
        p.span(word), f"{what[word.text]} of one aggregate stands in its parentheses"
    ).help(f"write `{remedy}`")


def _clause_before(p: Place) -> int | None:
    """Index of the `over`, `per` or `by` behind a call that is refused, or is gone on with."""
    if p.here.text in ("over", "per", "by") and p.before.text == ")":
        return p.at
    if p.here.text not in _GOES_ON:
        return None
    depth = 0
    for i in range(p.at - 1, 1, -1):
        lexeme = p.lexemes[i]
        depth += (lexeme.kind is Kind.CLOSE) - (lexeme.kind is Kind.OPEN)
        if depth < 0:
            return None
        if depth == 0 and lexeme.text in ("over", "per", "by") and p.lexemes[i - 1].text == ")":
            return i if i + 1 < p.at else None
    return None


def _call_before(p: Place, i: int) -> tuple[str, str] | None:
    """Name and arguments of the call whose parenthesis closes before `i`."""
    depth = 0
    for k in range(i - 1, 0, -1):
        depth += (p.lexemes[k].kind is Kind.CLOSE) - (p.lexemes[k].kind is Kind.OPEN)
        if depth == 0:
            name = p.lexemes[k - 1]
            if name.kind is not Kind.WORD or name.text in RESERVED | CLAUSES:
                return None
            inside = p.text(p.lexemes[k], p.lexemes[i - 1])[1:-1]
            return name.text, "" if inside == "*" else inside
    return None


def _clause(p: Place, i: int) -> str:
    """The clause that begins at `i`, as far as it goes."""
    depth, last = 0, i
    for k in range(i + 1, len(p.lexemes)):
        lexeme = p.lexemes[k]
        depth += (lexeme.kind is Kind.OPEN) - (lexeme.kind is Kind.CLOSE)
        if depth < 0 or (depth == 0 and lexeme.text in ("where", "default", "{")):
            break
        if p.lexemes[i].text == "over":
            length = lexeme.kind in (Kind.NUMBER, Kind.PARAM)
            if not (length or lexeme.text in _OF_WINDOWS or lexeme.text in _UNITS):
                break
        elif depth == 0 and lexeme.kind is not Kind.CLOSE and lexeme.text in _GOES_ON - {","}:
            break
        last = k
    return p.text(p.lexemes[i], p.lexemes[last])


def window_words(p: Place) -> Diagnostic | None:
    """``over last 7d``, ``over "7d"``, ``over [7d]``, ``over this month``, ``in last 7d``."""
    i = next((k for k in range(min(p.at, len(p.lexemes) - 1), -1, -1) if _over(p, k)), None)
    if i is None or p.kind not in (*GROUPS, "head"):
        return None
    line = p.line_of(p.lexemes[i])
    said = tuple(x for x in p.lexemes[i + 1 :] if p.line_of(x) == line)
    remedy = _window_meant(p.lexemes[i], said)
    if remedy is None:
        return None
    last = said[-1] if said else p.lexemes[i]
    for k, lexeme in enumerate(said[1:], 1):
        if lexeme.text in ("where", "default", "{", ")", ",", "}"):
            last = said[k - 1]
            break
    return catalog.SYNTAX.at(p.span(p.lexemes[i], last), "this is no window").help(
        f"write `{remedy}`"
    )


def _over(p: Place, k: int) -> bool:
    lexeme = p.lexemes[k]
    if lexeme.text == "over":
        return k > 0
    before = p.lexemes[k - 1] if k > 0 else lexeme
    return lexeme.text in _INSTEAD_OF_OVER and before.text == ")"


def _window_meant(over: Lexeme, said: tuple[Lexeme, ...]) -> str | None:
    """The window that words behind `over` (or in place of it) probably mean."""
    words = [x.text.lower() for x in said]
    if not words:
        return None
    if said[0].kind is Kind.STRING:
        length = _length(said[0].text.strip("'\" ").split())
        return f"over {length}" if length else None
    if words[0] == "[":
        inner = words[1 : words.index("]")] if "]" in words else words[1:]
        if "," in inner:
            return f"name[{' '.join(inner).replace(' ,', ',')}] = …"
        return f"over {' '.join(inner)}" if inner else None
    skipped = 0
    while skipped < len(words) and words[skipped] in _BACK | {"in", "for"}:
        skipped += 1
    rest = words[skipped:]
    if skipped or over.text != "over":
        length = _length(rest)
        if length and "events" not in rest[:2]:
            return f"over {length}"
    if words[:3] == ["since", "start", "of"] and over.text == "over":
        return None
    if words[0] in _EVER:
        return "over lifetime"
    if words[0] == "aligned" and _length(words[1:]):
        return f"over {_length(words[1:])} aligned 1d"
    unit = next((w for w in words[:4] if w in _UNITS), None)
    length = _length(words[:1])
    if length and words[1:2] == ["aligned"] and unit is not None:
        return f"over {length} aligned {_STEPS.get(unit, f'1{unit}')}"
    starts = {"since", "this", "current", "the", "start", "of", "to", "from", "beginning"} | _UNITS
    if unit is not None and set(words[: words.index(unit)]) <= starts:
        return f"over since start of {unit}"
    if words[0] == "today":
        return "over since start of day"
    return None


_STEPS = {"day": "1d", "week": "1w", "hour": "1h", "minute": "1min"}


def _length(words: list[str]) -> str | None:
    """``7d``, ``7 days`` and ``7days`` as a length of time."""
    if not words:
        return None
    digits = "".join(c for c in words[0] if c.isdigit())
    unit = words[0].lstrip("0123456789_") or (words[1] if len(words) > 1 else "")
    meant = unit_meant(unit) if digits and words[0][0].isdigit() else None
    return f"{digits}{meant}" if meant else None


def condition_of_a_call(p: Place) -> Diagnostic | None:
    """``sum(a) if p``, ``sum(a if p)``, ``count() filter (where p)``."""
    if p.kind not in GROUPS:
        return None
    for i in (p.at - 1, p.at):
        word = p.lexemes[i] if 0 < i < len(p.lexemes) else None
        if word is None or i < 3 or p.lexemes[i - 1].kind not in (*NAMES, Kind.CLOSE):
            continue
        if word.text == "if":
            found = catalog.MISPLACED.at(
                p.span(word), "`if` chooses between values; rows are chosen by `where`"
            )
            return found.help("write `where`: `sum(x where paid)`")
        if word.text.lower() == "filter":
            call = _call_before(p, i)
            inner = (
                p.text(p.lexemes[i + 1], p.rest_of_line(i))[1:] if i + 1 < len(p.lexemes) else ""
            )
            if call is None or not inner.lower().startswith("where "):
                continue
            condition = inner[6:].split(")")[0].strip()
            remedy = f"{call[0]}({f'{call[1]} where {condition}'.strip()})"
            found = catalog.MISPLACED.at(
                p.span(word), "a condition stands in the parentheses of its aggregate"
            )
            return found.help(f"write `{remedy}`")
    return None


def if_without_else(p: Place) -> Diagnostic | None:
    if p.expected != {"ELSE"} and not (p.expects("ELSE") and p.here.text in (")", ",")):
        return None
    place = p.place
    return catalog.SYNTAX.at(place, "`if` has no `else`").help(
        "write `if c then a else null`; rows are chosen by `where`: `sum(x where paid)`"
    )


def is_true(p: Place) -> Diagnostic | None:
    """``where paid is true``."""
    before = p.before.text if p.before.text != "not" else p.near(-2).text
    if p.here.text.lower() not in ("true", "false") or before != "is" or not p.expects("NULL"):
        return None
    word, negated = p.here.text.lower(), p.before.text == "not"
    if negated:
        remedy = "write `not x or x is null`" if word == "true" else "write `x or x is null`"
    else:
        remedy = "write the condition alone: `where x`" if word == "true" else "write `not x`"
    return catalog.SYNTAX.at(p.place, "a condition stands alone; `is` asks for null only").help(
        remedy
    )


def value_after_in(p: Place) -> Diagnostic | None:
    """``in "a"``, ``in {"a", "b"}``."""
    if p.before.text != "in" or not p.expects("LSQB"):
        return None
    if p.here.kind in (Kind.STRING, Kind.NUMBER, Kind.INSTANT):
        remedy = f"write `in [{p.here.text}]`, or `= {p.here.text}`"
        return catalog.ROUND_LIST.at(p.place, "a list stands in square brackets").help(remedy)
    if p.here.text != "{":
        return None
    return catalog.ROUND_LIST.at(p.place, "a list stands in square brackets").help(
        'write `in ["a", "b"]`'
    )


def pairs_counted(p: Place) -> Diagnostic | None:
    """``count(distinct a, b)``."""
    if p.here.text != "," and p.after.text != ",":
        return None
    i = next((k for k in range(p.at, 0, -1) if p.lexemes[k - 1].text.lower() == "distinct"), None)
    if i is None or i < 2 or p.lexemes[i - 2].text != "(":
        return None
    end = next((k for k in range(i, len(p.lexemes)) if p.lexemes[k].text == ")"), len(p.lexemes))
    columns = p.text(p.lexemes[i], p.lexemes[end - 1])
    return catalog.SYNTAX.at(
        p.span(p.lexemes[i], p.lexemes[end - 1]), "different values are those of one column"
    ).help(f"count groups of rows: `count(per {columns})`")


def one_key(p: Place) -> Diagnostic | None:
    """``sum(a by b, c)``."""
    if p.kind not in GROUPS or p.here.text != "," or p.near(-2).text != "by":
        return None
    found = catalog.SYNTAX.at(p.place, "a map has one key")
    return found.help(
        f"make one of the two, of texts: `by concat({p.before.text}, {p.after.text})`"
    )


def step_before_window(p: Place) -> Diagnostic | None:
    """``sum(a) aligned 1d over 7d``."""
    if p.kind not in GROUPS or p.here.text != "aligned" or p.before.text == "over":
        return None
    step, window = p.after.text, p.near(3).text if p.near(2).text == "over" else "7d"
    found = catalog.MISPLACED.at(p.place, "`aligned` belongs to a window, and stands behind it")
    return found.help(f"write `over {window} aligned {step}`")


def rows_of_a_feature(p: Place) -> Diagnostic | None:
    """``sum(amount) from lines``."""
    if p.kind not in GROUPS or p.here.text.lower() != "from" or p.at < 3:
        return None
    rows = p.after.text or "s"
    return catalog.MISPLACED.at(p.place, "a feature reads the rows of its group").help(
        f"rows are named in the head of the group: `features g for e from {rows} {{ … }}`"
    )


def ago_of_a_value(p: Place) -> Diagnostic | None:
    """``sum(amount) 7d ago``."""
    if p.here.kind is not Kind.NUMBER or p.after.text != "ago" or p.before.text != ")":
        return None
    return catalog.SYNTAX.at(p.span(p.here, p.after), "`ago` is asked of a feature").help(
        f"give the value a name, and write `name {p.here.text} ago` in another feature"
    )


CLAUSE_HABITS = (
    window_words,
    clause_of_a_call,
    condition_of_a_call,
    if_without_else,
    is_true,
    value_after_in,
    pairs_counted,
    ago_of_a_value,
    one_key,
    step_before_window,
    rows_of_a_feature,
)
