"""A letter by SMTP: plain text, so that nothing of it is ever run or laid out."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from featdsl.notify.http import is_here
from featdsl.notify.spec import ChannelKind, ChannelSettings, NotSent, Secret, Sending, wrong
from featdsl.notify.template import fill, one_line

if TYPE_CHECKING:
    import smtplib
    import socket
    from email.message import EmailMessage

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
_HOST = re.compile(r"[A-Za-z0-9.:-]+")


def _address(value: str) -> str:
    if _ADDRESS.fullmatch(value) is None:
        raise wrong("an address such as ops@example.com")
    return value


def _host(value: str) -> str:
    if _HOST.fullmatch(value) is None:
        raise wrong("the name of a server, such as smtp.example.com")
    return value


def _some(value: list[str]) -> list[str]:
    if not value:
        raise wrong('a list of addresses, such as ["ops@example.com"]')
    return value


Address = Annotated[str, AfterValidator(_address)]


class EmailSettings(ChannelSettings):
    kind: Literal["email"]
    server: Annotated[str, AfterValidator(_host)]
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    """`none` on this machine only."""
    sender: Address
    to: Annotated[list[Address], AfterValidator(_some)]
    user: str | None = None
    password: Secret | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.user is None) != (self.password is None):
            raise wrong("a channel with both `user` and `password`, or neither")
        if self.security == "none" and not is_here(self.server.lower()):
            raise wrong('a channel with `security` "starttls" or "tls": "none" is for this machine')
        return self


def _send(sending: Sending) -> None:
    import smtplib
    import ssl

    settings: EmailSettings = sending.settings
    client = _client(sending)
    try:
        client.connect(settings.server, settings.port)
        if settings.security == "starttls":
            client.starttls(context=ssl.create_default_context())
        if settings.user is not None:
            client.login(settings.user, sending.secrets["password"])
        refused = client.send_message(_letter(sending))
        with suppress(smtplib.SMTPException, OSError):
            client.quit()
    except ssl.SSLCertVerificationError as error:
        raise NotSent("the certificate of the server cannot be verified") from error
    except ssl.SSLError as error:
        why = "there is no secure connection to the server"
        raise NotSent(why, again=sending.hold.ended) from error
    except smtplib.SMTPAuthenticationError as error:
        raise NotSent("the server does not take user and password") from error
    except smtplib.SMTPNotSupportedError as error:
        raise NotSent(
            "the server has no STARTTLS, or takes no user: nothing is sent in the clear"
        ) from error
    except smtplib.SMTPRecipientsRefused as error:
        raise NotSent("the server takes no letter for these addresses") from error
    except smtplib.SMTPResponseException as error:
        code = error.smtp_code
        raise NotSent(f"the server answers {code}", again=400 <= code < 500) from error
    except smtplib.SMTPException as error:
        raise NotSent("the server gave no answer that is one of SMTP", again=True) from error
    finally:
        client.close()
    if refused:
        raise NotSent("the server takes no letter for some of the addresses")


def _letter(sending: Sending) -> EmailMessage:
    """Text alone; a headline is one line, whatever it is filled with."""
    from email.message import EmailMessage
    from email.utils import formatdate, make_msgid

    settings, words = sending.settings, sending.message.words
    letter = EmailMessage()
    letter["From"] = settings.sender
    letter["To"] = ", ".join(settings.to)
    letter["Subject"] = one_line(fill(settings.subject, words))
    letter["Date"] = formatdate()
    letter["Message-ID"] = make_msgid(domain=settings.sender.rpartition("@")[2])
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(fill(settings.text, words))
    return letter


def _client(sending: Sending) -> smtplib.SMTP:
    import smtplib
    import ssl

    settings: EmailSettings = sending.settings

    class Held(smtplib.SMTP):
        _host: str

        def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
            made = sending.hold.connect(host, port, sending.seconds)
            if settings.security == "tls":
                return ssl.create_default_context().wrap_socket(made, server_hostname=host)
            return made

    client = Held(timeout=sending.seconds, local_hostname="localhost")
    # It says whose certificate STARTTLS expects.
    client._host = settings.server
    return client


CHANNEL = ChannelKind(
    name="email",
    meaning="a letter by SMTP",
    settings=EmailSettings,
    secrets=("password",),
    send=_send,
)
