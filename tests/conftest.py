"""What every test shares."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator

import pytest

# The built wheel's smoke tests need to know where it is installed.
collect_ignore = [] if "FEATC_SMOKE" in os.environ else ["smoke"]

# Started in the background of a shell, a process ignores Ctrl-C, and so would what it starts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def compiled_modules() -> Iterator[None]:
    """Where nothing may be written beside the texts, processes keep what they compile elsewhere.

    Without, each that a test starts would compile all modules and the grammar again.
    """
    if not sys.dont_write_bytecode:
        yield
        return
    kept = tempfile.mkdtemp(prefix="featc-pycache-")
    before = os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = kept
    yield
    del os.environ["PYTHONPYCACHEPREFIX"]
    if before is not None:
        os.environ["PYTHONDONTWRITEBYTECODE"] = before
    shutil.rmtree(kept, ignore_errors=True)
