"""A project on the disk with its rows as Parquet files: run, trained and asked as people do."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from sqlglot import exp

from featdsl.api.evaluating import evaluated
from featdsl.compiler.compilation import Compilation
from featdsl.compiler.pipeline import compile_project
from featdsl.diagnostics.model import Diagnostic
from featdsl.engines.duckdb import Session
from featdsl.project.as_of import AsOf
from featdsl.project.load import Project, load_project
from featdsl.runs.evaluate import Evaluated
from featdsl.runs.execute import Outcome, run_project
from featdsl.runs.train import TrainOutcome, train
from tests.harness.case import PROJECT, TODAY, Stored, files_of
from tests.harness.engine import arrow_table
from tests.harness.tally import Tally

_FROM = re.compile(r'^(source (\w+) \{\n  from parquet )"x\.parquet"', re.MULTILINE)

_STOPS = ("FD0805", "FD0806", "FD0810", "FD0825")
"""Of runs that stop at a value, which the engine may compute where nobody asks for it; and of
projects of which all features are private."""
FAILED = "FD0715"


def stopped(diagnostics: Iterable[Diagnostic], tally: Tally) -> list[str] | None:
    """What stops a run but expectations: nothing where a value does, None where nothing stops."""
    others = [d for d in diagnostics if d.severity.name == "ERROR" and d.code.id != FAILED]
    if not others:
        return None
    if all(d.code.id in _STOPS and "looking for" not in d.message for d in others):
        tally.stopped[others[0].code.id] += 1
        return []
    return [f"the engine fails: {d.code.id} {d.message} {d.notes}" for d in others]


@dataclass(frozen=True)
class Trained:
    """A training set as it was made: its columns and rows; none where it was not."""

    outcome: TrainOutcome
    columns: list[str] = field(default_factory=list)
    rows: list[tuple[Any, ...]] = field(default_factory=list)


@dataclass(frozen=True)
class Folder:
    """``place`` holds texts, data, and what is published."""

    place: Path
    project: Project
    compilation: Compilation

    def load(self, stored: Stored) -> None:
        """Give the sources their rows."""
        for name, source in self.compilation.program.sources.items():
            types = {c: t.dtype for c, t in source.columns.items()}
            table = arrow_table(types, stored.get(name, ()))
            pq.write_table(table, self.place / f"{source.short}.parquet")

    def run(self, as_of: datetime) -> Outcome:
        return run_project(self.project, self.compilation, as_of=AsOf(as_of, "the harness"))

    def train(
        self, dataset: str, until: datetime | None = None, *, mature: bool = False
    ) -> Trained:
        """A training set that is published, and the rows that are."""
        taken: list[tuple[list[str], list[tuple[Any, ...]]]] = []

        def receive(session: Session, query: exp.Select) -> None:
            taken.append(([name for name, _ in session.columns(query)], session.execute(query)))

        outcome = train(
            self.project,
            self.compilation,
            dataset,
            labels_until=until,
            mature=mature,
            receive=receive,
        )
        return Trained(outcome, *(taken[0] if taken else ()))

    def answer(
        self, dataset: str, keys: Sequence[tuple[Any, ...]], inputs: Mapping[str, Sequence[Any]]
    ) -> Evaluated:
        """Answers of the last run, with a value of each input for each key."""
        entity = self.compilation.program.datasets[dataset].entity
        names = [k.name for k in self.compilation.program.entities[entity].keys]
        asked = [dict(zip(names, key, strict=True)) for key in keys] if names else None
        given = {name: [*values] for name, values in inputs.items()}
        return evaluated(self.project, self.compilation, dataset, asked, given)


@contextmanager
def folder(text: str, zone: str) -> Iterator[Folder]:
    """A project in a folder of its own; each source reads the file that is called as it."""
    with tempfile.TemporaryDirectory() as name:
        place = Path(name).resolve()
        settings = f'[project]\nname = "{PROJECT}"\ndata_dir = "."\ntimezone = "{zone}"\n'
        (place / "featc.toml").write_text(f"{settings}\n[targets.default]\nthreads = 1\n")
        for file, written in files_of(text).items():
            (place / file).write_text(_FROM.sub(r'\1"\2.parquet"', written), encoding="utf-8")
        now = datetime(TODAY.year, TODAY.month, TODAY.day, 12, tzinfo=UTC)
        project = load_project(place, now=now)
        yield Folder(place, project, compile_project(project.texts, project.options))
