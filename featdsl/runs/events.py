"""What a run tells while it is under way, for machines: objects of a published schema.

The first is ``begun``, the last ``published`` or ``failed``. Times are UTC without a zone.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from featdsl.runs.progress import Progress
from featdsl.store.record import Model, ProblemEntry, RunRecord, Status


class Event(Model):
    """Something that happened ``at`` a time in a ``run``."""

    at: datetime
    run: str


class Begun(Event):
    event: Literal["begun"] = "begun"
    schema_version: Literal[1] = 1
    as_of: datetime


class StageStarted(Event):
    event: Literal["stage_started"] = "stage_started"
    stage: str
    title: str


class Step(Event):
    """What a stage is at: one of several things where it says so, ``number`` of ``of``, from 1."""

    event: Literal["step"] = "step"
    stage: str
    what: str
    number: int | None = None
    of: int | None = None


class PartDone(Event):
    """A source was checked, or a group was computed, with so many rows."""

    event: Literal["done"] = "done"
    stage: str
    what: str
    number: int
    of: int
    rows: int


class StageEnded(Event):
    """``stage_failed`` ends the run: the problems before say why."""

    event: Literal["stage_finished", "stage_failed"]
    stage: str
    seconds: float
    detail: str


class Problem(Event):
    """An error, or a warning."""

    event: Literal["problem"] = "problem"
    problem: ProblemEntry


class Published(Event):
    """Readers find the rows; ``record`` is that of the ledger."""

    event: Literal["published"] = "published"
    record: RunRecord


class Failed(Event):
    """Nothing was published. Of a run that was interrupted, the record is in the ledger only."""

    event: Literal["failed"] = "failed"
    status: Status
    record: RunRecord | None


AnyEvent = Annotated[
    Begun | StageStarted | Step | PartDone | StageEnded | Problem | Published | Failed,
    Field(discriminator="event"),
]
EVENT: TypeAdapter[AnyEvent] = TypeAdapter(AnyEvent)


def events_schema() -> dict[str, Any]:
    """The JSON schema of an event, a line."""
    return EVENT.json_schema(mode="serialization")


def event_of(happened: Progress, at: datetime) -> Event:
    """What happened, for machines."""
    run, stage, part = happened.run, happened.stage, happened.part
    match happened.state:
        case "started":
            return StageStarted(at=at, run=run, stage=stage.name, title=stage.title)
        case "finished" | "failed":
            return StageEnded(
                at=at,
                run=run,
                event="stage_finished" if happened.state == "finished" else "stage_failed",
                stage=stage.name,
                seconds=round(happened.seconds, 6),
                detail=happened.detail,
            )
        case "done":
            assert part is not None and part.rows is not None, "what is done has its rows"
            return PartDone(
                at=at,
                run=run,
                stage=stage.name,
                what=part.name,
                number=part.number,
                of=part.of,
                rows=part.rows,
            )
        case "step":
            number, of = (None, None) if part is None else (part.number, part.of)
            what = happened.detail
            return Step(at=at, run=run, stage=stage.name, what=what, number=number, of=of)
