"""The hooks for pre-commit are commands that work, and the guide's settings find the places."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from tests.cli.conftest import Featc

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "guides" / "editors.md").read_text(encoding="utf-8")
HOOKS = (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
WRONG = "## A number.\nconst a = (1\n"


def hooks() -> dict[str, dict[str, str]]:
    """The hooks by their id: the file is a plain list of plain keys."""
    found = [
        dict(re.findall(r"^[- ] ([a-z_]+): (.*)$", text, re.MULTILINE))
        for text in re.split(r"^(?=- )", HOOKS, flags=re.MULTILINE)[1:]
    ]
    return {hook["id"]: hook for hook in found}


def block(language: str) -> str:
    (found,) = re.findall(rf"^```{language}\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
    return str(found)


@pytest.fixture
def repository(shop: Path) -> Path:
    """A repository with two projects, of which the first has a mistake."""
    folder = shop.parent
    shutil.copytree(shop, folder / "more" / "sound")
    (shop / "a.feat").write_text(WRONG)
    return folder


# Hooks


def test_hooks_are_known_by_name_and_made_of_this_package() -> None:
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]

    assert list(hooks()) == ["featc-check", "featc-fmt"]
    for hook in hooks().values():
        assert hook["entry"].split()[0] in scripts
        assert hook["language"] == "python"
        assert "pass_filenames" not in hook  # they are, unless it says otherwise


@pytest.mark.parametrize(
    ("hook", "file", "taken"),
    [
        ("featc-check", "shop/a.feat", True),
        ("featc-check", "featc.toml", True),
        ("featc-check", "shop/featc.toml", True),
        ("featc-check", "shop/notfeatc.toml", False),
        ("featc-fmt", "shop/a.feat", True),
        ("featc-fmt", "shop/featc.toml", False),
        ("featc-fmt", "shop/a.feature", False),
    ],
)
def test_a_hook_is_given_its_own_files(hook: str, file: str, taken: bool) -> None:
    assert bool(re.search(hooks()[hook]["files"], file)) is taken


def test_the_check_hook_checks_the_projects_of_the_files(featc: Featc, repository: Path) -> None:
    _, *entry = hooks()["featc-check"]["entry"].split()

    both = featc(*entry, "more/sound/shop.feat", "shop/shop.feat", cwd=repository)
    sound = featc(*entry, "more/sound/shop.feat", "more/sound/featc.toml", cwd=repository)

    assert (both.status, [e[6:12] for e in both.errors]) == (1, ["FD0102"])
    assert sound.status == 0


def test_the_format_hook_formats_the_files_and_no_others(featc: Featc, repository: Path) -> None:
    _, *entry = hooks()["featc-fmt"]["entry"].split()
    one, other = repository / "shop" / "shop.feat", repository / "more" / "sound" / "shop.feat"
    for file in (one, other):
        file.write_text(file.read_text().replace("  key ", "      key ", 1))
    before = other.read_text()

    changed = featc(*entry, "shop/shop.feat", cwd=repository)
    again = featc(*entry, "shop/shop.feat", cwd=repository)

    assert (changed.status, again.status) == (0, 0)
    assert changed.err.splitlines()[0] == "formatted shop/shop.feat"
    assert (one.read_text() == before, other.read_text() == before) == (False, True)


def test_the_format_hook_fails_for_a_text_that_it_cannot_read(
    featc: Featc, repository: Path
) -> None:
    _, *entry = hooks()["featc-fmt"]["entry"].split()
    result = featc(*entry, "shop/a.feat", cwd=repository)

    assert (result.status, (repository / "shop" / "a.feat").read_text()) == (1, WRONG)


# Editors


@pytest.fixture
def lines(featc: Featc, repository: Path) -> list[str]:
    """Concise lines: one with a place, one without."""
    (repository / "shop" / "b.feat").write_text("")
    return featc(
        "check", "--output", "concise", "--project", "shop", cwd=repository
    ).out.splitlines()


def test_the_guides_task_of_vs_code_finds_file_line_and_message(lines: list[str]) -> None:
    (task,) = json.loads(block("json"))["tasks"]
    pattern = task["problemMatcher"]["pattern"]
    parts = ("file", "line", "column", "severity", "code", "message")
    found = [re.fullmatch(pattern["regexp"], line) for line in lines]

    assert [[m[pattern[p]] for p in parts] for m in found if m is not None] == [
        ["shop/a.feat", "2", "11", "error", "FD0102 unclosed-bracket", "`(` is never closed"]
    ]


def test_the_guides_task_of_vs_code_sees_where_a_check_begins_and_ends() -> None:
    (task,) = json.loads(block("json"))["tasks"]
    background = task["problemMatcher"]["background"]

    assert task["args"][:2] == ["check", "--watch"]
    assert re.search(background["beginsPattern"], "--- 14:03:07 checking ---")
    assert re.search(background["endsPattern"], "--- 1 error in 1 file; waiting for changes ---")


def test_the_guides_expression_of_emacs_finds_file_and_line(lines: list[str]) -> None:
    (written,) = re.findall(r'"(\^.*?)"', block("elisp"))
    # The text's own escapes, then groups and alternatives, which Emacs writes with a backslash.
    pattern = written.replace(r"\\", "\\").replace(r"\n", "\n").replace(r"\[", "\0")
    pattern = re.sub(r"\\([()|])", r"\1", pattern).replace("\0", r"\[")
    found = [re.match(pattern, line) for line in lines]

    assert [m.groups() for m in found if m is not None] == [("shop/a.feat", "2", "11", None)]
    (warning,) = re.finditer(pattern, "x.feat:1:2: warning[FD0903 unused] x")
    assert warning[4] == "warning"


@pytest.mark.skipif(shutil.which("vim") is None, reason="Vim is not installed")
def test_the_guides_format_of_vim_finds_file_line_and_message(
    repository: Path, lines: list[str]
) -> None:
    (settings,) = re.findall(r"^set errorformat.*$", block("vim"), re.MULTILINE)
    (repository / "found.txt").write_text("\n".join(lines))
    (repository / "script.vim").write_text(
        f"{settings}\n"
        "cgetfile found.txt\n"
        "let found = map(getqflist(), "
        "{_, q -> [bufname(q.bufnr), q.lnum, q.col, q.type, q.text, q.valid]})\n"
        "call writefile([json_encode(found)], 'out.json')\n"
        "quit!\n"
    )
    subprocess.run(
        ["vim", "-N", "-u", "NONE", "-i", "NONE", "-es", "-S", "script.vim"],
        cwd=repository,
        timeout=30,
        check=False,
        stdin=subprocess.DEVNULL,
        capture_output=True,
    )

    assert json.loads((repository / "out.json").read_text()) == [
        ["shop/featc.toml", 0, 0, "w", "`b.feat` is empty", 1],
        ["shop/a.feat", 2, 11, "e", "`(` is never closed", 1],
    ]
