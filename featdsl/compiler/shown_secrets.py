"""Secrets that SQL would show: values of parameters, passwords in the places of data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from featdsl.compiler.lacking import sources_behind
from featdsl.compiler.redact import passwords_in
from featdsl.compiler.statements import parameters_of
from featdsl.diagnostics import catalog
from featdsl.diagnostics.failure import Failure
from featdsl.ir import expr as ir
from featdsl.ir.program import Program, Source
from featdsl.ir.refs import features_of_rows, groups_behind, relation_expressions
from featdsl.ir.visit import walk


def refuse_secrets(program: Program, groups: Sequence[str], name: str, *, places: bool) -> None:
    """Stop where a statement would show a secret: in a value, or in the `places` of data.

    Raises:
        Failure: a secret would stand in the text.
    """
    shown = secret_shown(program, groups, name, places=places)
    if shown is not None:
        raise shown


def refuse_secret_rows(program: Program, relation: str) -> None:
    """Stop where the statement of a source's or view's rows would show a secret.

    Raises:
        Failure: a secret would stand in the text.
    """
    read = relation_expressions(program, relation)
    named = {n.name for e in read for n in walk(e) if isinstance(n, ir.Param)}
    groups = {f.rpartition(".")[0] for f in features_of_rows(program, relation)}
    for group in groups_behind(program, groups):
        named |= {*parameters_of(program, group.name)}
    shown = _shown(program, named, [*_roots(program, relation)], relation)
    if shown is not None:
        raise shown


def secret_shown(
    program: Program, groups: Sequence[str], name: str, *, places: bool
) -> Failure | None:
    """Why a statement of groups, or of a data set, is not shown; None where it may be."""
    named = {n for group in groups for n in parameters_of(program, group)}
    return _shown(program, named, sources_behind(program, groups, name) if places else (), name)


def groups_of(program: Program, dataset: str) -> tuple[str, ...]:
    """Full names of the groups whose features and labels a data set has."""
    declared = program.datasets[dataset]
    named = (c.feature for c in (*declared.columns, *declared.labels) if c.feature is not None)
    return tuple(dict.fromkeys(f.rpartition(".")[0] for f in named))


def _shown(
    program: Program, named: set[str], sources: Iterable[Source], name: str
) -> Failure | None:
    for source in sources:
        named = named | source.location.params
        if any(passwords_in(source.location.argument)):
            what = f"the password of `{source.short}`"
            found = catalog.NOT_SUPPORTED.at(source.location.span, _message(name, what))
            return Failure(found.help("`featc run` computes it without showing it"))
    secret = next((p for n, p in program.params.items() if p.secret and n in named), None)
    if secret is None:
        return None
    message = _message(name, f"the secret `{secret.short}`")
    found = catalog.NOT_SUPPORTED.at(secret.name_span, message)
    return Failure(found.help("`featc run` computes it without showing the value"))


def _message(name: str, what: str) -> str:
    return f"SQL of `{name}`, which would show {what}: not yet supported"


def _roots(program: Program, relation: str) -> Iterator[Source]:
    found = program.relation(relation)
    if isinstance(found, Source):
        yield found
        return
    for below in (*found.lefts, *(join.source for join in found.joins)):
        yield from _roots(program, below)
