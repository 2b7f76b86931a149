"""From reductions to nodes: what the bodies of declarations hold."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple, TypeAlias

from lark import Token

from featdsl.diagnostics import catalog
from featdsl.diagnostics.suggest import nearest
from featdsl.syntax import nodes as n
from featdsl.syntax.build import Children, Clause, has, plain, tokens
from featdsl.syntax.build_expr import ExpressionBuilder, compare_op
from featdsl.syntax.words import ATTRIBUTES, FEATURE_CLAUSES
from featdsl.text.span import Span

Fields: TypeAlias = dict[str, Any]


class PrivateFlag(NamedTuple):
    span: Span


# The field that collects items of a class.
_MANY: dict[type, str] = {
    n.Attribute: "attributes",
    n.AllowAttr: "allows",
    n.ExpectDecl: "expects",
    n.EntityRole: "roles",
    n.DropItem: "drops",
    n.JoinItem: "joins",
    n.LetItem: "lets",
    n.WhereItem: "wheres",
    n.FeatureDecl: "items",
    n.ForDecl: "items",
    n.ApplyDecl: "items",
    n.KeyColumn: "keys",
    n.ColumnDecl: "columns",
    n.GivenItem: "givens",
    n.ThenItem: "thens",
    n.ParamSetting: "settings",
}
# The field of an item that may stand once, and the word that people know it by.
_ONE: dict[type, tuple[str, str]] = {
    n.Origin: ("origin", "from"),
    n.KeyItem: ("key", "key"),
    n.TimeItem: ("time", "time"),
    n.SnapshotItem: ("snapshot", "snapshot"),
    n.ValidItem: ("valid", "valid"),
    n.KeepItem: ("keep", "keep"),
    n.AtItem: ("at", "at"),
    n.StatusItem: ("status", "status"),
    n.SplitItem: ("split", "split"),
    n.SpineRows: ("spine", "spine"),
    n.SpineGrid: ("spine", "spine"),
}


class BodyBuilder(ExpressionBuilder):
    # --- what bodies hold

    def collect(self, items: Iterable[Any], owner: str) -> Fields:
        """A body's items as the fields of its declaration."""
        many: dict[str, list[Any]] = {}
        one: dict[str, Clause] = {}
        private = False
        for item in items:
            match item:
                case PrivateFlag():
                    private = True
                case Clause(word):
                    self._keep_one(one, word, item, owner)
                case _ if type(item) in _ONE:
                    field, word = _ONE[type(item)]
                    self._keep_one(one, field, Clause(word, item, item.span), owner)
                case tuple():
                    many.setdefault(item[0], []).extend(item[1])
                case _:
                    many.setdefault(_MANY[type(item)], []).append(item)
        fields: Fields = {field: tuple(values) for field, values in many.items()}
        fields |= {field: clause.value for field, clause in one.items()}
        return fields | {"private": True} if private else fields

    def _keep_one(self, one: dict[str, Clause], field: str, item: Clause, owner: str) -> None:
        if field in one:
            self.repeated(item.word, item.span, one[field].span, owner)
        else:
            one[field] = item

    def body(self, c: Children, owner: str) -> Fields:
        """Fields of the items between the outermost braces of a declaration."""
        opening = next(i for i, x in enumerate(c) if type(x) is Token and x.type == "LBRACE")
        return self.collect(plain(c[opening:]), owner)

    def block(self, c: Children) -> Clause:
        return Clause("block", self.collect(plain(c), "one block"), self.span(c))

    notes = block

    def attribute(self, c: Children) -> n.Attribute:
        self._check_clause_word(c[0])
        return n.Attribute(span=self.span(c), name=self.ident(c[0]), value=c[1])

    def _check_clause_word(self, token: Token) -> None:
        """``sum(a) ovre 30d`` has the form of an attribute behind a feature."""
        word = str(token)
        span = self.token_span(token)
        if word in ATTRIBUTES or self.begins_line(span.start):
            return
        before = self.file_text[: span.start].rstrip()[-1:]
        meant = nearest(word, FEATURE_CLAUSES) if before not in "{" else None
        if meant is not None:
            self.report(
                catalog.SYNTAX.at(span, f"unexpected `{word}`").help(f"did you mean `{meant}`?")
            )

    def attribute_list(self, c: Children) -> n.ListExpr:
        return n.ListExpr(span=self.span(c), items=tuple(plain(c)))

    def was(self, c: Children) -> n.Attribute:
        old: n.Name = c[1]
        name = n.Ident(span=self.token_span(c[0]), text="was")
        return n.Attribute(span=self.span(c), name=name, value=n.Word(span=old.span, text=old.text))

    def allow(self, c: Children) -> n.AllowAttr:
        because = self.text(c[3]) if len(c) > 2 else None
        return n.AllowAttr(span=self.span(c), slug=self.text(c[1]), because=because)

    def private(self, c: Children) -> PrivateFlag:
        return PrivateFlag(self.span(c))

    def expect(self, c: Children) -> n.ExpectDecl:
        percents = tokens(c, "PERCENT")
        return n.ExpectDecl(
            span=self.span(c),
            condition=c[1],
            allow=self.percent(percents).value if percents else None,
            warn=has(c, "WARN"),
        )

    def changes(self, c: Children) -> n.Changes:
        return n.Changes(span=self.span(c), value=c[0], op=compare_op(c[2]), bound=c[3])

    def declared(self, c: Children) -> n.Ident:
        return self.given_name(c[0])

    def head(self, c: Children) -> Fields:
        span = self.span(c)
        return {"span": span, "doc": self.doc(span)}
