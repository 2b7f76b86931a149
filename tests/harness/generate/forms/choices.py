"""Forms that give a value of the kind of their operands: `if`, `case`, `??`, functions."""

from __future__ import annotations

from tests.harness.generate.kinds import KINDS, MANY
from tests.harness.generate.writer import Form, Writer


def forms_of(kind: str) -> list[Form]:
    def call(w: Writer, d: int) -> str | None:
        known = w.names.functions.get(kind, [])
        if not known:
            return None
        name, kinds = w.pick(known)
        return f"{name}({', '.join(w.of(k, d) for k in kinds)})"

    def case(w: Writer, d: int) -> str:
        branches = " ".join(
            f"when {w.of('bool', d)} then {w.of(kind, d)}" for _ in range(w.pick((1, 2)))
        )
        last = f" else {w.of(kind, d)}" if w.chance(0.6) else ""
        return f"(case {branches}{last} end)"

    found: list[Form] = [
        lambda w, d: f"(if {w.of('bool', d)} then {w.of(kind, d)} else {w.of(kind, d)})",
        case,
        lambda w, d: f"({w.of(kind, d)} ?? {w.of(kind, d)})",
        lambda w, d: f"coalesce({w.of(kind, d)}, {w.of(kind, d)}, {w.leaf(kind)})",
        call,
        call,
    ]
    if kind not in ("dur", "rough", *MANY):
        found.append(lambda w, d: f"nullif({w.of(kind, d)}, {w.of(kind, d)})")
    return found


FORMS = {(*KINDS, "rough"): forms_of}
