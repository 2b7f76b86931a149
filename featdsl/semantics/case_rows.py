"""What a test says of a data set: the rows of its training set over its own spine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from featdsl.diagnostics import catalog
from featdsl.diagnostics.model import Diagnostic
from featdsl.diagnostics.suggest import did_you_mean
from featdsl.ir.program import (
    Dataset,
    ExpectedRows,
    Feature,
    SourceColumn,
    SpineGrid,
    SpineRows,
    StatedColumn,
)
from featdsl.semantics.cells import header, typed_cells
from featdsl.semantics.dataset_columns import SPLIT
from featdsl.semantics.names import AS_OF
from featdsl.semantics.needs import Needs
from featdsl.semantics.project import Known
from featdsl.semantics.report import Report
from featdsl.syntax import nodes
from featdsl.types.dtype import TEXT, TIMESTAMP

Wrong = Callable[[Diagnostic], None]


@dataclass(frozen=True, slots=True)
class RowsReader:
    """Reads a ``then`` table of a data set against the columns of its training set."""

    item: nodes.ThenItem
    dataset: Dataset
    known: Known
    report: Report
    wrong: Wrong

    def expected(self, given: frozenset[str]) -> ExpectedRows | None:
        """What the table states; None where it was reported. ``given``: what the test gives."""
        if not self._check_spine(given):
            return None
        columns = self._columns()
        if columns is None:
            return None
        dtypes = {c.name: c.dtype for c in columns}
        cells = typed_cells(self.item.table, dtypes, self.report)
        if cells is None:
            return None
        return ExpectedRows(
            dataset=self.dataset.name,
            columns=columns,
            cells=tuple(cells),
            spans=tuple(row.span for row in self.item.table.rows),
        )

    def add_needs(self, needs: Needs, expected: ExpectedRows) -> None:
        """Add what the stated columns rest on, and what makes the spine's rows."""
        spine = self.dataset.spine
        if isinstance(spine, SpineRows):
            own = (c.name for c in expected.columns if c.feature is None)
            declared = {c.name for c in spine.columns}
            needs.of_source(spine.source, {*spine.keys, spine.at, *declared & set(own)})
        needs.of_population(self.known.entities[self.dataset.entity])
        looked_up = sorted(needs.named)
        for name in looked_up:
            group = self.known.group_of(name)
            assert group is not None, "views that read features are resolved after these"
            needs.of_population(self.known.entities[group.entity])
        needs.of_features([*expected.stated, *looked_up])

    # --- spine

    def _check_spine(self, given: frozenset[str]) -> bool:
        dataset, spine = self.dataset, self.dataset.spine
        if spine is None:
            self.wrong(
                catalog.TEST_TABLE.at(
                    self.item.target.span,
                    f"`{dataset.short}` has no spine of its own, so that it has no rows to state",
                )
                .because(dataset.name_span, "declared here")
                .help("give it one, `spine source at column`, or test its groups: `then group`")
            )
            return False
        name, what = self.known.entities[dataset.entity].population, "the population of the spine"
        if isinstance(spine, SpineRows):
            name, what = spine.source, "the spine"
        # The times of a grid are asked of one that has no key.
        if name is None or self._behind(name) & given:
            return True
        short = self.known.relations[name].short
        self.wrong(
            catalog.TEST_TABLE.at(
                self.item.target.span,
                f"the test gives no rows of `{short}`, {what} of `{dataset.short}`",
            )
            .because(dataset.name_span, "declared here")
            .help(f"add `given {short}` with a table of its rows")
        )
        return False

    def _behind(self, name: str) -> set[str]:
        """A relation, and those that its rows are of."""
        view = self.known.views.get(name)
        lefts = () if view is None else view.lefts
        return {name}.union(*(self._behind(left) for left in lefts))

    # --- columns

    def _columns(self) -> tuple[StatedColumn, ...] | None:
        known = self._known_columns()
        names = header(self.item.table)
        for name, cell in names.items():
            if name not in known:
                self._unknown(name, cell, known)
        return tuple(known[n] for n in names) if known.keys() >= names.keys() else None

    def _known_columns(self) -> dict[str, StatedColumn]:
        found: dict[str, StatedColumn] = {}

        def add(column: StatedColumn) -> None:
            found[column.name] = column

        dataset, spine = self.dataset, self.dataset.spine
        if isinstance(spine, SpineRows):
            for c in spine.shown:
                add(StatedColumn(name=c.name, dtype=c.dtype, feature=None))
        elif isinstance(spine, SpineGrid):
            for key in self.known.entities[dataset.entity].keys:
                add(StatedColumn(name=key.name, dtype=key.dtype, feature=None))
            add(StatedColumn(name=AS_OF, dtype=TIMESTAMP, feature=None))
        for column in (*dataset.columns, *dataset.labels):
            if column.feature is not None:
                dtype = self._feature(column.feature).dtype
                add(StatedColumn(name=column.name, dtype=dtype, feature=column.feature))
        if dataset.parts:
            add(StatedColumn(name=SPLIT, dtype=TEXT, feature=None))
        return found

    def _feature(self, name: str) -> Feature:
        group = name.rpartition(".")[0]
        return (self.known.groups.get(group) or self.known.labels[group]).members[name]

    def _unknown(self, name: str, cell: nodes.Cell, known: dict[str, StatedColumn]) -> None:
        dataset = self.dataset
        found = catalog.UNKNOWN_COLUMN.at(
            cell.span, f"the training set of `{dataset.short}` has no column `{name}`"
        ).because(dataset.name_span, "declared here")
        hidden = self._hidden().get(name)
        renamed = [
            c.name
            for c in (*dataset.columns, *dataset.labels)
            if c.feature is not None and c.feature.rpartition(".")[2] == name
        ]
        if hidden is not None:
            found = found.because(hidden.span, "personal data: in no training set")
        elif renamed:
            found = found.help(f"the feature is called `{renamed[0]}` there")
        else:
            found = found.help(did_you_mean(name, known, what="columns"))
        self.wrong(found)

    def _hidden(self) -> dict[str, SourceColumn]:
        """Columns of the spine's rows that do not come out."""
        spine = self.dataset.spine
        if not isinstance(spine, SpineRows):
            return {}
        return {c.name: c for c in spine.columns if c not in spine.shown}
