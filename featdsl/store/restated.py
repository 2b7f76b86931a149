"""What a run changed that repaired what was published for its as-of time before."""

from __future__ import annotations

from featdsl.store.model import Model


class FeatureChange(Model):
    """A feature of a set: ``cells`` are those of keys on both sides whose values differ.

    Nulls and means are over all keys, before and after; None where that is not known.
    """

    feature: str
    cells: int
    nulls_before: int | None = None
    nulls_after: int | None = None
    mean_before: float | None = None
    mean_after: float | None = None


class SetRestated(Model):
    """A set: which run published it before, and what is other now.

    Rows are counted by key: ``changed`` are those with a feature whose value differs. Features that
    one side lacks are ``added`` or ``removed``. ``unread`` says why the two could not be compared.
    """

    set: str
    before: str
    unread: str | None = None
    same_rows: int = 0
    changed_rows: int = 0
    added_rows: int = 0
    removed_rows: int = 0
    features: tuple[FeatureChange, ...] = ()
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    @property
    def hit(self) -> frozenset[str]:
        """Features of which somebody finds other values."""
        other_rows = self.added_rows or self.removed_rows or self.unread is not None
        changed = {f.feature for f in self.features if f.cells or other_rows}
        return frozenset({*changed, *self.removed})


class ConsumerHit(Model):
    """A consumer, and the features that it reads of those that changed."""

    consumer: str
    features: tuple[str, ...]


class RestateUse(Model):
    """That a run repaired what was published: why, what changed, and who reads it."""

    because: str
    sets: tuple[SetRestated, ...] = ()
    consumers: tuple[ConsumerHit, ...] = ()
