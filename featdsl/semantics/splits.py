"""Splits of data sets: by the as-of time, or by a hash of a key."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import pairwise

from featdsl.diagnostics import catalog
from featdsl.diagnostics.suggest import did_you_mean
from featdsl.ir.program import Entity, SpineRows
from featdsl.semantics.environment import Env
from featdsl.semantics.moments import Moment, moment
from featdsl.semantics.spines import SpineInfo
from featdsl.syntax import nodes

TIME = "time"


@dataclass(frozen=True, slots=True)
class Split:
    """Where parts begin, but for the first: in time, or in shares of the values of a key."""

    at: tuple[datetime, ...] = ()
    key: str | None = None
    shares: tuple[Decimal, ...] = ()
    written: tuple[str, ...] = ()


def resolve_split(
    decl: nodes.DatasetDecl, entity: Entity, spine: SpineInfo, env: Env
) -> Split | None:
    """The split of a data set, an empty one without; None where it was reported."""
    item = decl.split
    if item is None:
        return Split()
    if item.column.text == TIME:
        return _by_time(item, env)
    key = _key(item.column, entity, spine, env)
    return None if key is None else _by_key(item, key, env)


def _key(written: nodes.Ident, entity: Entity, spine: SpineInfo, env: Env) -> str | None:
    """The key of the entity that a name means: its own name, or that of the spine's column."""
    names = [k.name for k in entity.keys]
    if isinstance(spine.spine, SpineRows) and written.text in spine.spine.keys:
        return names[spine.spine.keys.index(written.text)]
    if written.text in names:
        return written.text
    env.report(
        catalog.SPLIT_COLUMN.at(
            written.span,
            f"a split is by `{TIME}` or by a key of `{entity.short}`, "
            f"and `{written.text}` is neither",
        )
        .because(entity.name_span, "declared here")
        .help(did_you_mean(written.text, [TIME, *names], what="splits"))
    )
    return None


def _by_time(item: nodes.SplitItem, env: Env) -> Split | None:
    instants: list[Moment | None] = []
    for at in item.at:
        if isinstance(at, nodes.PercentLit):
            env.report(
                catalog.SPLIT_CUT.at(at.span, "a split by time is cut at instants, not at shares")
                .help("write when a part begins: `split by time at @2024-06-01`")
                .help("shares of the keys are split by key: `split by customer_id at 80%`")
            )
            return None
        instants.append(moment(at, env))
    found = [i for i in instants if i is not None]
    if len(found) < len(instants):
        return None
    for i, (first, second) in enumerate(pairwise(found)):
        if first.value >= second.value:
            _report_order(
                item,
                i,
                "instant",
                "validation needs a length of time: give a later instant, or one only"
                if first.value == second.value
                else f"the earlier one comes first: `at {second.written}, {first.written}`",
                env,
            )
            return None
    return Split(tuple(i.value for i in found), written=tuple(i.written for i in found))


def _by_key(item: nodes.SplitItem, key: str, env: Env) -> Split | None:
    shares: list[Decimal] = []
    for at in item.at:
        if not isinstance(at, nodes.PercentLit):
            env.report(
                catalog.SPLIT_CUT.at(
                    at.span, "a split by a key is cut at shares of its values, not at instants"
                )
                .help(f"write what share comes before: `split by {item.column.text} at 80%`")
                .help("instants cut time: `split by time at @2024-06-01`")
            )
            return None
        if not 0 < at.value < 1:
            env.report(
                catalog.BAD_CONSTANT.at(
                    at.span, "a split is cut at more than 0% and less than 100%"
                ).help("`at 80%, 90%` makes parts of 80%, 10% and 10%")
            )
            return None
        shares.append(at.value)
    for i, (first, second) in enumerate(pairwise(shares)):
        if first >= second:
            why = "shares are counted from the start: `at 80%, 90%` makes parts of 80%, 10%, 10%"
            _report_order(item, i, "share", why, env)
            return None
    return Split(key=key, shares=tuple(shares), written=tuple(_percents(shares)))


def _percents(shares: Iterable[Decimal]) -> Iterable[str]:
    return (f"{(share * 100).normalize():f}%" for share in shares)


def _report_order(item: nodes.SplitItem, i: int, what: str, remedy: str, env: Env) -> None:
    second, first = ("second", "first") if i == 0 else ("next", "one before")
    message = f"the {second} {what} of a split is not after the {first}"
    env.report(
        catalog.BAD_CONSTANT.at(item.at[i + 1].span, message)
        .because(item.at[i].span, f"the {first} is here")
        .help(remedy)
    )
