"""No test says what a feature's value must be."""

from __future__ import annotations

from featdsl.diagnostics import catalog
from featdsl.semantics.lint.subject import Subject


def untested_feature(subject: Subject) -> None:
    """A family counts as tested where one of its members is."""
    stated = {name for test in subject.known.tests for e in test.expected for name in e.stated}
    families = {
        (group.name, group.members[name].family)
        for group in subject.known.groups.values()
        for name in stated & group.members.keys()
    }
    for group, feature in subject.features():
        by_family = feature.family is not None and (group.name, feature.family) in families
        if feature.name not in stated and not by_family:
            shown = feature.family or feature.short
            subject.report(
                catalog.UNTESTED_FEATURE.at(
                    feature.name_span, f"no test states a value of `{group.short}.{shown}`"
                ).help("a `test` block is an example that stays true")
            )
