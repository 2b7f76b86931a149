"""The features of a group with loops and families written out: one member, one value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from featdsl.diagnostics import catalog
from featdsl.ir import expr as ir
from featdsl.semantics import references
from featdsl.semantics.constants import reads_parameter
from featdsl.semantics.dollars import DollarNames
from featdsl.semantics.environment import Env, ListValue, LoopValue
from featdsl.semantics.literals import list_items
from featdsl.semantics.name_patterns import pattern_text
from featdsl.semantics.names import AS_OF, reserved
from featdsl.semantics.report import Report
from featdsl.semantics.templates import depth_of, instance
from featdsl.semantics.windows import family_windows, suffix, window_of
from featdsl.syntax import nodes
from featdsl.text.span import Span

FEATURES = 10_000
"""Features that the loops and templates of one group may make."""
DEPTH = 32
"""Templates that may apply each other in a row."""
NODES = 200_000
"""Nodes of the syntax tree that the templates of one group may expand to."""
GroupDecl: TypeAlias = nodes.FeaturesDecl | nodes.LabelsDecl


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One feature: ``loops`` are the variables it was made with, ``window`` that of its family.

    ``report`` is there where it was made by a template: it says where that is applied.
    """

    name: str
    decl: nodes.FeatureDecl
    loops: Mapping[str, LoopValue]
    index: int
    report: Report | None = None
    family: str | None = None
    window: ir.AnyWindow | None = None
    window_span: Span | None = None


@dataclass(slots=True)
class Members:
    """``families`` has the member of each window, by the family's name.

    ``open`` is True where some names are not known: of a loop or window that was reported, or of
    a template.
    """

    members: dict[str, Member] = field(default_factory=dict)
    families: dict[str, dict[ir.AnyWindow, str]] = field(default_factory=dict)
    expects: list[tuple[nodes.ExpectDecl, Mapping[str, LoopValue]]] = field(default_factory=list)
    attributes: list[nodes.Attribute] = field(default_factory=list)
    open: bool = False
    budget: Expansion = field(default_factory=lambda: Expansion())


@dataclass(slots=True)
class Expansion:
    """What loops and templates of one group have made; ``full`` once it was reported.

    ``least`` has the features that a template makes at least, by its full name.
    """

    features: int = 0
    nodes: int = 0
    least: dict[str, int] = field(default_factory=dict)
    full: bool = False


def expand(decl: GroupDecl, env: Env) -> Members:
    """Write out loops, families and templates; what cannot be is reported and left out.

    A group that would have too many features has none: all of its names stay open.
    """
    found = Members(expects=[(e, {}) for e in decl.expects])
    _items(decl.items, {}, found, env)
    if found.budget.full:
        found.members.clear()
        found.families.clear()
        found.expects.clear()
    return found


def _items(
    items: tuple[nodes.GroupItem, ...],
    loops: Mapping[str, LoopValue],
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
                _apply(item, loops, found, env)


def _loop(loop: nodes.ForDecl, loops: Mapping[str, LoopValue], found: Members, env: Env) -> None:
    name = loop.variable.text
    outer = env.scope.dollar(name, loop.variable.span)
    if name in loops or outer is not None:
        first = None if outer is None else outer.span
        env.report(
            catalog.DUPLICATE_NAME.at(
                loop.variable.span, f"`${name}` is declared already, and a loop declares it again"
            ).because(first, "first declared here")
        )
    if loop.private:
        env.report(
            catalog.CLAUSE_WITHOUT_EFFECT.at(
                loop.variable.span, "`private` has no effect in a loop, which is no declaration"
            ).help("write it before each feature: `private name = …`")
        )
    found.attributes += [a for a in loop.attributes if a not in found.attributes]
    values = list(_values(loop, env))
    found.open = found.open or not values
    for value in values:
        if found.budget.features > FEATURES:
            _report_too_many(
                loop.variable.span, f"loops make more than {FEATURES} features", found, env
            )
        if found.budget.full:
            return
        inner = {**loops, name: value}
        found.expects += [(e, inner) for e in loop.expects]
        at = env.moved(dollars=_with(env, name, value))
        _items(loop.items, inner, found, at)


def _report_too_many(span: Span, what: str, found: Members, env: Env) -> None:
    if found.budget.full:
        return
    found.budget.full = found.open = True
    env.report(
        catalog.EXPANSION.at(span, f"{what} of one group").help(
            "loop over fewer values, apply fewer templates, or make several groups"
        )
    )


def _apply(item: nodes.ApplyDecl, loops: Mapping[str, LoopValue], found: Members, env: Env) -> None:
    """What a template makes of its arguments, under names with the prefix."""
    if found.budget.full:
        return
    prefix = "" if item.alias is None else _name(item.alias, loops, env)
    made = None if prefix is None else instance(item, prefix and f"{prefix}_", loops, env)
    if made is None or not _afford(item, made.decl, found, env):
        found.open = True
        return
    assert isinstance(env.dollars, DollarNames)
    at = env.moved(dollars=replace(env.dollars, loops=made.values), report=made.report)
    inner = Members(budget=found.budget)
    _items(made.decl.items, made.values, inner, at)
    if found.budget.full:
        found.open = True
        return
    inner.expects += [(e, made.values) for e in made.decl.expects]
    found.open = found.open or inner.open or bool(made.decl.broken)
    found.attributes += [a for a in inner.attributes if a not in found.attributes]
    own = {*inner.members, *inner.families}
    found.expects += [(made.checked(e, values, own), values) for e, values in inner.expects]
    for family, windows in inner.families.items():
        kept = found.families.setdefault(f"{made.prefix}{family}", {})
        for window, short in windows.items():
            kept.setdefault(window, f"{made.prefix}{short}")
    for member in inner.members.values():
        named = replace(
            member,
            name=f"{made.prefix}{member.name}",
            family=None if member.family is None else f"{made.prefix}{member.family}",
            decl=made.renamed(member.decl, member.loops, own),
            index=len(found.members),
            report=member.report or made.report,
        )
        first = found.members.setdefault(named.name, named)
        if first is not named:
            _report_applied(item, named, first, env)


def _afford(item: nodes.ApplyDecl, decl: nodes.TemplateDecl, found: Members, env: Env) -> bool:
    """Count what is to be written out before it is: templates grow by multiplication."""
    found.budget.nodes += sum(1 for _ in references.walk(decl))
    if found.budget.nodes > NODES:
        _report_too_many(item.span, f"templates make more than {NODES} parts", found, env)
    elif found.budget.features + _least(decl.items, found.budget, env) > FEATURES:
        what = f"templates make more than {FEATURES} features"
        _report_too_many(item.span, what, found, env)
    elif depth_of(env.report) >= DEPTH:
        what = f"templates apply each other over more than {DEPTH} levels: too much"
        _report_too_many(item.span, what, found, env)
    return not found.budget.full


def _least(items: Iterable[nodes.GroupItem], budget: Expansion, env: Env, depth: int = 0) -> int:
    """How many features a template makes at least, counted and not made."""
    total = 0
    for item in items:
        match item:
            case nodes.FeatureDecl():
                total += max(1, len(item.windows))
            case nodes.ForDecl():
                times = len(item.values.items) if isinstance(item.values, nodes.ListExpr) else 1
                total += times * _least(item.items, budget, env, depth)
            case nodes.ApplyDecl():
                total += _applied(item, budget, env, depth)
    return total


def _applied(item: nodes.ApplyDecl, budget: Expansion, env: Env, depth: int) -> int:
    symbol = env.scopes.seek(item.template.parts, env.scope)
    decl = None if symbol is None or symbol.poisoned else symbol.decl
    if symbol is None or not isinstance(decl, nodes.TemplateDecl) or depth > DEPTH:
        return 0
    if symbol.full not in budget.least:
        budget.least[symbol.full] = _least(decl.items, budget, env, depth + 1)
    return budget.least[symbol.full]


def _report_applied(item: nodes.ApplyDecl, made: Member, first: Member, env: Env) -> None:
    env.report(
        catalog.DUPLICATE_FEATURE.at(
            item.span, f"the template makes a second feature `{made.name}`"
        )
        .because(made.decl.name.span, "made of this")
        .because(first.decl.name.span, "the first")
        .help("give what is made a prefix: `apply t(…) as prefix`")
    )


def _name(
    name: nodes.Ident | nodes.Pattern, loops: Mapping[str, LoopValue], env: Env
) -> str | None:
    return name.text if isinstance(name, nodes.Ident) else pattern_text(name, loops, env)


def _with(env: Env, name: str, value: LoopValue) -> DollarNames:
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
        yield from _fixed(found, f"`${values.name}`", env)
        return
    made = list_items(values, env)
    if made is not None:
        yield from _fixed(made, "a parameter", env)


def _fixed(found: ListValue, what: str, env: Env) -> Iterator[ir.Literal]:
    """The items of a list that is the same in every run."""
    parameter = next((i for i in found.items if reads_parameter(i)), None)
    if parameter is not None:
        place = parameter.span if what == "a parameter" else found.span
        env.report(
            catalog.NOT_CONSTANT.at(
                place, f"{what} may differ from run to run, and names may not"
            ).help('loop over a constant: `const c = ["a", "b"]`')
        )
        return
    yield from (i for i in found.items if isinstance(i, ir.Literal))


def _feature(
    decl: nodes.FeatureDecl, loops: Mapping[str, LoopValue], found: Members, env: Env
) -> None:
    name = _name(decl.name, loops, env)
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
    loops: Mapping[str, LoopValue],
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
    found.budget.features += 1
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
