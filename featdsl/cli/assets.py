"""Files that are shipped beside the code: reference projects, pages of the diagnostics."""

from __future__ import annotations

from pathlib import Path

import featdsl
from featdsl.diagnostics.model import Code

_PACKAGE = Path(featdsl.__file__).parent


def error_pages() -> Path:
    """The folder of the diagnostics' pages."""
    return _shipped("_errors", "docs/errors")


def error_page(code: Code) -> str:
    """The Markdown page of a diagnostic's code."""
    page = error_pages() / f"{code.id}.md"
    return page.read_text(encoding="utf-8") if page.is_file() else f"# {code.id} {code.slug}\n"


def reference_project(name: str) -> Path:
    """The folder of a reference project."""
    return _shipped(f"_projects/{name}", f"features/{name}")


def _shipped(packaged: str, in_checkout: str) -> Path:
    inside = _PACKAGE / packaged
    return inside if inside.is_dir() else _PACKAGE.parent / in_checkout
