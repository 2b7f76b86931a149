"""Branches of ``CASE`` that mean something else than a choice."""

from __future__ import annotations

from sqlglot import exp

from featdsl.sql import build


def guarded_value(ifs: list[exp.Expr], default: exp.Expr | None) -> exp.Expr | None:
    """What stands in ``CASE WHEN isfinite(x) THEN x END``."""
    if len(ifs) != 1 or default is not None:
        return None
    test, value = ifs[0].this, ifs[0].args["true"]
    if not isinstance(test, exp.Anonymous) or test.name.lower() != "isfinite":
        return None
    return value if test.expressions[0] == value else None


def is_failure(value: exp.Expr) -> bool:
    """Whether a branch stops the statement."""
    return isinstance(value, exp.Anonymous) and value.name.lower() == "error"


def failing(condition: exp.Expr, failure: exp.Expr) -> exp.Expr:
    """A condition that fails where it is true: Postgres has no function that does."""
    known = exp.cast(exp.Paren(this=condition.copy()), exp.DataType.Type.TEXT)
    told = exp.DPipe(this=failure.expressions[0].copy(), expression=known)
    fails = exp.cast(exp.Paren(this=told), exp.DataType.Type.BOOLEAN)
    return build.case(condition, fails, build.boolean(False))
