"""The stages in order: parse, analyse."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from featdsl.compiler.compilation import Compilation
from featdsl.compiler.options import Options
from featdsl.diagnostics import catalog
from featdsl.diagnostics.model import Diagnostic, Problems, Severity
from featdsl.semantics.passes import analyse
from featdsl.syntax.limits import MISTAKES
from featdsl.syntax.parse import parse
from featdsl.text.sources import SourceSet


def compile_project(texts: SourceSet, options: Options) -> Compilation:
    """Compile all files of a project. Total: mistakes are diagnostics, never exceptions."""
    problems = Problems()
    modules = tuple(parse(file.text, file.name, problems) for file in texts)
    program = analyse(
        modules,
        project=options.project,
        timezone=options.timezone,
        params=options.params,
        surroundings=options.surroundings,
        locked=options.locked,
        attributes=options.attributes,
        texts=texts,
        problems=problems,
        enabled=[slug for slug, level in options.lint.items() if level != "off"],
    )
    return Compilation(texts, modules, program, _configured(problems, options.lint))


def compile_text(text: str, name: str = "t.feat", options: Options | None = None) -> Compilation:
    """Compile one file that is a project by itself."""
    return compile_project(SourceSet.of({name: text}), options or Options(project="project"))


def _configured(problems: Problems, lint: Mapping[str, str]) -> tuple[Diagnostic, ...]:
    """Sorted; warnings with the severity that the project gives their slug.

    Of a file's mistakes as many as anyone would read: each has its line of the text to show.
    """
    found: list[Diagnostic] = []
    mistakes = Counter[str]()
    for diagnostic in problems.sorted():
        if diagnostic.severity is Severity.ERROR and diagnostic.primary is not None:
            span = diagnostic.primary.span
            mistakes[span.source] += 1
            if mistakes[span.source] == MISTAKES + 1:
                found.append(
                    catalog.TOO_MANY_MISTAKES.at(
                        span, f"the file has more than {MISTAKES} mistakes; the rest is not shown"
                    ).help("mend the first ones: later ones may follow from them")
                )
            if mistakes[span.source] > MISTAKES:
                continue
        level = lint.get(diagnostic.code.slug)
        if diagnostic.severity is not Severity.WARNING or level is None:
            found.append(diagnostic)
        elif level != "off":
            severity = Severity.ERROR if level == "error" else Severity.WARNING
            found.append(replace(diagnostic, severity=severity))
    return tuple(found)
