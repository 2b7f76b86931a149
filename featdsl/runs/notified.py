"""Those who want to be told of a run are told; whatever comes of it, the run stays as it is."""

from __future__ import annotations

from contextlib import suppress

from featdsl.diagnostics import catalog
from featdsl.diagnostics.model import Diagnostic
from featdsl.files.errors import FileError
from featdsl.notify.deliver import Delivery, deliver, wanted
from featdsl.notify.spec import Message
from featdsl.project.load import Project
from featdsl.runs.messages import events_of, message_of
from featdsl.runs.state import Run
from featdsl.store.notices import Notice, NoticeFile, write_notices
from featdsl.store.record import RunRecord


def notify(run: Run, record: RunRecord) -> None:
    """Tell of a run that is over and recorded; a channel that is dead is a warning.

    What became of it is kept beside the record: that is written, and names nothing after it.
    """
    events = events_of(record)
    settings, project = run.settings, run.settings.project
    if not (settings.publish and events and project.target.notify):
        return
    message = message_of(record, events)
    found = sent(project, message)
    for delivery in found:
        if delivery.why is not None:
            run.problems.report(untold(delivery))
    if found and run.owns:
        notices = tuple(
            Notice(
                channel=d.channel,
                kind=d.kind,
                attempts=d.attempts,
                seconds=d.seconds,
                why=d.why,
            )
            for d in found
        )
        told = NoticeFile(run=record.run, event=events[0], notices=notices)
        with suppress(FileError):
            write_notices(settings.places.target, told)


def sent(project: Project, message: Message) -> list[Delivery]:
    """What became of a message in each channel that wants it."""
    return deliver(
        wanted(project.target.notify, message),
        message,
        environment=project.options.surroundings.environment,
        folder=project.root,
    )


def untold(delivery: Delivery) -> Diagnostic:
    """That a channel could not be told, as a warning."""
    message = f"`{delivery.channel}` ({delivery.kind}) was not told of this: {delivery.why}"
    return catalog.NOT_NOTIFIED.general(message).help(
        f"`featc notify test {delivery.channel}` tries it"
    )
