"""``featc get``."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from featdsl.cli.errors import UsageMistake
from featdsl.cli.options import AsJson, Params

if TYPE_CHECKING:
    from featdsl.cli.work import Work
    from featdsl.ir.expr import Value
    from featdsl.runs.asked import Request
    from featdsl.runs.evaluate import Evaluated


def get(
    context: typer.Context,
    name: Annotated[
        str,
        typer.Argument(metavar="DATASET", help="A data set; its name or the end of it."),
    ],
    keys: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="KEY",
            help="Whose values; several give a row each. Of several keys: origin=JFK,dest=BOS.",
        ),
    ] = None,
    inputs: Annotated[
        list[str] | None,
        typer.Option(
            "--input",
            metavar="NAME=VALUE",
            help="What the request sends: a column of an input, total or cart.total; may be "
            "repeated. Lists are [a, b], maps {a: 1}.",
        ),
    ] = None,
    nulls: Annotated[
        list[str] | None,
        typer.Option("--null", metavar="NAME", help="An input that is not known; may be repeated."),
    ] = None,
    param: Params = None,
    as_json: AsJson = False,
) -> None:
    """Get a data set's features of a key, as a request would: published values and inputs.

    Values are what the last `featc run` published, as of its time; what rests on an input is
    computed from them and the inputs given, as in a training set. Reads no source, writes nothing.
    Keys that do not exist have nulls, and are told.

    Examples:
        featc get churn 17826162
        featc get risk 17826162 --input total=40.00 --input gift=true
        featc get risk 1 2 3 --input cart.total=40.00 --null cart.gift --json
        featc get delays origin=JFK,dest=BOS

    Exit status: 0, or 1 when the project has mistakes, nothing that answers was published, or an
    input is missing or does not fit; 2 when the command line is wrong.
    """
    from featdsl.cli.datasets import dataset_named
    from featdsl.cli.get_view import as_json_value, as_text
    from featdsl.cli.work import begin

    work = begin(context, param)
    dataset = dataset_named(work.compilation.program, name)
    request = _request(work, dataset, keys or [], _assignments(inputs or [], nulls or []))
    found = _evaluate(work, dataset, request)
    if as_json:
        work.screen.say(json.dumps(as_json_value(found), indent=2, ensure_ascii=False))
    else:
        work.screen.say(*as_text(work.screen, found))


def _assignments(inputs: Iterable[str], nulls: Iterable[str]) -> dict[str, str | None]:
    """Texts by name, None for null.

    Raises:
        UsageMistake: something is no ``name=value``, or a name stands twice.
    """
    found: dict[str, str | None] = {}
    for text in inputs:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise UsageMistake(f"`--input {text}` is no NAME=VALUE", "write `--input total=40.00`")
        _add(found, name.strip(), value)
    for name in nulls:
        _add(found, name.strip(), None)
    return found


def _add(found: dict[str, str | None], name: str, value: str | None) -> None:
    if name in found:
        raise UsageMistake(f"the input `{name}` is given twice", "give it once")
    found[name] = value


def _request(work: Work, dataset: str, keys: list[str], given: Mapping[str, str | None]) -> Request:
    from featdsl.cli.keys import read_keys
    from featdsl.runs.asked import Request, input_text, key_values, named_inputs

    program = work.compilation.program
    declared = program.datasets[dataset]
    entity = program.entities[declared.entity]
    if entity.keys and not keys:
        names = ", ".join(k.name for k in entity.keys)
        raise UsageMistake(
            f"`{declared.short}` is of each {entity.short}: whose values?",
            f"name a key, its {names}: `featc get {declared.short} …`",
        )
    read = read_keys(entity, keys, option="") if keys else [()]
    typed = tuple(key_values(entity, key) for key in read)
    named = named_inputs(program, declared, given)
    values: dict[str, tuple[Value, ...]] = {
        name: (input_text(name, text, column),) * len(typed)
        for name, (column, text) in named.items()
    }
    return Request(typed, values)


def _evaluate(work: Work, dataset: str, request: Request) -> Evaluated:
    from featdsl.cli.progress import Waiting
    from featdsl.diagnostics.failure import Failure
    from featdsl.project.load import with_remedies
    from featdsl.runs.evaluate import evaluate

    try:
        with Waiting(work.screen, f"getting {dataset}"):
            return evaluate(work.project, work.compilation, dataset, request)
    except Failure as failure:
        raise Failure(*with_remedies(work.project, failure.diagnostics)) from failure
