"""Which published sets a plan compares with on a sample, and what of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from featdsl.compiler.compilation import Compilation
from featdsl.impact.compare import Impact, Kind
from featdsl.impact.cost import groups_hit
from featdsl.impact.declared import Declared
from featdsl.ir.manifest import FeatureEntry
from featdsl.project.load import Project
from featdsl.runs.named import run_named
from featdsl.runs.sampled import Compared, GroupSample, compare_samples
from featdsl.store.current import Current, Space, current_sets

CONTROLS = 3
"""Features of a group that mean the same and are compared as well: they tell other data."""


def sample_of(
    project: Project, compilation: Compilation, impact: Impact, before: Declared, *, share: float
) -> list[GroupSample]:
    """Values of changed features before and after, for a share of the keys.

    Raises:
        Failure: as `compare_samples`.
        FileError: the catalog cannot be read.
    """
    compared = list(_compared(project, compilation, impact, before))
    return compare_samples(project, compilation, compared, share=share) if compared else []


def _compared(
    project: Project, compilation: Compilation, impact: Impact, before: Declared
) -> Iterator[Compared]:
    target = project.target_dir
    sets = current_sets(target, Space(target=project.target_name))
    program = compilation.program
    changed = {
        c.after.name: c.before
        for c in impact.features
        if c.kind is Kind.CHANGED and c.after is not None and c.before is not None
    }
    touched = {c.name for c in impact.features}
    for group in groups_hit(impact, program):
        of_group = program.groups[group].features.values()
        pairs = {f.short: changed[f.name] for f in of_group if f.name in changed}
        former = {old.group for old in pairs.values()}
        if len(former) != 1 or not former & sets.keys():
            continue
        current = sets[former.pop()]
        there = {c.name for c in current.columns}
        columns = {short: old.short for short, old in pairs.items() if old.short in there}
        same = [f.short for f in of_group if f.name not in touched and f.short in there]
        if columns:
            yield Compared(
                group=group,
                current=current,
                as_of=run_named(target, current.run).as_of,
                columns=columns | {short: short for short in same[:CONTROLS]},
                same=frozenset(same[:CONTROLS]),
                hidden=frozenset(_hidden(before, pairs.values(), current)),
            )


def _hidden(before: Declared, old: Iterable[FeatureEntry], current: Current) -> Iterator[str]:
    """Columns into whose values personal data entered."""
    for feature in old:
        for read in feature.columns:
            source = before.sources.get(read.source)
            columns = () if source is None else source.columns
            pii = any(c.pii for c in columns if c.name == read.column)
            if "value" in read.roles and (pii or source is None):
                yield feature.short
