"""`featc check --watch`, as a process whose files change under it."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, Queue
from typing import IO, Any

from featdsl.cli.watch import state
from tests.cli.conftest import Featc

PATIENCE = 60.0
"""Seconds until a test gives up: the machine may be busy."""
ROOT = Path(__file__).parents[2]


class Watching:
    """A process that watches; `lines` are those that it has printed and nobody has read."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.lines: Queue[str] = Queue()
        assert process.stdout is not None
        threading.Thread(target=self._read, args=(process.stdout,), daemon=True).start()

    def _read(self, stream: IO[str]) -> None:
        for line in stream:
            self.lines.put(line.rstrip("\n"))

    def until(self, wanted: Callable[[str], bool]) -> list[str]:
        """Lines up to the one that is wanted."""
        found: list[str] = []
        deadline = time.monotonic() + PATIENCE
        while not (found and wanted(found[-1])):
            assert time.monotonic() < deadline, found
            try:
                found.append(self.lines.get(timeout=max(0.0, deadline - time.monotonic())))
            except Empty:
                raise AssertionError(f"it did not come: {found}") from None
        return found

    def check(self) -> list[str]:
        """What one check prints, between its first and its last line."""
        first, *lines, _ = self.until(lambda line: line.endswith("waiting for changes ---"))
        assert first.endswith("checking ---")
        return lines

    def finds(self, *codes: str) -> None:
        """Wait for the check that finds these: one before it may have seen half a change."""
        while [line.partition("[")[2][:6] for line in self.check()] != list(codes):
            pass


@contextmanager
def watching(project: Path, *arguments: str) -> Iterator[Watching]:
    command = [sys.executable, "-m", "featdsl.cli.main", "check", "--watch", *arguments]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    environment.pop("FORCE_COLOR", None)
    with subprocess.Popen(
        command,
        cwd=project,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            yield Watching(process)
        finally:
            process.kill()


def test_changes_are_checked_until_it_is_interrupted(shop: Path) -> None:
    text, settings = (shop / "shop.feat").read_text(), (shop / "featc.toml").read_text()
    with watching(shop, "--output", "concise") as watch:
        watch.finds()
        (shop / "shop.feat").write_text(text.replace("from sales", "from sale"))
        watch.finds("FD0201")
        (shop / "shop.feat").write_text(text)
        watch.finds()
        (shop / "new.feat").write_text("const a = (1\n")
        watch.finds("FD0102")
        (shop / "new.feat").unlink()
        watch.finds()
        (shop / "featc.toml").write_text("[project\n")
        watch.finds("FD0602")
        (shop / "featc.toml").unlink()
        watch.finds("FD0601")
        (shop / "featc.toml").write_text(settings)
        watch.finds()
        watch.process.send_signal(signal.SIGINT)
        status = watch.process.wait(PATIENCE)
        last = watch.until(lambda line: line == "interrupted")

    assert (status, last) == (130, ["interrupted"])


def test_a_change_is_seen_within_three_tenths_of_a_second(shop: Path) -> None:
    with watching(shop, "--output", "concise") as watch:
        watch.check()
        reactions = []
        for number in range(5):
            began = time.monotonic()
            (shop / "new.feat").write_text(f"const a = {number}\n")
            watch.until(lambda line: line.endswith("checking ---"))
            reactions.append(time.monotonic() - began)
            watch.until(lambda line: line.endswith("waiting for changes ---"))

    # The quickest of five: what else the machine does may delay the others.
    assert min(reactions) <= 0.3


def test_a_reader_gets_a_line_of_json_for_each_check(shop: Path) -> None:
    def next_report(watch: Watching) -> Any:
        (line,) = watch.until(lambda line: True)
        return json.loads(line)

    with watching(shop, "--output", "json") as watch:
        before = next_report(watch)
        (shop / "new.feat").write_text("const a = (1\n")
        after = next_report(watch)
        while after["ok"]:
            after = next_report(watch)

    assert (before["ok"], [d["code"] for d in after["diagnostics"]]) == (True, ["FD0102"])


def test_a_terminal_is_cleared_before_each_check(shop: Path) -> None:
    leader, follower = pty.openpty()
    command = [sys.executable, "-m", "featdsl.cli.main", "check", "--watch"]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "TERM": "xterm"}
    printed = b""
    deadline = time.monotonic() + PATIENCE
    with subprocess.Popen(
        command, cwd=shop, env=environment, stdout=follower, stderr=follower, stdin=follower
    ) as process:
        while b"waiting for changes" not in printed and time.monotonic() < deadline:
            printed += os.read(leader, 4096)
        process.kill()
    os.close(follower)
    os.close(leader)

    assert printed.startswith(b"\x1b[H\x1b[2J\x1b[3J")
    assert b" shop: 1 file, " in printed


def test_the_folder_of_outputs_is_that_of_the_settings(shop: Path) -> None:
    (shop / "featc.toml").write_text('[project]\nname = "shop"\ntarget_dir = "made"\n')
    (shop / "made").mkdir()
    (shop / "made" / "x.feat").write_text("const a = (1\n")
    with watching(shop, "--output", "concise") as watch:
        watch.finds()
        (shop / "made" / "x.feat").write_text("const b = (1\n")
        (shop / "new.feat").write_text("const a = (1\n")
        watch.finds("FD0102")
        (shop / "new.feat").unlink()
        watch.finds()


def test_files_of_outputs_and_hidden_ones_are_not_watched(shop: Path) -> None:
    for folder in ("target", ".cache"):
        (shop / folder).mkdir()
        (shop / folder / "x.feat").write_text("")
    (shop / "notes.md").write_text("")

    assert set(state({shop: "target"})) == {
        str(shop / n) for n in ("featc.toml", "featc.lock", "shop.feat")
    }


def test_a_project_that_is_not_there_is_an_error_at_once(featc: Featc, tmp_path: Path) -> None:
    result = featc("check", "--watch", cwd=tmp_path)

    assert (result.status, [e[6:12] for e in result.errors]) == (2, ["FD0601"])


def test_watching_does_not_go_with_a_trial_run(featc: Featc, shop: Path) -> None:
    assert featc("check", "--watch", "--run", cwd=shop).status == 2
