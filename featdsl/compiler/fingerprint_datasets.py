"""Fingerprints of data sets: what a training set means, and what is said about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from featdsl.compiler.canon import (
    Canon,
    digest,
    dumped,
    expectation_canon,
    metadata_canon,
    scalar_canon,
)
from featdsl.compiler.fingerprint import Prints
from featdsl.compiler.meanings import Meanings
from featdsl.compiler.scope import Scope
from featdsl.ir.program import (
    Dataset,
    DatasetColumn,
    Program,
    Spine,
    SpineGrid,
    SpineRows,
)


def fingerprint_datasets(program: Program, features: Mapping[str, Prints]) -> Mapping[str, Prints]:
    """The fingerprints of every data set, by full name: `features` are those of all features.

    Names and order of columns are part of it: they are what a model is trained on.
    """
    meanings = Meanings(program)
    # The rows of a spine may look features up.
    meanings.digests.update({name: prints.data for name, prints in features.items()})
    return {
        name: Prints(
            data=digest(_meaning(program, dataset, meanings, features)),
            metadata=digest(_said(dataset, program.readers(name))),
        )
        for name, dataset in program.datasets.items()
    }


def _meaning(
    program: Program, dataset: Dataset, meanings: Meanings, features: Mapping[str, Prints]
) -> Canon:
    def columns(found: tuple[DatasetColumn, ...]) -> Canon:
        return [[c.name, None if c.feature is None else features[c.feature].data] for c in found]

    namespace = dataset.name.rpartition(".")[0]
    return {
        "entity": meanings.entity(program.entities[dataset.entity]),
        "spine": _spine(program, dataset.spine, namespace, meanings),
        "columns": columns(dataset.columns),
        "labels": columns(dataset.labels),
        "split": _split(program, dataset, namespace),
    }


def _split(program: Program, dataset: Dataset, namespace: str) -> Canon:
    if dataset.split_key is not None:
        return [dataset.split_key, *(str(share.normalize()) for share in dataset.split_shares)]
    return [_moment(program, at, namespace) for at in dataset.split_written]


def _spine(program: Program, spine: Spine | None, namespace: str, meanings: Meanings) -> Canon:
    match spine:
        case None:
            return None
        case SpineRows():
            columns = [[c.name, str(c.dtype), c.pii] for c in spine.columns]
            source = program.sources.get(spine.source)
            if source is None:
                scope = Scope(program=program, relation=spine.source)
                values = [meanings.name(c.name, None, scope) for c in spine.columns]
                made = [meanings.rows(scope, ordered=False), values]
                return {"view": made, "columns": columns, "at": spine.at, "keys": spine.keys}
            rows = meanings.source(source, ordered=False)
            return {"rows": rows, "columns": columns, "at": spine.at, "keys": spine.keys}
        case SpineGrid():
            ends = [_moment(program, at, namespace) for at in spine.written]
            sample = None if spine.sample is None else str(spine.sample.normalize())
            return {"every": scalar_canon(spine.every), "ends": ends, "sample": sample}


def _moment(program: Program, written: str, namespace: str) -> Canon:
    """An instant; of a parameter its name and default, not its value."""
    if not written.startswith("$"):
        return written
    declared = program.params.get(f"{namespace}.{written[1:]}")
    if declared is None or declared.secret:
        return [written, None]
    return [written, declared.default]


def _said(dataset: Dataset, readers: Sequence[str]) -> Canon:
    expected = sorted(dumped(expectation_canon(e)) for e in dataset.expectations)
    return [metadata_canon(dataset.meta), list(readers), expected]
