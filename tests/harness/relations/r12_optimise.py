"""Neither the compiler's optimiser nor the engine's changes a value."""

from __future__ import annotations

from functools import cache
from unittest.mock import patch

from featdsl.compiler import statements
from tests.harness.engine import Engine
from tests.harness.relations.ground import Ground, Relation


@cache
def plain_engine() -> Engine:
    """An engine that does as it is told."""
    engine = Engine()
    engine.connection.execute("pragma disable_optimizer")
    return engine


def differences(g: Ground) -> list[str] | None:
    with patch.object(statements, "optimize", lambda plan: plan):
        plain = g.ask(how="plain")
    return [*g.compared(plain), *g.compared(g.ask(engine=plain_engine()))]


RELATION = Relation("R12", "optimisers change no value", differences)
