"""Send a message to channels: beside each other, again where that may help, never for long.

Each channel has a thread, and its time whatever it does: what is still on its way then is left
behind, so that nothing that a server does or leaves undone holds up the caller.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from featdsl.notify.hold import Hold
from featdsl.notify.registry import channels
from featdsl.notify.spec import ChannelSettings, Message, NotSent, Sending
from featdsl.text.environment import variable_of

MOST = 60.0
"""Seconds for all channels together."""
_PAUSE, _SLACK = 0.5, 1.0
_HIDDEN = "****"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What became of a message in a channel; ``why`` it did not arrive, None where it did."""

    channel: str
    kind: str
    attempts: int
    seconds: float
    why: str | None = None


def wanted(settings: Mapping[str, ChannelSettings], message: Message) -> dict[str, ChannelSettings]:
    """The channels that want to be told of a message."""
    return {n: s for n, s in settings.items() if set(s.on) & set(message.events)}


def deliver(
    settings: Mapping[str, ChannelSettings],
    message: Message,
    *,
    environment: Mapping[str, str],
    folder: Path,
    most: float = MOST,
) -> list[Delivery]:
    """Send a message to each channel, and tell what became of it; nothing is raised.

    Args:
        settings: The channels, by their names.
        message: Without secrets.
        environment: Has the values of secret settings.
        folder: The project's.
        most: Seconds after which nobody is waited for.
    """
    begun = monotonic()
    tries = [_Try(n, s, message, environment, folder) for n, s in settings.items()]
    for one in tries:
        threading.Thread(target=one.run, daemon=True, name=f"notify {one.name}").start()
    try:
        for one in tries:
            until = begun + min(most, _longest(one.settings))
            one.done.wait(max(0.0, until - monotonic()))
    except KeyboardInterrupt:  # nobody wants to wait for this
        pass
    return [one.give_up(monotonic() - begun) for one in tries]


def _longest(settings: ChannelSettings) -> float:
    pauses = sum(_pause(n) for n in range(1, settings.attempts))
    return settings.attempts * settings.timeout + pauses + _SLACK


def _pause(attempt: int) -> float:
    """How long to wait after an attempt: each time twice as long."""
    return float(_PAUSE * 2 ** (attempt - 1))


class _Try:
    """A message to one channel."""

    def __init__(
        self,
        name: str,
        settings: ChannelSettings,
        message: Message,
        environment: Mapping[str, str],
        folder: Path,
    ) -> None:
        self.name, self.settings, self.message = name, settings, message
        self.environment, self.folder = environment, folder
        self.done = threading.Event()
        self._over = threading.Event()
        self._attempts = 0
        self._hold = Hold()
        self._found: Delivery | None = None

    def run(self) -> None:
        begun = monotonic()
        why = self._why()
        self._found = self._delivery(monotonic() - begun, why)
        self.done.set()

    def give_up(self, seconds: float) -> Delivery:
        """What became of it until now; nothing goes on after that."""
        found = self._found
        self._over.set()
        self._hold.end()
        return found or self._delivery(seconds, f"no answer in {seconds:.1f} s")

    def _delivery(self, seconds: float, why: str | None) -> Delivery:
        return Delivery(
            channel=self.name,
            kind=self.settings.kind,
            attempts=self._attempts,
            seconds=round(seconds, 3),
            why=why,
        )

    def _why(self) -> str | None:
        """Why it did not arrive in any attempt, without secrets."""
        kind = channels()[self.settings.kind]
        secrets = {}
        for field in kind.secrets:
            variable = variable_of(getattr(self.settings, field) or "")
            if variable is not None and not self.environment.get(variable):
                return f"the environment has no variable `{variable}`"
            if variable is not None:
                secrets[field] = self.environment[variable]
        why = ""
        for attempt in range(1, self.settings.attempts + 1):
            self._attempts = attempt
            try:
                self._send(kind.send, secrets)
            except NotSent as failure:
                why = _without(failure.why, secrets)
                last = attempt == self.settings.attempts or not failure.again
                if last or self._over.wait(_pause(attempt)):
                    return why
            else:
                return None
        return why

    def _send(self, send: Callable[[Sending], None], secrets: Mapping[str, str]) -> None:
        seconds = float(self.settings.timeout)
        self._hold = hold = Hold()
        watch = threading.Timer(seconds, hold.end)
        watch.daemon = True
        watch.start()
        late = NotSent(f"no answer in {seconds:g} s", again=True)
        try:
            send(
                Sending(
                    settings=self.settings,
                    message=self.message,
                    secrets=secrets,
                    folder=self.folder,
                    hold=hold,
                    seconds=seconds,
                )
            )
        except NotSent as failure:
            raise (late if hold.ended and failure.again else failure) from None
        except TimeoutError:
            raise late from None
        except OSError as error:
            raise (late if hold.ended else NotSent(_unreachable(error), again=True)) from None
        except Exception as error:  # noqa: BLE001  # a channel never stops a run
            # What it says may hold what was sent.
            raise NotSent(f"the channel failed ({type(error).__name__})") from None
        finally:
            watch.cancel()
            hold.close()


def _unreachable(error: OSError) -> str:
    import socket

    if isinstance(error, socket.gaierror):
        return "no server of that name is known"
    if isinstance(error, ConnectionRefusedError):
        return "nobody listens there"
    return "the server cannot be reached"


def _without(text: str, secrets: Mapping[str, str]) -> str:
    for secret in secrets.values():
        text = text.replace(secret, _HIDDEN) if secret else text
    return text
