"""What holds for every command: help, usage errors, projects, colours, ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.main import get_command

from featdsl import __version__
from featdsl.cli import failures
from featdsl.cli.app import build, commands
from featdsl.cli.main import run
from featdsl.cli.screen import printable
from featdsl.cli.settings import hoist
from tests.cli.conftest import NOW, Featc

NAMES = [name for name, _, _ in commands()]


def process(*arguments: str, cwd: Path | None = None, **options: object) -> subprocess.Popen[str]:
    """A process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "featdsl.cli.main", *arguments],
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        **options,  # type: ignore[call-overload]
    )


# Help


@pytest.mark.parametrize("name", NAMES)
def test_a_commands_help_has_examples_its_effects_and_its_exit_status(
    featc: Featc, name: str
) -> None:
    result = featc(name, "--help")

    assert (result.status, result.err) == (0, "")
    assert f"Usage: featc {name}" in result.out
    assert f"\n  featc {name}" in result.out, "examples"
    assert "Exit status: 0" in result.out
    assert any(word in result.out for word in ("Reads", "Writes", "writes", "Rewrites"))
    assert max(map(len, result.out.splitlines())) <= 80


@pytest.mark.parametrize("name", NAMES)
def test_every_parameter_of_a_command_is_explained(name: str) -> None:
    command = get_command(build(lambda: NOW, color=False)).commands[name]

    unexplained = [p.name for p in command.params if not getattr(p, "help", None)]

    assert unexplained == []


def test_help_lists_every_command_in_one_line_each(featc: Featc) -> None:
    lines = featc("--help").out.splitlines()

    assert [n for n in NAMES if sum(line.startswith(f"  {n} ") for line in lines) != 1] == []
    assert max(map(len, lines)) <= 80


def test_no_command_is_answered_with_the_help(featc: Featc) -> None:
    assert featc().out == featc("--help").out == featc("-h").out


def test_help_needs_neither_the_compiler_nor_the_engine() -> None:
    script = (
        "import sys, featdsl.cli.main as m; m.run(['--help']);"
        "heavy = {'sqlglot', 'duckdb', 'pandas', 'lark', 'pydantic', 'rich'} & set(sys.modules);"
        "print(sorted(heavy), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)

    assert done.stderr == "[]\n"


def test_a_command_is_set_up_without_the_others() -> None:
    script = (
        "import sys, featdsl.cli.main as m; m.run(['--no-color', 'version']);"
        "print({'featdsl.cli.check', 'featdsl.cli.run'} & set(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)

    assert done.stdout.split()[:2] == ["featc", __version__]
    assert done.stderr == "set()\n"


def test_the_version_is_told_in_a_line_and_as_json(featc: Featc) -> None:
    assert featc("--version").out == f"featc {__version__}\n"
    assert featc("version", "--json").json["featc"] == __version__


# Usage errors


@pytest.mark.parametrize(
    ("arguments", "error", "remedy"),
    [
        (["chekc"], "`featc` has no command `chekc`", "did you mean `check`?"),
        (["xyzzy"], "`featc` has no command `xyzzy`", "`featc --help` lists the commands"),
        (["check", "--jsno"], "`featc check` has no option `--jsno`", "did you mean `--json`?"),
        (["--vrsion"], "`featc` has no option `--vrsion`", "did you mean `--version`?"),
        (["docs", "--json"], "`featc docs` has no option `--json`", "see `featc docs --help`"),
        (
            ["preview", "a", "--limit", "0"],
            "invalid value for '--limit': it must be greater than or equal to 1",
            "see `featc preview --help`",
        ),
        (["show"], "missing argument 'NAME'", "see `featc show --help`"),
        (["show", "a", "b"], "got unexpected extra argument(s) (b)", "see `featc show --help`"),
        (["check", "--project"], "`--project` needs a value", "write `--project DIR`"),
    ],
)
def test_a_wrong_command_line_is_one_error_with_a_remedy_and_status_2(
    featc: Featc, arguments: list[str], error: str, remedy: str
) -> None:
    result = featc(*arguments)

    assert (result.status, result.out) == (2, "")
    assert result.err.lower() == f"error: {error}\n  help: {remedy}\n".lower()


def test_an_unknown_value_of_a_choice_names_the_choices(featc: Featc, shop: Path) -> None:
    result = featc("compile", "--as", "veiw", cwd=shop)

    assert result.status == 2
    assert len(result.errors) == 1
    assert all(f"'{form}'" in result.err for form in ("select", "view", "table"))
    assert "Value error" not in result.err


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_a_closed_output_stream_stops_nothing(shop: Path, closed: str) -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", f'"$0" -m featdsl.cli.main check {closed}', sys.executable],
        cwd=shop,
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )

    assert (done.returncode, "Traceback" in done.stderr) == (0, False)


# Options that hold for every command


def test_options_for_every_command_may_stand_anywhere() -> None:
    assert hoist(["check", "--json", "--project", "x", "--debug"]) == (
        ["--project", "x", "--debug"],
        ["check", "--json"],
    )
    assert hoist(["run", "--project=x", "a"]) == (["--project=x"], ["run", "a"])
    assert hoist(["show", "--", "--debug"]) == ([], ["show", "--", "--debug"])


def test_a_project_can_be_named_before_and_after_the_command(featc: Featc, shop: Path) -> None:
    before = featc("--project", shop, "check", cwd=shop.parent)
    after = featc("check", "--project", shop)

    assert before == after
    assert before.status == 0


def test_without_a_project_there_is_one_error_and_status_2(featc: Featc, tmp_path: Path) -> None:
    result = featc("check", cwd=tmp_path)

    assert result.status == 2
    assert result.errors == [
        "error[FD0601 no-project]: no featc.toml in this folder or any above it"
    ]


def test_a_project_is_found_from_a_folder_inside_it(featc: Featc, shop: Path) -> None:
    (shop / "inner").mkdir()

    assert featc("check", cwd=shop / "inner").status == 0


def test_an_unknown_target_is_one_error_and_status_2(featc: Featc, shop: Path) -> None:
    result = featc("check", "--target", "prod", cwd=shop)

    assert (result.status, len(result.errors)) == (2, 1)


# Colours


def test_what_is_no_terminal_gets_no_colours(featc: Featc, shop: Path) -> None:
    (shop / "bad.feat").write_text("const a = (1\n")

    assert "\033" not in featc("check", cwd=shop).out + featc("--help").out


def test_colours_can_be_forced_and_refused(
    featc: Featc, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (shop / "bad.feat").write_text("const a = (1\n")
    featc("version", cwd=shop)
    monkeypatch.setenv("FORCE_COLOR", "1")
    forced = featc("check").out
    refused = featc("check", "--no-color").out
    monkeypatch.setenv("NO_COLOR", "1")

    assert "\033[" in forced
    assert "\033" not in refused + featc("check").out


def test_control_characters_cannot_steer_the_terminal(featc: Featc, shop: Path) -> None:
    (shop / "\x1b[31mred\x07.feat").write_text("const a = (1\n")

    result = featc("check", cwd=shop)

    assert result.status == 1
    assert "\x1b" not in result.out + result.err
    assert "\x07" not in result.out + result.err


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x1b]0;title\x07b", "a\\x1b]0;title\\x07b"),
        ("two\nlines", "two\\nlines"),
        ("\u202eevil", "\\u{202e}evil"),
        ("plain ✓ 漢", "plain ✓ 漢"),
    ],
)
def test_a_cell_is_one_line_that_steers_nothing(text: str, shown: str) -> None:
    assert printable(text) == shown


# Ends


def test_a_reader_that_leaves_is_no_failure_of_featc(shop: Path) -> None:
    with process("compile", "--emit", "program", cwd=shop) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdout.close()
        err = child.stderr.read()

    assert (child.returncode, err) == (141, "")


def test_an_interrupt_is_one_line_and_status_130(shop: Path) -> None:
    (shop / "prepare.py").write_text(
        "import time\ndef prepare(target):\n    print('ready', flush=True)\n    time.sleep(60)\n"
    )
    with (shop / "featc.toml").open("a") as settings:
        settings.write("[prepare]\n")
    child = process("prepare", cwd=shop)
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    time.sleep(0.1)
    child.send_signal(signal.SIGINT)
    _, err = child.communicate(timeout=30)

    assert child.returncode == 130
    assert err.splitlines()[-1] == "interrupted"
    assert "Traceback" not in err


def test_an_interrupt_while_a_class_is_made_is_one_too(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Interrupts:
        def __set_name__(self, owner: type, name: str) -> None:
            raise KeyboardInterrupt

    def invoked(*given: object, **more: object) -> int:
        type("Made", (), {"made": Interrupts()})
        return 0

    monkeypatch.setattr("featdsl.cli.main._invoke", invoked)

    assert run(["check"]) == 130
    assert capfd.readouterr().err == "interrupted\n"


def test_a_defect_of_featc_is_told_as_one_and_debug_shows_where(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, shop: Path
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise AssertionError("this should\nnot happen")

    monkeypatch.setattr("featdsl.compiler.pipeline.compile_project", broken)

    assert run(["check", "--project", str(shop)]) == 1
    plain = capfd.readouterr().err
    assert run(["check", "--project", str(shop), "--debug"]) == 1
    debug = capfd.readouterr().err

    assert plain.startswith("error: internal compiler error: AssertionError: this should\n")
    assert f"featc {__version__}" in plain
    assert "Traceback" not in plain
    assert "Traceback" in debug


def test_a_full_disk_is_one_line(capfd: pytest.CaptureFixture[str]) -> None:
    failure = OSError(28, "No space left on device", "target/x")

    assert failures.report(failure, color=False, debug=False) == 1
    assert capfd.readouterr().err == "error: no space left on device (`target/x`)\n"


def test_missing_memory_is_one_line(capfd: pytest.CaptureFixture[str]) -> None:
    assert failures.report(MemoryError(), color=False, debug=False) == 1
    assert len(capfd.readouterr().err.splitlines()) == 2
