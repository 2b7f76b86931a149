"""Where the grammar refused, to the message for the mistake that was probably made.

`explain` asks the rules in order; the first that knows the mistake words it. A rule looks at the
lexemes around the place and at what the grammar would have taken there.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

from featdsl.diagnostics import catalog
from featdsl.diagnostics.model import Diagnostic
from featdsl.diagnostics.suggest import NearestName, nearest
from featdsl.syntax import expected as spoken
from featdsl.syntax import grammar
from featdsl.syntax.build import reserved_word
from featdsl.syntax.clauses import CLAUSE_HABITS
from featdsl.syntax.habits import HABITS, SIGNS, keyword_case
from featdsl.syntax.item_habits import ITEM_HABITS
from featdsl.syntax.missing import (
    GROUPS,
    instant,
    missing_equals,
    missing_operator,
    missing_quotes,
    missing_separator,
    missing_value,
    needless,
    needless_sign,
    table,
)
from featdsl.syntax.other_habits import OTHER_HABITS
from featdsl.syntax.place import NAMES, Context, Place
from featdsl.syntax.reader import Stop
from featdsl.syntax.scan import Kind, Lexeme
from featdsl.syntax.words import (
    ATTRIBUTES,
    DECLARATIONS,
    ITEMS,
    RESERVED,
    SKELETONS,
    item_words,
)

Rule = Callable[[Place], Diagnostic | None]

# What people call declarations elsewhere.
_MEANT = {
    "feature": "features",
    "label": "labels",
    "import": "use",
    "include": "use",
    "table": "source",
    "model": "consumer",
    "def": "fn",
    "function": "fn",
    "macro": "template",
    "let": "const",
    "var": "const",
    "parameter": "param",
    "package": "namespace",
    "module": "namespace",
}
# What people call the items of sources elsewhere.
_MEANT_ITEMS = {
    "primary_key": "key",
    "primary": "key",
    "id": "key",
    "schema": "columns",
    "fields": "columns",
    "event_time": "time",
    "timestamp": "time",
    "date": "time",
    "filter": "drop",
    "where": "drop",
}


def explain(stop: Stop, context: Context) -> Diagnostic:
    """The message for one refusal of the grammar."""
    place = Place(stop, context)
    for rule in RULES:
        diagnostic = rule(place)
        if diagnostic is not None:
            return diagnostic
    return _unexpected(place)


def explain_head(context: Context) -> Diagnostic:
    """The message for a piece of a file that no declaration's word begins."""
    place = Place(Stop(context.scan.lexemes[context.chunk.first].start, frozenset()), context)
    first, second = place.here, place.after
    for rule in (*SIGNS, *HABITS, keyword_case):
        diagnostic = rule(place)
        if diagnostic is not None:
            return diagnostic
    if first.text == ";":
        return needless(place)
    if first.kind is Kind.WORD:
        if second.text in ("=", "[") or first.text in ATTRIBUTES | {"for", "apply", "expect"}:
            return catalog.MISPLACED.at(
                place.span(first), f"`{first.text}` stands outside of a declaration"
            ).help("features are declared between the braces of `features g for e from s { ... }`")
        return _unknown_declaration(place, first, second)
    return catalog.SYNTAX.at(place.place, f"unexpected {_shown(first)}").help(
        "a declaration begins with a word: " + ", ".join(f"`{w}`" for w in _first_words())
    )


def meant_declaration(word: str) -> str | None:
    """The declaration that a word that begins none probably means."""
    return _MEANT.get(word.lower()) or nearest(word, DECLARATIONS)


def _first_words() -> list[str]:
    return ["source", "entity", "view", "features", "test"]


def _unknown_declaration(p: Place, word: Lexeme, name: Lexeme) -> Diagnostic:
    meant = meant_declaration(word.text)
    diagnostic = catalog.UNKNOWN_DECLARATION.at(
        p.span(word), f"`{word.text}` begins no declaration"
    )
    if word.text == "feature" and name.kind in NAMES:
        return diagnostic.help(
            f"features stand in a group: `features g for e from s {{ {name.text} = ... }}`"
        )
    if meant is not None:
        # Another language's word is replaced by a person: what follows it is another form, too.
        foreign = word.text.lower() in _MEANT
        return diagnostic.help(
            f"did you mean `{meant}`?" if foreign else NearestName.of(word.text, meant)
        )
    return diagnostic.help("declarations: " + ", ".join(f"`{w}`" for w in DECLARATIONS))


# --- rules


def _misplaced_declaration(p: Place) -> Diagnostic | None:
    """``source x { … }`` inside a body, ``feature x = …`` inside a group."""
    if p.kind in ("head", "file"):
        return None
    first = p.lexemes[0]
    following = p.context.scan.lexemes[p.context.chunk.first + 1 :]
    second = following[0] if following else first
    if first.text == "feature" and second.kind in NAMES and p.kind in GROUPS:
        return catalog.MISPLACED.at(
            p.span(first), "a feature is declared by its name, without a word before it"
        ).help(f"take `feature` out: `{second.text} = ...`")
    if (
        first.text in DECLARATIONS
        and first.text not in item_words(p.kind)
        and second.kind in (*NAMES, Kind.STRING)
        and p.at <= 2
    ):
        return catalog.MISPLACED.at(
            p.span(first, second), f"`{first.text}` cannot be declared inside another declaration"
        ).help("move it out of the braces; the braces above it may be closed too late")
    return None


def _reserved(p: Place) -> Diagnostic | None:
    word = p.here
    if word.text not in RESERVED or word.kind is not Kind.WORD:
        return None
    as_item = p.at == 0 and p.after.text in ("=", ":", "[")
    if not as_item and not (p.expects("NAME") and not _goes_on(p)):
        return None
    return reserved_word(word.text, p.place)


def _goes_on(p: Place) -> bool:
    """Whether a value is missing before a reserved word: ``a + and b``."""
    return p.expects_value and p.here.text in (
        "and", "or", "in", "is", "between", "like", "matches", "then", "else", "when", "end",
    ) and p.after.text not in ("", ")", ",", "=", "+", "-", "*", "/")  # fmt: skip


def _unknown_item(p: Place) -> Diagnostic | None:
    """``kepe last per id by at``: a word that begins no item of the body."""
    if p.kind not in ITEMS or not p.lexemes or p.at > 1:
        return None
    first = p.lexemes[0]
    if first.kind is not Kind.WORD or first.text in item_words(p.kind):
        return None
    if p.at == 1 and p.here.text in ("=", ":", "[", "(", ".") and p.kind not in SKELETONS:
        return None
    if p.kind in ("columns", "input"):
        return _column_without_type(p, first)
    if p.kind in GROUPS and p.at == 1 and p.here.kind in (Kind.SIGN, Kind.OPEN):
        return None
    meant = _MEANT_ITEMS.get(first.text) if p.kind == "source" else None
    if meant is None:
        meant = nearest(first.text, item_words(p.kind))
    diagnostic = catalog.UNKNOWN_ITEM.at(
        p.span(first), f"`{first.text}` begins no item of {_body(p.kind)}"
    )
    if meant is not None:
        return diagnostic.help(NearestName.of(first.text, meant))
    if p.kind in GROUPS:
        return diagnostic.help(f"a feature is written `{first.text} = <value>`")
    own = sorted(ITEMS[p.kind])
    listed = ", ".join(f"`{w}`" for w in own)
    return diagnostic.help(f"items: {listed}, and attributes such as `owner`" if own else None)


def _column_without_type(p: Place, first: Lexeme) -> Diagnostic | None:
    if p.at != 1 or p.here.kind is not Kind.WORD:
        return None
    return catalog.SYNTAX.at(
        p.place, f"`:` is missing between the column `{first.text}` and its type"
    ).help(f"write `{first.text}: {p.here.text}`")


def _body(kind: str) -> str:
    if kind in ("block", "notes"):
        return "a block of attributes"
    article = "an" if kind[0] in "aeiou" else "a"
    return {"features": "a group of features", "labels": "a group of labels"}.get(
        kind, f"{article} `{kind}`"
    )


def _head_of_group(p: Place) -> Diagnostic | None:
    """A head whose next word is misspelt: ``features g fro customer``."""
    if p.kind != "head" or p.here.kind is not Kind.WORD:
        return None
    words = spoken.words(p.expected)
    meant = nearest(p.here.text, words)
    if meant is None:
        return None
    return catalog.SYNTAX.at(
        p.place, f"unexpected `{p.here.text}`; expected {spoken.in_words(p.expected)}"
    ).help(NearestName.of(p.here.text, meant))


def _misspelt_word(p: Place) -> Diagnostic | None:
    """A clause's word misspelt: ``sum(a) ovre 30d``."""
    if p.here.kind is not Kind.WORD or p.at == 0:
        return None
    meant = nearest(p.here.text, spoken.words(p.expected) - RESERVED)
    if meant is None or p.here.text in grammar.keywords().values():
        return None
    return catalog.SYNTAX.at(p.place, f"unexpected `{p.here.text}`").help(
        NearestName.of(p.here.text, meant)
    )


def _foreign_letter(p: Place) -> Diagnostic | None:
    """A name with letters outside a-z, which only backticks may hold."""
    if not p.here.text.isascii() and unicodedata.combining(p.here.text[0]):
        return catalog.BAD_NAME.at(
            p.place, f"a combining sign, U+{ord(p.here.text[0]):04X}, stands behind a letter"
        ).help("names use a-z; a column of the data that has letters like that stands in backticks")
    if p.here.kind is not Kind.WORD or p.here.text.isascii():
        return None
    return catalog.BAD_NAME.at(p.place, f"`{p.here.text}` has letters outside a-z").help(
        f"a column of the data is written `` `{p.here.text}` ``; other names use a-z"
    )


def _unexpected(p: Place) -> Diagnostic:
    wanted = spoken.in_words(p.expected)
    if p.at_end:
        last = p.lexemes[-1].text
        what = "the declaration" if p.kind in ("head", "file") else "the item"
        return catalog.SYNTAX.at(p.place, f"{what} ends after `{_short(last)}`; expected {wanted}")
    return catalog.SYNTAX.at(p.place, f"unexpected {_shown(p.here)}; expected {wanted}")


def _shown(lexeme: Lexeme) -> str:
    if lexeme.kind is Kind.ROW:
        return "table row"
    if lexeme.text == "`":
        return "backtick"
    return f"`{_short(lexeme.text)}`"


def _short(text: str) -> str:
    one_line = " ".join(text.split())
    return one_line if len(one_line) <= 30 else f"{one_line[:27]}..."


RULES: tuple[Rule, ...] = (
    *OTHER_HABITS,
    *SIGNS,
    *ITEM_HABITS,
    *CLAUSE_HABITS,
    *HABITS,
    _foreign_letter,
    _misplaced_declaration,
    _reserved,
    keyword_case,
    table,
    instant,
    needless_sign,
    missing_equals,
    missing_quotes,
    _unknown_item,
    _head_of_group,
    missing_separator,
    _misspelt_word,
    missing_operator,
    missing_value,
)
