"""What every test shares."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile

import pytest

# The built wheel's smoke tests need to know where it is installed.
collect_ignore = [] if "FEATC_SMOKE" in os.environ else ["smoke"]

KEPT = pytest.StashKey[str]()

# Started in the background of a shell, a process ignores Ctrl-C, and so would what it starts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_configure(config: pytest.Config) -> None:
    """Where nothing may be written beside the texts, processes keep what they compile elsewhere.

    Without, each that a test starts would compile all modules and the grammar again. Workers get
    the place from the process that starts them.
    """
    if sys.dont_write_bytecode:
        config.stash[KEPT] = tempfile.mkdtemp(prefix="featc-pycache-")
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = config.stash[KEPT]


def pytest_unconfigure(config: pytest.Config) -> None:
    if KEPT in config.stash:
        shutil.rmtree(config.stash[KEPT], ignore_errors=True)
