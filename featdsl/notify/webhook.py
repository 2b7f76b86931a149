"""A program that takes JSON over HTTPS."""

from __future__ import annotations

from typing import Literal

from featdsl.notify.http import post
from featdsl.notify.spec import ChannelKind, ChannelSettings, Hosts, Secret, Sending, body_of


class WebhookSettings(ChannelSettings):
    kind: Literal["webhook"]
    url: Secret
    token: Secret | None = None
    """Sent as `Authorization: Bearer …`."""
    hosts: Hosts | None = None
    """Where the URL may lead."""


def _send(sending: Sending) -> None:
    settings: WebhookSettings = sending.settings
    post(
        sending.secrets["url"],
        body_of(sending),
        token=sending.secrets.get("token"),
        hosts=settings.hosts,
        hold=sending.hold,
        seconds=sending.seconds,
    )


CHANNEL = ChannelKind(
    name="webhook",
    meaning="JSON by POST to a URL",
    settings=WebhookSettings,
    secrets=("url", "token"),
    send=_send,
)
