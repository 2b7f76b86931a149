"""What cases are compared by: by name, so that a case of the corpus is compared as it was found."""

from __future__ import annotations

from collections.abc import Callable

from tests.harness import expectations, pairs, requests, training, values
from tests.harness.case import Case
from tests.harness.corpus_files import written
from tests.harness.reduce import formatted, reduced

CHECKS: dict[str, Callable[[Case], list[str]]] = {
    "values": values.check,
    "training": training.check,
    "requests": requests.check,
    "expectations": expectations.check,
    **dict.fromkeys(pairs.RELATIONS, pairs.check),
}


def check(case: Case) -> list[str]:
    """What differs, of a case by itself."""
    return CHECKS[case.check](case)


def shown(case: Case, seed: int, seconds: float = 60) -> str:
    """A case, made small, with what differs, as text; and as a file for the corpus."""
    small = reduced(case, check, seconds)
    found = check(small)
    rows = [f"{name}: {dict(row)!r}" for name, rows in small.stored.items() for row in rows]
    spine = [] if small.spine is None else [f"spine: {row!r}" for row in small.spine.rows]
    head = (
        f"seed {seed}: {small.check} {small.how}, as of {small.as_of!r}, zone {small.zone}, "
        f"population {small.population}, until {small.until!r}, ahead {small.ahead}"
    )
    text = formatted(small.text)
    return "\n".join([head, *found[:10], text, *rows, *spine, "for tests/harness/corpus:"]) + (
        "\n" + written(small)
    )
