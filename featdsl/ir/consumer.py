"""Who reads features, and what people ask for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from featdsl.ir.declared import Declared


class ConsumerKind(StrEnum):
    MODEL = "model"
    REPORT = "report"
    APPLICATION = "application"


@dataclass(frozen=True, slots=True, kw_only=True)
class Consumer(Declared):
    """Who reads what. ``datasets`` and ``features`` are full names that it says it reads.

    Data sets that name it are not among ``datasets``: see `Program.readers`. ``predictions`` is
    the source of what a model predicted, ``target`` the label that it predicts.
    """

    kind: ConsumerKind | None
    datasets: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    predictions: str | None = None
    target: str | None = None


class WantedStatus(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted(Declared):
    """A feature that someone asked for.

    ``features`` are full names of those that are declared under its name, about its entity: it
    is DONE then. ``because`` says why it was accepted or declined.
    """

    entity: str
    by: str | None = None
    since: date | None = None
    status: WantedStatus = WantedStatus.OPEN
    because: str | None = None
    features: tuple[str, ...] = ()
