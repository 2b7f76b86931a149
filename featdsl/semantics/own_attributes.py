"""Attributes that a project declares itself: what they may hold, and of what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from featdsl.diagnostics.suggest import did_you_mean
from featdsl.ir.declared import OwnValue
from featdsl.syntax import nodes

KINDS: Final[Mapping[str, str]] = {
    "entity": "entity",
    "source": "source",
    "view": "view",
    "input": "input",
    "features": "group of features",
    "labels": "group of labels",
    "feature": "feature",
    "dataset": "dataset",
    "consumer": "consumer",
    "param": "parameter",
    "wanted": "wanted feature",
}
"""Words of ``on`` with the kinds of declaration that they stand for: those that have a page."""

_FORMS: Final[Mapping[str, str]] = {
    "text": 'a text: `{} "…"`',
    "texts": 'a list of texts: `{} ["a", "b"]`',
    "int": "a whole number: `{} 3`",
    "decimal": "a number: `{} 0.5`",
    "bool": "`true` or `false`: `{} true`",
    "date": "a day: `{} @2026-03-01`",
    "duration": "a length of time: `{} 30d`",
}
TYPES: Final = tuple(_FORMS)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnAttribute:
    """What ``featc.toml`` says of one: its type, which texts it may be, whose it may be.

    Without ``values`` it may be any, without ``on`` anybody's.
    """

    type: str = "text"
    values: tuple[str, ...] = ()
    on: tuple[str, ...] = ()

    def fits(self, kind: str) -> bool:
        """Whether a declaration of a kind may have it."""
        return kind in (map(KINDS.__getitem__, self.on) if self.on else KINDS.values())

    def value(self, node: nodes.AttributeValue) -> OwnValue | None:
        """The value that is written; None where it is none of its values."""
        found = _value(self.type, node)
        return None if self.values and found not in self.values else found

    def needs(self, name: str) -> str:
        """What a value must be, in words."""
        if not self.values:
            return _FORMS[self.type].format(name)
        *most, last = (f'"{v}"' for v in self.values)
        return f"one of {', '.join(most)} and {last}" if most else last

    def remedy(self, node: nodes.AttributeValue) -> str | None:
        """The value that was meant, where it is one of few."""
        if not self.values or not isinstance(node, nodes.StringLit):
            return None
        return did_you_mean(node.value, self.values, what="values")


def _value(wanted: str, node: nodes.AttributeValue) -> OwnValue | None:
    match wanted, node:
        case "text", nodes.StringLit(value=text) if text.strip():
            return text
        case "texts", nodes.ListExpr(items=items):
            texts = tuple(i.value for i in items if isinstance(i, nodes.StringLit))
            return texts if len(texts) == len(items) else None
        case "int", nodes.IntLit(value=whole):
            return whole
        case "decimal", nodes.IntLit(value=number) | nodes.DecimalLit(value=number):
            return f"{number:f}" if not isinstance(number, int) else str(number)
        case "bool", nodes.BoolLit(value=flag):
            return flag
        case "date", nodes.InstantLit(value=instant, date_only=True):
            return instant.date().isoformat()
        case "duration", nodes.DurationLit(value=length):
            return str(length)
    return None
