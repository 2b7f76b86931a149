"""From reductions to nodes: the declarations of ``grammar/feat.lark``, one method a rule."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lark import Token

from featdsl.diagnostics import catalog
from featdsl.diagnostics.model import Diagnostic
from featdsl.syntax import literals
from featdsl.syntax import nodes as n
from featdsl.syntax.build import Children, Clause, has, plain, tokens
from featdsl.syntax.build_body import Fields
from featdsl.syntax.build_data import DataBuilder
from featdsl.syntax.tables import read_table
from featdsl.text.span import Span


class DeclarationBuilder(DataBuilder):
    def start(self, c: Children) -> n.Module:
        spaces = [x for x in c if isinstance(x, n.NamespaceDecl)]
        self.found += second_namespaces(spaces)
        return n.Module(
            span=self.span(c) if c else Span(self.file, 0, 0),
            namespace=spaces[0] if spaces else None,
            uses=tuple(x for x in c if isinstance(x, n.UseDecl)),
            decls=tuple(x for x in c if not isinstance(x, n.NamespaceDecl | n.UseDecl)),
        )

    # --- a project's names and values

    def namespace(self, c: Children) -> n.NamespaceDecl:
        span = self.span(c)
        return n.NamespaceDecl(span=span, doc=self.doc(span), path=c[1])

    def use(self, c: Children) -> n.UseDecl:
        span = self.span(c)
        names = tuple(self.ident(t) for t in tokens(c, "NAME"))
        return n.UseDecl(span=span, doc=self.doc(span), path=c[1], names=names)

    def const(self, c: Children) -> n.ConstDecl:
        return n.ConstDecl(**self.head(c), name=c[1], value=c[3], **_block(c))

    def param(self, c: Children) -> n.ParamDecl:
        name, type_, *default = [x for x in plain(c) if type(x) is not Clause]
        return n.ParamDecl(
            **self.head(c),
            name=name,
            type=type_,
            default=default[0] if default else None,
            secret=has(c, "SECRET"),
            **_block(c),
        )

    def fn(self, c: Children) -> n.FnDecl:
        name, *rest, value = [x for x in plain(c) if type(x) is not Clause]
        returns = [x for x in rest if isinstance(x, n.TypeExpr)]
        return n.FnDecl(
            **self.head(c),
            name=name,
            params=tuple(x for x in rest if isinstance(x, n.TypedName)),
            returns=returns[0] if returns else None,
            value=value,
            **_block(c),
        )

    def typed_name(self, c: Children) -> n.TypedName:
        type_ = c[2] if len(c) > 1 else None
        return n.TypedName(span=self.span(c), name=self.given_name(c[0]), type=type_)

    # --- features

    def features(self, c: Children) -> n.FeaturesDecl:
        return n.FeaturesDecl(**self._group(c, "one group"))

    def labels(self, c: Children) -> n.LabelsDecl:
        return n.LabelsDecl(**self._group(c, "one group of labels"))

    def _group(self, c: Children, owner: str) -> Fields:
        opening = next(i for i, x in enumerate(c) if type(x) is Token and x.type == "LBRACE")
        name, entity, *rest = plain(c[:opening])
        clauses = [x for x in rest if type(x) is Clause]
        sources = [x for x in rest if isinstance(x, n.Name)]
        return {
            **self.head(c),
            "name": name,
            "entity": entity,
            "source": sources[0] if sources else None,
            **self.once(clauses, owner),
            **self.body(c, owner),
        }

    def role_columns(self, c: Children) -> Clause:
        return Clause("role", c[1], self.span(c))

    def group_aligned(self, c: Children) -> Clause:
        return Clause("aligned", self.length(c[1]), self.span(c))

    def feature(self, c: Children) -> n.FeatureDecl:
        span = self.span(c)
        private = c[0].type == "PRIVATE_PREFIX"
        named = c[1] if private else c[0]
        rest = plain(c)
        clauses = [x for x in rest if type(x) is Clause]
        value = next(x for x in rest if type(x) is not Clause)
        self._check_next_line(span)
        fields = self.once(clauses, "one feature")
        block: Fields = fields.pop("block", {})
        return n.FeatureDecl(
            span=span,
            doc=self.doc(span),
            name=self._feature_name(named),
            value=value,
            **{"private": private, **fields, **block},
        )

    def _check_next_line(self, feature: Span) -> None:
        """``x = a +`` and in the next line ``y = b``: together one comparison, but never meant."""
        equalities, self.equalities = self.equalities, []
        for name in equalities:
            if (
                feature.start < name.span.start < feature.end
                and self.begins_line(name.span.start)
                and self.indent(name.span.start) <= self.indent(feature.start)
            ):
                end = len(self.file_text[: name.span.start].rstrip())
                last = Span(self.file, end - 1, end)
                self.report(
                    catalog.SYNTAX.at(last, f"a value is missing before `{name.text} = ...`")
                    .because(name.span, "read as the same expression")
                    .help("where a comparison is meant, begin its line further to the right")
                )

    def _feature_name(self, token: Token) -> n.Ident | n.Pattern:
        if token.type == "NAME":
            return self.given_name(token)
        return n.Pattern(span=self.token_span(token), parts=self.pattern_parts(token))

    def feature_type(self, c: Children) -> Clause:
        return Clause("type", c[1], self.span(c))

    def windows(self, c: Children) -> Clause:
        return Clause("windows", tuple(plain(c)), self.span(c))

    def for_each(self, c: Children) -> n.ForDecl:
        return n.ForDecl(
            span=self.span(c),
            variable=self.given_name(c[1]),
            values=c[3],
            **self.body(c, "one `for`"),
        )

    def apply(self, c: Children) -> n.ApplyDecl:
        template, *args = plain(c)
        aliases = [*tokens(c, "NAME"), *tokens(c, "NAMEPATTERN")]
        return n.ApplyDecl(
            span=self.span(c),
            template=template,
            args=args[0] if args else (),
            alias=self._feature_name(aliases[0]) if aliases else None,
        )

    def template(self, c: Children) -> n.TemplateDecl:
        return n.TemplateDecl(
            **self.head(c),
            name=c[1],
            params=tuple(x for x in c if isinstance(x, n.TypedName)),
            **self.body(c, "one template"),
        )

    # --- requests, readers, data sets

    def consumer(self, c: Children) -> n.ConsumerDecl:
        return n.ConsumerDecl(**self.head(c), name=c[1], **self.body(c, "one consumer"))

    def kind(self, c: Children) -> Clause:
        return Clause("kind", self.ident(c[1]), self.span(c))

    def reads(self, c: Children) -> Any:
        return ("reads", plain(c))

    def predictions(self, c: Children) -> Clause:
        return Clause("predictions", c[-1], self.span(c))

    def target(self, c: Children) -> Clause:
        return Clause("target", c[-1], self.span(c))

    def selector(self, c: Children) -> n.Selector:
        aliases = tokens(c, "NAME")
        return n.Selector(
            span=self.span(c),
            path=c[0],
            star=has(c, "DOTSTAR"),
            alias=self.given_name(aliases[0]) if aliases else None,
        )

    def wanted(self, c: Children) -> n.WantedDecl:
        return n.WantedDecl(**self.head(c), name=c[1], entity=c[3], **self.body(c, "one request"))

    def status(self, c: Children) -> n.StatusItem:
        because = self.text(c[3]) if len(c) > 2 else None
        return n.StatusItem(span=self.span(c), state=self.ident(c[1]), because=because)

    def dataset(self, c: Children) -> n.DatasetDecl:
        return n.DatasetDecl(**self.head(c), name=c[1], entity=c[3], **self.body(c, "one dataset"))

    def spine_rows(self, c: Children) -> n.SpineRows:
        return n.SpineRows(span=self.span(c), source=c[1], at=self.ident(c[3]))

    def spine_grid(self, c: Children) -> n.SpineGrid:
        start, end = plain(c)
        percents = tokens(c, "PERCENT")
        return n.SpineGrid(
            span=self.span(c),
            every=self.length(c[2]),
            start=start,
            end=end,
            sample=self.percent(percents).value if percents else None,
        )

    def dataset_label(self, c: Children) -> Any:
        return ("labels", plain(c))

    def split(self, c: Children) -> n.SplitItem:
        return n.SplitItem(span=self.span(c), column=self.ident(c[2]), at=tuple(plain(c)))

    def share(self, c: Children) -> n.PercentLit:
        return self.percent(c)

    def read_by(self, c: Children) -> Any:
        return ("consumers", plain(c))

    def include(self, c: Children) -> Any:
        return ("includes", plain(c))

    def except_(self, c: Children) -> Any:
        return ("excepts", plain(c))

    # --- tests

    def test(self, c: Children) -> n.TestDecl:
        span = self.token_span(c[1])
        title = literals.string_value(c[1], span, self.report)
        name = n.Ident(span=span, text=title)
        return n.TestDecl(**self.head(c), name=name, **self.body(c, "one test"))

    def given(self, c: Children) -> n.GivenItem:
        return n.GivenItem(span=self.span(c), target=c[1], table=c[2])

    def at(self, c: Children) -> n.AtItem:
        return n.AtItem(span=self.span(c), moment=c[1])

    def then(self, c: Children) -> n.ThenItem:
        return n.ThenItem(span=self.span(c), target=c[1], table=c[2])

    def setting(self, c: Children) -> n.ParamSetting:
        return n.ParamSetting(span=self.span(c), param=c[0], value=c[2])

    def table(self, c: Children) -> n.Table:
        return read_table([(str(t), self.token_span(t)) for t in c], self.report)


def second_namespaces(spaces: Sequence[n.NamespaceDecl]) -> list[Diagnostic]:
    """Reports of every `namespace` of a file but the first."""
    return [
        catalog.REPEATED.at(second.span, "`namespace` stands twice in one file")
        .because(spaces[0].span, "first here")
        .help("keep one `namespace`")
        for second in spaces[1:]
    ]


def _block(c: Children) -> Fields:
    """The fields of the attributes between braces at the end, if there are any."""
    last = c[-1]
    fields: Fields = last.value if type(last) is Clause and last.word == "block" else {}
    return fields
