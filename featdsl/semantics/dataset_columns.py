"""Columns of data sets: what is included under which name, and the labels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from featdsl.diagnostics import catalog
from featdsl.diagnostics.suggest import did_you_mean
from featdsl.ir.program import DatasetColumn, Entity, Feature, Group, SpineRows
from featdsl.semantics.environment import Env
from featdsl.semantics.names import AS_OF
from featdsl.semantics.pii import HASHED
from featdsl.semantics.project import Known
from featdsl.semantics.scope import Kind, Symbol, listed
from featdsl.semantics.selections import Selected, member_of, one_of, select
from featdsl.semantics.spines import SpineInfo
from featdsl.syntax import nodes
from featdsl.text.span import Span

SPLIT = "split"
"""The column that says to which part of a split a row belongs."""


@dataclass(slots=True)
class Columns:
    """Reads the columns of one data set; ``whole`` is False once a part was reported."""

    decl: nodes.DatasetDecl
    entity: Entity
    spine: SpineInfo
    env: Env
    known: Known
    whole: bool = True
    places: dict[str, tuple[Span, str]] = field(default_factory=dict)
    """Names that are taken, in lower case: where, and by what."""

    def features(self) -> tuple[DatasetColumn, ...]:
        """The included features, in the order of the text, without those that are excepted."""
        self._take_spine()
        excepted = self._excepted()
        found: list[DatasetColumn] = []
        taken: set[str] = set()
        for item in self.decl.includes:
            selected = select(item, self.env, self.known)
            if selected is None or not self._of_entity(selected.group, item.path.span):
                self.whole = False
                continue
            if not selected.features and selected.whole:
                self._report_nothing(item, selected)
            self.whole = self.whole and selected.whole
            for feature in selected.features:
                taken.add(feature.name)
                if feature.name not in excepted:
                    found += self._named(item, feature)
        self._check_excepted(excepted, taken)
        if taken and taken <= excepted.keys() and self.whole:
            self._report_all_excepted()
        return tuple(found)

    def labels(self) -> tuple[DatasetColumn, ...]:
        """The labels, of groups or of the spine, in the order of the text."""
        found: list[DatasetColumn] = []
        seen: dict[tuple[str, str | None], Span] = {}
        for path in self.decl.labels:
            made = self._label(path)
            if made is None:
                self.whole = False
                continue
            first = seen.setdefault((made.name, made.feature), path.span)
            if first is not path.span:
                self._report_twice(made.name, path.span, first, "the other is here")
            elif made.feature is None or self._free(made.name, path.span, "the label"):
                found.append(made)
        return tuple(found)

    # --- names

    def _take_spine(self) -> None:
        spine = self.spine
        of = "a column of the spine" if spine.relation is not None else "a column of every row"
        for name, info in spine.columns.items():
            self.places[name.lower()] = (info.span, f"{of}, declared here")
        for key in self.entity.keys:
            said = (self.entity.name_span, f"a key of `{self.entity.short}`")
            self.places.setdefault(key.name.lower(), said)
        self.places.setdefault(AS_OF, (self.decl.name.span, "the as-of time of every row"))
        split = self.decl.split
        if split is not None:
            self._free(SPLIT, split.span, "the column of the split")

    def _free(self, name: str, span: Span, what: str) -> bool:
        """Take a name; report one that is taken."""
        first = self.places.setdefault(name.lower(), (span, what))
        if first[0] is span:
            return True
        self._report_twice(name, span, *first)
        return False

    def _report_twice(self, name: str, span: Span, first: Span, what: str) -> None:
        self.whole = False
        self.env.report(
            catalog.DUPLICATE_COLUMN.at(
                span, f"two columns of the data set `{self.decl.name.text}` are called `{name}`"
            )
            .because(first, what)
            .help("give one another name, `g.f as x` or `g.* as prefix`, or leave it out: `except`")
        )

    # --- features

    def _of_entity(self, group: Group, span: Span) -> bool:
        if group.entity == self.entity.name:
            return True
        theirs = self.known.entities[group.entity]
        self.env.report(
            catalog.OTHER_ENTITY.at(
                span,
                f"`{group.short}` is about `{theirs.short}`, "
                f"and the data set `{self.decl.name.text}` about `{self.entity.short}`",
            )
            .because(group.name_span, "the group is declared here")
            .help("a data set takes features of its own entity")
        )
        return False

    def _named(self, item: nodes.Selector, feature: Feature) -> Iterator[DatasetColumn]:
        name = feature.short
        if item.alias is not None:
            name = f"{item.alias.text}_{name}" if item.star else item.alias.text
        span = item.span if item.alias is None or item.star else item.alias.span
        if self._free(name, span, f"`{feature.short}` of `{item.path.text}`, included here"):
            yield DatasetColumn(name=name, feature=feature.name, span=item.span)

    def _report_nothing(self, item: nodes.Selector, selected: Selected) -> None:
        self.whole = False
        why = "all its features are private or deprecated" if selected.group.members else "empty"
        self.env.report(
            catalog.CLAUSE_WITHOUT_EFFECT.at(
                item.span, f"`include {item.path.text}.*` takes no feature: {why}"
            )
            .because(selected.group.name_span, "the group is declared here")
            .help("one that is named by itself is taken: `include g.f`")
        )

    def _excepted(self) -> dict[str, Span]:
        found: dict[str, Span] = {}
        for path in self.decl.excepts:
            selected = one_of(path, Kind.FEATURES, self.env, self.known)
            if selected is None:
                self.whole = False
            else:
                found[selected.features[0].name] = path.span
        return found

    def _check_excepted(self, excepted: dict[str, Span], taken: set[str]) -> None:
        for name, span in excepted.items():
            if name not in taken and self.whole:
                self.whole = False
                self.env.report(
                    catalog.CLAUSE_WITHOUT_EFFECT.at(
                        span, f"`except` has no effect: `{name}` is not included"
                    ).help("leave it out")
                )

    def _report_all_excepted(self) -> None:
        self.whole = False
        span = self.decl.excepts[0].span.to(self.decl.excepts[-1].span)
        message = f"the dataset `{self.decl.name.text}` has no features: all are excepted"
        found = catalog.MISSING_ITEM.at(span, message)
        self.env.report(found.help("leave one in"))

    # --- labels

    def _label(self, path: nodes.Name) -> DatasetColumn | None:
        if len(path.parts) > 1:
            selected = one_of(path, Kind.LABELS, self.env, self.known)
            return None if selected is None else self._of_group(selected, path)
        text = path.text
        groups = [s for s in self._label_groups(text) if self._is_own(s)]
        column = self.spine.columns.get(text) if self.spine.relation is not None else None
        if len(groups) + (column is not None) > 1:
            self._report_ambiguous(path, groups)
            return None
        if groups:
            selected = member_of(path, groups[0], self.env, self.known)
            return None if selected is None else self._of_group(selected, path)
        if column is None:
            self._report_no_label(path)
            return None
        return self._of_spine(path)

    def _label_groups(self, text: str) -> list[Symbol]:
        """Groups with a label, or family of labels, of that name."""
        found: list[Symbol] = []
        for symbol in self.env.scope.visible(self.decl.span.source, Kind.LABELS):
            members = self.known.members.get(symbol.full)
            if members is not None and (text in members.members or text in members.families):
                found.append(symbol)
        return found

    def _is_own(self, symbol: Symbol) -> bool:
        group = self.known.labels.get(symbol.full)
        return group is None or group.entity == self.entity.name

    def _of_group(self, selected: Selected, path: nodes.Name) -> DatasetColumn | None:
        if not self._of_entity(selected.group, path.span):
            return None
        (label,) = selected.features
        return DatasetColumn(name=label.short, feature=label.name, span=path.span)

    def _of_spine(self, path: nodes.Name) -> DatasetColumn | None:
        spine = self.spine.spine
        assert isinstance(spine, SpineRows)
        if path.text == spine.at or path.text in spine.keys:
            what = "as-of time" if path.text == spine.at else "key"
            self.env.report(
                catalog.WRONG_KIND.at(
                    path.span, f"`{path.text}` is the {what} of the spine, not a label"
                ).help("take another column of the spine, or a label of a group: `label g.x`")
            )
            return None
        return DatasetColumn(name=path.text, feature=None, span=path.span)

    def _report_ambiguous(self, path: nodes.Name, groups: list[Symbol]) -> None:
        text = path.text
        shown = [f"the label `{s.name}.{text}`" for s in groups]
        places = [self.env.scopes.label_place(s, text) for s in groups]
        column = self.spine.columns.get(text)
        if column is not None and self.spine.relation is not None:
            shown.append(f"the column `{self.spine.relation.short}.{text}`")
            places.append(column.span)
        found = catalog.AMBIGUOUS_NAME.at(path.span, f"`{text}` is {listed(shown, last='and')}")
        for place in places:
            found = found.because(place, "declared here")
        self.env.report(found.help("name the label with its group, or rename one of the two"))

    def _report_no_label(self, path: nodes.Name) -> None:
        relation = self.spine.relation
        hidden = None if relation is None else relation.columns.get(path.text)
        if hidden is not None and not hidden.pii:
            self.env.report(
                catalog.FEATURE_TYPE.at(
                    path.span,
                    f"the label `{path.text}` is a length of time, which has no unit in a table",
                )
                .because(hidden.span, f"{hidden.dtype} here")
                .help("divide it by its unit in the view: `(a - b) / 1d` is a number of days")
            )
            return
        if hidden is not None:
            self.env.report(
                catalog.PUBLISHES_PII.at(
                    path.span, f"the label `{path.text}` publishes personal data"
                )
                .because(hidden.span, "declared `pii` here")
                .help(
                    "take a column that is not `pii`, or hide it in a group of labels: "
                    f"`{path.text} is not null`, {HASHED}"
                )
            )
            return
        symbol = self.env.scope.symbol(path.text, path.span)
        if symbol is not None and symbol.kind is Kind.LABELS:
            one_of(path, Kind.LABELS, self.env, self.known)
            return
        elsewhere = [self.known.labels.get(s.full) for s in self._label_groups(path.text)]
        if elsewhere and elsewhere[0] is not None:
            self._of_entity(elsewhere[0], path.span)
            return
        groups = self.env.scope.visible(path.span.source, Kind.LABELS)
        if any(s.full in self.known.incomplete for s in groups):
            return  # it may be one that did not parse
        names = [*self.env.scope.labels]
        where = "no label"
        if relation is not None:
            names += relation.columns
            where = f"no label and no column of the spine `{relation.short}`"
        self.env.report(
            catalog.UNKNOWN_FEATURE.at(path.span, f"`{path.text}` is {where}").help(
                did_you_mean(path.text, names, what="labels and columns")
            )
        )
