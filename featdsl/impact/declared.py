"""What is declared, by name: of one manifest, or of what a target has published."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from featdsl.diagnostics import catalog
from featdsl.diagnostics.failure import Failure
from featdsl.ir.manifest import (
    ConsumerEntry,
    DatasetEntry,
    FeatureEntry,
    GroupEntry,
    Manifest,
    ParameterEntry,
    SourceEntry,
    ViewEntry,
)
from featdsl.store.current import Space, current_sets
from featdsl.store.ledger import Unreadable, record_of_run
from featdsl.store.manifests import LostManifest, read_manifest


@dataclass(frozen=True, slots=True)
class Declared:
    """Entries of manifests by full names; ``features`` and ``groups`` have those of labels too."""

    features: dict[str, FeatureEntry] = field(default_factory=dict)
    groups: dict[str, GroupEntry] = field(default_factory=dict)
    datasets: dict[str, DatasetEntry] = field(default_factory=dict)
    consumers: dict[str, ConsumerEntry] = field(default_factory=dict)
    sources: dict[str, SourceEntry] = field(default_factory=dict)
    views: dict[str, ViewEntry] = field(default_factory=dict)
    parameters: dict[str, ParameterEntry] = field(default_factory=dict)

    def take(self, manifest: Manifest, features: Iterable[FeatureEntry]) -> None:
        """Add features, and all else that a manifest has."""
        self.features.update({f.name: f for f in features})
        self.groups.update({g.name: g for g in (*manifest.groups, *manifest.label_groups)})
        self.datasets.update({d.name: d for d in manifest.datasets})
        self.consumers.update({c.name: c for c in manifest.consumers})
        self.sources.update({s.name: s for s in manifest.sources})
        self.views.update({v.name: v for v in manifest.views})
        self.parameters.update({p.name: p for p in manifest.parameters})


@dataclass(frozen=True, slots=True)
class Published:
    """What is published in a target; of ``lost`` sets nobody can say what they mean."""

    declared: Declared
    runs: Mapping[str, str]
    """Of each set the run that published what is current."""
    lost: Mapping[str, str]
    """Sets whose manifest is gone, with the reason."""


def declared(manifest: Manifest) -> Declared:
    """What a project declares."""
    found = Declared()
    found.take(manifest, (*manifest.features, *manifest.labels))
    return found


def declared_in(path: Path) -> Declared:
    """What a manifest in a file declares.

    Raises:
        Failure: it cannot be read, or is none.
    """
    try:
        return declared(Manifest.model_validate_json(path.read_bytes()))
    except OSError as error:
        message = f"`{path}` cannot be read: {(error.strerror or str(error)).lower()}"
    except (ValidationError, RecursionError):
        message = f"`{path}` is no manifest of this version"
    remedy = "write one: `featc compile --emit manifest > FILE`"
    raise Failure(catalog.NO_MANIFEST.general(message).help(remedy))


def published(target: Path, space: Space) -> Published:
    """What is current in a space, each set by the manifest of its own run.

    Raises:
        FileError: the catalog cannot be read.
    """
    runs = {name: current.run for name, current in current_sets(target, space).items()}
    found, lost = Declared(), dict[str, str]()
    of_training: set[str] = set()
    # Older runs first: what several manifests have is as the newest one says.
    for run in sorted(set(runs.values())):
        sets = {name for name, made in runs.items() if made == run}
        try:
            digest = record_of_run(target, run).manifest
            if digest is None:
                raise LostManifest(f"the run {run} kept no manifest")
            manifest = read_manifest(target, digest)
        except (Unreadable, LostManifest) as error:
            lost |= dict.fromkeys(sets, str(error))
            continue
        # A training set has the features of its columns as they were, and labels.
        named = {c.feature for d in manifest.datasets if d.name in sets for c in d.columns}
        every = (*manifest.features, *manifest.labels)
        own = [f for f in every if f.group in sets or (f.name in named and f.group not in runs)]
        # No run publishes labels: without a training set they are as they were declared last.
        own += [f for f in manifest.labels if f.name not in of_training]
        of_training |= {f.name for f in manifest.labels if f.name in named}
        found.take(manifest, own)
    return Published(found, runs, lost)
