"""What features that rest on inputs read of a key, as features of their own with fingerprints."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from featdsl.compiler.fingerprint import fingerprint_features
from featdsl.ir.program import Feature, Program
from featdsl.ir.refs import group_of, inputs_named
from featdsl.planning.requests import Requests


@dataclass(frozen=True, slots=True)
class Parts:
    """``program`` has what is read among its features; ``features`` are these, by group.

    ``prints`` are fingerprints of all of the program's features, by full name. What reads rows
    by what a request sends is no part.
    """

    program: Program
    requests: Requests
    features: Mapping[str, Mapping[str, Feature]]
    prints: Mapping[str, str]


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
    return Parts(extended, requests, features, prints)
