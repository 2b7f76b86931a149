"""The declarations of `semantic_errors/shop.feat`, and what is made of texts beside them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from featdsl.diagnostics.model import Diagnostic, Problems
from featdsl.ir.program import Feature, Origin, Program
from featdsl.semantics.passes import analyse
from featdsl.semantics.surroundings import Surroundings
from featdsl.syntax.nodes import Module
from featdsl.syntax.parse import parse
from featdsl.text.sources import SourceSet

FOLDER = Path(__file__).parents[1] / "semantic_errors"
SHOP = "shop.feat"
BASE = (FOLDER / SHOP).read_text("utf-8")


@cache
def _shop() -> Module:
    """The shop, read once for all that stands beside it."""
    problems = Problems()
    module = parse(BASE, SHOP, problems)
    assert not problems.items
    return module


def analysed(
    files: Mapping[str, str],
    *,
    params: Mapping[str, Any] | None = None,
    enabled: tuple[str, ...] = (),
    project: str = "shop",
    surroundings: Surroundings | None = None,
) -> tuple[Program, list[Diagnostic], SourceSet]:
    """The program of some files and everything that is said about them."""
    texts = SourceSet.of(files)
    problems = Problems()
    modules = [
        _shop() if (f.name, f.text) == (SHOP, BASE) else parse(f.text, f.name, problems)
        for f in texts
    ]
    program = analyse(
        modules,
        project=project,
        timezone="UTC",
        params={k: (v, Origin.COMMAND) for k, v in (params or {}).items()},
        texts=texts,
        problems=problems,
        enabled=enabled,
        surroundings=surroundings,
    )
    return program, problems.sorted(), texts


def beside(text: str, **options: Any) -> tuple[Program, list[Diagnostic]]:
    """Analyse a text beside the shop; what is said of the shop itself is left out."""
    files = {SHOP: BASE, "t.feat": f"namespace shop\n{text}"}
    program, found, _ = analysed(files, **options)
    return program, [d for d in found if d.primary is None or d.primary.span.source == "t.feat"]


def group(*features: str, header: str = "spend for customer from lines") -> str:
    """A group that lint has nothing to say about."""
    body = "\n".join(f"  ## A value.\n  {f}" for f in features)
    return f'## A group.\nfeatures {header} {{\n  owner "a@example.com"\n{body}\n}}\n'


def resolved(*features: str, header: str = "spend for customer from lines") -> dict[str, Feature]:
    """Features by short name; nothing may be said about them."""
    program, found = beside(group(*features, header=header))
    assert [(d.code.slug, d.message) for d in found] == []
    name = header.split(" ")[0]
    return {f.short: f for f in program.groups[f"shop.{name}"].features.values()}


def value_of(feature: str, header: str = "spend for customer from lines") -> Feature:
    """One feature; the text is its definition."""
    found = resolved(feature, header=header)
    return next(iter(found.values()))


def slugs(*features: str, header: str = "spend for customer from lines") -> list[str]:
    """Slugs of all that is said of a group."""
    _, found = beside(group(*features, header=header))
    return [d.code.slug for d in found]
