"""What features that rest on inputs read of a key, as features of their own with fingerprints."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from featdsl.aggregates.registry import aggregates
from featdsl.compiler.fingerprint import fingerprint_features
from featdsl.compiler.lineage import Role, trace_lineage
from featdsl.ir import expr as ir
from featdsl.ir.program import Feature, Program
from featdsl.ir.refs import group_of, inputs_named
from featdsl.planning.requests import Requests


@dataclass(frozen=True, slots=True)
class Parts:
    """``program`` has what is read among its features; ``features`` are these, by group.

    ``prints`` are fingerprints of all of the program's features, by full name. What reads rows
    by what a request sends is no part; neither are values that show personal data, ``personal``.
    """

    program: Program
    requests: Requests
    features: Mapping[str, Mapping[str, Feature]]
    prints: Mapping[str, str]
    personal: frozenset[str] = frozenset()


def request_parts(program: Program, names: Iterable[str] | None = None) -> Parts:
    """What features rest on that rest on inputs: those of full ``names``, or all of a program."""
    if names is None:
        names = [n for g in program.groups.values() for n in g.requests]
    requests = Requests(program)
    requests.add(n for n in names if n in group_of(program, n).requests)
    features = {
        group: {n: f for n, f in found.items() if not any(inputs_named(f.expr))}
        for group, found in requests.features.items()
    }
    groups = {
        name: replace(group, features={**group.features, **features.get(name, {})})
        for name, group in program.groups.items()
    }
    extended = replace(program, groups=groups)
    prints = {n: p.data for n, p in fingerprint_features(extended).items()}
    made = [f for of in features.values() for f in of.values()]
    personal = frozenset(f.name for f in made if _shows_stored(f.expr)) & _of_personal(extended)
    kept = {g: {n: f for n, f in of.items() if n not in personal} for g, of in features.items()}
    return Parts(extended, requests, kept, prints, personal)


def _shows_stored(e: ir.Expr) -> bool:
    """Whether a value that is read of rows is one that is stored, or holds one."""
    if not isinstance(e, ir.Aggregate):
        return False
    spec = aggregates().get(e.aggregate)
    return spec is None or spec.stored or e.by is not None or e.groups is not None


def _of_personal(program: Program) -> frozenset[str]:
    """Features into whose values columns of personal data enter."""
    return frozenset(
        name
        for name, lineage in trace_lineage(program).items()
        if any(
            Role.VALUE in roles and program.sources[reach.source].columns[reach.column].pii
            for reach, roles in lineage.columns.items()
        )
    )
