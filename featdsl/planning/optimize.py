"""The plan optimiser: rules in order, each leaving the output's columns as they are."""

from __future__ import annotations

from collections.abc import Callable

from featdsl.ir.plan import Plan, columns
from featdsl.planning.rules.prune_columns import prune_columns

Rule = Callable[[Plan], Plan]

# In order; each may rely on the ones above it.
RULES: tuple[Rule, ...] = (prune_columns,)


def optimize(
    plan: Plan,
    rules: tuple[Rule, ...] = RULES,
    observe: Callable[[str, Plan], None] = lambda rule, plan: None,
) -> Plan:
    """Apply the rules in order; `observe` sees the plan after each.

    Raises:
        AssertionError: a rule changed which columns come out: a compiler bug.
    """
    before = columns(plan.steps[-1].operation)
    for rule in rules:
        plan = rule(plan)
        after = columns(plan.steps[-1].operation)
        assert after == before, f"{rule.__name__} changed the plan's columns"
        observe(rule.__name__, plan)
    return plan
