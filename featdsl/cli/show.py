"""``featc show``."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from featdsl.cli.errors import UsageMistake
from featdsl.cli.options import AsJson, Params

if TYPE_CHECKING:
    from featdsl.cli.names import Entry
    from featdsl.cli.work import Work
    from featdsl.compiler.statements import AsOf


def show(
    context: typer.Context,
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME",
            help="A feature, label, family, group, dataset, consumer, source, view, entity, "
            "parameter or wanted feature; its full name or the end of it. SOURCE.COLUMN is a "
            "column.",
        ),
    ],
    sql: Annotated[bool, typer.Option("--sql", help="Its SQL instead.")] = False,
    plan: Annotated[bool, typer.Option("--plan", help="Its logical plan instead.")] = False,
    param: Params = None,
    as_json: AsJson = False,
) -> None:
    """Show what something is, in words or in SQL.

    Definition, type, windows with their exact ends, what it rests on, who owns it. Reads the texts
    only and writes nothing.

    Examples:
        featc show spend.premium_txn_share
        featc show trend --sql
        featc show transactions
        featc show churn
        featc show transactions.amount
        featc show spend_7d --json

    Exit status: 0, or 1 when the project has mistakes or nothing is called NAME.
    """
    from featdsl.cli.names import column_of, find
    from featdsl.cli.show_entry import describe, describe_column
    from featdsl.cli.work import begin

    work = begin(context, param)
    manifest = work.compilation.manifest()
    column = column_of(manifest, name)
    if column is not None:
        if sql or plan:
            raise _nothing_of_its_own(name, "column", plan=plan)
        source, owned = column
        if as_json:
            said = {"source": source.name, **owned.model_dump(mode="json")}
            work.screen.say(json.dumps(said, indent=2))
        else:
            work.screen.say(*describe_column(work.screen, source, owned))
        return
    found = find(manifest, name)
    if sql or plan:
        work.screen.say(*_queries(work, found, plan=plan))
    elif as_json:
        shown = [entry.model_dump(mode="json") for entry in found]
        work.screen.say(json.dumps(shown[0] if len(shown) == 1 else shown, indent=2))
    else:
        for number, entry in enumerate(found):
            work.screen.say(*([""] if number else []), *describe(work.screen, entry))


def _queries(work: Work, found: Iterable[Entry], *, plan: bool) -> Iterator[str]:
    from featdsl.cli.names import kind_of
    from featdsl.compiler.plan_text import plan_text
    from featdsl.compiler.shown_secrets import groups_of, refuse_secret_rows, refuse_secrets
    from featdsl.compiler.statements import group_query, relation_query
    from featdsl.compiler.training import training_query
    from featdsl.ir.manifest import (
        DatasetEntry,
        FeatureEntry,
        GroupEntry,
        SourceEntry,
        ViewEntry,
    )
    from featdsl.planning.build import build, build_rows
    from featdsl.planning.optimize import optimize
    from featdsl.planning.training import build_training

    program = work.compilation.program
    as_of: AsOf = work.project.config.project.as_of or "param"
    for entry in found:
        match entry:
            case FeatureEntry(label=True) | GroupEntry(labels=True):
                raise _nothing_of_its_own(entry.name, kind_of(entry), plan=plan)
            case FeatureEntry() | GroupEntry():
                feature = isinstance(entry, FeatureEntry)
                group = entry.group if isinstance(entry, FeatureEntry) else entry.name
                wanted = (entry.short,) if feature else None
                asked = {entry.name} if feature else {*program.groups[group].members}
                if asked <= program.groups[group].requests.keys():
                    raise _of_requests(entry.name, plan=plan)
                if plan:
                    yield plan_text(optimize(build(program, group, features=wanted)))
                else:
                    refuse_secrets(program, (group,), entry.name, places=True)
                    query = group_query(program, group, as_of=as_of, features=wanted)
                    yield query.sql("duckdb", pretty=True) + ";"
            case SourceEntry() | ViewEntry():
                if plan:
                    yield plan_text(build_rows(program, entry.name))
                else:
                    refuse_secret_rows(program, entry.name)
                    query = relation_query(program, entry.name, as_of=as_of)
                    yield query.sql("duckdb", pretty=True) + ";"
            case DatasetEntry():
                if plan:
                    yield plan_text(optimize(build_training(program, entry.name)))
                else:
                    refuse_secrets(program, groups_of(program, entry.name), entry.name, places=True)
                    yield training_query(program, entry.name).sql("duckdb", pretty=True) + ";"
            case _:
                raise _nothing_of_its_own(entry.name, kind_of(entry), plan=plan)


def _of_requests(name: str, *, plan: bool) -> UsageMistake:
    return UsageMistake(
        f"`{name}` rests on an input, and has no {'plan' if plan else 'SQL'} of its own",
        "name a data set that includes it",
    )


def _nothing_of_its_own(name: str, kind: str, *, plan: bool) -> UsageMistake:
    what = "plan" if plan else "SQL"
    return UsageMistake(
        f"`{name}` is of kind {kind}, which has no {what} of its own",
        "name a feature, group, dataset, source or view",
    )
