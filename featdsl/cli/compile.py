"""``featc compile``."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from featdsl.cli.errors import UsageMistake
from featdsl.cli.options import Params, Selectors

if TYPE_CHECKING:
    from featdsl.cli.work import Work
    from featdsl.compiler.statements import AsOf
    from featdsl.ir.program import Program
    from featdsl.runs.embed import Embedding


class Form(StrEnum):
    SELECT = "select"
    VIEW = "view"
    TABLE = "table"
    MACRO = "macro"
    DATASET = "dataset"


class Emit(StrEnum):
    AST = "ast"
    PROGRAM = "program"
    PLAN = "plan"
    SQL = "sql"
    LINEAGE = "lineage"
    MANIFEST = "manifest"


@dataclass(frozen=True, slots=True)
class Target:
    """What is made, for which engine, and where."""

    form: Form
    dialect: str
    schema: str | None
    source_schema: str | None

    def embedding(self) -> Embedding:
        from featdsl.compiler.embed import Shape
        from featdsl.runs.embed import Embedding

        form = Form.SELECT if self.form is Form.DATASET else self.form
        return Embedding(
            shape=Shape(form.value),
            dialect=self.dialect,
            schema=self.schema,
            source_schema=self.source_schema,
        )


def compile_command(
    context: typer.Context,
    selectors: Selectors = None,
    form: Annotated[
        Form,
        typer.Option(
            "--as",
            metavar="select|view|table|macro|dataset",
            help="What to make of the query: a macro is called with an as-of time (in Postgres it "
            "is a function); dataset is the SELECT of a training set.",
        ),
    ] = Form.SELECT,
    dialect: Annotated[
        str,
        typer.Option("--dialect", metavar="duckdb|postgres", help="The engine that will run it."),
    ] = "duckdb",
    as_of: Annotated[
        str | None,
        typer.Option(
            "--as-of",
            metavar="TIME|now|param",
            help="A fixed moment, `now` (when the SQL runs) or `param` (a parameter $as_of). "
            "Without it: as_of of featc.toml, else `param`, for a view or table `now`.",
        ),
    ] = None,
    schema: Annotated[
        str | None,
        typer.Option(
            "--schema",
            metavar="NAME",
            help="Where a view, table or macro is made; without it, in the target's schema of "
            "featc.toml, else in one of its namespace's name.",
        ),
    ] = None,
    source_schema: Annotated[
        str | None,
        typer.Option(
            "--source-schema",
            metavar="NAME",
            help="Where tables with the names of the sources are. Without it Postgres looks on "
            "its search path, and DuckDB reads the sources' files.",
        ),
    ] = None,
    param: Params = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="PATH",
            help="A folder (a file a group or training set), or one .sql file.",
        ),
    ] = None,
    emit: Annotated[
        Emit,
        typer.Option(
            "--emit",
            metavar="WHAT",
            help="ast, program, plan, sql, lineage or manifest: what a stage of the compiler "
            "makes; sql without it.",
        ),
    ] = Emit.SQL,
) -> None:
    """Print the SQL of features and training sets, or what leads to it.

    One text a group or training set; a selector may name either. Reads the texts only; touches
    no data and no database. The same texts give the same bytes. What an engine cannot compute
    with the same values is refused: docs/dialects.md lists it.

    Examples:
        featc compile
        featc compile spend --as-of 2026-10-01
        featc compile spend --as view --as-of now
        featc compile --as table --out build/sql
        featc compile spend --dialect postgres --as macro --source-schema public
        featc compile churn --as dataset
        featc compile spend.trend --emit plan
        featc compile --emit manifest > manifest.json

    Exit status: 0, or 1 when the project has mistakes, a selector matches nothing or a file cannot
    be written.
    """
    from featdsl.cli.changed import expanded
    from featdsl.cli.work import begin

    work = begin(context, param)
    selectors = expanded(work, selectors)
    if emit is Emit.SQL:
        where = schema or work.project.target.schema_name
        target = Target(form, dialect, where, source_schema)
        _put(work, _statements(work, selectors, target, as_of), out, ".sql")
    elif emit is Emit.PLAN:
        _put(work, _plans(work, selectors), out, ".txt")
    else:
        _put(work, {emit.value: _json(work, selectors, emit)}, out, ".json")


def _moment(work: Work, given: str | None, form: Form) -> AsOf:
    from featdsl.project.as_of import parse_as_of

    setting = work.project.config.project.as_of
    if form is Form.MACRO:
        if given is not None and given.strip().lower() != "param":
            raise UsageMistake("a macro is called with its as-of time", "leave `--as-of` out")
        return "param"
    match given.strip().lower() if given is not None else None:
        case "param":
            if form is not Form.SELECT:
                raise UsageMistake(
                    f"a {form} cannot have a parameter", "name a moment, or `--as-of now`"
                )
            return "param"
        case "now":
            return "now"
        case None:
            return setting or ("param" if form is Form.SELECT else "now")
    return parse_as_of(given or "", now=work.settings.clock())


def _statements(
    work: Work, selectors: list[str] | None, target: Target, as_of: str | None
) -> dict[str, str]:
    """Text of each group's and training set's statement, by full name."""
    from featdsl.dialects.registry import dialects

    if target.dialect not in dialects():
        known = ", ".join(sorted(dialects()))
        raise UsageMistake(
            f"statements are not written for `{target.dialect}`", f"the dialects are: {known}"
        )
    datasets, rest = _named_datasets(work.compilation.program, selectors, target.form)
    if datasets and as_of is not None:
        raise UsageMistake("a training set has the times of its own spine", "leave `--as-of` out")
    found = {} if datasets and not rest else _groups(work, rest, target, as_of)
    return found | {name: _dataset(work, name, target) for name in datasets}


def _named_datasets(
    program: Program, selectors: list[str] | None, form: Form
) -> tuple[list[str], list[str]]:
    """Full names of the training sets that are asked for, and the other selectors."""
    named = {
        selector: [n for n, d in program.datasets.items() if selector in (n, d.short)]
        for selector in selectors or ()
    }
    datasets = list(dict.fromkeys(name for names in named.values() for name in names))
    rest = [selector for selector, names in named.items() if not names]
    if form is Form.DATASET:
        if rest or not program.datasets:
            known = ", ".join(d.short for d in program.datasets.values())
            raise UsageMistake(
                f"no training set is called `{rest[0]}`" if rest else "there is no training set",
                f"training sets: {known}" if known else "declare a `dataset`",
            )
        datasets = datasets or list(program.datasets)
    if datasets and form is Form.MACRO:
        raise UsageMistake(
            "a training set has the times of its own spine", "make a view or table of it"
        )
    return datasets, rest


def _groups(work: Work, selectors: list[str], target: Target, as_of: str | None) -> dict[str, str]:
    from featdsl.cli.selection import chosen_groups
    from featdsl.runs.embed import group_statements

    program = work.compilation.program
    return group_statements(
        program,
        chosen_groups(program, selectors),
        target.embedding(),
        as_of=_moment(work, as_of, target.form),
    )


def _dataset(work: Work, name: str, target: Target) -> str:
    from featdsl.runs.embed import dataset_statement

    program = work.compilation.program
    dataset = program.datasets[name]
    if dataset.spine is None:
        raise UsageMistake(
            f"`{dataset.short}` has no spine of its own", "`featc train` takes one with `--spine`"
        )
    return dataset_statement(program, name, target.embedding())


def _plans(work: Work, selectors: list[str] | None) -> dict[str, str]:
    from featdsl.cli.selection import chosen_groups, names_of
    from featdsl.compiler.plan_text import plan_text
    from featdsl.planning.build import build
    from featdsl.planning.optimize import optimize

    program = work.compilation.program
    found = {}
    for wanted in chosen_groups(program, selectors):
        plan = optimize(build(program, wanted.group.name, features=names_of(wanted)))
        found[wanted.group.name] = f"# {wanted.group.name}\n\n{plan_text(plan)}\n"
    return found


def _json(work: Work, selectors: list[str] | None, emit: Emit) -> str:
    from featdsl.cli.dump import plain
    from featdsl.project.selectors import select

    value: Any
    compilation = work.compilation
    match emit:
        case Emit.AST:
            value = [plain(module) for module in compilation.modules]
        case Emit.PROGRAM:
            value = plain(compilation.program)
        case Emit.LINEAGE:
            chosen = set(select(compilation.program, selectors or ()))
            entries = [f for f in compilation.manifest().features if f.name in chosen]
            fields = {"name", "columns", "features", "used_by", "parameters"}
            value = [entry.model_dump(mode="json", include=fields) for entry in entries]
        case _:
            value = compilation.manifest().model_dump(mode="json")
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _put(work: Work, texts: dict[str, str], out: Path | None, suffix: str) -> None:
    """Print the texts, or write them: to a file, or to a file each in a folder."""
    from featdsl.files.atomic import write_text_atomic
    from featdsl.files.paths import safe_name

    if out is None:
        work.screen.say("\n".join(text.rstrip("\n") + "\n" for text in texts.values()).rstrip("\n"))
        return
    if out.suffix == suffix and not out.is_dir():
        written = {out: "\n".join(texts.values())}
    else:
        names = _file_names(texts)
        written = {out / f"{safe_name(names[n])}{suffix}": text for n, text in texts.items()}
    for path, text in written.items():
        write_text_atomic(path, text)
        work.screen.tell(f"wrote {path}")


def _file_names(names: Iterable[str]) -> dict[str, str]:
    """Short names where no two are the same, else full ones."""
    names = list(names)
    shorts = [name.rpartition(".")[2] for name in names]
    return {n: s if shorts.count(s) == 1 else n for n, s in zip(names, shorts, strict=True)}
