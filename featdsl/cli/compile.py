"""``featc compile``."""

from __future__ import annotations

import json
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from featdsl.cli.errors import UsageMistake
from featdsl.cli.options import Params, Selectors

if TYPE_CHECKING:
    from featdsl.cli.work import Work
    from featdsl.compiler.statements import AsOf
    from featdsl.ir.program import Group, Program


class Form(StrEnum):
    SELECT = "select"
    VIEW = "view"
    TABLE = "table"


class Emit(StrEnum):
    AST = "ast"
    PROGRAM = "program"
    PLAN = "plan"
    SQL = "sql"
    LINEAGE = "lineage"
    MANIFEST = "manifest"


def compile_command(
    context: typer.Context,
    selectors: Selectors = None,
    form: Annotated[
        Form,
        typer.Option("--as", metavar="select|view|table", help="What to make of the query."),
    ] = Form.SELECT,
    as_of: Annotated[
        str | None,
        typer.Option(
            "--as-of",
            metavar="TIME|now|param",
            help="A fixed moment, `now` (when the SQL runs) or `param` (a parameter $as_of). "
            "Without it: as_of of featc.toml, else `param`, for a view or table `now`.",
        ),
    ] = None,
    param: Params = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="PATH", help="A folder (a file a group), or one .sql file."),
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
    """Print the SQL of features, or what leads to it.

    One statement a group. Reads the texts only; touches no data and no database. The same texts
    give the same bytes.

    Examples:
        featc compile
        featc compile spend --as-of 2026-10-01
        featc compile spend --as view --as-of now
        featc compile --as table --out build/sql
        featc compile spend.trend --emit plan
        featc compile --emit manifest > manifest.json

    Exit status: 0, or 1 when the project has mistakes, a selector matches nothing or a file cannot
    be written.
    """
    from featdsl.cli.work import begin

    work = begin(context, param)
    if emit is Emit.SQL:
        _put(work, _statements(work, selectors, form, _moment(work, as_of, form)), out, ".sql")
    elif emit is Emit.PLAN:
        _put(work, _plans(work, selectors), out, ".txt")
    else:
        _put(work, {emit.value: _json(work, selectors, emit)}, out, ".json")


def _moment(work: Work, given: str | None, form: Form) -> AsOf:
    from featdsl.project.as_of import parse_as_of

    setting = work.project.config.project.as_of
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


def _statements(work: Work, selectors: list[str] | None, form: Form, as_of: AsOf) -> dict[str, str]:
    """Text of each group's statement by the group's full name."""
    from featdsl.cli.selection import chosen_groups, names_of
    from featdsl.compiler.statements import Shape, render_statement
    from featdsl.runs.describe import group_fingerprints

    program = work.compilation.program
    chosen = chosen_groups(program, selectors)
    prints = group_fingerprints(program, chosen)
    return {
        wanted.group.name: render_statement(
            program,
            wanted.group.name,
            as_of=as_of,
            shape=Shape(form.value),
            features=names_of(wanted),
            schema=None if form is Form.SELECT else wanted.group.name.rpartition(".")[0],
            fingerprint=prints[wanted.group.name],
            files=_files(program, wanted.group),
        )
        for wanted in chosen
    }


def _files(program: Program, group: Group) -> list[str]:
    """Names of the texts that a group's SQL is made from."""
    from featdsl.runs.needed import needed_sources, needed_views

    behind = [*needed_sources(program, [group.name]), *needed_views(program, [group.name])]
    declared = [group, program.entities[group.entity], *behind]
    return sorted({d.span.source for d in declared})


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
