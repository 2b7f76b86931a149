"""Projects: what is found, what is read, what is said of what cannot be."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest

from featdsl.diagnostics.failure import Failure
from featdsl.diagnostics.model import Problems
from featdsl.ir.program import Origin
from featdsl.project.as_of import AsOf, choose_as_of, parse_as_of, show_instant
from featdsl.project.discover import find_root
from featdsl.project.load import Project, load_project
from featdsl.project.params import read_assignments
from featdsl.project.prepare import RECORD, prepare_data
from featdsl.project.read_config import name_from, read_config
from featdsl.text.sources import SourceSet

SETTINGS = '[project]\nname = "shop"\n'
NOW = datetime(2026, 11, 22, 18, 30, 5, 123, tzinfo=UTC)


def project(folder: Path, **files: str | bytes) -> Path:
    """A project with files; ``__`` in a name stands for its dot."""
    (folder / "featc.toml").write_text(SETTINGS)
    for name, content in files.items():
        path = folder / name.replace("__", ".")
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def codes(loaded: Project) -> list[str]:
    return [d.code.id for d in loaded.problems.items]


def read(text: str) -> tuple[object, list[tuple[str, str, str]]]:
    """Settings, and code, place and message of each mistake in them."""
    problems = Problems()
    config = read_config(text, "fallback", problems)
    texts = SourceSet.of({"featc.toml": text})
    return config, [
        (d.code.id, texts.where(d.primary.span) if d.primary else "", d.message)
        for d in problems.sorted()
    ]


# Where a project is


def test_a_project_is_found_from_a_folder_inside_it(tmp_path: Path) -> None:
    inner = project(tmp_path) / "a" / "b"
    inner.mkdir(parents=True)

    assert find_root(inner) == tmp_path.resolve()


def test_a_named_folder_is_not_searched_upwards(tmp_path: Path) -> None:
    inner = project(tmp_path) / "a"
    inner.mkdir()

    with pytest.raises(Failure, match=r"holds no featc\.toml"):
        find_root(inner, here_only=True)


def test_where_there_is_no_project_those_below_are_offered(tmp_path: Path) -> None:
    (tmp_path / "features" / "shop").mkdir(parents=True)
    project(tmp_path / "features" / "shop")

    with pytest.raises(Failure) as caught:
        find_root(tmp_path, here_only=True)

    assert caught.value.diagnostics[0].helps == (
        "there are projects below: `--project features/shop`",
    )


def test_texts_are_found_in_order_and_hidden_target_and_inner_projects_are_not(
    tmp_path: Path,
) -> None:
    project(tmp_path, b__feat="const b = 1", a__feat="const a = 1", c__txt="no")
    for folder in (".git", "target", "inner", "sub"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "x.feat").write_text("const x = 1")
    (tmp_path / "inner" / "featc.toml").write_text(SETTINGS)
    (tmp_path / ".hidden.feat").write_text("const x = 1")

    loaded = load_project(tmp_path)

    assert list(loaded.texts.files) == ["a.feat", "b.feat", "sub/x.feat"]
    assert codes(loaded) == []


def test_a_project_without_texts_is_told_so(tmp_path: Path) -> None:
    assert codes(load_project(project(tmp_path))) == ["FD0606"]


# What is in the place of a text


@pytest.mark.parametrize(
    ("content", "code", "message"),
    [
        (b"", "FD0612", "`x.feat` is empty"),
        (b" \n\t\n", "FD0612", "`x.feat` is empty"),
        (b"PAR1\x00\x01", "FD0610", "`x.feat` is no text: byte 4 is NUL"),
        (
            "# caf\xe9".encode("latin-1"),
            "FD0611",
            "`x.feat` is not UTF-8: byte 5 (0xe9, line 1) is wrong",
        ),
        ("const a = 1".encode("utf-16"), "FD0611", "`x.feat` is UTF-16, not UTF-8"),
        (
            b"#" * ((1 << 20) + 1),
            "FD0608",
            "`x.feat` is too large: 1.0 MiB, and at most 1 MiB is read",
        ),
    ],
)
def test_a_file_that_is_no_text_is_one_diagnostic_and_the_others_are_read(
    tmp_path: Path, content: bytes, code: str, message: str
) -> None:
    loaded = load_project(project(tmp_path, x__feat=content, y__feat="const y = 1"))

    assert [(d.code.id, d.message) for d in loaded.problems.items] == [(code, message)]
    assert "y.feat" in loaded.texts.files


def test_a_folder_called_like_a_text_is_one_diagnostic(tmp_path: Path) -> None:
    (project(tmp_path, y__feat="const y = 1") / "x.feat").mkdir()

    loaded = load_project(tmp_path)

    assert [d.message for d in loaded.problems.items] == ["`x.feat` cannot be read: it is a folder"]


def test_a_link_that_leads_nowhere_is_one_diagnostic(tmp_path: Path) -> None:
    (project(tmp_path, y__feat="const y = 1") / "x.feat").symlink_to("gone.feat")

    assert [d.message for d in load_project(tmp_path).problems.items] == [
        "`x.feat` cannot be read: there is no such file"
    ]


def test_a_link_out_of_the_project_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    outside = tmp_path / "secret.feat"
    outside.write_text("const secret = 1")
    (project(tmp_path / "shop", y__feat="const y = 1") / "x.feat").symlink_to(outside)

    loaded = load_project(tmp_path / "shop")

    assert codes(loaded) == ["FD0607"]
    assert list(loaded.texts.files) == ["y.feat"]


def test_a_pipe_in_the_place_of_a_text_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(project(tmp_path, y__feat="const y = 1") / "x.feat")

    assert codes(load_project(tmp_path)) == ["FD0607"]


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path: Path) -> None:
    loaded = load_project(project(tmp_path, x__feat=b"\xef\xbb\xbfconst a = 1"))

    assert loaded.texts.files["x.feat"].text == "const a = 1"


def test_a_level_for_empty_files_is_kept(tmp_path: Path) -> None:
    project(tmp_path, x__feat="", y__feat="const y = 1")
    (tmp_path / "featc.toml").write_text(SETTINGS + '[lint]\nempty-file = "off"\n')

    assert codes(load_project(tmp_path)) == []


# featc.toml


def test_settings_have_the_defaults_of_the_manual() -> None:
    config, mistakes = read(SETTINGS)

    assert mistakes == []
    assert config.model_dump() == {
        "project": {
            "name": "shop",
            "timezone": "UTC",
            "data_dir": "data",
            "target_dir": "target",
            "reproducible": False,
            "as_of": None,
        },
        "prepare": None,
        "attributes": {},
        "lint": {},
        "targets": {},
    }


@pytest.mark.parametrize(
    ("text", "mistakes"),
    [
        (
            "",
            [
                (
                    "FD0605",
                    "featc.toml:1:1",
                    "featc.toml does not name the project: `project.name` is missing",
                )
            ],
        ),
        (
            '[projct]\nname = "shop"',
            [("FD0603", "featc.toml:1:2", "featc.toml has no table `projct`")],
        ),
        (
            SETTINGS + 'timezon = "UTC"',
            [("FD0603", "featc.toml:3:1", "`[project]` has no key `timezon`")],
        ),
        (
            SETTINGS + 'timezone = "Kolkata"',
            [
                (
                    "FD0604",
                    "featc.toml:3:12",
                    "`project.timezone` in featc.toml must be a time zone such as `UTC` or "
                    "`Europe/Vienna`",
                )
            ],
        ),
        (
            SETTINGS + 'target_dir = "../out"',
            [
                (
                    "FD0604",
                    "featc.toml:3:14",
                    "`project.target_dir` in featc.toml must be a folder inside the project: "
                    "featc writes there",
                )
            ],
        ),
        (
            SETTINGS + "[targets.dev]\nthreads = '2'\n",
            [
                (
                    "FD0604",
                    "featc.toml:4:11",
                    "`targets.dev.threads` in featc.toml must be a whole number",
                )
            ],
        ),
        (
            SETTINGS + "[lint]\nunclosed-bracket = 'off'\n",
            [
                (
                    "FD0604",
                    "featc.toml:4:1",
                    "`unclosed-bracket` (FD0102) is an error: its level cannot be set",
                )
            ],
        ),
        (
            "[project\nname = 1",
            [
                (
                    "FD0602",
                    "featc.toml:1:9",
                    "featc.toml is not valid TOML: expected ']' at the end of a table declaration",
                )
            ],
        ),
        (
            SETTINGS + "x = " + "[" * 3000 + "]" * 3000,
            [
                (
                    "FD0602",
                    "featc.toml:3:1",
                    "featc.toml is not valid TOML: values are nested too deeply",
                )
            ],
        ),
        (
            SETTINGS + "x = " + "9" * 5000,
            [
                (
                    "FD0602",
                    "featc.toml:3:5",
                    "featc.toml is not valid TOML: a number has more than 4,300 digits",
                )
            ],
        ),
    ],
)
def test_a_mistake_in_the_settings_is_one_diagnostic_at_its_place(
    text: str, mistakes: list[tuple[str, str, str]]
) -> None:
    assert read(text)[1] == mistakes


def test_a_mistake_in_the_settings_does_not_hide_the_others_or_the_texts(tmp_path: Path) -> None:
    project(tmp_path, x__feat="const a = 1")
    (tmp_path / "featc.toml").write_text(
        '[project]\nname = "shop"\nas_of = "soon"\nreproducible = 1\n[prepare]\nscript = "x"\n'
    )

    loaded = load_project(tmp_path)

    assert codes(loaded) == ["FD0604", "FD0604", "FD0603"]
    assert loaded.config.project.name == "shop"
    assert list(loaded.texts.files) == ["x.feat"]


@pytest.mark.parametrize(
    ("text", "name"), [("My Shop", "my_shop"), ("2024", "p_2024"), ("été", "t"), ("", "p")]
)
def test_a_name_is_made_of_any_folder(text: str, name: str) -> None:
    assert name_from(text) == name


# Parameters


def test_a_command_line_wins_over_the_target(tmp_path: Path) -> None:
    project(tmp_path, x__feat="const a = 1")
    (tmp_path / "featc.toml").write_text(
        SETTINGS + "[targets.dev.params]\nfloor = 1.50\nday = 2024-01-01\nkinds = ['a', 'b']\n"
    )

    loaded = load_project(tmp_path, params=["floor=2=3"])

    assert loaded.options.params == {
        "floor": ("2=3", Origin.COMMAND),
        "day": (datetime(2024, 1, 1).date(), Origin.TARGET),
        "kinds": (("a", "b"), Origin.TARGET),
    }


def test_a_decimal_of_the_settings_keeps_its_digits(tmp_path: Path) -> None:
    project(tmp_path, x__feat="const a = 1")
    (tmp_path / "featc.toml").write_text(SETTINGS + "[targets.dev.params]\nfloor = 0.10\n")

    assert load_project(tmp_path).options.params == {"floor": (Decimal("0.10"), Origin.TARGET)}


@pytest.mark.parametrize("text", ["floor", "=1", "Floor=1", "a b=1", ""])
def test_what_is_no_assignment_is_refused(text: str) -> None:
    with pytest.raises(Failure, match="is not `name=value`"):
        read_assignments([text])


def test_two_values_for_one_parameter_are_refused() -> None:
    with pytest.raises(Failure, match="given twice"):
        read_assignments(["a=1", "a=2"])


def test_an_unknown_target_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    project(tmp_path, x__feat="const a = 1")
    (tmp_path / "featc.toml").write_text(SETTINGS + "[targets.production]\n")

    with pytest.raises(Failure) as caught:
        load_project(tmp_path, target="prodction")

    assert caught.value.diagnostics[0].helps == ("did you mean `production`?",)


# As-of times


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2024-01-03", datetime(2024, 1, 3)),
        ("@2024-01-03", datetime(2024, 1, 3)),
        ("2024-01-03T10:00:00", datetime(2024, 1, 3, 10)),
        ("2024-01-03 10:00", datetime(2024, 1, 3, 10)),
        ("2024-01-03T10:00:00.000001", datetime(2024, 1, 3, 10, 0, 0, 1)),
        ("2024-01-03T10:00:00Z", datetime(2024, 1, 3, 10)),
        ("2024-01-03T10:00:00+05:30", datetime(2024, 1, 3, 4, 30)),
        ("2024-01-03T01:00:00-0800", datetime(2024, 1, 3, 9)),
        ("now", datetime(2026, 11, 22, 18, 30, 5, 123)),
        ("Today", datetime(2026, 11, 22)),
    ],
)
def test_an_instant_is_read_as_utc(text: str, instant: datetime) -> None:
    assert parse_as_of(text, now=NOW) == instant


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "03/01/2024", "2024-02-30", "2024-1-3", "20240103", "2024-W01-1",
     "2024-01-03T25:00", "0001-01-01T00:00:00+05:00", "2024-01-03T10:00:00 UTC", "1704240000"],
)  # fmt: skip
def test_what_is_no_instant_is_refused_with_the_ways_to_write_one(text: str) -> None:
    with pytest.raises(Failure) as caught:
        parse_as_of(text, now=NOW)

    assert caught.value.diagnostics[0].code.id == "FD0614"
    assert "2024-01-03T10:00:00+05:30" in caught.value.diagnostics[0].helps[0]


def test_a_clock_with_another_zone_gives_the_day_in_utc() -> None:
    late = datetime(2026, 11, 23, 1, tzinfo=timezone(timedelta(hours=5)))

    assert parse_as_of("today", now=late) == datetime(2026, 11, 22)


def test_the_origin_of_an_as_of_time_is_kept() -> None:
    setting = datetime(2026, 10, 1)

    assert choose_as_of("2024-01-03", setting, now=NOW) == AsOf(
        datetime(2024, 1, 3), "command line"
    )
    assert choose_as_of(None, setting, now=NOW) == AsOf(setting, "featc.toml")
    assert choose_as_of(None, None, now=NOW) == AsOf(
        datetime(2026, 11, 22), "default: today 00:00 UTC"
    )


def test_an_instant_is_shown_as_precisely_as_it_is() -> None:
    assert show_instant(datetime(2024, 1, 3)) == "2024-01-03 00:00 UTC"
    assert show_instant(datetime(2024, 1, 3, 4, 5, 6)) == "2024-01-03 04:05:06 UTC"
    assert show_instant(datetime(999, 1, 3, 0, 0, 0, 7)) == "0999-01-03 00:00:00.000007 UTC"


# The prepare script


def with_script(folder: Path, script: str) -> Project:
    project(folder, x__feat="const a = 1", prepare__py=script)
    (folder / "featc.toml").write_text(SETTINGS + "[prepare]\n")
    return load_project(folder)


def test_a_prepare_script_gets_the_data_folder_and_its_files_are_recorded(tmp_path: Path) -> None:
    loaded = with_script(
        tmp_path,
        "def prepare(target):\n"
        "    target.mkdir()\n"
        "    (target / 'a.csv').write_text('x\\n')\n"
        "    return [target / 'a.csv']\n",
    )

    record = prepare_data(loaded)

    assert [(f.path, f.bytes, f.sha256[:8]) for f in record.files] == [
        ("data/a.csv", 2, "73cb3858")
    ]
    assert (tmp_path / "target" / RECORD).read_text() == record.model_dump_json(indent=2) + "\n"
    assert not (tmp_path / "__pycache__").exists()


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("x = (\n", "`prepare.py` failed in line 1: SyntaxError: '(' was never closed"),
        ("import nowhere_to_be_found\n", "`prepare.py` needs the package `nowhere_to_be_found`"),
        ("y = 1\n", "`prepare.py` has no function `prepare`"),
        ("def prepare(t):\n    return 3\n", "`prepare` in `prepare.py` returned no list of paths"),
        (
            "def prepare(t):\n    return [t / 'a.csv']\n",
            "`prepare` in `prepare.py` did not write `a.csv`",
        ),
        (
            "def prepare(t):\n    raise ValueError('two\\nlines')\n",
            "`prepare.py` failed in line 2: ValueError: two lines",
        ),
        ("raise SystemExit(3)\n", "`prepare.py` stopped with exit status 3"),
        (
            "open('/does/not/exist')\n",
            "`prepare.py` failed: no such file or directory (`/does/not/exist`)",
        ),
    ],
)
def test_a_prepare_script_that_fails_is_one_line(tmp_path: Path, script: str, message: str) -> None:
    with pytest.raises(Failure) as caught:
        prepare_data(with_script(tmp_path, script))

    assert caught.value.diagnostics[0].message.startswith(message)
    assert "\n" not in caught.value.diagnostics[0].message
    assert not (tmp_path / "target").exists()


def test_a_project_without_a_prepare_script_says_how_to_have_one(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="names no prepare script"):
        prepare_data(load_project(project(tmp_path, x__feat="const a = 1")))
