"""Find the twins that a package holds, one to a module."""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from importlib import import_module
from typing import Any, TypeVar

T = TypeVar("T")


def found(package: str, kind: type[T]) -> Mapping[str, T]:
    """Every ``TWIN`` of a package by its module's name, which is its own."""
    twins: dict[str, T] = {}
    for module in pkgutil.iter_modules(import_module(package).__path__):
        twin: Any = getattr(import_module(f"{package}.{module.name}"), "TWIN", None)
        if isinstance(twin, kind):
            twins[module.name] = twin
    return twins
