"""Groups that rest on other groups: without rows of their own, and by keys of other entities."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

from tests.harness.generate.across import Made, beside
from tests.harness.generate.columns import BATCH, Entity
from tests.harness.generate.features import Features
from tests.harness.generate.kinds import DECIMALS, STORED
from tests.harness.generate.sources import Source
from tests.harness.generate.views import block
from tests.harness.generate.writer import Writer

_KINDS = (*STORED, "rough")


def group(
    r: Random,
    name: str,
    entity: Entity,
    made: list[Made],
    writer: Callable[..., Writer],
    *,
    peers: bool,
) -> tuple[Made, str] | None:
    """A group without `from`, and its text; None where nothing is known of the entity."""
    known = beside(r, made, entity.name, peers=peers)
    if not known:
        return None
    found = Made(name, entity.name)
    lines = []
    for i in range(r.choice((1, 2, 4))):
        kind = r.choice(sorted(known)) if r.random() < 0.5 else r.choice(_KINDS)
        value = writer(known, as_of=True).maybe(kind, r.choice((0, 1, 1, 2)))
        if value is None or (i == 0 and "." not in value):
            kind = r.choice(sorted(known))
            value = r.choice(known[kind])
        dtype = f": {r.choice(DECIMALS)}" if kind == "dec" and r.random() < 0.1 else ""
        default = ""
        if r.random() < 0.25 and kind in _KINDS:
            default = f" default {writer(known, as_of=True).of(kind, 0)}"
        lines.append(f"f{i}{dtype} = {value}{default}")
        if not dtype:
            known.setdefault(kind, []).append(f"f{i}")
            found.known.setdefault(kind, []).append(f"f{i}")
    r.shuffle(lines)
    return found, block(f"features {name} for {entity.name}", lines)


def at_home(f: Features, made: Sequence[Made], entities: Sequence[Entity], source: Source) -> None:
    """Features that hold the key of an entity, and what may be asked of that."""
    r, c = f.r, f.caller
    keyed = {e.name: e for e in entities if e.keys}
    among = [g for g in made if g.entity in keyed]
    if not among:
        return
    group = r.choice(among)
    entity = keyed[group.entity]
    roles = source.roles.get(entity.name)
    names = []
    for i, key in enumerate(entity.keys):
        value = c.rows.of(key.kind, 0)
        if roles is not None:
            value = source.written(r.choice(roles)[i : i + 1])
        names.append(f"home{i}")
        newest = c.pick(("last", "first", "mode")) if c.ordered else "mode"
        f.add(names[-1], c.call("max" if key.name == BATCH else newest, [value]))
    key = names[0] if len(names) == 1 else f"({', '.join(names)})"
    for kind, feature in group.some(r).items():
        f.foreign.setdefault(kind, []).extend([f"({feature} via {key})"] * 2)
