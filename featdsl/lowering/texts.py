"""Texts that are read as numbers and times: those that the language reads, and no others.

An engine reads more: `0x10`, `1_000`, `epoch`, `infinity`, a time with the name of a zone.
"""

from __future__ import annotations

import re
from typing import Final

from sqlglot import exp

from featdsl.sql import build
from featdsl.types.dtype import DType

_NOT_IN_NUMBERS: Final = "_xXbB"
_YEAR: Final = "([0-9]{3}[1-9]|[0-9]{2}[1-9]0|[0-9][1-9]00|[1-9]000)"
_CLOCK: Final = "([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,9})?)?"
_TIME: Final = f"{_YEAR}-[0-9]{{2}}-[0-9]{{2}}([ T]{_CLOCK}(Z|[+-][0-9]{{2}}(:?[0-9]{{2}})?)?)?"
_WITH_ZONE: Final = ".*:.*(Z|[+-].*)"
_ZONED: Final = exp.DataType(this=exp.DataType.Type.TIMESTAMPTZ)
_PLAIN: Final = exp.DataType(this=exp.DataType.Type.TIMESTAMP)
_NOTHING: Final = "?"
"""What can be read as nothing: in place of a text that is not to be read."""


def readable(value: exp.Expr, target: DType) -> exp.Expr:
    """The text, or one that the engine cannot read where the language does not; null stays."""
    if isinstance(value, exp.Literal) and _is_plain(value.name, target):
        return value
    if target.is_numeric:
        others = _NOTHING * len(_NOT_IN_NUMBERS)
        return build.func("translate", value, build.text(_NOT_IN_NUMBERS), build.text(others))
    if target.is_temporal:
        reads = build.func("regexp_full_match", value.copy(), build.text(_TIME))
        return build.case(exp.Not(this=reads), build.text(_NOTHING), value)
    return value


def as_time(value: exp.Expr, *, safe: bool) -> exp.Expr:
    """A readable text as a timestamp: by itself the engine forgets the zone that is written.

    Where none is, the session's would count, which is not asked.
    """
    kind = exp.TryCast if safe else exp.Cast
    zoned = build.func("timezone", build.text("UTC"), kind(this=value.copy(), to=_ZONED.copy()))
    plain = kind(this=value.copy(), to=_PLAIN.copy())
    if isinstance(value, exp.Literal):
        return zoned if re.fullmatch(_WITH_ZONE, value.name) else plain
    has_zone = build.func("regexp_full_match", value.copy(), build.text(_WITH_ZONE))
    return build.case(has_zone, zoned, plain)


def _is_plain(text: str, target: DType) -> bool:
    """Whether a constant is read alike by all."""
    if target.is_temporal:
        return re.fullmatch(_TIME, text) is not None
    return not set(_NOT_IN_NUMBERS) & set(text)
