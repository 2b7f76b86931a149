"""From reductions to nodes: the rules of ``grammar/feat.lark``, one method a rule or alias."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, TypeAlias

from lark import Token

from featdsl.diagnostics import catalog
from featdsl.diagnostics.model import Diagnostic
from featdsl.diagnostics.suggest import nearest
from featdsl.syntax import literals
from featdsl.syntax import nodes as n
from featdsl.syntax.build import Children, Clause, has, plain, tokens
from featdsl.syntax.build_expr import ExpressionBuilder, compare_op
from featdsl.syntax.tables import read_table
from featdsl.syntax.words import ATTRIBUTES
from featdsl.text.span import Span

Fields: TypeAlias = dict[str, Any]


class PrivateFlag(NamedTuple):
    span: Span


_FEATURE_CLAUSES = ("over", "where", "default", "aligned", "via")

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


class DeclarationBuilder(ExpressionBuilder):
    def start(self, c: Children) -> n.Module:
        spaces = [x for x in c if isinstance(x, n.NamespaceDecl)]
        self.found += second_namespaces(spaces)
        return n.Module(
            span=self.span(c) if c else Span(self.file, 0, 0),
            namespace=spaces[0] if spaces else None,
            uses=tuple(x for x in c if isinstance(x, n.UseDecl)),
            decls=tuple(x for x in c if not isinstance(x, n.NamespaceDecl | n.UseDecl)),
        )

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
        meant = nearest(word, _FEATURE_CLAUSES) if before not in "{" else None
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

    # --- a project's names and values

    def namespace(self, c: Children) -> n.NamespaceDecl:
        span = self.span(c)
        return n.NamespaceDecl(span=span, doc=self.doc(span), path=c[1])

    def use(self, c: Children) -> n.UseDecl:
        span = self.span(c)
        names = tuple(self.ident(t) for t in tokens(c, "NAME"))
        return n.UseDecl(span=span, doc=self.doc(span), path=c[1], names=names)

    def const(self, c: Children) -> n.ConstDecl:
        return n.ConstDecl(**self._head(c), name=c[1], value=c[3], **_block(c))

    def param(self, c: Children) -> n.ParamDecl:
        name, type_, *default = [x for x in plain(c) if type(x) is not Clause]
        return n.ParamDecl(
            **self._head(c),
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
            **self._head(c),
            name=name,
            params=tuple(x for x in rest if isinstance(x, n.TypedName)),
            returns=returns[0] if returns else None,
            value=value,
            **_block(c),
        )

    def typed_name(self, c: Children) -> n.TypedName:
        type_ = c[2] if len(c) > 1 else None
        return n.TypedName(span=self.span(c), name=self.given_name(c[0]), type=type_)

    def declared(self, c: Children) -> n.Ident:
        return self.given_name(c[0])

    def _head(self, c: Children) -> Fields:
        span = self.span(c)
        return {"span": span, "doc": self.doc(span)}

    # --- entities, sources, views

    def entity(self, c: Children) -> n.EntityDecl:
        return n.EntityDecl(**self._head(c), name=c[1], **self.body(c, "one entity"))

    def key_column(self, c: Children) -> n.KeyColumn:
        return n.KeyColumn(span=self.span(c), name=self.ident(c[1]), type=c[3])

    def population(self, c: Children) -> Clause:
        return Clause("population", c[1], self.span(c))

    def source(self, c: Children) -> n.SourceDecl:
        return n.SourceDecl(**self._head(c), name=c[1], **self.body(c, "one source"))

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
            **self._head(c),
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
            **self._head(c),
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
        aliases = tokens(c, "NAME")
        return n.ApplyDecl(
            span=self.span(c),
            template=template,
            args=args[0] if args else (),
            alias=self.given_name(aliases[0]) if aliases else None,
        )

    def template(self, c: Children) -> n.TemplateDecl:
        return n.TemplateDecl(
            **self._head(c),
            name=c[1],
            params=tuple(x for x in c if isinstance(x, n.TypedName)),
            **self.body(c, "one template"),
        )

    # --- requests, readers, data sets

    def input(self, c: Children) -> n.InputDecl:
        return n.InputDecl(**self._head(c), name=c[1], **self.body(c, "one input"))

    def consumer(self, c: Children) -> n.ConsumerDecl:
        return n.ConsumerDecl(**self._head(c), name=c[1], **self.body(c, "one consumer"))

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
        return n.WantedDecl(**self._head(c), name=c[1], entity=c[3], **self.body(c, "one request"))

    def status(self, c: Children) -> n.StatusItem:
        because = self.text(c[3]) if len(c) > 2 else None
        return n.StatusItem(span=self.span(c), state=self.ident(c[1]), because=because)

    def dataset(self, c: Children) -> n.DatasetDecl:
        return n.DatasetDecl(**self._head(c), name=c[1], entity=c[3], **self.body(c, "one dataset"))

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
        return n.TestDecl(**self._head(c), name=name, **self.body(c, "one test"))

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


def _available(rest: Iterable[Any]) -> n.Available | None:
    return next((x for x in rest if isinstance(x, n.Available)), None)
