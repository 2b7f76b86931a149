"""Features of other groups: as they are, earlier, of peers, and of other entities."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from tests.harness.generate.columns import Role
from tests.harness.generate.kinds import STORED

_AGO = ("1d", "7d", "90min", "1month")


@dataclass
class Made:
    """A group that is written: its features by kind."""

    name: str
    entity: str
    known: dict[str, list[str]] = field(default_factory=dict)

    def some(self, r: Random) -> dict[str, str]:
        """A feature of each kind, by its full name."""
        return {k: f"{self.name}.{r.choice(v)}" for k, v in self.known.items() if k != "rough"}


def beside(r: Random, groups: list[Made], entity: str, *, peers: bool) -> dict[str, list[str]]:
    """What features of an entity may say of its other groups."""
    found: dict[str, list[str]] = {}

    def add(kind: str, text: str) -> None:
        found.setdefault(kind, []).append(text)

    for group in groups:
        if group.entity != entity:
            continue
        some = group.some(r)
        for kind, feature in some.items():
            add(kind, feature)
            add(kind, f"({feature} {r.choice(_AGO)} ago)")
            if peers and kind in STORED and kind != "bool":
                of = r.choice(["all", *(f for k, f in some.items() if k in STORED)])
                add(kind, f"{r.choice(('min', 'max'))}({feature} among {of})")
                add("int", f"count({feature} among {of})")
            if peers and kind in ("int", "dec", "float"):
                of = r.choice(["all", *(f for k, f in some.items() if k in STORED)])
                if kind != "float":
                    add("float", f"avg({feature} among {of})")
                for _ in range(3):
                    add("float", f"percent_rank({feature} among {of})")
    return found


def through(
    r: Random, groups: list[Made], roles: dict[str, list[Role]], written: dict[str, str]
) -> dict[str, list[str]]:
    """What rows may say of the entities that they name, as of the row's time."""
    found: dict[str, list[str]] = {}
    for group in groups:
        for role in roles.get(group.entity, ()):
            key = ", ".join(written[c] for c in role)
            key = f"({key})" if len(role) > 1 else key
            for kind, feature in group.some(r).items():
                found.setdefault(kind, []).append(f"({feature} via {key})")
    return found
