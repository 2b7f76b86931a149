"""For which columns a relation has one row at most, by what its sources say of themselves."""

from __future__ import annotations

from featdsl.ir.program import Program, Source, View


def one_row_for(program: Program, name: str, columns: tuple[str, ...]) -> bool:
    """Whether other checks say that values of the columns have one row at most at any time."""
    relation = program.relation(name)
    if isinstance(relation, View):
        several = relation.is_union or any(j.many for j in relation.joins)
        return not several and one_row_for(program, relation.left, columns)
    if relation.keep is not None:
        return set(relation.keep.per) <= set(columns)
    if relation.valid is not None:
        return any(set(key) <= set(columns) for key in validity_keys(relation))
    taken = set() if relation.snapshot is None else {relation.snapshot.column}
    return bool(relation.key) and set(relation.key) - taken <= set(columns)


def validity_keys(source: Source) -> list[tuple[str, ...]]:
    """Columns for which at most one row may hold at a time.

    Those of the key but the times of validity; without a key, of the role where there is one.
    """
    assert source.valid is not None
    times = {source.valid.start, source.valid.end}
    key = tuple(c for c in source.key if c not in times)
    if key:
        return [key]
    return [source.roles[0].columns] if len(source.roles) == 1 else []
