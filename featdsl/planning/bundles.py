"""Many tables, joined some at a time: an engine plans joins in a row as deep as there are."""

from __future__ import annotations

from collections.abc import Mapping

from featdsl.ir import expr as ir
from featdsl.ir.plan import Combine
from featdsl.planning.ask import Asked
from featdsl.planning.passes import Computed
from featdsl.planning.steps import Steps
from featdsl.text.span import Span

WIDEST = 100
"""Tables that are joined one after the other."""

Leaves = Mapping[tuple[str, ir.Expr], Computed]


def bundled(steps: Steps, asked: Asked, leaves: Leaves, span: Span) -> Leaves:
    """Where leaves of expressions are, in so few tables that all of them are joined in a row.

    Each table has at most a row for each key that is asked.
    """
    tables = tuple(dict.fromkeys(c.step for c in leaves.values()))
    if len(tables) <= WIDEST:
        return leaves
    columns: dict[str, dict[Computed, ir.Column]] = {t: {} for t in tables}
    for (_, leaf), computed in leaves.items():
        columns[computed.step].setdefault(
            computed,
            ir.Column(
                dtype=leaf.dtype, span=leaf.span, name=computed.column, qualifier=computed.step
            ),
        )
    moved: dict[Computed, Computed] = {}
    for bundle in _bundles(tables):
        found = {c: column for table in bundle for c, column in columns[table].items()}
        combine = Combine(
            keys_from=asked.step,
            keys=asked.row,
            passes=bundle,
            values=tuple((_name(c), column) for c, column in found.items()),
        )
        note = f"{len(bundle)} tables side by side"
        step = steps.add(f"{bundle[0]}_to_{bundle[-1]}", combine, note, span)
        moved |= {c: Computed(step, _name(c)) for c in found}
    below = {key: moved[computed] for key, computed in leaves.items()}
    return bundled(steps, asked, below, span)


def _bundles(tables: tuple[str, ...]) -> list[tuple[str, ...]]:
    return [tables[i : i + WIDEST] for i in range(0, len(tables), WIDEST)]


def _name(computed: Computed) -> str:
    return f"{computed.step}.{computed.column}"
