"""From reductions to nodes: the rules of ``grammar/expr.lark``, one method a rule or alias."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from lark import Token

from featdsl.diagnostics import catalog
from featdsl.syntax import literals
from featdsl.syntax import nodes as n
from featdsl.syntax.build import Builder, Children, Clause, TooDeep, has, plain, tokens
from featdsl.syntax.limits import EXPRESSION_DEPTH, NAME_PARTS

_CALL_FIELDS = {"as": "as_type"}


class ExpressionBuilder(Builder):
    # --- literals

    def string(self, c: Children) -> n.StringLit:
        return self.text(c[0])

    def text(self, token: Token) -> n.StringLit:
        span = self.token_span(token)
        return n.StringLit(span=span, value=literals.string_value(token, span, self.report))

    def int_(self, c: Children) -> n.IntLit:
        span = self.token_span(c[0])
        return n.IntLit(span=span, value=literals.integer(c[0], span, self.report))

    def decimal(self, c: Children) -> n.DecimalLit:
        span = self.token_span(c[0])
        return n.DecimalLit(span=span, value=literals.decimal(c[0], span, self.report))

    def percent(self, c: Children) -> n.PercentLit:
        span = self.token_span(c[0])
        return n.PercentLit(span=span, value=literals.percent(c[0], span, self.report))

    def duration(self, c: Children) -> n.DurationLit:
        return self.length(c[0])

    def length(self, token: Token) -> n.DurationLit:
        span = self.token_span(token)
        return n.DurationLit(span=span, value=literals.duration(token, span, self.report))

    def true(self, c: Children) -> n.BoolLit:
        return n.BoolLit(span=self.token_span(c[0]), value=True)

    def false(self, c: Children) -> n.BoolLit:
        return n.BoolLit(span=self.token_span(c[0]), value=False)

    def null(self, c: Children) -> n.NullLit:
        return n.NullLit(span=self.token_span(c[0]))

    def instant(self, c: Children) -> n.InstantLit:
        span = self.token_span(c[0])
        value, date_only = literals.instant(c[0], span, self.report)
        return n.InstantLit(span=span, value=value, date_only=date_only)

    def signed(self, c: Children) -> n.IntLit | n.DecimalLit | n.PercentLit:
        sign, token = c
        span = self.span(c)
        # copy_negate keeps every digit; unary minus would round to the context's precision.
        match token.type:
            case "INT":
                whole = self.int_([token])
                return replace(whole, span=span, value=-whole.value if sign == "-" else whole.value)
            case "NUMBER":
                number = self.decimal([token])
                return replace(number, span=span, value=_signed(sign, number.value))
            case _:
                share = self.percent([token])
                return replace(share, span=span, value=_signed(sign, share.value))

    def list_expr(self, c: Children) -> n.ListExpr:
        return n.ListExpr(span=self.span(c), items=tuple(plain(c)))

    # --- names

    def path(self, c: Children) -> n.Name:
        last = self.ident(c[-1])
        if len(c) == 1:
            return n.Name(span=last.span, parts=(last,))
        first: n.Name = c[0]
        if len(first.parts) >= NAME_PARTS:
            if len(first.parts) == NAME_PARTS:
                self.report(
                    catalog.TOO_LONG.at(first.span, f"a name has more than {NAME_PARTS} parts")
                )
            return n.Name(span=first.span, parts=(*first.parts[:NAME_PARTS], last))
        return n.Name(span=first.span.to(last.span), parts=(*first.parts, last))

    def ref(self, c: Children) -> n.Name:
        name: n.Name = c[0]
        return name

    def pattern(self, c: Children) -> n.Pattern:
        prefix = c[0].parts if len(c) > 1 else ()
        return n.Pattern(span=self.span(c), prefix=prefix, parts=self.pattern_parts(c[-1]))

    def param_ref(self, c: Children) -> n.ParamRef:
        return n.ParamRef(span=self.token_span(c[0]), name=self._param(c[0]))

    def _param(self, token: Token) -> str:
        name = str(token)[1:]
        if name != name.lower():
            self.report(
                catalog.BAD_NAME.at(self.token_span(token), f"`{token}` has capital letters").help(
                    f"names are in lower case: `{token.lower()}`"
                )
            )
        return name

    def names(self, c: Children) -> tuple[n.Ident, ...]:
        return tuple(self.ident(t) for t in tokens(c, "NAME"))

    # --- operators

    def binary(self, c: Children) -> n.Binary:
        left, op, right = c
        made = n.Binary(span=self.span(c), op=n.BinaryOp(str(op)), left=left, right=right)
        levels = 1 + max(self._levels(left), self._levels(right))
        if levels > EXPRESSION_DEPTH:
            raise TooDeep(made)
        self.levels[id(made)] = made, levels
        return made

    def _levels(self, node: n.Node) -> int:
        return self.levels[id(node)][1] if id(node) in self.levels else 1

    def unary(self, c: Children) -> n.Unary:
        return n.Unary(span=self.span(c), op=n.UnaryOp(str(c[0])), operand=c[1])

    def not_(self, c: Children) -> n.Not:
        return n.Not(span=self.span(c), operand=c[1])

    def compare(self, c: Children) -> n.Compare:
        left, op, right = c
        if op == "=":
            self._keep_equality(left)
        return n.Compare(span=self.span(c), op=compare_op(op), left=left, right=right)

    def _keep_equality(self, left: Any) -> None:
        while isinstance(left, n.Binary | n.Unary | n.Not):
            left = left.right if isinstance(left, n.Binary) else left.operand
        if isinstance(left, n.Name) and len(left.parts) == 1:
            self.equalities.append(left)

    def is_null(self, c: Children) -> n.IsNull:
        return n.IsNull(span=self.span(c), operand=c[0], negated=len(c) == 4)

    def in_(self, c: Children) -> n.In:
        return n.In(span=self.span(c), operand=c[0], options=c[-1], negated=len(c) == 4)

    def between(self, c: Children) -> n.Between:
        operand, low, high = plain(c)
        return n.Between(
            span=self.span(c), operand=operand, low=low, high=high, negated=has(c, "NOT")
        )

    def like(self, c: Children) -> n.Like:
        return n.Like(span=self.span(c), operand=c[0], pattern=c[-1], negated=len(c) == 4)

    def matches(self, c: Children) -> n.Matches:
        return n.Matches(span=self.span(c), operand=c[0], pattern=c[-1], negated=len(c) == 4)

    def if_(self, c: Children) -> n.If:
        condition, then, otherwise = plain(c)
        return n.If(span=self.span(c), condition=condition, then=then, otherwise=otherwise)

    def case(self, c: Children) -> n.Case:
        parts = plain(c)
        otherwise = parts.pop() if has(c, "ELSE") else None
        return n.Case(span=self.span(c), branches=tuple(parts), otherwise=otherwise)

    def case_branch(self, c: Children) -> n.CaseBranch:
        return n.CaseBranch(span=self.span(c), condition=c[1], value=c[3])

    def parentheses(self, c: Children) -> Any:
        # The node covers its brackets, so that what contains it covers them too.
        return replace(c[1], span=self.span(c))

    # --- calls

    def arg(self, c: Children) -> n.Arg:
        if len(c) == 1:
            return n.Arg(span=c[0].span, value=c[0])
        return n.Arg(span=self.span(c), name=self.ident(c[0]), value=c[2])

    def args(self, c: Children) -> tuple[n.Arg, ...]:
        return tuple(plain(c))

    def call(self, c: Children) -> n.Call:
        func: n.Name = c[0]
        args: tuple[n.Arg, ...] = ()
        distinct = has(c, "DISTINCT")
        inside: Children = c[2:-1]
        clauses = [x for x in inside if type(x) is Clause]
        for x in inside:
            if type(x) is tuple:
                args = x
            elif distinct and type(x) not in (Token, Clause):
                args = (n.Arg(span=x.span, value=x),)
        return n.Call(
            span=self.span(c),
            func=func,
            args=args,
            star=has(c, "STAR"),
            distinct=distinct,
            **self._call_clauses(clauses, func),
        )

    def _call_clauses(self, clauses: list[Clause], func: n.Name) -> dict[str, Any]:
        if not clauses:
            return {}
        given = self.once(clauses, f"one call of `{func.text}`")
        return {_CALL_FIELDS.get(word, word): value for word, value in given.items()}

    def where(self, c: Children) -> Clause:
        return Clause("where", c[1], self.span(c))

    def over(self, c: Children) -> Clause:
        return Clause("over", c[1], self.span(c))

    def by(self, c: Children) -> Clause:
        return Clause("by", c[1], self.span(c))

    def per(self, c: Children) -> Clause:
        return Clause("per", tuple(plain(c)), self.span(c))

    def default(self, c: Children) -> Clause:
        return Clause("default", c[1], self.span(c))

    def as_type(self, c: Children) -> Clause:
        return Clause("as", c[1], self.span(c))

    def among(self, c: Children) -> Clause:
        span = self.span(c)
        match c[1]:
            case n.Name(parts=(n.Ident(text="all"),)):
                return Clause("among", n.Among(span=span, key=None), span)
            case key:
                return Clause("among", n.Among(span=span, key=key), span)

    def sql(self, c: Children) -> n.SqlEscape:
        inside = c[:-2]
        template = self.text(c[2])
        names, values = tokens(inside, "NAME"), plain(inside)
        args = tuple(
            n.Arg(span=self.span([name, value]), name=self.ident(name), value=value)
            for name, value in zip(names, values, strict=True)
        )
        return n.SqlEscape(span=self.span(c), template=template, args=args, type=c[-1])

    def via(self, c: Children) -> n.Via:
        return n.Via(span=self.span(c), value=c[0], keys=tuple(plain(c[2:])))

    def ago(self, c: Children) -> n.Ago:
        return n.Ago(span=self.span(c), value=c[0], length=self.length(c[1]))

    # --- types

    def type_expr(self, c: Children) -> n.TypeExpr:
        return n.TypeExpr(span=self.span(c), name=self.ident(c[0]), args=tuple(plain(c)))

    # --- windows

    def window(self, c: Children) -> Any:
        if len(c) == 1:
            return c[0]
        return replace(c[0], span=self.span(c), aligned=self.length(c[2]))

    def duration_window(self, c: Children) -> n.DurationWindow:
        length = self.length(c[0])
        return n.DurationWindow(span=length.span, length=length)

    def range_window(self, c: Children) -> n.RangeWindow:
        start, ends, end = c
        return n.RangeWindow(
            span=self.span(c),
            start=self.length(start) if start.type == "DURATION" else None,
            end=self.length(end),
            start_open=ends.startswith("<"),
            end_closed=ends.endswith("="),
        )

    def lifetime(self, c: Children) -> n.LifetimeWindow:
        return n.LifetimeWindow(span=self.token_span(c[0]))

    def last_events(self, c: Children) -> n.LastEventsWindow:
        within = c[4] if len(c) > 4 else None
        return n.LastEventsWindow(span=self.span(c), count=self.int_([c[1]]), within=within)

    def since(self, c: Children) -> n.SinceStartWindow:
        return n.SinceStartWindow(span=self.span(c), unit=self.ident(c[3]))

    def next_window(self, c: Children) -> n.NextWindow:
        return n.NextWindow(span=self.span(c), length=self.length(c[1]))

    def param_window(self, c: Children) -> n.ParamWindow:
        param = self.param_ref(c)
        return n.ParamWindow(span=param.span, param=param)


def _signed(sign: str, value: Decimal) -> Decimal:
    return value.copy_negate() if sign == "-" else value


def compare_op(token: Token) -> n.CompareOp:
    return n.CompareOp.NE if token == "<>" else n.CompareOp(str(token))
