"""A project's text with expectations in it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from featdsl.compiler.options import Options
from featdsl.compiler.pipeline import compile_project
from featdsl.ir.program import Expectation, Program
from featdsl.semantics.surroundings import Surroundings
from featdsl.text.sources import SourceSet
from tests.harness.asking.expect import Draft
from tests.harness.case import PROJECT, TODAY

_ROUNDS = 4


def placed(text: str, drafts: Sequence[Draft]) -> tuple[str, dict[int, Draft]]:
    """The text with expectations, each on a line of its own; which one stands on which line."""
    of_blocks: dict[str, list[Draft]] = {}
    of_features: dict[tuple[str, str], Draft] = {}
    for draft in drafts:
        if draft.feature is None:
            of_blocks.setdefault(draft.subject, []).append(draft)
        else:
            of_features[draft.subject, draft.feature] = draft
    lines: list[str] = []
    where: dict[int, Draft] = {}
    block = ""
    for line in text.split("\n"):
        head = re.match(r"(?:source|view|features|labels|dataset) (\w+)\b.*\{$", line)
        block = head[1] if head else block
        own = re.match(r"  (?:private )?(\w+)(?:\[.*\])?(?:: [^=]*)? = ", line)
        draft = of_features.get((block, own[1])) if own else None
        if draft is None or line.endswith("}"):
            lines.append(line)
        else:
            lines += [f"{line} {{", f"    {draft.written}", "  }"]
            where[len(lines) - 2] = draft
        begins = head or re.match(r"  from parquet ", line)
        if begins and not (head and line.startswith("source")):
            for draft in of_blocks.pop(block, ()):
                where[len(lines)] = draft
                lines.append(f"  {draft.written}")
    return "\n".join(lines), where


def accepted(text: str, drafts: Sequence[Draft], zone: str) -> tuple[list[Draft], int]:
    """Those that the compiler takes, and how many it does not."""
    left = list(drafts)
    for _ in range(_ROUNDS):
        whole, where = placed(text, left)
        options = Options(project=PROJECT, timezone=zone, surroundings=Surroundings(TODAY))
        found = compile_project(SourceSet.of({"t.feat": whole}), options)
        if found.ok:
            return left, len(drafts) - len(left)
        file = found.texts.files["t.feat"]
        wrong = {
            file.position(d.primary.span.start)[0] - 1
            for d in found.diagnostics
            if d.severity.name == "ERROR" and d.primary is not None
        }
        refused = [where[line] for line in wrong if line in where]
        if not refused:
            break
        left = [d for d in left if not any(d is other for other in refused)]
    return [], len(drafts)


def declared(program: Program) -> dict[str, tuple[Expectation, ...]]:
    """Expectations by what they are of, as a record names it."""
    found = {
        s.name: s.expectations
        for of in (program.sources, program.views, program.datasets)
        for s in of.values()
    }
    for group in (*program.groups.values(), *program.labels.values()):
        found[group.name] = group.expectations
        found |= {f.name: f.expectations for f in group.members.values()}
    return {name: expected for name, expected in found.items() if expected}
