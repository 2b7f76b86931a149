"""Where random tests begin."""

from __future__ import annotations

import os
from random import Random


def first_seed() -> int:
    """The first seed: `FEATC_SEED`, a number or ``random``; else 1, so that a run can be had again.

    A lane takes seeds one after the other until its time is over.
    """
    given = os.environ.get("FEATC_SEED", "1")
    return Random().randrange(10**9) if given == "random" else int(given)
