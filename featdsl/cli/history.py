"""``featc history``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from featdsl.cli.options import AsJson

if TYPE_CHECKING:
    from featdsl.cli.screen import Screen
    from featdsl.impact.history import Version
    from featdsl.store.record import RunRecord


def history(
    context: typer.Context,
    feature: Annotated[
        str,
        typer.Argument(
            metavar="FEATURE",
            help="A feature, `group.feature`, or a column of a training set, `dataset.column`.",
        ),
    ],
    as_json: AsJson = False,
) -> None:
    """Show what a feature meant, version by version, over all that was published.

    A version is a meaning: from when to when it was published, by which runs, what made its values
    others than before, and which lines of its definition changed. A name that it had before is
    followed; rollbacks and promotions count. Reads the ledger and manifests of runs, no texts.

    Examples:
        featc history spend.spend_30d
        featc history spend_30d --target prod
        featc history spend_30d --json | jq '.[].because'

    Exit status: 0, or 1 when nothing of that name was published.
    """
    from featdsl.cli.screen import Screen
    from featdsl.cli.settings import settings_of
    from featdsl.cli.work import open_project
    from featdsl.impact.history import history_of
    from featdsl.runs.failures import told
    from featdsl.store.current import Space

    settings = settings_of(context)
    screen, project = Screen.of(settings), open_project(settings)
    with told():
        found = history_of(project.target_dir, Space(target=project.target_name), feature)
    if as_json:
        screen.say(json.dumps([_as_json(v) for v in found], indent=2, ensure_ascii=False))
    else:
        screen.say(*_as_text(screen, found))


def _as_json(version: Version) -> dict[str, Any]:
    entry = version.entry
    return {
        "name": version.name,
        "fingerprint": version.fingerprint,
        "current": version.current,
        "published": [
            {
                "at": m.at.isoformat(),
                "how": m.how,
                "run": m.record.run,
                "as_of": None if m.record.training else m.record.as_of.isoformat(),
                "commit": None if m.record.code is None else m.record.code.commit,
            }
            for m in version.moments
        ],
        "parameters": dict(version.parameters),
        "because": version.because,
        "difference": version.difference,
        "definition": None if entry is None else entry.definition,
        "sentence": None if entry is None else entry.sentence,
        "dtype": None if entry is None else entry.dtype,
    }


def _as_text(screen: Screen, versions: list[Version]) -> Iterator[str]:
    from featdsl.cli.screen import printable
    from featdsl.project.as_of import show_instant
    from featdsl.text.amounts import count

    published = sum(len(v.moments) for v in versions)
    told = f"{count(len(versions), 'version')}, published {count(published, 'time')}"
    yield f"{screen.style(printable(versions[0].name), 'bold')}: {told}"
    for version in versions:
        first, last = version.moments[0], version.moments[-1]
        times = count(len(version.moments), "time")
        since = show_instant(first.at.replace(microsecond=0))
        yield ""
        yield (
            f"{screen.style(version.fingerprint[:12], 'bold')}  since {since}, "
            f"published {times}{', current' if version.current else ''}"
        )
        yield f"  first   {first.how} {first.record.run}{_as_of(first.record)}"
        if len(version.moments) > 1:
            yield f"  last    {last.how} {last.record.run}{_as_of(last.record)}"
        if version.because:
            yield f"  because {printable('; '.join(version.because))}"
        for line in version.difference or _definition(version):
            yield f"  {printable(line)}"


def _definition(version: Version) -> list[str]:
    """Of a version that no difference is told of."""
    return [] if version.entry is None else version.entry.definition.splitlines()


def _as_of(record: RunRecord) -> str:
    from featdsl.project.as_of import show_instant

    return "" if record.training is not None else f", as of {show_instant(record.as_of)}"
