"""Files that are shipped beside the code: reference projects, pages of the diagnostics."""

from __future__ import annotations

from pathlib import Path

import featdsl

_PACKAGE = Path(featdsl.__file__).parent


def error_pages() -> Path:
    """The folder of the diagnostics' pages."""
    return _shipped("_errors", "docs/errors")


def reference_project(name: str) -> Path:
    """The folder of a reference project."""
    return _shipped(f"_projects/{name}", f"features/{name}")


def _shipped(packaged: str, in_checkout: str) -> Path:
    inside = _PACKAGE / packaged
    return inside if inside.is_dir() else _PACKAGE.parent / in_checkout
