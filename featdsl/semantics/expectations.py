"""`expect`: conditions of rows, and measures of the whole set."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache

from featdsl.aggregates.registry import aggregates
from featdsl.diagnostics import catalog
from featdsl.diagnostics.suggest import did_you_mean
from featdsl.ir import expr as ir
from featdsl.ir.program import CheckKind, Expectation
from featdsl.semantics import references
from featdsl.semantics.conditions import condition
from featdsl.semantics.constants import fold
from featdsl.semantics.dollars import DollarNames
from featdsl.semantics.environment import Env, Place
from featdsl.semantics.later import LATER_AGGREGATES
from featdsl.semantics.name_patterns import pattern_text
from featdsl.semantics.names import NoNames
from featdsl.semantics.relation import RelationInfo
from featdsl.syntax import nodes
from featdsl.types.dtype import Kind

_MEASURES = {"rows": CheckKind.ROW_COUNT, "null_rate": CheckKind.NULL_RATE}
_LATER = frozenset({"distinct", "drift", "changes"})
_SET_WORDS = frozenset({*_MEASURES, *_LATER, "unique"})
_FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}


@dataclass(frozen=True, slots=True)
class Output:
    """What is checked: the rows of a relation, or (without) the output of a group.

    ``columns`` are the names that set words may take; of a relation, its own columns. ``own``
    has the member that a family's name means in the family's own expectations.
    """

    what: str
    relation: RelationInfo | None = None
    columns: tuple[str, ...] = ()
    own: Mapping[str, str] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        return self.columns if self.relation is None else tuple(self.relation.columns)


def expectations(
    expects: Iterable[nodes.ExpectDecl], output: Output, env: Env
) -> tuple[Expectation, ...]:
    """Checked expectations; those with mistakes are reported and left out."""
    found: list[Expectation] = []
    for expect in expects:
        found += _expectation(expect, output, env)
    return tuple(found)


def _expectation(expect: nodes.ExpectDecl, output: Output, env: Env) -> list[Expectation]:
    node = expect.condition
    if isinstance(node, nodes.Changes):
        env.report.unsupported(node.span, "`changes`")
        return []
    made = _of_set(node, expect, output, env)
    if made is not None:
        if made and expect.allow is not None:
            env.report(
                catalog.EXPECTATION.at(
                    expect.span, f"`allow` is a share of rows, and `{made[0].kind}` is no row's"
                ).help("leave `allow` out")
            )
        return made
    return _of_rows(node, expect, env)


def _of_rows(node: nodes.Expr, expect: nodes.ExpectDecl, env: Env) -> list[Expectation]:
    for at in references.walk(node):
        if isinstance(at, nodes.Call) and at.func.text in _SET_WORDS:
            env.report(
                catalog.EXPECTATION.at(
                    at.span, f"`{at.func.text}` measures the whole set, and stands alone"
                ).help("write an `expect` for each condition")
            )
            return []
        if isinstance(at, nodes.Call) and at.func.text in _aggregates():
            env.report.unsupported(at.span, f"`{at.func.text}` in an expectation")
            return []
    value = condition(node, env, "`expect`")
    if value.dtype.is_error:
        return []
    allow = Decimal(0) if expect.allow is None else expect.allow
    return [_made(CheckKind.ROWS, expect, env, condition=value, allow=allow)]


@cache
def _aggregates() -> frozenset[str]:
    return frozenset({*aggregates(), *LATER_AGGREGATES})


def _of_set(
    node: nodes.Expr, expect: nodes.ExpectDecl, output: Output, env: Env
) -> list[Expectation] | None:
    """Expectations of the whole set; None where the condition is one of rows."""
    if isinstance(node, nodes.Call) and node.func.text == "unique":
        columns = _columns(node, output, env)
        return [] if columns is None else [_made(CheckKind.UNIQUE, expect, env, columns=columns)]
    if isinstance(node, nodes.Compare):
        for side, bound, op in (
            (node.left, node.right, node.op.value),
            (node.right, node.left, _FLIPPED[node.op.value]),
        ):
            if _is_measure(side, output):
                return _measured(side, [(op, bound)], expect, output, env)
    if isinstance(node, nodes.Between) and _is_measure(node.operand, output):
        if node.negated:
            env.report.unsupported(node.span, "`not between` of a measure")
            return []
        bounds = [(">=", node.low), ("<=", node.high)]
        return _measured(node.operand, bounds, expect, output, env)
    return None


def _is_measure(node: nodes.Expr, output: Output) -> bool:
    if isinstance(node, nodes.Call):
        return node.func.text in _MEASURES or node.func.text in _LATER
    is_word = isinstance(node, nodes.Name) and node.text == "freshness"
    return is_word and "freshness" not in output.names


def _measured(
    node: nodes.Expr,
    bounds: list[tuple[str, nodes.Expr]],
    expect: nodes.ExpectDecl,
    output: Output,
    env: Env,
) -> list[Expectation]:
    if isinstance(node, nodes.Call) and node.func.text in _LATER:
        env.report.unsupported(node.span, f"`{node.func.text}` in an expectation")
        return []
    kind = CheckKind.FRESHNESS
    columns: tuple[str, ...] = ()
    if isinstance(node, nodes.Call):
        kind = _MEASURES[node.func.text]
        found = _columns(node, output, env, count=1 if kind is CheckKind.NULL_RATE else 0)
        if found is None:
            return []
        columns = found
    elif output.relation is None or (output.relation.time is None and not output.relation.open):
        env.report(
            catalog.WINDOW_WITHOUT_TIME.at(
                node.span, f"`freshness` needs rows with a time, and this {output.what} has none"
            )
        )
        return []
    made: list[Expectation] = []
    for op, bound in bounds:
        value = _bound(kind, bound, env)
        if value is not None:
            made.append(_made(kind, expect, env, columns=columns, op=op, bound=value.value))
    return made


def _bound(kind: CheckKind, node: nodes.Expr, env: Env) -> ir.Literal | None:
    value = env.moved(place=Place.CONSTANT, names=NoNames(), as_of=False).resolve(node)
    if value.dtype.is_error:
        return None
    known = fold(value)
    wants_duration = kind is CheckKind.FRESHNESS
    fits = value.dtype.kind is Kind.DURATION if wants_duration else value.dtype.is_numeric
    if known is None or not fits:
        wanted = "a length of time: `1d`" if wants_duration else "a number"
        env.report(
            catalog.ARGUMENT_TYPE.at(
                node.span, f"`{kind}` is compared with {wanted}, this is {value.dtype}"
            )
        )
        return None
    return known


def _columns(
    node: nodes.Call, output: Output, env: Env, *, count: int | None = None
) -> tuple[str, ...] | None:
    """Columns in the brackets of a set word."""
    names: list[str] = []
    word = node.func.text
    for arg in node.args:
        name = _column(arg, word, output, env)
        if name is None:
            return None
        names.append(name)
    wrong = not names if count is None else len(names) != count
    if wrong:
        takes = {None: "one or more columns", 0: "no columns", 1: "one column"}[count]
        env.report(
            catalog.ARGUMENT_COUNT.at(node.span, f"`{word}` takes {takes}, here are {len(names)}")
        )
        return None
    return tuple(names)


def _column(arg: nodes.Arg, word: str, output: Output, env: Env) -> str | None:
    """The name of one column; None where it was reported."""
    value = arg.value
    if arg.name is not None or not isinstance(value, nodes.Name | nodes.Pattern):
        env.report(catalog.EXPECTATION.at(arg.span, f"`{word}` takes names of columns"))
        return None
    text: str | None = value.text
    if isinstance(value, nodes.Pattern):
        assert isinstance(env.dollars, DollarNames)
        text = pattern_text(value, env.dollars.loops, env)
    name = None if text is None else output.own.get(text, text)
    if name is None or name in output.names:
        return name
    relation = output.relation
    if relation is None or not relation.open:
        it = f"this {output.what}" if relation is None else f"`{relation.short}`"
        env.report(
            catalog.UNKNOWN_COLUMN.at(value.span, f"{it} has no column `{name}`").help(
                did_you_mean(name, output.names, what="columns")
            )
        )
    return None


def _made(
    kind: CheckKind,
    expect: nodes.ExpectDecl,
    env: Env,
    *,
    condition: ir.Expr | None = None,
    allow: Decimal = Decimal(0),
    columns: tuple[str, ...] = (),
    op: str | None = None,
    bound: ir.Scalar = None,
) -> Expectation:
    return Expectation(
        kind=kind,
        text=env.texts.slice(expect.condition.span),
        span=expect.span,
        warn=expect.warn,
        allow=allow,
        condition=condition,
        columns=columns,
        op=op,
        bound=bound,
    )
