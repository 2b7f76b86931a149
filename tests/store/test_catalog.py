"""The catalog: what it says has been written so, or it says nothing."""

from __future__ import annotations

import hashlib
import multiprocessing
import sqlite3
from pathlib import Path
from random import Random

import pytest
from publishing import DEV, listed, pointer, publish_lines, record
from seeds import first_seed

from featdsl.files.errors import FileError, Reason
from featdsl.files.staging import staging
from featdsl.store.catalog import catalog_path, reading, writing
from featdsl.store.current import Space, current_sets, point
from featdsl.store.leases import running
from featdsl.store.ledger import (
    Unreadable,
    append,
    entries,
    load_records,
    read_record,
    record_path,
)
from featdsl.store.publish import begin, clear, clear_dead, finish, publish
from featdsl.store.record import RunRecord, Status


def put(target: Path, run: str, *names: str) -> None:
    """Publish sets without files."""
    with writing(target) as connection:
        appended = append(connection, target, record(run))
        for name in names:
            point(connection, DEV, name, appended.use.entry, pointer(run, name))


def test_a_target_without_a_catalog_has_nothing(tmp_path: Path) -> None:
    assert current_sets(tmp_path, DEV) == {}
    assert load_records(tmp_path) == []
    assert not catalog_path(tmp_path).exists()


def test_sets_are_those_of_a_target_at_a_location(tmp_path: Path) -> None:
    put(tmp_path, "r1", "a", "b")
    put(tmp_path, "r2", "b")

    assert {n: c.run for n, c in current_sets(tmp_path, DEV).items()} == {"a": "r1", "b": "r2"}
    assert current_sets(tmp_path, Space(target="prod")) == {}
    assert current_sets(tmp_path, Space(target="dev", location="/elsewhere")) == {}


def test_a_transaction_that_fails_leaves_everything_as_it_was(tmp_path: Path) -> None:
    put(tmp_path, "r1", "a")

    with pytest.raises(RuntimeError), writing(tmp_path) as connection:
        appended = append(connection, tmp_path, record("r2"))
        point(connection, DEV, "a", appended.use.entry, pointer("r2"))
        raise RuntimeError

    assert current_sets(tmp_path, DEV)["a"].run == "r1"
    assert [e.id for e in entries(tmp_path)] == ["r1"]


def test_each_record_has_the_hash_of_the_one_before(tmp_path: Path) -> None:
    for run in ("r1", "r2", "r3"):
        put(tmp_path, run)

    before = ""
    for run in ("r1", "r2", "r3"):
        content = record_path(tmp_path, run).read_bytes()
        found = RunRecord.model_validate_json(content)
        assert found.ledger is not None
        assert found.ledger.before == before
        before = hashlib.sha256(content).hexdigest()
    assert entries(tmp_path)[0].hash == before


def test_a_record_that_was_edited_is_not_read(tmp_path: Path) -> None:
    put(tmp_path, "r1")
    path = record_path(tmp_path, "r1")
    path.write_bytes(path.read_bytes().replace(b'"p"', b'"q"'))

    with pytest.raises(Unreadable, match="not as it was written"):
        read_record(tmp_path, entries(tmp_path)[0])


def test_two_runs_do_not_write_one_set_at_once(tmp_path: Path) -> None:
    with staging(tmp_path, "r1"), staging(tmp_path, "r2"), staging(tmp_path, "r3"):
        begin(tmp_path, listed("r1", "a", "b"))
        with pytest.raises(FileError) as caught:
            begin(tmp_path, listed("r2", "b", "c"))
        begin(tmp_path, listed("r2", "c"))
        begin(tmp_path, listed("r3", "a", space=Space(target="prod")))

        assert caught.value.reason is Reason.LOCKED
        assert "run r1" in str(caught.value)
        assert [r.id for r in running(tmp_path)] == ["r1", "r2", "r3"]

        finish(tmp_path, record("r1", Status.FAILED))
        assert [r.id for r in running(tmp_path)] == ["r2", "r3"]


def test_what_a_dead_run_left_is_removed_and_said(tmp_path: Path) -> None:
    with staging(tmp_path, "r1"):
        begin(tmp_path, listed("r1", "a"))
    moved = tmp_path / "data" / "a" / "v1" / "r1"
    moved.mkdir(parents=True)

    assert clear(tmp_path, tmp_path) == ["r1"]

    assert not moved.exists()
    assert running(tmp_path) == []
    (found,) = load_records(tmp_path)
    assert (found.run, found.status) == ("r1", Status.ABORTED)


def test_a_folder_that_another_run_uses_is_not_taken_away(tmp_path: Path) -> None:
    with staging(tmp_path, "r1") as folder:
        begin(tmp_path, listed("r1", "a"))
        (folder / "data" / "a").mkdir(parents=True)
        assert clear(tmp_path, tmp_path) == []
        publish(tmp_path, folder, listed("r1", "a"), record("r1"), {"a": pointer("r1")})

    assert clear(tmp_path, tmp_path) == []
    assert (tmp_path / "data" / "a" / "v1" / "r1").is_dir()


def test_a_catalog_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    put(tmp_path, "r1", "a")
    with sqlite3.connect(catalog_path(tmp_path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()

    with pytest.raises(FileError) as caught, writing(tmp_path):
        pass

    assert caught.value.reason is Reason.NEWER


def test_another_file_is_no_catalog(tmp_path: Path) -> None:
    with sqlite3.connect(catalog_path(tmp_path)) as connection:
        connection.execute("CREATE TABLE t (x)")
    connection.close()

    with pytest.raises(FileError) as caught, reading(tmp_path):
        pass

    assert caught.value.reason is Reason.DAMAGED


@pytest.mark.parametrize("empty", [True, False])
def test_a_catalog_that_is_gone_is_missed(tmp_path: Path, empty: bool) -> None:
    put(tmp_path, "r1", "a")
    catalog_path(tmp_path).unlink()
    if empty:
        catalog_path(tmp_path).touch()

    with pytest.raises(FileError) as caught:
        current_sets(tmp_path, DEV)

    assert caught.value.reason is Reason.DAMAGED


def broken(random: Random, content: bytes) -> bytes:
    """A file with one bit turned, or cut off."""
    if random.random() < 0.2:
        return content[: random.randrange(len(content))]
    at = random.randrange(len(content))
    turned = bytes([content[at] ^ 1 << random.randrange(8)])
    return content[:at] + turned + content[at + 1 :]


def answers(target: Path) -> object:
    """All that a catalog says."""
    return current_sets(target, DEV), entries(target), running(target)


@pytest.mark.parametrize("seed", range(first_seed(), first_seed() + 12))
def test_a_catalog_with_a_broken_bit_says_nothing_wrong(tmp_path: Path, seed: int) -> None:
    random = Random(seed)
    for i in range(random.randrange(1, 12)):
        put(tmp_path, f"r{i}", *random.sample(["a", "b", "c", "d.e"], 2))
    with staging(tmp_path, "s1"):
        begin(tmp_path, listed("s1", "z"))
        path = catalog_path(tmp_path)
        content, before = path.read_bytes(), answers(tmp_path)

        for _ in range(10):
            path.write_bytes(broken(random, content))
            try:
                assert answers(tmp_path) == before
            except FileError as error:
                assert error.reason in (Reason.DAMAGED, Reason.NEWER), error
        path.write_bytes(content)
        assert answers(tmp_path) == before


def test_a_run_that_ended_since_it_was_seen_keeps_its_rows(tmp_path: Path) -> None:
    publish_lines(tmp_path, "r1", "s")

    # Seen in the list before it ended, and looked at after: it holds its lock no more.
    clear_dead(tmp_path, listed("r1", "s"))

    assert (tmp_path / "data" / "s" / "v1" / "r1" / "rows").read_text() == "r1"
    assert [r.status for r in load_records(tmp_path)] == [Status.SUCCEEDED]


def publish_many(target: Path, number: int, times: int, told: Path) -> None:
    """Publish again and again; what succeeded is told."""
    for i in range(times):
        publish_lines(target, f"p{number}-{i}", f"s{number}")
        with told.open("a") as file:
            file.write(f"p{number}-{i}\n")


def test_no_run_is_lost_where_several_publish_at_once(tmp_path: Path) -> None:
    told = tmp_path / "told"
    context = multiprocessing.get_context("fork")
    work = [
        context.Process(target=publish_many, args=(tmp_path, n, 6, told / f"{n}")) for n in range(4)
    ]
    told.mkdir()
    for process in work:
        process.start()
    for process in work:
        process.join()

    assert [p.exitcode for p in work] == [0] * 4
    acknowledged = {line for p in told.iterdir() for line in p.read_text().split()}
    assert len(acknowledged) == 24
    assert {e.id for e in entries(tmp_path)} == acknowledged
    for name, found in current_sets(tmp_path, DEV).items():
        assert found.run == f"p{name[1:]}-5"
        assert (tmp_path / "data" / found.folder / "rows").read_text() == found.run
