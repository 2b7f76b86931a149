"""Runs tell of themselves, whatever the channels do, and nothing secret is said anywhere."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from servers import channel, said, serving, silent, status
from shop import TEXT, compiled, run, shop

from featdsl.diagnostics.model import Problems
from featdsl.project.load import Project, load_project
from featdsl.project.read_config import read_config
from featdsl.runs.train import train
from featdsl.store.ledger import load_records
from featdsl.store.notices import load_notices
from featdsl.text.sources import SourceSet

SETTINGS = '[project]\nname = "shop"\n'


def project(folder: Path, settings: str, *, more: str = "", **environment: str) -> Project:
    shop(folder, settings=settings, more=more)
    return load_project(folder, environment=environment)


def test_a_run_that_succeeds_is_told_with_its_sets(tmp_path: Path) -> None:
    asked: list[bytes] = []
    with serving(status(200, into=asked)) as server:
        outcome = run(project(tmp_path, channel(), HOOK=server.url))

    assert outcome.ok
    (told,) = said(asked)
    assert (told["event"], told["run"], told["status"]) == (
        "success",
        outcome.record.run,
        "succeeded",
    )
    assert told["sets"] == [{"set": "shop.spend", "rows": 2}]
    assert told["subject"] == "featc shop (dev): 1 set published"
    found = load_notices(tmp_path / "target", outcome.record.run)
    assert found is not None
    assert [(n.channel, n.attempts, n.why) for n in found.notices] == [("ops", 1, None)]


@pytest.mark.parametrize(
    ("expect", "event"), [("expect amount > 10", "failure"), ("expect warn amount > 10", "warning")]
)
def test_a_check_that_does_not_hold_is_told(tmp_path: Path, expect: str, event: str) -> None:
    asked: list[bytes] = []
    line = {"failure": "  expect amount > 7", "warning": "  expect amount > 7 warn"}[event]
    with serving(status(200, into=asked)) as server:
        outcome = run(project(tmp_path, channel(), more=line, HOOK=server.url))

    assert outcome.ok == (event == "warning")
    (told,) = said(asked)
    assert told["event"] == event
    assert [(c["subject"], c["failing"]) for c in told["checks"]] == [("shop.orders", 1)]


def test_channels_get_only_what_they_ask_for(tmp_path: Path) -> None:
    asked: list[bytes] = []
    with serving(status(200, into=asked)) as server:
        settings = channel("a", on='["failure"]') + channel("b", on='["success"]')
        outcome = run(project(tmp_path, settings, HOOK=server.url))

    found = load_notices(tmp_path / "target", outcome.record.run)
    assert found is not None
    assert [n.channel for n in found.notices] == ["b"]
    assert len(asked) == 1


def test_a_dead_channel_is_a_warning_and_the_run_is_what_it_was(tmp_path: Path) -> None:
    with serving(silent) as server:
        begun = time.monotonic()
        settings = channel("slow") + channel("gone", variable="NONE")
        outcome = run(project(tmp_path, settings, HOOK=server.url))
        took = time.monotonic() - begun

    assert outcome.ok
    assert took < 10
    assert sorted(d.message for d in outcome.diagnostics if d.code.id == "FD0863") == [
        "`gone` (webhook) was not told of this: the environment has no variable `NONE`",
        "`slow` (webhook) was not told of this: no answer in 1 s",
    ]
    assert [r.run for r in load_records(tmp_path / "target")] == [outcome.record.run]
    found = load_notices(tmp_path / "target", outcome.record.run)
    assert found is not None
    assert [n.why for n in found.notices] == [
        "no answer in 1 s",
        "the environment has no variable `NONE`",
    ]


@pytest.mark.parametrize(("error", "told"), [(RuntimeError, ["failure"]), (KeyboardInterrupt, [])])
def test_a_defect_is_told_and_ctrl_c_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: type[BaseException], told: list[str]
) -> None:
    def broken(*_: object) -> None:
        raise error

    asked: list[bytes] = []
    monkeypatch.setattr("featdsl.runs.publishing.publish", broken)
    with serving(status(200, into=asked)) as server, pytest.raises(error):
        run(project(tmp_path, channel(), HOOK=server.url))

    assert [m["event"] for m in said(asked)] == told


def test_a_trial_tells_nobody(tmp_path: Path) -> None:
    with serving(status(200)) as server:
        run(project(tmp_path, channel(), HOOK=server.url), publish=False)

    assert server.connections == 0


def test_a_training_set_is_told_of(tmp_path: Path) -> None:
    text = TEXT.format(
        location='csv "orders.csv"', amount="decimal(12, 2)", more="", features=""
    ) + (
        "\ndataset risk for customer {\n"
        "  spine every 7d from @2026-01-15 to @2026-02-01\n  include spend.spend_30d\n}\n"
    )
    asked: list[bytes] = []
    with serving(status(200, into=asked)) as server:
        people = text.replace("customer_id: int\n", "customer_id: int from orders\n", 1)
        shop(tmp_path, text=people, settings=channel())
        loaded = load_project(tmp_path, environment={"HOOK": server.url})
        outcome = train(loaded, compiled(loaded), "shop.risk")

    assert outcome.ok, outcome.diagnostics
    (told,) = said(asked)
    assert (told["kind"], told["sets"][0]["set"]) == ("training", "shop.risk")


# Settings


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        (
            'kind = "pager"\n',
            ("FD0604", "featc.toml:4:8", "`targets.dev.notify.ops.kind` in featc.toml must be a "
             "kind of channel: command, email, slack, webhook"),
        ),
        (
            "on = ['failure']\n",
            ("FD0605", "featc.toml:3:2", "`targets.dev.notify.ops.kind` in featc.toml is missing"),
        ),
        (
            'kind = "slack"\n',
            ("FD0605", "featc.toml:3:2", "`targets.dev.notify.ops.url` in featc.toml is missing"),
        ),
        (
            "kind = \"slack\"\nurl = 'env(\"A\")'\nurll = 1\n",
            ("FD0603", "featc.toml:6:1", "`[targets.dev.notify.ops]` has no key `urll`"),
        ),
        (
            "kind = \"slack\"\nurl = 'env(\"A\")'\non = ['sometimes']\n",
            ("FD0604", "featc.toml:6:6", '`targets.dev.notify.ops.on` in featc.toml must be one of '
             '"failure", "warning", "success" or "plan"'),
        ),
        (
            "kind = \"slack\"\nurl = 'env(\"A\")'\ntimeout = \"31s\"\n",
            ("FD0604", "featc.toml:6:11", '`targets.dev.notify.ops.timeout` in featc.toml must be '
             'a time from "1s" to "30s"'),
        ),
        (
            "kind = \"slack\"\nurl = 'env(\"A\")'\ntext = \"{run.id}\"\n",
            ("FD0604", "featc.toml:6:8", "`targets.dev.notify.ops.text` in featc.toml must be a "
             "template of {what}, {event}, {project}, {target}, {run}, {as_of}, {seconds}, {user}, "
             "{host}, {sets}, {checks}, {problems}, {details}, not {run.id}"),
        ),
        (
            'kind = "email"\nserver = "smtp.example.com"\nsecurity = "none"\n'
            'sender = "a@example.com"\nto = ["b@example.com"]\n',
            ("FD0604", "featc.toml:3:2", "`targets.dev.notify.ops` in featc.toml must be a channel "
             'with `security` "starttls" or "tls": "none" is for this machine'),
        ),
        (
            'kind = "email"\nserver = "smtp.example.com"\n'
            'sender = "a@example.com"\nto = ["b@example.com\\nBcc: c@example.com"]\n',
            ("FD0604", "featc.toml:7:6", "`targets.dev.notify.ops.to` in featc.toml must be an "
             "address such as ops@example.com"),
        ),
        (
            'kind = "command"\nrun = "mail ops"\n',
            ("FD0604", "featc.toml:5:7", "`targets.dev.notify.ops.run` in featc.toml must be a "
             "list (`[…]`)"),
        ),
    ],
)  # fmt: skip
def test_a_mistake_in_a_channel_is_told_at_its_place(
    text: str, mistake: tuple[str, str, str]
) -> None:
    written = f"{SETTINGS}[targets.dev.notify.ops]\n{text}"
    problems = Problems()
    read_config(written, "fallback", problems)
    texts = SourceSet.of({"featc.toml": written})

    assert [
        (d.code.id, texts.where(d.primary.span) if d.primary else "", d.message)
        for d in problems.items
    ] == [mistake]
