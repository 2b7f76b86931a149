"""What `docs/guides/notifications.md` says of channels is what there is."""

from __future__ import annotations

import re
from pathlib import Path

from featdsl.diagnostics.model import Problems
from featdsl.notify.registry import channels
from featdsl.notify.spec import ChannelSettings
from featdsl.notify.template import WORDS
from featdsl.project.read_config import read_config

GUIDE = (Path(__file__).parents[2] / "docs" / "guides" / "notifications.md").read_text("utf-8")
SETTINGS = '[project]\nname = "shop"\n'
SHARED = set(ChannelSettings.model_fields)


def rows(heading: str) -> dict[str, str]:
    """A table by its first column."""
    table = GUIDE.partition(heading)[2].partition("\n\n")[0]
    cells = re.findall(r"^\| `([a-z]+)` \|(.*)\|$", table, re.MULTILINE)
    return dict(cells)


def test_its_settings_can_be_used_as_they_are() -> None:
    problems = Problems()
    config = read_config(
        SETTINGS + re.findall(r"```toml\n(.*?)```", GUIDE, re.DOTALL)[0], "x", problems
    )

    assert problems.items == []
    assert {c.kind for c in config.targets["prod"].notify.values()} == set(channels())


def test_every_kind_stands_in_it_with_its_own_keys() -> None:
    found = rows("| kind | sends | its keys |")

    assert set(found) == set(channels())
    for name, kind in channels().items():
        keys = set(re.findall(r"`([a-z]+)`", found[name].rpartition("|")[2]))
        assert keys == set(kind.settings.model_fields) - SHARED, name


def test_what_every_channel_may_say_stands_in_it() -> None:
    assert set(rows("| key | means | without it |")) == SHARED


def test_every_word_of_templates_stands_in_it() -> None:
    said = GUIDE.partition("The words are")[2].partition("\n\n")[0]

    assert set(re.findall(r"`([a-z_]+)`", said)) == set(WORDS)
