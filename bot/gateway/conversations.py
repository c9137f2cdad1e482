"""Sessions and conversations in SQLite: kept for the page's history, deleted after the retention time.

A locked, full or missing disk never keeps an answer from a resident: what cannot be written waits in memory (bounded)
and is written as soon as the file allows it.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import structlog

from bot.sqlite_files import connect, transaction

log = structlog.get_logger(__name__)

Author = Literal["resident", "guide"]

MOST_UNSAVED: Final = 5_000
HISTORY_LIMIT: Final = 200
_PAUSE_SECONDS: Final = 3.0

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS sessions (
    id TEXT PRIMARY KEY, language TEXT, explicit INTEGER NOT NULL, created REAL NOT NULL, last_seen REAL NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS sessions_last_seen ON sessions (last_seen);
CREATE TABLE IF NOT EXISTS messages (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    session TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    author TEXT NOT NULL, language TEXT NOT NULL, text TEXT NOT NULL, card TEXT, time REAL NOT NULL, answer TEXT
);
CREATE INDEX IF NOT EXISTS messages_session ON messages (session, number);
CREATE INDEX IF NOT EXISTS messages_time ON messages (time);
"""


@dataclass(frozen=True, slots=True)
class Session:
    """A resident's conversation. `explicit`: the resident chose the language. Times are seconds since 1970."""

    id: str
    language: str | None
    explicit: bool
    created: float
    last_seen: float


@dataclass(frozen=True, slots=True)
class Entry:
    """One message of a conversation; personal data is masked. `card` is the answer card as JSON values.

    `answer` is the random id by which a resident can say whether an answer was right.
    """

    author: Author
    language: str
    text: str
    card: dict[str, Any] | None
    time: float
    answer: str | None = None


@dataclass(frozen=True, slots=True)
class _Unsaved:
    """A change waiting for the disk: entries with the session's state, or (`session` None) the deletion."""

    session_id: str
    session: Session | None
    entries: tuple[Entry, ...] = ()


class Conversations:
    """The store. One thread writes, one reads; no method waits for a locked file longer than half a second."""

    def __init__(self, path: Path, *, clock: Callable[[], float] = time.time) -> None:
        self._path = path
        self._clock = clock
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="conversations-write")
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="conversations-read")
        self._write_connection: sqlite3.Connection | None = None
        self._read_connection: sqlite3.Connection | None = None
        self._unsaved: list[_Unsaved] = []
        self._saving = asyncio.Lock()
        self._paused_until = 0.0
        self._failure: str | None = None

    @property
    def unsaved(self) -> int:
        """How many changes wait for the disk."""
        return len(self._unsaved)

    @property
    def failure(self) -> str | None:
        """Why the last write failed; None when it did not."""
        return self._failure

    async def open(self) -> None:
        """Open or make the file. Never raises; where that fails, it is tried again with every write."""
        try:
            await asyncio.get_running_loop().run_in_executor(self._writer, self._for_writing)
        except (sqlite3.Error, OSError) as error:
            self._note_failure(error)

    async def load(self, session_id: str) -> Session | None:
        """The session's state, or None when it is not known (or the file cannot be read)."""
        for waiting in reversed(self._unsaved):
            if waiting.session_id == session_id:
                return waiting.session
        row = await self._read(
            "SELECT id, language, explicit, created, last_seen FROM sessions WHERE id = ?", (session_id,)
        )
        return Session(row[0][0], row[0][1], bool(row[0][2]), row[0][3], row[0][4]) if row else None

    async def history(self, session_id: str, limit: int = HISTORY_LIMIT) -> list[Entry]:
        """The last `limit` messages, oldest first, those not yet written included."""
        waiting = [change for change in self._unsaved if change.session_id == session_id]
        saved: list[Entry] = []
        if not any(change.session is None for change in waiting):
            rows = await self._read(
                "SELECT author, language, text, card, time, answer FROM messages"
                " WHERE session = ? ORDER BY number DESC LIMIT ?",
                (session_id, limit),
            )
            saved = [_entry(row) for row in reversed(rows)]
        for change in waiting:
            saved = [] if change.session is None else [*saved, *change.entries]
        return saved[-limit:]

    async def record(self, session: Session, entries: Sequence[Entry]) -> None:
        """Keep the session's state and what was said. Never raises; what cannot be written now waits in memory."""
        self._unsaved.append(_Unsaved(session.id, session, tuple(entries)))
        await self.flush()

    async def delete(self, session_id: str) -> bool:
        """Forget a session with everything said in it; False when it could not be done yet and will be repeated.

        Never raises.
        """
        self._unsaved = [change for change in self._unsaved if change.session_id != session_id]
        self._unsaved.append(_Unsaved(session_id, None))
        await self.flush()
        return all(change.session_id != session_id for change in self._unsaved)

    async def flush(self, *, force: bool = False) -> None:
        """Write what waits. After a failure the disk is left alone for a few seconds, unless `force`."""
        async with self._saving:
            if not self._unsaved or (not force and time.monotonic() < self._paused_until):
                self._bound()
                return
            batch = tuple(self._unsaved)
            try:
                await asyncio.get_running_loop().run_in_executor(self._writer, self._write, batch)
            except (sqlite3.Error, OSError) as error:
                self._note_failure(error)
                self._bound()
            else:
                # A deletion may have thinned the list meanwhile, so the batch's members are dropped one by one.
                written = {id(change) for change in batch}
                self._unsaved = [change for change in self._unsaved if id(change) not in written]
                self._failure, self._paused_until = None, 0.0

    async def purge(self, retention_days: int) -> int:
        """Delete messages older than the retention time and sessions not used since. The number of messages deleted."""
        before = self._clock() - retention_days * 86_400
        try:
            return await asyncio.get_running_loop().run_in_executor(self._writer, self._purge, before)
        except (sqlite3.Error, OSError) as error:
            self._note_failure(error)
            return 0

    async def ready(self) -> bool:
        """Whether the file can be read and written."""
        try:
            await asyncio.get_running_loop().run_in_executor(self._writer, self._try_writing)
        except (sqlite3.Error, OSError):
            return False
        return True

    async def close(self) -> None:
        """Write what waits and close the file."""
        await self.flush(force=True)
        if self._unsaved:
            log.error("conversations lost: the file cannot be written", changes=len(self._unsaved))
        loop = asyncio.get_running_loop()
        with suppress(sqlite3.Error):
            await loop.run_in_executor(self._writer, self._close_writer)
        with suppress(sqlite3.Error):
            await loop.run_in_executor(self._reader, self._close_reader)
        self._writer.shutdown()
        self._reader.shutdown()

    async def _read(self, statement: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._reader, self._select, statement, values)
        except (sqlite3.Error, OSError) as error:
            self._note_failure(error)
            return []

    def _note_failure(self, error: Exception) -> None:
        if self._failure is None:
            log.error("conversation store fails: answers go on", reason=str(error))
        self._failure = str(error)
        self._paused_until = time.monotonic() + _PAUSE_SECONDS

    def _bound(self) -> None:
        surplus = len(self._unsaved) - MOST_UNSAVED
        if surplus > 0:
            log.error("conversations lost: too many wait for the disk", changes=surplus)
            self._unsaved = self._unsaved[surplus:]

    def _write(self, batch: Iterable[_Unsaved]) -> None:
        with transaction(self._for_writing()) as connection:
            for change in batch:
                if change.session is None:
                    connection.execute("DELETE FROM sessions WHERE id = ?", (change.session_id,))
                    continue
                session = change.session
                connection.execute(
                    "INSERT INTO sessions VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
                    " language = excluded.language, explicit = excluded.explicit, last_seen = excluded.last_seen",
                    (session.id, session.language, int(session.explicit), session.created, session.last_seen),
                )
                connection.executemany(
                    "INSERT INTO messages (session, author, language, text, card, time, answer)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?)",
                    [(session.id, *_columns(entry)) for entry in change.entries],
                )

        if any(change.session is None for change in batch):
            # Without this the deleted words would stay in the write-ahead log.
            self._for_writing().execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _purge(self, before: float) -> int:
        connection = self._for_writing()
        with transaction(connection):
            gone = connection.execute("DELETE FROM messages WHERE time < ?", (before,)).rowcount
            connection.execute("DELETE FROM sessions WHERE last_seen < ?", (before,))
        # Without this the deleted words would stay in the write-ahead log.
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return gone

    def _try_writing(self) -> None:
        connection = self._for_writing()
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("ROLLBACK")

    def _select(self, statement: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        if self._read_connection is None:
            if self._write_connection is None:
                return []
            self._read_connection = connect(self._path)
        return self._read_connection.execute(statement, values).fetchall()

    def _for_writing(self) -> sqlite3.Connection:
        if self._write_connection is None:
            connection = connect(self._path, _SCHEMA)
            columns = {row[1] for row in connection.execute("PRAGMA table_info(messages)")}
            if "answer" not in columns:  # a file of an earlier version
                connection.execute("ALTER TABLE messages ADD COLUMN answer TEXT")
            self._write_connection = connection
        return self._write_connection

    def _close_writer(self) -> None:
        if self._write_connection is not None:
            self._write_connection.close()

    def _close_reader(self) -> None:
        if self._read_connection is not None:
            self._read_connection.close()


def _columns(entry: Entry) -> tuple[str, str, str, str | None, float, str | None]:
    card = json.dumps(entry.card, ensure_ascii=False) if entry.card is not None else None
    return entry.author, entry.language, entry.text, card, entry.time, entry.answer


def _entry(row: tuple[Any, ...]) -> Entry:
    author, language, text, card, moment, answer = row
    return Entry(author, language, text, json.loads(card) if card else None, moment, answer)
