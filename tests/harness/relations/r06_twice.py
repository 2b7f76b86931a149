"""A spine row that stands twice gets its values twice."""

from __future__ import annotations

from datetime import timedelta

from tests.harness.compare import same
from tests.harness.relations.ground import Ground, Relation
from tests.harness.relations.spines import asked, keys_and_times


def differences(g: Ground) -> list[str] | None:
    at = g.case.as_of
    rows = keys_and_times(g, (at, at, at - timedelta(days=1), at + timedelta(days=3)))
    if not rows:
        return None
    once = dict(zip(rows, asked(g, rows), strict=True))
    twice = [*rows, *g.r.choices(rows, k=len(rows) + 2)]
    g.r.shuffle(twice)
    features = sorted(g.group.features.values(), key=lambda f: f.index)
    found = []
    for row, values in zip(twice, asked(g, twice), strict=True):
        for feature, a, b in zip(features, once[row], values, strict=True):
            if not same(a, b, feature):
                found.append(f"{feature.name} of {row}: once {a!r}, among more {b!r}")
    return found


RELATION = Relation("R6", "a spine row that stands twice gets its values twice", differences)
