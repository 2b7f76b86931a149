"""``featc export``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from featdsl.cli.options import Params


class What(StrEnum):
    CONTRACT = "contract"


class Form(StrEnum):
    JSON_SCHEMA = "jsonschema"
    AVRO = "avro"
    DDL = "ddl"
    CHANGELOG = "changelog"


def export(
    context: typer.Context,
    what: Annotated[What, typer.Argument(metavar="contract", help="What to write.")],
    name: Annotated[str, typer.Argument(metavar="DATASET", help="Its name or the end of it.")],
    form: Annotated[
        Form, typer.Option("--as", metavar="jsonschema|avro|ddl|changelog", help="For which tools.")
    ] = Form.JSON_SCHEMA,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Where to; without it, it is printed."),
    ] = None,
    param: Params = None,
) -> None:
    """Write what readers of a data set may rely on: columns, types, nulls, units, freshness.

    Its version counts over what was published in the target: a new first number where a contract
    breaks by the rules of `featc plan`, a new second one where values or columns are new, a new
    third one where only something else is said. `changelog` lists them. Writes nothing but FILE.

    Examples:
        featc export contract churn
        featc export contract churn --as avro --out churn.avsc
        featc export contract churn --as changelog

    Exit status: 0, or 1 when the project has mistakes or declares no such data set.
    """
    from featdsl.cli.datasets import dataset_named
    from featdsl.cli.work import begin
    from featdsl.files.atomic import write_text_atomic
    from featdsl.impact import contract_forms as forms
    from featdsl.impact.contract import contract_of
    from featdsl.runs.failures import told

    work = begin(context, param)
    full = dataset_named(work.compilation.program, name)
    write = {
        Form.JSON_SCHEMA: forms.as_json_schema,
        Form.AVRO: forms.as_avro,
        Form.DDL: forms.as_ddl,
        Form.CHANGELOG: forms.as_changes,
    }[form]
    with told():
        text = write(contract_of(work.project.target_dir, work.compilation, full))
        if out is not None:
            write_text_atomic(out.absolute(), text)
    if out is None:
        work.screen.say(text.rstrip("\n"))
