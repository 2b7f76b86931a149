"""`featc notify`, and that nothing secret gets out by a channel."""

from __future__ import annotations

from pathlib import Path

import pytest
from servers import channel, said, serving, status
from shop import ORDERS, TEXT, shop

from featdsl.store.ledger import load_records
from featdsl.store.notices import load_notices, notices_path
from tests.cli.conftest import Featc


def test_nothing_that_is_secret_is_told_or_kept(
    featc: Featc, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bytes] = []
    pin = TEXT.format(
        location='csv "orders.csv"',
        amount="decimal(12, 2)",
        more="  expect status != $pin",
        features="",
    ).replace("entity", "secret param pin: text\n\nentity", 1)
    given = "[targets.dev.params]\npin = 'env(\"PIN\")'\n"
    token = "token = 'env(\"TOKEN\")'\n"
    monkeypatch.setenv("PIN", "P1N-S3CR3T")
    monkeypatch.setenv("TOKEN", "T0K-S3CR3T")
    with serving(status(500)) as broken, serving(status(200, into=asked)) as server:
        monkeypatch.setenv("HOOK", broken.url)
        monkeypatch.setenv("GOOD", server.url)
        orders = ORDERS.replace("open", "P1N-S3CR3T")
        settings = channel("a") + token + channel("b", variable="GOOD") + given
        shop(tmp_path, text=pin, settings=settings, data={"orders.csv": orders})
        found = featc("run", "--as-of", "2026-02-01", cwd=tmp_path)
        tried = featc("notify", "test", cwd=tmp_path)

    assert (found.status, tried.status) == (1, 1)
    assert "was not told" in found.err
    written = b"".join(
        p.read_bytes()
        for p in (tmp_path / "target").rglob("*")
        if p.is_file() and "cache" not in p.parts
    )
    bodies = b"".join(a.partition(b"\r\n\r\n")[2] for a in asked)
    everything = written + bodies + "".join((found.out, found.err, tried.out, tried.err)).encode()
    assert len(asked) == 2
    assert notices_path(tmp_path / "target", load_records(tmp_path / "target")[0].run).is_file()
    for secret in (b"P1N-S3CR3T", b"T0K-S3CR3T", b"T0K3N", b"S3CR3T"):
        assert secret not in everything


def test_a_channel_is_tried(featc: Featc, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bytes] = []
    with serving(status(200, into=asked)) as server:
        monkeypatch.setenv("HOOK", server.url)
        shop(tmp_path, settings=channel("a", on='["failure"]') + channel("b", variable="NONE"))
        one = featc("notify", "test", "a", cwd=tmp_path)
        both = featc("notify", "test", "--json", cwd=tmp_path)
        unknown = featc("notify", "test", "c", cwd=tmp_path)

    assert (one.status, both.status, unknown.status) == (0, 1, 2)
    assert "a (webhook): told" in one.out
    assert [(d["channel"], d["why"]) for d in both.json] == [
        ("a", None),
        ("b", "the environment has no variable `NONE`"),
    ]
    assert said(asked)[0]["event"] == "test"
    assert not (tmp_path / "target").exists()


def test_a_target_without_channels_says_how_to_add_one(featc: Featc, tmp_path: Path) -> None:
    shop(tmp_path)
    found = featc("notify", "test", cwd=tmp_path)

    assert found.status == 2
    assert "[targets.NAME.notify.CHANNEL]" in found.err


def test_a_url_that_is_written_is_refused_and_not_shown(featc: Featc, tmp_path: Path) -> None:
    channel = '{ kind = "slack", url = "https://x/S3CR3T", more = 1 }'
    shop(tmp_path, settings=f"[targets.dev]\nnotify.ops = {channel}\n")
    found = featc("check", cwd=tmp_path)

    assert found.status == 1
    assert "FD0861" in found.out
    assert "the value of `targets.dev.notify.ops.url` stands in featc.toml, line 4" in found.out
    assert "S3CR3T" not in found.out + found.err


def test_a_project_with_mistakes_that_is_run_is_told_of(
    featc: Featc, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bytes] = []
    with serving(status(200, into=asked)) as server:
        monkeypatch.setenv("HOOK", server.url)
        shop(tmp_path, settings=channel(), features="  wrong = sum(nothing) over 1d")
        looked = featc("run", "--dry-run", cwd=tmp_path)
        ran = featc("run", cwd=tmp_path)

    assert (looked.status, ran.status) == (1, 1)
    (told,) = said(asked)
    assert (told["event"], told["run"]) == ("failure", None)
    assert told["subject"] == "featc shop (dev): nothing was run: 1 mistake in the project"
    assert [(p["code"], p["place"]["file"]) for p in told["problems"]] == [("FD0202", "shop.feat")]


def test_a_plan_is_told_of_where_that_is_asked_for(
    featc: Featc, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bytes] = []
    with serving(status(200, into=asked)) as server:
        monkeypatch.setenv("HOOK", server.url)
        shop(tmp_path, settings=channel(on='["plan"]'))
        assert featc("run", "--as-of", "2026-02-01", cwd=tmp_path).status == 0
        assert featc("plan", "--notify", cwd=tmp_path).status == 0
        unchanged = len(asked)
        shop(tmp_path, settings=channel(on='["plan"]'), features="  more = sum(amount) over 1d")
        assert featc("plan", cwd=tmp_path).status == 0
        quiet = len(asked)
        assert featc("plan", "--notify", cwd=tmp_path).status == 0

    assert (unchanged, quiet) == (0, 0)
    (told,) = said(asked)
    assert told["event"] == "plan"
    assert told["subject"] == "featc shop (dev): 1 feature would change"
    assert "shop.spend.more" in told["text"]
    assert [f["name"] for f in told["plan"]["features"]] == ["shop.spend.more"]


def test_a_run_shows_who_was_told(
    featc: Featc, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(status(200)) as server:
        monkeypatch.setenv("HOOK", server.url)
        shop(tmp_path, settings=channel("a") + channel("b", variable="NONE"))
        assert featc("run", "--as-of", "2026-02-01", cwd=tmp_path).status == 0
        shown = featc("runs", "show", "last", cwd=tmp_path).out

    lines = [" ".join(line.split()) for line in shown.splitlines()]
    assert "a webhook told" in lines
    assert "b webhook the environment has no variable `NONE`" in lines


def test_what_is_only_computed_again_is_told_to_nobody(
    featc: Featc, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(status(200)) as server:
        monkeypatch.setenv("HOOK", server.url)
        shop(tmp_path, settings=channel() + '[targets.dev]\nlocation = "published"\n')
        assert featc("run", "--as-of", "2026-02-01", cwd=tmp_path).status == 0
        assert featc("reproduce", "last", cwd=tmp_path).status == 0

    assert server.connections == 1
    assert load_notices(tmp_path / "published", load_records(tmp_path / "published")[0].run)
    assert len(load_records(tmp_path / "published")) == 1
