"""A webhook that takes messages as Slack does; Mattermost, Discord and others take them too."""

from __future__ import annotations

from typing import Literal

from featdsl.notify.http import post
from featdsl.notify.spec import ChannelKind, ChannelSettings, Hosts, Secret, Sending
from featdsl.notify.template import fill, one_line


class SlackSettings(ChannelSettings):
    kind: Literal["slack"]
    url: Secret
    hosts: Hosts | None = None
    """Where the URL may lead."""


def escaped(text: str) -> str:
    """Text that links to nothing and calls nobody: `<!channel>`, `@here`."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace("@", "@\u200b")


def _send(sending: Sending) -> None:
    settings: SlackSettings = sending.settings
    words = sending.message.words
    # What the template itself says may call somebody; what it is filled with may not.
    subject = fill(settings.subject, words, escape=lambda text: escaped(one_line(text)))
    text = fill(settings.text, words, escape=escaped)
    post(
        sending.secrets["url"],
        {"text": f"{subject}\n{text}"},
        token=None,
        hosts=settings.hosts,
        hold=sending.hold,
        seconds=sending.seconds,
    )


CHANNEL = ChannelKind(
    name="slack",
    meaning="a message to a webhook of Slack, or one of its shape",
    settings=SlackSettings,
    secrets=("url",),
    send=_send,
)
