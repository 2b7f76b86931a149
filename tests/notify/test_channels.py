"""Channels against real servers of this machine: those that take a message, and evil ones."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from email import message_from_bytes
from email.message import Message as Letter
from email.policy import default
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import servers
from servers import answers, closes, drips, pours, serving, silent, status

from featdsl.notify.deliver import Delivery, deliver, wanted
from featdsl.notify.registry import channels
from featdsl.notify.spec import ChannelSettings, Message
from featdsl.notify.template import WORDS, fill, one_line, wrong_in

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
EVIL = "boom\r\nBcc: evil@example.com\r\n\r\n<script>alert(1)</script> <!channel> @here $(id) {run}"
SECRET = "S3CR3T"


def message(**words: str) -> Message:
    said = {name: f"[{name}]" for name in WORDS} | words
    return Message(events=("failure",), words=said, facts={"run": "r1", "checks": [EVIL]})


def channel(kind: str, **settings: Any) -> ChannelSettings:
    """Settings as they are written; of any length of time."""
    quick = settings.pop("seconds", 5.0)
    made = channels()[kind].settings.model_validate({"kind": kind, **settings})
    return made.model_copy(update={"timeout": quick})


def hook(kind: str = "webhook", **settings: Any) -> ChannelSettings:
    return channel(kind, url='env("HOOK")', **settings)


def told(
    settings: ChannelSettings, told: Message | None = None, folder: Path = Path(), **env: str
) -> Delivery:
    (found,) = deliver({"c": settings}, told or message(), environment=env, folder=folder)
    return found


# Webhooks


def test_a_webhook_gets_json_with_the_facts_and_its_token() -> None:
    asked: list[bytes] = []
    with serving(status(204, into=asked)) as server:
        found = told(
            hook(token='env("TOKEN")', subject="{what}"),
            message(what=EVIL),
            HOOK=server.url,
            TOKEN="t0k",
        )

    assert (found.why, found.attempts) == (None, 1)
    head, _, body = asked[0].partition(b"\r\n\r\n")
    assert head.split(b"\r\n")[0] == b"POST /hook/T0K3N?key=S3CR3T HTTP/1.1"
    assert b"Authorization: Bearer t0k" in head.split(b"\r\n")
    said = json.loads(body)
    assert (said["event"], said["run"], said["checks"]) == ("failure", "r1", [EVIL])
    # What is filled in is not filled again, and a headline is one line.
    assert said["subject"] == one_line(EVIL)
    assert "{run}" in said["subject"] and "\n" not in said["subject"]


@pytest.mark.parametrize(
    ("talks", "attempts", "why"),
    [
        ([status(500)], 3, "the server answers 500"),
        ([status(429)], 3, "the server answers 429"),
        ([status(404)], 1, "the server answers 404"),
        ([status(101)], 1, "the server answers 101"),
        ([status(500), status(200)], 2, None),
        ([closes, status(200)], 2, None),
        ([closes], 3, "the server gave no answer that is one of HTTP"),
        ([answers(b"hello there\r\n\r\n")], 3, "the server gave no answer that is one of HTTP"),
        (
            [answers(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200)],
            3,
            "the server gave no answer that is one of HTTP",
        ),
    ],
)
def test_what_may_pass_is_tried_again(
    monkeypatch: pytest.MonkeyPatch, talks: list[servers.Talk], attempts: int, why: str | None
) -> None:
    monkeypatch.setattr("featdsl.notify.deliver._PAUSE", 0.01)
    with serving(*talks) as server:
        found = told(hook(seconds=2.0), HOOK=server.url)

    assert (found.attempts, found.why) == (attempts, why)
    assert server.connections == attempts


def test_attempts_wait_longer_each_time_and_are_as_many_as_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("featdsl.notify.deliver._PAUSE", 0.05)
    came: list[float] = []

    def talk(connection: socket.socket, over: threading.Event) -> None:
        came.append(time.monotonic())
        status(500)(connection, over)

    with serving(talk) as server:
        told(hook(attempts=4, seconds=2.0), HOOK=server.url)

    waits = [b - a for a, b in pairwise(came)]
    assert len(came) == 4
    assert all(w >= pause for w, pause in zip(waits, (0.05, 0.1, 0.2), strict=True))


def test_a_redirect_is_not_followed_with_what_is_secret() -> None:
    with serving(status(200)) as other, serving(status(307, f"Location: {other.url}")) as server:
        found = told(hook(token='env("TOKEN")'), HOOK=server.url, TOKEN=SECRET)

    assert found.why == "the server answers 307: it is elsewhere, and nothing is followed"
    assert (server.connections, other.connections) == (1, 0)


def test_servers_that_hold_one_up_are_left_behind_all_at_once() -> None:
    head = b"HTTP/1.1 200 OK\r\n"
    evil = [
        silent,
        drips(b"", b"H"),
        drips(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        # It says that it took the message, and then goes on and on: the message is not sent twice.
        drips(head + b"X: ", b"y"),
    ]
    with ExitStack() as stack:
        made = [stack.enter_context(serving(talk)) for talk in evil]
        settings = {
            f"c{i}": channel("webhook", url=f'env("U{i}")', seconds=0.3) for i in range(len(made))
        }
        begun = time.monotonic()
        found = deliver(
            settings,
            message(),
            environment={f"U{i}": s.url for i, s in enumerate(made)},
            folder=Path(),
            most=5,
        )
        took = time.monotonic() - begun

    late = ("no answer in 0.3 s", 3)
    assert [(d.why, d.attempts) for d in found] == [late, late, late, (None, 1)]
    # Three attempts of 0.3 s, with 0.5 s and 1 s between: of one channel, since all go at once.
    assert took < 4


def test_a_body_without_end_is_not_read() -> None:
    with serving(pours(b"HTTP/1.1 200 OK\r\n\r\n")) as server:
        found = told(hook(seconds=5.0), HOOK=server.url)

    assert found.why is None
    assert found.seconds < 2


def test_a_lookup_that_never_ends_keeps_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()

    def look(*_: object, **__: object) -> None:
        over.wait(20)
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", look)
    begun = time.monotonic()
    (found,) = deliver(
        {"c": hook()},
        message(),
        environment={"HOOK": "https://hooks.example.com/x"},
        folder=Path(),
        most=0.3,
    )
    took = time.monotonic() - begun
    over.set()

    assert found.why is not None and found.why.startswith("no answer in 0.")
    assert took < 2


def test_a_wait_that_is_interrupted_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(self: threading.Event, seconds: float | None = None) -> bool:
        raise KeyboardInterrupt

    with serving(silent) as server:
        settings = hook(seconds=5.0)
        with monkeypatch.context() as patch:
            patch.setattr("featdsl.notify.deliver.threading.Event.wait", interrupted)
            patch.setattr(threading.Thread, "start", lambda self: None)
            found = told(settings, HOOK=server.url)

    assert found.why is not None


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://hooks.example.com/x", "the URL does not begin with https://"),
        ("http://127.0.0.1.example.com/x", "the URL does not begin with https://"),
        ("file:///etc/passwd", "it leads to no URL"),
        ("ftp://localhost/x", "the URL does not begin with https://"),
        ("https://user:S3CR3T@localhost/x", "the URL holds a user or a password"),
        ("https://elsewhere.example.com/x", "the URL leads to none of `hosts`"),
        ("https://localhost:99999/x", "it leads to no URL"),
        ("http://localhost/x\r\nHost: evil", "it leads to no URL"),
        ("http://localhost/a b", "it leads to no URL"),
        ("not a url", "it leads to no URL"),
        ("http://localhost:1/x", "nobody listens there"),
    ],
)
def test_a_url_that_is_no_place_to_send_to_is_refused(url: str, why: str) -> None:
    found = told(hook(hosts=["localhost", "hooks.example.com"], attempts=1), HOOK=url)

    assert found.why == why


def test_a_token_cannot_add_headers() -> None:
    with serving(status(200)) as server:
        found = told(
            hook(token='env("TOKEN")', attempts=1), HOOK=server.url, TOKEN="x\r\nX-Evil: 1"
        )

    assert found.why == "the token is no text that a header may hold"


def test_a_variable_that_is_not_there_is_named() -> None:
    assert told(hook()).why == "the environment has no variable `HOOK`"
    assert told(hook(), HOOK="").why == "the environment has no variable `HOOK`"


def test_a_certificate_is_verified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = servers.certificate(tmp_path)
    with serving(answers(OK), context=servers.with_certificate(made)) as server:
        url = f"https://localhost:{server.port}/x"
        unknown = told(hook(seconds=5.0), HOOK=url)
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
        known = told(hook(seconds=5.0), HOOK=url)

    assert unknown.why == "the certificate of the server cannot be verified"
    assert unknown.attempts == 1
    assert known.why is None


def test_a_server_that_speaks_no_tls_gets_nothing() -> None:
    asked: list[bytes] = []

    def talk(connection: socket.socket, over: threading.Event) -> None:
        asked.append(connection.recv(65536))
        connection.sendall(OK)

    with serving(talk) as server:
        found = told(hook(seconds=5.0), HOOK=f"https://127.0.0.1:{server.port}/S3CR3T")

    assert found.why == "there is no secure connection to the server"
    assert SECRET.encode() not in b"".join(asked)


@pytest.mark.parametrize("talk", [silent, drips(b"", b"\x16")])
def test_a_handshake_that_never_ends_is_left_behind(talk: servers.Talk) -> None:
    with serving(talk) as server:
        url = f"https://127.0.0.1:{server.port}/x"
        found = told(hook(attempts=1, seconds=0.3), HOOK=url)
        letters = told(letter(server.port, security="tls", attempts=1, seconds=0.3))

    # A byte that is none of TLS ends it sooner.
    reasons = {"no answer in 0.3 s", "there is no secure connection to the server"}
    assert {found.why, letters.why} <= reasons
    assert found.seconds < 2 and letters.seconds < 2


# Slack


def test_words_call_nobody_in_slack_and_the_template_may() -> None:
    asked: list[bytes] = []
    with serving(status(200, into=asked)) as server:
        settings = hook("slack", subject="<!here> {what}", text="{what}\n{run}")
        assert told(settings, message(what=EVIL), HOOK=server.url).why is None

    (text,) = json.loads(asked[0].partition(b"\r\n\r\n")[2]).values()
    assert text.startswith("<!here> boom\\r Bcc:")
    assert text.count("<") == 1
    assert "&lt;!channel&gt;" in text
    assert "@here" not in text and "@\u200bhere" in text
    assert text.endswith("\n[run]")


# Letters


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@pytest.fixture
def mailbox() -> Iterator[tuple[int, list[Any]]]:
    """A real SMTP server; its port, and what came."""
    from aiosmtpd.controller import Controller

    came: list[Any] = []

    class Handler:
        async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
            came.append(envelope)
            return "250 taken"

    port = free_port()
    controller = Controller(Handler(), hostname="127.0.0.1", port=port, auth_require_tls=False)
    controller.start()
    try:
        yield port, came
    finally:
        controller.stop()


def letter(port: int, **settings: Any) -> ChannelSettings:
    given = {
        "server": "127.0.0.1",
        "port": port,
        "security": "none",
        "sender": "featc@example.com",
        "to": ["ops@example.com", "dev@example.com"],
        **settings,
    }
    return channel("email", **given)


def read(raw: bytes) -> Letter:
    return message_from_bytes(raw, policy=default)


def test_a_letter_comes_as_plain_text_and_its_headers_are_ours(
    mailbox: tuple[int, list[Any]],
) -> None:
    port, came = mailbox
    found = told(letter(port, seconds=5.0), message(what=EVIL, details="ünïcode\n.\nBcc: x@y"))

    assert found.why is None
    (envelope,) = came
    assert envelope.rcpt_tos == ["ops@example.com", "dev@example.com"]
    got = read(envelope.content)
    ours = ["Auto-Submitted", "Content-Transfer-Encoding", "Content-Type", "Date", "From",
            "MIME-Version", "Message-ID", "Subject", "To"]  # fmt: skip
    assert sorted(key for key in got if key != "X-Peer") == ours
    assert got["Subject"] == f"featc [project] ([target]): {one_line(EVIL)}"
    assert got.get_content_type() == "text/plain"
    # A line of one dot does not end the letter.
    text = got.get_content().replace("\r\n", "\n")  # type: ignore[attr-defined]
    assert text.endswith("ünïcode\n.\nBcc: x@y\n")


@pytest.mark.parametrize(
    ("talk", "attempts", "why"),
    [
        (silent, 1, "no answer in 0.3 s"),
        (drips(b"", b"2"), 1, "no answer in 0.3 s"),
        (drips(b"", b"220-more\r\n"), 1, "no answer in 0.3 s"),
        (closes, 2, "the server gave no answer that is one of SMTP"),
        (drips(b"554 go away\r\n", b"554 go\r\n"), 1, "the server answers 554"),
        (drips(b"421 later\r\n", b"421 later\r\n"), 2, "the server answers 421"),
    ],
)
def test_a_server_of_letters_that_is_none_is_left_behind(
    monkeypatch: pytest.MonkeyPatch, talk: servers.Talk, attempts: int, why: str
) -> None:
    monkeypatch.setattr("featdsl.notify.deliver._PAUSE", 0.01)
    with serving(talk) as server:
        seconds = 0.3 if why.startswith("no answer") else 5.0
        found = told(letter(server.port, attempts=attempts, seconds=seconds))

    assert (found.why, found.attempts) == (why, attempts)


def test_nothing_is_sent_in_the_clear_where_the_server_has_no_starttls(
    mailbox: tuple[int, list[Any]],
) -> None:
    port, came = mailbox
    settings = letter(
        port, security="starttls", user="me", password='env("PW")', seconds=5.0, attempts=1
    )

    found = told(settings, PW=SECRET)

    assert found.why is not None and "nothing is sent in the clear" in found.why
    assert came == []


def test_starttls_verifies_the_certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from aiosmtpd.controller import Controller
    from aiosmtpd.smtp import AuthResult

    came: list[tuple[str, bytes]] = []
    made = servers.certificate(tmp_path)

    class Handler:
        async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
            came.append((session.auth_data.login, envelope.content))
            return "250 taken"

    def known(server: Any, session: Any, envelope: Any, how: str, data: Any) -> Any:
        return AuthResult(success=data.password == SECRET.encode(), handled=False, auth_data=data)

    port = free_port()
    controller = Controller(
        Handler(),
        hostname="127.0.0.1",
        port=port,
        tls_context=servers.with_certificate(made),
        require_starttls=True,
        authenticator=known,
    )
    controller.start()
    try:
        settings = letter(
            port, security="starttls", user="me", password='env("PW")', seconds=5.0, attempts=1
        )
        unknown = told(settings, PW=SECRET)
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
        wrong = told(settings, PW="other")
        right = told(settings, PW=SECRET)
    finally:
        controller.stop()

    assert unknown.why == "the certificate of the server cannot be verified"
    assert wrong.why == "the server does not take user and password"
    assert right.why is None
    assert [login for login, _ in came] == [b"me"]


def test_letters_by_tls_verify_the_certificate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from aiosmtpd.controller import Controller

    came: list[Any] = []
    made = servers.certificate(tmp_path)

    class Handler:
        async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
            came.append(envelope)
            return "250 taken"

    port = free_port()
    controller = Controller(
        Handler(),
        hostname="127.0.0.1",
        port=port,
        ssl_context=servers.with_certificate(made),
    )
    controller.start()
    try:
        settings = letter(port, security="tls", attempts=1)
        unknown = told(settings)
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
        known = told(settings)
    finally:
        controller.stop()

    assert unknown.why == "the certificate of the server cannot be verified"
    assert (known.why, len(came)) == (None, 1)


# Commands


def test_a_command_gets_json_and_no_shell(tmp_path: Path) -> None:
    program = tmp_path / "tell.sh"
    program.write_text('#!/bin/sh\ncat > said.json\nprintf "%s\\n" "$@" > words\n')
    program.chmod(0o755)
    words = ["$(id)", "a b", "; touch evil", "{what}"]

    found = told(
        channel("command", run=["./tell.sh", *words], seconds=10.0),
        message(what=EVIL),
        folder=tmp_path,
    )

    assert found.why is None
    assert json.loads((tmp_path / "said.json").read_text())["checks"] == [EVIL]
    assert (tmp_path / "words").read_text().splitlines() == words
    assert not (tmp_path / "evil").exists()


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("exit 3", "the program ended with status 3"),
        ("sleep 60 & wait", "the program was stopped after 0.3 s"),
        ("yes", "the program was stopped after 0.3 s"),
    ],
)
def test_a_program_that_fails_or_does_not_end_is_told(
    tmp_path: Path, script: str, why: str
) -> None:
    begun = time.monotonic()
    seconds = 0.3 if "stopped" in why else 5.0
    found = told(channel("command", run=["sh", "-c", script], seconds=seconds), folder=tmp_path)

    assert (found.why, found.attempts) == (why, 1)
    assert time.monotonic() - begun < 5


def test_what_a_stopped_program_started_is_stopped_too(tmp_path: Path) -> None:
    script = "(sleep 2; touch late) & sleep 60"

    told(channel("command", run=["sh", "-c", script], seconds=0.3), folder=tmp_path)

    time.sleep(2)
    assert not (tmp_path / "late").exists()


def test_a_program_that_reads_nothing_is_no_trouble(tmp_path: Path) -> None:
    long = message(details="x" * 200_000)
    found = told(
        channel("command", run=["true"], text="{details}", seconds=10.0), long, folder=tmp_path
    )

    assert found.why is None


def test_a_program_that_is_not_there_is_told(tmp_path: Path) -> None:
    found = told(channel("command", run=["./none"]), folder=tmp_path)

    assert found.why == "the program cannot be started: no such file or directory"


# Whatever


def test_a_channel_with_a_defect_is_told_without_what_it_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ValueError(SECRET)

    monkeypatch.setattr("featdsl.notify.webhook.post", broken)

    assert told(hook(), HOOK="https://x.example/S3CR3T").why == "the channel failed (ValueError)"


def test_channels_get_what_they_want() -> None:
    settings = {
        "a": hook(),
        "b": hook(on=["success"]),
        "c": hook(on=["plan", "warning"]),
    }
    both = Message(events=("warning", "success"), words={}, facts={})

    assert list(wanted(settings, both)) == ["a", "b", "c"]
    assert list(wanted(settings, message())) == ["a"]


# Templates


@pytest.mark.parametrize(
    ("template", "filled"),
    [
        ("{what}", "[what]"),
        ("{{what}} {run}{run}", "{what} [run][run]"),
        ("no words", "no words"),
    ],
)
def test_a_template_has_words_and_nothing_else(template: str, filled: str) -> None:
    assert wrong_in(template) is None
    assert fill(template, message().words) == filled


@pytest.mark.parametrize(
    "template",
    ["{", "}", "{}", "{what", "{what.__class__}", "{what!r}", "{what:>99}", "{0}", "{{{nope}}}"],
)
def test_what_looks_like_code_is_no_template(template: str) -> None:
    assert wrong_in(template) is not None


def test_words_steer_no_terminal_and_no_direction() -> None:
    said = fill("{what}", {"what": "a\x1b[31m\u202eb\x00\nc"})

    assert said == "a\\x1b[31m\\u202eb\\x00\nc"


def test_a_long_text_is_cut() -> None:
    assert len(fill("{what}", {"what": "x" * 10**6})) == 4000
    assert len(one_line("x" * 10**6)) == 200
