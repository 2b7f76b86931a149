"""Which types `cast` turns into which."""

from __future__ import annotations

from featdsl.types.dtype import NULL, DType, Kind, assignable, map_of

_ANY_TEXT = frozenset({Kind.BOOL, Kind.INT, Kind.FLOAT, Kind.DECIMAL, Kind.DATE, Kind.TIMESTAMP})


def castable(source: DType, target: DType) -> bool:
    """Whether `cast` turns one into the other."""
    if source == target or source.kind in (Kind.NULL, Kind.ERROR) or target.is_error:
        return True
    a, b = source.kind, target.kind
    if a is b is Kind.LIST:
        return castable(source.items[0], target.items[0])
    if a is b is Kind.MAP:
        # Two keys must not become one.
        keys = map_of(source.items[0], NULL), map_of(target.items[0], NULL)
        return assignable(*keys) and castable(source.items[1], target.items[1])
    if Kind.TEXT in (a, b):
        return (a in _ANY_TEXT or a is Kind.TEXT) and (b in _ANY_TEXT or b is Kind.TEXT)
    if source.is_numeric and (target.is_numeric or b is Kind.BOOL):
        return True
    if a is Kind.BOOL and target.is_numeric:
        return True
    return source.is_temporal and target.is_temporal
