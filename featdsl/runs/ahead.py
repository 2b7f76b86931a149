"""A run, looked at before it is done: what each of its stages would do."""

from __future__ import annotations

from dataclasses import dataclass

from featdsl.diagnostics.model import Diagnostic
from featdsl.engines.duckdb import Session
from featdsl.project.as_of import AsOf
from featdsl.runs.execute import check_any, profile_of
from featdsl.runs.failures import told
from featdsl.runs.foresee import Foreseen
from featdsl.runs.secrets import failing_without, hidden_diagnostic
from featdsl.runs.stages import STAGES, Stage
from featdsl.runs.state import Run


@dataclass(frozen=True, slots=True)
class Foresight:
    """What the stages of a run would do, and what would stop it already."""

    as_of: AsOf
    stages: tuple[tuple[Stage, tuple[Foreseen, ...]], ...]
    diagnostics: tuple[Diagnostic, ...]


def look_ahead(run: Run) -> Foresight:
    """Ask each stage what it would do. Files of sources are looked into; nothing is written.

    Args:
        run: A run that has not begun.

    Raises:
        Failure: there is nothing to run, or something cannot be read.
    """
    places = run.settings.places
    with failing_without(places.secrets), told():
        check_any(run)
        profile = profile_of(run.settings.project, places, None)
        with Session(profile) as run.session:
            found = tuple((stage, tuple(stage.foresee(run))) for stage in STAGES)
    hidden = (hidden_diagnostic(d, places.secrets) for d in run.problems.sorted())
    return Foresight(run.settings.as_of, found, tuple(hidden))
