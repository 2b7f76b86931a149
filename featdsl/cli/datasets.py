"""The data set that a command names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from featdsl.cli.errors import UsageMistake

if TYPE_CHECKING:
    from featdsl.ir.program import Program


def dataset_named(program: Program, name: str) -> str:
    """The full name of a data set.

    Raises:
        Failure: none is called so.
        UsageMistake: several are.
    """
    from featdsl.diagnostics import catalog
    from featdsl.diagnostics.failure import Failure
    from featdsl.diagnostics.suggest import did_you_mean

    known = list(program.datasets)
    found = [d for d in known if d == name] or [d for d in known if d.endswith(f".{name}")]
    if len(found) > 1:
        raise UsageMistake(
            f"{len(found)} data sets are called `{name}`",
            "write " + " or ".join(f"`{d}`" for d in found),
        )
    if not found:
        names = [*known, *(d.rpartition(".")[2] for d in known)]
        remedy = did_you_mean(name, names) or (
            "the project declares none: `dataset … { spine … label … include … }`"
            if not known
            else None
        )
        message = f"there is no data set called `{name}`"
        raise Failure(catalog.UNKNOWN_NAME.general(message).help(remedy))
    return found[0]
