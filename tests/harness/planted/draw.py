"""Draw mutants of mutmut at random, from planner and lowering, into `drawn.json`.

    python -m tests.harness.planted.draw [HOW MANY] [SEED]

Needs mutmut, which nothing else does: what was drawn is kept as text, and planted from there.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from difflib import SequenceMatcher
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from tests.harness.planted.drawn import Drawn, write
from tests.harness.planted.plant import Gone, planted

ROOT = Path(__file__).parents[3]
PACKAGES = ("planning", "lowering")


def mutants() -> Iterator[tuple[str, str, Callable[[], str]]]:
    """The module, its text, and what gives the text with a mutant; of all that mutmut makes."""
    from mutmut.mutation.file_mutation import create_mutations

    for package in PACKAGES:
        for path in sorted((ROOT / "featdsl" / package).glob("*.py")):
            text = path.read_text(encoding="utf-8")
            module, made, _, _ = create_mutations(path.name, text)
            for mutation in made:
                other = partial(_code, module, mutation)
                yield f"{package}.{path.stem}", text, other


def _code(module: Any, mutation: Any) -> str:
    return module.deep_replace(mutation.original_node, mutation.mutated_node).code


def place(text: str, other: str) -> tuple[int, str, str]:
    """The line, and the lines that differ, with as many before as tell them from all others."""
    before, after = text.splitlines(keepends=True), other.splitlines(keepends=True)
    found = [
        o for o in SequenceMatcher(None, before, after, False).get_opcodes() if o[0] != "equal"
    ]
    first, last = found[0][1], found[-1][2]
    line, end = first + 1, found[-1][4]
    while text.count("".join(before[first:last])) > 1 or first == last:
        first -= 1
    return line, "".join(before[first:last]), "".join(after[first:end])


def main(arguments: list[str]) -> None:
    n, seed = (int(a) for a in [*arguments, *("40", "1")[len(arguments) :]])
    with tempfile.TemporaryDirectory() as folder:
        # It reads settings where it runs, and asks for some.
        (Path(folder) / "setup.cfg").write_text("[mutmut]\nsource_paths=.\n")
        os.chdir(folder)
        found = list(mutants())
    some: list[Drawn] = []
    Random(seed).shuffle(found)
    for module, text, other in found:
        mutant = Drawn(module, *place(text, other()))
        if is_of_a_function(mutant):
            some.append(mutant)
        if len(some) == n:
            break
    write(some)
    print(f"{n} of {len(found)}, from seed {seed}")


def is_of_a_function(mutant: Drawn) -> bool:
    """A field of a class is changed by none, nor is a constant."""
    try:
        with planted(mutant.bug):
            return True
    except Gone:
        return False


if __name__ == "__main__":
    main(sys.argv[1:])
