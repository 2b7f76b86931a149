"""What is current of a space as views of a DuckDB file: ``current/<target>.duckdb``.

Written anew after each change, beside the pointers for other readers. Paths in it are absolute:
rows of a run never change, so that a copy of the file that is left behind reads what it always
read, or says that it is gone.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlglot import exp

from featdsl.engines.duckdb import Session
from featdsl.engines.errors import EngineError
from featdsl.engines.profile import Profile
from featdsl.files.atomic import copy_atomic, make_folder
from featdsl.files.errors import explained
from featdsl.files.lock import locked
from featdsl.files.publish import DATA
from featdsl.ir.manifest import FeatureEntry, Manifest
from featdsl.project.as_of import show_instant
from featdsl.sql import attached, build, statements
from featdsl.store.current import Current, Space, current_sets, pointers_path, write_pointers
from featdsl.store.ledger import Unreadable, record_of_run
from featdsl.store.manifests import LostManifest, read_manifest
from featdsl.store.record import RunRecord
from featdsl.text.amounts import count
from featdsl.text.names import short_name
from featdsl.types.dtype import INT, TEXT, TIMESTAMP

SETS = "featc_sets"
"""The table that lists them."""
MOVED = "featc_target"
"""A variable of a session: where the folder lies now, if it was moved since."""
_LIST = {
    "set": TEXT,
    "run": TEXT,
    "as_of": TIMESTAMP,
    "rows": INT,
    "format": TEXT,
    "fingerprint": TEXT,
    "path": TEXT,
}
_NAME = "made"
_RUN = "[0-9A-Za-z]+-[0-9a-f]+"


def views_path(out: Path, space: Space) -> Path:
    """The file that SQL users open."""
    return pointers_path(out, space).with_suffix(".duckdb")


def show_current(target: Path, out: Path, space: Space) -> list[str]:
    """Tell readers of files what is current of a space.

    Args:
        target: Where the catalog lies.
        out: Where the data of the space lie.
        space: Which sets.

    Returns:
        Sets that have no view, each with the reason.

    Raises:
        FileError: the catalog cannot be read, or a file cannot be written.
        EngineError: the DuckDB file cannot be made.
    """
    write_pointers(target, out, space)
    return write_views(target, out, space)


def write_views(target: Path, out: Path, space: Space) -> list[str]:
    """Make the DuckDB file anew, at once; who has the old one open goes on with it.

    Raises:
        FileError: the catalog cannot be read, or the file cannot be written.
        EngineError: it cannot be made.
    """
    path = views_path(out, space)
    with explained(path):
        make_folder(path.parent)
    # What is read last is written last.
    with locked(path.with_suffix(".duckdb.lock"), {}, wait=True):
        sets = current_sets(target, space)
        # Made elsewhere: DuckDB takes no path with a question mark, and users choose `out`.
        with TemporaryDirectory() as folder:
            made = Path(folder).resolve() / "views.duckdb"
            left = _fill(made, _Shown(target, out.resolve()), sets)
            copy_atomic(made, path)
    return left


def views_hold(target: Path, out: Path, space: Space) -> bool:
    """Whether the file says what is current, and where that lies.

    Raises:
        FileError: the catalog cannot be read.
    """
    sets = current_sets(target, space)
    shown, path = _Shown(target, out.resolve()), views_path(out, space)
    wanted = {(name, current.run, shown.path(current)) for name, current in sets.items()}
    try:
        # A copy: somebody may have it open.
        with TemporaryDirectory() as folder:
            copy = Path(folder).resolve() / "views.duckdb"
            shutil.copyfile(path, copy)
            with Session(Profile(writable=copy.parent)) as session:
                session.execute(attached.attach(str(copy), _NAME))
                names = [build.col(n) for n in ("set", "run", "path")]
                place = attached.within(_NAME, "main", SETS)
                return set(session.execute(exp.Select(expressions=names).from_(place))) == wanted
    except (OSError, EngineError):
        return not sets


@dataclass(frozen=True, slots=True)
class _Shown:
    """Where things lie; ``out`` without links."""

    target: Path
    out: Path

    @property
    def pattern(self) -> str:
        """``out`` where a pattern is read: a sign in brackets stands for itself."""
        return "".join(f"[{c}]" if c in "*?[" else c for c in self.out.as_posix())

    def path(self, current: Current) -> str:
        """Where the rows of a set lie."""
        return "/".join((self.out.as_posix(), DATA, current.folder, current.files[0].path))


def _fill(made: Path, shown: _Shown, sets: Mapping[str, Current]) -> list[str]:
    records = {c.run: _record(shown.target, c.run) for c in sets.values()}
    manifests = {run: _manifest(shown.target, record) for run, record in records.items()}
    left = []
    readable = (shown.out, Path(shown.pattern))
    with Session(Profile(readable=readable, writable=made.parent)) as session:
        session.execute(attached.attach(str(made), _NAME))
        for name, current in sets.items():
            if current.format != "parquet":
                continue
            try:
                _view(session, shown, name, current)
            except EngineError as error:
                left.append(f"`{name}` has no view: {error.detail.splitlines()[0]}")
                continue
            _say(session, name, current, records[current.run], manifests[current.run])
        listed = [
            (
                name,
                c.run,
                _as_of(records[c.run]),
                c.rows,
                c.format,
                c.fingerprint,
                shown.path(c),
            )
            for name, c in sets.items()
        ]
        place = attached.within(_NAME, "main", SETS)
        session.execute(attached.create("TABLE", place, statements.rows(_LIST, listed)))
        session.execute(attached.comment("TABLE", place, "What featc published, and where it lies"))
        session.execute(attached.detach(_NAME))
    return left


def _place(name: str) -> exp.Table:
    namespace, _, short = name.rpartition(".")
    return attached.within(_NAME, namespace or "main", short)


def _view(session: Session, shown: _Shown, name: str, current: Current) -> None:
    """A view of a set, and a macro that reads what another run published of it.

    Raises:
        EngineError: the rows are not there.
    """
    place, (file,) = _place(name), current.files
    columns = [build.col(c.name) for c in current.columns]
    rows = _read(shown, build.text(f"/{DATA}/{current.folder}/{file.path}"))
    query = exp.Select(expressions=columns).from_(rows)
    session.execute(attached.create_schema(_NAME, place.db))
    session.execute(attached.create("VIEW", place, query))
    # Versions of a group are folders; no two runs have one name.
    parts = (build.text(f"/{DATA}/{name}/v*/"), _run(), build.text(f"/{file.path}"))
    every = statements.star_from(_read(shown, _joined(*parts)))
    of = attached.within(_NAME, place.db, f"{short_name(name)}_of")
    session.execute(attached.create_macro(of, ["run"], every))


def _run() -> exp.Expr:
    """What a macro is asked for: a name that is no pattern of names."""
    run = build.col("run")
    whole = build.func("regexp_full_match", run, build.text(_RUN))
    refused = build.func("error", build.text("a run is asked for by its whole name"))
    return build.case(whole, run.copy(), refused)


def _joined(*parts: exp.Expr) -> exp.Expr:
    found = parts[0]
    for part in parts[1:]:
        found = exp.DPipe(this=found, expression=part)
    return build.paren(found)


def _read(shown: _Shown, path: exp.Expr) -> exp.Table:
    """Rows of a Parquet file below the folder, wherever that lies now."""
    base = build.coalesce(build.func("getvariable", build.text(MOVED)), build.text(shown.pattern))
    plain = {"hive_partitioning": build.boolean(False)}
    return statements.table_function("read_parquet", _joined(base, path), plain)


def _say(
    session: Session,
    name: str,
    current: Current,
    record: RunRecord | None,
    manifest: Manifest | None,
) -> None:
    """Comments of a view: which run, as of when, and what is said of its columns."""
    at = _as_of(record)
    when = "" if at is None else f" as of {show_instant(at)}"
    facts = f"{count(current.rows, 'row')}, of run {current.run}{when}"
    said = _said(name, manifest) if manifest is not None else {}
    place = _place(name)
    whole = " ".join(filter(None, (said.pop("", None), facts)))
    session.execute(attached.comment("VIEW", place, whole))
    for column in current.columns:
        if column.name in said:
            session.execute(attached.comment_column(place, column.name, said[column.name]))


def _said(name: str, manifest: Manifest) -> dict[str, str]:
    """What a manifest says of columns of a set, and of the set by the empty name."""
    features = {f.name: f for f in (*manifest.features, *manifest.labels)}
    for dataset in manifest.datasets:
        if dataset.name == name:
            named = {c.name: features.get(c.feature or "") for c in dataset.columns}
            found = {n: _of_feature(f) for n, f in named.items() if f is not None}
            return {"": _sentence(dataset.note.doc or dataset.words), **found}
    found = {f.short: _of_feature(f) for f in features.values() if f.group == name}
    for group in manifest.groups:
        if group.name == name and group.note.doc:
            found[""] = _sentence(group.note.doc)
    return found


def _of_feature(feature: FeatureEntry) -> str:
    unit = None if feature.unit is None else f"Unit: {feature.unit}."
    doc = _sentence(feature.note.doc or "")
    return " ".join(filter(None, (doc, feature.sentence, unit)))


def _sentence(text: str) -> str:
    """On one line, with an end."""
    line = " ".join(text.split())
    return line if not line or line.endswith((".", "!", "?")) else f"{line}."


def _as_of(record: RunRecord | None) -> datetime | None:
    """The one time of a run; a training set has one for each row."""
    return None if record is None or record.training is not None else record.as_of


def _record(target: Path, run: str) -> RunRecord | None:
    try:
        return record_of_run(target, run)
    except Unreadable:
        return None


def _manifest(target: Path, record: RunRecord | None) -> Manifest | None:
    if record is None or record.manifest is None:
        return None
    try:
        return read_manifest(target, record.manifest)
    except LostManifest:
        return None
