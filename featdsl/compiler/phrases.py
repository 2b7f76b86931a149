"""Phrases of a sentence: how firmly one holds together; code, values and lists within it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum
from typing import Final

from featdsl.ir import expr as ir
from featdsl.ir.text import scalar_text
from featdsl.types.duration import Duration

_UNITS: Final = {
    "ms": "millisecond",
    "s": "second",
    "min": "minute",
    "h": "hour",
    "d": "day",
    "w": "week",
}


class TooDeepError(ValueError):
    """The expression is nested so deeply that words would confuse."""


class Hold(IntEnum):
    """How firmly a phrase holds together."""

    LOOSE = 0  # an operation or a condition: within another it needs brackets
    CLAUSE = 1  # ends in a clause, "where …": within others it needs brackets or a comma
    FIRM = 2


@dataclass(frozen=True, slots=True)
class Phrase:
    text: str
    hold: Hold = Hold.FIRM

    def within(self, least: Hold = Hold.FIRM) -> str:
        """As a part of another phrase: in brackets where it holds less than it must."""
        return f"({self.text})" if self.hold < least else self.text


def ticked(code: str) -> str:
    """Code within a sentence, as Markdown has it."""
    return f"`` {code} ``" if "`" in code else f"`{code}`"


def duration_words(d: Duration) -> str:
    """``90 days``, ``1 month``."""
    unit = _UNITS.get(d.unit, d.unit)
    return f"{d.amount} {unit}{'' if d.amount == 1 else 's'}"


def joined(parts: Iterable[str], last: str = "and") -> str:
    """``a, b and c``."""
    *most, end = parts
    return f"{', '.join(most)} {last} {end}" if most else end


def literal_words(value: ir.Scalar) -> str:
    """A value in a sentence: text in quotes, times as people write them."""
    match value:
        case Duration():
            return duration_words(value)
        case str():
            return scalar_text(value)
        case None:
            return "null"
        case Decimal() if value == 0:
            return "0"
        case _:
            return scalar_text(value).lstrip("@")


def sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def percent(share: Decimal) -> str:
    """A share as a percentage: ``0.1%``."""
    text = format(share * 100, "f")
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text}%"
