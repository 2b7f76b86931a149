"""The guides say what the commands do."""

from __future__ import annotations

import re
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from featdsl.cli.app import commands
from featdsl.diagnostics.model import Problems
from featdsl.project.config import Config, PrepareSection, ProjectSection, Target
from featdsl.project.read_config import read_config
from tests.cli.conftest import Featc

GUIDES = Path(__file__).parents[2] / "docs" / "guides"
COMMANDS = (GUIDES / "command-line.md").read_text(encoding="utf-8")
PROJECTS = (GUIDES / "projects.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [name for name, _, _ in commands()])
def test_the_guide_lists_every_command_with_its_own_options(featc: Featc, name: str) -> None:
    (row,) = re.findall(rf"^\| `{name}\b(.*)$", COMMANDS, flags=re.MULTILINE)
    options = set(re.findall(r"(?<= )(--[a-z-]+)", featc(name, "--help").out))
    common = {"--as-of", "--param", "--json", "--project", "--target", "--no-color", "--debug"}

    missing = {o for o in options - common if o not in row and o not in ("--help",)}

    assert missing == set()


def test_the_guides_settings_are_all_there_are_and_their_defaults_are_true() -> None:
    text = re.findall(r"```toml\n(.*?)```", PROJECTS, flags=re.DOTALL)[0]
    problems = Problems()
    config = read_config(text, "x", problems)
    raw = tomllib.loads(text, parse_float=Decimal)

    assert problems.items == []
    assert set(raw) == set(Config.model_fields)
    assert set(raw["project"]) == set(ProjectSection.model_fields)
    assert set(raw["prepare"]) == set(PrepareSection.model_fields)
    keys = {field.alias or name for name, field in Target.model_fields.items()}
    assert set(raw["targets"]["dev"]) == keys
    default = ProjectSection(name=config.project.name, as_of=config.project.as_of)
    assert config.project == default


def keys_of(command: str) -> set[str]:
    """Top-level keys that the guide gives for a command's JSON."""
    (text,) = re.findall(rf"^`{re.escape(command)}`\n:   (.*)$", COMMANDS, flags=re.MULTILINE)
    return {key.strip() for key in text.partition("{")[2].partition("}")[0].split(",")}


@pytest.mark.parametrize(
    ("documented", "arguments"),
    [
        ("check --json", ["check", "--json"]),
        ("check --run --json", ["check", "--run", "--json"]),
        ("lock --json", ["lock", "--json"]),
        ("preview --json", ["preview", "profile.city", "--json"]),
        ("test --json", ["test", "--json"]),
        ("lineage --json", ["lineage", "trend", "--json"]),
        ("selftest --json", ["selftest", "profile", "--json"]),
        ("explain --json", ["explain", "FD0101", "--json"]),
        ("prepare --json", ["prepare", "--json"]),
    ],
)
def test_json_has_the_keys_that_the_guide_gives(
    featc: Featc, quickstart: Path, documented: str, arguments: list[str]
) -> None:
    found: dict[str, Any] = featc(*arguments, cwd=quickstart).json

    assert set(found) == keys_of(documented)
