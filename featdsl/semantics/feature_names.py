"""What names mean in a feature, outside aggregates: features of the group, or a bare column."""

from __future__ import annotations

from dataclasses import dataclass, field

from featdsl.aggregates.registry import aggregates
from featdsl.diagnostics import catalog
from featdsl.diagnostics.suggest import did_you_mean
from featdsl.ir import expr as ir
from featdsl.ir.program import Entity, Role
from featdsl.semantics.environment import Env, error
from featdsl.semantics.members import GroupDecl, Member, Members
from featdsl.semantics.names import (
    AS_OF,
    CLOCKS,
    as_of,
    column,
    report_clock,
    report_label_reads_feature,
    report_leak,
    report_other_group,
    report_unknown_qualifier,
)
from featdsl.semantics.pii import BARE
from featdsl.semantics.relation import ColumnInfo, RelationInfo
from featdsl.semantics.scope import Kind, Symbol, may_see, report_private
from featdsl.syntax import nodes
from featdsl.text.span import Span
from featdsl.types.dtype import DType


@dataclass(frozen=True, slots=True)
class Value:
    """What is known of a feature that is resolved."""

    full: str
    dtype: DType
    nullable: bool
    request: tuple[int, int] | None = None
    """Where it rests on an input, its nodes with those of such features, and their depth."""


@dataclass(slots=True)
class GroupNames:
    """Names of one group; ``values`` fills in dependency order, None for a reported one."""

    group: str
    full: str
    decl: GroupDecl
    relation: RelationInfo
    role: Role | None
    entity: Entity | None
    members: Members
    values: dict[str, Value | None] = field(default_factory=dict)

    @property
    def labels(self) -> bool:
        return isinstance(self.decl, nodes.LabelsDecl)

    @property
    def keys(self) -> tuple[str, ...]:
        """Names of the entity's keys; none where the entity was reported."""
        return tuple(self.key_types)

    @property
    def key_types(self) -> dict[str, DType]:
        return {} if self.entity is None else {k.name: k.dtype for k in self.entity.keys}

    @property
    def columns(self) -> dict[str, DType | None]:
        """What the output has: keys, then members; those that were reported have no type."""
        values = ((name, self.values.get(name)) for name in self.members.members)
        return {**self.key_types, **{n: None if v is None else v.dtype for n, v in values}}

    @property
    def word(self) -> str:
        """What the group holds: one of its members."""
        return "label" if self.labels else "feature"

    @property
    def bare_columns(self) -> bool:
        """Whether a key has at most one row, so that a column is a value."""
        return self.role is not None and self.relation.one_row_for(self.role.columns)

    def broken(self, name: str) -> bool:
        """Whether a name may belong to what did not parse."""
        return self.members.open or any(b.covers(name) for b in self.decl.broken)


def reference(text: str, member: Member | None, names: GroupNames) -> str | None:
    """The member that a bare name means in a member's definition; None where it is no feature."""
    own = member is not None and text in (member.name, member.family)
    if own and (text in names.relation.columns or names.relation.open):
        return None
    if text in names.members.members:
        return text
    family = names.members.families.get(text)
    if family is None or member is None or member.window is None:
        return None
    return family.get(member.window)


@dataclass(frozen=True, slots=True)
class FeatureNames:
    """Names in the definition of `member`, or (without) in the group's expectations."""

    names: GroupNames
    member: Member | None
    used: set[str]
    output: bool = False
    peers: bool = False

    def resolve(self, name: nodes.Name, env: Env) -> ir.Expr:
        parts = [p.text for p in name.parts]
        if len(parts) == 1:
            return self.bare(parts[0], name.span, env)
        if len(parts) == 2:
            return self.qualified(parts[0], parts[1], name, env)
        return self._elsewhere(name, env)

    def bare(self, text: str, span: Span, env: Env) -> ir.Expr:
        """A name without qualifier."""
        names = self.names
        member = self._own(text) if self.output else reference(text, self.member, names)
        info = names.relation.columns.get(text)
        if member is not None:
            own = self.member is not None and text in (self.member.name, self.member.family)
            if info is not None and names.bare_columns and not own and not self.output:
                return self._ambiguous(text, info, member, span, env)
            if text not in names.members.members:
                self.used.add("family")
            return self._feature(member, span, env)
        if text in names.members.families:
            return self._family(text, span, env)
        if info is not None and self.peers:
            return self._no_feature(f"`{text}`", info, span, env)
        if info is not None and not self.output:
            return self._column(info, None, span, env)
        return self._unknown(text, span, env)

    def _no_feature(self, written: str, info: ColumnInfo, span: Span, env: Env) -> ir.Expr:
        """Among peers, a column: of each peer there are features."""
        bare = self.names.bare_columns
        made = info.name if bare else f"{_aggregate_of(info)}({info.name})"
        env.report(
            catalog.NOT_A_FEATURE.at(
                span, f"{written} is a column, and peers are compared by features"
            )
            .because(info.span, "declared here")
            .help(f"make a feature of it: `{info.name} = {made}`, and name that in another")
        )
        return error(span)

    def _own(self, text: str) -> str | None:
        """In a feature's own `expect`, its declared name is the member that is checked."""
        if self.member is not None and text in (self.member.name, self.member.family):
            return self.member.name
        return reference(text, self.member, self.names)

    def _feature(self, name: str, span: Span, env: Env) -> ir.Expr:
        value = self.names.values.get(name)
        if value is None:
            return error(span)
        return ir.FeatureRef(
            dtype=value.dtype, nullable=value.nullable, span=span, feature=value.full
        )

    def _ambiguous(self, text: str, info: ColumnInfo, member: str, span: Span, env: Env) -> ir.Expr:
        names = self.names
        env.report(
            catalog.AMBIGUOUS_NAME.at(
                span,
                f"`{text}` is the {names.word} `{names.full}.{member}` "
                f"and the column `{info.owner}.{text}`",
            )
            .because(names.members.members[member].decl.name.span, f"the {names.word}")
            .because(info.span, "the column")
            .help(f"give the {names.word} a name of its own")
        )
        return error(span)

    def _family(self, text: str, span: Span, env: Env) -> ir.Expr:
        members = self.names.members.families[text]
        listed = ", ".join(f"`{m}`" for m in members.values())
        found = catalog.FAMILY_MEMBER.at(
            span,
            f"`{text}` is a family of {len(members)} {self.names.word}s, and one is needed here",
        ).help(f"its members are {listed}")
        if self.member is not None and self.member.window is not None:
            found = found.note(f"`{text}` has no member of the window `{self.member.window}`")
        env.report(found)
        return error(span)

    def _column(self, info: ColumnInfo, alias: str | None, span: Span, env: Env) -> ir.Expr:
        """A bare column: the value of the one row that a key has."""
        names = self.names
        value = column(info, alias, span, env)
        if value.dtype.is_error:
            return value
        if not names.bare_columns:
            written = info.name if alias is None else f"{alias}.{info.name}"
            example = _aggregate_of(info)
            columns = () if names.role is None else names.role.columns
            keys = " and ".join(columns) or "as-of time"
            env.report(
                catalog.COLUMN_OUTSIDE_AGGREGATE.at(
                    span,
                    f"`{written}` is a column of `{names.relation.short}`, "
                    f"which has many rows for each {keys}",
                )
                .because(info.span, "declared here")
                .help(
                    f"`{info.name}` is a key, and stands beside the features already"
                    if written in columns
                    else f"an aggregate makes one value of them: `{example}({written})`"
                )
            )
            return error(span)
        at = env.aggregates
        assert at is not None, "features can hold aggregates"
        self.used.add("where")
        return ir.Aggregate(
            dtype=info.dtype,
            nullable=True,
            span=span,
            aggregate=BARE,
            args=(value,),
            where=at.where,
            window=None,
        )

    def _unknown(self, text: str, span: Span, env: Env) -> ir.Expr:
        names = self.names
        if text == AS_OF and not self.output:
            return as_of(span, env)
        if text in CLOCKS:
            report_clock(span, text, env)
            return error(span)
        if self.output and text in names.keys:
            return ir.Column(dtype=names.key_types[text], nullable=False, span=span, name=text)
        if names.broken(text) or (names.relation.open and not self.output):
            return error(span)
        if text in env.scope.labels and not self.output and not env.labels:
            report_leak(text, span, env.scope.labels[text], env)
            return error(span)
        known = [n for n in names.members.members if self.member is None or n != self.member.name]
        if names.bare_columns and not self.output:
            known += names.relation.columns
        found = catalog.UNKNOWN_FEATURE.at(
            span, f"there is no {names.word} `{text}` in group `{names.group}`"
        )
        if text in names.relation.columns:
            found = found.note(f"`{text}` is a column, and this checks the group's {names.word}s")
        if env.scope.dollar(text, span) is not None:
            env.report(found.help(f"did you mean `${text}`?"))
        elif text in aggregates() and not self.output:
            env.report(found.help(f"`{text}` is an aggregate, and has parentheses: `{text}(…)`"))
        else:
            elsewhere = [
                f"{other.group}.{text}"
                for other in env.groups.values()
                if text in other.members.members and other.labels == names.labels
            ]
            env.report(
                found.help(
                    f"another group has one: `{elsewhere[0]}`"
                    if elsewhere
                    else did_you_mean(text, known, what=f"{names.word}s")
                )
            )
        return error(span)

    def qualified(self, first: str, last: str, name: nodes.Name, env: Env) -> ir.Expr:
        """``p.x`` of a join, or ``g.f`` of this group."""
        names = self.names
        if first in names.relation.joined and not self.output:
            info = names.relation.joined[first].get(last)
            if info is not None and self.peers:
                return self._no_feature(f"`{first}.{last}`", info, name.span, env)
            if info is not None:
                return self._column(info, first, name.span, env)
            if first not in names.relation.open_aliases:
                env.report(
                    catalog.UNKNOWN_COLUMN.at(name.span, f"`{first}` has no column `{last}`").help(
                        did_you_mean(last, names.relation.joined[first], what="columns")
                    )
                )
            return error(name.span)
        if first == names.group:
            return self.bare(last, name.span, env)
        return self._elsewhere(name, env)

    def _elsewhere(self, name: nodes.Name, env: Env) -> ir.Expr:
        symbol = env.scopes.seek(name.parts[:-1], env.scope)
        if symbol is not None and symbol.kind in (Kind.FEATURES, Kind.LABELS):
            symbol.used = True
            if not self.output:
                return other_group(name, symbol, self.names, env)
            report_other_group(name, symbol, env)
            return error(name.span)
        symbol = env.scope.symbol(name.parts[0].text, name.span)
        if symbol is not None:
            symbol.used = True
            if symbol.kind in (Kind.FEATURES, Kind.LABELS):
                report_other_group(name, symbol, env)
            elif not symbol.poisoned and symbol.kind is not Kind.IMPORTED:
                report_unknown_qualifier(name, self.names.relation.joined, self.names.relation, env)
        elif not self.names.relation.open:
            report_unknown_qualifier(name, self.names.relation.joined, self.names.relation, env)
        return error(name.span)


def other_group(name: nodes.Name, symbol: Symbol, names: GroupNames, env: Env) -> ir.Expr:
    """``g.f``: a feature, or of a label a label, of another group of the same entity."""
    found = member_of(name, symbol, env)
    if found is None:
        return error(name.span)
    other, value = found
    if other.entity != names.entity and other.entity is not None and names.entity is not None:
        key = ", ".join(other.keys)
        env.report(
            catalog.WITHOUT_VIA.at(
                name.span,
                f"`{name.text}` is of the entity `{other.entity.short}`, "
                f"and `{names.group}` of `{names.entity.short}`",
            )
            .because(other.decl.name.span, "declared here")
            .help(
                f"say of which {other.entity.short}: `{name.text} via x`, where `x` is a feature "
                f"that holds its {key}"
                if other.keys
                else f"make it a feature of `{names.entity.short}`"
            )
        )
        return error(name.span)
    return ir.FeatureRef(
        dtype=value.dtype, nullable=value.nullable, span=name.span, feature=value.full, foreign=True
    )


def in_family(
    text: str, member: Member | None, other: GroupNames, used: set[str] | None = None
) -> str:
    """In a family, a family of another group stands for its member of the same window."""
    family = other.members.families.get(text)
    if member is None or member.window is None or family is None:
        return text
    if used is not None and member.window in family:
        used.add("family")
    return family.get(member.window, text)


def member_of(name: nodes.Name, symbol: Symbol, env: Env) -> tuple[GroupNames, Value] | None:
    """The group, and what is known of its feature ``g.f``; None where it was reported."""
    if symbol.poisoned or not may_see(symbol, name.span, env.scope, env.report):
        return None
    if symbol.kind is Kind.FEATURES and env.labels:
        report_label_reads_feature(name.text, name.span, symbol.span, env)
        return None
    if symbol.kind is Kind.LABELS and not env.labels:
        place = env.scopes.label_place(symbol, name.parts[-1].text)
        report_leak(name.text, name.span, place, env)
        return None
    other, text = env.groups.get(symbol.full), name.parts[-1].text
    if other is None:
        return None
    if isinstance(env.names, FeatureNames):
        text = in_family(text, env.names.member, other, env.names.used)
    if text in other.values:
        decl, value = other.members.members[text].decl, other.values[text]
        if decl.private and symbol.namespace != env.scope.namespace:
            what = f"the {other.word} `{name.text}`"
            report_private(what, symbol.namespace, decl.name.span, name.span, env.report)
            return None
        return None if value is None else (other, value)
    if text in other.members.families:
        listed = ", ".join(f"`{other.group}.{m}`" for m in other.members.families[text].values())
        env.report(
            catalog.FAMILY_MEMBER.at(
                name.span, f"`{name.text}` is a family of {other.word}s, and one is needed here"
            ).help(f"its members are {listed}")
        )
    elif not other.broken(text) and text not in other.members.members:
        env.report(
            catalog.UNKNOWN_FEATURE.at(
                name.span, f"there is no {other.word} `{text}` in group `{other.group}`"
            )
            .because(other.decl.name.span, "declared here")
            .help(did_you_mean(text, other.members.members, what=f"{other.word}s"))
        )
    return None


def _aggregate_of(info: ColumnInfo) -> str:
    """An aggregate that takes the column, for an example."""
    return "sum" if info.dtype.is_numeric else "last"
