"""Entry of ``featc``: whatever happens, one or two lines and the right exit status.

0 all is well, 1 something was found or failed, 2 the command line is wrong, 3 there are changes
(``plan``), 130 interrupted, 141 nobody reads the output. A traceback only with ``--debug``.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from featdsl.project.command import COMMAND

OK, FOUND, USAGE, INTERRUPTED, CLOSED = 0, 1, 2, 130, 141


def main() -> None:
    """Run the command line of this process and exit."""
    _open_streams()
    # Few of the many objects that a command makes are garbage: looking for it seldom saves a tenth.
    gc.set_threshold(50_000)
    for stream in (sys.stdout, sys.stderr):
        # What a terminal's encoding lacks is shown escaped; it never stops a command.
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        status = run(sys.argv[1:])
    except KeyboardInterrupt:  # a second one, while the first was told
        status = INTERRUPTED
    # What is done is done: a late Ctrl-C changes neither that nor the status.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    status = _flushed(status)
    if status == INTERRUPTED:
        # Python would answer an interrupt inside `exec` with death by the signal, whatever became
        # of it since.
        os._exit(status)
    sys.exit(status)


def _open_streams() -> None:
    """Give a process that was started with closed streams (``>&-``) ones that swallow."""
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115  # kept open
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115


def _flushed(status: int) -> int:
    """Empty the output; the status where it cannot be."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        status = status or CLOSED
    except OSError as failure:
        what = (failure.strerror or str(failure)).lower()
        print(f"error: the output cannot be written: {what}", file=sys.stderr)  # noqa: T201
        status = status or FOUND
    else:
        return status
    # Python flushes once more on its way out, to no avail.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return status


def run(arguments: Sequence[str], *, clock: Callable[[], datetime] | None = None) -> int:
    """Run a command line and return its exit status; output goes to the standard streams.

    `clock` gives the present instant with its zone.
    """
    debug, color = "--debug" in arguments, allows_color(arguments)
    token = COMMAND.set(("featc", *arguments))
    try:
        return _invoke(list(arguments), clock or _present, color=color)
    except KeyboardInterrupt:
        return _interrupted()
    except SystemExit as stop:  # the library's own way out
        return stop.code if isinstance(stop.code, int) else FOUND
    except BaseException as failure:  # noqa: BLE001  # the one place where every failure ends
        if _is_interrupt(failure):
            return _interrupted()
        if debug:
            import traceback

            traceback.print_exception(failure)
        from featdsl.cli.failures import report

        return report(failure, color=color, debug=debug)
    finally:
        COMMAND.reset(token)


def _is_interrupt(failure: BaseException | None) -> bool:
    """Whether Ctrl-C is behind a failure: Python wraps what is raised while a class is made."""
    while failure is not None:
        if isinstance(failure, KeyboardInterrupt):
            return True
        failure = failure.__cause__
    return False


def _invoke(arguments: list[str], clock: Callable[[], datetime], *, color: bool) -> int:
    from typer.main import get_command

    from featdsl.cli.app import build
    from featdsl.cli.settings import hoist

    front, rest = hoist(arguments)
    command = get_command(build(clock, color=color, only=next(iter(rest), None)))
    result = command.main(
        args=front + rest,
        prog_name="featc",
        standalone_mode=False,
        color=None if color else False,
    )
    if result == INTERRUPTED:
        return _interrupted()
    return result if isinstance(result, int) else OK


def allows_color(arguments: Sequence[str]) -> bool:
    """Whether terminals may be coloured: unless the caller or the terminal's kind says no."""
    refused = "--no-color" in arguments or bool(os.environ.get("NO_COLOR"))
    return not refused and os.environ.get("TERM") != "dumb"


def _interrupted() -> int:
    print("interrupted", file=sys.stderr)  # noqa: T201
    return INTERRUPTED


def _present() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    main()
