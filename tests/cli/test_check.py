"""`featc check`: every mistake of a project in one go, whatever lies in the place of a text."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import Featc


def test_a_sound_project_is_summed_up_in_a_line(featc: Featc, shop: Path) -> None:
    result = featc("check", cwd=shop)

    assert (result.status, result.err) == (0, "")
    assert result.out.splitlines()[-1] == (
        "✓ shop: 1 file, 1 source, 0 views, 3 features in 1 group, 0 tests"
    )


def test_mistakes_of_all_files_are_told_at_once(featc: Featc, shop: Path) -> None:
    (shop / "a.feat").write_text("const a = (1\n")
    (shop / "b.feat").write_text("features x for customer from sale { y = count() over 7d }\n")
    with (shop / "featc.toml").open("a") as settings:
        settings.write("[prepare]\nscript = 'x.py'\n")

    result = featc("check", cwd=shop)

    assert result.status == 1
    assert [line.split("[")[1][:6] for line in result.errors] == ["FD0603", "FD0102", "FD0201"]
    assert "did you mean `sales`?" in result.out
    assert "  --> featc.toml:5:1" in result.out


def test_a_name_of_another_namespace_is_found_there(featc: Featc, shop: Path) -> None:
    (shop / "b.feat").write_text(
        "namespace other\nfeatures x for customer from sales { y = count() over 7d }\n"
    )

    result = featc("check", cwd=shop)

    assert result.errors == [
        "error[FD0201 unknown-declared]: there is no entity `customer` in namespace `other`",
        "error[FD0201 unknown-declared]: there is no source or view `sales` in namespace `other`",
    ]
    assert "help: bring it in, `use shop.customer`, or write `shop.customer`" in result.out
    assert "help: bring it in, `use shop.sales`, or write `shop.sales`" in result.out
    assert "`shop` has one" in result.out


def test_a_target_that_cannot_be_made_is_blamed_on_no_step(featc: Featc, quickstart: Path) -> None:
    shutil.rmtree(quickstart / "target")
    (quickstart / "target").write_text("")

    result = featc("check", "--run", cwd=quickstart)

    assert (result.status, len(result.errors)) == (1, 1)
    assert "✗ quickstart cannot be run\n" in result.out


def test_json_has_a_stable_shape(featc: Featc, shop: Path) -> None:
    (shop / "a.feat").write_text("const a = (1\n")

    report = featc("check", "--json", cwd=shop).json

    assert {key: report[key] for key in ("ok", "errors")} == {"ok": False, "errors": 1}
    assert report["diagnostics"][0] == {
        "code": "FD0102",
        "slug": "unclosed-bracket",
        "severity": "error",
        "message": "`(` is never closed",
        "file": "a.feat",
        "line": 1,
        "column": 11,
        "end_line": 1,
        "end_column": 12,
        "label": "opened here",
        "labels": [],
        "notes": [],
        "helps": ["add `)`"],
        "fix": None,
        "project": ".",
    }


def test_levels_of_warnings_are_kept(featc: Featc, shop: Path) -> None:
    text = (shop / "shop.feat").read_text()
    (shop / "shop.feat").write_text(text.replace("  ## This week to this month.\n", ""))
    settings = (shop / "featc.toml").read_text()

    statuses = {}
    for level in ("warn", "error", "off"):
        (shop / "featc.toml").write_text(f'{settings}[lint]\nmissing-description = "{level}"\n')
        report = featc("check", "--json", cwd=shop)
        statuses[level] = (report.status, report.json["errors"], report.json["warnings"])

    assert statuses == {"warn": (0, 0, 1), "error": (1, 1, 0), "off": (0, 0, 0)}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"\x00\x01", "FD0610"),
        (b"\xff\xfea\x00", "FD0611"),
        (b"# caf\xe9\n", "FD0611"),
        (b"#" * (1 << 21), "FD0608"),
    ],
)
def test_a_file_that_is_no_text_is_one_error(
    featc: Featc, shop: Path, content: bytes, code: str
) -> None:
    (shop / "x.feat").write_bytes(content)

    result = featc("check", cwd=shop)

    assert result.status == 1
    assert [line[6:12] for line in result.errors] == [code]


@pytest.mark.parametrize("kind", ["folder", "pipe", "loop", "nowhere", "outside"])
def test_what_is_no_file_is_one_error(featc: Featc, shop: Path, kind: str) -> None:
    place = shop / "x.feat"
    match kind:
        case "folder":
            place.mkdir()
        case "pipe":
            os.mkfifo(place)
        case "loop":
            place.symlink_to("x.feat")
        case "nowhere":
            place.symlink_to("y.txt")
        case "outside":
            (shop.parent / "secret.feat").write_text("const a = 1\n")
            place.symlink_to(shop.parent / "secret.feat")

    result = featc("check", cwd=shop)

    assert result.status == 1
    assert [line[6:12] for line in result.errors] == ["FD0607"]


def test_an_empty_file_is_a_warning(featc: Featc, shop: Path) -> None:
    (shop / "x.feat").write_text("")

    result = featc("check", cwd=shop)

    assert result.status == 0
    assert result.out.startswith("warning[FD0612 empty-file]: `x.feat` is empty\n")


def test_a_project_without_texts_is_one_error(featc: Featc, shop: Path) -> None:
    (shop / "shop.feat").unlink()

    result = featc("check", cwd=shop)

    assert (result.status, [e[6:12] for e in result.errors]) == (1, ["FD0606"])


def test_settings_that_are_no_toml_are_one_error(featc: Featc, shop: Path) -> None:
    (shop / "featc.toml").write_text("[project\n")

    result = featc("check", cwd=shop)

    assert (result.status, [e[6:12] for e in result.errors]) == (1, ["FD0602"])


# Parameters


@pytest.mark.parametrize(
    ("given", "status", "message"),
    [
        ("floor", 2, "`--param floor` is not `name=value`"),
        ("flor=2", 1, "flor"),
        ("floor=much", 1, "floor"),
    ],
)
def test_a_wrong_parameter_is_one_error(
    featc: Featc, shop: Path, given: str, status: int, message: str
) -> None:
    result = featc("check", "--param", given, cwd=shop)

    assert result.status == status
    assert len(result.errors) == 1
    assert message in result.errors[0]


def test_a_parameter_of_a_target_that_is_not_declared_is_one_error(
    featc: Featc, shop: Path
) -> None:
    with (shop / "featc.toml").open("a") as settings:
        settings.write("[targets.dev.params]\nflor = 2.00\n")

    result = featc("check", cwd=shop)

    assert (result.status, len(result.errors)) == (1, 1)
    assert "did you mean `floor`?" in result.out


def test_many_warnings_of_a_kind_are_a_few_and_a_number(featc: Featc, shop: Path) -> None:
    many = "\n".join(f"  s{n} = count() over {n}d" for n in range(1, 21))
    (shop / "b.feat").write_text(f"features x for customer from sales {{\n{many}\n}}\n")

    text = featc("check", cwd=shop)
    told = featc("check", "--json", cwd=shop)
    concise = featc("check", "--output", "concise", cwd=shop)

    undescribed = [d for d in told.json["diagnostics"] if d["code"] == "FD0901"]
    assert len(undescribed) > 20
    assert text.out.count("warning[FD0901 missing-description]: ") == 3
    assert f"and {len(undescribed) - 3} more warnings [FD0901 missing-description] in " in text.out
    assert "  help: `featc check --output concise` lists each in a line\n" in text.out
    assert f"{len(told.json['diagnostics'])} warnings in 1 file" in text.out
    assert concise.out.count("warning[FD0901 missing-description]") == len(undescribed)


def test_errors_are_all_shown_however_many(featc: Featc, shop: Path) -> None:
    many = "\n".join(f"  s{n} = sum(nothing{n}) over 7d" for n in range(1, 10))
    (shop / "b.feat").write_text(f"features x for customer from sales {{\n{many}\n}}\n")

    assert len(featc("check", cwd=shop).errors) == 9
