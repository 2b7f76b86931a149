"""A `for`, and what it stands for."""

from __future__ import annotations

from tests.harness.generate.clauses import WINDOW, Clauses, over, plain, sugared, where
from tests.harness.generate.features import Features
from tests.harness.generate.windows import RECENT


def write(f: Features) -> None:
    """A loop over texts, numbers or windows."""
    text, number = f.rows.leaf("text"), f.rows.leaf("int")
    counted = f"count({where(f'{text} = $x')}{WINDOW})"
    above = f"count({where(f'{number} > $n')}{WINDOW})"
    bodies = [
        ("x", ('"x"', '"y"'), f"n_{{x}} = {counted}  m_{{x}} = n_{{x}} * 2"),
        ("n", ("1", "7"), f"above_{{n}} = {above} / count({where('')}{WINDOW})"),
    ]
    if f.caller.timed:
        summed = f"sum({number}{where('')}{over('$w')} default 0)"
        bodies.append(("w", RECENT, f"sum_{{w}} = {summed}"))
    name, items, body = f.r.choice(bodies)
    f.sugar.append(f"for {name} in [{', '.join(items)}] {{ {sugared(body)} }}")
    clauses = Clauses(f.conditions, aligned=f.aligned)
    for item in items:
        filled = plain(body, clauses).replace(f"{{{name}}}", item.strip('"'))
        f.flat.append(filled.replace(f"${name}", item))
