"""`featc runs`, `rollback` and `audit`: what was run, what differs, and back again."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from shop import ORDERS, TEXT, shop

from featdsl.store.catalog import catalog_path, writing
from featdsl.store.current import Space, current_sets
from featdsl.store.leases import Running, enter
from featdsl.store.ledger import entries, load_records
from featdsl.store.manifests import read_manifest
from featdsl.store.record import Status

TOTAL = "spend_30d"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    shop(tmp_path)
    return tmp_path


def changed(project: Path) -> None:
    """Another amount in the data."""
    path = project / "data" / "orders.csv"
    path.write_text(ORDERS.replace("20.50", "99.50"), encoding="utf-8")


def ran(featc, project: Path, *more: str) -> str:
    """Run; the name of the run."""
    result = featc("run", "--as-of", "2026-02-01", "--json", *more, cwd=project)
    assert result.status == 0, result.err
    return str(result.events[-1]["run"])


def now(project: Path) -> str:
    """The run whose values readers find."""
    pointers = json.loads((project / "target" / "current" / "dev.json").read_text())
    return str(pointers["sets"]["shop.spend"]["run"])


def records(project: Path) -> list[Path]:
    return sorted((project / "target" / "runs").glob("*.json"))


def test_runs_are_listed_newest_first(featc, project):
    empty = featc("runs", cwd=project).out
    first, second = ran(featc, project), ran(featc, project)

    result = featc("runs", cwd=project)

    assert empty == "nothing was run in this target yet: `featc run`\n"
    assert [line.split()[0] for line in result.out.splitlines()[2:]] == [second, first]
    listed = featc("runs", "--json", "--limit", "1", cwd=project).json
    assert [(r["run"], r["kind"], r["status"], r["sets"]) for r in listed] == [
        (second, "run", "succeeded", ["shop.spend"])
    ]
    assert "and 1 older one" in featc("runs", "--limit", "1", cwd=project).out


def test_a_run_that_failed_is_listed_and_told(featc, project):
    (project / "data" / "orders.csv").unlink()
    assert featc("run", cwd=project).status == 1

    shown = featc("runs", "show", "last", cwd=project)

    assert featc("runs", "--json", cwd=project).json[0]["status"] == "failed"
    assert shown.status == 0
    assert "error[FD0701 no-data-files]" in shown.out


def test_a_run_is_shown_by_a_part_of_its_name(featc, project):
    first = ran(featc, project)
    ran(featc, project)

    for name in (first, first[:-3], first[-6:]):
        assert featc("runs", "show", name, "--json", cwd=project).json["run"] == first
    shown = featc("runs", "show", first, cwd=project).out
    assert "featc run --as-of 2026-02-01 --json" in shown
    assert "shop.orders" in shown
    assert "shop.spend" in shown


def test_a_name_of_no_run_or_of_several_is_told(featc, project):
    ran(featc, project)
    ran(featc, project)

    (none,) = featc("runs", "show", "zzz", cwd=project).errors
    (several,) = featc("runs", "show", "2026", cwd=project).errors

    assert none == "error[FD0833 no-such-run]: no run is `zzz`"
    assert several == "error[FD0833 no-such-run]: 2 runs begin or end with `2026`"


@pytest.mark.parametrize("words", [["shw"], ["show"], ["diff", "last"], ["show", "a", "b"]])
def test_words_that_are_not_understood_are_usage(featc, project, words):
    result = featc("runs", *words, cwd=project)

    assert result.status == 2
    assert "is not understood" in result.err


def test_what_differs_between_runs_begins_with_causes(featc, project):
    first = ran(featc, project)
    same = ran(featc, project)
    changed(project)
    text = TEXT.replace("over 30d", "over 60d", 1)
    shop_text = text.format(
        location='csv "orders.csv"', amount="decimal(12, 2)", more="", features=""
    )
    (project / "shop.feat").write_text(shop_text, encoding="utf-8")
    other = ran(featc, project)

    found = featc("runs", "diff", first, other, "--json", cwd=project)
    what = [d["what"] for d in found.json]

    assert featc("runs", "diff", first, same, cwd=project).out == "nothing differs\n"
    assert found.status == 1
    assert what == [
        "source shop.orders file orders.csv",
        f"meaning of shop.spend.{TOTAL}",
        "bytes of shop.spend values.parquet",
        f"values of shop.spend.{TOTAL}",
    ]


def test_a_rollback_lets_readers_find_what_was_before(featc, project):
    first = ran(featc, project)
    changed(project)
    second, third = ran(featc, project), ran(featc, project)

    dry = featc("rollback", "--dry-run", cwd=project)
    assert (dry.status, now(project)) == (0, third)
    assert "nothing was changed" in dry.out

    assert featc("rollback", "spend", "--because", "cents", cwd=project).status == 0
    assert now(project) == second
    assert featc("rollback", cwd=project).status == 0
    assert now(project) == first
    assert featc("rollback", cwd=project).errors == [
        "error[FD0835 nothing-earlier]: no earlier run published `shop.spend`"
    ]
    assert featc("rollback", "--to", third, cwd=project).status == 0
    assert now(project) == third

    told = featc("runs", "--json", cwd=project).json
    assert [r["kind"] for r in told] == ["rollback", "rollback", "rollback", "run", "run", "run"]
    assert featc("runs", "show", told[2]["run"], "--json", cwd=project).json["because"] == "cents"
    assert featc("audit", "verify", cwd=project).status == 0


def test_status_says_what_is_current_and_what_failed(featc, project):
    empty = featc("status", cwd=project)
    first = ran(featc, project)
    well = featc("status", "--json", cwd=project)
    (project / "data" / "orders.csv").rename(project / "orders")
    assert featc("run", cwd=project).status == 1
    failed = featc("status", "--json", cwd=project)
    shown = featc("status", cwd=project)
    (project / "orders").rename(project / "data" / "orders.csv")
    last = ran(featc, project)
    featc("rollback", cwd=project)
    after = featc("status", "--json", cwd=project)

    assert (empty.status, empty.out.splitlines()[0]) == (
        0,
        "nothing is published in `dev` yet: `featc run`",
    )
    assert (well.status, well.json["well"]) == (0, True)
    (found,) = well.json["sets"]
    assert (found["set"], found["run"], found["rows"]) == ("shop.spend", first, 2)
    assert found["as_of"] == "2026-02-01T00:00:00"
    assert (found["bytes"] > 0, well.json["disk"]["all"] > found["bytes"]) == (True, True)
    assert (failed.status, shown.status) == (1, 1)
    assert failed.json["sets"][0]["needs"] == "the last run failed: FD0701 no-data-files"
    assert failed.json["sets"][0]["run"] == first
    assert "shop.spend: the last run failed: FD0701 no-data-files" in shown.out
    assert (after.status, after.json["sets"][0]["run"], last != first) == (0, first, True)


def test_status_names_runs_that_died(featc, project):
    ran(featc, project)
    target = project / "target"
    (record,) = load_records(target)
    dead = Running(
        id="r9",
        space=Space(target="dev"),
        owner={},
        sets={"shop.spend": 1},
        record=record.model_copy(update={"run": "r9", "status": Status.RUNNING}),
    )
    with writing(target) as connection:
        enter(connection, target, dead)

    result = featc("status", cwd=project)

    assert result.status == 1
    assert "r9 died; `featc doctor --repair` removes what it left" in result.out


PROD = "\n[targets.prod]\n"


@pytest.fixture
def with_prod(project: Path) -> Path:
    settings = project / "featc.toml"
    settings.write_text(settings.read_text() + PROD)
    return project


def current(project: Path, target: str) -> str | None:
    """The run that readers of a target find."""
    found = current_sets(project / "target", Space(target=target))
    return found["shop.spend"].run if found else None


def test_a_target_keeps_its_own_pointers(featc, with_prod):
    first = ran(featc, with_prod)
    second = ran(featc, with_prod, "--target", "prod")

    assert (current(with_prod, "dev"), current(with_prod, "prod")) == (first, second)
    pointers = json.loads((with_prod / "target" / "current" / "prod.json").read_text())
    assert pointers["sets"]["shop.spend"]["run"] == second


def test_what_is_promoted_is_the_same_files(featc, with_prod):
    first, second = ran(featc, with_prod), ran(featc, with_prod)

    dry = featc("promote", "dev", "prod", "--dry-run", cwd=with_prod)
    assert (dry.status, current(with_prod, "prod")) == (0, None)
    done = featc("promote", "dev", "prod", "--because", "reviewed", "--json", cwd=with_prod)

    assert done.json["changes"] == [{"set": "shop.spend", "before": None, "after": second}]
    assert current(with_prod, "prod") == second
    assert len(list((with_prod / "target" / "data").rglob("*.parquet"))) == 2
    again = featc("promote", "dev", "prod", cwd=with_prod)
    assert "`prod` has all of it already" in again.out
    record = featc("runs", "show", "last", "--json", cwd=with_prod).json
    assert (record["kind"], record["source"], record["target"]) == ("promote", "dev", "prod")
    assert (record["because"], first != second) == ("reviewed", True)


def test_what_was_promoted_goes_back_in_its_target_alone(featc, with_prod):
    first = ran(featc, with_prod)
    featc("promote", "dev", "prod", cwd=with_prod)
    ran(featc, with_prod)
    third = ran(featc, with_prod)
    featc("promote", "dev", "prod", cwd=with_prod)

    assert featc("rollback", "--target", "prod", cwd=with_prod).status == 0

    # The run between the two was never current there.
    assert (current(with_prod, "prod"), current(with_prod, "dev")) == (first, third)
    assert featc("rollback", "--target", "prod", cwd=with_prod).status == 1
    catalog_path(with_prod / "target").unlink()
    assert featc("doctor", "--repair", cwd=with_prod).status == 0
    assert (current(with_prod, "prod"), current(with_prod, "dev")) == (first, third)


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("dev", "dev"), 2, "FROM and TO are the same target"),
        (("dev", "prud"), 2, "featc.toml has no target `prud`"),
        (("prod", "dev"), 1, "nothing is published in this target"),
        (("dev", "prod", "spnd"), 1, "no set that is published is called `spnd`"),
    ],
)
def test_what_cannot_be_promoted_is_told(featc, with_prod, arguments, status, said):
    ran(featc, with_prod)

    result = featc("promote", *arguments, cwd=with_prod)

    assert (result.status, current(with_prod, "prod")) == (status, None)
    assert said in result.err


def test_a_rollback_to_files_that_changed_is_refused(featc, project):
    first = ran(featc, project)
    second = ran(featc, project)
    for path in (project / "target" / "data").rglob(f"{first}/*.parquet"):
        path.write_bytes(path.read_bytes()[:-1])

    result = featc("rollback", cwd=project)

    assert result.errors == [
        f"error[FD0750 changed-file]: what the run {first} published of `shop.spend` is not there "
        "as it was"
    ]
    assert now(project) == second


def test_a_set_that_nobody_published_cannot_go_back(featc, project):
    (nothing,) = featc("rollback", cwd=project).errors
    ran(featc, project)
    (unknown,) = featc("rollback", "spnd", cwd=project).errors

    assert nothing == "error[FD0835 nothing-earlier]: nothing is published in this target"
    assert unknown.endswith("no set that is published is called `spnd`")


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def known(project: Path) -> object:
    """All that a target's catalog says."""
    target = project / "target"
    return entries(target), current_sets(target, Space(target="dev"))


@pytest.fixture
def operated(featc, project) -> Path:
    """Runs, one that failed, one elsewhere, and a rollback."""
    ran(featc, project)
    changed(project)
    ran(featc, project)
    ran(featc, project, "--out", "elsewhere")
    (project / "data" / "orders.csv").rename(project / "orders")
    assert featc("run", cwd=project).status == 1
    (project / "orders").rename(project / "data" / "orders.csv")
    assert featc("rollback", cwd=project).status == 0
    return project


def turned(path: Path) -> None:
    """A bit in what a row says."""
    path.write_bytes(path.read_bytes().replace(b"succeeded", b"sucbeeded", 1))


def halved(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


@pytest.mark.parametrize("breaks", [Path.unlink, turned, halved, lambda p: p.write_bytes(b"")])
def test_a_catalog_is_made_anew_from_the_records(featc, operated, breaks):
    before = known(operated)
    assert featc("doctor", cwd=operated).out.splitlines()[0].endswith("all is well")
    breaks(catalog_path(operated / "target"))

    assert featc("run", cwd=operated).errors[0].startswith("error[FD0831 damaged-catalog]")
    assert featc("doctor", cwd=operated).status == 1
    mended = featc("doctor", "--repair", cwd=operated)

    assert mended.status == 0, mended.out
    assert "the catalog was made anew: 5 records, 2 sets current" in mended.out
    assert known(operated) == before
    assert featc("audit", "verify", cwd=operated).status == 0
    assert featc("run", "--as-of", "2026-02-01", cwd=operated).status == 0


def test_pointers_of_every_target_are_looked_at(featc, with_prod):
    ran(featc, with_prod)
    assert featc("promote", "dev", "prod", cwd=with_prod).status == 0
    pointers = with_prod / "target" / "current" / "prod.json"
    whole = pointers.read_text()
    pointers.write_text(whole.replace('"rows": 2', '"rows": 3'))

    told = featc("doctor", cwd=with_prod)
    mended = featc("doctor", "--repair", cwd=with_prod)

    assert (told.status, mended.status) == (1, 0)
    assert "`current/prod.json` does not say what the catalog says" in told.out
    assert pointers.read_text() == whole


def test_a_record_that_is_gone_keeps_its_line(featc, operated):
    lost = records(operated)[1]
    lost.unlink()
    catalog_path(operated / "target").unlink()

    mended = featc("doctor", "--repair", cwd=operated)
    wrong = featc("audit", "verify", "--json", cwd=operated).json["wrong"]

    assert mended.status == 0
    assert "4 records, 2 sets current" in mended.out
    assert "1 record gone" in mended.out
    assert wrong == ["the record `lost-2.json`: no such file or directory"]
    assert featc("run", "--as-of", "2026-02-01", cwd=operated).status == 0


def test_a_record_that_was_edited_is_left_out_of_a_new_catalog(featc, operated):
    path = records(operated)[1]
    path.write_bytes(path.read_bytes().replace(b'"rows": 2', b'"rows": 3'))
    catalog_path(operated / "target").unlink()

    mended = featc("doctor", "--repair", cwd=operated)

    assert f"left out: `{path.name}` is not the one that the next record names" in mended.out


def test_what_a_dead_run_left_is_found_and_removed(featc, project):
    ran(featc, project)
    dead = project / "target" / ".staging" / "r0"
    dead.mkdir()
    (project / "target" / "current" / "dev.json").write_text("{}")

    found = featc("doctor", "--json", cwd=project)
    mended = featc("doctor", "--repair", cwd=project)

    assert [a["what"] for a in found.json] == [
        "`.staging/r0` is of a process that died",
        "`current/dev.json` does not say what the catalog says",
    ]
    assert (found.status, mended.status) == (1, 0)
    assert not dead.exists()
    assert featc("doctor", cwd=project).status == 0


def versions(project: Path) -> list[str]:
    """Runs whose rows are on the disk."""
    return sorted(p.parent.name for p in (project / "target" / "data").rglob("values.parquet"))


def test_old_versions_are_removed_and_the_current_ones_stay(featc, with_prod):
    first = ran(featc, with_prod)
    featc("promote", "dev", "prod", cwd=with_prod)
    runs = [ran(featc, with_prod) for _ in range(4)]

    assert "nothing is old enough" in featc("gc", cwd=with_prod).out
    assert "nothing is old enough" in featc("gc", "--keep", "0", cwd=with_prod).out
    dry = featc("gc", "--keep", "1", "--days", "0", "--dry-run", "--json", cwd=with_prod)
    assert ([f["run"] for f in dry.json["found"]], dry.json["removed"]) == (runs[:2], [])
    assert versions(with_prod) == [first, *runs]

    assert featc("gc", "--keep", "1", "--days", "0", cwd=with_prod).status == 0

    assert versions(with_prod) == [first, runs[2], runs[3]]
    assert (current(with_prod, "prod"), current(with_prod, "dev")) == (first, runs[3])
    record = featc("runs", "show", "last", "--json", cwd=with_prod).json
    assert [(c["before"], c["after"]) for c in record["changes"]] == [(r, None) for r in runs[:2]]
    assert featc("audit", "verify", cwd=with_prod).status == 0
    # Back to what is there: over those that were removed.
    assert featc("rollback", cwd=with_prod).status == 0
    assert current(with_prod, "dev") == runs[2]
    assert featc("rollback", cwd=with_prod).status == 0
    assert current(with_prod, "dev") == first
    before = known(with_prod)
    catalog_path(with_prod / "target").unlink()
    assert featc("doctor", "--repair", cwd=with_prod).status == 0
    assert known(with_prod) == before


def test_the_settings_say_what_stays_unless_the_command_does(featc, project):
    settings = project / "featc.toml"
    before = settings.read_text()
    runs = [ran(featc, project) for _ in range(4)]

    def found(setting: str, *more: str) -> list[str]:
        settings.write_text(f"{before}\n[targets.dev]\n{setting}\n")
        result = featc("gc", "--dry-run", "--json", *more, cwd=project)
        return [f["run"] for f in result.json["found"]]

    assert found("keep_versions = 1\nkeep_days = 0") == runs[:2]
    assert found("keep_versions = 0\nkeep_days = 0") == runs[:3]
    assert found("keep_versions = 0\nkeep_days = 90") == []
    assert found("keep_versions = 0") == []  # those of a day stay
    assert found("keep_days = 0") == []  # thirty of each set stay
    assert found("keep_versions = 9\nkeep_days = 90", "--keep", "2", "--days", "0") == runs[:1]


def test_rows_that_no_record_names_are_removed_once_they_are_old(featc, project):
    run = ran(featc, project)
    orphan = project / "target" / "data" / "shop.gone" / "v1" / "r0"
    orphan.mkdir(parents=True)
    os.utime(orphan, (0, 0))

    assert featc("gc", cwd=project).status == 0

    assert not orphan.parent.parent.exists()
    assert versions(project) == [run]


def edited(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"shop", b"shoP", 1))


@pytest.mark.parametrize("which", [0, 1, 2])
@pytest.mark.parametrize("change", [edited, cut, Path.unlink])
def test_an_edit_of_a_record_is_found(featc, project, which, change):
    for _ in range(3):
        ran(featc, project)
    path = records(project)[which]

    assert featc("audit", "verify", cwd=project).status == 0
    change(path)
    result = featc("audit", "verify", "--json", cwd=project)

    assert result.status == 1
    assert len(result.json["wrong"]) == 1
    assert path.name in result.json["wrong"][0]


def test_records_that_change_places_are_found(featc, project):
    ran(featc, project)
    ran(featc, project)
    one, other = records(project)
    first, second = one.read_bytes(), other.read_bytes()
    one.write_bytes(second)
    other.write_bytes(first)

    assert len(featc("audit", "verify", "--json", cwd=project).json["wrong"]) == 2


def test_a_record_that_was_put_in_is_found(featc, project):
    ran(featc, project)
    (path,) = records(project)
    (path.parent / "20990101T000000000000-aaaaaa.json").write_bytes(path.read_bytes())

    (wrong,) = featc("audit", "verify", "--json", cwd=project).json["wrong"]

    assert wrong == "`runs/20990101T000000000000-aaaaaa.json` is in no line of the ledger"


def test_a_manifest_that_changed_is_found(featc, project):
    ran(featc, project)
    run = ran(featc, project)
    (path,) = (project / "target" / "manifests").iterdir()  # of both runs
    assert featc("runs", "show", run, "--json", cwd=project).json["manifest"] == path.stem
    manifest = read_manifest(project / "target", path.stem)
    assert [f.name for f in manifest.features][:1] == ["shop.spend.spend_30d"]
    path.write_bytes(path.read_bytes().replace(b"sum", b"max", 1))

    wrong = featc("audit", "verify", "--json", cwd=project).json["wrong"]

    assert set(wrong) == {f"the manifest `{path.name}` is not as it was written"}


def test_a_published_file_that_changed_is_found(featc, project):
    run = ran(featc, project)
    (path,) = (project / "target" / "data").rglob("values.parquet")
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)

    result = featc("audit", "verify", cwd=project)

    assert result.status == 1
    assert f"`shop.spend/v1/{run}/values.parquet` is not as the run wrote it" in result.out


def test_a_ledger_that_was_made_anew_lacks_the_hash_that_was_noted(featc, project):
    ran(featc, project)
    head = featc("audit", "verify", "--json", cwd=project).json["head"]
    ran(featc, project)
    assert featc("audit", "verify", "--head", head[:12], cwd=project).status == 0
    catalog_path(project / "target").unlink()
    for path in records(project):
        path.unlink()
    ran(featc, project)

    result = featc("audit", "verify", "--head", head[:12], cwd=project)

    assert result.status == 1
    assert "the ledger was cut off or made anew" in result.out


def test_a_secret_is_not_in_the_command_that_is_kept(featc, project):
    text = (project / "shop.feat").read_text(encoding="utf-8")
    (project / "shop.feat").write_text(f'{text}\nsecret param key: text = "none"\n')

    ran(featc, project, "--param", "key=xyz")
    ran(featc, project, "--param=shop.key=xyz")

    for path in records(project):
        content = path.read_text(encoding="utf-8")
        assert "xyz" not in content
        assert "key=" in content
