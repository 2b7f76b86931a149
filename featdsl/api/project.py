"""A project as Python users see it: compiled, and its features computed."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from os import PathLike
from pathlib import Path

from featdsl.api.arguments import (
    Data,
    Inputs,
    Moment,
    Selection,
    one_group,
    parameters,
    present,
    read_as_of,
    read_flag,
    read_keys,
    read_moment,
    with_sources,
)
from featdsl.api.compilation import Compilation
from featdsl.api.declared import Dataset, Group
from featdsl.api.diagnostics import diagnostics_of
from featdsl.api.errors import in_python, raising, unknown
from featdsl.api.result import Report, Result
from featdsl.compiler.pipeline import compile_project
from featdsl.diagnostics import catalog
from featdsl.diagnostics.model import Diagnostic
from featdsl.project import load as loading
from featdsl.project.config import DEFAULT_TARGET
from featdsl.runs.columns import from_rows
from featdsl.store.record import InputUse
from featdsl.text.sources import SourceSet


class Project(Compilation):
    """A project on the disk, compiled; `load` makes it. Texts changed since are not seen.

    Everything can be called from several threads at once, and for several projects.

    Example:
        >>> project = featdsl.load("features/quickstart")
        >>> project.snapshot("spend", as_of="2026-10-01").pandas()
    """

    def __init__(self, loaded: loading.Project) -> None:
        compiled = compile_project(loaded.texts, loaded.options)
        texts = loaded.readable
        found = diagnostics_of((*loaded.problems.sorted(), *compiled.diagnostics), texts)
        setting, schema = loaded.config.project.as_of, loaded.target.schema_name
        super().__init__(compiled, texts, found, setting, schema)
        self._loaded = loaded

    @property
    def root(self) -> Path:
        """The project's folder, absolute."""
        return self._loaded.root

    def snapshot(
        self,
        selection: Selection,
        *,
        as_of: Moment | None = None,
        features: Selection = None,
        sources: Mapping[str, Data] | None = None,
    ) -> Result:
        """Compute features of one group for all keys, as of one moment.

        Sources and results are checked as `featc run` does; nothing is published. The
        project's target folder takes typed copies of CSV files.

        Args:
            selection: A group, a feature, or selectors as on the command line.
            as_of: The as-of time: text, a date or a datetime (without a zone: UTC). None for
                the project's, else today 00:00 UTC.
            features: Which features of the group, by name or family; None for all but private
                ones.
            sources: Data in place of declared files, by the names of sources: a data frame of
                pandas or polars, an Arrow table, or a path of a Parquet or CSV file. They must
                hold the declared columns; others are not read.

        Returns:
            A row for each key, ordered by key: the keys, then the features.

        Raises:
            CompileError: the texts have mistakes.
            RunError: the data are not as declared, or cannot be read.
            ArgumentError: nothing is called so, or features of several groups are selected.

        Example:
            >>> project.snapshot("spend", as_of="2026-10-01", features=["spend", "trend"])
        """
        from featdsl.runs.snapshot import snapshot_project

        self.check()
        with self._raising():
            at = read_as_of(as_of, self._as_of)
            wanted = one_group(self.program, selection, features)
            inputs = self._inputs(sources)
            found = snapshot_project(
                inputs.project,
                inputs.compilation,
                [f.name for f in wanted.features],
                as_of=at,
                given=inputs.given,
            )
        report = Report(
            rows=found.columns.rows,
            as_of=at.instant,
            read=_read(found.inputs),
            checks=len(found.checks),
            warnings=diagnostics_of(found.warnings, self._texts),
        )
        return Result(f"snapshot of {found.group}", found.columns, report, keys=found.keys)

    def preview(
        self,
        selection: Selection,
        *,
        key: object = None,
        as_of: Moment | None = None,
        limit: int = 10,
        sources: Mapping[str, Data] | None = None,
    ) -> Result:
        """Compute features of some keys, or of the first ones in order: a quick look.

        Types of values are checked, expectations are not.

        Args:
            selection: A feature, a family, a group, or selectors; of one group.
            key: A key's value; where the entity has several keys, a tuple or a mapping of
                names to values; a list of these for several. None for the first keys.
            as_of: As in `snapshot`.
            limit: The most rows, where no keys are given.
            sources: As in `snapshot`.

        Returns:
            Rows ordered by key; none for a key that does not exist.

        Raises:
            CompileError, RunError, ArgumentError: as `snapshot`; also for a key of a wrong type.

        Example:
            >>> project.preview("spend.trend", key=17826162)
        """
        from featdsl.runs.preview import preview_project

        if limit < 1:
            raise ValueError(f"limit must be at least 1, not {limit}")
        self.check()
        with self._raising():
            at = read_as_of(as_of, self._as_of)
            wanted = one_group(self.program, selection)
            entity = self.program.entities[wanted.group.entity]
            keys = read_keys(entity, key)
            inputs = self._inputs(sources)
            (found,) = preview_project(
                inputs.project,
                inputs.compilation,
                [f.name for f in wanted.features],
                as_of=at.instant,
                keys=keys,
                limit=max(limit, len(keys)),
                given=inputs.given,
            )
            columns = from_rows(found.columns, found.rows)
        report = Report(rows=columns.rows, as_of=at.instant)
        names = tuple(k.name for k in entity.keys)
        return Result(f"preview of {found.group}", columns, report, keys=names)

    def training_set(
        self,
        dataset: str | Dataset,
        *,
        spine: Data | None = None,
        labels_until: Moment | None = None,
        mature: bool = False,
        sources: Mapping[str, Data] | None = None,
    ) -> Result:
        """Compute a training set: as many rows as its spine, in the spine's order.

        Each row has the features as they were known at its own time, and the labels. Nothing is
        published.

        Args:
            dataset: Its name.
            spine: Rows in place of the declared ones: a data frame of pandas or polars, an
                Arrow table, or a path of a Parquet or CSV file. Keys are named as in the data
                set's source or as the entity's, the time as the data set's ``at`` or ``as_of``.
            labels_until: Up to when labels are known; None for the time at which the last row
                of each label's source can be seen.
            mature: Whether to leave out rows with a label that is not known yet.
            sources: As in `snapshot`.

        Returns:
            The spine's columns, the features, the labels, and ``split`` where the data set has
            one. A pandas frame of it has the spine's index. A row without a key or time, or of
            a key that is not in the population, has nulls; ``report`` counts such rows.

        Raises:
            CompileError: the texts have mistakes.
            RunError: spine or data are not as declared, or cannot be read.
            ArgumentError: no data set is called so.
            TypeError: an argument is of another type.

        Example:
            >>> asked = {"customer_id": [17826162], "as_of": [datetime(2026, 9, 1)]}
            >>> visits = pandas.DataFrame(asked)
            >>> project.training_set("churn", spine=visits, mature=True).pandas()
        """
        from featdsl.api.training import trained

        self.check()
        with self._raising():
            only_mature = read_flag(mature, "mature")
            name = dataset if isinstance(dataset, str) else dataset.name
            until = None if labels_until is None else read_moment(labels_until, "labels_until")
            found = trained(
                self._inputs(sources),
                self.datasets[name].name,
                spine=spine,
                labels_until=until,
                mature=only_mature,
            )
        warnings = diagnostics_of(map(in_python, found.warnings), self._texts)
        report = replace(found.report, warnings=warnings)
        return Result(
            f"training set {name}", found.columns, report, keys=found.keys, index=found.index
        )

    def evaluate(
        self,
        dataset: str | Dataset,
        keys: object = None,
        *,
        inputs: Mapping[str, object] | None = None,
    ) -> Result:
        """Answer requests: features of a data set, of published values and what a request sends.

        Values are what the last `featc run` published in the target, as of its time; what rests
        on an input is computed from them and the inputs, as in a training set. Nothing is read
        from sources. Values of parameters are those of that run.

        Args:
            dataset: Its name.
            keys: A key's value; where the entity has several keys, a tuple or a mapping of names
                to values; a list of these, or an array of values, for several. None for an
                entity without keys.
            inputs: Values of the inputs that features rest on, by column (``total``, or
                ``cart.total``): one for all keys, or a list, an array or a pandas series of one
                for each. None is null. A value that is a list itself is given as a list of one
                for each key.

        Returns:
            A row for each key, in their order: the keys, then the features. Features of a key
            that does not exist are null; ``report.unknown`` counts them.

        Raises:
            CompileError: the texts have mistakes.
            RunError: nothing was published that answers, or what was means something else.
            ArgumentError: no data set is called so, or a key or input is missing or of a wrong
                type.

        Example:
            >>> project.evaluate("churn", keys=[17826162, 93012])
        """
        from featdsl.api.evaluating import evaluated

        self.check()
        with self._raising():
            name = dataset if isinstance(dataset, str) else dataset.name
            full = self.datasets[name].name
            found = evaluated(self._loaded, self._compiled, full, keys, inputs)
        report = Report(
            rows=found.columns.rows,
            as_of=found.as_of,
            unknown=sum(not known for known in found.known),
        )
        return Result(f"answers of {name}", found.columns, report, keys=found.keys)

    def published(
        self,
        name: str | Group | Dataset,
        *,
        run: str | None = None,
        as_of: Moment | None = None,
    ) -> Result:
        """Read what was published of a group or a data set: now, or by an earlier run.

        Nothing is computed: rows are those that the run wrote, compared with their hash.

        Args:
            name: A group or a data set.
            run: A run by its name, the beginning or the end of it, or ``last``; None for what
                is current in the target.
            as_of: An as-of time that was published: the rows that count for it, the last repair
                of them. Not beside a run.

        Returns:
            The rows as the run wrote them; ``report.as_of`` says of when.

        Raises:
            RunError: nothing of that name was published, or it is not as it was written.
            ValueError: both a run and an as-of time are given.

        Example:
            >>> before = project.published("spend", run="20261001T063000").pandas()
        """
        from featdsl.runs.published import read_published

        if run is not None and as_of is not None:
            raise ValueError("a run has one as-of time: give `run` or `as_of`")
        with self._raising():
            asked = name if isinstance(name, str) else name.name
            at = None if as_of is None else read_as_of(as_of, None).instant
            found = read_published(self._loaded, asked, run, at)
        report = Report(rows=found.columns.rows, as_of=found.as_of)
        title = f"{found.set} of the run {found.run}"
        return Result(title, found.columns, report, keys=found.keys)

    def _inputs(self, sources: Mapping[str, Data] | None) -> Inputs:
        """The project and its compilation, with data in place of declared files."""
        return with_sources(self._loaded, self._compiled, sources)

    def _raising(self) -> AbstractContextManager[None]:
        return raising(self._texts, self._with_remedies)

    def _with_remedies(self, found: Sequence[Diagnostic]) -> Sequence[Diagnostic]:
        return loading.with_remedies(self._loaded, found)

    def _what(self) -> str:
        return f"project {self.name}"


def _read(inputs: Iterable[InputUse]) -> dict[str, int]:
    return {use.source: use.rows for use in inputs}


def load(
    path: str | PathLike[str] | None = None,
    *,
    params: Mapping[str, object] | None = None,
    target: str = DEFAULT_TARGET,
) -> Project:
    """Load and compile a project; mistakes in its texts are diagnostics, not exceptions.

    Args:
        path: The project's folder; None for the one that the current folder is in.
        params: Values for parameters by name; they win over the target's in ``featc.toml``.
        target: One of the targets in ``featc.toml``.

    Raises:
        ProjectError: there is no project, or its settings cannot be used.
        ArgumentError: there is no such parameter.

    Example:
        >>> project = featdsl.load("features/quickstart", params={"premium_floor": 650})
        >>> project.check()
    """
    start = Path.cwd() if path is None else Path(path)
    with raising(SourceSet()):
        loaded = loading.load_project(
            start,
            here_only=path is not None,
            target=target,
            now=present(),
            environment=os.environ,
        )
    options = loaded.options
    given = parameters(params)
    project = Project(replace(loaded, options=replace(options, params={**options.params, **given})))
    known = {n for p in project.program.params.values() for n in (p.name, p.short)}
    missing = [name for name in given if name not in known]
    if missing and catalog.UNKNOWN_PARAMETER.id in {d.code for d in project.diagnostics}:
        raise unknown("parameter", missing[0], known)
    return project
