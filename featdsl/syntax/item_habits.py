"""Messages for items of sources, columns and groups that are written as in other languages."""

from __future__ import annotations

from featdsl.diagnostics import catalog
from featdsl.diagnostics.model import Diagnostic
from featdsl.syntax.missing import GROUPS
from featdsl.syntax.place import NAMES, Place
from featdsl.syntax.scan import Kind
from featdsl.syntax.words import ATTRIBUTES, CLAUSES, DECLARATIONS, item_words

_TYPES = frozenset({"bool", "int", "float", "decimal", "text", "date", "timestamp", "list", "map"})
_BEFORE_A_NAME = frozenset({"def", "let", "var", "column", "define", "calc", "measure", "metric"})
_TYPOGRAPHIC = {
    **dict.fromkeys("\u201c\u201d\u201e\u2018\u2019\u00ab\u00bb", '"'),
    **dict.fromkeys("\u2212\u2013\u2014", "-"),
    "\u00d7": "*",
    "\u00f7": "/",
    "\u2264": "<=",
    "\u2265": ">=",
    "\u2260": "!=",
}
"""What text programs make of plain signs."""
_KINDS = {"parquet": "parquet", "csv": "csv", "json": "json", "jsonl": "json", "duckdb": "duckdb"}


def typographic_sign(p: Place) -> Diagnostic | None:
    """Signs that text programs make of the plain ones."""
    meant = _TYPOGRAPHIC.get(p.here.text)
    if meant is None:
        return None
    shown = "a text stands in straight quotes" if meant == '"' else "no sign of the language"
    return catalog.FOREIGN_OPERATOR.at(p.place, f"`{p.here.text}`: {shown}").help(
        f"write `{meant}`"
    )


def sign_behind_word(p: Place) -> Diagnostic | None:
    """``time: sold_at``, ``owner = "x"``, ``columns: {``."""
    if p.at == 2 and p.before.text == ":" and p.kind in GROUPS and p.here.kind is Kind.STRING:
        word, sign, value = p.lexemes[0].text, p.before, p.here
    elif p.at == 1 and p.here.text in (":", "="):
        word, sign, value = p.lexemes[0].text, p.here, p.after
    else:
        return None
    if p.kind == "entity" and word == "key":
        return None
    known = ATTRIBUTES if p.kind in GROUPS else item_words(p.kind)
    if word not in known or p.kind == "columns":
        return None
    rest = p.text(value, p.rest_of_line(1)) if value.start >= 0 else "…"
    return catalog.SYNTAX.at(p.span(sign), f"`{sign.text}` does not stand behind `{word}`").help(
        f"write `{word} {rest}`"
    )


def family_brackets(p: Place) -> Diagnostic | None:
    """``x(7d) = …``, ``x{7d} = …``, ``x_7d, x_30d = …``, ``x[7, 30] = …``."""
    if p.kind not in GROUPS or not p.lexemes or p.lexemes[0].kind not in NAMES:
        return None
    texts = [x.text for x in p.lexemes]
    if "=" not in texts or p.lexemes[0].text in item_words(p.kind):
        return None
    head = p.lexemes[1 : texts.index("=")]
    if len(head) < 2:
        return None
    numbers = [x.text for x in head if x.kind is Kind.NUMBER]
    bare = p.here.text == "=" and head[0].text == "[" and all(n.isdigit() for n in numbers)
    if not bare and not (p.at == 1 and p.here.text in ("(", "{", ",")):
        return None
    windows = ", ".join(f"{n}d" if n.isdigit() else n for n in numbers) or "7d, 30d"
    return catalog.SYNTAX.at(
        p.span(head[0], head[-1]), "windows of a family are lengths of time in square brackets"
    ).help(f"write `{p.lexemes[0].text.removesuffix('_7d')}[{windows}] = …`")


def name_with_digits_first(p: Place) -> Diagnostic | None:
    """``7d_x = …``."""
    if p.here.kind is not Kind.NUMBER or p.here.text.isdigit() or p.after.text not in ("=", "["):
        return None
    digits = p.here.text
    if p.kind not in GROUPS or not p.expects("NAME"):
        return None
    return catalog.BAD_NAME.at(p.place, f"`{digits}` begins with a digit").help(
        "names begin with a letter, and are written a-z, 0-9 and `_`"
    )


def word_before_a_name(p: Place) -> Diagnostic | None:
    """``def x = …``, ``let x = …`` in a group."""
    if p.kind not in GROUPS or not p.lexemes or p.lexemes[0].text not in _BEFORE_A_NAME:
        return None
    following = p.context.scan.lexemes[p.context.chunk.first + 1 :]
    if not following or following[0].kind not in NAMES:
        return None
    word, name = p.lexemes[0].text, following[0].text
    return catalog.MISPLACED.at(
        p.span(p.lexemes[0]), "a feature is declared by its name, without a word before it"
    ).help(f"take `{word}` out: `{name} = …`")


def origin_of_data(p: Place) -> Diagnostic | None:
    """``from "a.csv"``, ``from a.csv``, ``from csv a.csv``, ``from csv("a.csv")``."""
    if p.kind != "source" or not p.lexemes or p.lexemes[0].text != "from" or p.at_end:
        return None
    if p.at > 4 or len(p.lexemes) < 2 or p.lexemes[1].kind is Kind.PARAM:
        return None
    raw = p.text(p.lexemes[1], p.rest_of_line(1))
    kind, rest = "", raw
    known = {*_KINDS.values(), "python", "sql", "table", "postgres"}
    if p.lexemes[1].text in known and len(p.lexemes) > 2 and p.lexemes[2].text != ".":
        kind = p.lexemes[1].text
        rest = raw[len(kind) :].strip()
    if p.here.kind is Kind.OPEN and p.here.text != "(":
        return None
    path = rest.strip("()").strip().strip("\"'")
    kind = kind or _KINDS.get(path.rpartition(".")[2].lower(), "parquet")
    if not path or '"' in path:
        return None
    return catalog.MISSING_QUOTES.at(
        p.span(p.lexemes[1], p.rest_of_line(1)),
        "behind `from` stand the kind of the data and a text in quotes",
    ).help(f'write `from {kind} "{path}"`')


def bracketed_columns(p: Place) -> Diagnostic | None:
    """``key (a, b)``."""
    if p.kind != "source" or p.at != 1 or p.here.text != "(":
        return None
    word = p.lexemes[0].text
    if word not in ("key", "time", "snapshot", "valid"):
        return None
    inside = p.text(p.here, p.rest_of_line(1)).strip("() ")
    return catalog.SYNTAX.at(p.place, f"`{word}` takes no parentheses").help(
        f"write `{word} {inside}`"
    )


def availability(p: Place) -> Diagnostic | None:
    """``available 2h``, ``available after loaded_at``, ``available after 2h then id``."""
    if p.kind != "source" or not p.lexemes:
        return None
    texts = [x.text for x in p.lexemes]
    if "available" not in texts:
        return None
    begin = texts.index("available")
    if p.here.kind is Kind.NUMBER and p.before.text in ("available", "in", "within"):
        return catalog.SYNTAX.at(p.place, "a delay of availability is written with `after`").help(
            f"write `available after {p.here.text}`"
        )
    if p.here.kind in NAMES and p.before.text == "after":
        return catalog.SYNTAX.at(
            p.place, "`after` takes a length of time; a column of times is named without it"
        ).help(f"write `available {p.here.text}`")
    if begin > 0 and "then" in (p.here.text, p.before.text):
        then = p.at if p.here.text == "then" else p.at - 1
        if then + 1 >= len(texts):
            return None
        columns = p.text(p.lexemes[then + 1], p.rest_of_line(then + 1))
        first = p.text(p.lexemes[0], p.lexemes[begin - 1])
        seen = p.text(p.lexemes[begin], p.lexemes[then - 1])
        return catalog.MISPLACED.at(
            p.span(p.lexemes[then]), "`then` stands before `available`"
        ).help(f"write `{first} then {columns} {seen}`")
    if p.at == begin and not {"time", "snapshot", "valid"} & set(texts[:begin]):
        seen = p.text(p.here, p.rest_of_line(begin))
        return catalog.MISPLACED.at(p.place, "`available` belongs to the time of the rows").help(
            f"write it behind the time: `time t {seen}`"
        )
    return None


def role_columns(p: Place) -> Diagnostic | None:
    """``entity customer by customer_id``."""
    if p.kind != "source" or not p.lexemes or p.lexemes[0].text != "entity" or p.at < 2:
        return None
    if p.here.text not in ("by", "on", "using", "via", "=", ":", "with", "key", "as"):
        return None
    if p.after.kind not in NAMES:
        return None
    return catalog.SYNTAX.at(
        p.place, "the columns of an entity's key stand in parentheses behind it"
    ).help(f"write `{p.text(p.lexemes[0], p.before)} ({p.after.text})`")


def column_of_sql(p: Place) -> Diagnostic | None:
    """``id: int not null``, ``id: int nullable``, ``id: int?``, ``int id``, ``"a b": int``."""
    if p.kind not in ("columns", "input"):
        return None
    first = p.lexemes[0] if p.lexemes else p.here
    here = p.here.text.lower()
    if here == "not" and p.after.text.lower() == "null":
        found = catalog.SYNTAX.at(
            p.span(p.here, p.after), "a column that is never null is `required`"
        )
        return found.help(f"write `{p.text(first, p.before)} required`")
    last = p.lexemes[-1] if p.lexemes else p.here
    word = last if p.at_end else p.here
    if word.text.lower() in ("?", "null", "nullable", "optional") and len(p.lexemes) >= 4:
        found = catalog.SYNTAX.at(p.span(word), "a column may be null, unless it is `required`")
        return found.help(f"take `{word.text}` out")
    if word.text.lower() in ("unique", "primary", "key") and len(p.lexemes) >= 4:
        found = catalog.SYNTAX.at(p.span(word), "what tells rows apart is said of the source")
        return found.help(f"write `key {first.text}` beside `columns`")
    if p.at == 1 and first.text in _TYPES and p.here.kind is Kind.WORD:
        found = catalog.SYNTAX.at(p.span(first, p.here), "a column's type stands behind its name")
        return found.help(f"write `{p.here.text}: {first.text}`")
    quoted = p.before if p.here.text == ":" else p.here
    if quoted.kind is Kind.STRING and ":" in (p.here.text, p.after.text):
        name = quoted.text.strip("\"'")
        found = catalog.BAD_NAME.at(p.span(quoted), "the name of a column does not stand in quotes")
        return found.help(f"write it in backticks: `` `{name}` ``")
    if here in ("-", ".", "/") and p.expects("COLON") and p.before.kind in NAMES:
        following = p.context.scan.lexemes[p.index + 1 :][:1]
        after = following[0] if following else p.here
        name = p.text(p.before, after)
        found = catalog.BAD_NAME.at(p.span(p.before, after), f"`{name}` is no plain name")
        return found.help(f"a column of that name stands in backticks: `` `{name}` ``")
    return None


def head_of_group(p: Place) -> Diagnostic | None:
    """``features spend from sales``, ``features for customer``, ``… for customer in sales``."""
    if p.kind != "head" or not p.lexemes or p.lexemes[0].text not in ("features", "labels"):
        return None
    what, here = p.lexemes[0].text, p.here.text
    name = p.lexemes[1].text if len(p.lexemes) > 1 else "g"
    if name == "for" and p.at == 2:
        rest = p.text(p.here, p.rest_of_line(2)).removesuffix("{").strip()
        return catalog.SYNTAX.at(p.span(p.lexemes[0]), f"the {what} have no name").help(
            f"write `{what} name for {rest} {{`"
        )
    if p.expects("FOR") and here in ("from", "of", "by", "per", "on", "{", ":"):
        found = catalog.SYNTAX.at(p.place, "`for` is missing: the entity that is described")
        entity = p.after.text if here in ("of", "by", "per") else "e"
        return found.help(f"write `{what} {name} for {entity} from s {{`")
    if here in ("each", "every", "all") or p.before.text in ("each", "every", "all"):
        word = p.here if here in ("each", "every", "all") else p.before
        return catalog.SYNTAX.at(p.span(word), "a group is for one entity, by its name").help(
            f"take `{word.text}` out"
        )
    if here in ("in", "on", "using", "over") and p.after.kind in NAMES and p.expects("FROM"):
        return catalog.SYNTAX.at(p.place, "the rows of a group follow `from`").help(
            f"write `from {p.after.text}`"
        )
    if here == "over":
        return catalog.MISPLACED.at(p.place, "a group has no window, its features have").help(
            "write it in the features: `x = sum(amount) over 7d`, or `x[7d, 30d] = sum(amount)`"
        )
    before = [x.text for x in p.lexemes[: p.at]]
    if here == "," and (p.after.kind not in NAMES or "where" in before):
        return None
    if here == "," and "from" in before:
        return catalog.SYNTAX.at(p.place, "a group reads the rows of one source or view").help(
            f"make one of several: `view v from {p.before.text}, {p.after.text} {{ }}`"
        )
    if here == ",":
        return catalog.SYNTAX.at(p.place, "a group is for one entity").help(
            "declare one that has both keys: `entity pair { key a: int  key b: int }`"
        )
    return None


def second_word(p: Place) -> Diagnostic | None:
    """``key sale_id int``: a word too many in an item that holds no values."""
    at = p.at - 1 if p.at_end else p.at
    if p.kind != "source" or at < 2 or p.lexemes[0].text not in ("key", "time", "snapshot"):
        return None
    word, before = p.lexemes[at], p.lexemes[at - 1]
    if word.kind is not Kind.WORD or word.text in DECLARATIONS or before.kind not in NAMES:
        return None
    if p.line_of(before) != p.line_of(word) or word.text in CLAUSES:
        return None
    found = catalog.SYNTAX.at(p.span(word), f"unexpected `{word.text}` after `{before.text}`")
    if before.text in ("column", "col", "field", "columns"):
        return found.help(f"write `{p.lexemes[0].text} {word.text}`")
    if p.lexemes[0].text == "key" and word.text not in _TYPES:
        return found.help(f"several columns stand with a comma: `{before.text}, {word.text}`")
    return found.help(f"take `{word.text}` out")


def key_of_entity(p: Place) -> Diagnostic | None:
    """``entity e { key id }``, ``entity e { key: id }``, ``entity e { id: int }``."""
    if p.kind != "entity" or not p.lexemes or p.lexemes[0].text == "from":
        return None
    words = [x for x in p.lexemes if x.kind in NAMES]
    if not words:
        return None
    if p.lexemes[0].text == "key":
        if len(words) == 2 and words[-1] is p.lexemes[-1]:
            found = catalog.SYNTAX.at(p.span(words[1]), f"the key `{words[1].text}` has no type")
            return found.help(f"write `key {words[1].text}: int`, or another type")
        return None
    if words[:1] == list(p.lexemes[:1]) and p.at == 1 and p.here.text == ":":
        found = catalog.SYNTAX.at(p.span(words[0]), "a key begins with the word `key`")
        return found.help(f"write `key {p.text(words[0], p.rest_of_line(0))}`")
    if words[0].text == "primary" and len(words) > 1:
        found = catalog.SYNTAX.at(p.span(words[0]), "a key begins with the word `key`")
        return found.help("take `primary` out")
    return None


ITEM_HABITS = (
    typographic_sign,
    family_brackets,
    name_with_digits_first,
    word_before_a_name,
    origin_of_data,
    availability,
    role_columns,
    bracketed_columns,
    column_of_sql,
    sign_behind_word,
    head_of_group,
    second_word,
    key_of_entity,
)
