"""``featc impact``."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from featdsl.cli.options import AsJson, Params

if TYPE_CHECKING:
    from featdsl.cli.names import Entry
    from featdsl.cli.screen import Screen
    from featdsl.impact.rests import Resting
    from featdsl.ir.manifest import Manifest


def impact(
    context: typer.Context,
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME", help="A feature, SOURCE.COLUMN, or all of a source, view or group."
        ),
    ],
    param: Params = None,
    as_json: AsJson = False,
) -> None:
    """Show what rests on a feature or a column, each with the way that leads to it.

    Features and labels that would have other values, data sets that include them, consumers that
    read these: through views, other groups and spines. Reads the texts and writes nothing.

    Examples:
        featc impact transactions.amount
        featc impact spend.spend_7d --json

    Exit status: 0, or 1 when the project has mistakes or nothing is called NAME.
    """
    from featdsl.cli.names import column_of, find, kind_of
    from featdsl.cli.work import begin
    from featdsl.impact.rests import on_column

    work = begin(context, param)
    manifest = work.compilation.manifest(sentences=False)
    column = column_of(manifest, name)
    if column is not None:
        source, found = column
        asked, kind = f"{source.name}.{found.name}", "column"
        resting = on_column(manifest, source, found.name)
    else:
        entries = find(manifest, name)
        asked = entries[0].name if len(entries) == 1 else name
        kind = kind_of(entries[0]) if len(entries) == 1 else "family"
        resting = _on_entries(manifest, entries)
    if as_json:
        value = {"name": asked, "kind": kind, "rests": [_as_json(r) for r in resting]}
        work.screen.say(json.dumps(value, indent=2, ensure_ascii=False))
    else:
        work.screen.say(*_as_text(work.screen, asked, kind, resting))


def _on_entries(manifest: Manifest, entries: list[Entry]) -> tuple[Resting, ...]:
    from featdsl.impact.rests import on_features, on_relation
    from featdsl.ir import manifest as m

    match entries[0]:
        case m.SourceEntry() | m.ViewEntry() as relation:
            return on_relation(manifest, relation)
        case m.FeatureEntry():
            return on_features(manifest, [e.name for e in entries])
        case m.GroupEntry() as group:
            return on_features(manifest, group.features, (group.name,))
        case m.EntityEntry() as entity:
            groups = {*entity.groups, *entity.label_groups}
            of = [f.name for f in (*manifest.features, *manifest.labels) if f.group in groups]
            return on_features(manifest, of, (entity.name,))
        case m.ParameterEntry() as parameter:
            used = (*parameter.used_by, *parameter.labels)
            return on_features(manifest, used, (parameter.name,))
        case m.InputEntry() as given:
            rest = dict.fromkeys(n for c in given.columns for n in c.used_by)
            return on_features(manifest, rest, (given.name,))
        case m.DatasetEntry() as dataset:
            from featdsl.impact.rests import Resting

            return tuple(Resting("consumer", c, (dataset.name, c)) for c in dataset.consumers)
    return ()


def _as_json(resting: Resting) -> dict[str, object]:
    return {
        "kind": resting.kind,
        "name": resting.name,
        "path": list(resting.path),
        "roles": list(resting.roles),
    }


def _as_text(screen: Screen, asked: str, kind: str, resting: tuple[Resting, ...]) -> Iterator[str]:
    from featdsl.cli.screen import printable
    from featdsl.cli.table import table
    from featdsl.text.amounts import count

    yield f"{screen.style(printable(asked), 'bold')}  {screen.style(kind, 'dim')}"
    yield ""
    if not resting:
        yield "nothing rests on it"
        return
    rows = [
        (r.kind, printable(r.name), printable(" > ".join(r.path[1:-1])), ", ".join(r.roles))
        for r in resting
    ]
    yield from table(screen, ["", "rests on it", "by way of", "as"], rows)
    yield ""
    counts = Counter(r.kind for r in resting)
    yield ", ".join(count(n, "data set" if k == "dataset" else k) for k, n in counts.items())
