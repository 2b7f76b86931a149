"""Forms of lists and maps: what they hold, and what is made of them."""

from __future__ import annotations

from tests.harness.generate.forms.choices import forms_of
from tests.harness.generate.kinds import MANY
from tests.harness.generate.writer import Form, Writer

_AT = ("1", "2", "-1", "-2", "5")
_SEPARATORS = ('"-"', '"x"', '""', '"aa"', '"_"')


def of_one(kind: str, form: str, *others: str) -> Form:
    """A form of a list or map, which there may be none of; others follow."""

    def made(w: Writer, d: int) -> str | None:
        one = w.maybe(kind, d)
        rest = [w.maybe(k, 0) for k in others]
        if one is None or None in rest:
            return None
        return form.format(one, *rest, at=w.constant(*_AT), parts=w.pick(_SEPARATORS))

    return made


def in_column(w: Writer, d: int) -> str | None:
    known = [n for n in w.names.by_kind.get("texts", []) if "(" not in n]
    no = w.pick(("", "not "))
    return f"({w.of('text', d)} {no}in {w.pick(known)})" if known else None


FORMS = {
    "int": [
        of_one("ints", "element({0}, {at})"),
        of_one("ints", "element({0}, {1})", "int"),
        of_one("numbers", "get({0}, {1})", "text"),
        lambda w, d: of_one(w.pick(MANY), "length({0})")(w, d),
    ],
    "text": [of_one("texts", "element({0}, {at})")],
    "float": [of_one("vector", "element({0}, {at})")],
    "bool": [
        of_one("texts", "contains({0}, {1})", "text"),
        of_one("ints", "contains({0}, {1})", "int"),
        in_column,
    ],
    "rough": [
        of_one("vector", "dot({0}, {1})", "vector"),
        of_one("vector", "cosine({0}, {1})", "vector"),
        of_one("ints", "cosine({0}, {1})", "ints"),
        of_one("ints", "dot({0}, {1})", "ints"),
        of_one("roughs", "element({0}, {at})"),
    ],
    "texts": [
        *forms_of("texts"),
        of_one("text", "split({0}, {parts})"),
        of_one("text", "split({0}, {1})", "text"),
        of_one("texts", "reverse({0})"),
        of_one("numbers", "keys({0})"),
    ],
    "ints": [
        of_one("ints", "({0} ?? {1})", "ints"),
        of_one("ints", "(if {1} then {0} else {2})", "bool", "ints"),
        of_one("ints", "reverse({0})"),
        of_one("numbers", "values({0})"),
    ],
    "vector": [of_one("vector", "reverse({0})")],
    "roughs": [of_one("roughs", "reverse({0})")],
    "numbers": [lambda w, d: None],
}
