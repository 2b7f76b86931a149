"""``featc docs``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from featdsl.cli.options import OutFolder, Params

if TYPE_CHECKING:
    from featdsl.cli.work import Work

SITE = "site"


def docs(
    context: typer.Context,
    out: OutFolder = None,
    open_page: Annotated[
        bool, typer.Option("--open", help="Open the first page in a browser.")
    ] = False,
    param: Params = None,
) -> None:
    """Build a site with a page for each feature, source, view and entity.

    Reads the texts and the records of runs; writes HTML that needs no server and no network, into
    the target's folder `site` or DIR.

    Examples:
        featc docs
        featc docs --open
        featc docs --out public

    Exit status: 0, or 1 when the project has mistakes or the site cannot be written.
    """
    from featdsl.cli.progress import Waiting
    from featdsl.cli.run_view import shown_path
    from featdsl.cli.work import begin
    from featdsl.text.amounts import count

    work = begin(context, param)
    with Waiting(work.screen, "building the site"):
        index = make_site(work, out)
    pages = count(len(list(index.parent.rglob("*.html"))), "page")
    work.screen.say(f"{work.screen.mark(True)} {pages}", f"  {shown_path(index)}")
    if open_page:
        typer.launch(index.as_uri())


def make_site(work: Work, out: Path | None = None) -> Path:
    """Build the site; returns the path of its first page.

    Records that cannot be read are left out, with a warning for each.
    """
    from featdsl.cli.work import rendered
    from featdsl.diagnostics.model import Problems
    from featdsl.runs.failures import told
    from featdsl.site.build import build_site
    from featdsl.store.failing import load_failing
    from featdsl.store.ledger import load_records

    target, problems = work.project.target_dir, Problems()
    with told():
        records = load_records(target, problems)
    found = {r.run: load_failing(target, r.run) for r in records}
    index = build_site(
        work.compilation.manifest(),
        sql=_statements(work),
        records=records,
        failing={run: rows for run, rows in found.items() if rows is not None},
        out=(out or target / SITE).absolute(),
    )
    if problems.items:
        work.screen.tell(rendered(work, problems.sorted(), err=True))
    return index


def _statements(work: Work) -> dict[str, str]:
    """SQL of each group, each feature alone and each data set, by full name.

    None where it would show a secret.
    """
    from featdsl.compiler.shown_secrets import groups_of, secret_shown
    from featdsl.compiler.statements import AsOf, group_query
    from featdsl.compiler.training import training_query

    program = work.compilation.program
    as_of: AsOf = work.project.config.project.as_of or "param"
    found: dict[str, str] = {}
    for group in program.groups.values():
        if not group.features:
            continue  # all rest on inputs
        if secret_shown(program, (group.name,), group.name, places=True) is not None:
            continue
        found[group.name] = group_query(program, group.name, as_of=as_of).sql("duckdb", pretty=True)
        for feature in group.features.values():
            query = group_query(program, group.name, as_of=as_of, features=(feature.short,))
            found[feature.name] = query.sql("duckdb", pretty=True)
    for dataset in program.datasets.values():
        groups = groups_of(program, dataset.name)
        secret = secret_shown(program, groups, dataset.name, places=True)
        if dataset.spine is not None and secret is None:
            found[dataset.name] = training_query(program, dataset.name).sql("duckdb", pretty=True)
    return found
