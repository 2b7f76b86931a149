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


# Modules that take most of the time, each set up once, the longest first; in turn for one worker
# and the other. test_demo reads nothing anew where test_flights_truth has been.
LONG = (
    *("test_flights_truth.py", "test_retail_truth.py", "test_demo.py", "test_churn_model.py"),
    *("test_fuzz.py", "test_relations.py", "test_pages.py", "test_planted.py"),
    *("test_kill.py", "test_forty.py", "test_package.py", "test_quickstart_truth.py"),
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long modules first, of all tests and of their second half.

    Two workers begin with a half each (`--dist worksteal`); what is short can be shared at the end.
    """
    by_module: dict[str, list[pytest.Item]] = {}
    for item in items:
        by_module.setdefault(item.path.name if item.path.name in LONG else "", []).append(item)
    short = by_module.pop("", [])
    long = [by_module[name] for name in LONG if name in by_module]
    half = len(items) // 2
    first = [item for module in long[::2] for item in module]
    second = [item for module in long[1::2] for item in module]
    at = max(half - len(first), 0)
    items[:] = [*first, *short[:at], *second, *short[at:]]
