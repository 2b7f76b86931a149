"""Syntax trees, programs and values as plain data, for JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any

from featdsl.ir.expr import Node
from featdsl.ir.program import Location, Parameter
from featdsl.ir.text import canonical
from featdsl.text.span import Span


def plain(value: Any) -> Any:
    """Return data that JSON can hold.

    Decimals, dates and times are text, so that nothing of them is lost; typed expressions become
    their canonical text.
    """
    match value:
        case Node():
            return canonical(value)  # type: ignore[arg-type]
        case Parameter() if value.secret:
            return plain(replace(value, value=None, default=None, secret=False)) | {"secret": True}
        case Location():
            # Values of parameters, secret ones among them, are filled in in the argument.
            return {"node": "Location", "kind": value.kind, "written": value.written}
        case Span():
            return [value.source, value.start, value.end]
        case Enum():
            return value.value
        case Mapping():
            return {_key(key): plain(item) for key, item in value.items()}
        case list() | tuple() | set() | frozenset():
            return [plain(item) for item in value]
        case None | bool() | int() | float() | str():
            return value
        case date():
            return value.isoformat()
        case Decimal():
            return str(value)
    if is_dataclass(value) and not isinstance(value, type):
        members = {f.name: plain(getattr(value, f.name)) for f in fields(value) if f.init}
        return {"node": type(value).__name__, **members}
    return str(value)


def _key(value: Any) -> str:
    """A key of a map as JSON holds it: text, as the value would be written."""
    found = plain(value)
    return str(found).lower() if isinstance(found, bool) else str(found)
