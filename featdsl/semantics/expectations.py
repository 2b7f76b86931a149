"""`expect`: conditions of rows, and measures of the whole set."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from featdsl.diagnostics import catalog
from featdsl.diagnostics.suggest import did_you_mean
from featdsl.ir import expr as ir
from featdsl.ir.program import CheckKind, Expectation
from featdsl.ir.visit import walk
from featdsl.semantics import references
from featdsl.semantics.conditions import condition
from featdsl.semantics.constants import fold
from featdsl.semantics.dollars import DollarNames
from featdsl.semantics.drifting import DRIFTS, may_drift
from featdsl.semantics.environment import Env, Place
from featdsl.semantics.name_patterns import pattern_text
from featdsl.semantics.names import NoNames
from featdsl.semantics.relation import ColumnInfo, RelationInfo
from featdsl.semantics.set_conditions import has_aggregate, set_condition, set_number
from featdsl.syntax import nodes
from featdsl.types.dtype import BOOL, FLOAT, INT, DType, Kind

_MEASURES = {
    "rows": CheckKind.ROW_COUNT,
    "null_rate": CheckKind.NULL_RATE,
    "distinct": CheckKind.DISTINCT,
    "drift": CheckKind.DRIFT,
    "ks": CheckKind.KS,
}
_SET_WORDS = frozenset({*_MEASURES, "unique"})
_FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}


@dataclass(frozen=True, slots=True)
class Output:
    """What is checked: the rows of a relation, or (without) the output of a group.

    ``columns`` are the names that set words may take, with their types; of a relation, its own
    columns. ``own`` has the member that a family's name means in the family's own expectations.
    """

    what: str
    relation: RelationInfo | None = None
    columns: Mapping[str, DType | None] = field(default_factory=dict)
    own: Mapping[str, str] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.columns if self.relation is None else self.relation.columns)

    def dtype(self, name: str) -> DType | None:
        """The type of a column; None where it was reported."""
        if self.relation is None:
            return self.columns.get(name)
        info = self.relation.columns.get(name)
        return None if info is None else info.dtype

    def personal(self, name: str) -> ColumnInfo | None:
        """The column, where it holds personal data."""
        info = None if self.relation is None else self.relation.columns.get(name)
        return info if info is not None and info.pii else None


def expectations(
    expects: Iterable[nodes.ExpectDecl], output: Output, env: Env
) -> tuple[Expectation, ...]:
    """Checked expectations; those with mistakes are reported and left out."""
    found: list[Expectation] = []
    for expect in expects:
        found += [e for e in _expectation(expect, output, env) if _asks_rows(e, env)]
    return tuple(found)


def _asks_rows(expectation: Expectation, env: Env) -> bool:
    """Report an input in an aggregate of the whole set: of many rows there is no request."""
    nodes_of = () if expectation.condition is None else walk(expectation.condition)
    found = next((n for n in nodes_of if isinstance(n, ir.InputRef)), None)
    if found is not None:
        env.report(
            catalog.INPUT_PLACE.at(
                found.span,
                f"`{env.texts.slice(found.span)}` arrives with a request, and an expectation knows "
                "of none",
            ).help("make a feature of it, and expect something of that")
        )
    return found is None


def _expectation(expect: nodes.ExpectDecl, output: Output, env: Env) -> list[Expectation]:
    node = expect.condition
    made = _of_set(node, expect, output, env)
    if made is not None:
        if made and expect.allow is not None:
            env.report(
                catalog.EXPECTATION.at(
                    expect.span, f"`allow` is a share of rows, and `{made[0].kind}` is no row's"
                ).help("leave `allow` out")
            )
        return made
    assert not isinstance(node, nodes.Changes), "a change is one of the set"
    if not _stands_alone(node, env):
        return []
    if has_aggregate(node):
        return _of_aggregates(node, expect, env)
    value = condition(node, env, "`expect`")
    if value.dtype.is_error:
        return []
    allow = Decimal(0) if expect.allow is None else expect.allow
    if allow >= 1:
        env.report(
            catalog.EXPECTATION.at(
                expect.span, "where all rows may fail, nothing is expected"
            ).help("allow less than 100% of them")
        )
    return [_made(CheckKind.ROWS, expect, env, condition=value, allow=allow)]


def _of_aggregates(node: nodes.Expr, expect: nodes.ExpectDecl, env: Env) -> list[Expectation]:
    value = set_condition(node, env)
    if value is None:
        return []
    if expect.allow is not None:
        env.report(
            catalog.EXPECTATION.at(
                expect.span, "`allow` is a share of rows, and an aggregate is no row's"
            ).help("leave `allow` out")
        )
    return [_made(CheckKind.AGGREGATE, expect, env, condition=value)]


def _stands_alone(node: nodes.Expr, env: Env) -> bool:
    """Whether no set word stands inside a larger condition."""
    for at in references.walk(node):
        if isinstance(at, nodes.Call) and at.func.text in _SET_WORDS:
            env.report(
                catalog.EXPECTATION.at(
                    at.span, f"`{at.func.text}` measures the whole set, and stands alone"
                )
                .help("write an `expect` for each condition")
                .help(_IN_CONDITIONS.get(at.func.text))
            )
            return False
    return True


def _of_set(
    node: nodes.Expr | nodes.Changes, expect: nodes.ExpectDecl, output: Output, env: Env
) -> list[Expectation] | None:
    """Expectations of the whole set by a word of its own; None for any other condition."""
    if isinstance(node, nodes.Changes):
        return _change(node, expect, output, env)
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
            return _measured(
                node.operand, [("not between", node.low)], expect, output, env, high=node.high
            )
        bounds = [(">=", node.low), ("<=", node.high)]
        return _measured(node.operand, bounds, expect, output, env)
    return None


def _change(
    node: nodes.Changes, expect: nodes.ExpectDecl, output: Output, env: Env
) -> list[Expectation]:
    """A number of the set against that of the last published run."""
    value = _number(node.value, output, env)
    bound = _bound(CheckKind.CHANGES, node.bound, env)
    if value is None or bound is None:
        return []
    op = node.op.value
    return [_made(CheckKind.CHANGES, expect, env, condition=value, op=op, bound=bound.value)]


def _number(node: nodes.Expr, output: Output, env: Env) -> ir.Expr | None:
    """What may change: a set word of its own, or a calculation with aggregates."""
    word = node.func.text if isinstance(node, nodes.Call) else None
    if isinstance(node, nodes.Call) and word in _COUNTED:
        columns = _columns(node, output, env, count=0 if word == "rows" else 1)
        return None if columns is None else _counted(word or "", columns, node, output)
    if not _stands_alone(node, env):
        return None
    if not has_aggregate(node):
        env.report(
            catalog.EXPECTATION.at(
                node.span, "`changes` compares a number of the whole set with that of the last run"
            ).help("write `rows()`, `null_rate(x)`, `distinct(x)` or an aggregate before it")
        )
        return None
    return set_number(node, env)


_COUNTED = frozenset({"rows", "null_rate", "distinct"})
_IN_CONDITIONS = {
    "rows": "inside a condition, `count()` counts the rows",
    "distinct": "inside a condition, `count_distinct(x)` counts the values",
    "null_rate": "inside a condition, `ratio(x is null)` is the share of nulls",
}


def _counted(word: str, columns: tuple[str, ...], node: nodes.Call, output: Output) -> ir.Expr:
    """A set word as the aggregates that it stands for."""
    span = node.span

    def aggregate(name: str, dtype: DType, *args: ir.Expr, nullable: bool = False) -> ir.Expr:
        return ir.Aggregate(aggregate=name, args=args, dtype=dtype, nullable=nullable, span=span)

    if word == "rows":
        return aggregate("count", INT)
    dtype = output.dtype(columns[0]) or INT
    column = ir.Column(name=columns[0], dtype=dtype, span=span)
    if word == "distinct":
        return aggregate("count_distinct", INT, column)
    missing = ir.IsNull(operand=column, dtype=BOOL, nullable=False, span=span)
    return aggregate("ratio", FLOAT, missing, nullable=True)


def _is_measure(node: nodes.Expr, output: Output) -> bool:
    if isinstance(node, nodes.Call):
        return node.func.text in _MEASURES
    is_word = isinstance(node, nodes.Name) and node.text == "freshness"
    return is_word and "freshness" not in output.names


def _measured(
    node: nodes.Expr,
    bounds: list[tuple[str, nodes.Expr]],
    expect: nodes.ExpectDecl,
    output: Output,
    env: Env,
    *,
    high: nodes.Expr | None = None,
) -> list[Expectation]:
    kind = CheckKind.FRESHNESS
    columns: tuple[str, ...] = ()
    dtype: DType | None = None
    if isinstance(node, nodes.Call):
        kind = _MEASURES[node.func.text]
        found = _columns(node, output, env, count=0 if kind is CheckKind.ROW_COUNT else 1)
        if found is None:
            return []
        columns = found
        if kind in DRIFTS:
            of, personal = output.dtype(columns[0]), output.personal(columns[0])
            dtype = may_drift(kind, node, columns[0], of, personal, env)
            if dtype is None:
                return []
    elif output.relation is None or (output.relation.time is None and not output.relation.open):
        env.report(
            catalog.WINDOW_WITHOUT_TIME.at(
                node.span, f"`freshness` needs rows with a time, and this {output.what} has none"
            )
        )
        return []
    upper = None if high is None else _bound(kind, high, env)
    if high is not None and upper is None:
        return []
    made: list[Expectation] = []
    for op, bound in bounds:
        value = _bound(kind, bound, env)
        if value is not None:
            made.append(
                _made(
                    kind,
                    expect,
                    env,
                    columns=columns,
                    op=op,
                    bound=value.value,
                    high=None if upper is None else upper.value,
                    dtype=dtype,
                )
            )
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
    high: ir.Scalar = None,
    dtype: DType | None = None,
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
        high=high,
        dtype=dtype,
    )
