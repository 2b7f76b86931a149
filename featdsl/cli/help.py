"""The layout of help: plain text, examples as they are typed, headings bold on a terminal."""

from __future__ import annotations

import inspect
import shutil
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from featdsl.cli.errors import OutputClosed, Placed, UsageMistake
from featdsl.diagnostics.suggest import did_you_mean

MAX_WIDTH = 96
COMMON = "Everywhere: --project DIR, --target NAME, --no-color, --debug, --help."
TEXTS = "featdsl.texts"
"""Under this name the context keeps the texts that a failure may point into."""
Row = tuple[str, str]


class Command(TyperCommand):
    """A command; its docstring is its help. Indented lines of the docstring stay as they are."""

    def get_help(self, ctx: Any) -> str:
        parameters: list[Any] = [p for p in self.get_params(ctx) if not getattr(p, "hidden", False)]
        arguments = [p for p in parameters if p.param_type_name == "argument"]
        options = [p for p in parameters if p not in arguments and "--help" not in p.opts]
        usage = " ".join([ctx.command_path, *map(_usage, arguments), "[OPTIONS]"])
        body, examples, status = _split(inspect.cleandoc(self.help or ""))
        parts = [f"{_bold('Usage:')} {usage}", *map(_paragraph, body)]
        if rows := [_argument_row(a) for a in arguments if a.help]:
            parts.append(_section("Arguments", rows))
        if rows := [_option_row(o) for o in options]:
            parts.append(_section("Options", rows))
        if examples:
            parts.append("\n".join([_bold("Examples"), *(f"  {line}" for line in examples)]))
        return "\n\n".join([*parts, *map(_paragraph, status), _paragraph(COMMON)])


class Group(TyperGroup):
    """All commands; they are listed under the headings that `app` gives them."""

    def get_help(self, ctx: Any) -> str:
        first, *rest = inspect.cleandoc(self.help or "").split("\n\n")
        parts = [_paragraph(first), f"{_bold('Usage:')} {ctx.command_path} COMMAND [OPTIONS]"]
        sections: dict[str, list[Row]] = {}
        for name, command in self.commands.items():
            heading = getattr(command, "rich_help_panel", None) or "Commands"
            sections.setdefault(heading, []).append((name, summary(command)))
        width = max(len(name) for name in self.commands) + 2
        parts += [_section(heading, rows, width) for heading, rows in sections.items()]
        options = [p for p in self.get_params(ctx) if "--help" not in p.opts]
        parts.append(_section("Options, before or after the command", map(_option_row, options)))
        return "\n\n".join([*parts, *map(_paragraph, rest)])

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name = args[0]
        if self.get_command(ctx, name) is None and not name.startswith("-"):
            remedy = did_you_mean(name, self.commands, what="commands")
            raise UsageMistake(
                f"`featc` has no command `{name}`", remedy or "`featc --help` lists the commands"
            )
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        from featdsl.diagnostics.failure import Failure

        try:
            return super().invoke(ctx)
        except BrokenPipeError as failure:
            raise OutputClosed from failure
        except Failure as failure:
            texts = ctx.meta.get(TEXTS)
            if texts is None:
                raise
            raise Placed(failure, texts) from failure


def summary(command: Any) -> str:
    """First sentence of a command's help, without its full stop."""
    first = inspect.cleandoc(command.help or "").partition("\n\n")[0]
    return " ".join(first.split()).rstrip(".")


def _split(text: str) -> tuple[list[str], list[str], list[str]]:
    """Paragraphs before the examples, the lines of the examples, paragraphs after them."""
    before, heading, after = text.partition("\n\nExamples:\n")
    if not heading:
        return before.split("\n\n"), [], []
    examples, _, rest = after.partition("\n\n")
    lines = textwrap.dedent(examples).splitlines()
    return before.split("\n\n"), lines, rest.split("\n\n") if rest else []


def _paragraph(text: str) -> str:
    if any(line.startswith(" ") for line in text.splitlines()):
        return text
    return "\n".join(textwrap.wrap(text, _width(), break_on_hyphens=False))


def _section(heading: str, rows: Iterable[Row], width: int | None = None) -> str:
    rows = list(rows)
    left = width or min(max(len(name) for name, _ in rows) + 2, 28)
    return "\n".join([_bold(heading), *_lines(rows, left)])


def _lines(rows: Sequence[Row], left: int) -> Iterator[str]:
    for name, text in rows:
        wrapped = textwrap.wrap(text, _width() - left - 2, break_on_hyphens=False) or [""]
        if len(name) + 2 > left:
            yield f"  {name}"
            name = ""
        yield f"  {name:<{left}}{wrapped[0]}".rstrip()
        yield from (f"  {'':<{left}}{line}" for line in wrapped[1:])


def _usage(argument: Any) -> str:
    name = _metavar(argument) + ("..." if argument.nargs != 1 else "")
    return name if argument.required else f"[{name}]"


def _metavar(parameter: Any) -> str:
    return str(parameter.metavar or parameter.name.upper())


def _argument_row(argument: Any) -> Row:
    return _metavar(argument), " ".join(argument.help.split())


def _option_row(option: Any) -> Row:
    names = ", ".join(sorted(option.opts, key=len))
    value = "" if option.is_flag else f" {_metavar(option)}"
    return names + value, " ".join((option.help or "").split())


def _width() -> int:
    return min(shutil.get_terminal_size().columns, MAX_WIDTH)


def _bold(text: str) -> str:
    # The echo that prints help takes this out again where there is no terminal.
    return typer.style(text, bold=True)
