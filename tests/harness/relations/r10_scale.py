"""Amounts that are four times as large give sums four times as large, exactly."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from typing import Any

from featdsl.ir import expr as ir
from featdsl.ir.visit import children
from featdsl.types.dtype import Kind
from tests.harness.compare import different
from tests.harness.relations.ground import Ground, Relation

_ANY = "any"
Degree = int | str | None
"""Of an expression in a column: its power, any (nothing times it is nothing), or none at all."""

_LINEAR = {
    *("sum", "avg", "min", "max", "first", "last", "mode"),
    *("median", "quantile", "stddev", "stddev_pop", "slope", "ewm_sum"),
}


def both(a: Degree, b: Degree) -> Degree:
    """Of values that stand beside each other."""
    if a == _ANY or b == _ANY:
        return b if a == _ANY else a
    return a if a == b else None


def times(a: Degree, b: Degree, sign: int = 1) -> Degree:
    if a is None or b is None:
        return None
    return _ANY if _ANY in (a, b) else int(a) + sign * int(b)


def alike(parts: Iterable[Degree]) -> Degree:
    return reduce(both, parts, _ANY)


class Powers:
    """Degrees of expressions in a column of the root."""

    def __init__(self, g: Ground, column: str) -> None:
        self.g, self.column = g, column
        self.lets = {let.name: let.value for v in g.relations() for let in v.lets}

    def of(self, e: ir.Expr | None) -> Degree:
        match e:
            case None:
                return _ANY
            case ir.Literal(value=None) | ir.Literal(value=0):
                return _ANY
            case ir.Column(name=name, qualifier=None):
                if name in self.lets:
                    return self.of(self.lets[name])
                return int(name == self.column)
            case ir.FeatureRef(feature=name):
                return self.of(self.g.group.features[name].expr)
            case ir.Arithmetic(op=op, left=left, right=right):
                a, b = self.of(left), self.of(right)
                if op in ("+", "-"):
                    return both(a, b)
                if op == "//":
                    return 0 if both(a, b) is not None else None
                return times(a, b, 1 if op == "*" else -1)
            case ir.Negate(operand=x):
                return self.of(x)
            case ir.Compare(left=left, right=right):
                return self._flat((both(self.of(left), self.of(right)),), any_power=True)
            case ir.Between(operand=x, low=low, high=high):
                return self._flat((alike(map(self.of, (x, low, high))),), any_power=True)
            case ir.IsNull(operand=x):
                return self._flat((self.of(x),), any_power=True)
            case ir.Conditional(branches=branches, otherwise=otherwise):
                if self._flat(self.of(c) for c, _ in branches) is None:
                    return None
                return alike([*(self.of(v) for _, v in branches), self.of(otherwise)])
            case ir.Coalesce(operands=operands):
                return alike(map(self.of, operands))
            case ir.Cast(operand=x) if e.dtype.kind is Kind.FLOAT and x.dtype.is_numeric:
                return self.of(x)
            case ir.Call(function="abs", args=args):
                return self.of(args[0])
            case ir.Call(function="sign", args=args):
                return self._flat((self.of(args[0]),), any_power=True)
            case ir.Call(function="clip" | "nullif" | "coalesce", args=args):
                return alike(map(self.of, args))
            case ir.Aggregate():
                return self._aggregate(e)
            case _:
                return self._flat(self.of(x) for x in children(e))

    def _aggregate(self, e: ir.Aggregate) -> Degree:
        if getattr(e, "groups", None) or getattr(e, "by", None) or getattr(e, "after", None):
            return None
        if self._flat([self.of(e.where)]) is None:
            return None
        args = [self.of(a) for a in e.args]
        value: Degree
        if e.aggregate in ("min_by", "max_by"):
            value = args[0] if args[1] is not None else None
        elif e.aggregate in _LINEAR:
            value = args[0] if self._flat(args[1:]) is not None else None
        elif e.aggregate in ("variance", "variance_pop"):
            value = times(args[0], args[0])
        elif e.aggregate == "covar":
            value = times(*args)
        elif e.aggregate == "corr":
            value = self._flat(args, any_power=True)
        else:
            value = self._flat(args)
        return both(value, self.of(e.default))

    def _flat(self, parts: Iterable[Degree], *, any_power: bool = False) -> Degree:
        """Zero where the parts do not change, or may change as they like."""
        kept = [p for p in parts if p != _ANY]
        return None if None in kept or not (any_power or set(kept) <= {0}) else 0


def differences(g: Ground) -> list[str] | None:
    root = g.root
    if not g.alone() or any(j.source == root.name for v in g.relations() for j in v.joins):
        return None
    if any(v.is_union for v in g.relations()):
        return None  # the rows of one of its sources would be scaled
    kept = {c for role in root.roles for c in role.columns} | {*root.key, *root.tie_break}
    kept |= set() if root.keep is None else {*root.keep.by, *root.keep.per}
    numbers = [c for c, t in root.columns.items() if t.dtype.is_numeric and c not in kept]
    choices = {column: degrees(g, column) for column in numbers}
    counts = {c: sum(d not in (0, None, _ANY) for d in ds.values()) for c, ds in choices.items()}
    column = max(counts, key=lambda c: counts[c], default=None)
    if column is None or counts[column] == 0:
        return None
    before, after = g.ask(stored=scaled(g, column, 1)), g.ask(stored=scaled(g, column, 4))
    expected, actual = {}, {}
    for key, values in before.items():
        some = {f: d for f, d in choices[column].items() if d is not None}
        expected[key] = {f: _times(values[f], 0 if d == _ANY else int(d)) for f, d in some.items()}
        actual[key] = after.get(key, {})
    return list(different(g.program, g.name, expected, actual))


def degrees(g: Ground, column: str) -> dict[str, Degree]:
    """Of each feature in a column; none where the column decides which rows there are."""
    powers = Powers(g, column)
    conditions = [d.condition for d in g.root.drops]
    conditions += [v.where for v in g.relations() if v.where is not None]
    conditions += [e for v in g.relations() for j in v.joins for e, _ in j.on]
    conditions += [j.residual for v in g.relations() for j in v.joins if j.residual is not None]
    if any(powers.of(c) not in (0, _ANY) for c in conditions):
        return {}
    return {f.short: powers.of(f.expr) for f in g.group.features.values()}


def scaled(g: Ground, column: str, by: int) -> dict[str, list[dict[str, Any]]]:
    """Rows with a column so many times as large; what is huge or tiny in it is 1."""
    found = {n: [dict(row) for row in rows] for n, rows in g.case.stored.items()}
    for row in found[g.root.name]:
        x = row[column]
        if x is not None:
            row[column] = (x if x == 0 or 1e-6 < abs(x) < 1e6 else type(x)(1)) * by
    return found


def _times(value: Any, degree: int) -> Any:
    if value is None or isinstance(value, float):
        return None if value is None else value * 4.0**degree
    return value * 4**degree if degree and not isinstance(value, bool | str) else value


RELATION = Relation("R10", "amounts four times as large give sums as large", differences)
