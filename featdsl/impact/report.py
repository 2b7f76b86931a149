"""A plan as JSON, with a published schema."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal

from pydantic import AliasChoices, Field

from featdsl.impact.compare import Impact
from featdsl.impact.cost import Cost
from featdsl.ir.manifest_base import Model

What = Literal["added", "removed", "renamed", "changed", "metadata"]
_IS = Field(serialization_alias="is", validation_alias=AliasChoices("is", "is_"))


class FeaturePlan(Model):
    name: str
    is_: What = _IS
    was: str | None
    """Its full name before; null where it was not there."""
    because: tuple[str, ...]


class DatasetPlan(Model):
    name: str
    is_: What = _IS
    columns: tuple[str, ...]
    """Those that have other values, or are gone."""
    breaks: tuple[str, ...]
    consumers: tuple[str, ...]


class SourcePlan(Model):
    """What is read of a source; null where that cannot be said before it is asked."""

    source: str
    files: int | None
    bytes: int | None
    rows: int | None


class CostPlan(Model):
    """Of one run of the groups that change."""

    groups: tuple[str, ...]
    features: int
    sources: tuple[SourcePlan, ...]
    files: int
    bytes: int
    rows: int | None
    seconds: float | None
    """Null where no earlier run tells."""
    runs: int
    """Earlier runs that tell."""
    money: Decimal | None
    """In the unit of the target's `cost_per_tb` and `cost_per_hour`; null without them."""


class Plan(Model):
    features: tuple[FeaturePlan, ...]
    datasets: tuple[DatasetPlan, ...]
    consumers: dict[str, tuple[str, ...]]
    """Of each consumer that is hit, why."""
    breaks: bool
    """Whether the contract of a data set breaks for somebody."""
    lost: dict[str, str]
    """Sets that cannot be compared, with the reason."""
    cost: CostPlan | None = None
    """Of a plan against a target that changes something."""

    def to_json(self) -> str:
        """Its text."""
        return self.model_dump_json(indent=2, by_alias=True)


def plan_of(impact: Impact, lost: Mapping[str, str], cost: Cost | None) -> Plan:
    """What machines read of a plan."""
    return Plan(
        features=tuple(
            FeaturePlan(
                name=c.name,
                is_=c.kind.value,
                was=None if c.before is None else c.before.name,
                because=c.because,
            )
            for c in impact.features
        ),
        datasets=tuple(
            DatasetPlan(
                name=d.name,
                is_=d.kind.value,
                columns=d.columns,
                breaks=d.breaks,
                consumers=d.consumers,
            )
            for d in impact.datasets
        ),
        consumers=dict(impact.consumers),
        breaks=bool(impact.breaks),
        lost=dict(lost),
        cost=None if cost is None else _cost(cost),
    )


def _cost(cost: Cost) -> CostPlan:
    return CostPlan(
        groups=cost.groups,
        features=cost.features,
        sources=tuple(
            SourcePlan(source=s.source, files=s.files, bytes=s.bytes, rows=s.rows)
            for s in cost.sources
        ),
        files=cost.files,
        bytes=cost.bytes,
        rows=cost.rows,
        seconds=None if cost.seconds is None else round(cost.seconds, 3),
        runs=cost.runs,
        money=cost.money,
    )
