"""The stages of a run, in order: the one list that runs, and looks ahead at them, go through."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import perf_counter

from featdsl.runs import foresee, steps
from featdsl.runs.describe import problem_entry
from featdsl.runs.foresee import Foreseen
from featdsl.runs.progress import Observe, Part, Progress, State
from featdsl.runs.publishing import publish_sets
from featdsl.runs.restated import compare_published
from featdsl.runs.state import Run
from featdsl.runs.trends import find_trends
from featdsl.store.record import StageUse


@dataclass(frozen=True, slots=True)
class Stage:
    """``name`` is for records, ``title`` for people; ``perform`` returns what came of it.

    ``foresee`` says what it would do. One that ``publishes`` is left out where nothing is
    published, one that is done ``once`` where a run before has done it for this one too, one that
    ``repairs`` where nothing is repaired.
    """

    name: str
    title: str
    perform: Callable[[Run], str]
    foresee: Callable[[Run], Iterator[Foreseen]] = foresee.nothing
    publishes: bool = False
    once: bool = False
    repairs: bool = False

    def left_out(self, run: Run) -> bool:
        """Whether a run has no need of it."""
        return (
            (self.publishes and not run.settings.publish)
            or (self.once and run.shares)
            or (self.repairs and run.because is None)
        )


STAGES = (
    Stage("find", "Find the sources", steps.find_sources, foresee.sources_read, once=True),
    Stage("stage", "Stage their rows", steps.stage_data, foresee.sources_parsed, once=True),
    Stage("check data", "Check the data", steps.check_data, foresee.data_checked),
    Stage("compute", "Compute features", steps.compute_groups, foresee.groups_computed),
    Stage("check results", "Check the results", steps.check_results, foresee.results_checked),
    Stage("profile", "Profile the results", steps.profile_results),
    Stage("trends", "Compare with earlier runs", find_trends),
    Stage("compare", "Compare with what was published", compare_published, repairs=True),
    Stage("write", "Write the files", steps.write_files),
    # Its record is about the stages before it.
    Stage("publish", "Publish", publish_sets, foresee.sets_published, publishes=True),
)


def perform_all(run: Run, stages: tuple[Stage, ...], observe: Observe) -> None:
    """Perform stages until one reports an error."""
    for stage in stages:
        if stage.left_out(run):
            continue
        if stage.publishes:
            run.lift()  # what is published is published whole
        perform(run, stage, observe)
        if run.problems.has_errors:
            return


def perform(run: Run, stage: Stage, observe: Observe) -> None:
    """Perform a stage, telling what happens."""
    started, known = perf_counter(), len(run.problems.items)

    def tell(state: State, detail: str, part: Part | None = None) -> None:
        if state == "step":
            run.doing = f"{stage.title}: {detail}"
        seconds = perf_counter() - started
        observe(Progress(run.id, run.settings.as_of.instant, stage, state, seconds, detail, part))

    run.doing, run.tell = stage.title, tell
    tell("started", "")
    state: State = "failed"
    detail = ""
    try:
        detail = stage.perform(run)
        state = "failed" if run.problems.has_errors else "finished"
    finally:
        seconds = perf_counter() - started
        run.stages.append(StageUse(name=stage.name, seconds=round(seconds, 6), detail=detail))
        as_of, found = run.settings.as_of.instant, run.problems.items[known:]
        problems = tuple(problem_entry(run, d) for d in found)
        observe(Progress(run.id, as_of, stage, state, seconds, detail, problems=problems))
