"""Sentences on features, sources and expectations, in plain English with exact window ends."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final, Literal, TypeAlias

from featdsl.aggregates.registry import aggregates
from featdsl.compiler.scope import Defined, Joined, Scope
from featdsl.compiler.words import (
    AS_OF,
    Hold,
    TooDeepError,
    condition,
    duration_words,
    joined,
    literal_words,
    noun,
    over_words,
    shared_window,
    ticked,
    window_words,
)
from featdsl.functions.registry import functions
from featdsl.ir import expr as ir
from featdsl.ir.program import (
    CheckKind,
    Expectation,
    Feature,
    Group,
    Join,
    Program,
    Source,
    View,
)
from featdsl.ir.refs import group_of, outer, row_aggregates
from featdsl.ir.text import canonical, name_text
from featdsl.ir.visit import walk
from featdsl.planning.values import needed
from featdsl.types.duration import Duration

History: TypeAlias = Literal["events", "changing rows", "snapshots", "validity", "static"]

_BOUNDS: Final = {
    "=": "exactly",
    "!=": "anything but",
    "<": "less than",
    "<=": "at most",
    ">": "more than",
    ">=": "at least",
}


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
        headline=_sentence(_headline(program, feature, group)),
        reach=tuple(_reach(program, feature, group)),
        details=tuple(dict.fromkeys(_details(program, feature, group))),
    )


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


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
    found = _aggregates(feature.expr)
    if not found:
        if any(isinstance(n, ir.FeatureRef) for n in outer(feature.expr)):
            entity = ticked(program.entities[group.entity].short)
            yield f"All are of the same {entity} and as-of time."
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
    if group.name in program.labels:
        yield "Rows count as they are known in the end, whenever they could be seen."
        yield from _maturity(program, feature)
    else:
        yield visibility_words(root)


def _maturity(program: Program, label: Feature) -> Iterator[str]:
    """Until when a label is null."""
    found: dict[Duration | None, dict[str, None]] = {}
    for feature in needed(program, [label.name]):
        relation = group_of(program, feature.name).relation
        for node in row_aggregates(feature.expr):
            if isinstance(node.window, ir.NextWindow) and relation is not None:
                available = program.root(relation).available
                delay = None if available is None else available.after
                found.setdefault(delay, {})[duration_words(node.window.length)] = None
    for delay, lengths in found.items():
        then = ""
        if delay is not None and delay.amount:
            then = f", and then {duration_words(delay)}, after which rows can be seen,"
        yield f"Null until the {joined(lengths)} after {AS_OF}{then} are over."


def visibility_words(source: Source) -> str:
    """When a row of a source is seen, in a sentence."""
    if source.keep is not None:
        return f"{_seen_from(source)} {_keep_words(source)}"
    if source.valid is not None:
        start, end = (ticked(name_text(c)) for c in (source.valid.start, source.valid.end))
        held = (
            f"A row is seen while it holds: from {start} up to, but not including, {end} "
            f"(where {end} is missing, for ever)."
        )
        return f"{held} {_seen_from(source)}" if source.available is not None else held
    if source.snapshot is not None:
        return _snapshot_words(source, source.snapshot.column)
    if source.time is not None or source.available is not None:
        return _seen_from(source)
    return f"{ticked(source.short)} has no history: its rows are the same for every as-of time."


def _seen_from(source: Source) -> str:
    available = source.available
    if available is not None and available.column is not None:
        return f"Rows are visible from their {ticked(name_text(available.column))} on."
    if available is not None and available.after is not None and available.after.amount:
        delay = duration_words(available.after)
        if source.time is None and source.valid is not None:
            return f"Rows are visible {delay} after their {ticked(name_text(source.valid.start))}."
        return f"Rows are visible {delay} after they happen."
    return "Rows are visible as soon as they happen."


def _snapshot_words(source: Source, column: str) -> str:
    """Which snapshot is read, and when it is seen."""
    taken = ticked(name_text(column))
    newest = f"Rows of one {taken} are the whole table: those of the latest that is visible count"
    available = source.available
    if available is not None and available.column is not None:
        seen = ticked(name_text(available.column))
        text = f"{newest}; it is visible once {taken} and the {seen} of all of its rows have come."
    elif available is not None and available.after is not None and available.after.amount:
        text = f"{newest}; it is visible {duration_words(available.after)} after {taken}."
    else:
        text = f"{newest}; it is visible from {taken} on."
    if source.time is not None and (available is None or available.column is None):
        text += f" {_seen_from(source)}"
    return text


def _keep_words(source: Source) -> str:
    assert source.keep is not None
    per = joined([ticked(name_text(c)) for c in source.keep.per])
    by = joined([ticked(name_text(c)) for c in source.keep.by], "then")
    which = "smallest" if source.keep.first else "largest"
    newest = f"Of the versions of one {per}, the visible one with the {which} {by} counts"
    if source.keep.removed_when is not None:
        gone = condition(source.keep.removed_when).text
        newest += f", and takes the row away where {gone}"
    column = source.columns.get(source.keep.by[0])
    if column is None or not column.dtype.is_temporal:
        return f"{newest}."
    delay = source.available.after if source.available is not None else None
    made = ticked(name_text(source.keep.by[0]))
    if delay is None or not delay.amount:
        return f"{newest}; a version is visible from its {made} on, at the earliest."
    return (
        f"{newest}; a version is visible {duration_words(delay)} after its {made} at the earliest."
    )


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
        for view, _ in wheres:
            yield from _view_details(program, view)
            expressions += [view.where] if view.where is not None else []
        yield from _drop_details(program.root(group.relation))
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


def _meanings(named: Iterable[tuple[Scope, ir.Expr]]) -> Iterator[Defined | Joined]:
    """What the columns of expressions are defined as, and what those are, each once."""
    pending = [(scope, n) for scope, e in named for n in walk(e) if isinstance(n, ir.Column)]
    seen: set[tuple[str, str, str]] = set()
    while pending:
        scope, column = pending.pop(0)
        meaning = scope.find(column.name, column.qualifier)
        if isinstance(meaning, Defined):
            key, inner = (meaning.view, "let", meaning.let.name), [meaning.let.value]
        elif isinstance(meaning, Joined):
            key, inner = (meaning.view, "join", meaning.join.alias), [e for e, _ in meaning.join.on]
        else:
            continue
        if key not in seen:
            seen.add(key)
            yield meaning
            nodes = (n for e in inner for n in walk(e))
            pending += [(meaning.scope, n) for n in nodes if isinstance(n, ir.Column)]


def join_words(program: Program, join: Join, scope: Scope) -> str:
    """Which row of a joined source a row sees."""
    left, _ = scope.root()
    right = program.sources[join.source]
    keys = joined([f"{ticked(canonical(e))} is its {ticked(name_text(c))}" for e, c in join.on])
    as_of = ""
    if right.has_history and left.time is not None:
        as_of = f", as it was visible at the row's {ticked(name_text(left.time))}"
    newest = "newest " if right.time is not None and right.valid is None else ""
    row = f"the {newest}row of {ticked(right.short)}"
    text = f"{ticked(join.alias)} is {row} where {keys}{as_of}"
    if join.residual is not None:
        text += f", if {ticked(canonical(join.residual))}"
    return f"{text}; null where there is none."


def _view_details(program: Program, view: View) -> Iterator[str]:
    if view.where is not None:
        left = ticked(program.relation(view.left).short)
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


def history_kind(source: Source) -> History:
    """The kind of history that a source has."""
    if source.keep is not None:
        return "changing rows"
    if source.valid is not None:
        return "validity"
    if source.snapshot is not None:
        return "snapshots"
    return "static" if source.time is None else "events"


def expectation_words(expectation: Expectation) -> str:
    """What an expectation asks for, in a sentence."""
    return _sentence(_expected(expectation) + (" (a warning only)" if expectation.warn else ""))


def _expected(e: Expectation) -> str:
    columns = joined([ticked(name_text(c)) for c in e.columns]) if e.columns else ""
    value = percent(e.bound) if isinstance(e.bound, Decimal) else literal_words(e.bound)
    bound = f"{_BOUNDS.get(e.op or '', e.op)} {value}"
    match e.kind:
        case CheckKind.ROWS:
            return _row_words(e)
        case CheckKind.UNIQUE:
            return f"no two rows have the same {columns}"
        case CheckKind.ROW_COUNT:
            return f"the number of rows is {bound}"
        case CheckKind.NULL_RATE:
            return f"the share of rows without {columns} is {bound}"
        case CheckKind.FRESHNESS:
            return f"the newest visible row is {bound} older than {AS_OF}"


def _row_words(e: Expectation) -> str:
    try:
        text = condition(e.condition).text if e.condition is not None else ticked(e.text)
    except TooDeepError:
        text = ticked(e.text)
    share = "every row" if e.allow == 0 else f"all but {percent(e.allow)} of the rows"
    passes = "; null passes" if e.condition is None or _may_be_null(e.condition) else ""
    return f"in {share}, {text}{passes}"


def _may_be_null(node: ir.Expr) -> bool:
    match node:
        case ir.IsNull():
            return False
        case ir.Logical(left=left, right=right):
            return _may_be_null(left) or _may_be_null(right)
        case ir.Not(operand=operand):
            return _may_be_null(operand)
        case _:
            return node.nullable


def percent(share: Decimal) -> str:
    """A share as a percentage: ``0.1%``."""
    text = format(share * 100, "f")
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text}%"
