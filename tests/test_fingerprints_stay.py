"""Fingerprints move with what is meant alone: not with a process, a version of a library, or us.

``fingerprints.json`` has those of the projects in `features/`. One that moves although its text
did not asks every user for all values anew: it is rewritten with ``FEATC_UPDATE_GOLDEN=1``, when
that is meant, with a line in the changelog.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from featdsl.compiler.fingerprint import fingerprint_features
from featdsl.compiler.options import Options
from featdsl.compiler.pipeline import compile_project, compile_text
from featdsl.sql.spelled import spelled
from featdsl.text.sources import SourceSet
from tests.harness.lanes import LANE

ROOT = Path(__file__).parents[1]
FILE = Path(__file__).with_name("fingerprints.json")
PROJECTS = sorted(p.name for p in (ROOT / "features").iterdir() if p.is_dir())
PROGRAMS = {"plain": 20, "ci": 200}[LANE]
TEXT = """\
source sales {
  from csv "sales.csv"
  time sold_at
  entity customer
  columns { customer_id: int required  sold_at: timestamp required  amount: int }
}
entity customer { key customer_id: int }
features spend for customer from sales {
  spend = sum(amount) over 30d
  odd = max(sql("{x} % 2", x: amount): int)
}
"""
PRINT = """
import sys
from random import Random
from featdsl.compiler.fingerprint import fingerprint_features
from tests.harness.case import Refused, compiled
from tests.harness.generate.project import make_project
from tests.harness.generate.sizes import SMALL

for seed in range(int(sys.argv[1])):
    project = make_project(Random(seed), SMALL)
    try:
        program = compiled(project.text, project.zone)
    except Refused as refused:
        print(seed, refused.args[0])
        continue
    print(seed, project.text.count("\\n"))
    for name, prints in sorted(fingerprint_features(program).items()):
        print(name, prints.data, prints.metadata)
"""
"""The generator's choices must be those of the seed too."""


def prints(name: str) -> dict[str, dict[str, str]]:
    folder = ROOT / "features" / name
    files = sorted(folder.rglob("*.feat"))
    texts = {p.relative_to(folder).as_posix(): p.read_text(encoding="utf-8") for p in files}
    compiled = compile_project(SourceSet.of(texts), Options(project=name))
    assert compiled.ok
    found = fingerprint_features(compiled.program)
    return {n: {"data": p.data, "metadata": p.metadata} for n, p in sorted(found.items())}


@pytest.mark.parametrize("name", PROJECTS)
def test_those_of_the_projects_are_as_they_were(name):
    found = prints(name)
    kept = json.loads(FILE.read_text()) if FILE.exists() else {}
    if os.environ.get("FEATC_UPDATE_GOLDEN"):
        kept = {n: k for n, k in kept.items() if n in PROJECTS} | {name: found}
        FILE.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n")
    assert found
    assert found == kept[name]


def test_those_of_generated_programs_do_not_depend_on_the_hash_seed():
    running = [
        subprocess.Popen(
            [sys.executable, "-c", PRINT, str(PROGRAMS)],
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        for seed in ("0", "7", "424242")
    ]
    one, *others = [process.communicate()[0] for process in running]

    assert all(process.returncode == 0 for process in running)
    assert one.count("p.g") >= PROGRAMS
    assert all(other == one for other in others)


def test_no_sql_of_a_library_is_hashed(monkeypatch):
    compiled = compile_text(TEXT)
    before = fingerprint_features(compiled.program)

    def refused(*_: object, **__: object) -> str:
        raise AssertionError("a fingerprint rests on SQL as a library writes it")

    monkeypatch.setattr("sqlglot.generator.Generator.generate", refused)
    monkeypatch.setattr("sqlglot.parser.Parser.parse", refused)
    assert fingerprint_features(compiled.program) == before


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("{a}-{b}", " {x}  -  {y}\n"),
        ("concat({a}, 'x  y')", "concat( {a} ,'x  y' )"),
        ("case when {a} > 1 then 2 end", "case  when {b}>1\nthen 2  end"),
    ],
)
def test_blanks_of_sql_and_names_of_holes_mean_nothing(one, other):
    assert spelled(one)[0] == spelled(other)[0]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("{a} - -1", "{a} --1"),
        ("'x  y'", "'x y'"),
        ("'{a}'", "{a}"),
        ("'a' 'b'", "'a''b'"),
        ("{a} < = 1", "{a} <= 1"),
        ("{a}-{b}", "{a}-{a}"),
        ("$$a  b$$", "$$a b$$"),
        ("1 .5", "1.5"),
    ],
)
def test_all_else_of_sql_is_kept(one, other):
    assert spelled(one) != spelled(other)


def test_holes_are_counted_as_they_are_written():
    assert spelled("{b} + { a } * {b}") == ("{0}+{1}*{0}", ("b", "a"))
