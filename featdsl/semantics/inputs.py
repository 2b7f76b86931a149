"""Inputs: columns that arrive with a request."""

from __future__ import annotations

from featdsl.diagnostics import catalog
from featdsl.ir.program import Input, SourceColumn
from featdsl.semantics.attributes import meta
from featdsl.semantics.environment import Env
from featdsl.semantics.names import AS_OF, reserved
from featdsl.semantics.project import Known
from featdsl.semantics.scope import Kind
from featdsl.semantics.written_types import written_type
from featdsl.syntax import nodes


def resolve_inputs(env: Env, known: Known) -> None:
    """The inputs of a namespace, with their typed columns."""
    for symbol in env.scope.of(Kind.INPUT):
        if isinstance(symbol.decl, nodes.InputDecl):
            decl = symbol.decl
            known.inputs[symbol.full] = Input(
                name=symbol.full,
                meta=meta(decl, "input", env),
                span=decl.span,
                name_span=decl.name.span,
                columns=_columns(decl, env),
            )
            if not decl.columns and not decl.broken:
                env.report(
                    catalog.MISSING_ITEM.at(
                        decl.name.span, f"the input `{decl.name.text}` has no columns"
                    ).help("list what arrives: `amount: decimal(12,2)`")
                )


def _columns(decl: nodes.InputDecl, env: Env) -> dict[str, SourceColumn]:
    columns: dict[str, SourceColumn] = {}
    folded: dict[str, SourceColumn] = {}
    for column in decl.columns:
        name, dtype = column.name.text, written_type(column.type, env.report)
        first = folded.get(name.lower())
        if first is not None:
            env.report(
                catalog.DUPLICATE_COLUMN.at(
                    column.name.span,
                    f"`{decl.name.text}` has the column `{name}` twice"
                    if name == first.name
                    else f"`{name}` and `{first.name}` differ in case only: engines read one name",
                ).because(first.span, "first declared here")
            )
            continue
        if name.lower() == AS_OF:
            env.report(
                catalog.RESERVED_NAME.at(column.name.span, reserved(name, "no column's name")).help(
                    "a request has a time of its own: `as_of` is it"
                )
            )
        columns[name] = folded[name.lower()] = SourceColumn(
            name=name,
            dtype=dtype,
            required=column.required,
            pii=column.pii,
            description=column.description,
            span=column.name.span,
        )
    return columns
