"""What a folder of small modules has, in the order of their names."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

_ROOT = Path(__file__).parents[2]


def modules(package: str) -> Iterator[ModuleType]:
    """The modules of a package's folder."""
    for path in sorted((_ROOT / package.replace(".", "/")).glob("*.py")):
        if path.stem != "__init__":
            yield import_module(f"{package}.{path.stem}")
