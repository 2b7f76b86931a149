"""The guide of training sets, command by command; FEATC_UPDATE_GOLDEN=1 writes what they print."""

from __future__ import annotations

import os
import re
from pathlib import Path

from tests.cli.conftest import Featc
from tests.cli.test_five_minutes import Reader
from tests.support.literate import FENCE
from tests.test_readme import settled

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "guides" / "training.md"


def test_every_command_prints_what_the_guide_shows(featc: Featc, tmp_path: Path) -> None:
    text = PAGE.read_text(encoding="utf-8")
    reader = Reader(featc, tmp_path)

    def follow(block: re.Match[str]) -> str:
        match block["info"].split():
            case ["csv", "fragment", name]:
                (reader.folder / name).write_text(block["body"], encoding="utf-8")
                return block[0]
        return reader.follow(block)

    done = FENCE.sub(follow, text)
    if os.environ.get("FEATC_UPDATE_GOLDEN"):
        PAGE.write_text(done, encoding="utf-8")

    assert settled(done) == settled(text)


def test_the_declarations_that_the_guide_shows_are_those_of_the_sample() -> None:
    sample = (ROOT / "features" / "quickstart" / "churn.feat").read_text(encoding="utf-8")
    (shown,) = re.findall(
        r"```feat fragment\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL
    )

    written = {line.strip() for line in sample.splitlines()}
    lines = [line for line in shown.splitlines() if line and "columns {" not in line]
    assert [line for line in lines if line.strip() not in written] == []
