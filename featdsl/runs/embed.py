"""Statements to embed, with what their headers tell: fingerprints, and the texts they are from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from featdsl.compiler.embed import Shape, render_dataset, render_statement
from featdsl.compiler.statements import AsOf
from featdsl.ir.program import Program
from featdsl.ir.refs import groups_behind
from featdsl.runs.describe import dataset_fingerprint, group_fingerprints
from featdsl.runs.needed import needed_sources, needed_views
from featdsl.runs.outputs import Wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedding:
    """What statements make, for which engine, and where.

    ``schema`` is where something is made, None for the namespace; ``source_schema`` where the
    tables of sources are, None for the engine's way of finding them.
    """

    shape: Shape
    dialect: str
    schema: str | None = None
    source_schema: str | None = None

    def schema_of(self, name: str) -> str | None:
        """Where something with this full name is made."""
        if self.shape is Shape.SELECT:
            return None
        return self.schema or name.rpartition(".")[0]


def group_statements(
    program: Program, chosen: Sequence[Wanted], to: Embedding, *, as_of: AsOf
) -> dict[str, str]:
    """The text of each group by its full name.

    Raises:
        ValueError, Failure: as `featdsl.compiler.embed.render_statement`.
    """
    prints = group_fingerprints(program, chosen)
    return {
        wanted.group.name: render_statement(
            program,
            wanted.group.name,
            as_of=as_of,
            shape=to.shape,
            features=None if wanted.whole else tuple(f.short for f in wanted.features),
            schema=to.schema_of(wanted.group.name),
            fingerprint=prints[wanted.group.name],
            files=_files(program, [wanted.group.name]),
            dialect=to.dialect,
            source_schema=to.source_schema,
        )
        for wanted in chosen
    }


def dataset_statement(program: Program, name: str, to: Embedding) -> str:
    """The text of a data set of a full name.

    Raises:
        ValueError, Failure: as `featdsl.compiler.embed.render_dataset`.
    """
    dataset = program.datasets[name]
    computed = (c.feature for c in (*dataset.columns, *dataset.labels))
    groups = dict.fromkeys(f.rpartition(".")[0] for f in computed if f is not None)
    return render_dataset(
        program,
        name,
        shape=to.shape,
        schema=to.schema_of(name),
        fingerprint=dataset_fingerprint(program, dataset),
        files=sorted({dataset.span.source, *_files(program, groups)}),
        dialect=to.dialect,
        source_schema=to.source_schema,
    )


def _files(program: Program, names: Iterable[str]) -> list[str]:
    """Names of the texts that the SQL of groups is made from."""
    listed = list(names)
    groups = groups_behind(program, listed)
    behind = [*needed_sources(program, listed), *needed_views(program, listed)]
    entities = [program.entities[g.entity] for g in groups]
    return sorted({d.span.source for d in (*groups, *entities, *behind)})
