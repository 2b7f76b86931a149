"""A spine row of a time gets what a snapshot has at that time."""

from __future__ import annotations

from tests.harness.compare import same
from tests.harness.relations.ground import Ground, Relation
from tests.harness.relations.spines import asked


def differences(g: Ground) -> list[str] | None:
    rows = [(*key, g.case.as_of) for key in g.base]
    if not rows:
        return None
    g.r.shuffle(rows)
    features = sorted(g.group.features.values(), key=lambda f: f.index)
    found = []
    for row, values in zip(rows, asked(g, rows), strict=True):
        for feature, b in zip(features, values, strict=True):
            a = g.base[row[:-1]][feature.short]
            if not same(a, b, feature):
                found.append(f"{feature.name} of {row}: in a snapshot {a!r}, of a spine {b!r}")
    return found


RELATION = Relation("R15", "a spine row gets what a snapshot has at its time", differences)
