"""What a generator makes: every construct of the language, and every edge of data.

A construct is a pattern of the text, and an edge a count of cells, rows or keys; each has to be
there often enough in so many projects, or the generator became weak.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from random import Random

from featdsl.aggregates.registry import aggregates
from featdsl.functions.registry import functions
from tests.harness import edges, values
from tests.harness.generate.moments import BASES, Moments
from tests.harness.generate.project import Project, make_project
from tests.harness.generate.sizes import LARGE, SMALL, TINY
from tests.harness.generate.sources import Source, histories
from tests.harness.generate.windows import LENGTHS
from tests.harness.training import make_spine

PROJECTS = 400
LEAST = 4
"""Projects of so many that have a construct, or a function."""

_CALLS = re.compile(r"\b(\w+)\(|\b(matches) ")

CONSTRUCTS = {
    "windows with other ends": r"\.\.=?\d|<\.\.",
    "calendar windows": r"over \d?(month|quarter|year)",
    "steps": r"over [\w. =<]+ aligned \d",
    "a step for a group": r"features .* aligned ",
    "since": r"since start of",
    "the newest n": r"last \d+ events",
    "a window by its name": r"over \$w_",
    "a constant by its name": r"[(,:] ?-?\$n_",
    "families": r"\w\[",
    "for": r"for \w in",
    "templates": r"^  apply ",
    "per": r" per ",
    "session": r"session\(",
    "previous": r"previous\(",
    "next_in": r"next_in\(",
    "lists": r"collect|top_k",
    "maps": r"histogram",
    "by": r"\(.* by ",
    "columns that are lists": r": list\(",
    "columns that are maps": r": map\(",
    "other groups": r"\bg\d\.\w",
    "ago": r" ago\b",
    "among": r" among ",
    "via": r" via ",
    "via of a feature": r" via (home0|\(home0, \w+)\)",
    "via in views": r"^  (let|where) .* via ",
    "groups without rows": r"^features \w+ for \w+ \{",
    "views": r"^view ",
    "joins": r"join .* on",
    "many of one": r"join many .* on",
    "unions": r"^view \w+ from \w+, ",
    "source_name": r"\bsource_name\b",
    "versions": r"keep last",
    "first versions": r"keep first",
    "removed rows": r"removed when",
    "snapshots": r"snapshot taken",
    "validity": r"valid vf to vt",
    "delays": r"available after",
    "availability": r"available seen",
    "ties": r"then int_",
    "dropped rows": r"drop when",
    "populations": r"from pop",
    "populations from views": r"from vpop",
    "views that are joined": r"join (many )?w\d as",
    "private views": r"^view .*\n  private$",
    "calculated parameters": r"^param q_\w+: .*[$]",
    "the day": r"today\(\)",
    "two roles": r"for e\d\(",
    "composite keys": r"key \S+: \w+  key",
    "everyone": r"^features .* for whole ",
    "batches": r"key batch",
    "functions": r"^fn ",
    "parameters": r"\$p_",
    "private features": r"^  private ",
    "another namespace": r"^namespace ",
    "try_cast": r"try_cast\(",
    "percent_rank": r"percent_rank\(",
}
EDGES = {
    "no rows": 5,
    "numbers near to each other": 20,
    "numbers far from all": 20,
    "rows of one time": 20,
    "late rows": 50,
    "rows seen early": 50,
    "NaN": 20,
    "infinity": 20,
    "before 1970": 20,
    "29 February": 20,
    "the last day of a month": 100,
    "beside a change of clocks": 250,
    "empty list or map": 20,
    "null in a list": 20,
    "spine rows that stand twice": 100,
    "spine rows without a time": 50,
    "spine rows without a key": 50,
    "keys that read alike": 20,
}
"""How often each is made at least."""
SHARES = {"null": (0.05, "cells"), "at an end of a window": (0.2, "times")}
"""How many of others are of an edge at least."""


def projects(make: Callable[..., Project] = make_project, count: int = PROJECTS) -> list[Project]:
    """What a generator makes of the first seeds."""
    found = []
    for seed in range(count):
        r = Random(seed)
        size = r.choice((TINY, SMALL, LARGE))
        found.append(make(r, size, batched=r.random() < 0.5, files=True))
    return found


def missing_constructs(made: list[Project]) -> list[str]:
    """Constructs, histories on either side of `join many`, and functions that are too rare."""
    found = [
        name
        for name, pattern in CONSTRUCTS.items()
        if sum(re.search(pattern, p.text, re.MULTILINE) is not None for p in made) < LEAST
    ]
    calls = Counter(n for p in made for n in {a or b for a, b in _CALLS.findall(p.text)})
    known = {*aggregates(), *functions()}
    found += sorted(f"{name}()" for name in known if calls[name] < LEAST)
    ahead = sum(any(map(_looks_ahead, _views(p))) for p in made)
    found += ["rows ahead of their time that are joined"] * (ahead < LEAST)
    found += ["spines from views"] * (sum("spine v" in p.dataset for p in made) < LEAST)
    many = Counter(name for p in made for name in set(_many(p)))
    found += [f"join many of {h.name}" for h in histories() if h.joined and not many[h.name]]
    return found


def _views(project: Project) -> Iterator[tuple[str, Source]]:
    """Views with joins, as text, and the source that their rows are of."""
    sources = {s.name: s for s in project.sources}
    below = dict(re.findall(r"^view (\w+) from (\w+) \{", project.text, re.MULTILINE))
    for text in re.findall(r"^view (?:.*\n)+?\}", project.text, re.MULTILINE):
        name = re.findall(r"\w+", text)[1]
        while name in below:
            name = below[name]
        if "  join " in text and name in sources:
            yield text, sources[name]


def _looks_ahead(view: tuple[str, Source]) -> bool:
    """Whether rows of a view are seen before their time, and are joined with other views."""
    text, source = view
    return source.history.name in ("available", "keep_seen") and "join" in text


def _many(project: Project) -> list[str]:
    """Histories of what is joined with `many`."""
    names = {s.name: s.history.name for s in project.sources}
    return [names[n] for n in re.findall(r"join many (\w+) as", project.text) if n in names]


def counted(made: list[Project], count: int = 240) -> Counter[str]:
    """Edges of data, in rows and spines for some of the projects."""
    found: Counter[str] = Counter()
    for seed, project in enumerate(made[:count]):
        r = Random(seed)
        base = r.choice(BASES)
        ends = {base - length for length in LENGTHS}
        for rows in values.make_stored(r, project, Moments(r, base, LENGTHS)).values():
            found += edges.of_rows(rows, ends, project.zone)
        batches = list(range(values.BATCHES)) if project.batched else [None]
        found += edges.of_spine(make_spine(r, project.entities[0], batches, base).rows)
        found["keys that read alike"] += any(edges.alike(e.pool) for e in project.entities)
    return found


def missing_edges(found: Counter[str]) -> list[str]:
    """Edges that are too rare."""
    rare = [name for name, least in EDGES.items() if found[name] < least]
    return rare + [n for n, (share, of) in SHARES.items() if found[n] < share * found[of]]
