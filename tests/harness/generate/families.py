"""Families of features, a feature a window, and families of these."""

from __future__ import annotations

from collections.abc import Sequence

from tests.harness.generate.clauses import Clauses, is_conditional, member, plain, sugared
from tests.harness.generate.features import Features
from tests.harness.generate.windows import RECENT, suffix


def write(f: Features) -> None:
    """A few families; the last ones rest on the first."""
    r, c = f.r, f.caller
    some = r.sample(c.windows, min(len(c.windows), r.randint(1, 3)))
    windows = tuple({suffix(w): w for w in some}.values())
    listed = ", ".join(windows)
    if r.random() < 0.2:
        windows, listed = RECENT, "$recent"
    names = []
    for i in range(r.choice((1, 2))):
        call = c.call("count", [], windowed=False)
        x = f.rows.leaf(r.choice(("int", "dec", "float")))
        other = c.call(r.choice(("min", "max", "sum")), [x], windowed=False)
        value = f"{call} + {other}" if r.random() < 0.3 else (other if i else call)
        _members(f, f"fam{i}", listed, windows, value, None)
        names.append(member(f"fam{i}"))
    _members(f, "both", listed, windows, f"{names[0]} / {names[-1]}", None)
    f.known.setdefault("float", []).extend(f"both{suffix(w)}" for w in windows)
    if r.random() < 0.5:
        value = f"({member('both')} ?? {names[0]}) * 2"
        _members(f, "again", listed, windows, value, r.choice((None, "1", names[-1])))


def _members(
    f: Features,
    name: str,
    listed: str,
    windows: Sequence[str],
    value: str,
    default: str | None,
) -> None:
    where = f.rows.of("bool", 1) if is_conditional(value) and f.r.random() < 0.2 else None
    text = f"{name}[{listed}] = {sugared(value)}"
    text += "" if where is None else f" where {where}"
    text += "" if default is None else f" default {sugared(default)}"
    f.sugar.append(text)
    conditions = (*f.conditions, *(() if where is None else (where,)))
    for window in windows:
        clauses = Clauses(conditions, window, f.aligned)
        text = f"{name}{suffix(window)} = {plain(value, clauses)}"
        text += "" if default is None else f" default {plain(default, clauses)}"
        f.flat.append(text)
