"""Data sets: whom they ask about and when, what they include, how they are split."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from tests.harness.generate.columns import Entity
from tests.harness.generate.views import block

_CUTS = (("80%",), ("70%", "90%"), ("20%", "40%", "60%", "80%"), ("33.3%", "50%", "66.6%"))


@dataclass
class Writing:
    """``spine`` is the source of questions; ``features`` are groups, ``labels`` full names.

    ``plain`` groups rest on no input: other spines ask for these. ``relations`` are such spines.
    """

    r: Random
    entity: Entity
    spine: str
    features: Sequence[str]
    labels: Sequence[str]
    plain: Sequence[str]
    relations: Sequence[str]
    base: datetime

    def text(self, name: str) -> str:
        r = self.r
        spine, features = self.spine, self.features
        grids = self.entity.population is not None
        if self.plain and r.random() < (0.4 if grids else 0.2):
            features = self.plain
            spine = self.grid() if grids and r.random() < 0.7 else r.choice(self.relations)
        items = [f"spine {spine}", *self.included(features)]
        items += [f"label {label}" for label in self.labels]
        if r.random() < 0.3 and spine == self.spine:
            items.append("label said")
        items += self.split()
        return block(f"dataset {name} for {self.entity.name}", items)

    def answers(self, name: str, groups: Sequence[str]) -> str:
        """A data set whose features requests ask for."""
        return block(f"dataset {name} for {self.entity.name}", self.included(groups))

    def included(self, groups: Sequence[str]) -> list[str]:
        return [f"include {g}.* as {g}" for g in groups]

    def grid(self) -> str:
        r = self.r
        base = self.base.replace(microsecond=0)
        step = r.choice(("1d", "7d", "36h", "1month"))
        start = base - timedelta(days=r.choice((3, 40)))
        sample = r.choice(("", "", " sample 50%", " sample 12.5%"))
        return f"every {step} from @{start.isoformat()} to @{base.isoformat()}{sample}"

    def split(self) -> list[str]:
        r = self.r
        if r.random() < 0.4:
            keys = [k for k in self.entity.keys if k.kind != "bool"]
            if keys:
                return [f"split by {r.choice(keys).written} at {', '.join(r.choice(_CUTS))}"]
        if r.random() < 0.6:
            base = r.choice((self.base, self.base, self.base.replace(microsecond=0)))
            some = sorted(r.sample((-30, -7, -1, 0, 1), r.choice((1, 1, 2, 3, 4))))
            cuts = [f"@{(base + timedelta(days=d)).isoformat()}" for d in some]
            return [f"split by time at {', '.join(cuts)}"]
        return []
