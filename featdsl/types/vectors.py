"""Vectors: lists of numbers."""

from __future__ import annotations

from collections.abc import Sequence

from featdsl.types.dtype import FLOAT, DType, Kind, list_of

VECTOR = list_of(FLOAT)


def not_vectors(dtypes: Sequence[DType]) -> str | None:
    """Why lists among arguments are no vectors, or None."""
    for dtype in dtypes:
        if dtype.kind is Kind.LIST and not (
            dtype.items[0].is_numeric or dtype.items[0].kind is Kind.NULL
        ):
            return f"it needs a list of numbers, this is {dtype}"
    return None
