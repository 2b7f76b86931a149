"""`test` blocks: what is given, when it is asked, what must come out."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from featdsl.diagnostics import catalog
from featdsl.diagnostics.suggest import did_you_mean
from featdsl.ir.expr import Value
from featdsl.ir.program import Entity, Expected, ExpectedRows, Feature, Group, Rows, Test
from featdsl.semantics.attributes import meta
from featdsl.semantics.case_rows import RowsReader
from featdsl.semantics.case_settings import CaseSettings
from featdsl.semantics.case_times import RowTimes, Times, read_times
from featdsl.semantics.cells import header, typed_cells
from featdsl.semantics.environment import Env
from featdsl.semantics.names import AS_OF
from featdsl.semantics.needs import Needs
from featdsl.semantics.project import Known
from featdsl.semantics.relation import ColumnInfo, RelationInfo
from featdsl.semantics.scope import RELATIONS, Kind, Symbol, find, listed
from featdsl.syntax import nodes
from featdsl.text.span import Span
from featdsl.types.dtype import TIMESTAMP, DType

_ASKED = frozenset({Kind.FEATURES, Kind.LABELS, Kind.DATASET})


def resolve_tests(env: Env, known: Known) -> None:
    """All tests of a namespace; one with a mistake is left out."""
    titles: dict[str, Span] = {}
    for module in env.scope.modules:
        for decl in module.decls:
            if not isinstance(decl, nodes.TestDecl):
                continue
            first = titles.setdefault(decl.name.text, decl.name.span)
            if first is not decl.name.span:
                env.report(
                    catalog.DUPLICATE_NAME.at(
                        decl.name.span, f'two tests are called "{decl.name.text}"'
                    ).because(first, "the other is here")
                )
            test = _Reader(decl, env, known).test()
            if test is not None:
                known.tests.append(test)


@dataclass(slots=True)
class _Reader(CaseSettings):
    """Reads one test."""

    times: Times | None = None
    given: dict[str, Rows] = field(default_factory=dict)
    given_items: dict[str, nodes.GivenItem] = field(default_factory=dict)
    asked: list[Kind | None] = field(default_factory=list)
    """What is stated, one for each `then`; None for a name that was reported."""

    def test(self) -> Test | None:
        meta(self.decl, "test", self.env)
        for item in self.decl.givens:
            self._given(item)
        params = self._settings()
        if self.decl.at is not None:
            self.times = read_times(self.decl.at, self.env.report, self._wrong)
        expected = [self._then(item) for item in self.decl.thens]
        self._complete()
        if not self.whole or self.decl.broken or any(e is None for e in expected):
            return None
        return Test(
            title=self.decl.name.text,
            namespace=self.env.scope.namespace,
            given=self.given,
            params=params,
            expected=tuple(e for e in expected if e is not None),
            span=self.decl.span,
        )

    def _complete(self) -> None:
        only_rows = {*self.asked} == {Kind.DATASET}
        timed = not self.asked or Kind.FEATURES in self.asked or Kind.LABELS in self.asked
        if self.decl.at is not None and only_rows:
            message = "`at` has no effect: rows of a data set have times of their own"
            self._wrong(
                catalog.CLAUSE_WITHOUT_EFFECT.at(self.decl.at.span, message).help(
                    "leave it out; a test of a group needs it"
                )
            )
        missing = [
            word
            for word, there in (
                ("given", self.decl.givens),
                ("at", self.decl.at or not timed),
                ("then", self.decl.thens),
            )
            if not there
        ]
        if missing and not self.decl.broken:
            self._wrong(
                catalog.MISSING_ITEM.at(
                    self.decl.name.span, f"the test has no `{missing[0]}`"
                ).help("a test has rows that are given, an instant `at` it, and a table `then`")
            )

    # --- given

    def _given(self, item: nodes.GivenItem) -> None:
        symbol = find(item.target, RELATIONS, self.env.scope, self.env.scopes, self.env.report)
        relation = None if symbol is None else self.known.relations.get(symbol.full)
        if symbol is None or relation is None or relation.open:
            self.whole = False
            return
        if symbol.full in self.given_items:
            first = self.given_items[symbol.full].target.span
            self._wrong(
                catalog.DUPLICATE_NAME.at(
                    item.target.span, f"rows of `{symbol.name}` are given twice"
                )
                .because(first, "first given here")
                .help("write all rows into one table")
            )
            return
        self.given_items[symbol.full] = item
        rows = self._rows(item, relation)
        if rows is None:
            self.whole = False
        else:
            self.given[symbol.full] = rows

    def _rows(self, item: nodes.GivenItem, relation: RelationInfo) -> Rows | None:
        dtypes: dict[str, DType] = {}
        for name, cell in header(item.table).items():
            info = relation.columns.get(name)
            if info is None:
                self._unknown(cell, relation)
            elif info.dtype.is_error:
                self.whole = False
            else:
                dtypes[name] = info.dtype
        if len(dtypes) < len(item.table.header):
            return None
        cells = typed_cells(item.table, dtypes, self.env.report)
        if cells is None:
            return None
        self._check_required(item, relation, cells)
        spans = tuple(row.span for row in item.table.rows)
        return Rows(columns=tuple(dtypes), cells=tuple(cells), spans=spans)

    def _unknown(self, cell: nodes.Cell, relation: RelationInfo) -> None:
        self._wrong(
            catalog.UNKNOWN_COLUMN.at(cell.span, f"`{relation.short}` has no column `{cell.text}`")
            .because(relation.span, "declared here")
            .help(did_you_mean(cell.text, relation.columns, what="columns"))
        )

    def _check_required(
        self, item: nodes.GivenItem, relation: RelationInfo, cells: list[tuple[Value, ...]]
    ) -> None:
        for i, head in enumerate(item.table.header):
            info = relation.columns[head.text]
            if info.nullable:
                continue
            for row, values in zip(item.table.rows, cells, strict=True):
                if values[i] is None:
                    self._wrong(
                        catalog.BAD_CELL.at(
                            row.cells[i].span,
                            f"the cell is empty, and `{head.text}` cannot be null",
                        )
                        .because(info.span, "declared here")
                        .help(f"write a value, or leave `required` out of `{head.text}`")
                    )

    # --- then

    def _then(self, item: nodes.ThenItem) -> Expected | ExpectedRows | None:
        symbol = find(item.target, _ASKED, self.env.scope, self.env.scopes, self.env.report)
        self.asked.append(None if symbol is None else symbol.kind)
        if symbol is None:
            return None
        if symbol.kind is Kind.DATASET:
            return self._rows_of(item, symbol)
        return self._values_of(item, symbol)

    def _rows_of(self, item: nodes.ThenItem, symbol: Symbol) -> ExpectedRows | None:
        dataset = self.known.datasets.get(symbol.full)
        if dataset is None:
            return None
        reader = RowsReader(item, dataset, self.known, self.env.report, self._wrong)
        given = frozenset(self.given_items)
        expected = reader.expected(given)
        if expected is not None:
            needs = Needs(self.known, given)
            reader.add_needs(needs, expected)
            self._check_given(needs)
        return expected

    def _values_of(self, item: nodes.ThenItem, symbol: Symbol) -> Expected | None:
        groups = self.known.labels if symbol.kind is Kind.LABELS else self.known.groups
        group = groups.get(symbol.full)
        if group is None:
            return None
        entity = self.known.entities[group.entity]
        features = self._header(item, group, entity)
        if features is None:
            return None
        needs = Needs(self.known, frozenset(self.given_items))
        needs.of_features(f.name for f in features)
        needs.of_population(entity)
        self._check_given(needs)
        names = header(item.table)
        dtypes = {k.name: k.dtype for k in entity.keys}
        dtypes |= {f.short: f.dtype for f in features}
        if AS_OF in names:
            dtypes[AS_OF] = TIMESTAMP
        cells = typed_cells(item.table, dtypes, self.env.report)
        if cells is None:
            return None
        n = len(entity.keys)
        keys = [row[:n] for row in cells]
        if self.times is None:
            return None
        written = [row[-1] for row in cells] if AS_OF in names else None
        rows = RowTimes(self.times, entity, self.env.report, self._wrong)
        instants = rows.of_rows(item, keys, written)
        if instants is None:
            return None
        self._check_twice(item, keys, instants)
        return Expected(
            group=group.name,
            at=self.times.instant,
            keys=tuple(keys),
            instants=tuple(instants),
            features=tuple(f.short for f in features),
            cells=tuple(row[n : n + len(features)] for row in cells),
            spans=tuple(row.span for row in item.table.rows),
        )

    def _header(self, item: nodes.ThenItem, group: Group, entity: Entity) -> list[Feature] | None:
        names = header(item.table)
        keys = [k.name for k in entity.keys]
        states = self.known.features[group.name]
        word = "label" if group.name in self.known.labels else "feature"
        features: list[Feature] = []
        ok = True
        for key in keys:
            if key not in names:
                ok = False
                self._wrong(
                    catalog.TEST_TABLE.at(
                        item.table.header[0].span, f"the table of `{group.short}` lacks `{key}`"
                    ).because(entity.name_span, f"the key of `{entity.short}`")
                )
        for name, cell in names.items():
            if name in keys or name == AS_OF:
                continue
            if name not in states:
                ok = False
                if group.name not in self.known.incomplete:
                    self._wrong(
                        catalog.UNKNOWN_FEATURE.at(
                            cell.span, f"there is no {word} `{name}` in group `{group.short}`"
                        ).help(did_you_mean(name, [*states, *keys], what=f"{word}s"))
                    )
            elif f"{group.name}.{name}" in group.requests:
                ok = False
                self.env.report(
                    catalog.REQUEST_IN_GROUP_TEST.at(
                        cell.span, f"`{name}` rests on an input, and nothing is sent here"
                    )
                    .because(group.requests[f"{group.name}.{name}"].name_span, "declared here")
                    .help("state it of a data set: `then d`, whose spine has the input's columns")
                )
            elif states[name]:
                features.append(group.features[f"{group.name}.{name}"])
            else:
                ok = False
        return features if ok else None

    def _check_twice(
        self, item: nodes.ThenItem, keys: list[tuple[Value, ...]], instants: list[datetime]
    ) -> None:
        seen: dict[object, Span] = {}
        for row, key, instant in zip(item.table.rows, keys, instants, strict=True):
            first = seen.setdefault((key, instant), row.span)
            if first is not row.span:
                self._wrong(
                    catalog.TEST_TABLE.at(row.span, "two rows have this key and time").because(
                        first, "the other is here"
                    )
                )

    def _check_given(self, needs: Needs) -> None:
        """What is used and cannot be null must be given."""
        for name, columns in needs.columns.items():
            item = self.given_items.get(name)
            if item is None or name not in self.given:
                continue
            relation = self.known.relations[name]
            infos = [relation.columns.get(c) for c in sorted(columns - set(header(item.table)))]
            missing = [i for i in infos if i is not None and not i.nullable]
            if missing:
                self._report_missing(item, relation, missing)

    def _report_missing(
        self, item: nodes.GivenItem, relation: RelationInfo, missing: list[ColumnInfo]
    ) -> None:
        shown = listed([f"`{i.name}`" for i in missing], last="and")
        verb = "is" if len(missing) == 1 else "are"
        found = catalog.TEST_TABLE.at(
            item.target.span,
            f"the rows of `{relation.short}` lack {shown}, which {verb} used and cannot be null",
        )
        for info in missing:
            found = found.because(info.span, "declared here")
        self._wrong(found)
