"""As-of joins: how the right side is read depends on its history."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from featdsl.ir import expr as ir
from featdsl.ir.plan import AsOfJoin, Derive, Latest, Match, Seen
from featdsl.ir.program import Join, Source, View
from featdsl.ir.relations import is_events, joined_columns, order_of
from featdsl.ir.visit import replace_leaves, walk
from featdsl.planning.pieces import Cut, moments_of_join
from featdsl.planning.steps import Rows, Steps, free_name
from featdsl.types.duration import Duration

RowsOf = Callable[[str], Rows]
"""Rows of a relation with the times between which each is seen."""


@dataclass(frozen=True, slots=True)
class Right:
    """The right side of a join, as it is read.

    ``rows_of`` gives rows of any relation, ``stored`` the stored rows of a source.
    """

    steps: Steps
    join: Join
    rows_of: RowsOf
    stored: Callable[[Source], str]

    def joined(
        self,
        view: View,
        left: Rows,
        cap: ir.Expr | None,
        *,
        cut: bool = False,
        looks_at: str | None = None,
    ) -> Rows:
        """Add the step of the left rows with their right rows; say where they are.

        With ``cut`` left rows are read ahead of their time too, as they are joined then.
        ``looks_at`` is the column that says when a left row looks, where that is not its time.
        """
        program, join = self.steps.program, self.join
        time = looks_at or program.root(view.name).time
        operation = self._operation(left.step, time, cap)
        if (
            cut
            and time is not None
            and left.start is not None
            and operation.match is not Match.ALWAYS
        ):
            moments = moments_of_join(self.steps, join, operation)
            pieces = Cut(self.steps, join.alias, join.span, left, time, moments).pieces()
            left = pieces.rows
            operation = replace(self._over(operation, left.step), left_time=pieces.looks_at)
        short = program.relation(join.source).short
        seen = "" if operation.match is Match.ALWAYS else f" as of {operation.left_time}"
        if seen and cap is not None:
            seen += ", at most the as-of time"
        every = "every match in " if join.many else ""
        step = self.steps.add(
            f"{view.short}_{join.alias}", operation, f"with {every}{short}{seen}", join.span
        )
        return replace(left, step=step)

    def _over(self, operation: AsOfJoin, left: str) -> AsOfJoin:
        """The join over other left rows."""
        joined = {f"{operation.alias}.{c}".lower() for c in operation.carried}
        # A view below may have a join of this alias, whose columns are not in sight here.
        columns = tuple(c for c in self.steps.columns(left) if c.lower() not in joined)
        return replace(operation, left=left, columns=columns)

    def _operation(self, left: str, left_time: str | None, cap: ir.Expr | None) -> AsOfJoin:
        join = self.join
        blank = AsOfJoin(
            left=left,
            right="",
            alias=join.alias,
            match=Match.ALWAYS,
            on=join.on,
            columns=(),
            carried=joined_columns(self.steps.program, join),
            left_time=left_time,
            cap=cap,
            residual=join.residual,
            many=join.many,
        )
        blank = self._over(blank, left)
        source = self.steps.program.sources.get(join.source)
        plain = None if source is None else self._plain(blank, source)
        return plain or self._seen(blank)

    # --- sources of which the stored rows are enough

    def _plain(self, blank: AsOfJoin, source: Source) -> AsOfJoin | None:
        if not source.has_history:
            return replace(blank, right=self.stored(source))
        delay = source.available.after if source.available else None
        available = source.available.column if source.available else None
        if source.valid is not None and source.time is None:
            return replace(
                blank,
                right=self.stored(source),
                match=Match.VALID,
                start=source.valid.start,
                end=source.valid.end,
                delay=delay,
                available=available,
            )
        start = self._newest_by(source)
        if start is None:
            return None
        ties = source.tie_break if source.keep is None else source.keep.by[1:]
        right = self.stored(source)
        if ties:
            right = self._last_of_each(right, start, ties, source.short)
        return replace(blank, right=right, match=Match.NEWEST, start=start, delay=delay)

    def _newest_by(self, source: Source) -> str | None:
        """The time by which the newest row is the one that was seen; None where none is."""
        join, available = self.join, source.available
        if join.many or join.residual is not None:
            return None
        if available is not None and (available.column or _is_calendar(available.after)):
            return None
        if not source.changes:
            return source.time
        keep = source.keep
        if keep is None or source.time is not None or keep.first or keep.removed_when is not None:
            return None
        newest = {c for _, c in join.on} == set(keep.per)
        return keep.by[0] if newest and source.columns[keep.by[0]].dtype.is_temporal else None

    def _last_of_each(self, right: str, start: str, ties: tuple[str, ...], short: str) -> str:
        """Of rows with one key and time the last in the total order counts."""
        latest = Latest(
            input=right,
            columns=self.steps.columns(right),
            per=(*(c for _, c in self.join.on), start),
            by=ties,
        )
        note = "one row for each key and time"
        return self.steps.add(f"{short}_ordered", latest, note, self.join.span)

    # --- any relation, by the times between which its rows are seen

    def _seen(self, blank: AsOfJoin) -> AsOfJoin:
        program, join = self.steps.program, self.join
        rows = self.rows_of(join.source)
        found = replace(blank, right=rows.step, match=Match.SEEN, start=rows.start, end=rows.end)
        if not is_events(program, join.source):
            always = rows.start is None and rows.end is None
            return replace(found, match=Match.ALWAYS if always else Match.SEEN)
        time = program.root(join.source).time
        assert time is not None
        order = (time, *order_of(program, join.source))
        if join.many:
            return replace(found, time=time)
        if self._reads_left():
            return replace(found, time=time, latest=order)
        return self._until_the_next(found, rows, time, order)

    def _reads_left(self) -> bool:
        """Whether the left row decides which right rows come into question, beside its keys."""
        residual = self.join.residual
        return residual is not None and any(
            isinstance(n, ir.Column) and n.qualifier != self.join.alias for n in walk(residual)
        )

    def _until_the_next(
        self, found: AsOfJoin, rows: Rows, time: str, order: tuple[str, ...]
    ) -> AsOfJoin:
        """Events: each is the latest from when it is seen until a later one is."""
        join, right = self.join, rows.step
        short = self.steps.program.relation(join.source).short
        columns = self.steps.columns(right)
        if join.residual is not None:
            derive = Derive(input=right, columns=columns, where=(self._bare(join.residual),))
            right = self.steps.add(f"{short}_{join.alias}", derive, "that match", join.span)
        taken = {c.lower() for c in columns}
        start, end = free_name("latest_from", taken), free_name("latest_to", taken)
        starts = dict.fromkeys(c for c in (rows.start, time) if c is not None)
        seen = Seen(
            input=right,
            columns=found.carried,
            starts=tuple((c, None) for c in starts),
            end=None,
            per=tuple(dict.fromkeys(c for _, c in join.on)),
            by=order,
            start_name=start,
            end_name=end,
        )
        note = "from when on each is the latest, and until when"
        step = self.steps.add(f"{short}_latest", seen, note, join.span)
        return replace(found, right=step, start=start, end=end, residual=None)

    def _bare(self, residual: ir.Expr) -> ir.Expr:
        """A condition on the right side alone, over its own rows."""

        def leaf(e: ir.Expr) -> ir.Expr | None:
            return replace(e, qualifier=None) if isinstance(e, ir.Column) else None

        return replace_leaves(residual, leaf)


def _is_calendar(delay: Duration | None) -> bool:
    return delay is not None and delay.is_calendar
