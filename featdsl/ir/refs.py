"""What expressions read of features, and features in the order in which they rest on each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from featdsl.ir import expr as ir
from featdsl.ir.program import Dataset, Feature, Group, Program, Source, SpineRows, View
from featdsl.ir.visit import children, walk

_OF_ROWS = (ir.Aggregate, ir.Among)


def features_named(e: ir.Expr) -> Iterator[str]:
    """Full names of all features that an expression reads, of whichever key and time."""
    for node in walk(e):
        if isinstance(node, ir.FeatureRef | ir.Via | ir.Ago):
            yield node.feature


def outer(e: ir.Expr) -> Iterator[ir.Expr]:
    """The node and what is below it, but for what aggregates read of rows and of peers."""
    waiting = [e]
    while waiting:
        e = waiting.pop()
        yield e
        if not isinstance(e, _OF_ROWS):
            waiting += reversed([*children(e)])


def looked_in(group: Group) -> Iterator[str]:
    """Full names of the sources in which features of a group look for what is next."""
    for feature in group.members.values():
        yield from (n.source for n in walk(feature.expr) if isinstance(n, ir.NextIn))


def of_same_key(e: ir.Expr) -> Iterator[str]:
    """Full names of the features that an expression reads of its own key and as-of time."""
    return (n.feature for n in outer(e) if isinstance(n, ir.FeatureRef))


def row_aggregates(e: ir.Expr) -> Iterator[ir.Aggregate]:
    """The aggregates over a group's rows in a feature's expression."""
    return (n for n in outer(e) if isinstance(n, ir.Aggregate))


def inputs_named(e: ir.Expr) -> Iterator[ir.InputRef]:
    """What an expression reads of requests itself."""
    return (n for n in walk(e) if isinstance(n, ir.InputRef))


def inputs_behind(program: Program, feature: str) -> list[ir.InputRef]:
    """What a feature reads of requests, itself or through others; each column once."""
    group = group_of(program, feature)
    if feature not in group.requests:
        return []
    needs = in_order([feature], lambda n: of_same_key(program.feature(n).expr))
    found = (i for n in needs for i in inputs_named(program.feature(n).expr))
    return list({(i.input, i.column): i for i in found}.values())


def hidden_inputs(program: Program, dataset: Dataset) -> tuple[str, ...]:
    """Columns of a data set's own spine that are read as inputs, and do not come out."""
    if not isinstance(dataset.spine, SpineRows):
        return ()
    shown = {c.name for c in dataset.spine.shown}
    named = (c.feature for c in dataset.columns if c.feature is not None)
    read = dict.fromkeys(i.column for n in named for i in inputs_behind(program, n))
    return tuple(c for c in read if c not in shown)


def groups_of_spine(program: Program, dataset: Dataset) -> tuple[str, ...]:
    """Full names of the groups whose features the rows of a data set's own spine look up."""
    if not isinstance(dataset.spine, SpineRows):
        return ()
    features = features_of_rows(program, dataset.spine.source)
    return tuple(dict.fromkeys(f.rpartition(".")[0] for f in features))


def in_order(names: Iterable[str], needs: Callable[[str], Iterable[str]]) -> list[str]:
    """Names and all that they need, each after what it needs; needs form no cycle."""
    done: dict[str, None] = {}
    for first in names:
        path = [(first, iter(tuple(needs(first))))] if first not in done else []
        while path:
            name, waiting = path[-1]
            following = next((n for n in waiting if n not in done), None)
            if following is None:
                done[name] = None
                path.pop()
            else:
                path.append((following, iter(tuple(needs(following)))))
    return list(done)


def declared_group(program: Program, name: str) -> Group:
    """The group of features, or of labels, of a full name."""
    return program.groups[name] if name in program.groups else program.labels[name]


def group_of(program: Program, feature: str) -> Group:
    """The group that a feature or label is declared in."""
    return declared_group(program, feature.rpartition(".")[0])


def needed(
    program: Program, chosen: Iterable[str], groups: Mapping[str, Group] | None = None
) -> list[Feature]:
    """Features and all that they rest on for the same key and time, in dependency order.

    ``groups`` stand in for declared ones of their names.
    """

    def feature(name: str) -> Feature:
        group = name.rpartition(".")[0]
        found = (groups or {}).get(group) or declared_group(program, group)
        return found.members[name]

    return [feature(n) for n in in_order(chosen, lambda name: of_same_key(feature(name).expr))]


def relation_expressions(program: Program, name: str) -> Iterator[ir.Expr]:
    """Every expression that the rows of a source or view rest on."""
    relation = program.relation(name)
    if isinstance(relation, Source):
        yield from (d.condition for d in relation.drops)
        if relation.keep is not None and relation.keep.removed_when is not None:
            yield relation.keep.removed_when
        return
    for join in relation.joins:
        yield from (e for e, _ in join.on)
        yield from () if join.residual is None else (join.residual,)
        yield from relation_expressions(program, join.source)
    yield from (let.value for let in relation.lets)
    yield from () if relation.where is None else (relation.where,)
    for left in relation.lefts:
        yield from relation_expressions(program, left)


def features_of_rows(program: Program, relation: str | None) -> tuple[str, ...]:
    """Full names of the features that the rows of a view read."""
    if relation is None or relation in program.sources:
        return ()
    expressions = relation_expressions(program, relation)
    return tuple(dict.fromkeys(n for e in expressions for n in features_named(e)))


def features_behind(program: Program) -> dict[str, list[str]]:
    """For each feature and label, those that it names, and that its rows read."""
    behind: dict[str, list[str]] = {}
    for group in (*program.groups.values(), *program.labels.values()):
        of_rows = features_of_rows(program, group.relation)
        for feature in group.members.values():
            behind[feature.name] = list(features_named(feature.expr))
            if any(row_aggregates(feature.expr)):
                behind[feature.name] += of_rows
    return behind


def features_in_order(program: Program) -> list[Feature]:
    """All features and labels, each after those that it rests on."""
    behind = features_behind(program)
    return [program.feature(name) for name in in_order(behind, behind.__getitem__)]


def groups_behind(program: Program, groups: Iterable[str]) -> list[Group]:
    """The groups and those that their values rest on, through features and views."""

    def needs(name: str) -> Iterator[str]:
        group = declared_group(program, name)
        for feature in group.members.values():
            yield from (f.rpartition(".")[0] for f in features_named(feature.expr))
        yield from (f.rpartition(".")[0] for f in features_of_rows(program, group.relation))

    found: dict[str, None] = dict.fromkeys(groups)
    waiting = list(found)
    while waiting:
        new = dict.fromkeys(n for n in needs(waiting.pop()) if n not in found)
        found.update(new)
        waiting += new
    return [declared_group(program, name) for name in found]


def views_behind(program: Program, relation: str) -> Iterator[View]:
    """The views that a relation's rows pass, from the reader to the source."""
    found = program.relation(relation)
    if isinstance(found, View):
        yield found
        for left in found.lefts:
            yield from views_behind(program, left)
