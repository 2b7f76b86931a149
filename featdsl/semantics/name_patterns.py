"""Names with holes, ``spend_{c}``: what loop variables and arguments of templates make of them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from featdsl.diagnostics import catalog
from featdsl.diagnostics.suggest import did_you_mean
from featdsl.ir import expr as ir
from featdsl.ir.text import scalar_text
from featdsl.semantics.environment import Env, ListValue, LoopValue
from featdsl.syntax import nodes

_IN_NAME = re.compile(r"[a-z0-9_]+\Z")


def in_name(value: LoopValue) -> str | None:
    """A loop variable's value as a part of a name; None where it has no one spelling."""
    if not isinstance(value, ir.Literal):
        return None
    return value.value if isinstance(value.value, str) else scalar_text(value.value)


def pattern_text(pattern: nodes.Pattern, loops: Mapping[str, LoopValue], env: Env) -> str | None:
    """A name with its holes filled; None where a hole was reported."""
    parts: list[str] = []
    for part in pattern.parts:
        if isinstance(part, str):
            parts.append(part)
            continue
        value = loops.get(part.text)
        if value is None:
            env.report(
                catalog.NAME_HOLE.at(
                    part.span, f"`{{{part.text}}}` is no loop variable or argument here"
                ).help(did_you_mean(part.text, loops, what="loop variables"))
            )
            return None
        text = in_name(value)
        if text is None:
            what = "a list" if isinstance(value, ListValue) else "a value of a run"
            env.report(
                catalog.NAME_HOLE.at(
                    part.span, f"`{{{part.text}}}` is {what}, and no part of a name"
                )
            )
            return None
        if _IN_NAME.match(text) is None:
            env.report(
                catalog.NAME_HOLE.at(value.span, f"`{text}` cannot be part of a name", "this value")
                .because(part.span, "it is put into the name here")
                .help("parts of names are lower-case letters, digits and `_`")
            )
            return None
        parts.append(text)
    return "".join(parts)


def filled(pattern: nodes.Pattern, loops: Mapping[str, LoopValue]) -> str | None:
    """A name with its holes filled, in silence; None where one cannot be."""
    parts: list[str] = []
    for part in pattern.parts:
        value = None if isinstance(part, str) else loops.get(part.text)
        text = part if isinstance(part, str) else None if value is None else in_name(value)
        if text is None:
            return None
        parts.append(text)
    return "".join(parts)
