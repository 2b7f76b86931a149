"""Programs of the literate pages, of the projects and of `programs`, on rows made by chance.

What a page states holds for the rows that it shows; here compiled SQL and the oracle have to
agree on others. A new construct comes along with the page that shows it.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from functools import cache
from pathlib import Path
from random import Random
from time import process_time

import duckdb
import literate

from featdsl.compiler.options import Options
from featdsl.compiler.pipeline import compile_project
from featdsl.diagnostics.render.text import render_text
from featdsl.ir.program import Program
from featdsl.reference.oracle import Oracle
from featdsl.reference.spine import AS_OF, training_rows
from featdsl.reference.stop import Stopped, Unanswered
from featdsl.text.sources import SourceSet
from tests.harness.case import Spine
from tests.harness.compare import different, same
from tests.harness.engine import STOPS, Engine
from tests.harness.lanes import LANE
from tests.harness.training import DATASET, dataset_of
from tests.reference.made import Maker
from tests.support.seeds import first_seed

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("tests/literate/*.md"), *ROOT.glob("docs/language/*.md")])
PROJECTS = ["quickstart", "flights", "retail"]
PROGRAMS = Path(__file__).parent / "programs"
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata")
SECONDS = 200 if LANE == "ci" else 20
LEAST_CELLS = 300
QUIET = dict.fromkeys(("missing-description", "missing-owner", "untested-feature"), "off")


@cache
def texts() -> list[tuple[str, dict[str, str], Options]]:
    """Name, texts and options of every program."""
    found = []
    for page in PAGES:
        for section in literate.sections(page.read_text(encoding="utf-8")):
            files, settings = literate.inputs(section)
            if files:
                title = section.splitlines()[0].lstrip("# ")
                found.append((f"{page.stem}: {title}", files, literate.options(settings)))
    for name in PROJECTS:
        folder = ROOT / "features" / name
        files = {p.name: p.read_text(encoding="utf-8") for p in sorted(folder.glob("*.feat"))}
        found.append((name, files, Options(project=name, lint=QUIET)))
    for path in sorted(PROGRAMS.glob("*.feat")):
        for zone in ZONES:
            files = {path.name: path.read_text(encoding="utf-8")}
            options = Options(project="project", timezone=zone, lint=QUIET)
            found.append((f"{path.stem} in {zone}", files, options))
    # Mixed, so that a few seeds see all kinds of pages.
    Random(1).shuffle(found)
    return found


class Pages:
    """Programs by number, compiled once."""

    def __init__(self) -> None:
        self.engine = Engine()
        self.tally: Counter[str] = Counter()

    @cache  # noqa: B019 - one object for each run of the test
    def program(self, number: int) -> Program | None:
        _, files, options = texts()[number]
        compiled = compile_project(SourceSet.of(files), options)
        return compiled.program if compiled.ok else None

    def trial(self, seed: int) -> list[str]:
        """One program with one set of rows: what differs."""
        number = seed % len(texts())
        program, name = self.program(number), texts()[number][0]
        if program is None or not program.sources:
            return []
        r = Random(seed)
        maker = Maker(r, program)
        try:
            stored = maker.stored(r.choice((2, 8, 20)))
            self.engine.load(program, stored)
        except NotImplementedError:
            self.tally["not made"] += 1
            return []
        self.tally["programs"] += 1
        oracle = Oracle(program, stored)
        # A group of which all rests on inputs has no output.
        groups = [n for n, g in program.groups.items() if g.features]
        found = [d for g in groups for d in self._group(program, g, oracle, maker)]
        for group in (*groups, *program.labels):
            found += self._training(program, group, stored, maker)
        shown = [f"{n}: {row!r}" for n, rows in stored.items() for row in rows]
        return [f"seed {seed}, {name}, base {maker.base!r}", *found, *shown] if found else []

    def _group(self, program, name, oracle, maker) -> list[str]:
        at = maker.base + maker.r.choice((timedelta(0), timedelta(days=1)))
        try:
            expected = oracle.values(name, at)
        except (Stopped, Unanswered):
            self.tally["oracle stops"] += 1
            return []
        try:
            actual = self.engine.group(program, name, at)
        except STOPS:
            self.tally["engine stops"] += 1
            return []
        except duckdb.Error as error:
            return [f"{name}: the engine fails: {error}"]
        for values in expected.values():
            self._count(values.values())
        return [f"at {at}: {d}" for d in different(program, name, expected, actual)]

    def _count(self, values) -> None:
        for value in values:
            self.tally["cells"] += 1
            self.tally["not null"] += value is not None

    def _training(self, program, name, stored, maker) -> list[str]:
        labels = name in program.labels
        group = program.labels[name] if labels else program.groups[name]
        keys = program.entities[group.entity].keys
        if not keys:
            return []
        spine = []
        for _ in range(maker.r.choice((1, 5))):
            at = maker.r.choice((maker.base, maker.moments.some(), None))
            spine.append(("x", *maker.key(group.entity), at))
        alone = dataset_of(group, program)
        until = maker.r.choice((None, maker.base)) if labels else None
        asked = [
            {AS_OF: row[-1], **dict(zip((k.name for k in keys), row[1:-1], strict=True))}
            for row in spine
        ]
        try:
            rows = training_rows(Oracle(alone, stored, until=until), DATASET, asked)
        except (Stopped, Unanswered):
            self.tally["oracle stops"] += 1
            return []
        try:
            actual = self.engine.training(alone, DATASET, Spine(group.entity, spine), until=until)
        except STOPS:
            self.tally["engine stops"] += 1
            return []
        except duckdb.Error as error:
            return [f"training {name}: the engine fails: {error}"]
        found = []
        features = sorted(group.features.values(), key=lambda f: f.index)
        for want, got in zip(rows, actual, strict=True):
            for feature, value in zip(features, got[len(spine[0]) :], strict=False):
                expected = want.values[f"out_{feature.short}"]
                self._count([expected])
                if not same(expected, value, feature):
                    asked_of = (want.key, want.at)
                    found.append(
                        f"training {feature.name} of {asked_of}, until {until}: "
                        f"expected {expected!r}, is {value!r}"
                    )
        return found


def test_every_program_by_itself_compiles():
    """Those of `programs`: a page that has mistakes to show is left out."""
    for name, files, options in texts():
        if " in " in name and name.split(" in ")[1] in ZONES:
            compiled = compile_project(SourceSet.of(files), options)
            assert compiled.ok, (name, render_text(compiled.diagnostics, compiled.texts))


def test_sql_and_the_oracle_agree_on_rows_that_no_page_shows():
    seed = first_seed()
    print(f"seed {seed}")
    pages, until = Pages(), process_time() + SECONDS
    while process_time() < until:
        found = pages.trial(seed)
        assert not found, "\n".join(found)
        seed += 1

    print(pages.tally)
    assert pages.tally["cells"] >= LEAST_CELLS
