"""What bare and qualified names mean: columns of rows, or nothing at all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from featdsl.diagnostics import catalog
from featdsl.diagnostics.suggest import did_you_mean
from featdsl.ir import expr as ir
from featdsl.semantics.environment import WORDS, Env, Place, error
from featdsl.semantics.relation import ColumnInfo, RelationInfo
from featdsl.semantics.scope import Kind, Symbol
from featdsl.syntax import nodes
from featdsl.text.span import Span
from featdsl.types.dtype import TIMESTAMP

AS_OF = "as_of"
_SHOWN = 4
"""Labels of a group that a message names."""
CLOCKS = frozenset({"now", "today", "current_date", "current_timestamp", "sysdate", "getdate"})


def as_of(span: Span, env: Env) -> ir.Expr:
    """``as_of``, where there is one."""
    if env.as_of:
        return ir.AsOf(dtype=TIMESTAMP, nullable=False, span=span)
    report_no_as_of(span, "`as_of`", env)
    return error(span)


def reserved(name: str, but: str) -> str:
    """A headline for a name that is `as_of` to engines, which compare names without case."""
    if name == AS_OF:
        return f"`{AS_OF}` is the as-of time, and {but}"
    return f"`{name}` is `{AS_OF}` to engines, the as-of time, and {but}"


def report_no_as_of(span: Span, what: str, env: Env) -> None:
    env.report(
        catalog.NO_AS_OF.at(
            span, f"{what} depends on the as-of time, and {WORDS[env.place]} is the same for all"
        ).help("use it in a feature, or in the `where` or an argument of an aggregate")
    )


def report_clock(span: Span, name: str, env: Env) -> None:
    """The wall clock is no part of a feature."""
    env.report(
        catalog.WALL_CLOCK.at(span, f"`{name}` reads the wall clock, and a value may not")
        .help("use `as_of`, the time that the value is for")
        .help("or a parameter, whose value is recorded with each run: `param d: date = today()`")
    )


def report_leak(name: str, span: Span, place: Span | None, env: Env) -> None:
    """A label stands where features and their rows are made."""
    env.report(
        catalog.LABEL_LEAK.at(
            span, f"`{name}` is a label, which is not known at the as-of time: this is leakage"
        )
        .because(place, "the label is declared here")
        .help("a data set puts labels beside features: `label " + name + "`")
    )


def report_leaks(group: Symbol, labels: Iterable[str], span: Span, env: Env) -> None:
    """Labels, all of a group or a family of them, stand where features are made."""
    shown = [f"{group.name}.{label}" for label in labels] or [f"{group.name}.x"]
    more = ", …" if len(shown) > _SHOWN else ""
    env.report(
        catalog.LABEL_LEAK.at(
            span,
            f"`{group.name}` is a group of labels, "
            "which are not known at the as-of time: this is leakage",
        )
        .because(group.span, "the group is declared here")
        .help(f"a data set puts labels beside features: `label {', '.join(shown[:_SHOWN])}{more}`")
    )


def report_label_reads_feature(name: str, span: Span, place: Span, env: Env) -> None:
    env.report(
        catalog.LABEL_READS_FEATURE.at(span, f"a label reads no features, and `{name}` is one")
        .because(place, "declared here")
        .help("a label may use its rows and other labels of its group")
    )


@dataclass(frozen=True, slots=True)
class NoNames:
    """Constants know no names but those of other constants."""

    def resolve(self, name: nodes.Name, env: Env) -> ir.Expr:
        if name.text in CLOCKS:
            report_clock(name.span, name.text, env)
            return error(name.span)
        symbol = env.scope.dollar(name.text, name.span)
        if symbol is not None:
            symbol.used = True
        found = catalog.NOT_CONSTANT.at(
            name.span, f"`{name.text}` is no constant", "a value is known only in a run"
        )
        env.report(found.help(f"did you mean `${name.text}`?" if symbol is not None else None))
        return error(name.span)


@dataclass(frozen=True, slots=True)
class RowNames:
    """Columns of one relation's rows; ``p.x`` is a column of the join `p`."""

    relation: RelationInfo
    features: frozenset[str] = frozenset()

    def resolve(self, name: nodes.Name, env: Env) -> ir.Expr:
        parts = [p.text for p in name.parts]
        if len(parts) == 1:
            return self._bare(parts[0], name, env)
        if len(parts) == 2 and parts[0] in self.relation.joined:
            return self._joined(parts[0], parts[1], name, env)
        return self._unknown_qualifier(name, env)

    def _bare(self, text: str, name: nodes.Name, env: Env) -> ir.Expr:
        info = self.relation.columns.get(text)
        if info is not None:
            return column(info, None, name.span, env)
        if text == AS_OF:
            return as_of(name.span, env)
        if text in CLOCKS:
            report_clock(name.span, text, env)
        elif not self.relation.open:
            self._unknown_column(text, name, env)
        return error(name.span)

    def _unknown_column(self, text: str, name: nodes.Name, env: Env) -> None:
        relation = self.relation
        n = len(relation.columns)
        if text in env.scope.labels and text not in self.features:
            report_leak(text, name.span, env.scope.labels[text], env)
            return
        found = catalog.UNKNOWN_COLUMN.at(
            name.span, f"`{relation.short}` has no column `{text}`"
        ).because(relation.span, f"`{relation.short}` has {n} column{'s' * (n != 1)}")
        if text in self.features:
            word = "label" if env.labels else "feature"
            found = found.note(
                f"`{text}` is a {word} of this group; inside an aggregate names are columns"
            )
        elif (dollar := env.scope.dollar(text, name.span)) is not None:
            found = found.help(f"did you mean `${text}`?")
            dollar.used = True
        elif text in getattr(env.dollars, "loops", ()):
            found = found.help(f"did you mean `${text}`?")
        else:
            owners = [a for a, columns in relation.joined.items() if text in columns]
            qualified = [f"{a}.{text}" for a in owners]
            found = found.help(
                f"did you mean `{qualified[0]}`?"
                if qualified
                else did_you_mean(text, relation.columns, what="columns")
            )
        env.report(found)

    def _joined(self, alias: str, text: str, name: nodes.Name, env: Env) -> ir.Expr:
        columns = self.relation.joined[alias]
        info = columns.get(text)
        if info is not None:
            return column(info, alias, name.span, env)
        if alias not in self.relation.open_aliases:
            env.report(
                catalog.UNKNOWN_COLUMN.at(name.span, f"`{alias}` has no column `{text}`").help(
                    did_you_mean(text, columns, what="columns")
                )
            )
        return error(name.span)

    def _unknown_qualifier(self, name: nodes.Name, env: Env) -> ir.Expr:
        first = name.parts[0].text
        symbol = env.scope.symbol(first, name.span)
        if symbol is not None and (symbol.poisoned or symbol.kind.value.startswith("group")):
            report_other_group(name, symbol, env)
            return error(name.span)
        if not (self.relation.open and not self.relation.joined):
            report_unknown_qualifier(name, self.relation.joined, self.relation, env)
        return error(name.span)


def report_other_group(name: nodes.Name, symbol: Symbol, env: Env) -> None:
    """``g.x``: a feature or label of another group."""
    symbol.used = True
    if symbol.poisoned:
        return
    if symbol.kind is Kind.FEATURES and env.labels:
        report_label_reads_feature(name.text, name.span, symbol.span, env)
    elif symbol.kind is Kind.LABELS and not env.labels:
        place = env.scopes.label_place(symbol, name.parts[-1].text)
        report_leak(name.text, name.span, place, env)
    else:
        word = "label" if symbol.kind is Kind.LABELS else "feature"
        env.report.unsupported(name.span, f"`{name.text}`: a {word} of another group")


def report_unknown_qualifier(
    name: nodes.Name, aliases: Iterable[str], relation: RelationInfo, env: Env
) -> None:
    first, last = name.parts[0], name.parts[-1].text
    found = catalog.UNKNOWN_ALIAS.at(first.span, f"`{relation.short}` has no join `{first.text}`")
    own = last if first.text == relation.short and last in relation.columns else None
    env.report(
        found.help(
            f"the columns of `{relation.short}` are written bare: `{own}`"
            if own
            else did_you_mean(first.text, aliases, what="joins")
        )
    )


def called(value: ir.Expr) -> str:
    """A value as the subject of a sentence: its name, where it has one."""
    match value:
        case ir.Column(qualifier=None):
            return f"`{value.name}`"
        case ir.Column():
            return f"`{value.qualifier}.{value.name}`"
        case ir.InputRef():
            return f"`{value.input.rpartition('.')[2]}.{value.column}`"
        case ir.FeatureRef():
            return f"`{value.feature.rpartition('.')[2]}`"
    return "this"


def declared(value: ir.Expr, env: Env) -> Span | None:
    """Where the column that a value is was declared."""
    if not isinstance(value, ir.Column) or not isinstance(env.names, RowNames):
        return None
    relation = env.names.relation
    columns = relation.columns
    if value.qualifier is not None:
        columns = relation.joined.get(value.qualifier, {})
    return columns[value.name].span if value.name in columns else None


def column(info: ColumnInfo, qualifier: str | None, span: Span, env: Env) -> ir.Expr:
    """A reference to a column that may be read here."""
    if info.unreadable is not None and env.place is not Place.SOURCE:
        env.report(
            catalog.VALIDITY_END.at(span, f"`{info.name}` cannot be read: {info.unreadable}")
            .because(info.span, "declared here")
            .help("what holds at the as-of time is read without it; its start can be read")
        )
        return error(span)
    return ir.Column(
        dtype=info.dtype,
        nullable=info.nullable or qualifier is not None,
        span=span,
        name=info.name,
        qualifier=qualifier,
    )
