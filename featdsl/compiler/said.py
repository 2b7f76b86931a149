"""What is said of columns where a statement makes them: ``COMMENT ON`` in plain English."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from featdsl.compiler.header import one_line
from featdsl.compiler.sentences import describe_feature
from featdsl.ir.program import Dataset, Feature, Group, Program, SpineRows
from featdsl.ir.refs import declared_group


def group_comments(
    program: Program, group: Group, features: Iterable[Feature]
) -> Mapping[str, str]:
    """By column: the keys of the entity, and features with what they mean."""
    entity = program.entities[group.entity]
    keys = {key.name: f"Key of {entity.short}" for key in entity.keys}
    return {**keys, **{f.short: _feature(program, f, group) for f in features}}


def dataset_comments(program: Program, dataset: Dataset) -> Mapping[str, str]:
    """By column of a training set; of the spine's columns what their source says."""
    said: dict[str, str] = {}
    if isinstance(dataset.spine, SpineRows):
        shown = dataset.spine.shown
        said = {c.name: one_line(c.description) for c in shown if c.description}
    for column in (*dataset.columns, *dataset.labels):
        if column.feature is not None:
            feature = program.feature(column.feature)
            group = declared_group(program, feature.group)
            said[column.name] = _feature(program, feature, group)
    return said


def _feature(program: Program, feature: Feature, group: Group) -> str:
    """Its doc, the sentence on what it is, its unit."""
    doc = one_line(feature.meta.doc or "")
    parts = [doc if not doc or doc.endswith((".", "!", "?")) else f"{doc}."]
    parts.append(describe_feature(program, feature, group).text)
    if feature.meta.unit is not None:
        parts.append(f"Unit: {feature.meta.unit}.")
    return one_line(" ".join(filter(None, parts)))
