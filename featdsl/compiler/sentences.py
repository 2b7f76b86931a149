"""Sentences on features and what they rest on, in plain English with exact window ends."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from featdsl.aggregates.registry import aggregates
from featdsl.compiler.phrases import Hold, TooDeepError, duration_words, joined, sentence, ticked
from featdsl.compiler.scope import Defined, Joined, Meaning, Scope, United
from featdsl.compiler.source_words import visibility_words
from featdsl.compiler.window_words import AS_OF, over_words, window_words
from featdsl.compiler.words import condition, noun, shared_window
from featdsl.functions.registry import functions
from featdsl.ir import expr as ir
from featdsl.ir.program import Feature, Group, Join, Program, Source, View
from featdsl.ir.refs import group_of, inputs_behind, needed, outer, row_aggregates
from featdsl.ir.relations import has_history, is_events, roots
from featdsl.ir.text import canonical, name_text
from featdsl.ir.visit import walk
from featdsl.types.duration import Duration

_PREVIOUS: Final = (
    "`previous`: The value in an earlier one of the rows that the aggregate reads, in the order of "
    "time and then the source's tie-break; null where there is none."
)
_SESSION: Final = (
    "`session`: Rows of which each comes less than the gap after the one before it, told by the "
    "time of the first."
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """What a feature is, in words.

    ``headline`` says the measure, ``reach`` which rows it reads, with exact ends; ``details``
    what stands behind the names: definitions, filters, parameters, population.
    """

    headline: str
    reach: tuple[str, ...]
    details: tuple[str, ...]

    @property
    def text(self) -> str:
        """What the value is, whole."""
        return " ".join((self.headline, *self.reach))


def describe_feature(program: Program, feature: Feature, group: Group) -> Sentence:
    """What the value of a feature or label is, in words."""
    return Sentence(
        headline=sentence(_headline(program, feature, group)),
        reach=tuple(_reach(program, feature, group)),
        details=tuple(dict.fromkeys(_details(program, feature, group))),
    )


def _aggregates(expression: ir.Expr) -> list[ir.Aggregate]:
    return list(row_aggregates(expression))


def _headline(program: Program, feature: Feature, group: Group) -> str:
    expression = feature.expr
    if isinstance(expression, ir.Aggregate) and expression == _bare(expression):
        entity = program.entities[group.entity].short.replace("_", " ")
        return f"the {entity}'s {ticked(canonical(expression))}"
    shared = shared_window(expression)
    try:
        said = noun(expression, shared)
    except TooDeepError:
        return f"the value of {ticked(canonical(expression))}"
    text = f"share: {said.text}" if _is_share(expression) else said.text
    if shared is None or shared == ir.LIFETIME:
        return text
    comma = "" if said.hold is Hold.FIRM and not isinstance(expression, ir.Call) else ","
    return f"{text}{comma} {over_words(shared)}"


def _bare(aggregate: ir.Aggregate) -> ir.Aggregate:
    """The value of a column in the one row that is seen, without clauses."""
    return replace(aggregate, aggregate=ir.ROW_VALUE, where=None, default=None)


def _is_share(expression: ir.Expr) -> bool:
    """Whether it is a part of a whole: the same measure with more conditions above."""
    if not isinstance(expression, ir.Arithmetic) or expression.op is not ir.ArithmeticOp.DIVIDE:
        return False
    part, whole = expression.left, expression.right
    if not isinstance(part, ir.Aggregate) or not isinstance(whole, ir.Aggregate):
        return False
    alike = replace(part, where=None, default=None) == replace(whole, where=None, default=None)
    above, below = set(_conjuncts(part.where)), set(_conjuncts(whole.where))
    return part.aggregate in ("count", "sum") and alike and below < above


def _conjuncts(node: ir.Expr | None) -> Iterator[ir.Expr]:
    if isinstance(node, ir.Logical) and node.op is ir.LogicalOp.AND:
        yield from _conjuncts(node.left)
        yield from _conjuncts(node.right)
    elif node is not None:
        yield node


def _reach(program: Program, feature: Feature, group: Group) -> Iterator[str]:
    asked = inputs_behind(program, feature.name)
    if asked:
        names = joined([ticked(canonical(i)) for i in asked])
        verb = "arrives" if len(asked) == 1 else "arrive"
        yield f"{names} {verb} with a request; in a training set the spine has them."
    yield from _reach_of_rows(program, feature, group)


def _reach_of_rows(program: Program, feature: Feature, group: Group) -> Iterator[str]:
    found = _aggregates(feature.expr)
    if not found:
        own = [n for n in outer(feature.expr) if isinstance(n, ir.FeatureRef)]
        if own:
            entity = ticked(program.entities[group.entity].short)
            which = "All are"
            if any(isinstance(n, ir.Via | ir.Ago) for n in outer(feature.expr)):
                names = list(dict.fromkeys(ticked(canonical(n)) for n in own))
                which = f"{joined(names)} {'is' if len(names) == 1 else 'are'}"
            yield f"{which} of the same {entity} and as-of time."
        yield from _across_reach(program, feature, group)
        if group.name in program.labels:
            yield from _maturity(program, feature)
        return
    assert group.relation is not None, "aggregates read rows"
    relation = program.relation(group.relation)
    root = program.root(group.relation)
    windows = list(dict.fromkeys(a.window for a in found if a.window is not None))
    if windows and root.time is not None:
        ends = "; and ".join(map(window_words, windows))
        rows, time = ticked(relation.short), ticked(name_text(root.time))
        yield f"It reads rows of {rows} with {time} {ends}."
    yield from _across_reach(program, feature, group)
    if group.name in program.labels:
        yield "Rows count as they are known in the end, whenever they could be seen."
        yield from _maturity(program, feature)
    else:
        yield from _visible(program, group.relation)


def _visible(program: Program, relation: str) -> Iterator[str]:
    """When rows are seen: of a union those of each source, where they differ."""
    said: dict[str, list[str]] = {}
    for source in roots(program, relation):
        said.setdefault(visibility_words(source), []).append(ticked(source.short))
    for words, sources in said.items():
        yield words if len(said) == 1 else f"Of {joined(sources)}: {words[0].lower()}{words[1:]}"


def _across_reach(program: Program, feature: Feature, group: Group) -> Iterator[str]:
    """As of when values of other keys are read, and who the peers are."""
    above = list(outer(feature.expr))
    entity = program.entities[group.entity]
    if any(isinstance(n, ir.Via) for n in above):
        yield "What a key names is read as of the same time; null for a key that is not known."
    rows = [n for a in row_aggregates(feature.expr) for n in walk(a) if isinstance(n, ir.Via)]
    if rows and group.relation is not None:
        root = program.root(group.relation)
        time = ticked(name_text(root.time or ""))
        yield f"What a key of a row names is read as of the row's {time}."
    if any(isinstance(n, ir.Among) for n in above):
        if entity.population is None:
            yield f"Peers are each {ticked(entity.short)} with a row of what is compared."
        else:
            listed = ticked(program.relation(entity.population).short)
            yield f"Peers are each {ticked(entity.short)} that {listed} lists at {AS_OF}."


def _maturity(program: Program, label: Feature) -> Iterator[str]:
    """Until when a label is null."""
    found: dict[Duration | None, dict[str, None]] = {}
    for feature in needed(program, [label.name]):
        relation = group_of(program, feature.name).relation
        for node in row_aggregates(feature.expr):
            if isinstance(node.window, ir.NextWindow) and relation is not None:
                length = duration_words(node.window.length)
                for root in roots(program, relation):
                    delay = None if root.available is None else root.available.after
                    found.setdefault(delay, {})[length] = None
    for delay, lengths in found.items():
        then = ""
        if delay is not None and delay.amount:
            then = f", and then {duration_words(delay)}, after which rows can be seen,"
        yield f"Null until the {joined(lengths)} after {AS_OF}{then} are over."


def _details(program: Program, feature: Feature, group: Group) -> Iterator[str]:
    expressions = [feature.expr]
    if _aggregates(feature.expr):
        assert group.relation is not None, "aggregates read rows"
        scope = Scope(program=program, relation=group.relation)
        wheres = [(v, s) for v, s in scope.views() if v.where is not None]
        named = [(scope, feature.expr), *((s, v.where) for v, s in wheres if v.where is not None)]
        for meaning in _meanings(named):
            if isinstance(meaning, Defined):
                expressions.append(meaning.let.value)
                value = ticked(canonical(meaning.let.value))
                yield f"{ticked(name_text(meaning.let.name))} is {value}."
            else:
                yield join_words(program, meaning.join, meaning.scope)
                for view, _ in meaning.right.views():
                    yield from _view_details(program, view)
        for view, inside in scope.views():
            for join in view.joins:
                if join.many:
                    yield join_words(program, join, inside)
        for view, _ in wheres:
            yield from _view_details(program, view)
            expressions += [view.where] if view.where is not None else []
        for root in roots(program, group.relation):
            yield from _drop_details(root)
    yield from _meaning_details(feature.expr)
    yield from _param_details(program, expressions)
    entity = program.entities[group.entity]
    if entity.population is not None:
        listed = ticked(program.relation(entity.population).short)
        yield f"Null for a key that {listed} does not list at {AS_OF}."


def _meaning_details(expression: ir.Expr) -> Iterator[str]:
    """What the manual says of the aggregates and functions used."""
    for node in walk(expression):
        if isinstance(node, ir.Aggregate) and node.aggregate in aggregates():
            yield f"{ticked(node.aggregate)}: {aggregates()[node.aggregate].meaning}"
        elif isinstance(node, ir.Call) and node.function in functions():
            yield f"{ticked(node.function)}: {functions()[node.function].meaning}"
        elif isinstance(node, ir.Previous):
            yield _PREVIOUS
        elif isinstance(node, ir.Session):
            yield _SESSION


def _meanings(named: Iterable[tuple[Scope, ir.Expr]]) -> Iterator[Defined | Joined]:
    """What the columns of expressions are defined as, and what those are, each once."""
    pending = [(scope, n) for scope, e in named for n in walk(e) if isinstance(n, ir.Column)]
    seen: set[tuple[str, str, str]] = set()
    while pending:
        scope, column = pending.pop(0)
        for meaning in _each(scope.find(column.name, column.qualifier)):
            if isinstance(meaning, Defined):
                key, inner = (meaning.view, "let", meaning.let.name), [meaning.let.value]
            else:
                key = (meaning.view, "join", meaning.join.alias)
                inner = [e for e, _ in meaning.join.on]
                pending.append((meaning.right, replace(column, qualifier=None)))
            if key not in seen:
                seen.add(key)
                yield meaning
                nodes = (n for e in inner for n in walk(e))
                pending += [(meaning.scope, n) for n in nodes if isinstance(n, ir.Column)]


def _each(meaning: Meaning) -> Iterator[Defined | Joined]:
    """Definitions and joins that a column stands for: in a union several."""
    match meaning:
        case Defined() | Joined():
            yield meaning
        case United(meanings=meanings):
            for one in meanings:
                yield from _each(one)


def join_words(program: Program, join: Join, scope: Scope) -> str:
    """Which row of a joined source a row sees."""
    left, right = scope.root(), program.relation(join.source)
    keys = joined([f"{ticked(canonical(e))} is its {ticked(name_text(c))}" for e, c in join.on])
    as_of = ""
    if has_history(program, right.name) and left.time is not None:
        as_of = f", as it was visible at the row's {ticked(name_text(left.time))}"
    newest = "newest " if is_events(program, right.name) else ""
    row = f"the {newest}row of {ticked(right.short)}"
    text = f"{ticked(join.alias)} is {row} where {keys}{as_of}"
    if join.residual is not None:
        text += f", if {ticked(canonical(join.residual))}"
    if join.many:
        text = text.replace(f"the {newest}row", "each row", 1)
        return f"{text}: a row for each of them; null where there is none."
    return f"{text}; null where there is none."


def _view_details(program: Program, view: View) -> Iterator[str]:
    if view.where is not None:
        left = joined([ticked(program.relation(r).short) for r in view.lefts])
        kept = condition(view.where).text
        yield f"Of {left} only rows where {kept} are in {ticked(view.short)}."


def _drop_details(source: Source) -> Iterator[str]:
    for drop in source.drops:
        because = f": {drop.because}" if drop.because else ""
        text = f"Rows of {ticked(source.short)} where {condition(drop.condition).text} are dropped"
        yield f"{text}{because}."


def _param_details(program: Program, expressions: Iterable[ir.Expr]) -> Iterator[str]:
    params = {n.name: n for e in expressions for n in walk(e) if isinstance(n, ir.Param)}
    for name, node in sorted(params.items()):
        declared = program.params.get(name)
        secret = declared is not None and declared.secret
        value = "is set by each run"
        if node.default is not None and not secret:
            value = f"is {ticked(node.default)} unless set otherwise"
        yield f"{ticked(canonical(node))} {value}."
