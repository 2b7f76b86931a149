"""The features of a group with loops and families written out: one member, one value."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from featdsl.diagnostics import catalog
from featdsl.diagnostics.suggest import did_you_mean
from featdsl.ir import expr as ir
from featdsl.ir.text import scalar_text
from featdsl.semantics.dollars import DollarNames
from featdsl.semantics.environment import Env, ListValue
from featdsl.semantics.literals import list_items
from featdsl.semantics.names import AS_OF, reserved
from featdsl.semantics.windows import family_windows, suffix, window_of
from featdsl.syntax import nodes
from featdsl.text.span import Span

FEATURES = 10_000
"""Features that the loops of one group may make."""
GroupDecl: TypeAlias = nodes.FeaturesDecl | nodes.LabelsDecl
_IN_NAME = re.compile(r"[a-z0-9_]+\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One feature: ``loops`` are the variables it was made with, ``window`` that of its family."""

    name: str
    decl: nodes.FeatureDecl
    loops: Mapping[str, ir.Literal]
    index: int
    family: str | None = None
    window: ir.AnyWindow | None = None
    window_span: Span | None = None


@dataclass(slots=True)
class Members:
    """``families`` has the member of each window, by the family's name.

    ``open`` is True where some names are not known: of a loop or window that was reported, or of
    a template. ``full`` is True once loops make more than `FEATURES`.
    """

    members: dict[str, Member] = field(default_factory=dict)
    families: dict[str, dict[ir.AnyWindow, str]] = field(default_factory=dict)
    expects: list[tuple[nodes.ExpectDecl, Mapping[str, ir.Literal]]] = field(default_factory=list)
    attributes: list[nodes.Attribute] = field(default_factory=list)
    open: bool = False
    full: bool = False


def expand(decl: GroupDecl, env: Env) -> Members:
    """Write out loops and families; what cannot be is reported and left out."""
    found = Members(expects=[(e, {}) for e in decl.expects])
    _items(decl.items, {}, found, env)
    return found


def _items(
    items: tuple[nodes.GroupItem, ...],
    loops: Mapping[str, ir.Literal],
    found: Members,
    env: Env,
) -> None:
    for item in items:
        match item:
            case nodes.FeatureDecl():
                _feature(item, loops, found, env)
            case nodes.ForDecl():
                _loop(item, loops, found, env)
            case nodes.ApplyDecl():
                env.report.unsupported(item.span, "`apply`")
                found.open = True


def _loop(loop: nodes.ForDecl, loops: Mapping[str, ir.Literal], found: Members, env: Env) -> None:
    name = loop.variable.text
    outer = env.scope.dollar(name, loop.variable.span)
    if name in loops or outer is not None:
        first = None if outer is None else outer.span
        env.report(
            catalog.DUPLICATE_NAME.at(
                loop.variable.span, f"`${name}` is declared already, and a loop declares it again"
            ).because(first, "first declared here")
        )
    found.attributes += [a for a in loop.attributes if a not in found.attributes]
    values = list(_values(loop, env))
    found.open = found.open or not values
    for value in values:
        if len(found.members) > FEATURES:
            _report_too_many(loop, found, env)
            return
        inner = {**loops, name: value}
        found.expects += [(e, inner) for e in loop.expects]
        at = env.moved(dollars=_with(env, name, value))
        _items(loop.items, inner, found, at)


def _report_too_many(loop: nodes.ForDecl, found: Members, env: Env) -> None:
    if found.full:
        return
    found.full = found.open = True
    env.report(
        catalog.EXPANSION.at(
            loop.variable.span, f"loops make more than {FEATURES} features of one group"
        ).help("loop over fewer values, or make several groups")
    )


def _with(env: Env, name: str, value: ir.Literal) -> DollarNames:
    assert isinstance(env.dollars, DollarNames)
    return env.dollars.with_loop(name, value)


def _values(loop: nodes.ForDecl, env: Env) -> Iterator[ir.Literal]:
    values = loop.values
    if isinstance(values, nodes.ParamRef):
        found = env.dollars.resolve(values.name, values.span, env)
        if found is None:
            return
        if not isinstance(found, ListValue):
            env.report(
                catalog.NOT_A_LIST.at(
                    values.span, f"`for` needs a list, `${values.name}` is {found.dtype}"
                )
            )
            return
        if any(isinstance(i, ir.Param) for i in found.items):
            env.report(
                catalog.NOT_CONSTANT.at(
                    values.span, f"`${values.name}` may differ from run to run, and names may not"
                ).help('loop over a constant: `const c = ["a", "b"]`')
            )
            return
        yield from (i for i in found.items if isinstance(i, ir.Literal))
        return
    made = list_items(values, env)
    if made is not None:
        yield from (i for i in made.items if isinstance(i, ir.Literal))


def in_name(value: ir.Literal) -> str:
    """A loop variable's value as a part of a name."""
    return value.value if isinstance(value.value, str) else scalar_text(value.value)


def pattern_text(pattern: nodes.Pattern, loops: Mapping[str, ir.Literal], env: Env) -> str | None:
    """A name with its holes filled; None where a hole was reported."""
    parts: list[str] = []
    for part in pattern.parts:
        if isinstance(part, str):
            parts.append(part)
            continue
        value = loops.get(part.text)
        if value is None:
            env.report(
                catalog.NAME_HOLE.at(part.span, f"`{{{part.text}}}` is no loop variable here").help(
                    did_you_mean(part.text, loops, what="loop variables")
                )
            )
            return None
        text = in_name(value)
        if _IN_NAME.match(text) is None:
            env.report(
                catalog.NAME_HOLE.at(value.span, f"`{text}` cannot be part of a name", "this value")
                .because(part.span, "it is put into the name here")
                .help("parts of names are lower-case letters, digits and `_`")
            )
            return None
        parts.append(text)
    return "".join(parts)


def _feature(
    decl: nodes.FeatureDecl, loops: Mapping[str, ir.Literal], found: Members, env: Env
) -> None:
    name = (
        decl.name.text
        if isinstance(decl.name, nodes.Ident)
        else pattern_text(decl.name, loops, env)
    )
    if name is None:
        found.open = True
        return
    if not decl.windows:
        _add(name, decl, loops, found, env)
        return
    windows = _windows(decl, found, env)
    first = found.families.setdefault(name, {})
    for window, span in windows:
        member = f"{name}{suffix(window)}"
        _add(member, decl, loops, found, env, family=name, window=window, window_span=span)
        first.setdefault(window, member)


def _windows(
    decl: nodes.FeatureDecl, members: Members, env: Env
) -> list[tuple[ir.AnyWindow, Span]]:
    found: list[tuple[ir.AnyWindow, Span]] = []
    for node in decl.windows:
        windows: Sequence[ir.AnyWindow] | None
        if env.labels and not isinstance(node, nodes.NextWindow):
            _report_backward(node, env)
            windows = None
        elif isinstance(node, nodes.ParamWindow):
            windows = family_windows(node, env)
        else:
            window = window_of(node, env)
            windows = None if window is None else [window]
        members.open = members.open or windows is None
        found += [(w, node.span) for w in windows or ()]
    return found


def _report_backward(node: nodes.Window, env: Env) -> None:
    written = env.texts.slice(node.span)
    example = written if isinstance(node, nodes.DurationWindow) else "30d"
    env.report(
        catalog.LABEL_WINDOW.at(
            node.span, f"a family of labels looks forward, and `{written}` does not say so"
        ).help(f"write `next {example}`")
    )


def _add(
    name: str,
    decl: nodes.FeatureDecl,
    loops: Mapping[str, ir.Literal],
    found: Members,
    env: Env,
    *,
    family: str | None = None,
    window: ir.AnyWindow | None = None,
    window_span: Span | None = None,
) -> None:
    if name == AS_OF:
        env.report(
            catalog.RESERVED_NAME.at(decl.name.span, reserved(name, "no feature's name")).help(
                "give the feature a name of its own"
            )
        )
        return
    first = found.members.get(name)
    if first is None:
        found.members[name] = Member(
            name=name,
            decl=decl,
            loops=loops,
            index=len(found.members),
            family=family,
            window=window,
            window_span=window_span,
        )
        return
    _report_twice(name, decl, first, window, env)


def _report_twice(
    name: str, decl: nodes.FeatureDecl, first: Member, window: ir.AnyWindow | None, env: Env
) -> None:
    here = catalog.DUPLICATE_FEATURE.at(decl.name.span, f"the feature `{name}` is declared twice")
    if first.decl is decl and first.window != window:
        here = here.note(f"the windows `{first.window}` and `{window}` make the same name")
        env.report(here.help("give one of the windows to a family of another name"))
    elif first.decl is decl:
        help_ = (
            f"name the loop's variable in it: `{name}_{{{list(first.loops)[-1]}}}`"
            if first.loops and isinstance(decl.name, nodes.Ident)
            else "each window of a family can stand once"
        )
        env.report(here.help(help_))
    else:
        text = "first declared here"
        if first.family is not None:
            text = f"`{first.family}` is a family, and `{name}` its member"
        env.report(here.because(first.decl.name.span, text).help("rename one of the two"))
