"""Literate tests: each heading of a Markdown file that holds a ``feat`` block is a test.

Blocks below one heading: ``feat [file]`` (input; several make a project), ``toml`` (settings:
``timezone``, ``[lint]``, ``[attributes]``, ``[params]``; no descriptions and owners are asked for;
it is 10 March 2026, and the environment has the variables of `WORLD`), ``toml lock``
(featc.lock), and expected outputs:
``diagnostics``; ``sql``, ``plan`` (of each group, or ``plan churn`` of a data set);
``sql expect sales`` and ``expectations sales`` (what checks a source, view or group, and what
came of it: `checked.py`); ``sentence`` (of each feature); ``format``.
Outputs are rewritten with ``FEATC_UPDATE_GOLDEN=1``. Without a ``diagnostics`` block there must
be no error; where there is none `test` blocks must pass. ``feat fragment [file]`` is shown, not
run.

In a page with the comment `CARRIED` a heading's blocks come on top of those above it.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Callable, Iterator
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from featdsl.compiler.compilation import Compilation
from featdsl.compiler.options import Options
from featdsl.compiler.pipeline import compile_project
from featdsl.diagnostics.model import Problems
from featdsl.diagnostics.render.text import render_text
from featdsl.ir.program import Origin
from featdsl.project.lock import read_lock
from featdsl.semantics.own_attributes import OwnAttribute
from featdsl.semantics.surroundings import Surroundings
from featdsl.text.sources import SourceSet

if TYPE_CHECKING:
    from featdsl.engines.duckdb import Session

FENCE = re.compile(r"^```(?P<info>[a-z][^\n]*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
FOLDERS = {"literate", "language", "guides"}
WORLD = Surroundings(date(2026, 3, 10), {"REGION": "eu", "LEAST": "7", "MANY": "a,b"})
CARRIED = "<!-- one project from top to bottom -->"
SESSION = pytest.StashKey["Session"]()


def pytest_collect_file(parent: pytest.Collector, file_path: Path) -> pytest.Collector | None:
    if file_path.suffix == ".md" and file_path.parent.name in FOLDERS:
        return LiterateFile.from_parent(parent, path=file_path)
    return None


class LiterateFile(pytest.File):
    def collect(self) -> Iterator[pytest.Item]:
        text = self.path.read_text(encoding="utf-8")
        above: dict[str, str] = {}
        for section in sections(text):
            texts, settings = inputs(section)
            if not texts:
                continue
            if CARRIED in text:
                texts = above = above | texts
            title = section.splitlines()[0].lstrip("# ")
            yield LiterateCase.from_parent(
                self, name=title, section=section, texts=texts, options=options(settings)
            )


class LiterateCase(pytest.Item):
    def __init__(
        self, *, section: str, texts: dict[str, str], options: Options, **kwargs: object
    ) -> None:
        super().__init__(**kwargs)
        self.section = section
        self.texts = texts
        self.options = options

    def runtest(self) -> None:
        compilation = compile_project(SourceSet.of(self.texts), self.options)
        if "```diagnostics" not in self.section:
            assert compilation.ok, render_text(compilation.diagnostics, compilation.texts)
        if compilation.ok:
            self._run_tests(compilation)

        def rewrite(m: re.Match[str]) -> str:
            kind, *names = m["info"].split()
            if kind not in OUTPUTS and kind != "expectations":
                return m[0]
            output = _output(kind, names, compilation, self.options)
            return f"```{m['info']}\n{output.rstrip()}\n```"

        updated = FENCE.sub(rewrite, self.section)
        if os.environ.get("FEATC_UPDATE_GOLDEN"):
            whole = self.path.read_text(encoding="utf-8")
            self.path.write_text(whole.replace(self.section, updated), encoding="utf-8")
        else:
            assert updated == self.section, _difference(self.section, updated)

    def _run_tests(self, compilation: Compilation) -> None:
        if not compilation.program.tests:
            return
        from featdsl.testing.run import run_tests

        session = _session(self.config)
        try:
            results = list(run_tests(compilation, self.options, session=session))
            wrong = [d for r in results for d in r.diagnostics()]
            assert not wrong, render_text(wrong, compilation.texts)
        except BaseException:
            _close(self.config)
            raise

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, 0, f"{self.path.stem}: {self.name}"


def _output(kind: str, names: list[str], compilation: Compilation, options: Options) -> str:
    import checked

    match kind, names:
        case _, []:
            return OUTPUTS[kind](compilation)
        case "sql", ["expect", subject]:
            return checked.sql_of(compilation, options, subject)
        case "expectations", [subject]:
            return checked.told(compilation, options, subject)
    return OF_DATASET[kind](compilation, *names)


def sections(text: str) -> list[str]:
    """The page cut at its headings; `##` inside a block is a doc comment."""
    fences = [m.span() for m in FENCE.finditer(text)]
    headings = (m.start() for m in re.finditer(r"^##+ ", text, flags=re.MULTILINE))
    cuts = [at for at in headings if not any(start < at < end for start, end in fences)]
    return [text[a:b] for a, b in pairwise([0, *cuts, len(text)])]


def inputs(section: str) -> tuple[dict[str, str], dict[str, Any]]:
    """Texts by file name, and settings."""
    texts: dict[str, str] = {}
    settings: dict[str, Any] = {}
    for m in FENCE.finditer(section):
        kind, *rest = m["info"].split()
        if kind == "feat" and rest[:1] != ["fragment"]:
            texts[rest[0] if rest else f"t{len(texts) or ''}.feat"] = m["body"]
        elif kind == "toml" and rest == ["lock"]:
            settings["lock"] = m["body"]
        elif kind == "toml":
            settings |= tomllib.loads(m["body"])
    return texts, settings


def options(settings: dict[str, Any]) -> Options:
    project = settings.get("project", {})
    return Options(
        project="project",
        timezone=project.get("timezone", "UTC"),
        params={k: (v, Origin.COMMAND) for k, v in settings.get("params", {}).items()},
        surroundings=WORLD,
        locked=read_lock(settings.get("lock", "version = 1"), Problems()),
        attributes={
            name: OwnAttribute(**({"type": said} if isinstance(said, str) else _frozen(said)))
            for name, said in settings.get("attributes", {}).items()
        },
        lint={"missing-description": "off", "missing-owner": "off"} | settings.get("lint", {}),
    )


def _frozen(table: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(v) if isinstance(v, list) else v for key, v in table.items()}


def _difference(written: str, computed: str) -> str:
    lines = difflib.unified_diff(
        written.splitlines(), computed.splitlines(), "written", "computed", lineterm=""
    )
    return "\n".join(lines)


def _session(config: pytest.Config) -> Session:
    """One for all pages: to open one takes longer than most tests. What failed leaves none."""
    from featdsl.engines.duckdb import Session
    from featdsl.engines.profile import Profile

    if SESSION not in config.stash:
        config.stash[SESSION] = Session(Profile(threads=1)).__enter__()
    return config.stash[SESSION]


def _close(config: pytest.Config) -> None:
    if SESSION in config.stash:
        config.stash[SESSION].close()
        del config.stash[SESSION]


def pytest_unconfigure(config: pytest.Config) -> None:
    _close(config)


def _diagnostics(compilation: Compilation) -> str:
    return render_text(compilation.diagnostics, compilation.texts)


def _sql(compilation: Compilation) -> str:
    from featdsl.compiler.statements import group_query

    queries = (
        group_query(compilation.program, group, as_of=datetime(2024, 1, 3))
        for group in compilation.program.groups
    )
    return "\n\n".join(f"{q.sql('duckdb', pretty=True)};" for q in queries)


def _plan(compilation: Compilation) -> str:
    from featdsl.compiler.plan_text import plan_text
    from featdsl.planning.build import build
    from featdsl.planning.optimize import optimize

    plans = (optimize(build(compilation.program, g)) for g in compilation.program.groups)
    return "\n\n".join(plan_text(plan) for plan in plans)


def _dataset_sql(compilation: Compilation, dataset: str) -> str:
    from featdsl.compiler.training import training_query

    query = training_query(compilation.program, f"project.{dataset}")
    return f"{query.sql('duckdb', pretty=True)};"


def _dataset_plan(compilation: Compilation, dataset: str) -> str:
    from featdsl.compiler.plan_text import plan_text
    from featdsl.planning.optimize import optimize
    from featdsl.planning.training import build_training

    return plan_text(optimize(build_training(compilation.program, f"project.{dataset}")))


def _sentences(compilation: Compilation) -> str:
    manifest = compilation.manifest()
    return "\n".join(f"{f.short}: {f.sentence}" for f in manifest.features)


def _format(compilation: Compilation) -> str:
    from featdsl.syntax.format import format_text

    texts = (format_text(file.text, file.name, Problems()) for file in compilation.texts)
    return "\n".join(text for text in texts if text is not None)


OUTPUTS: dict[str, Callable[[Compilation], str]] = {
    "diagnostics": _diagnostics,
    "sql": _sql,
    "plan": _plan,
    "sentence": _sentences,
    "format": _format,
}
OF_DATASET: dict[str, Callable[[Compilation, str], str]] = {
    "sql": _dataset_sql,
    "plan": _dataset_plan,
}
