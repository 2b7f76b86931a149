"""One feature: its value typed, cast, defaulted, and checked for what may leave a group."""

from __future__ import annotations

from dataclasses import replace

from featdsl.diagnostics import catalog
from featdsl.ir import expr as ir
from featdsl.ir.program import Expectation, Feature
from featdsl.semantics.aggregate_calls import report_no_time
from featdsl.semantics.attributes import meta
from featdsl.semantics.branches import cast, coalesce
from featdsl.semantics.conditions import both, condition
from featdsl.semantics.dollars import DollarNames
from featdsl.semantics.environment import Aggregates, Budget, Env, Place
from featdsl.semantics.expectations import Output, expectations
from featdsl.semantics.feature_names import FeatureNames, GroupNames, Value
from featdsl.semantics.fns import NODES
from featdsl.semantics.members import Member
from featdsl.semantics.pii import HASHED, pii_column
from featdsl.semantics.remedies import retyped
from featdsl.semantics.windows import check_visible, window_of
from featdsl.semantics.written_types import written_type
from featdsl.syntax import nodes
from featdsl.types.dtype import ERROR, Kind, assignable


def resolve_feature(
    member: Member, names: GroupNames, env: Env, rows: Env, where: ir.Expr | None
) -> Feature | None:
    """The typed feature; None where it, or one it needs, was reported."""
    decl = member.decl
    if member.report is not None:
        env, rows = env.moved(report=member.report), rows.moved(report=member.report)
    assert isinstance(env.dollars, DollarNames)
    dollars = replace(env.dollars, loops=member.loops)
    budget = Budget(NODES)
    rows = rows.moved(dollars=dollars, budget=budget)
    window, ok = _window(member, names, env.moved(dollars=dollars))
    own, ok = _where(member, names, rows, ok=ok)
    used: set[str] = set()
    at = env.moved(
        place=Place.FEATURE,
        names=FeatureNames(names, member, used),
        dollars=dollars,
        budget=budget,
        aggregates=Aggregates(
            relation=names.relation,
            rows=rows,
            where=both(where, own),
            window=window if ok else ir.LIFETIME,
            used=used,
            rowless=not _has_rows(names),
        ),
    )
    value = at.resolve(decl.value)
    if ok and not value.dtype.is_error:
        _check_used(member, used, names, env)
        if window is not None and "window" in used:
            place = member.window_span if decl.over is None else decl.over.span
            check_visible(window, place or decl.name.span, names.relation, env)
    value = _typed(member, value, at)
    about = meta(decl, "feature", env)
    if not ok or value.dtype.is_error or not _publishable(member, value, names, env):
        return None
    full = f"{names.full}.{member.name}"
    names.values[member.name] = Value(full, value.dtype, value.nullable)
    return Feature(
        name=full,
        meta=about,
        span=decl.span,
        name_span=decl.name.span,
        group=names.full,
        dtype=value.dtype,
        nullable=value.nullable,
        expr=value,
        text=env.texts.slice(decl.span),
        index=member.index,
        family=member.family,
        window=member.window,
    )


def _where(
    member: Member, names: GroupNames, rows: Env, *, ok: bool
) -> tuple[ir.Expr | None, bool]:
    """The condition of the feature itself, and whether all is right so far."""
    written = member.decl.where
    if written is None:
        return None, ok
    if not _has_rows(names):
        report_unused(written, "`where`", "no rows are read here", rows)
        return None, False
    found = condition(written, rows, "`where`")
    return (None, False) if found.dtype.is_error else (found, ok)


def _has_rows(names: GroupNames) -> bool:
    """Whether the group names rows in its head."""
    return names.decl.source is not None


def _window(member: Member, names: GroupNames, env: Env) -> tuple[ir.AnyWindow | None, bool]:
    """The window for aggregates without one of their own, and whether it is right."""
    decl, relation = member.decl, names.relation
    written = decl.over if decl.over is not None else (decl.windows or (None,))[0]
    if written is None:
        return None, True
    if decl.over is not None and decl.windows:
        env.report(
            catalog.TWO_WINDOWS.at(
                decl.over.span, f"`{member.family}` is a family, and its windows stand in brackets"
            )
            .because(decl.windows[0].span, "the windows are here")
            .help("leave `over` out, or give it to one aggregate: `sum(x over 90d)`")
        )
        return None, False
    window = member.window if decl.windows else window_of(written, env)
    if window is None:
        return None, False
    if relation.time is None and decl.windows:
        return window, True  # a family of other groups' families needs no rows of its own
    if relation.time is None and not _has_rows(names):
        report_unused(written, "`over`", "no rows are read here", env)
        return None, False
    if relation.time is None:
        if not relation.open:
            report_no_time(written, f"the window `{window}`", relation, env)
        return None, False
    return window, True


def _check_used(member: Member, used: set[str], names: GroupNames, env: Env) -> None:
    """A clause that nothing takes up is a mistake: the value would not be what it reads like."""
    decl = member.decl
    if decl.over is not None and "window" not in used:
        report_unused(decl.over, "`over`", "no aggregate here lacks a window of its own", env)
    relation, timed = names.relation, names.relation.time is not None
    if decl.windows and not timed and "family" not in used and _has_rows(names):
        if not relation.open:
            report_no_time(decl.windows[0], f"the window `{member.window}`", relation, env)
    elif decl.windows and not used & {"window", "family"}:
        report_unused(decl.windows[0], "the windows", "every member would be the same", env)
    if decl.where is not None and "where" not in used:
        report_unused(decl.where, "`where`", "no rows are read here", env)


def report_unused(node: nodes.Node, what: str, why: str, env: Env) -> None:
    env.report(
        catalog.CLAUSE_WITHOUT_EFFECT.at(node.span, f"{what} has no effect: {why}").help(
            "features keep the window and conditions that they are declared with"
        )
    )


def _typed(member: Member, value: ir.Expr, env: Env) -> ir.Expr:
    """Cast to the written type, then the default of the feature."""
    decl = member.decl
    if decl.type is not None:
        dtype = written_type(decl.type, env.report)
        if dtype.is_error or value.dtype.is_error:
            return ir.Literal(dtype=ERROR, nullable=True, span=decl.value.span, value=None)
        if not assignable(value.dtype, dtype):
            env.report(
                catalog.DECLARED_TYPE.at(
                    decl.value.span,
                    f"`{decl.name.text}` is declared {dtype}, and its value is {value.dtype}",
                )
                .because(decl.type.span, "declared here")
                .help(retyped(dtype, value.dtype))
            )
            return ir.Literal(dtype=ERROR, nullable=True, span=decl.value.span, value=None)
        value = cast(value, dtype)
    if decl.default is None:
        return value
    default = env.resolve(decl.default)
    if default.dtype.is_error or value.dtype.is_error:
        return ir.Literal(dtype=ERROR, nullable=True, span=decl.value.span, value=None)
    if decl.type is not None and assignable(default.dtype, value.dtype):
        default = cast(default, value.dtype)
    return coalesce([value, default], decl.default.span, "the feature with its default", env)


def _publishable(member: Member, value: ir.Expr, names: GroupNames, env: Env) -> bool:
    """A feature is a value that a table can hold, and no personal data."""
    decl = member.decl
    if value.dtype.holds(Kind.DURATION):
        what = f"holds lengths of time ({value.dtype}), which have no unit in a table"
        if value.dtype.kind is Kind.DURATION:
            what = "is a length of time, which has no unit in a table"
        env.report(
            catalog.FEATURE_TYPE.at(decl.value.span, f"`{member.name}` {what}").help(
                "divide it by its unit: `(…) / 1d` is a number of days"
            )
        )
        return False
    if value.dtype.holds(Kind.NULL):
        env.report(catalog.FEATURE_TYPE.at(decl.value.span, f"`{member.name}` is always null"))
        return False
    shown = pii_column(value, names.relation)
    if shown is None:
        return True
    at, info = shown
    declared = info.span
    if isinstance(at, ir.InputRef):
        declared = env.inputs[at.input].columns[at.column].span
    env.report(
        catalog.PUBLISHES_PII.at(
            at.span, f"`{member.name}` publishes personal data of `{info.name}`"
        )
        .because(declared, "declared `pii` here")
        .help(
            f"count it, `count_distinct(x)` or `count(where x is not null)`, or hash it: {HASHED}"
        )
    )
    return False


def feature_expectations(member: Member, names: GroupNames, env: Env) -> tuple[Expectation, ...]:
    """What a feature's own `expect`s ask for, once all features of the group are known."""
    if not member.decl.expects:
        return ()
    assert isinstance(env.dollars, DollarNames)
    at = env.moved(
        place=Place.OUTPUT,
        names=FeatureNames(names, member, set(), output=True),
        aggregates=None,
        dollars=replace(env.dollars, loops=member.loops),
        budget=Budget(NODES),
    )
    own = {} if member.family is None else {member.family: member.name}
    return expectations(member.decl.expects, Output("feature", columns=names.columns, own=own), at)
