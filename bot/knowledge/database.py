"""The SQLite file of the knowledge: written whole by the importer, read whole by the store.

Records are kept as JSON with the file and line they were written in. The search index lives beside them, see
`bot.knowledge.search_index`.
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

from bot.knowledge.collection import KINDS, Knowledge
from bot.knowledge.loading import Origin

SCHEMA_VERSION = "1"

_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE record (
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    position INTEGER NOT NULL,
    data TEXT NOT NULL,
    file TEXT NOT NULL,
    line INTEGER NOT NULL,
    PRIMARY KEY (kind, id)
) WITHOUT ROWID;
"""


class KnowledgeError(Exception):
    """The knowledge cannot be read. `code` is stable: `missing`, `unreadable` or `other_schema`."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def write(
    path: Path,
    knowledge: Knowledge,
    origins: Mapping[tuple[str, str], Origin],
    fingerprint: str,
    index: Callable[[sqlite3.Connection], None],
) -> None:
    """Write the knowledge to a temporary file beside `path`, then put it in place at once.

    `index` fills further tables in the same file. `path` is untouched when anything fails (`OSError`, `sqlite3.Error`).
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    os.close(handle)
    draft = Path(name)
    try:
        with closing(sqlite3.connect(draft)) as connection, connection:
            connection.executescript(_SCHEMA)
            connection.executemany(
                "INSERT INTO meta VALUES (?, ?)", [("schema", SCHEMA_VERSION), ("version", fingerprint)]
            )
            connection.executemany(
                "INSERT INTO record VALUES (?, ?, ?, ?, ?, ?)",
                [
                    (
                        kind,
                        identifier,
                        position,
                        record.model_dump_json(exclude_defaults=True),
                        *_place(origins, kind, identifier),
                    )
                    for position, (kind, identifier, record) in enumerate(knowledge)
                ],
            )
            index(connection)
        with draft.open("rb") as file:
            os.fsync(file.fileno())
        draft.chmod(0o644)
        draft.replace(path)
    finally:
        with suppress(FileNotFoundError):
            draft.unlink()


def _place(origins: Mapping[tuple[str, str], Origin], kind: str, identifier: str) -> tuple[str, int]:
    origin = origins.get((kind, identifier))
    return (origin.file, origin.line) if origin else ("", 0)


def connect(path: Path) -> sqlite3.Connection:
    """A read-only connection that any thread may use, one at a time. Raises `KnowledgeError`."""
    if not path.is_file():
        raise KnowledgeError("missing", f"{path} does not exist: run python -m bot.knowledge.importer")
    try:
        connection = sqlite3.connect(
            f"file:{quote(str(path.resolve()))}?mode=ro", uri=True, check_same_thread=False, isolation_level=None
        )
    except sqlite3.Error as error:
        raise KnowledgeError("unreadable", f"{path} cannot be opened: {error}") from error
    try:
        meta = _meta(connection)
    except sqlite3.Error as error:
        connection.close()
        raise KnowledgeError("unreadable", f"{path} is no knowledge database: {error}") from error
    if meta.get("schema") != SCHEMA_VERSION:
        connection.close()
        raise KnowledgeError(
            "other_schema", f"{path} was written by another release: run python -m bot.knowledge.importer"
        )
    return connection


def _meta(connection: sqlite3.Connection) -> dict[str, str]:
    return dict(connection.execute("SELECT key, value FROM meta"))


def version(connection: sqlite3.Connection) -> str:
    """The fingerprint of the files that the database was made from."""
    return _meta(connection)["version"]


def read(connection: sqlite3.Connection) -> Knowledge:
    """All records. Raises `KnowledgeError` (`unreadable`) when the file is damaged."""
    records: dict[str, dict[str, Any]] = {kind: {} for kind in KINDS}
    try:
        for kind, identifier, data in connection.execute("SELECT kind, id, data FROM record ORDER BY position"):
            records[kind][identifier] = KINDS[kind].model_validate_json(data)
    except (sqlite3.Error, ValueError, KeyError) as error:
        raise KnowledgeError("unreadable", f"the knowledge database is damaged: {error}") from error
    return Knowledge(**records)


def origin(connection: sqlite3.Connection, kind: str, identifier: str) -> Origin | None:
    """The file and line a record was written in, for the staff."""
    row = connection.execute("SELECT file, line FROM record WHERE kind = ? AND id = ?", (kind, identifier)).fetchone()
    return Origin(row[0], row[1]) if row else None
