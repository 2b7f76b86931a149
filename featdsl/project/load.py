"""From a folder to what the compiler takes: texts and options."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path

from featdsl.compiler.options import Options
from featdsl.diagnostics import catalog
from featdsl.diagnostics.failure import Failure
from featdsl.diagnostics.model import Diagnostic, Problems, Severity
from featdsl.diagnostics.suggest import did_you_mean
from featdsl.project.code import code_digest
from featdsl.project.config import DEFAULT_TARGET, SETTINGS_FILE, Config, Target
from featdsl.project.discover import MAX_FILES, find_root, find_texts
from featdsl.project.location import misplaced
from featdsl.project.lock import LOCK_FILE, read_lock
from featdsl.project.params import overrides, read_assignments
from featdsl.project.read_config import name_from, own_attributes, read_config
from featdsl.project.read_text import read_text
from featdsl.project.toml_places import locate
from featdsl.semantics.surroundings import Surroundings
from featdsl.sources.python import file_of
from featdsl.text.sources import SourceFile, SourceSet
from featdsl.text.span import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A project as it lies on the disk. ``root`` is absolute; `texts` holds ``.feat`` files only.

    ``lock`` is empty where there is no ``featc.lock``. ``problems`` are those met on the way
    here; the compiler's own are not among them. Data may lie in ``data_dir`` and in ``more_data``,
    absolute folders that a caller adds.
    """

    root: Path
    config: Config
    target: Target
    target_name: str
    texts: SourceSet
    settings: SourceFile
    lock: SourceFile
    options: Options
    problems: Problems
    more_data: tuple[Path, ...] = ()
    misplaced: tuple[Diagnostic, ...] = ()
    """Why the folder that featc would write into cannot be used."""

    @property
    def data_dir(self) -> Path:
        """Where relative source paths start; absolute."""
        return self.root / self.config.project.data_dir

    @property
    def target_dir(self) -> Path:
        """Where everything that featc writes goes; absolute.

        Raises:
            Failure: the target's location cannot be used; no other is taken in its place.
        """
        if self.misplaced:
            raise Failure(*self.misplaced)
        return self.root / (self.target.location or self.config.project.target_dir)

    @property
    def readable(self) -> SourceSet:
        """All that a diagnostic may point into: the texts, ``featc.toml`` and ``featc.lock``."""
        more = (self.settings, self.lock)
        return SourceSet({**self.texts.files, **{file.name: file for file in more}})


def load_project(
    start: Path,
    *,
    here_only: bool = False,
    target: str = DEFAULT_TARGET,
    params: Iterable[str] = (),
    now: datetime | None = None,
    environment: Mapping[str, str] | None = None,
) -> Project:
    """Load the project that `start` is in (with `here_only`: the one that it is).

    A file that cannot be read is reported in ``problems``, and the others are loaded.

    Args:
        start: A folder.
        here_only: Whether folders above `start` are no answer.
        target: The name of one of the targets in ``featc.toml``.
        params: Values for parameters, ``name=value``; they win over the target's.
        now: The clock, with its zone, and
        environment: variables by name: what defaults of parameters may read.

    Raises:
        Failure: there is no project, no such target, or `params` are malformed.
    """
    root = find_root(start, here_only=here_only)
    given = read_assignments(params)
    problems = Problems()
    settings = SourceFile(
        SETTINGS_FILE, read_text(root / SETTINGS_FILE, SETTINGS_FILE, problems) or ""
    )
    # Without its settings a project has no name: what would follow from that is not reported.
    config = read_config(
        settings.text, name_from(root.name), Problems() if problems.has_errors else problems
    )
    chosen = config.target(target)
    if chosen is None:
        raise Failure(
            catalog.UNKNOWN_TARGET.general(f"{SETTINGS_FILE} has no target `{target}`").help(
                did_you_mean(target, {*config.targets, DEFAULT_TARGET}, what="targets")
            )
        )
    problems.extend(_misplaced(root, config, settings))
    lock = SourceFile(LOCK_FILE, _read_lock(root, problems))
    return Project(
        root=root,
        config=config,
        target=chosen,
        target_name=target,
        texts=_read_texts(root, config, problems),
        settings=settings,
        lock=lock,
        options=Options(
            project=config.project.name,
            timezone=config.project.timezone,
            params=overrides(
                chosen, given, partial(_variable, target, settings, environment, problems)
            ),
            lint=config.lint,
            attributes=own_attributes(config),
            surroundings=replace(
                surroundings(config.project.timezone, now, environment),
                code=lambda argument: code_digest(root, file_of(argument)),
            ),
            locked=read_lock(lock.text, problems) if lock.text else {},
        ),
        problems=problems,
        misplaced=tuple(
            replace(d, primary=None) for d in problems.items if d.code == catalog.WRONG_LOCATION
        ),
    )


def _misplaced(root: Path, config: Config, settings: SourceFile) -> Iterator[Diagnostic]:
    for name, why in misplaced(root, config):
        path = ("targets", name, "location")
        place = locate(SETTINGS_FILE, settings.text, path, value=True) or Span(SETTINGS_FILE, 0, 0)
        message = f"`targets.{name}.location` in {SETTINGS_FILE} {why}"
        yield catalog.WRONG_LOCATION.at(place, message).help(
            "name a folder of its own inside the project: featc makes it"
        )


def _variable(
    target: str,
    settings: SourceFile,
    environment: Mapping[str, str] | None,
    problems: Problems,
    param: str,
    variable: str,
) -> str | None:
    """The text of a variable that a parameter of the target is set to."""
    if environment is None or variable in environment:
        return (environment or {}).get(variable)
    path = ("targets", target, "params", param)
    place = locate(SETTINGS_FILE, settings.text, path, value=True) or Span(SETTINGS_FILE, 0, 0)
    message = f"the environment has no variable `{variable}`, which `{param}` is set to"
    problems.report(
        catalog.NO_VARIABLE.at(place, message).help(
            f"set it, or give the value: `--param {param}=…`"
        )
    )
    return None


def _read_lock(root: Path, problems: Problems) -> str:
    path = root / LOCK_FILE
    there = path.exists() or path.is_symlink()
    return (read_text(path, LOCK_FILE, problems, root=root) or "") if there else ""


def surroundings(
    timezone: str, now: datetime | None, environment: Mapping[str, str] | None
) -> Surroundings:
    """What a compilation is told of the world; the day is that of the project's time zone."""
    import pytz

    today = None if now is None else now.astimezone(pytz.timezone(timezone)).date()
    return Surroundings(today, dict(environment or {}))


def with_remedies(project: Project, diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Diagnostics; where data are missing that the project can make, the first one says how."""
    found = list(diagnostics)
    missing = [i for i, d in enumerate(found) if d.code is catalog.NO_DATA_FILES]
    if missing and project.config.prepare:
        first = missing[0]
        found[first] = found[first].help("`featc prepare` makes this project's data")
    return found


def _read_texts(root: Path, config: Config, problems: Problems) -> SourceSet:
    texts: dict[str, str] = {}
    found = find_texts(root, config.project.target_dir)
    paths = list(itertools.islice(found, MAX_FILES + 1))
    if not paths:
        problems.report(
            catalog.NO_TEXTS.general("the project has no .feat file").help(
                "declare an entity, a source and a group of features in a file such as "
                "`features.feat`"
            )
        )
    if len(paths) > MAX_FILES:
        message = f"the project has more than {MAX_FILES:,} .feat files; the rest is not read"
        problems.report(catalog.TOO_MANY.general(message).help("split it into several projects"))
    for path in paths[:MAX_FILES]:
        name = _shown(path.relative_to(root).as_posix())
        text = read_text(path, name, problems, root=root)
        if text is not None:
            texts[name] = text
            if not text.strip():
                _report_empty(name, config, problems)
    return SourceSet.of(texts)


def _report_empty(name: str, config: Config, problems: Problems) -> None:
    level = config.lint.get(catalog.EMPTY_FILE.slug, "warn")
    diagnostic = catalog.EMPTY_FILE.general(f"`{name}` is empty")
    diagnostic = diagnostic.help("declare something in it, or remove it")
    if level == "error":
        diagnostic = replace(diagnostic, severity=Severity.ERROR)
    if level != "off":
        problems.report(diagnostic)


def _shown(name: str) -> str:
    # A file's name may hold bytes that are no text; nothing could print them.
    return name.encode("utf-8", "backslashreplace").decode("utf-8")
