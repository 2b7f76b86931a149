"""The only writer: whole files or nothing, inside the folders that may be written to."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from featdsl.files import faults
from featdsl.files.atomic import make_folder, write_text_atomic
from featdsl.files.digest import sha256
from featdsl.files.errors import FileError, Reason
from featdsl.files.lock import is_held, locked
from featdsl.files.paths import inside, safe_name
from featdsl.files.publish import move, set_folder, staged_folder, take_back
from featdsl.files.staging import left_behind, remove, staging


def test_text_is_written_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b.txt"

    write_text_atomic(path, "größe\r\n\n")

    assert path.read_bytes() == "größe\r\n\n".encode()
    assert [p.name for p in path.parent.iterdir()] == ["b.txt"]


def test_permissions_of_a_replaced_file_stay(tmp_path: Path) -> None:
    path = tmp_path / "a.sh"
    path.write_text("", encoding="utf-8")
    path.chmod(0o750)

    write_text_atomic(path, "x")

    assert path.stat().st_mode & 0o777 == 0o750


def test_a_link_stays_and_its_target_is_replaced(tmp_path: Path) -> None:
    path, link = tmp_path / "a.txt", tmp_path / "link.txt"
    path.write_text("old", encoding="utf-8")
    link.symlink_to(path)

    write_text_atomic(link, "new")

    assert link.is_symlink()
    assert path.read_text(encoding="utf-8") == "new"


def test_a_link_that_leads_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (root / "out").symlink_to(tmp_path)

    with pytest.raises(FileError) as caught:
        write_text_atomic(root / "out" / "x.txt", "", within=root)

    assert caught.value.reason is Reason.OUTSIDE
    assert not (tmp_path / "x.txt").exists()


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda p: p.mkdir(), Reason.IS_A_FOLDER),
        (lambda p: p.parent.rmdir() or p.parent.write_text(""), Reason.NOT_A_FOLDER),
    ],
)
def test_what_is_in_the_way_is_named(tmp_path: Path, make: object, reason: Reason) -> None:
    path = tmp_path / "folder" / "x"
    path.parent.mkdir()
    make(path)  # type: ignore[operator]

    with pytest.raises(FileError) as caught:
        write_text_atomic(path, "")

    assert caught.value.reason is reason
    assert caught.value.remedy is not None


def test_a_name_that_is_too_long_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileError) as caught:
        write_text_atomic(tmp_path / ("x" * 300), "")

    assert caught.value.reason is Reason.LONG_NAME


def test_temporary_files_of_dead_processes_are_removed(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    old = tmp_path / ".a.txt.999999.featc-tmp"
    young = tmp_path / ".a.txt.999998.featc-tmp"
    other = tmp_path / ".b.txt.999999.featc-tmp"
    for leftover in (old, young, other):
        leftover.write_text("", encoding="utf-8")
    long_ago = time.time() - 7200
    os.utime(old, (long_ago, long_ago))
    os.utime(other, (long_ago, long_ago))

    write_text_atomic(path, "x")

    assert sorted(p.name for p in tmp_path.iterdir()) == [young.name, other.name, "a.txt"]


@pytest.mark.parametrize("at", range(1, 6))
@pytest.mark.parametrize("action", ["raise", "enospc"])
def test_a_failure_at_any_point_leaves_the_old_content(
    tmp_path: Path, action: faults.Action, at: int
) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old", encoding="utf-8")

    with faults.armed(action, at), pytest.raises((FileError, faults.InjectedFault)):
        write_text_atomic(path, "new")

    # The last point lies behind the rename: the new content is there, perhaps not on the disk.
    assert path.read_text(encoding="utf-8") == ("new" if at == 5 else "old")
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def test_a_full_disk_is_told_as_such(tmp_path: Path) -> None:
    with faults.armed("enospc", 2), pytest.raises(FileError) as caught:
        write_text_atomic(tmp_path / "a.txt", "x")

    assert caught.value.reason is Reason.FULL


def test_faults_are_off_in_normal_use(tmp_path: Path) -> None:
    with faults.armed("count") as counted:
        write_text_atomic(tmp_path / "a.txt", "x")
    write_text_atomic(tmp_path / "a.txt", "y")

    assert counted.reached == ["create", "write", "fsync", "rename", "fsync folder"]


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        "a/b",
        "a\\b",
        ".hidden",
        "a..b",
        "a b",
        "nul",
        "CON.txt",
        "ä",
        "x" * 201,
        "a\0",
    ],
)
def test_names_that_are_no_safe_parts_of_paths_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="safe file name"):
        safe_name(name)


@pytest.mark.parametrize("name", ["retail.spend", "20260101T000000000000-3f9a2c", "a_b"])
def test_names_of_sets_and_runs_are_safe(name: str) -> None:
    assert safe_name(name) == name


def test_paths_that_do_not_exist_yet_are_inside_too(tmp_path: Path) -> None:
    assert inside(tmp_path, tmp_path / "a" / "b") == (tmp_path / "a" / "b").resolve()


def test_a_lock_is_held_by_one_and_says_by_whom(tmp_path: Path) -> None:
    path = tmp_path / ".lock"

    with locked(path, {"run": "r1"}):
        assert is_held(path)
        with pytest.raises(FileError) as caught, locked(path, {"run": "r2"}):
            pass

    assert caught.value.reason is Reason.LOCKED
    assert "run r1" in str(caught.value)
    assert not is_held(path)


# --- staging and publishing


SET = "shop.spend"


def stage(target: Path, run: str, text: str = "rows") -> None:
    """Bring a set with one file to its place."""
    with staging(target, run) as folder:
        data = staged_folder(folder, SET)
        make_folder(data)
        (data / "values.txt").write_text(text, encoding="utf-8")
        move(folder, target, {SET: 2}, run)


def test_a_set_lies_under_its_version_and_run(tmp_path: Path) -> None:
    stage(tmp_path, "r1")

    assert (tmp_path / "data/shop.spend/v2/r1/values.txt").read_text(encoding="utf-8") == "rows"
    assert set_folder(tmp_path, SET, 2, "r1") == tmp_path / "data/shop.spend/v2/r1"
    assert [p.name for p in (tmp_path / ".staging").iterdir()] == ["create.lock"]


def test_a_run_never_replaces_the_files_of_another(tmp_path: Path) -> None:
    stage(tmp_path, "r1", "old")

    with pytest.raises(FileError) as caught:
        stage(tmp_path, "r1", "new")

    assert caught.value.reason is Reason.EXISTS
    assert (tmp_path / "data/shop.spend/v2/r1/values.txt").read_text(encoding="utf-8") == "old"


def test_what_was_moved_is_taken_back_and_no_more(tmp_path: Path) -> None:
    stage(tmp_path, "r1")
    stage(tmp_path, "r2")

    take_back(tmp_path, {SET: 2, "shop.never": 1}, "r2")

    assert [p.name for p in (tmp_path / "data/shop.spend/v2").iterdir()] == ["r1"]
    take_back(tmp_path, {SET: 2}, "r1")
    assert list((tmp_path / "data").iterdir()) == []


def test_staging_is_removed_after_a_failure(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), staging(tmp_path, "r1") as folder:
        (folder / "x").write_text("", encoding="utf-8")
        raise RuntimeError

    assert not (tmp_path / ".staging" / "r1").exists()


def test_what_living_runs_stage_is_left_alone(tmp_path: Path) -> None:
    dead = tmp_path / ".staging" / "r0"
    with staging(tmp_path, "r1") as folder:
        dead.mkdir()

        assert left_behind(tmp_path) == [dead]
        remove(dead)
        assert folder.exists()
        assert not dead.exists()


def test_a_folder_of_staging_that_is_a_link_is_refused(tmp_path: Path) -> None:
    target, elsewhere = tmp_path / "target", tmp_path / "elsewhere"
    target.mkdir()
    elsewhere.mkdir()
    (target / ".staging").symlink_to(elsewhere)

    with pytest.raises(FileError) as caught, staging(target, "r1"):
        pass

    assert caught.value.reason is Reason.OUTSIDE


def test_a_data_folder_that_is_a_link_is_refused(tmp_path: Path) -> None:
    target, elsewhere = tmp_path / "target", tmp_path / "elsewhere"
    target.mkdir()
    elsewhere.mkdir()
    (target / "data").symlink_to(elsewhere)

    with pytest.raises(FileError) as caught:
        stage(target, "r1")

    assert caught.value.reason is Reason.OUTSIDE
    assert list(elsewhere.iterdir()) in ([], [elsewhere / "shop.spend"])


def test_the_path_of_a_set_is_made_of_safe_names(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="safe file name"):
        set_folder(tmp_path, "../../etc", 1, "r1")


def test_a_digest_is_that_of_the_bytes(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"abc")

    assert sha256(path) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
