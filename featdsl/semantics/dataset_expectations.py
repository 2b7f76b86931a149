"""What a data set's rows must be like: conditions over the columns of its output."""

from __future__ import annotations

from collections.abc import Iterable

from featdsl.ir.program import DatasetColumn, Expectation, Feature
from featdsl.semantics.dataset_columns import SPLIT, Columns
from featdsl.semantics.environment import Budget, Env, Place
from featdsl.semantics.expectations import Output, expectations
from featdsl.semantics.fns import NODES
from featdsl.semantics.names import RowNames
from featdsl.semantics.project import Known
from featdsl.semantics.relation import ColumnInfo, RelationInfo
from featdsl.semantics.scope import Symbol
from featdsl.syntax import nodes
from featdsl.text.span import Span
from featdsl.types.dtype import TEXT, DType


def dataset_expectations(
    decl: nodes.DatasetDecl,
    symbol: Symbol,
    columns: Columns,
    computed: Iterable[DatasetColumn],
    env: Env,
) -> tuple[Expectation, ...]:
    """The expectations; names are columns of the output, `computed` those with a feature."""
    relation = _output(decl, symbol, columns, computed)
    at = env.moved(place=Place.OUTPUT, names=RowNames(relation), as_of=False, budget=Budget(NODES))
    return expectations(decl.expects, Output("dataset", relation), at)


def _output(
    decl: nodes.DatasetDecl,
    symbol: Symbol,
    columns: Columns,
    computed: Iterable[DatasetColumn],
) -> RelationInfo:
    found = {
        name: ColumnInfo(
            name=name, dtype=c.dtype, nullable=c.nullable, span=c.span, owner=symbol.full
        )
        for name, c in columns.spine.columns.items()
    }
    for column in computed:
        if column.feature is not None:
            dtype = _feature(column.feature, columns.known).dtype
            found[column.name] = _info(column.name, dtype, column.span, symbol)
    if decl.split is not None:
        found[SPLIT] = _info(SPLIT, TEXT, decl.split.span, symbol)
    return RelationInfo(name=symbol.full, what="dataset", span=decl.name.span, columns=found)


def _info(name: str, dtype: DType, span: Span, symbol: Symbol) -> ColumnInfo:
    """Nullable: the key or the time of a row may be unknown."""
    return ColumnInfo(name=name, dtype=dtype, nullable=True, span=span, owner=symbol.full)


def _feature(name: str, known: Known) -> Feature:
    group = name.rpartition(".")[0]
    return (known.groups.get(group) or known.labels[group]).members[name]
