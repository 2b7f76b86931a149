"""Texts that are generated, and texts near to them: read, checked, formatted, fingerprinted.

Whatever is written, the compiler answers with diagnostics, and soon. What it accepts keeps its
meaning when it is formatted or put in another order.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from random import Random
from time import process_time

from featdsl.compiler.compilation import Compilation
from featdsl.compiler.fingerprint import fingerprint_features
from featdsl.compiler.options import Options
from featdsl.compiler.pipeline import compile_project
from featdsl.diagnostics.model import Problems
from featdsl.diagnostics.render.text import render_text
from featdsl.syntax.alike import alike
from featdsl.syntax.format import format_text
from featdsl.syntax.parse import parse
from featdsl.text.sources import SourceSet
from tests.harness.generate.project import make_project
from tests.harness.generate.sizes import SMALL, TINY
from tests.support.mutations import changed, mutated

SECONDS = 1.0
"""What reading and checking a text may take."""
_AGAIN = 3
"""A slow text is tried again: the machine may have been busy."""


@dataclass
class Read:
    """How many texts were read, how many of them accepted, and which diagnostics were given."""

    texts: int = 0
    accepted: int = 0
    kept: int = 0
    slowest: float = 0.0
    codes: Counter[str] = field(default_factory=Counter)


def read(text: str, counts: Read) -> str | None:
    """What is wrong with the compiler's answer to a text."""
    took = SECONDS + 1
    for _ in range(_AGAIN):
        start = process_time()
        try:
            found = compile_text(text)
            if counts.texts % 10 == 0:
                render_text(found.diagnostics, found.texts)
        except Exception as error:  # noqa: BLE001 - that is what is looked for
            return f"{type(error).__name__}: {error}\n{text}"
        took = min(took, process_time() - start)
        if took < SECONDS:
            break
    counts.texts += 1
    counts.accepted += found.ok
    counts.slowest = max(counts.slowest, took)
    counts.codes.update(d.code.id for d in found.diagnostics)
    return None if took < SECONDS else f"takes {took:.1f} s\n{text}"


def compile_text(text: str, zone: str = "UTC") -> Compilation:
    return compile_project(SourceSet.of({"t.feat": text}), Options(project="p", timezone=zone))


def kept(text: str, r: Random) -> str | None:
    """What formatting, or another order, changes in an accepted text."""
    before = compile_text(text)
    once = format_text(text, "t.feat", Problems())
    if once is None:
        return f"is not formatted\n{text}"
    if format_text(once, "t.feat", Problems()) != once:
        return f"is formatted in two ways\n{text}"
    modules = [parse(t, "t.feat", Problems()) for t in (text, once)]
    if not alike(*modules):
        return f"is another tree after it was formatted\n{text}"
    parts = text.split("\n\n")
    r.shuffle(parts)
    prints = fingerprint_features(before.program)
    for what, other in (("formatted", once), ("put in another order", "\n\n".join(parts))):
        after = compile_text(other)
        if not after.ok:
            return f"is refused when it is {what}\n{text}"
        if fingerprint_features(after.program) != prints:
            return f"has other fingerprints when it is {what}\n{text}"
    return None


def trial(seed: int, counts: Read, near: int = 60) -> str | None:
    """One project, several texts near to parts of it, and some near to the corpus."""
    r = Random(seed)
    size = SMALL if r.random() < 0.1 else TINY
    text = make_project(r, size).text
    wrong = read(text, counts)
    if wrong is not None:
        return wrong
    if compile_text(text).ok:
        counts.kept += 1
        wrong = kept(text, r)
    parts = text.split("\n\n")
    for _ in range(near):
        if wrong is not None:
            return wrong
        if r.random() < 0.25:
            other = mutated(r)
        else:
            some = r.sample(parts, min(len(parts), r.choice((1, 1, 1, 2, 2, 3, 9))))
            other = "\n\n".join(some)
            for _ in range(r.choice((1, 1, 2, 3))):
                other = changed(other, r)
        wrong = read(other, counts)
    return wrong
