"""``featc check --run``: everything that a run does, tried on a sample, a tick a step."""

from __future__ import annotations

import json
from collections.abc import Iterator
from time import perf_counter
from typing import Any

import typer

from featdsl.cli.help import TEXTS
from featdsl.cli.output import Output, Told, documents
from featdsl.cli.progress import Waiting
from featdsl.cli.run_view import shown_path
from featdsl.cli.screen import Screen, listed
from featdsl.cli.settings import Settings, settings_of
from featdsl.cli.ticks import Found, Step, Ticks
from featdsl.cli.work import Work, open_project, rendered
from featdsl.compiler.pipeline import compile_project
from featdsl.diagnostics.render.json import to_json
from featdsl.ir.program import Program
from featdsl.ir.text import parameter_text
from featdsl.project.as_of import AsOf
from featdsl.project.load import Project, with_remedies
from featdsl.runs.execute import run_project
from featdsl.runs.progress import Progress
from featdsl.store.record import RunRecord
from featdsl.testing.run import run_tests
from featdsl.text.amounts import count, show_seconds

SAMPLE = 0.01
"""Of the keys of each group."""
_SILENT = frozenset({"trends", "write"})
"""Stages of a run that have nothing to do where nothing is published."""


def check_run(
    context: typer.Context, param: list[str] | None, as_of: str | None, output: Output
) -> int:
    """Try everything, tell it, and return the exit status."""
    settings = settings_of(context)
    ticks = Ticks(Screen.of(settings), quiet=output is not Output.TEXT)
    started = perf_counter()
    work = load_work(context, settings, ticks, param)
    at = work.as_of(as_of)
    record = None
    if ticks.ok:
        _take_values(work, ticks)
        _take_tests(work, ticks)
    if ticks.ok:
        record = _sample_run(work, ticks, at)
    told = with_remedies(work.project, ticks.diagnostics)
    match output:
        case Output.JSON:
            found = _json(work, ticks, at, record)
            work.screen.say(json.dumps(found, indent=2, ensure_ascii=False))
        case Output.TEXT:
            if told:
                work.screen.say("", rendered(work, told))
            work.screen.say("", *_end(work, ticks, at, perf_counter() - started))
        case _:
            project = work.project
            work.screen.say(*documents(output, [Told(project.root, project.readable, told)]))
    return 0 if ticks.ok else 1


def load_work(
    context: typer.Context, settings: Settings, ticks: Ticks, param: list[str] | None = None
) -> Work:
    """Load and compile a project, two steps; where they fail, its errors are in `ticks`."""
    projects: list[Project] = []
    works: list[Work] = []

    def load_texts() -> Found:
        project = open_project(settings, param)
        projects.append(project)
        context.meta[TEXTS] = project.readable
        files = list(project.texts)
        lines = sum(file.text.count("\n") for file in files)
        return f"{count(len(files), 'file')}, {count(lines, 'line')}", project.problems.sorted()

    def compile_texts() -> Found:
        (project,) = projects
        compilation = compile_project(project.texts, project.options)
        works.append(Work(settings, ticks.screen, project, compilation, compilation.diagnostics))
        return _contents(compilation.program), compilation.diagnostics

    ticks.take("Load the texts", load_texts)
    ticks.take("Check what they say", compile_texts)
    return works[0]


def _contents(program: Program) -> str:
    """What a program declares, in numbers."""
    said = [
        count(len(program.sources), "source"),
        count(len(program.views), "view"),
        count(len(list(program.features())), "feature"),
    ]
    return ", ".join(said)


def _take_values(work: Work, ticks: Ticks) -> None:
    """Settings and parameters: read already, shown here."""
    target, settings = work.project.target, work.project.config.project
    said = [f"target {work.settings.target}: {target.engine}"]
    said += [count(target.threads, "thread")] if target.threads else []
    said += [target.memory_limit] if target.memory_limit else []
    said.append(f"days of {settings.timezone}")
    ticks.take("Read the settings", lambda: (", ".join(said), ()))
    parameters = [parameter_text(p) for p in work.compilation.program.params.values()]
    ticks.take("Bind the parameters", lambda: (listed(parameters, 3) or "none", ()))


def _take_tests(work: Work, ticks: Ticks) -> None:
    tests = work.compilation.program.tests
    rows = sum(len(given.cells) for t in tests for given in t.given.values())
    said = f"{count(len(tests), 'test')}, {count(rows, 'row')} given" if tests else "no tests"
    ticks.take("Read the test data", lambda: (said, ()))

    def run() -> Found:
        results = list(run_tests(work.compilation, work.project.options, tests))
        passed = sum(r.passed for r in results)
        values = count(sum(r.cells for r in results), "value")
        found = [d for r in results for d in r.diagnostics()]
        return f"{passed} of {count(len(tests), 'test')} passed, {values} compared", found

    if tests:
        ticks.take("Run the tests", run)


def _sample_run(work: Work, ticks: Ticks, at: AsOf) -> RunRecord:
    with Waiting(work.screen, "Find the sources") as progress:

        def observe(happened: Progress) -> None:
            stage, ended = happened.stage, happened.state in ("finished", "failed")
            if not ended:
                progress.step(stage.title)
            elif stage.name not in _SILENT:
                passed = happened.state == "finished"
                step = Step(stage.title, passed, happened.seconds, happened.detail)
                ticks.add(step, progress)

        outcome = run_project(
            work.project,
            work.compilation,
            as_of=at,
            sample=SAMPLE,
            publish=False,
            observe=observe,
            now=work.now,
        )
    ticks.diagnostics += outcome.diagnostics
    return outcome.record


def _end(work: Work, ticks: Ticks, at: AsOf, seconds: float) -> Iterator[str]:
    screen, target = work.screen, work.project.target_dir
    name = work.project.config.project.name
    if ticks.ok:
        said = f"{name} can be run: {count(len(ticks.steps), 'step')} in {show_seconds(seconds)}"
    else:
        said = f"{name} cannot be run"
        # What fails between the steps, such as making the target's folder, belongs to none.
        failed = [step.title.lower() for step in ticks.steps if not step.passed]
        said += f": {failed[-1]} failed" if failed else ""
    yield f"{screen.mark(ticks.ok)} {screen.style(said, 'bold')}"
    yield f"  as of {at}; on {SAMPLE:.0%} of the keys, in memory; nothing was published"
    yield f"  texts   {shown_path(work.project.root)}"
    yield f"  data    {shown_path(work.project.data_dir)}"
    yield f"  target  {shown_path(target)}"
    if ticks.ok:
        yield "  next    featc run"


def _json(work: Work, ticks: Ticks, at: AsOf, record: RunRecord | None) -> dict[str, Any]:
    return {
        "ok": ticks.ok,
        "as_of": at.instant.isoformat() + "Z",
        "as_of_origin": at.origin,
        "sample": SAMPLE,
        "steps": [
            {
                "title": s.title,
                "passed": s.passed,
                "seconds": round(s.seconds, 6),
                "detail": s.detail,
            }
            for s in ticks.steps
        ],
        "diagnostics": to_json(ticks.diagnostics, work.project.readable),
        "record": None if record is None else record.model_dump(mode="json"),
    }
