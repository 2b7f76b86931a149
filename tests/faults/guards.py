"""What keeps a target whole, taken out a guard at a time: a trial must then find something wrong.

``lanes`` of each are a command and the point at which it is killed, or ``flips``.
"""

# ruff: noqa: E501 - a guard is a line
# fmt: off

from __future__ import annotations

from tests.harness.planted.plant import Bug

GUARDS = (
    # --- A command that is killed
    Bug("files are written in place", "whole files", "files.atomic", 'temporary = real.with_name(f".{real.name}.{os.getpid()}{_SUFFIX}")', "temporary = real", "run: write"),
    Bug("what counts is said before its files are there", "files first", "store.publish", "        move(staging, out, versions, run.id)\n        with writing(target) as connection:\n", '        with __import__("contextlib").ExitStack() as late, writing(target) as connection:\n            late.callback(move, staging, out, versions, run.id)\n', "run: rename folder"),
    Bug("nobody removes what a dead run moved", "what is left", "store.publish", "            take_back(run.out(target), run.sets, run.id)\n", "", "run: catalog commit"),
    Bug("nobody removes what a dead run staged", "what is left", "files.staging", "shutil.rmtree(folder, onerror=failed)", "pass", "run: rename folder"),
    Bug("nobody says that a run died", "the ledger", "store.publish", 'append(connection, target, run.record.model_copy(update={"status": Status.ABORTED}))', "pass", "run: rename folder"),
    Bug("pointers are not written anew", "readers without SQLite", "store.current", "write_text_atomic(path, text, within=out)", "None", "run: rename folder"),
    Bug("what is current is removed", "what is removed", "runs.gc", "if _shown(target, folder) not in current and", "if", "gc: catalog commit"),
    # --- A file that is broken
    Bug("rows of sets have no mark", "the catalog", "store.catalog", "if any(mark(*row[:-1]) != row[-1] for row in rows):", "if False:", "flips"),
    Bug("rows of the ledger have no mark", "the catalog", "store.catalog", "if mark(*row[:-1]) != row[-1] or row[0] != number:", "if row[0] != number:", "flips"),
    Bug("values are read as they are", "hashes", "runs.held", "    if not same:", "    if False:", "flips"),
    Bug("current files are not compared", "hashes", "store.verify", "if not same:", "if False:", "flips"),
    Bug("records are not compared", "hashes", "store.ledger", "if hashlib.sha256(content).hexdigest() != entry.hash:", "if False:", "flips"),
    Bug("pointers are not compared", "readers without SQLite", "runs.doctor", "if not _pointers_hold(target, space)", "if False", "flips"),
)
# fmt: on
