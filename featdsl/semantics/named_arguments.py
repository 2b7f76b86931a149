"""Arguments by the name of what they are for, where each is given once: of functions, templates."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from featdsl.diagnostics import catalog
from featdsl.diagnostics.suggest import did_you_mean
from featdsl.semantics.report import Report
from featdsl.syntax import nodes


def by_name(
    args: Sequence[nodes.Arg],
    names: Sequence[str],
    *,
    of: str,
    report: Report,
    miscounted: Callable[[], None],
) -> dict[str, nodes.Expr] | None:
    """One value for each of ``names``; None where it was reported.

    Args:
        args: As written: by place, then by name.
        names: What is taken, in order.
        of: What takes them, as messages call it.
        report: Where a name that is not taken is told.
        miscounted: Reports that there are too many, or too few.
    """
    given: dict[str, nodes.Expr] = {}
    free = list(names)
    for arg in args:
        name = arg.name.text if arg.name is not None else (free[0] if free else "")
        if arg.name is not None and name not in names:
            report(
                catalog.UNKNOWN_ARGUMENT.at(arg.name.span, f"{of} has no argument `{name}`").help(
                    did_you_mean(name, names, what="arguments")
                )
            )
            return None
        if not name or name in given:
            miscounted()
            return None
        given[name] = arg.value
        free.remove(name)
    if free:
        miscounted()
        return None
    return given
