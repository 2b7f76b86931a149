"""After the last pass: where nothing was reported, nothing that is written was left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from featdsl.ir.program import Expectation, Group, Program
from featdsl.semantics.members import GroupDecl, Members
from featdsl.syntax import nodes


def check_complete(
    program: Program, modules: Sequence[nodes.Module], members: Mapping[str, Members]
) -> None:
    """Look for each written declaration, and each of its parts, in the program.

    The trees are asked, not what the passes noted of them: a pass that forgets does not count.

    Args:
        program: Of a project in which no error was found.
        modules: The trees of all its files.
        members: What loops, families and templates of each group were written out to.

    Raises:
        AssertionError: Something is missing: a defect of the compiler.
    """
    for module in modules:
        path = program.project if module.namespace is None else module.namespace.path.text
        for decl in module.decls:
            for what in _lost(decl, path, program, members):
                raise AssertionError(
                    f"{what} ({decl.span.source}) is left out of the program, and nothing says why"
                )


def _lost(
    decl: nodes.Decl, namespace: str, program: Program, members: Mapping[str, Members]
) -> Iterator[str]:
    """What of a declaration is not in the program, in words."""
    full = f"{namespace}.{decl.name.text}"
    match decl:
        case nodes.ParamDecl():
            yield from _absent("parameter", full, program.params)
        case nodes.EntityDecl():
            yield from _absent("entity", full, program.entities)
        case nodes.InputDecl():
            yield from _absent("input", full, program.inputs)
        case nodes.ConsumerDecl():
            yield from _absent("consumer", full, program.consumers)
        case nodes.WantedDecl():
            yield from _absent("wanted feature", full, program.wanted)
        case nodes.SourceDecl():
            yield from _absent("source", full, program.sources) or _of_source(decl, full, program)
        case nodes.ViewDecl():
            yield from _absent("view", full, program.views) or _of_view(decl, full, program)
        case nodes.FeaturesDecl() | nodes.LabelsDecl():
            labels = isinstance(decl, nodes.LabelsDecl)
            groups = program.labels if labels else program.groups
            yield from _absent("group", full, groups) or _of_group(
                decl, groups[full], "label" if labels else "feature", members[full]
            )
        case nodes.DatasetDecl():
            yield from _absent("dataset", full, program.datasets) or _of_dataset(
                decl, full, program
            )
        case nodes.TestDecl():
            yield from _of_test(decl, program)


def _absent(kind: str, full: str, there: Mapping[str, object]) -> list[str]:
    return [] if full in there else [f"the {kind} `{full}`"]


def _of_source(decl: nodes.SourceDecl, full: str, program: Program) -> Iterator[str]:
    source = program.sources[full]
    yield from _fewer("columns", full, decl.columns or (), source.columns)
    yield from _fewer("entities", full, decl.roles, source.roles)
    yield from _fewer("`drop when`", full, decl.drops, source.drops)
    yield from _unchecked(full, decl.expects, source.expectations)


def _of_view(decl: nodes.ViewDecl, full: str, program: Program) -> Iterator[str]:
    view = program.views[full]
    yield from _fewer("sources", full, decl.sources, view.lefts)
    yield from _fewer("joins", full, decl.joins, view.joins)
    yield from _fewer("`let`", full, decl.lets, view.lets)
    yield from _fewer("`where`", full, decl.wheres[:1], [w for w in (view.where,) if w])
    yield from _unchecked(full, decl.expects, view.expectations)


def _of_group(decl: GroupDecl, group: Group, word: str, members: Members) -> Iterator[str]:
    """Features by what is written, and by what templates made of it."""
    there = Counter(f.span for f in group.members.values())
    for feature in _features(decl.items):
        if there[feature.span] < max(1, len(feature.windows)):
            yield f"the {word} `{group.name}.{_shown(feature.name)}`"
    made = {f.short: f for f in group.members.values()}
    for name, member in members.members.items():
        if name not in made:
            yield f"the {word} `{group.name}.{name}`"
        else:
            yield from _unchecked(made[name].name, member.decl.expects, made[name].expectations)
    yield from _unchecked(group.name, _expects(decl), group.expectations)


def _features(items: Iterable[nodes.GroupItem]) -> Iterator[nodes.FeatureDecl]:
    for item in items:
        if isinstance(item, nodes.FeatureDecl):
            yield item
        elif isinstance(item, nodes.ForDecl):
            yield from _features(item.items)


def _expects(decl: GroupDecl | nodes.ForDecl) -> Iterator[nodes.ExpectDecl]:
    yield from decl.expects
    for item in decl.items:
        if isinstance(item, nodes.ForDecl):
            yield from _expects(item)


def _shown(name: nodes.Ident | nodes.Pattern) -> str:
    return name.text if isinstance(name, nodes.Ident) else "…"


def _of_dataset(decl: nodes.DatasetDecl, full: str, program: Program) -> Iterator[str]:
    dataset = program.datasets[full]
    yield from _fewer("`include`", full, decl.includes[:1], dataset.columns)
    yield from _fewer("labels", full, decl.labels, dataset.labels)
    yield from _fewer("consumers", full, decl.consumers, dataset.consumers)
    yield from _unchecked(full, decl.expects, dataset.expectations)


def _of_test(decl: nodes.TestDecl, program: Program) -> Iterator[str]:
    title = decl.name.text
    test = next((t for t in program.tests if t.span == decl.span), None)
    if test is None:
        yield f'the test "{title}"'
        return
    yield from _fewer("`given`", title, decl.givens, test.given)
    yield from _fewer("`$` settings", title, decl.settings, test.params)
    yield from _fewer("`then`", title, decl.thens, test.expected)


def _fewer(
    what: str, name: str, written: Sequence[object], there: Mapping[str, object] | Sequence[object]
) -> Iterator[str]:
    if len(there) < len(written):
        yield f"one of the {what} of `{name}`"


def _unchecked(
    name: str, expects: Iterable[nodes.ExpectDecl], there: Sequence[Expectation]
) -> Iterator[str]:
    places = {e.span for e in there}
    for expect in expects:
        if expect.span not in places:
            yield f"an expectation of `{name}`"
