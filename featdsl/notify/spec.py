"""What a kind of channel is: its settings, and how one message is sent once."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict
from pydantic_core import PydanticCustomError

from featdsl.notify.hold import Hold
from featdsl.notify.template import SUBJECT, TEXT, wrong_in
from featdsl.text.environment import variable_of

Event: TypeAlias = Literal["failure", "warning", "success", "plan"]
MOST_SECONDS = 30
MOST_ATTEMPTS = 5
_TIME = re.compile(r"(\d{1,3})s")


def wrong(requirement: str) -> PydanticCustomError:
    """A setting that does not fit, with what it must be."""
    return PydanticCustomError("setting", "{requirement}", {"requirement": requirement})


def _template(value: str) -> str:
    mistake = wrong_in(value)
    if mistake is not None:
        raise wrong(mistake)
    return value


def _headline(value: str) -> str:
    if not value.isprintable():
        raise wrong("a template on one line")
    return _template(value)


def _reference(value: str) -> str:
    if variable_of(value) is None:
        raise PydanticCustomError("secret", "'env(\"NAME\")': it is secret")
    return value


def _events(value: list[Event]) -> list[Event]:
    if not value:
        raise wrong('a list of "failure", "warning", "success", "plan"')
    return value


def _seconds(value: object) -> int:
    match = _TIME.fullmatch(value) if isinstance(value, str) else None
    if match is None or not 1 <= int(match[1]) <= MOST_SECONDS:
        raise wrong(f'a time from "1s" to "{MOST_SECONDS}s"')
    return int(match[1])


def _attempts(value: int) -> int:
    if not 1 <= value <= MOST_ATTEMPTS:
        raise wrong(f"a number from 1 to {MOST_ATTEMPTS}")
    return value


def _hosts(value: list[str]) -> list[str]:
    if not value or any(not re.fullmatch(r"[a-z0-9.:-]+", v) for v in value):
        raise wrong('a list of hosts, such as ["hooks.example.com"]')
    return value


Secret: TypeAlias = Annotated[str, AfterValidator(_reference)]
"""Never a value: the name of a variable of the environment."""
Hosts: TypeAlias = Annotated[list[str], AfterValidator(_hosts)]


class ChannelSettings(BaseModel):
    """What every channel may say."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    kind: str
    on: Annotated[list[Event], AfterValidator(_events)] = ["failure", "warning"]
    subject: Annotated[str, AfterValidator(_headline)] = SUBJECT
    text: Annotated[str, AfterValidator(_template)] = TEXT
    timeout: Annotated[int, BeforeValidator(_seconds, json_schema_input_type=str)] = 5
    """Seconds of one attempt, whatever the other side does."""
    attempts: Annotated[int, AfterValidator(_attempts)] = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What happened: ``words`` for templates, ``facts`` for programs. Neither holds a secret.

    ``events`` are all that it is; the first one is what it is called.
    """

    events: tuple[Event, ...]
    words: Mapping[str, str]
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """One message on its way: ``secrets`` are the values of secret settings, by their names.

    ``folder`` is the project's. What is opened is given to ``hold``, which ends it in time.
    """

    settings: Any
    message: Message
    secrets: Mapping[str, str] = field(repr=False)
    folder: Path
    hold: Hold
    seconds: float


class NotSent(Exception):
    """Why a message did not arrive, in words without secrets; ``again`` where it may yet."""

    def __init__(self, why: str, *, again: bool = False) -> None:
        super().__init__(why)
        self.why = why
        self.again = again


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelKind:
    """One kind. ``secrets`` are names of settings that are references to the environment.

    ``send`` sends once.

    Raises:
        NotSent: it did not arrive.
    """

    name: str
    meaning: str
    settings: type[ChannelSettings]
    secrets: tuple[str, ...]
    send: Callable[[Sending], None]


def body_of(sending: Sending) -> dict[str, Any]:
    """The message as an object, for programs."""
    from featdsl.notify.template import fill, one_line

    settings, words = sending.settings, sending.message.words
    return {
        "version": 1,
        "event": sending.message.events[0],
        "subject": one_line(fill(settings.subject, words)),
        "text": fill(settings.text, words),
        **sending.message.facts,
    }
