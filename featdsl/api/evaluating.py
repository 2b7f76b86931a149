"""Keys and inputs of Python callers, and what is answered for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from featdsl.api.arguments import read_keys, unboxed
from featdsl.api.errors import argument_error
from featdsl.compiler.compilation import Compilation
from featdsl.ir.expr import Value
from featdsl.ir.program import SourceColumn
from featdsl.project.load import Project
from featdsl.runs.asked import Request, input_value, key_values, named_inputs
from featdsl.runs.evaluate import Evaluated, evaluate


def evaluated(
    project: Project,
    compilation: Compilation,
    dataset: str,
    keys: object,
    inputs: Mapping[str, object] | None,
) -> Evaluated:
    """Answer for a data set of a full name.

    Raises:
        Failure: something does not fit, or nothing was published that answers.
        ArgumentError: keys or inputs are not given as they must be.
    """
    program = compilation.program
    declared = program.datasets[dataset]
    entity = program.entities[declared.entity]
    if inputs is not None and not isinstance(inputs, Mapping):
        raise TypeError(f"inputs must be a mapping of names to values, not {type(inputs).__name__}")
    if keys is None and entity.keys:
        raise argument_error(f"`{declared.short}` is of each {entity.short}: give `keys`")
    given = read_keys(entity, _listed(keys)) if keys is not None else [()]
    rows = tuple(key_values(entity, key) for key in given)
    named = named_inputs(program, declared, inputs or {})
    values = {name: _values(name, v, of, len(rows)) for name, (of, v) in named.items()}
    return evaluate(project, compilation, dataset, Request(rows, values))


def _listed(value: Any) -> Any:
    """An array, or a column of a frame, as a list; anything else as it is."""
    if getattr(value, "ndim", 0) == 1 or hasattr(value, "to_pylist"):
        return [unboxed(v) for v in (value.tolist() if hasattr(value, "tolist") else value)]
    return value.to_list() if type(value).__module__.startswith("polars") else value


def _values(name: str, given: Any, column: SourceColumn, rows: int) -> tuple[Value, ...]:
    """A value for each row: one for all, or as many as there are."""
    held = _listed(given)
    if not isinstance(held, list):
        return (input_value(name, _plain(held), column),) * rows
    if len(held) != rows:
        raise argument_error(
            f"the input `{name}` has {len(held)} values, and there are {rows} keys",
            "give one value for all keys, or a list of one for each",
        )
    return tuple(input_value(name, _plain(v), column) for v in held)


def _plain(value: Any) -> Any:
    """A value without what numpy and pandas put round it; what is missing is None."""
    found = unboxed(value)
    if type(found).__name__ in ("NAType", "NaTType"):
        return None
    return found.to_pydatetime() if hasattr(found, "to_pydatetime") else found
