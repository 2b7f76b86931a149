"""What the oracle says of a `test` block, beside what the block states."""

from __future__ import annotations

from collections.abc import Iterator

from featdsl.ir.program import Expected, ExpectedRows, Program, Test
from featdsl.reference.oracle import Oracle
from featdsl.reference.spine import training_rows
from featdsl.reference.values import given
from featdsl.testing.compare import same


def tables(test: Test) -> dict[str, list[dict[str, object]]]:
    return {
        name: [dict(zip(rows.columns, cells, strict=True)) for cells in rows.cells]
        for name, rows in test.given.items()
    }


def differences(program: Program, test: Test) -> Iterator[str]:
    """What the oracle gives otherwise than the block states, in words."""
    oracle = Oracle(program, tables(test))
    for expected in test.expected:
        if isinstance(expected, Expected):
            yield from _of_group(oracle, test, expected)
        else:
            yield from _of_dataset(oracle, test, expected)


def _of_group(oracle: Oracle, test: Test, expected: Expected) -> Iterator[str]:
    if expected.at is not None:
        keys, stated = set(oracle.keys(expected.group, expected.at)), set(expected.keys)
        if keys != stated:
            yield f"{test.title}: keys {sorted(keys)}, not {sorted(stated)}"
    for key, at, cells in zip(expected.keys, expected.instants, expected.cells, strict=True):
        for name, feature, cell in zip(expected.features, expected.stated, cells, strict=True):
            value = oracle.value(feature, key, at)
            dtype = oracle.program.feature(feature).dtype
            if not same(given(cell, dtype), value, dtype):
                yield f"{test.title}: {key} at {at}: {name} is {value!r}, not {cell!r}"


def _of_dataset(oracle: Oracle, test: Test, expected: ExpectedRows) -> Iterator[str]:
    rows = training_rows(oracle, expected.dataset)
    if len(rows) != len(expected.cells):
        yield f"{test.title}: {len(rows)} rows, not {len(expected.cells)}"
        return
    for i, (row, cells) in enumerate(zip(rows, expected.cells, strict=True)):
        for column, cell in zip(expected.columns, cells, strict=True):
            value = row.values[column.name]
            if not same(given(cell, column.dtype), value, column.dtype):
                yield f"{test.title}: row {i}: {column.name} is {value!r}, not {cell!r}"
