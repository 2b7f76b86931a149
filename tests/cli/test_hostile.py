"""Project trees that are not what they should be, and odd command lines: always an answer.

Each command ends with a status of its own, a diagnostic where it fails, and never a traceback.
Trees and command lines are drawn from seeds, for as long as a box of processor time lasts.
"""

from __future__ import annotations

import os
import random
import shutil
import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from featdsl.cli.main import run

BOX = 8.0
"""Seconds of the processor."""

TEXT = """\
namespace shop
entity customer { key customer_id: int }
source sales {
  from csv "s.csv"
  key n
  time at
  entity customer
  columns { n: int required  customer_id: int required  at: timestamp required  amount: int }
}
source asked {
  from csv "s.csv"
  columns { customer_id: int required  at: timestamp required }
}
features g for customer from sales { a = sum(amount) over 7d }
dataset d for customer { spine asked at at  include g.* }
"""
ROWS = "n,customer_id,at,amount\n1,1,2024-01-01 00:00:00,5\n2,2,2024-01-02 00:00:00,6\n"
SETTINGS = '[project]\nname = "shop"\nas_of = "2024-01-05"\n'
FILES = ["x.feat", "shop.feat", "featc.toml", "featc.lock", "data/s.csv", "target", "target/runs"]
FILES += ["target/data", "target/cache", "x\n\"%s{}'.feat", "caf\u00e9.feat", "cafe\u0301.feat"]
BYTES = [
    b"",
    b"\0",
    b"\xff\xfe\0",
    b"\xef\xbb\xbfnamespace shop\n",
    b"const a = \xe9\r\n",
    b"#" + b"a" * 2_000_000,
    b"const = [\r\n",
    b"version = 1\nx = " + b"[" * 2000,
    b"[project]\nname = 3\nas_of = 99999-01-01\ntimezone = 'Mars/X'\n",
    b"[project]\nname = 'shop'\n[targets.dev]\nparams = {x = " + b"9" * 5000 + b"}\n",
    random.Random(0).randbytes(300),
]
COMMANDS = [
    ["check"],
    ["fmt"],
    ["fmt", "--check"],
    ["compile"],
    ["test"],
    ["show", "g"],
    ["lineage", "g.a"],
    ["run"],
    ["preview", "g.a"],
    ["lock"],
    ["get", "d", "1"],
    ["train", "d"],
    ["docs", "--out", "site"],
]
ODD = [
    "",
    "*",
    "no*.x",
    "--as-of",
    "--as-of=0000",
    "--as-of=9999-12-31",
    "--as-of=-1",
    "--out=data/s.csv",
]
ODD += ["--param=x", "--param==", "--select=", "\ud800", "a\nb", "--", "9" * 400, "--target=\u202e"]


def put(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def spoil(folder: Path, rng: random.Random) -> None:
    """Put something odd in a file's place."""
    path = folder / rng.choice(FILES)
    if any(os.path.lexists(p) and not p.is_dir() for p in path.parents):
        return
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    kinds: list[Callable[[], object]] = [
        path.mkdir,
        lambda: os.mkfifo(path),
        lambda: path.symlink_to("nowhere"),
        lambda: path.symlink_to(path.name),
        lambda: path.symlink_to("."),
        lambda: _socket(path),
    ]
    if rng.random() < 0.5:
        put(path, rng.choice(BYTES))
    else:
        rng.choice(kinds)()


def _socket(path: Path) -> None:
    before = Path.cwd()
    os.chdir(path.parent)  # the whole path may be longer than such names may be
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name)
    finally:
        os.chdir(before)


def test_every_command_has_an_answer_in_any_tree(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    start, seed = time.process_time(), 0
    while time.process_time() - start < BOX:
        seed += 1
        rng = random.Random(seed)
        folder = tmp_path / str(seed)
        put(folder / "shop.feat", TEXT.encode())
        put(folder / "featc.toml", SETTINGS.encode())
        put(folder / "data/s.csv", ROWS.encode())
        for _ in range(rng.choice([0, 1, 1, 2])):
            spoil(folder, rng)
        monkeypatch.chdir(folder)
        line = [*rng.choice(COMMANDS)]
        if rng.random() < 0.4:
            line.insert(rng.randint(0, len(line)), rng.choice(ODD))
        status = run(line)
        out, err = capsys.readouterr()
        said = f"seed {seed}: featc {line!r}: {status}\n{out[-500:]}\n{err[-1500:]}"

        assert status in (0, 1, 2), said
        for sign in ("Traceback", "internal compiler error", "Errno", "recursion"):
            assert sign not in out + err, said
        assert status == 0 or (out + err).strip(), said
        assert not list(folder.glob("**/*.tmp")), said
        monkeypatch.undo()
    assert seed > 20
