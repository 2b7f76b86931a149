"""Templates: a group's body with arguments, written out where it is applied."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TypeVar

from featdsl.aggregates.registry import aggregates
from featdsl.diagnostics import catalog
from featdsl.diagnostics.model import Diagnostic
from featdsl.semantics import references
from featdsl.semantics.attributes import meta
from featdsl.semantics.environment import Env, LoopValue, literal
from featdsl.semantics.later import LATER_AGGREGATES
from featdsl.semantics.name_patterns import filled
from featdsl.semantics.named_arguments import by_name
from featdsl.semantics.order import cycle_diagnostic, order
from featdsl.semantics.report import Report
from featdsl.semantics.rewrite import rewritten
from featdsl.semantics.scope import Kind, Symbol, find, listed
from featdsl.semantics.template_arguments import COLUMN, constant, parameter_type
from featdsl.syntax import nodes
from featdsl.text.span import Span
from featdsl.types.dtype import TEXT

N = TypeVar("N", bound=nodes.Node)
_TEMPLATE = frozenset({Kind.TEMPLATE})


def check_templates(envs: Sequence[Env]) -> None:
    """Find templates that apply themselves, and mistakes in what they take."""
    declared = {
        symbol.full: (symbol, env)
        for env in envs
        for symbol in env.scope.of(Kind.TEMPLATE)
        if isinstance(symbol.decl, nodes.TemplateDecl)
    }
    graph: dict[str, dict[str, Span]] = {}
    for name, (symbol, env) in declared.items():
        decl = _decl(symbol)
        meta(decl, "template", env)
        _check_parameters(decl, symbol, env)
        applied = [n for n in references.walk(decl) if isinstance(n, nodes.ApplyDecl)]
        needs = [(env.scopes.seek(n.template.parts, env.scope), n.template.span) for n in applied]
        graph[name] = {s.full: at for s, at in needs if s is not None and s.full in declared}
    found = order(graph)
    for path in found.cycles:
        declared[path[0]][1].report(cycle_diagnostic(graph, path, "templates"))
    for name in found.cut:
        declared[name][0].poisoned = True


def _decl(symbol: Symbol) -> nodes.TemplateDecl:
    assert isinstance(symbol.decl, nodes.TemplateDecl)
    return symbol.decl


def _check_parameters(decl: nodes.TemplateDecl, symbol: Symbol, env: Env) -> None:
    seen: dict[str, Span] = {}
    for parameter in decl.params:
        name = parameter.name.text
        first = seen.setdefault(name, parameter.name.span)
        outer = env.scope.dollar(name, parameter.name.span)
        if first is not parameter.name.span:
            env.report(
                catalog.DUPLICATE_NAME.at(
                    parameter.name.span, f"`{name}` is a parameter of `{symbol.name}` twice"
                ).because(first, "first here")
            )
            symbol.poisoned = True
        elif outer is not None and not outer.poisoned:
            env.report(
                catalog.DUPLICATE_NAME.at(
                    parameter.name.span, f"`${name}` is declared already, and a template takes it"
                ).because(outer.span, "first declared here")
            )
            symbol.poisoned = True
        if parameter_type(parameter, env) is None:
            symbol.poisoned = True


@dataclass(slots=True)
class Within(Report):
    """Reports what is found in a template's body with the place where it is applied."""

    outer: Report = field(kw_only=True)
    place: Span = field(kw_only=True)
    declared: Span = field(kw_only=True)
    name: str = field(kw_only=True)

    def __call__(self, diagnostic: Diagnostic) -> None:
        at = None if diagnostic.primary is None else diagnostic.primary.span
        if at is None:
            self.outer(diagnostic)
        elif at.source == self.place.source and self.place.start <= at.start < self.place.end:
            self.outer(diagnostic.because(self.declared, f"for the template `{self.name}`"))
        else:
            self.outer(diagnostic.because(self.place, "applied here"))


def depth_of(report: Report) -> int:
    """How many templates what is reported there stands in."""
    depth = 0
    while isinstance(report, Within):
        report, depth = report.outer, depth + 1
    return depth


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """A template with arguments.

    ``decl`` has ``columns`` in place of the arguments that are columns. ``values`` are the
    others, and the names of columns, for holes in names.
    """

    decl: nodes.TemplateDecl
    columns: tuple[nodes.Name, ...]
    values: Mapping[str, LoopValue]
    prefix: str
    report: Report

    def renamed(
        self, decl: nodes.FeatureDecl, loops: Mapping[str, LoopValue], own: Collection[str]
    ) -> nodes.FeatureDecl:
        """A feature of the template: what it names of the template's own gets the prefix."""
        if not self.prefix:
            return decl
        changed = nodes.FeatureDecl(
            span=decl.span,
            value=self._prefixed(decl.value, loops, own, aggregate_names()),
            name=decl.name,
            default=None
            if decl.default is None
            else self._prefixed(decl.default, loops, own, aggregate_names()),
            expects=tuple(self.checked(e, loops, own) for e in decl.expects),
        )
        return replace(decl, value=changed.value, default=changed.default, expects=changed.expects)

    def checked(
        self, expect: nodes.ExpectDecl, loops: Mapping[str, LoopValue], own: Collection[str]
    ) -> nodes.ExpectDecl:
        """An expectation of the template: all names in it are features."""
        return self._prefixed(expect, loops, own, frozenset()) if self.prefix else expect

    def _prefixed(
        self,
        node: N,
        loops: Mapping[str, LoopValue],
        own: Collection[str],
        rows: frozenset[str],
    ) -> N:
        """The node with the prefix before features in ``own``; calls of ``rows`` read columns."""

        def change(at: nodes.Node) -> nodes.Node | None:
            if isinstance(at, nodes.Call) and at.func.text in rows:
                return at
            if isinstance(at, nodes.Name):
                if len(at.parts) > 1 or at.text not in own or any(at is c for c in self.columns):
                    return at
                part = nodes.Ident(span=at.span, text=f"{self.prefix}{at.text}")
                return nodes.Name(span=at.span, parts=(part,))
            if isinstance(at, nodes.Pattern) and not at.prefix and filled(at, loops) in own:
                return replace(at, parts=(self.prefix, *at.parts))
            return None

        found = change(node)
        return rewritten(node, change) if found is None else found  # type: ignore[return-value]


@cache
def aggregate_names() -> frozenset[str]:
    """Calls inside which names are columns."""
    return frozenset({*aggregates(), *LATER_AGGREGATES, "exists", "next_in"})


def instance(
    item: nodes.ApplyDecl, prefix: str, loops: Mapping[str, LoopValue], env: Env
) -> Instance | None:
    """The template that is applied, with its arguments; None where something was reported."""
    symbol = find(item.template, _TEMPLATE, env.scope, env.scopes, env.report)
    if symbol is None:
        return None
    decl = _decl(symbol)
    given = _given(item, decl, symbol, env)
    if given is None:
        return None
    columns: dict[str, nodes.Name] = {}
    values: dict[str, LoopValue] = {}
    for parameter in decl.params:
        name, argument = parameter.name.text, given[parameter.name.text]
        kind = parameter_type(parameter, env)
        if kind == COLUMN:
            column = _column(argument, parameter, loops, env)
            if column is None:
                return None
            columns[name] = column
            values[name] = literal(column.parts[-1].text, TEXT, argument.span)
        else:
            value = None if kind is None else constant(argument, parameter, kind, env)
            if value is None:
                return None
            values[name] = value
    report = Within(outer=env.report, place=item.span, declared=decl.name.span, name=symbol.name)
    body = _with_columns(decl, columns) if columns else decl
    return Instance(
        decl=body,
        columns=tuple(columns.values()),
        values=values,
        prefix=prefix,
        report=report,
    )


def _with_columns(
    decl: nodes.TemplateDecl, columns: Mapping[str, nodes.Name]
) -> nodes.TemplateDecl:
    """The body with columns in place of the arguments that are columns."""

    def change(at: nodes.Node) -> nodes.Node | None:
        # As windows and lists of loops they are reported: their values are texts there.
        if isinstance(at, nodes.ParamWindow):
            return at
        if isinstance(at, nodes.ForDecl):
            inner = rewritten(replace(at, values=nodes.ListExpr(span=at.span, items=())), change)
            return replace(inner, values=at.values)
        return columns.get(at.name) if isinstance(at, nodes.ParamRef) else None

    return rewritten(decl, change)


def _given(
    item: nodes.ApplyDecl, decl: nodes.TemplateDecl, symbol: Symbol, env: Env
) -> dict[str, nodes.Expr] | None:
    """Arguments by the name of the parameter."""
    names = [p.name.text for p in decl.params]
    return by_name(
        item.args,
        names,
        of=f"the template `{symbol.name}`",
        report=env.report,
        miscounted=lambda: _report_count(item, names, symbol, env),
    )


def _report_count(item: nodes.ApplyDecl, names: Sequence[str], symbol: Symbol, env: Env) -> None:
    n = len(names)
    env.report(
        catalog.ARGUMENT_COUNT.at(
            item.span,
            f"the template `{symbol.name}` takes {n} argument{'s' * (n != 1)}, "
            f"here are {len(item.args)}",
        ).because(symbol.span, f"it takes {listed([f'`{name}`' for name in names], last='and')}")
    )


def _column(
    argument: nodes.Expr,
    parameter: nodes.TypedName,
    loops: Mapping[str, LoopValue],
    env: Env,
) -> nodes.Name | None:
    """The column that an argument names."""
    if isinstance(argument, nodes.Name):
        return argument
    if isinstance(argument, nodes.Pattern):
        text = filled(argument, loops)
        if text is not None:
            part = nodes.Ident(span=argument.span, text=text)
            return nodes.Name(span=argument.span, parts=(*argument.prefix, part))
    env.report(
        catalog.ARGUMENT_TYPE.at(
            argument.span, f"`{parameter.name.text}` is a column, and this is a value"
        )
        .because(parameter.span, "declared here")
        .help("name a column; what is calculated of columns is a `let` of a view")
    )
    return None
