"""Finding what a name means among all that a project declares."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from featdsl.diagnostics import catalog
from featdsl.diagnostics.failure import Failure
from featdsl.diagnostics.model import Diagnostic
from featdsl.diagnostics.suggest import did_you_mean
from featdsl.ir.manifest import (
    ColumnEntry,
    ConsumerEntry,
    DatasetEntry,
    EntityEntry,
    FeatureEntry,
    GroupEntry,
    InputEntry,
    Manifest,
    ParameterEntry,
    SourceEntry,
    ViewEntry,
    WantedEntry,
)
from featdsl.text.names import short_name

Entry: TypeAlias = (
    FeatureEntry
    | GroupEntry
    | SourceEntry
    | ViewEntry
    | EntityEntry
    | ParameterEntry
    | InputEntry
    | DatasetEntry
    | ConsumerEntry
    | WantedEntry
)
_KINDS: dict[type, str] = {
    FeatureEntry: "feature",
    GroupEntry: "group",
    SourceEntry: "source",
    ViewEntry: "view",
    EntityEntry: "entity",
    ParameterEntry: "parameter",
    InputEntry: "input",
    DatasetEntry: "dataset",
    ConsumerEntry: "consumer",
    WantedEntry: "wanted feature",
}


def kind_of(entry: Entry) -> str:
    """The word for a kind of thing."""
    if isinstance(entry, FeatureEntry) and entry.label:
        return "label"
    if isinstance(entry, GroupEntry) and entry.labels:
        return "group of labels"
    return _KINDS[type(entry)]


def entries(manifest: Manifest) -> Iterator[Entry]:
    """Everything that has a name, features last: a group's name is also that of a family."""
    yield from manifest.groups
    yield from manifest.label_groups
    yield from manifest.sources
    yield from manifest.views
    yield from manifest.entities
    yield from manifest.parameters
    yield from manifest.inputs
    yield from manifest.datasets
    yield from manifest.consumers
    yield from manifest.wanted
    yield from manifest.features
    yield from manifest.labels


def find(manifest: Manifest, name: str) -> list[Entry]:
    """What a full or shortened name means: one thing, or the features of a family.

    ``retail.spend.spend_7d``, ``spend.spend_7d`` and ``spend_7d`` are the same feature.

    Raises:
        Failure: nothing is called so, or several things are.
    """
    known = list(entries(manifest))
    exact = [e for e in known if e.name == name]
    found = exact or [e for e in known if e.name.endswith(f".{name}")]
    if not found:
        members = (*manifest.features, *manifest.labels)
        found = [f for f in members if name in _family_names(f)]
        if found:
            return found
        raise Failure(_unknown(name, known))
    if len(found) > 1:  # what was wanted and is there is what is meant
        done = [e for e in found if isinstance(e, WantedEntry) and e.status == "done"]
        found = [e for e in found if e not in done] or found
    if len(found) > 1:
        named = ", ".join(f"`{e.name}` ({kind_of(e)})" for e in found)
        message = f"`{name}` may mean {len(found)} things"
        raise Failure(catalog.UNKNOWN_NAME.general(message).help(f"write one of {named}"))
    return found


def column_of(manifest: Manifest, name: str) -> tuple[SourceEntry, ColumnEntry] | None:
    """``source.column``, the source by its full or short name; None where it is none.

    Raises:
        Failure: the source has no such column.
    """
    owner, _, column = name.rpartition(".")
    for source in manifest.sources:
        if not owner or owner not in (source.name, source.short):
            continue
        known = {c.name: c for c in source.columns}
        if column not in known:
            if any(e.name == name or e.name.endswith(f".{name}") for e in entries(manifest)):
                return None  # a source of one namespace may be called as a group of another
            message = f"`{source.name}` has no column `{column}`"
            raise Failure(catalog.UNKNOWN_NAME.general(message).help(did_you_mean(column, known)))
        return source, known[column]
    return None


def _family_names(feature: FeatureEntry) -> tuple[str, ...]:
    if feature.family is None:
        return ()
    group = short_name(feature.group)
    return (feature.family, f"{group}.{feature.family}", f"{feature.group}.{feature.family}")


def _unknown(name: str, known: list[Entry]) -> Diagnostic:
    names = {alias for e in known for alias in (e.name, e.short)}
    names |= {".".join(e.name.split(".")[-2:]) for e in known}
    return catalog.UNKNOWN_NAME.general(f"nothing is called `{name}`").help(
        did_you_mean(name, names) or "`featc check` counts what there is, `featc docs` shows it"
    )
