"""A source of days to come, which `next_in` looks at."""

from __future__ import annotations

from random import Random

from tests.harness.generate.columns import Column
from tests.harness.generate.sources import History, Source

_HISTORY = History("days", 0, lambda r, source: None)
_COLUMNS = (("day", "date"), ("moment", "ts"), ("name", "text"), ("number", "int"))


def make_days(r: Random) -> tuple[Source, dict[str, list[str]]]:
    """The source, and calls that may stand in features, by kind."""
    types = {"date": "date", "ts": "timestamp", "text": "text", "int": "int"}
    columns = [Column(n, k, types[k], r.random() < 0.3) for n, k in _COLUMNS]
    source = Source("days", _HISTORY, columns, [], {}, [], fixed={n for n, _ in _COLUMNS})
    asked = ("", ', name = "x"', ", number = 3", ', name = "", number = 1')
    return source, {
        "date": [f"next_in(days, day{r.choice(asked)})"],
        "ts": [f"next_in(days, moment{r.choice(asked)})"],
    }
