"""pytest runs the tests of ``.feat`` files, and gives Python tests the project as `feat_project`.

pytest finds it by its entry point in every environment that featc is installed in: nothing of
featc but this module is imported before a ``.feat`` file with tests, or the fixture, is met.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from featdsl.api.project import Project
    from featdsl.diagnostics.model import Diagnostic
    from featdsl.ir.program import Test
    from featdsl.testing.result import TestResult
    from featdsl.testing.run import Runner
    from featdsl.text.sources import SourceSet

_SETTINGS = "featc.toml"
_MARK = "feat_project"
_HAS_TEST = re.compile(rb"\btest\s*[\"']")
_OFF = "featc_collect"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add what a project's settings of pytest may say."""
    parser.addini(_OFF, "Whether tests of .feat files are collected.", type="bool", default=True)


def pytest_configure(config: pytest.Config) -> None:
    """Describe the marker, and keep what is loaded for as long as pytest runs."""
    config.addinivalue_line(
        "markers",
        f"{_MARK}(path, params=…, target=…): which featc project the fixture `feat_project` loads.",
    )
    config.stash[_LOADED] = _Loaded()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Close the sessions that tests ran in."""
    if _LOADED in config.stash:
        config.stash[_LOADED].close()


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect ``.feat`` files that hold tests and lie in a project."""
    if file_path.suffix != ".feat" or not parent.config.getini(_OFF):
        return None
    if _root(file_path) is None or not _HAS_TEST.search(file_path.read_bytes()):
        return None
    return FeatFile.from_parent(parent, path=file_path)


@pytest.fixture
def feat_project(request: pytest.FixtureRequest) -> Project:
    """The featc project that the test's file lies in, compiled.

    ``@pytest.mark.feat_project("path", params={…}, target="…")`` names another one, from pytest's
    root folder on, or other values of parameters.

    Example:
        >>> def test_everybody_has_spent_something(feat_project):
        ...     spent = feat_project.snapshot("spend", as_of="2026-10-01").pandas()
        ...     assert (spent["spend_90d"] >= 0).all()
    """
    mark = request.node.get_closest_marker(_MARK)
    path, options = _chosen(*mark.args, **mark.kwargs) if mark is not None else (None, {})
    root = _root(request.path) if path is None else request.config.rootpath / path
    return request.config.stash[_LOADED].project(root or request.path.parent, options)


def _chosen(path: str | Path | None = None, **options: Any) -> tuple[str | Path | None, Any]:
    return path, options


def _root(path: Path) -> Path | None:
    """The nearest folder above a file that holds a project's settings."""
    return next((f for f in path.parents if (f / _SETTINGS).is_file()), None)


class FeatFile(pytest.File):
    """A ``.feat`` file: an item for each of its tests."""

    def collect(self) -> Iterator[pytest.Item]:
        """Compile the project, once for all its files, and list the file's tests.

        Raises:
            CollectError: the project has mistakes; told of the first of its files only.
        """
        root = _root(self.path)
        assert root is not None, "only files of projects are collected"
        loaded = self.config.stash[_LOADED].tests(root)
        if loaded.mistakes:
            told, loaded.mistakes = loaded.mistakes, ""
            raise self.CollectError(told)
        for test in loaded.of_file(self.path):
            yield FeatItem.from_parent(self, name=test.title, test=test, loaded=loaded)


class FeatItem(pytest.Item):
    """One ``test`` block."""

    def __init__(self, *, test: Test, loaded: _Tests, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.test = test
        self.loaded = loaded

    def runtest(self) -> None:
        """Run the test.

        Raises:
            FeatTestFailed: a value differs, or the test cannot be run.
        """
        assert self.loaded.runner is not None
        result = self.loaded.runner.result(self.test)
        if not result.passed:
            raise FeatTestFailed(result)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """What differs, in a table."""
        if isinstance(excinfo.value, FeatTestFailed):
            return self.loaded.failure(excinfo.value.result)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where the test stands; lines count from 0."""
        line, _ = self.loaded.texts.files[self.test.span.source].position(self.test.span.start)
        return self.path, line - 1, f'test "{self.test.title}"'


class FeatTestFailed(Exception):
    """A test of a ``.feat`` file that does not pass."""

    def __init__(self, result: TestResult) -> None:
        super().__init__(result.diagnostics()[0].message)
        self.result = result


class _Tests:
    """The tests of one project; ``mistakes`` are its errors in words, where it has some."""

    def __init__(self, root: Path, stack: ExitStack) -> None:
        from featdsl.compiler.pipeline import compile_project
        from featdsl.diagnostics.failure import Failure
        from featdsl.engines.duckdb import Session
        from featdsl.engines.profile import Profile
        from featdsl.project.load import load_project
        from featdsl.testing.run import Runner
        from featdsl.text.sources import SourceSet

        self.root = root.resolve()
        self.mistakes = ""
        self.texts: SourceSet = SourceSet()
        self.runner: Runner | None = None
        self._tests: tuple[Test, ...] = ()
        try:
            project = load_project(
                root, here_only=True, now=datetime.now(UTC), environment=os.environ
            )
        except Failure as failure:
            self.mistakes = _rendered(failure.diagnostics, self.texts)
            return
        self.texts = project.readable
        compilation = compile_project(project.texts, project.options)
        errors = _errors((*project.problems.sorted(), *compilation.diagnostics))
        if errors:
            self.mistakes = _rendered(errors, self.texts)
            return
        self._tests = compilation.program.tests
        session = stack.enter_context(Session(Profile(threads=1)))
        self.runner = Runner(compilation, project.options, session)

    def of_file(self, path: Path) -> Iterator[Test]:
        """The tests of a file, in its order."""
        real = path.resolve()
        if real.is_relative_to(self.root):
            name = real.relative_to(self.root).as_posix()
            yield from (t for t in self._tests if t.span.source == name)

    def failure(self, result: TestResult) -> str:
        """What is to be said of a test that failed."""
        from featdsl.testing.tables import difference_table

        if result.problem is not None:
            return _rendered([result.problem], self.texts)
        first = result.differences[0]
        more = len(result.differences) - 1
        headline = f"{first}{f' (and {more:,} more)' if more else ''}"
        place = f"the first is stated at {self.texts.where(first.span)}"
        return "\n".join([headline, "", *difference_table(result.differences), "", place])


class _Loaded:
    """What was loaded, by folder: tests once, projects for as long as their texts stay."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._tests: dict[Path, _Tests] = {}
        self._projects: dict[Any, Project] = {}

    def tests(self, root: Path) -> _Tests:
        if root not in self._tests:
            self._tests[root] = _Tests(root, self._stack)
        return self._tests[root]

    def project(self, root: Path, options: Mapping[str, Any]) -> Project:
        from featdsl.api.project import load

        key = (root, repr(sorted(options.items())), _state(root))
        if key not in self._projects:
            self._projects[key] = load(root, **options)
        return self._projects[key]

    def close(self) -> None:
        self._stack.close()
        self._tests.clear()


_LOADED: pytest.StashKey[_Loaded] = pytest.StashKey()


def _state(root: Path) -> tuple[tuple[str, int, int], ...]:
    """What a project's texts and settings look like on the disk."""
    files = [root / _SETTINGS, *root.rglob("*.feat")]
    stats = [(str(f), f.stat()) for f in files if f.is_file()]
    return tuple((name, s.st_mtime_ns, s.st_size) for name, s in sorted(stats))


def _errors(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    from featdsl.diagnostics.model import Severity

    return [d for d in diagnostics if d.severity is Severity.ERROR]


def _rendered(diagnostics: Iterable[Diagnostic], texts: SourceSet) -> str:
    from featdsl.diagnostics.render.text import render_text

    return render_text(diagnostics, texts)
