"""What the README shows is what happens."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from featdsl.cli.main import run

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
# What differs from run to run: durations, sizes, run ids.
VARIES = (
    (re.compile(r"\d{8}T\d{12,}-[0-9a-f]{6}"), "<run>"),
    (re.compile(r"\d+(\.\d+)? (ms|s)\b"), "<time>"),
    (re.compile(r" *\d+(\.\d+)? [kM]B"), " <size>"),
    (re.compile(r"─+"), "─"),
    (re.compile(r" +$", re.MULTILINE), ""),
)


def settled(text: str) -> str:
    for pattern, replacement in VARIES:
        text = pattern.sub(replacement, text)
    return text.strip()


def test_the_sixty_seconds_print_what_the_readme_says(tmp_path, monkeypatch, capfd):
    block = re.search(r"```console\n(.*?)```", README, re.DOTALL)
    assert block is not None
    folder = tmp_path
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.chdir(folder)
    for step in re.split(r"^\$ ", block[1], flags=re.MULTILINE)[1:]:
        command, _, expected = step.partition("\n")
        words = shlex.split(command)
        if words[0] == "cd":
            folder = folder / words[1]
            monkeypatch.chdir(folder)
            continue
        status = run(words[1:])
        printed = capfd.readouterr()

        assert status == 0, printed.err
        assert settled(printed.out) == settled(expected)


def test_the_mistake_is_the_one_that_is_shown(tmp_path):
    from featdsl.compiler.options import Options
    from featdsl.compiler.pipeline import compile_project
    from featdsl.diagnostics.render.text import render_text
    from featdsl.text.sources import SourceSet

    project = ROOT / "features" / "quickstart"
    texts = {p.name: p.read_text(encoding="utf-8") for p in project.glob("*.feat")}
    text = texts["features.feat"]
    texts["features.feat"] = text.replace("sum(amount default 0)", "sum(amuont default 0)", 1)
    compiled = compile_project(SourceSet.of(texts), Options(project="shop"))

    assert render_text(compiled.diagnostics, compiled.texts).strip() in README
