"""A template, and what it stands for where it is applied."""

from __future__ import annotations

from tests.harness.generate.clauses import WINDOW, Clauses, plain, sugared, where
from tests.harness.generate.features import Features
from tests.harness.generate.windows import suffix

_HEAD = "template measured(x: column, w: window, least: int)"
_MOST = f"max($x{where('$x > $least')}{WINDOW})"
_SUM, _COUNT = f"sum($x{where('')}{WINDOW} default 0)", f"count({where('')}{WINDOW})"
_BODY = (
    ("most_{least}", _MOST),
    ("added[$w]", _SUM),
    ("each[$w]", f"⟦F:added⟧ / {_COUNT}"),
    ("held", f"count({where('$x is not null')}{WINDOW}) - most_{{least}}"),
)
TEXT = f"{_HEAD} {{\n" + "".join(f"  {n} = {sugared(v)}\n" for n, v in _BODY) + "}"


def write(f: Features) -> None:
    """One application of the template, or two."""
    r = f.r
    columns = [c for k in ("int", "dec") for c in f.caller.columns.get(k, ()) if c.isidentifier()]
    for i in range(r.choice((1, 1, 2)) if columns else 0):
        column, least = r.choice(columns), r.choice(("0", "3"))
        window = r.choice(("7d", "30d", "1month"))
        named = ", least: " if r.random() < 0.5 else ", "
        f.sugar.append(f"apply measured({column}, {window}{named}{least}) as t{i}")
        for name, value in _BODY:
            family = name.endswith("[$w]")
            clauses = Clauses(f.conditions, window if family else None, f.aligned)
            text = plain(value, clauses).replace("added", f"t{i}_added")
            text = text.replace("most_{least}", f"t{i}_most_{least}")
            own = name.replace("[$w]", suffix(window)).replace("{least}", least)
            text = text.replace("$x", column).replace("$least", least)
            f.flat.append(f"t{i}_{own} = {text}")
