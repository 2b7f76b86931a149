"""What a message says: what the record of a run does, so no secret and no personal data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from featdsl.notify.spec import Event, Message
from featdsl.store.record import CheckStatus, CheckUse, ProblemEntry, RunRecord, Status
from featdsl.text.amounts import count, show_seconds

_MOST = 20
_TOLD = frozenset({CheckStatus.FAILED, CheckStatus.WARNED})


def events_of(record: RunRecord) -> tuple[Event, ...]:
    """What a run is to be told as, the gravest first; nothing where it was interrupted."""
    warned = any(c.status is CheckStatus.WARNED for c in record.checks)
    warned = warned or any(p.severity == "warning" for p in record.problems)
    match record.status:
        case Status.FAILED:
            return ("failure",)
        case Status.SUCCEEDED:
            return ("warning", "success") if warned else ("success",)
    return ()


def message_of(record: RunRecord, events: tuple[Event, ...]) -> Message:
    """The message about a run."""
    checks = [c for c in record.checks if c.status in _TOLD]
    sets = _sets(record)
    lines = {
        "sets": [f"{name}: {count(rows, 'row')}" for name, rows in sets],
        "checks": [_check_line(c) for c in checks],
        "problems": [_problem_line(p) for p in record.problems],
    }
    shown = {name: "\n".join(_some(found)) for name, found in lines.items()}
    details = [shown[name] for name in ("problems", "checks", "sets") if shown[name]]
    caller = record.caller
    words = {
        "what": _what(record, events[0], checks, len(sets)),
        "event": events[0],
        "project": record.project,
        "target": record.target,
        "run": record.run,
        "as_of": f"{record.as_of:%Y-%m-%d %H:%M:%S}",
        "seconds": show_seconds(record.seconds or 0),
        "user": "" if caller is None else caller.user,
        "host": "" if caller is None else caller.host,
        "details": "\n".join(details),
        **shown,
    }
    facts: dict[str, Any] = {
        "project": record.project,
        "target": record.target,
        "run": record.run,
        "kind": record.kind,
        "status": record.status.value,
        "as_of": record.as_of.isoformat(),
        "started": record.started.isoformat(),
        "seconds": record.seconds,
        "sets": [{"set": name, "rows": rows} for name, rows in sets][:_MOST],
        "checks": [_check(c) for c in checks][:_MOST],
        "problems": [p.model_dump(mode="json") for p in record.problems][:_MOST],
    }
    return Message(events=events, words=words, facts=facts)


def refused_message(project: str, target: str, problems: Sequence[ProblemEntry]) -> Message:
    """The message about a run that did not begin: the project has mistakes."""
    shown = "\n".join(_some(_problem_line(p) for p in problems))
    words = {
        "what": f"nothing was run: {count(len(problems), 'mistake')} in the project",
        "event": "failure",
        "project": project,
        "target": target,
        "run": "(none)",
        "as_of": "(none)",
        "seconds": "0 s",
        "problems": shown,
        "details": shown,
    }
    facts: dict[str, Any] = {
        "project": project,
        "target": target,
        "run": None,
        "problems": [p.model_dump(mode="json") for p in problems][:_MOST],
    }
    return Message(events=("failure",), words=words, facts=facts)


def plan_message(
    project: str, target: str, what: str, lines: Iterable[str], facts: Mapping[str, Any]
) -> Message:
    """The message about what the texts would change of what is published."""
    words = {
        "what": what,
        "event": "plan",
        "project": project,
        "target": target,
        "run": "(none)",
        "as_of": "(none)",
        "seconds": "0 s",
        "details": "\n".join(lines),
    }
    return Message(
        events=("plan",),
        words=words,
        facts={
            "project": project,
            "target": target,
            "run": None,
            "plan": {k: v[:_MOST] if isinstance(v, list) else v for k, v in facts.items()},
        },
    )


def trial_message(project: str, target: str) -> Message:
    """A message that tries a channel."""
    words = {
        "what": "a test of this channel",
        "event": "test",
        "project": project,
        "target": target,
        "run": "(none)",
        "as_of": "(none)",
        "seconds": "0 s",
        "user": "(nobody)",
        "host": "(none)",
        "details": "`featc notify test` sent it: nothing was run.",
    }
    facts: dict[str, Any] = {"event": "test", "project": project, "target": target, "run": None}
    return Message(events=("success",), words=words, facts=facts)


def _sets(record: RunRecord) -> list[tuple[str, int]]:
    if record.status is not Status.SUCCEEDED:
        return []
    training = record.training
    made = [] if training is None else [(training.dataset, training.rows)]
    return [*((o.group, o.rows) for o in record.outputs), *made]


def _what(record: RunRecord, event: Event, checks: Sequence[CheckUse], sets: int) -> str:
    if event == "failure":
        errors = [p.message for p in record.problems if p.severity == "error"]
        return f"a run failed: {errors[0]}" if errors else "a run failed"
    published = f"{count(sets, 'set')} published"
    warned = sum(c.status is CheckStatus.WARNED for c in checks)
    return f"{published}, with {count(warned, 'warning')}" if warned else published


def _check(check: CheckUse) -> dict[str, Any]:
    fields = {"subject", "kind", "text", "status", "measured", "failing"}
    return check.model_dump(mode="json", include=fields)


def _check_line(check: CheckUse) -> str:
    return f"{check.status.value}: {check.subject}: {check.text}: {check.measured}"


def _problem_line(problem: ProblemEntry) -> str:
    where = "" if problem.place is None else f" ({problem.place.file}:{problem.place.line})"
    return f"{problem.severity} {problem.code}: {problem.message}{where}"


def _some(lines: Iterable[str]) -> list[str]:
    found = list(lines)
    more = [f"and {len(found) - _MOST} more"] if len(found) > _MOST else []
    return [*found[:_MOST], *more]
