"""Calls: which aggregate, function or `fn` a name means, and what it is not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from featdsl.aggregates.registry import aggregates
from featdsl.diagnostics import catalog
from featdsl.diagnostics.suggest import did_you_mean
from featdsl.functions.registry import functions
from featdsl.functions.spec import Function, narrowest
from featdsl.ir import expr as ir
from featdsl.semantics.across import among
from featdsl.semantics.aggregate_calls import aggregate_call
from featdsl.semantics.arguments import bind
from featdsl.semantics.beside import BESIDE, beside_call
from featdsl.semantics.branches import cast, coalesce
from featdsl.semantics.environment import Env, error
from featdsl.semantics.later import LATER_AGGREGATES
from featdsl.semantics.names import CLOCKS, report_clock, report_no_as_of
from featdsl.semantics.next_in import next_in
from featdsl.semantics.scope import Kind as Declared
from featdsl.semantics.scope import find, may_see
from featdsl.semantics.written_types import written_type
from featdsl.syntax import nodes
from featdsl.types.casts import castable
from featdsl.types.dtype import (
    BOOL,
    DATE,
    FLOAT,
    INT,
    TEXT,
    TIMESTAMP,
    DType,
    Kind,
    list_of,
)

# Functions of the language that no file holds yet.
_LATER = (
    "abs round floor ceil mod log ln exp sqrt power sign clip bucket lower upper trim length "
    "concat substring replace split matches extract starts_with hash days_since hours_since "
    "days_between calendar_days date_trunc start_of day_of_week hour_of_day is_weekend age "
    "contains element reverse get keys values dot cosine distance nullif "
    "percent_rank days_until"
)
LATER_FUNCTIONS = frozenset(_LATER.split(" "))
# What people of other languages type, and what is written here.
FOREIGN = {
    "isnull": "`x is null`",
    "is_null": "`x is null`",
    "isna": "`x is null`",
    "notnull": "`x is not null`",
    "ifnull": "`coalesce(x, v)` or `x ?? v`",
    "nvl": "`coalesce(x, v)` or `x ?? v`",
    "fillna": "`default v` in the aggregate's call, or `coalesce(x, v)`",
    "len": "`length(x)`",
    "strlen": "`length(x)`",
    "char_length": "`length(x)`",
    "countif": "`count(where c)`",
    "count_if": "`count(where c)`",
    "sumif": "`sum(x where c)`",
    "sum_if": "`sum(x where c)`",
    "iff": "`if c then a else b`",
    "iif": "`if c then a else b`",
    "mean": "`avg(x)`",
    "average": "`avg(x)`",
    "std": "`stddev(x)`",
    "stdev": "`stddev(x)`",
    "var": "`variance(x)`",
    "nunique": "`count_distinct(x)`",
    "uniq": "`count_distinct(x)`",
    "percentile": "`quantile(x, 0.9)`",
    "percentile_cont": "`quantile(x, 0.9)`",
    "argmax": "`max_by(x, y)`",
    "arg_max": "`max_by(x, y)`",
    "argmin": "`min_by(x, y)`",
    "arg_min": "`min_by(x, y)`",
    "least": "`if a < b then a else b`",
    "greatest": "`if a > b then a else b`",
    "lag": "`previous(x)` inside an aggregate, or a window that ends earlier: `14d..7d`",
    "substr": "`substring(x, start, length)`",
    "datediff": "`days_between(a, b)`, or `(b - a) / 1d`",
    "date_diff": "`days_between(a, b)`, or `(b - a) / 1d`",
    "dateadd": "`x + 7d`",
    "date_add": "`x + 7d`",
    "date_sub": "`x - 7d`",
    "pow": "`power(x, y)`",
    "ceiling": "`ceil(x)`",
    "array_agg": "`collect(x, last: n)`",
    "collect_list": "`collect(x, last: n)`",
    "first_value": "`first(x)`",
    "last_value": "`last(x)`",
    "any_value": "`last(x)`",
    "day": '`calendar_days(a, b)` for a number of days, `date_trunc("day", x)` for its beginning',
    "month": '`month_of_year(x)`, or `date_trunc("month", x)` for its beginning',
    "year": '`date_trunc("year", x)`, which is compared with an instant: `@2024-01-01`',
    "hour": "`hour_of_day(x)`",
    "weekday": "`day_of_week(x)`",
    "dayofweek": "`day_of_week(x)`",
    "dow": "`day_of_week(x)`",
    "to_date": "`cast(x as date)`",
    "rank": "`percent_rank(x among all)`, of a feature",
    "dense_rank": "`percent_rank(x among all)`, of a feature",
    "row_number": "`streak` and `previous` for rows in order, `last n events` for the newest",
    "lead": "a label with `next 7d`: a feature does not look forward",
    "contains_any": "`x in list`",
    "unique": "`count_distinct(x)`, or `collect_distinct(x)` for a list",
    "p50": "`median(x)`",
    "p90": "`quantile(x, 0.9)`",
    "p95": "`quantile(x, 0.95)`",
    "p99": "`quantile(x, 0.99)`",
}


def call(node: nodes.Call, env: Env) -> ir.Expr:
    """The typed expression of a call."""
    name = node.func.text
    if name in ("today", "env") and env.dynamic is not None:
        return env.dynamic.call(node, env)
    if name in ("cast", "try_cast"):
        return _cast(node, env)
    if name == "coalesce":
        return _coalesce(node, env)
    if name in BESIDE:
        return _clauses_free(node, env) or beside_call(node, env)
    symbol = env.scopes.seek(node.func.parts, env.scope)
    if symbol is not None and symbol.kind is Declared.IMPORTED:
        return error(node.span)
    if symbol is not None and symbol.kind is Declared.FN:
        if not may_see(symbol, node.func.span, env.scope, env.report):
            return error(node.span)
        return _clauses_free(node, env) or env.functions.call(symbol, node, env)
    if name in aggregates():
        return aggregate_call(aggregates()[name], node, env)
    if name in functions():
        return _clauses_free(node, env) or function_call(functions()[name], node, env)
    if name == "next_in":
        return _clauses_free(node, env) or next_in(node, env)
    if name == ir.PERCENT_RANK:
        return _percent_rank(node, env)
    if name == "exists":
        return _exists(node, env)
    return _unknown(node, env)


def _percent_rank(node: nodes.Call, env: Env) -> ir.Expr:
    """``percent_rank(f among g)``: there is no rank but among peers."""
    if node.among is not None:
        return among(None, node, env)
    env.report(
        catalog.AMONG_PEERS.at(node.span, "`percent_rank` does not say among whom").help(
            "write `percent_rank(f among g)`, or `percent_rank(f among all)`"
        )
    )
    return error(node.span)


def function_call(function: Function, node: nodes.Call, env: Env) -> ir.Expr:
    """A call of a scalar function of the registry."""
    if function.reads_as_of and not env.as_of:
        report_no_as_of(node.span, f"`{function.name}`", env)
        return error(node.span)
    args = bind(function.name, function.parameters, node, env)
    if args is None:
        return error(node.span)
    wrong = None if function.wrong is None else function.wrong([_as_written(a) for a in args])
    if wrong is not None:
        env.report(catalog.ARGUMENT_TYPE.at(node.span, f"`{function.name}`: {wrong}"))
        return error(node.span)
    nullable = function.nullable or (not function.null_safe and any(a.nullable for a in args))
    return ir.Call(
        dtype=function.returns([a.dtype for a in args]),
        nullable=nullable,
        span=node.span,
        function=function.name,
        args=args,
    )


def _as_written(e: ir.Expr) -> DType:
    """The type of an argument; literal ints have the digits that are written."""
    if isinstance(e, ir.Literal) and type(e.value) is int and e.dtype == INT:
        return DType(Kind.INT, precision=len(str(abs(e.value))))
    if isinstance(e, ir.ListOf) and e.items:
        return list_of(narrowest([_as_written(i) for i in e.items]))
    return e.dtype


def _clauses_free(node: nodes.Call, env: Env) -> ir.Expr | None:
    """An error value where an aggregate's clause stands in a call that reads no rows."""
    clauses = {
        "where": node.where,
        "over": node.over,
        "by": node.by,
        "per": node.per[0] if node.per else None,
        "default": node.default,
        "among": node.among,
        "as": node.as_type,
    }
    name = node.func.text
    for word, clause in clauses.items():
        if clause is not None:
            env.report(
                catalog.CLAUSE_OUTSIDE_AGGREGATE.at(
                    clause.span, f"`{word}` belongs to aggregates, and `{name}` is none"
                ).help(f"write it in the aggregate inside: `{name}(sum(x where c))`")
            )
            return error(node.span)
    if node.distinct or node.star:
        word = "distinct" if node.distinct else "*"
        env.report(
            catalog.CLAUSE_OUTSIDE_AGGREGATE.at(
                node.span, f"`{word}` belongs to `count`, and `{name}` is a function"
            )
        )
        return error(node.span)
    return None


def _other_ways(dtype: DType) -> str:
    """What a value can be turned into."""
    kinds = (TEXT, INT, FLOAT, BOOL, DATE, TIMESTAMP)
    found = [f"`{k}`" for k in kinds if k != dtype and castable(dtype, k)]
    if not found:
        return f"{dtype} is used as it is: a function takes what is needed out of it"
    return f"{dtype} can be turned into {' or '.join(found)}"


def _cast(node: nodes.Call, env: Env) -> ir.Expr:
    name = node.func.text
    if node.as_type is None or len(node.args) != 1:
        env.report(
            catalog.ARGUMENT_COUNT.at(node.span, f"`{name}` takes a value and a type").help(
                f"`{name}(x as int)`"
            )
        )
        return error(node.span)
    value = env.resolve(node.args[0].value)
    dtype = written_type(node.as_type, env.report)
    if value.dtype.is_error or dtype.is_error:
        return error(node.span)
    if not castable(value.dtype, dtype):
        env.report(
            catalog.NO_CAST.at(node.span, f"{value.dtype} cannot be turned into {dtype}").help(
                _other_ways(value.dtype)
            )
        )
        return error(node.span)
    return cast(value, dtype, node.span, safe=name == "try_cast")


def _coalesce(node: nodes.Call, env: Env) -> ir.Expr:
    wrong = _clauses_free(node, env)
    if wrong is not None:
        return wrong
    if len(node.args) < 2:
        env.report(
            catalog.ARGUMENT_COUNT.at(
                node.span, f"`coalesce` takes 2 or more arguments, here are {len(node.args)}"
            )
        )
        return error(node.span)
    return coalesce([env.resolve(a.value) for a in node.args], node.span, "`coalesce`", env)


def _exists(node: nodes.Call, env: Env) -> ir.Expr:
    """``exists(where …)`` is ``count(where …) > 0``."""
    word = nodes.Name(span=node.func.span, parts=(nodes.Ident(span=node.func.span, text="count"),))
    if node.args:
        env.report(
            catalog.ARGUMENT_COUNT.at(node.span, "`exists` takes a condition, no argument").help(
                "`exists(where …)`"
            )
        )
        return error(node.span)
    counted = nodes.Call(
        span=node.span, func=word, where=node.where, over=node.over, per=node.per, among=node.among
    )
    zero = nodes.IntLit(span=node.span, value=0)
    return env.resolve(
        nodes.Compare(span=node.span, op=nodes.CompareOp.GT, left=counted, right=zero)
    )


def _report_environment(node: nodes.Call, env: Env) -> None:
    env.report(
        catalog.ENVIRONMENT_READ.at(
            node.span, "`env` reads the environment, and values may not differ with it"
        )
        .help('the default of a parameter may: `param region: text = env("REGION")`')
        .help("the value that is used is then recorded with each run")
    )


def _unknown(node: nodes.Call, env: Env) -> ir.Expr:
    name, span = node.func.text, node.func.span
    lower = name.lower()
    if name == "env":
        _report_environment(node, env)
    elif lower in CLOCKS:
        report_clock(node.span, f"{name}()", env)
    elif name in LATER_AGGREGATES or name in LATER_FUNCTIONS:
        env.report.unsupported(node.span, f"`{name}`")
    elif lower in FOREIGN:
        env.report(
            catalog.FOREIGN_FUNCTION.at(span, f"there is no function `{name}`").help(
                f"it is written {FOREIGN[lower]}"
            )
        )
    elif "." in name and name.rpartition(".")[2] in (*aggregates(), *functions()):
        value, _, called = name.rpartition(".")
        env.report(
            catalog.UNKNOWN_FUNCTION.at(span, f"there is no aggregate or function `{name}`").help(
                f"a function has its value in parentheses: `{called}({value})`"
            )
        )
    elif len(node.func.parts) > 1:
        find(node.func, frozenset({Declared.FN}), env.scope, env.scopes, env.report)
    else:
        declared = [s.name for s in env.scope.visible(node.span.source, Declared.FN)]
        known = [*aggregates(), *functions(), "cast", "try_cast", "coalesce", "exists", *declared]
        env.report(
            catalog.UNKNOWN_FUNCTION.at(span, f"there is no aggregate or function `{name}`").help(
                did_you_mean(name, known, what="functions")
            )
        )
    return error(node.span)


RESOLVERS: dict[type, Callable[[Any, Env], ir.Expr]] = {nodes.Call: call}
