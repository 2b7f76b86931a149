"""Neither threads, nor memory, nor the zone of the machine change a value."""

from __future__ import annotations

from functools import cache

from tests.harness.engine import Engine
from tests.harness.relations.ground import Ground, Relation

_SETTINGS = (
    {"threads": "4", "preserve_insertion_order": "false"},
    {"memory_limit": "'200MB'", "TimeZone": "'Pacific/Chatham'"},
    {"threads": "2", "TimeZone": "'America/New_York'"},
)


@cache
def engine(number: int) -> Engine:
    return Engine(_SETTINGS[number])


def differences(g: Ground) -> list[str] | None:
    return g.compared(g.ask(engine=engine(g.r.randrange(len(_SETTINGS)))))


RELATION = Relation("R13", "settings of the engine change no value", differences)
