"""A program of this machine, which reads JSON from its standard input. No shell is between."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator

from featdsl.notify.spec import ChannelKind, ChannelSettings, NotSent, Sending, body_of, wrong

if TYPE_CHECKING:
    import subprocess


def _words(value: list[str]) -> list[str]:
    if not value or not value[0].strip() or any("\0" in v for v in value):
        raise wrong('a list of a program and its arguments, such as ["./tell.sh", "--quiet"]')
    return value


class CommandSettings(ChannelSettings):
    kind: Literal["command"]
    run: Annotated[list[str], AfterValidator(_words)]
    """The program, from the project's folder on, and arguments; they are never filled in."""
    attempts: Literal[1] = 1
    """What a program did before it failed is not known: it is not run again."""


def _send(sending: Sending) -> None:
    import json
    import subprocess

    settings: CommandSettings = sending.settings
    try:
        process = subprocess.Popen(
            settings.run,
            cwd=sending.folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else "it is none"
        raise NotSent(f"the program cannot be started: {why.lower()}") from error
    try:
        process.communicate(json.dumps(body_of(sending)).encode(), sending.seconds)
    except subprocess.TimeoutExpired as error:
        raise NotSent(f"the program was stopped after {sending.seconds:g} s") from error
    finally:
        if process.poll() is None:
            _stop(process)
    if process.returncode != 0:
        raise NotSent(f"the program ended with status {process.returncode}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End it with all that it started."""
    import os
    import signal
    from contextlib import suppress

    with suppress(OSError):
        os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.wait()


CHANNEL = ChannelKind(
    name="command",
    meaning="a program, with JSON on its standard input",
    settings=CommandSettings,
    secrets=(),
    send=_send,
)
