"""A feature beside the others changes none of them, nor does it matter who asks with whom."""

from __future__ import annotations

from dataclasses import replace

from featdsl.ir import expr as ir
from featdsl.ir.program import Group
from featdsl.ir.visit import walk
from tests.harness.compare import different
from tests.harness.relations.ground import Ground, Relation


def differences(g: Ground) -> list[str] | None:
    group: Group = g.group
    if not g.alone():
        return None
    features = list(group.features.values())
    source = g.r.choice(features)
    name = f"{group.name}.another_one"
    other = replace(source, name=name, index=g.r.choice((-1, len(features))))
    listed = list(group.features.items())
    listed.append((name, other))
    groups = {**g.program.groups, group.name: replace(group, features=dict(listed))}
    found = g.ask(program=replace(g.program, groups=groups))
    odd = [
        f"{key}: the copy of {source.short} is {values['another_one']!r}"
        for key, values in found.items()
        if repr(values["another_one"]) != repr(values[source.short])
    ]
    alone = {k: {} for k in g.base}
    for feature in g.r.sample(features, min(2, len(features))):
        for key, values in g.engine.group(
            g.without({*_behind(g, feature.name)}).program,
            g.name,
            g.case.as_of,
            "param",
            population=g.case.population,
        ).items():
            alone.setdefault(key, {})[feature.short] = values[feature.short]
    known = {k: {f: v for f, v in g.base.get(k, {}).items() if f in alone[k]} for k in alone}
    return [*odd, *g.compared(found), *different(g.program, g.name, known, alone)]


def _behind(g: Ground, feature: str) -> set[str]:
    """A feature, and those that it rests on."""
    found = {feature}
    for node in walk(g.group.features[feature].expr):
        if isinstance(node, ir.FeatureRef) and node.feature in g.group.features:
            found |= _behind(g, node.feature)
    return found


RELATION = Relation("R11", "a feature beside the others changes none of them", differences)
