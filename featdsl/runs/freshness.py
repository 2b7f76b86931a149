"""How old what is published of data sets is, against the `freshness` that they promise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from featdsl.compiler.phrases import duration_words
from featdsl.ir.program import Dataset, Program
from featdsl.ir.refs import group_of
from featdsl.planning.answers import read_of
from featdsl.planning.requests import Requests
from featdsl.project.load import Project
from featdsl.types.duration import Duration

ATTRIBUTE = "freshness"


@dataclass(frozen=True, slots=True)
class Freshness:
    """Of a data set that promises one.

    ``of`` is the oldest set that it is read from, ``as_of`` the time which that is of. ``needs``
    says why somebody should look; None where it is as fresh as it promises.
    """

    dataset: str
    most: Duration
    of: str | None = None
    as_of: datetime | None = None
    needs: str | None = None


def promises(project: Project) -> bool:
    """Whether any data set of a project's texts can promise a freshness."""
    return any(ATTRIBUTE in file.text for file in project.texts)


def freshness_of(
    program: Program, as_of: Mapping[str, datetime | None], now: datetime
) -> tuple[Freshness, ...]:
    """How fresh the data sets are that promise to be.

    Args:
        program: All that is declared.
        as_of: As of when what is current of each set is; None where nobody knows.
        now: The clock, in UTC without a zone.
    """
    return tuple(
        _judged(program, dataset, dataset.meta.freshness, as_of, now)
        for dataset in program.datasets.values()
        if dataset.meta.freshness is not None
    )


def _judged(
    program: Program,
    dataset: Dataset,
    most: Duration,
    as_of: Mapping[str, datetime | None],
    now: datetime,
) -> Freshness:
    oldest, of = now, None
    for name in _sets(program, dataset):
        found = as_of.get(name)
        if found is None:
            why = "the record is lost of" if name in as_of else "nothing is published of"
            return Freshness(dataset.name, most, name, None, f"{why} {name}")
        if of is None or found < oldest:
            oldest, of = found, name
    if of is None:  # it is made of what requests send alone
        return Freshness(dataset.name, most)
    needs = None
    if _passed(oldest, most, now):
        needs = f"{of} is older than {duration_words(most)}, which its freshness promises"
    return Freshness(dataset.name, most, of, oldest, needs)


def _sets(program: Program, dataset: Dataset) -> tuple[str, ...]:
    """The published sets that the data set's features are read from."""
    names = [str(c.feature) for c in dataset.columns]
    requests = Requests(program)
    requests.add(n for n in names if n in group_of(program, n).requests)
    read = read_of(program, requests, dataset)
    return tuple(dict.fromkeys(group_of(program, name).name for name in read))


def _passed(as_of: datetime, most: Duration, now: datetime) -> bool:
    try:
        return most.later(as_of) < now
    except OverflowError:  # past the last year there is
        return False
