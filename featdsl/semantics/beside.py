"""`previous(x[, n])` and `session(time, gap: d)`: values of a row that rows before it decide."""

from __future__ import annotations

from dataclasses import replace

from featdsl.diagnostics import catalog
from featdsl.ir import expr as ir
from featdsl.ir.refs import row_aggregates
from featdsl.ir.visit import reads_beside
from featdsl.semantics.arguments import bind
from featdsl.semantics.constants import reads_parameter
from featdsl.semantics.environment import WORDS, Env, Place, error
from featdsl.semantics.relation import RelationInfo
from featdsl.syntax import nodes
from featdsl.types.dtype import TIMESTAMP, Kind
from featdsl.types.duration import Duration
from featdsl.types.signature import ANYTHING, DURATIONS, TIMES, Parameter

BESIDE = frozenset({"previous", "session"})


def _wrong_gap(gap: Duration) -> str | None:
    if gap.is_calendar:
        return f"{gap} has no fixed length; hours and days have, such as 30min"
    return None if gap.micros > 0 else f"{gap} is not longer than nothing"


def _wrong_count(n: int) -> str | None:
    return None if n > 0 else f"{n} is no row before"


_PREVIOUS = (
    Parameter(name="x", accepts=ANYTHING),
    Parameter(
        name="n", accepts=frozenset({Kind.INT}), constant=True, optional=True, valid=_wrong_count
    ),
)
_SESSION = (
    Parameter(name="time", accepts=TIMES),
    Parameter(name="gap", accepts=DURATIONS, constant=True, valid=_wrong_gap),
)


def beside_call(node: nodes.Call, env: Env) -> ir.Expr:
    """A call of one of the two, where an aggregate reads rows in order."""
    name = node.func.text
    relation = env.beside
    if relation is None:
        _report_misplaced(name, node, env)
        return error(node.span)
    args = bind(name, _PREVIOUS if name == "previous" else _SESSION, node, env)
    if args is None or not _has_order(name, relation, node, env):
        return error(node.span)
    if any(reads_beside(a) for a in args):
        env.report(
            catalog.BESIDE_WITHIN_BESIDE.at(
                node.span, f"`{name}` of a value that depends on the rows before it"
            ).help("`previous(x, 2)` is the value two rows before")
        )
        return error(node.span)
    if any(any(row_aggregates(a)) for a in args):
        env.report(
            catalog.BESIDE_OF_GROUPS.at(
                node.span, f"`{name}` looks at rows, and groups of rows stand here"
            ).help(f"inside an inner aggregate it may stand: `sum(amount - {name}(…))`")
        )
        return error(node.span)
    return _previous(args, node) if name == "previous" else _session(args, relation, node, env)


def _previous(args: tuple[ir.Expr, ...], node: nodes.Call) -> ir.Expr:
    operand, n, given = args[0], 1, None
    if len(args) > 1:
        assert isinstance(args[1], ir.Literal | ir.Param) and isinstance(args[1].value, int)
        n, given = args[1].value, _given(args[1])
    return ir.Previous(
        dtype=operand.dtype, nullable=True, span=node.span, operand=operand, n=n, given=given
    )


def _given(e: ir.Expr) -> ir.Expr | None:
    """What says a constant, where that may differ from run to run."""
    said = e.of if isinstance(e, ir.Literal) and e.of is not None else e
    return said if reads_parameter(said) else None


def _session(
    args: tuple[ir.Expr, ...], relation: RelationInfo, node: nodes.Call, env: Env
) -> ir.Expr:
    time, gap = args
    if not isinstance(time, ir.Column) or time.qualifier or time.name != relation.time:
        env.report(
            catalog.SESSION_TIME.at(
                time.span, f"sessions are told by the time of rows, `{relation.time}`"
            ).help(f"write `session({relation.time}, gap: …)`")
        )
        return error(node.span)
    assert isinstance(gap, ir.Literal | ir.Param) and isinstance(gap.value, Duration)
    time = replace(time, nullable=False)
    return ir.Session(
        dtype=TIMESTAMP,
        nullable=False,
        span=node.span,
        time=time,
        gap=gap.value,
        given=_given(gap),
    )


def _has_order(name: str, relation: RelationInfo, node: nodes.Call, env: Env) -> bool:
    if relation.time is None:
        if not relation.open:
            env.report(
                catalog.TIME_NEEDED.at(
                    node.span, f"`{name}` needs rows in time, `{relation.short}` has no time"
                )
                .because(relation.span, "declared here, without `time`")
                .help("say which column is the time of a row, in the source: `time sold_at`")
            )
        return False
    if not relation.order:
        env.report(
            catalog.NO_TOTAL_ORDER.at(
                node.span,
                f"`{name}` needs an order among rows of one time, "
                f"and `{relation.short}` gives none",
            )
            .because(relation.span, "declared here, without `key` and `then`")
            .help("name what tells rows apart, `key …`, or what orders them, `time t then column`")
        )
        return False
    return True


def _report_misplaced(name: str, node: nodes.Call, env: Env) -> None:
    if env.place is Place.ROWS:
        why = "which rows are before it is known once every condition of group and feature holds"
        remedy = f"in a call it may stand: `count(where {name}(…) …)`"
    else:
        why = f"it reads rows of a key in order, and this is {WORDS[env.place]}"
        example = "sum(amount - previous(amount))"
        if name == "session":
            example = "count_distinct(session(sold_at, gap: 30min))"
        remedy = f"it stands inside an aggregate: `{example}`"
    found = catalog.BESIDE_OUTSIDE_AGGREGATE.at(node.span, f"`{name}` cannot stand here: {why}")
    env.report(found.help(remedy))
