"""Windows that lie side by side add up, and rows at an end are in one of them."""

from __future__ import annotations

import re

from tests.harness.case import compiled
from tests.harness.relations.ground import Ground, Relation

_SUMS = {
    "14d": ("7d", "14d..7d"),
    "14d..=0d": ("7d<..=0d", "14d..=7d"),
    "7d..=0d": ("7d", "0d..=0d"),
    "lifetime": ("7d", "lifetime..7d"),
    "lifetime..=0d": ("7d<..=0d", "lifetime..=7d"),
    "7d..=1d": ("7d<..=1d", "7d..=7d"),
    "30d": ("1d", "30d..1d"),
}


def differences(g: Ground) -> list[str] | None:
    short = g.name.partition(".")[2]
    head = re.search(rf"^features {short} for .*?(?= where | aligned | {{$)", g.case.text, re.M)
    if head is None or g.root.time is None:
        return None
    items = []
    for i, (whole, parts) in enumerate(_SUMS.items()):
        summed = " + ".join(f"count(over {part})" for part in parts)
        items.append(f"  whole_{i} = count(over {whole})\n  parts_{i} = {summed}")
    new = head[0].replace(f"features {short} ", "features adding_up ")
    body = "\n".join(items)
    program = compiled(f"{g.case.text}\n\n{new} {{\n{body}\n}}", g.case.zone)
    found = []
    for key, values in g.ask(program=program, name="p.adding_up").items():
        for i, whole in enumerate(_SUMS):
            if values[f"whole_{i}"] != values[f"parts_{i}"]:
                found.append(f"{whole} of {key}: {values[f'whole_{i}']}, {values[f'parts_{i}']}")
    return found


RELATION = Relation("R17", "windows that lie side by side add up", differences)
