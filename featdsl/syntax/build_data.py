"""From reductions to nodes: entities, sources, views and request inputs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lark import Token

from featdsl.syntax import nodes as n
from featdsl.syntax.build import Children, Clause, has, plain, tokens
from featdsl.syntax.build_body import BodyBuilder


class DataBuilder(BodyBuilder):
    # --- entities, sources, views

    def entity(self, c: Children) -> n.EntityDecl:
        return n.EntityDecl(**self.head(c), name=c[1], **self.body(c, "one entity"))

    def key_column(self, c: Children) -> n.KeyColumn:
        return n.KeyColumn(span=self.span(c), name=self.ident(c[1]), type=c[3])

    def population(self, c: Children) -> Clause:
        return Clause("population", c[1], self.span(c))

    def source(self, c: Children) -> n.SourceDecl:
        return n.SourceDecl(**self.head(c), name=c[1], **self.body(c, "one source"))

    def origin(self, c: Children) -> n.Origin:
        argument = c[2]
        if type(argument) is Token:
            plain_text = argument.type == "STRING"
            argument = self.text(argument) if plain_text else self.param_ref([argument])
        return n.Origin(
            span=self.span(c),
            kind=self.ident(c[1]),
            argument=argument,
            options=c[3] if len(c) > 3 else (),
        )

    def env(self, c: Children) -> n.Call:
        func, text = self.ident(c[0]), self.text(c[2])
        return n.Call(
            span=self.span(c),
            func=n.Name(span=func.span, parts=(func,)),
            args=(n.Arg(span=text.span, value=text),),
        )

    def options(self, c: Children) -> tuple[n.Option, ...]:
        return tuple(plain(c))

    def option(self, c: Children) -> n.Option:
        value = self.param_ref([c[2]]) if type(c[2]) is Token else c[2]
        return n.Option(span=self.span(c), name=self.ident(c[0]), value=value)

    def source_key(self, c: Children) -> n.KeyItem:
        return n.KeyItem(span=self.span(c), columns=c[1])

    def time(self, c: Children) -> n.TimeItem:
        rest = plain(c)
        return n.TimeItem(
            span=self.span(c),
            column=self.ident(c[1]),
            then=next((x.value for x in rest if type(x) is Clause), ()),
            available=_available(rest),
        )

    def time_then(self, c: Children) -> Clause:
        return Clause("then", c[1], self.span(c))

    def snapshot(self, c: Children) -> n.SnapshotItem:
        return n.SnapshotItem(
            span=self.span(c), column=self.ident(c[1]), available=_available(plain(c))
        )

    def valid(self, c: Children) -> n.ValidItem:
        return n.ValidItem(
            span=self.span(c),
            start=self.ident(c[1]),
            end=self.ident(c[3]),
            available=_available(plain(c)),
        )

    def available(self, c: Children) -> n.Available:
        if c[1].type == "AFTER":
            return n.Available(span=self.span(c), after=self.length(c[2]))
        return n.Available(span=self.span(c), column=self.ident(c[1]))

    def role(self, c: Children) -> n.EntityRole:
        columns = c[3] if len(c) > 2 else ()
        return n.EntityRole(span=self.span(c), entity=c[1], columns=columns)

    def columns(self, c: Children) -> Clause:
        return Clause("columns", tuple(plain(c)), self.span(c))

    def column(self, c: Children) -> n.ColumnDecl:
        texts = tokens(c, "STRING")
        return n.ColumnDecl(
            span=self.span(c),
            name=self.ident(c[0]),
            type=c[2],
            required=has(c, "REQUIRED"),
            pii=has(c, "PII"),
            description=self.text(texts[0]).value if texts else None,
        )

    def drop(self, c: Children) -> n.DropItem:
        because = self.text(c[4]) if len(c) > 3 else None
        return n.DropItem(span=self.span(c), condition=c[2], because=because)

    def keep(self, c: Children) -> n.KeepItem:
        per, by, *removed = plain(c)
        return n.KeepItem(
            span=self.span(c),
            which=str(c[1]),
            per=per,
            by=by,
            removed_when=removed[0] if removed else None,
        )

    def view(self, c: Children) -> n.ViewDecl:
        opening = next(i for i, x in enumerate(c) if type(x) is Token and x.type == "LBRACE")
        return n.ViewDecl(
            **self.head(c),
            name=c[1],
            sources=tuple(plain(c[2:opening])),
            **self.body(c, "one view"),
        )

    def join(self, c: Children) -> n.JoinItem:
        target, on = plain(c)
        aliases = tokens(c, "NAME")
        return n.JoinItem(
            span=self.span(c),
            target=target,
            alias=self.given_name(aliases[0]) if aliases else None,
            on=on,
            many=has(c, "MANY"),
        )

    def let(self, c: Children) -> n.LetItem:
        span = self.span(c)
        return n.LetItem(
            span=span,
            doc=self.doc(span),
            name=c[1],
            type=c[3] if c[2].type == "COLON" else None,
            value=c[-1],
        )

    def view_where(self, c: Children) -> n.WhereItem:
        return n.WhereItem(span=self.span(c), condition=c[1])

    def input(self, c: Children) -> n.InputDecl:
        return n.InputDecl(**self.head(c), name=c[1], **self.body(c, "one input"))


def _available(rest: Iterable[Any]) -> n.Available | None:
    return next((x for x in rest if isinstance(x, n.Available)), None)
