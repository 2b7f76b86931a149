"""What is made of data sets, inputs and expectations: each often enough, or it became weak."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from random import Random

from tests.harness import values
from tests.harness.asking.expecting import expecting
from tests.harness.asking.maker import DATASET, make_asking
from tests.harness.case import PROJECT, Case, Refused, compiled
from tests.harness.generate.moments import BASES, Moments
from tests.harness.generate.sizes import SMALL, TINY
from tests.harness.generate.windows import LENGTHS
from tests.harness.tally import Tally

PROJECTS, EXPECTING = 200, 20
LEAST, LEAST_EXPECTED = 4, 2
"""Projects of so many that have a construct."""

_INPUT = r"^features q\d(?:.|\n  )*"
DATASETS = {
    "inputs": r"^input ask",
    "required inputs": r"^input ask \{(\n  i_.*)*\n  i_\w+: .* required",
    "personal inputs": r"^input ask \{(\n  i_.*)*\n  i_\w+: .* pii",
    "lists and maps as inputs": r"^  i_\w+: (list|map)\(",
    "inputs in expressions": rf"{_INPUT}(= |\()ask\.i_",
    "inputs in conditions": rf"{_INPUT} where \(?[^()\n]*\bask\.i_",
    "inputs in defaults": rf"{_INPUT} default [^\n]*\bask\.i_",
    "features on requests of others": r"^  \w+ = .*\bq0\.",
    "labels": r"^labels l for",
    "labels of the spine": r"^  label said",
    "grids": r"^  spine every",
    "samples": r"^  spine every .* sample",
    "views as spines": r"^  spine asked_some at",
    "rows in time as spines": r"^  spine (?!every|asked)",
    "dates as times": r"^    asked_at: date",
    "dropped questions": r"drop when note",
    "columns that are hidden": r"private_note: text pii",
    "populations": r"from pop\b",
    "everyone": r"^dataset \w+ for whole",
    "keys in parts": r"key \S+: \w+  key",
    "splits by time": r"split by time at \S+\n",
    "three parts": r"split by time at [^,\n]+, [^,\n]+\n",
    "splits by key": r"split by (?!time)\S+ at \S+%\n",
    "many parts": r"split by .*,.*,",
}
"""Of data sets and inputs, by a pattern of the text."""

EXPECTATIONS = {
    "of rows": r"^ +expect (?!unique|rows|null_rate|distinct|drift|freshness)",
    "a share that may fail": r"expect .* allow ",
    "warnings": r"expect .* warn$",
    "that stop": r"expect .*(?<! warn)$",
    "unique": r"expect unique\(",
    "unique in parts": r"expect unique\(.*,",
    "rows": r"expect .*\brows\(\)",
    "null_rate": r"null_rate\(",
    "distinct": r"distinct\(",
    "freshness": r"\bfreshness\b",
    "aggregates": r"expect .*\b(sum|avg|min|max)\(",
    "aggregates with conditions": r"expect .*\(.* where ",
    "aggregates with defaults": r"expect .*\(.* default ",
    "changes": r" changes <",
    "changes of counts": r"rows\(\) changes",
    "drift": r"drift\(",
    "between": r"expect [\w(). ]+ between ",
    "not between": r"expect [\w(). ]+ not between ",
    "the bound first": r"expect -?[\d.]+%? (<|>|=|!)",
    "of views": r"^view .*\{\n(  (?!let|join|where).*\n)*  expect ",
    "of groups": r"^features .*\{\n  expect ",
    "of features": r"^    expect ",
    "of labels": r"^labels .*\{\n  expect ",
    "of data sets": r"^dataset .*\{\n  expect ",
    "of splits": r"expect .*\bsplit\b",
}
"""Of expectations."""


def projects(count: int = PROJECTS) -> list[str]:
    """Texts of projects with data sets, of the first seeds."""
    found = []
    for seed in range(count):
        r = Random(seed)
        found.append(make_asking(r, r.choice((TINY, SMALL)), r.choice(BASES)).text)
    return found


def expected(count: int = EXPECTING) -> list[str]:
    """Texts of projects with expectations."""
    found: list[str] = []
    for seed in range(count):
        r = Random(seed)
        base = r.choice(BASES)
        project = make_asking(r, TINY, base, personal=False)
        try:
            program = compiled(project.text, project.zone)
        except Refused:
            continue
        stored = values.make_stored(r, project, Moments(r, base, LENGTHS))
        case = Case("expectations", project.text, project.zone, stored, base)
        found.append(expecting(r, program, case, f"{PROJECT}.{DATASET}", Tally()))
    return found


def missing(constructs: Mapping[str, str], texts: Sequence[str], least: int = LEAST) -> list[str]:
    """Constructs that are too rare."""
    return [
        name
        for name, pattern in constructs.items()
        if sum(re.search(pattern, text, re.MULTILINE) is not None for text in texts) < least
    ]
