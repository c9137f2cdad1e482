"""SQLite files that a running server writes: how they are opened, and changes that happen as a whole or not at all."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

BUSY_SECONDS: Final = 0.4
"""Nobody waits longer for a file that another process has locked."""


def connect(path: Path, schema: str | None = None) -> sqlite3.Connection:
    """A connection in autocommit mode. With a schema, folder, file and tables are made, readable by the owner only.

    Raises `sqlite3.Error` or `OSError`. What is deleted is overwritten.
    """
    if schema is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("PRAGMA synchronous = NORMAL")
        if schema is not None:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript(schema)
            path.chmod(0o600)
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """All or nothing, also when the connection is in autocommit mode."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
        connection.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise
