"""``featc preview``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from featdsl.cli.errors import UsageMistake
from featdsl.cli.options import AsJson, AsOfOption, Params

if TYPE_CHECKING:
    from featdsl.cli.screen import Screen
    from featdsl.cli.work import Work
    from featdsl.ir.expr import Scalar
    from featdsl.ir.manifest import FeatureEntry
    from featdsl.project.as_of import AsOf
    from featdsl.runs.preview import Preview


def preview(
    context: typer.Context,
    name: Annotated[
        str,
        typer.Argument(
            metavar="FEATURE", help="A feature, family or group; its name or the end of it."
        ),
    ],
    key: Annotated[
        list[str] | None,
        typer.Option(
            "--key",
            metavar="KEY",
            help="Whose value; may be repeated. Of several keys: origin=JFK,dest=BOS.",
        ),
    ] = None,
    as_of: AsOfOption = None,
    limit: Annotated[
        int, typer.Option("--limit", metavar="N", min=1, max=100_000, help="The most rows; 10.")
    ] = 10,
    param: Params = None,
    as_json: AsJson = False,
) -> None:
    """Compute a feature and show a few values.

    Reads the sources and checks them as a run does; publishes nothing and keeps no record. Writes
    typed copies of CSV files into the target's cache.

    Examples:
        featc preview spend.premium_txn_share
        featc preview spend_7d --key 17826162 --as-of 2026-09-01
        featc preview routes.late_share --key origin=JFK,dest=BOS
        featc preview profile --limit 50

    Exit status: 0, or 1 when the project has mistakes, nothing is called FEATURE, or the data
    cannot be read or are not as declared.
    """
    from featdsl.cli.keys import read_keys
    from featdsl.cli.preview_view import Look, as_json_value, as_text
    from featdsl.cli.work import begin

    work = begin(context, param)
    at = work.as_of(as_of)
    features = _features(work, name)
    entity = work.compilation.program.entities[features[0].entity]
    keys = read_keys(entity, key or [])
    found = _compute(work, features, at, keys, limit)
    look = Look(found, tuple(k.name for k in entity.keys), tuple(keys))
    if as_json:
        work.screen.say(json.dumps(as_json_value(look, at), indent=2, ensure_ascii=False))
    else:
        left = _left_out(work, features)
        work.screen.say(*_head(work.screen, features, at), *left, "", *as_text(work.screen, look))


def _features(work: Work, name: str) -> list[FeatureEntry]:
    """The features of one group that a name means."""
    from featdsl.cli.names import find, kind_of
    from featdsl.ir.manifest import FeatureEntry, GroupEntry

    manifest = work.compilation.manifest()
    entries = find(manifest, name)
    if isinstance(entries[0], GroupEntry):
        members = [f for f in manifest.features if f.group == entries[0].name]
        features = [f for f in members if not f.inputs] or members
    else:
        features = [e for e in entries if isinstance(e, FeatureEntry)]
    if not features:
        raise UsageMistake(
            f"`{entries[0].name}` is of kind {kind_of(entries[0])}: only features have values",
            "name a feature, family or group",
        )
    asked = next((f for f in features if f.inputs), None)
    if asked is not None:
        raise UsageMistake(
            f"`{asked.name}` rests on an input, and has no value before a request",
            "a data set that includes it gives it: `featc train`",
        )
    groups = sorted({f.group for f in features})
    if len(groups) > 1:
        choices = ", ".join(f"`{g}.{name}`" for g in groups)
        raise UsageMistake(f"`{name}` is a family in {len(groups)} groups", f"name {choices}")
    return features


def _compute(
    work: Work,
    features: list[FeatureEntry],
    at: AsOf,
    keys: list[tuple[Scalar, ...]],
    limit: int,
) -> Preview:
    from featdsl.cli.progress import Waiting
    from featdsl.diagnostics.failure import Failure
    from featdsl.project.load import with_remedies
    from featdsl.runs.preview import preview_project

    try:
        with Waiting(work.screen, f"computing {features[0].group}"):
            (found,) = preview_project(
                work.project,
                work.compilation,
                [f.name for f in features],
                as_of=at.instant,
                keys=keys,
                limit=max(limit, len(keys)),
            )
    except Failure as failure:
        raise Failure(*with_remedies(work.project, failure.diagnostics)) from failure
    return found


def _left_out(work: Work, features: list[FeatureEntry]) -> list[str]:
    """What of a whole group has no value before a request."""
    from featdsl.runs.outputs import left_out

    group = work.compilation.program.groups[features[0].group]
    said = left_out([group]) if len(features) == len(group.features) else ""
    return [said] if said else []


def _head(screen: Screen, features: list[FeatureEntry], at: AsOf) -> Iterator[str]:
    from featdsl.cli.screen import printable

    if len(features) == 1:
        (feature,) = features
        unit = f", {feature.unit}" if feature.unit else ""
        kind = screen.style(printable(f"{feature.dtype}{unit}"), "cyan")
        yield f"{screen.style(feature.name, 'bold')}  {kind}"
        if feature.note.summary:
            yield printable(feature.note.summary)
    else:
        yield f"{screen.style(features[0].group, 'bold')}  {len(features)} features"
    yield f"as of {at}"
