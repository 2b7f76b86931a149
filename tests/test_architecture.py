"""The map of the tree names what is there."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAP = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
STAGES = re.findall(r"^\| [a-z]+ \| `([a-z_.]+)\.([a-z_]+)` \|", MAP, re.MULTILINE)
PACKAGES = {p.parent.name for p in (ROOT / "featdsl").glob("*/__init__.py")} | {"registry"}
_LONGEST = 400  # part it by subject
_NAMED_MODULES = re.findall(r"`((?:[a-z]+/)+[a-z_]+\.py)`", MAP)


def _table(heading: str) -> str:
    return MAP.partition(f"## {heading}\n")[2].partition("\n## ")[0]


def test_every_package_stands_in_the_map() -> None:
    rows = re.findall(r"^\| (`.*?) \|", _table("The packages, from the top"), re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`([a-z]+)`", row)}

    assert named == PACKAGES


@pytest.mark.parametrize(("module", "function"), STAGES)
def test_a_stage_is_the_function_that_the_map_names(module: str, function: str) -> None:
    assert callable(getattr(import_module(f"featdsl.{module}"), function))


def test_modules_that_the_map_names_exist() -> None:
    missing = [m for m in _NAMED_MODULES if not (ROOT / "featdsl" / m).exists()]

    assert _NAMED_MODULES
    assert missing == []


@pytest.mark.parametrize("package", sorted(PACKAGES))
def test_a_package_says_what_it_holds(package: str) -> None:
    said = import_module(f"featdsl.{package}").__doc__ or ""

    assert len(said.split()) > 3


def test_no_module_is_too_long_to_be_read_at_once() -> None:
    modules = (ROOT / "featdsl").rglob("*.py")
    lines = {m.relative_to(ROOT): len(m.read_text("utf-8").splitlines()) for m in modules}

    assert {m: n for m, n in lines.items() if n > _LONGEST} == {}
