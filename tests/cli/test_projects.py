"""`featc init`, `featc prepare`, `featc fmt`: commands that write into projects."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from tests.cli.conftest import FEATURES, Featc


def tree(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


# init


def test_init_makes_a_project_that_checks(featc: Featc, tmp_path: Path) -> None:
    made = featc("init", "my-shop", cwd=tmp_path)

    assert made.status == 0, made.err
    assert "  cd my-shop\n" in made.out
    assert featc("check", cwd=tmp_path / "my-shop").status == 0
    assert 'name = "my_shop"' in (tmp_path / "my-shop" / "featc.toml").read_text()


def test_what_to_type_next_is_quoted_for_a_shell(featc: Featc, tmp_path: Path) -> None:
    made = featc("init", "my first shop", cwd=tmp_path)

    assert "  cd 'my first shop'\n" in made.out


def test_init_writes_texts_settings_script_and_data_and_nothing_else(
    featc: Featc, tmp_path: Path
) -> None:
    featc("init", "shop", cwd=tmp_path)

    files = tree(tmp_path / "shop")
    assert [f for f in files if f.startswith("data/")]
    assert [f for f in files if not f.startswith("data/")] == [
        "README.md",
        "churn.feat",
        "featc.toml",
        "features.feat",
        "prepare.py",
        "retail.feat",
        "target/prepare.json",
        "tests.feat",
    ]


def test_init_copies_another_reference_project(featc: Featc, tmp_path: Path) -> None:
    made = featc("init", "air", "--from", "flights", cwd=tmp_path)

    assert made.status == 0, made.err
    assert "featc preview carrier_departures.late_share_90d  a few values" in made.out
    assert (tmp_path / "air" / "target" / "prepared" / "departures.parquet").is_file()
    assert featc("check", cwd=tmp_path / "air").status == 0


def test_init_copies_no_project_that_is_not_there(featc: Featc, tmp_path: Path) -> None:
    assert featc("init", "air", "--from", "ships", cwd=tmp_path).status == 2
    assert not (tmp_path / "air").exists()


def test_init_in_the_current_folder_keeps_hidden_files(featc: Featc, tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "HEAD").write_text("x")

    assert featc("init", cwd=tmp_path).status == 0
    assert (tmp_path / ".git" / "HEAD").read_text() == "x"
    assert (tmp_path / "featc.toml").is_file()


def test_init_refuses_a_folder_that_holds_something(featc: Featc, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("x")

    result = featc("init", tmp_path)

    assert (result.status, len(result.errors)) == (1, 1)
    assert "it holds `notes.txt`" in result.err
    assert "help: name a new folder" in result.err
    assert tree(tmp_path) == ["notes.txt"]


def test_init_refuses_a_file(featc: Featc, tmp_path: Path) -> None:
    (tmp_path / "x").write_text("")

    assert featc("init", tmp_path / "x").status == 1


def test_an_init_that_fails_leaves_nothing(
    featc: Featc, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("featdsl.project.prepare.prepare_data", full)

    result = featc("init", tmp_path / "new" / "shop")

    assert (result.status, len(result.errors)) == (1, 1)
    assert "the disk is full" in result.err
    assert tree(tmp_path) == []
    assert not (tmp_path / "new" / "shop").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_init_in_a_folder_that_cannot_be_written_is_one_error(featc: Featc, tmp_path: Path) -> None:
    tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)

    result = featc("init", tmp_path / "shop")

    assert (result.status, len(result.errors)) == (1, 1)


# prepare


def test_prepare_lists_files_with_their_hashes(featc: Featc, quickstart: Path) -> None:
    result = featc("prepare", cwd=quickstart)
    record = featc("prepare", "--json").json

    assert result.status == 0
    assert "data/customers.csv" in result.out
    assert [f["path"] for f in record["files"]] == [
        line.split()[0] for line in result.out.splitlines()[2:-2]
    ]


def test_a_project_without_a_script_is_one_error(featc: Featc, shop: Path) -> None:
    result = featc("prepare", cwd=shop)

    assert (result.status, len(result.errors)) == (1, 1)
    assert "[prepare]" in result.err


# fmt


def test_fmt_rewrites_files_once(featc: Featc, shop: Path) -> None:
    (shop / "x.feat").write_text("const   a=1   # why\n")

    first = featc("fmt", cwd=shop)
    second = featc("fmt")

    assert (shop / "x.feat").read_text() == "const a = 1  # why\n"
    assert first.err == "formatted x.feat\n1 file already in form\n"
    assert (second.status, second.err) == (0, "2 files already in form\n")


@pytest.mark.parametrize("option", ["--check", "--diff"])
def test_fmt_can_only_look(featc: Featc, shop: Path, option: str) -> None:
    (shop / "x.feat").write_text("const   a=1\n")

    result = featc("fmt", option, cwd=shop)

    assert result.status == 1
    assert (shop / "x.feat").read_text() == "const   a=1\n"
    assert ("-const   a=1\n+const a = 1\n" in result.out) is (option == "--diff")


def test_fmt_of_what_is_in_form_is_silent_on_the_output(featc: Featc, shop: Path) -> None:
    result = featc("fmt", "--check", cwd=shop)

    assert (result.status, result.out) == (0, "")


def test_fmt_leaves_a_file_with_a_syntax_error_and_formats_the_others(
    featc: Featc, shop: Path
) -> None:
    (shop / "bad.feat").write_text("const   a = (1\n")
    (shop / "x.feat").write_text("const   b=1\n")

    result = featc("fmt", cwd=shop)

    assert (result.status, [e[6:12] for e in result.errors]) == (1, ["FD0102"])
    assert (shop / "bad.feat").read_text() == "const   a = (1\n"
    assert (shop / "x.feat").read_text() == "const b = 1\n"


def test_fmt_takes_files_and_folders_without_a_project(featc: Featc, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "a.feat").write_text("const   a=1\n")
    (tmp_path / "sub" / "b.feat").write_text("const   b=1\n")

    assert featc("fmt", "a.feat", "sub", cwd=tmp_path).status == 0
    assert (tmp_path / "sub" / "b.feat").read_text() == "const b = 1\n"


def test_fmt_of_a_missing_file_is_one_error(featc: Featc, tmp_path: Path) -> None:
    result = featc("fmt", "no.feat", cwd=tmp_path)

    assert (result.status, result.errors) == (2, ["error: there is no `no.feat`"])


@pytest.mark.parametrize("project", ["quickstart", "flights"])
def test_the_reference_projects_are_in_form(featc: Featc, project: str) -> None:
    result = featc("fmt", "--check", "--project", FEATURES / project)

    assert result.status == 0, result.err
