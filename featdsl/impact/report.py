"""A plan as JSON, with a published schema."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from pydantic import AliasChoices, Field

from featdsl.ir.manifest_base import Model
from featdsl.store.record import FeatureProfile

if TYPE_CHECKING:
    from featdsl.impact.compare import Impact
    from featdsl.impact.cost import Cost
    from featdsl.runs.sampled import GroupSample

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


class ProfilePlan(Model):
    """Of values of a sample; of personal data counts only."""

    rows: int
    nulls: int
    distinct: int
    minimum: float | str | None
    maximum: float | str | None
    mean: float | None
    quantiles: dict[str, float]
    top: dict[str, int]


class FeatureSamplePlan(Model):
    name: str
    differ: int
    share: float | None
    """Of the keys that are there before and after; null where there are none."""
    before: ProfilePlan
    after: ProfilePlan


class GroupSamplePlan(Model):
    """One of ``every`` keys of a group, as of the time of the run that is compared with."""

    group: str
    run: str
    as_of: datetime
    every: int
    keys: int
    gone: int
    new: int
    features: tuple[FeatureSamplePlan, ...]
    others: tuple[str, ...]
    """Features that mean the same and have other values: the data, or parameters, are others."""


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
    sample: tuple[GroupSamplePlan, ...] | None = None
    """With `--sample`."""

    def to_json(self) -> str:
        """Its text."""
        return self.model_dump_json(indent=2, by_alias=True)


def plan_of(
    impact: Impact,
    lost: Mapping[str, str],
    cost: Cost | None,
    sample: Sequence[GroupSample] | None = None,
) -> Plan:
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
        sample=None if sample is None else tuple(map(_sample, sample)),
    )


def _sample(group: GroupSample) -> GroupSamplePlan:
    return GroupSamplePlan(
        group=group.group,
        run=group.run,
        as_of=group.as_of,
        every=group.every,
        keys=group.keys,
        gone=group.gone,
        new=group.new,
        features=tuple(
            FeatureSamplePlan(
                name=f.feature,
                differ=f.differ,
                share=f.differ / group.keys if group.keys else None,
                before=_profile(f.before),
                after=_profile(f.after),
            )
            for f in group.features
        ),
        others=group.others,
    )


def _profile(found: FeatureProfile) -> ProfilePlan:
    return ProfilePlan(
        rows=found.rows,
        nulls=found.nulls,
        distinct=found.distinct,
        minimum=found.minimum,
        maximum=found.maximum,
        mean=found.mean,
        quantiles=found.quantiles,
        top={t.value: t.rows for t in found.top},
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
