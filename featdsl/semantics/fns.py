"""Functions of the language's own: checked once, expanded where they are called."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from featdsl.aggregates.registry import aggregates
from featdsl.diagnostics import catalog
from featdsl.diagnostics.suggest import did_you_mean
from featdsl.functions.registry import functions
from featdsl.ir import expr as ir
from featdsl.ir.visit import children, map_children, walk
from featdsl.semantics import references
from featdsl.semantics.attributes import meta
from featdsl.semantics.branches import cast
from featdsl.semantics.environment import Budget, Env, Place, error
from featdsl.semantics.named_arguments import by_name
from featdsl.semantics.names import report_no_as_of
from featdsl.semantics.order import cycle_diagnostic, order
from featdsl.semantics.remedies import retyped
from featdsl.semantics.scope import Kind, Symbol
from featdsl.semantics.written_types import written_type
from featdsl.syntax import nodes
from featdsl.text.span import Span
from featdsl.types.dtype import ERROR, TIMESTAMP, DType, assignable
from featdsl.types.dtype import Kind as TypeKind

NODES = 10_000
"""Nodes that one declaration's functions may expand to."""
LEVELS = 32
"""Functions that may call each other in a row."""
DEPTH = 100
"""Levels that a call may expand to: what later passes recurse into."""

# No alias in a text is spelt like this, so no column of a join is mistaken for a parameter.
_PARAMETER = "(parameter)"


@dataclass(frozen=True, slots=True)
class _Names:
    """Names in a body: the parameters, and nothing else."""

    decl: nodes.FnDecl
    dtypes: dict[str, tuple[DType, bool]]

    def resolve(self, name: nodes.Name, env: Env) -> ir.Expr:
        known = self.dtypes.get(name.text)
        if known is not None:
            dtype, nullable = known
            return ir.Column(
                dtype=dtype,
                nullable=nullable,
                span=name.span,
                name=name.text,
                qualifier=_PARAMETER,
            )
        if name.text == "as_of":
            return ir.AsOf(dtype=TIMESTAMP, nullable=False, span=name.span)
        env.report(
            catalog.UNKNOWN_COLUMN.at(
                name.span, f"`{self.decl.name.text}` has no parameter `{name.text}`"
            )
            .because(self.decl.name.span, "a function knows its parameters only")
            .help(did_you_mean(name.text, self.dtypes, what="parameters"))
        )
        return error(name.span)


@dataclass(frozen=True, slots=True)
class _Template:
    """A body for some types of arguments; parameters are marked columns."""

    body: ir.Expr
    size: int
    depth: int
    uses: dict[str, int]
    as_of: bool


@dataclass(slots=True)
class Functions:
    """The functions of all namespaces, by full name; ``envs`` are there once they are checked."""

    envs: dict[str, Env] = field(default_factory=dict)
    declared: dict[str, list[DType | None]] = field(default_factory=dict)
    returns: dict[str, DType | None] = field(default_factory=dict)
    templates: dict[tuple[str, tuple[tuple[DType, bool], ...]], _Template | None] = field(
        default_factory=dict
    )

    def check(self, envs: Sequence[Env]) -> None:
        """Find cycles, then check each body once, with its declared types."""
        self.envs = {env.scope.namespace: env for env in envs}
        symbols = {s.full: s for env in envs for s in env.scope.of(Kind.FN) if s.decl is not None}
        graph: dict[str, dict[str, Span]] = {}
        for name, symbol in symbols.items():
            env = self.envs[symbol.namespace]
            graph[name] = _needs(symbol, env, symbols)
            _check_name(symbol, env)
        found = order(graph)
        for path in found.cycles:
            report = self.envs[symbols[path[0]].namespace].report
            report(cycle_diagnostic(graph, path, "functions"))
        for name in found.cut:
            symbols[name].poisoned = True
        levels: dict[str, int] = {}
        failed: set[str] = set()
        for name in found.names:
            symbol, env = symbols[name], self.envs[symbols[name].namespace]
            levels[name] = 1 + max((levels.get(n, 0) for n in graph[name]), default=0)
            if levels[name] <= LEVELS:
                self._check(symbol, env)
            else:
                if failed.isdisjoint(graph[name]):
                    _report_levels(symbol, env)
                symbol.poisoned = True
            if symbol.poisoned or not failed.isdisjoint(graph[name]):
                failed.add(name)

    def _check(self, symbol: Symbol, env: Env) -> None:
        decl = _decl(symbol)
        meta(decl, "function", env)
        before = len(env.report.items)
        self.declared[symbol.full] = [
            None if p.type is None else _written(p.type, env) for p in decl.params
        ]
        self.returns[symbol.full] = None if decl.returns is None else _written(decl.returns, env)
        dtypes = [ERROR if d is None else d for d in self.declared[symbol.full]]
        self._template(symbol, tuple((d, True) for d in dtypes))
        symbol.poisoned = symbol.poisoned or len(env.report.items) > before
        symbol.used = False

    def call(self, symbol: Symbol, node: nodes.Call, env: Env) -> ir.Expr:
        """Expand a call."""
        symbol.used = True
        if symbol.decl is None or symbol.poisoned or symbol.full not in self.declared:
            return error(node.span)
        args = self._arguments(symbol, node, env)
        if args is None:
            return error(node.span)
        template = self._template(symbol, tuple((a.dtype, a.nullable) for a in args))
        if template is None:
            return error(node.span)
        if template.as_of and not env.as_of:
            report_no_as_of(node.span, f"`{symbol.name}`", env)
            return error(node.span)
        named = dict(zip((p.name.text for p in _decl(symbol).params), args, strict=True))
        if not _within_budget(symbol, template, named, node, env):
            return error(node.span)
        return replace(_substituted(template.body, named), span=node.span)

    def _arguments(self, symbol: Symbol, node: nodes.Call, env: Env) -> Sequence[ir.Expr] | None:
        decl = _decl(symbol)
        names = [p.name.text for p in decl.params]
        given = by_name(
            node.args,
            names,
            of=f"`{symbol.name}`",
            report=env.report,
            miscounted=lambda: _count_wrong(symbol, node, env),
        )
        if given is None:
            return None
        values = [env.resolve(given[n]) for n in names]
        return self._typed(symbol, values, env)

    def _typed(self, symbol: Symbol, values: list[ir.Expr], env: Env) -> Sequence[ir.Expr] | None:
        typed: list[ir.Expr] = []
        for value, dtype, parameter in zip(
            values, self.declared[symbol.full], _decl(symbol).params, strict=True
        ):
            if value.dtype.is_error:
                return None
            wrong = (
                parameter.type is not None and not value.dtype.is_exact
                if dtype is None
                else not assignable(value.dtype, dtype)
            )
            if wrong and value.dtype.kind is not TypeKind.NULL:
                env.report(
                    catalog.ARGUMENT_TYPE.at(
                        value.span,
                        f"`{parameter.name.text}` of `{symbol.name}` is "
                        f"{dtype or 'decimal'}, this is {value.dtype}",
                    ).because(parameter.span, "declared here")
                )
                return None
            typed.append(value if dtype is None else cast(value, dtype))
        return typed

    def _template(self, symbol: Symbol, dtypes: tuple[tuple[DType, bool], ...]) -> _Template | None:
        key = (symbol.full, dtypes)
        if key not in self.templates:
            self.templates[key] = self._made(symbol, dtypes)
        return self.templates[key]

    def _made(self, symbol: Symbol, dtypes: tuple[tuple[DType, bool], ...]) -> _Template | None:
        decl = _decl(symbol)
        names = dict(zip((p.name.text for p in decl.params), dtypes, strict=True))
        env = self.envs[symbol.namespace].moved(
            place=Place.FUNCTION, names=_Names(decl, names), budget=Budget(NODES)
        )
        body = env.resolve(decl.value)
        returns = self.returns[symbol.full]
        if body.dtype.is_error:
            return None
        if returns is not None and not assignable(body.dtype, returns):
            env.report(
                catalog.DECLARED_TYPE.at(
                    decl.value.span,
                    f"`{symbol.name}` is declared {returns}, and its value is {body.dtype}",
                ).help(retyped(returns, body.dtype))
            )
            return None
        body = body if returns is None else cast(body, returns)
        uses = dict.fromkeys(names, 0)
        size, reads = 0, False
        for at in walk(body):
            size += 1
            if isinstance(at, ir.Column):
                uses[at.name] += 1
            reads = reads or isinstance(at, ir.AsOf)
            reads = reads or (isinstance(at, ir.Call) and functions()[at.function].reads_as_of)
        return _Template(body, size, depth(body), uses, reads)


def _written(node: nodes.TypeExpr, env: Env) -> DType | None:
    """The type; None for what takes any: a bare ``decimal`` fits every exact number."""
    if node.name.text == "decimal" and not node.args:
        return None
    return written_type(node, env.report)


def _report_levels(symbol: Symbol, env: Env) -> None:
    env.report(
        catalog.EXPANSION.at(
            symbol.span, f"functions call each other over more than {LEVELS} levels"
        ).help("write several of them as one")
    )


def _needs(symbol: Symbol, env: Env, symbols: Collection[str]) -> dict[str, Span]:
    """Full names of the functions that a body calls, and where."""
    found: dict[str, Span] = {}
    for name in references.called(_decl(symbol).value):
        need = env.scopes.seek(name.parts, env.scope)
        if need is not None and need.full in symbols:
            found[need.full] = name.span
    return found


def _decl(symbol: Symbol) -> nodes.FnDecl:
    assert isinstance(symbol.decl, nodes.FnDecl)
    return symbol.decl


def _check_name(symbol: Symbol, env: Env) -> None:
    builtin = {*aggregates(), *functions(), "cast", "try_cast", "coalesce", "exists"}
    if symbol.name in builtin:
        env.report(
            catalog.RESERVED_NAME.at(
                symbol.span, f"`{symbol.name}` is a function of the language already"
            ).help("give it another name")
        )
        symbol.poisoned = True
    seen: dict[str, Span] = {}
    for parameter in _decl(symbol).params:
        first = seen.setdefault(parameter.name.text, parameter.span)
        if first is not parameter.span:
            env.report(
                catalog.DUPLICATE_NAME.at(
                    parameter.span, f"`{parameter.name.text}` is a parameter twice"
                ).because(first, "first here")
            )
            symbol.poisoned = True


def _count_wrong(symbol: Symbol, node: nodes.Call, env: Env) -> None:
    decl = _decl(symbol)
    n = len(decl.params)
    env.report(
        catalog.ARGUMENT_COUNT.at(
            node.span,
            f"`{symbol.name}` takes {n} argument{'s' * (n != 1)}, here are {len(node.args)}",
        ).because(decl.name.span, "declared here")
    )


def _within_budget(
    symbol: Symbol, template: _Template, args: dict[str, ir.Expr], node: nodes.Call, env: Env
) -> bool:
    """Count the nodes before they are made: functions of functions grow by multiplication."""
    size = template.size
    for name, value in args.items():
        uses = template.uses[name]
        if uses > 1:
            size += uses * sum(1 for _ in walk(value))
    env.budget.left -= size
    levels = template.depth + max((depth(a) for a in args.values()), default=0)
    if env.budget.left >= 0 and levels <= DEPTH:
        return True
    most = f"{DEPTH} levels" if levels > DEPTH else f"{NODES} operations"
    env.report(
        catalog.EXPANSION.at(node.span, f"`{symbol.name}` expands to more than {most}").help(
            "make a part of it a `let` or a feature of its own"
        )
    )
    return False


def depth(e: ir.Expr) -> int:
    """Levels of an expression."""
    level, deepest = [e], 0
    while level:
        deepest += 1
        level = [child for at in level for child in children(at)]
    return deepest


def _substituted(e: ir.Expr, args: dict[str, ir.Expr]) -> ir.Expr:
    if isinstance(e, ir.Column) and e.qualifier == _PARAMETER:
        return args[e.name]
    return map_children(e, lambda child: _substituted(child, args))
