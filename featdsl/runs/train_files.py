"""A training set's rows into a file, whole or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlglot import exp

from featdsl.files.atomic import copy_atomic, make_folder
from featdsl.files.digest import sha256
from featdsl.files.errors import explained
from featdsl.files.publish import DATA, set_folder, staged_folder
from featdsl.runs.describe import record_of
from featdsl.runs.guard import guarded_sql
from featdsl.runs.outputs import FILE_OPTIONS
from featdsl.runs.publishing import show_pointers, with_manifest
from featdsl.runs.state import Run
from featdsl.runs.train_state import Training
from featdsl.sql import build, statements
from featdsl.store.current import Current
from featdsl.store.publish import finish, publish
from featdsl.store.record import FileUse, Status, TrainingUse
from featdsl.text.amounts import show_bytes

ROWS = "training"
"""Name of the published file, before its ending."""
_WIDE = frozenset({"HUGEINT", "UHUGEINT"})
_NESTED = ("STRUCT", "MAP", "UNION")


@dataclass(frozen=True, slots=True)
class Files:
    """The stages that write."""

    training: Training

    def write(self, run: Run) -> str:
        """Hand the rows on; where they are published, write them into the staging folder."""
        training = self.training
        if training.asked.receive is not None:
            training.asked.receive(run.session, training.result)
        if not run.settings.publish:
            return "nothing is published"
        use, format = self._use(run), training.asked.format
        folder = staged_folder(run.staging, training.dataset.name)
        path = folder / f"{ROWS}.{format}"
        with explained(folder):
            make_folder(folder)
        options: dict[str, Any] = dict(FILE_OPTIONS[format])
        if format == "parquet":
            # In the target the folder names the run: two runs of the same write the same bytes.
            named = {} if training.asked.out is None else {"featc_run": run.id}
            options["KV_METADATA"] = {
                **named,
                "featc_dataset": use.dataset,
                "featc_fingerprint": use.fingerprint,
            }
        run.session.copy(self._written(run), path, options, doing=f"writing `{use.dataset}`")
        with explained(path, doing="read"):
            written = FileUse(path=path.name, bytes=path.stat().st_size, sha256=sha256(path))
        out, places = training.asked.out, run.settings.places
        if out is not None:
            run.training = use.model_copy(
                update={"files": (written.model_copy(update={"path": out.name}),)}
            )
        else:
            final = set_folder(places.out, use.dataset, use.version, run.id)
            shown = final.relative_to(places.out / DATA).as_posix()
            run.training = use.model_copy(update={"folder": shown, "files": (written,)})
        return show_bytes(written.bytes)

    def _use(self, run: Run) -> TrainingUse:
        assert run.training is not None, "a training set is counted before it is written"
        return run.training

    def _written(self, run: Run) -> exp.Select:
        """The rows in types that the file can hold."""
        csv = self.training.asked.format == "csv"
        values = [
            statements.named(_held(build.col(n), stored, csv and run.settings.guard_formulas), n)
            for n, stored in self.training.columns.items()
        ]
        relation = statements.subquery(self.training.result, "result")
        return exp.Select(expressions=values).from_(relation, copy=False)

    def publish(self, run: Run) -> str:
        """Bring the file to where it was asked for, or below the target; then the record."""
        use, places = self._use(run), run.settings.places
        record = with_manifest(run, record_of(run, run.now(), Status.SUCCEEDED))
        out = self.training.asked.out
        if out is None:
            sets = {use.dataset: Current.of(use, run.id)}
            run.record = publish(places.target, run.staging, run.listed, record, sets)
            show_pointers(run)
        else:
            staged = staged_folder(run.staging, use.dataset) / f"{ROWS}.{use.format}"
            copy_atomic(staged, Path(out))
            run.record = finish(places.target, record)
        return "1 file"


def _held(column: exp.Expr, stored: str, csv: bool) -> exp.Expr:
    """128-bit ints as decimals, which Parquet has; in CSV, lists as JSON, and no formulas."""
    if stored in _WIDE:
        exact = exp.DataType.build("DECIMAL(38, 0)", dialect="duckdb")
        return exp.Cast(this=column, to=exact)
    if csv and stored == "VARCHAR":
        return guarded_sql(column)
    if csv and (stored.endswith("]") or stored.startswith(_NESTED)):
        return build.func("to_json", column)
    return column
