"""Which rows of a source exist and can be seen at a time: key, time, validity, versions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from featdsl.diagnostics import catalog
from featdsl.diagnostics.suggest import did_you_mean
from featdsl.ir.program import Availability, Keep, Snapshot, Validity
from featdsl.semantics.environment import Env
from featdsl.semantics.relation import RelationInfo
from featdsl.syntax import nodes
from featdsl.text.span import Span
from featdsl.types.dtype import TIMESTAMP


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """``unique_by``: columns of which a value has at most one row at any time, or None."""

    key: tuple[str, ...] = ()
    time: str | None = None
    ties: tuple[str, ...] = ()
    available: Availability | None = None
    keep: Keep | None = None
    valid: Validity | None = None
    snapshot: Snapshot | None = None
    unique_by: tuple[str, ...] | None = None
    delay_span: Span | None = None

    @property
    def identity(self) -> tuple[str, ...]:
        """Columns that tell apart the rows that are seen at one time, if any do."""
        if self.unique_by:
            return self.unique_by
        if self.key:
            return self.key
        return (self.time, *self.ties) if self.time is not None and self.ties else ()

    @property
    def has_history(self) -> bool:
        changing = (self.keep, self.valid, self.snapshot)
        return self.time is not None or any(c is not None for c in changing)


def history(decl: nodes.SourceDecl, relation: RelationInfo, env: Env) -> History:
    """Check and read ``key time snapshot valid keep`` of a source."""
    key = _columns([] if decl.key is None else decl.key.columns, relation, env)
    time: str | None = None
    ties: tuple[str, ...] = ()
    if decl.time is not None:
        time = _moment(decl.time.column, "`time`", relation, env)
        ties = _columns(decl.time.then, relation, env)
    snapshot: Snapshot | None = None
    if decl.snapshot is not None:
        taken = _moment(decl.snapshot.column, "`snapshot`", relation, env)
        snapshot = Snapshot(column=taken)
    valid = _valid(decl, relation, env)
    keep = _keep(decl, relation, env)
    _one_history(decl, env)
    _one_availability(decl, env)
    available = _available(decl, relation, env)
    item = _availability_item(decl)
    return History(
        key=key,
        time=time,
        ties=ties,
        available=available,
        keep=keep,
        valid=valid,
        snapshot=snapshot,
        unique_by=_unique_by(decl, key),
        delay_span=None if item is None else item.span,
    )


def _unique_by(decl: nodes.SourceDecl, key: tuple[str, ...]) -> tuple[str, ...] | None:
    """Columns that one row at most has at a time; of a source without a key, those of its role."""
    if decl.keep is not None:
        return tuple(c.text for c in decl.keep.per)
    if decl.valid is not None:
        ends = (decl.valid.start.text, decl.valid.end.text)
        return tuple(c for c in key if c not in ends)
    if decl.snapshot is not None:
        return tuple(c for c in key if c != decl.snapshot.column.text)
    return key if decl.time is None else None


def _known(ident: nodes.Ident, relation: RelationInfo, env: Env) -> bool:
    if ident.text in relation.columns:
        return True
    if not relation.open:
        n = len(relation.columns)
        env.report(
            catalog.UNKNOWN_COLUMN.at(
                ident.span, f"`{relation.short}` has no column `{ident.text}`"
            )
            .because(relation.span, f"`{relation.short}` has {n} column{'s' * (n != 1)}")
            .help(did_you_mean(ident.text, relation.columns, what="columns"))
        )
    return False


def _columns(written: Sequence[nodes.Ident], relation: RelationInfo, env: Env) -> tuple[str, ...]:
    found: dict[str, nodes.Ident] = {}
    for ident in written:
        first = found.setdefault(ident.text, ident)
        if first is not ident:
            env.report(
                catalog.DUPLICATE_COLUMN.at(
                    ident.span, f"the column `{ident.text}` is named twice"
                ).because(first.span, "first here")
            )
    # A name that is not known stays, so that what rests on it is not reported again.
    for ident in found.values():
        _known(ident, relation, env)
    return tuple(found)


def _moment(ident: nodes.Ident, what: str, relation: RelationInfo, env: Env) -> str:
    """A column that must hold timestamps."""
    if not _known(ident, relation, env):
        return ident.text
    info = relation.columns[ident.text]
    if info.dtype != TIMESTAMP and not info.dtype.is_error:
        env.report(
            catalog.TIME_COLUMN.at(
                ident.span, f"{what} needs a timestamp, `{ident.text}` is {info.dtype}"
            )
            .because(info.span, "declared here")
            .help("declare the column as `timestamp`: dates are read as their midnight, UTC")
        )
    return ident.text


def _valid(decl: nodes.SourceDecl, relation: RelationInfo, env: Env) -> Validity | None:
    item = decl.valid
    if item is None:
        return None
    start = _moment(item.start, "`valid`", relation, env)
    end = _moment(item.end, "`valid`", relation, env)
    if item.start.text == item.end.text:
        env.report(
            catalog.DUPLICATE_COLUMN.at(
                item.end.span, f"`valid` starts and ends with the same column `{item.end.text}`"
            )
        )
        return None
    return Validity(start=start, end=end)


def _keep(decl: nodes.SourceDecl, relation: RelationInfo, env: Env) -> Keep | None:
    item = decl.keep
    if item is None:
        return None
    per, by = _columns(item.per, relation, env), _columns(item.by, relation, env)
    first = relation.columns.get(by[0])
    own = _availability_item(decl)
    found = Keep(per=per, by=by, first=item.which == "first")
    if first is None or first.dtype.is_error:
        return found
    if first.dtype != TIMESTAMP and (own is None or own.column is None):
        env.report(
            catalog.TIME_COLUMN.at(
                item.by[0].span,
                f"`keep {item.which} … by {first.name}` needs a timestamp, this is {first.dtype}: "
                "when a version can be seen is not known",
            )
            .because(first.span, "declared here")
            .help("or say when it can be seen: `time t available column`")
        )
    return found


def _one_history(decl: nodes.SourceDecl, env: Env) -> None:
    """`snapshot`, `valid` and `keep` each say which rows exist: one of them can."""
    items = {"snapshot": decl.snapshot, "valid": decl.valid, "keep": decl.keep}
    given = [(word, item) for word, item in items.items() if item is not None]
    if len(given) > 1:
        (a, first), (b, second) = given[:2]
        env.report(
            catalog.TWO_HISTORIES.at(
                second.span, f"`{a}` and `{b}` both say which rows exist at a time"
            )
            .because(first.span, "the other is here")
            .help("keep the one that says how the source changes")
        )


def _availability_items(decl: nodes.SourceDecl) -> list[nodes.Available]:
    """Where it is said when rows can be seen: at one of the items."""
    items = (decl.time, decl.valid, decl.snapshot)
    return [i.available for i in items if i is not None and i.available is not None]


def _availability_item(decl: nodes.SourceDecl) -> nodes.Available | None:
    return next(iter(_availability_items(decl)), None)


def _one_availability(decl: nodes.SourceDecl, env: Env) -> None:
    items = _availability_items(decl)
    if len(items) > 1:
        env.report(
            catalog.TWO_AVAILABILITIES.at(items[1].span, "it is said twice when a row can be seen")
            .because(items[0].span, "the other is here")
            .help("keep one: a row is seen when both its time and its version have come")
        )


def _available(decl: nodes.SourceDecl, relation: RelationInfo, env: Env) -> Availability | None:
    item = _availability_item(decl)
    if item is None:
        return None
    if item.column is not None:
        return Availability(column=_moment(item.column, "`available`", relation, env))
    assert item.after is not None, "one of the two is written"
    return Availability(after=item.after.value)
