"""The guide of five minutes, command by command; FEATC_UPDATE_GOLDEN=1 writes what they print."""

from __future__ import annotations

import io
import os
import re
import shlex
from contextlib import chdir, redirect_stdout
from pathlib import Path

from tests.cli.conftest import Featc
from tests.support.literate import FENCE
from tests.test_readme import settled

PAGE = Path(__file__).parents[2] / "docs" / "guides" / "five-minutes.md"
LEFT_OUT = "…\n"


def test_every_command_prints_what_the_guide_shows(featc: Featc, tmp_path: Path) -> None:
    text = PAGE.read_text(encoding="utf-8")
    reader = Reader(featc, tmp_path)
    done = FENCE.sub(reader.follow, text)
    if os.environ.get("FEATC_UPDATE_GOLDEN"):
        PAGE.write_text(done, encoding="utf-8")

    assert settled(done) == settled(text)


class Reader:
    """Someone who does what the guide says, block by block, in one folder."""

    def __init__(self, featc: Featc, folder: Path) -> None:
        self.featc = featc
        self.folder = folder
        self.printed = ""

    def follow(self, block: re.Match[str]) -> str:
        """The block as it should read."""
        body = block["body"]
        match block["info"].split():
            case ["feat", "fragment", name]:
                (self.folder / name).write_text(body, encoding="utf-8")
            case ["diff", name]:
                self._change(self.folder / name, body)
            case ["python"]:
                with chdir(self.folder), redirect_stdout(io.StringIO()) as printed:
                    exec(compile(body, PAGE.name, "exec"), {})
                self.printed = printed.getvalue()
            case ["text"]:
                body = self.printed
            case ["console"]:
                steps = re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]
                body = "".join(self._step(step) for step in steps)
        return f"```{block['info']}\n{body}```"

    def _change(self, path: Path, body: str) -> None:
        old = "".join(f"{line[2:]}\n" for line in body.splitlines() if line.startswith("- "))
        new = "".join(f"{line[2:]}\n" for line in body.splitlines() if line.startswith("+ "))
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1
        path.write_text(text.replace(old, new), encoding="utf-8")

    def _step(self, step: str) -> str:
        """A command and what it prints; what the guide leaves out is left out."""
        command, _, shown = step.partition("\n")
        name, *arguments = shlex.split(command)
        if name == "cd":
            self.folder /= arguments[0]
            return f"$ {step}"
        assert name == "featc"
        done = self.featc(*arguments, cwd=self.folder)
        printed = done.out
        assert printed, f"featc {' '.join(arguments)}: {done.err}"
        if LEFT_OUT in shown:
            at = 0
            for part in shown.split(LEFT_OUT):
                assert part in printed[at:], part
                at += printed[at:].index(part) + len(part)
            return f"$ {step}"
        if settled(printed) == settled(shown):
            return f"$ {step}"
        return f"$ {command}\n{printed.strip()}\n"
