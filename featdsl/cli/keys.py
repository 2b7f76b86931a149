"""Keys as people type them: ``17826162``, or ``origin=JFK,dest=BOS`` where there are several."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal, InvalidOperation

from featdsl.cli.errors import UsageMistake
from featdsl.ir.expr import Scalar
from featdsl.ir.program import Entity
from featdsl.project.as_of import read_instant
from featdsl.types.dtype import DType, Kind


def read_keys(
    entity: Entity, texts: Iterable[str], *, option: str = "--key"
) -> list[tuple[Scalar, ...]]:
    """Read keys in the types of the entity's; ``option`` is what stands before one, if anything.

    Raises:
        UsageMistake: one is not written as it must be, or is not of its type.
    """
    return [_key(entity, text, option) for text in dict.fromkeys(texts)]


def _key(entity: Entity, text: str, option: str) -> tuple[Scalar, ...]:
    names = [k.name for k in entity.keys]
    parts = _parts(names, text)
    if parts is None and len(names) == 1:
        parts = {names[0]: text}
    if parts is None or set(parts) != set(names):
        example = ",".join(f"{name}=…" for name in names)
        written = f"{option} {example}".strip()
        raise UsageMistake(
            f"`{text}` is no key of `{entity.short}`",
            f"write `{written}`"
            if names
            else f"this entity has no keys: leave `{option or text}` out",
        )
    return tuple(_value(k.name, k.dtype, parts[k.name]) for k in entity.keys)


def _parts(names: list[str], text: str) -> dict[str, str] | None:
    """Values by name; a comma in a value is one where no ``name=`` follows it."""
    if not names:
        return None
    known = "|".join(re.escape(name) for name in names)
    found = re.split(rf"(?:^|,)\s*({known})\s*=", text)
    if len(found) < 3 or found[0]:
        return None
    return dict(zip(found[1::2], (value.strip() for value in found[2::2]), strict=True))


def _value(name: str, dtype: DType, text: str) -> Scalar:
    try:
        value = _read(dtype.kind, text)
    except (ValueError, InvalidOperation):
        value = None
    if value is None:
        raise UsageMistake(f"`{text}` is no {dtype}, which the key `{name}` is")
    return value


def _read(kind: Kind, text: str) -> Scalar:
    match kind:
        case Kind.INT:
            return int(text)
        case Kind.DECIMAL:
            return Decimal(text)
        case Kind.FLOAT:
            return float(text)
        case Kind.BOOL:
            return {"true": True, "false": False}.get(text.lower())
        case Kind.DATE:
            return date.fromisoformat(text)
        case Kind.TIMESTAMP:
            return read_instant(text)
    return text
