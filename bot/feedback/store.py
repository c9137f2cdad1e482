"""Notes in SQLite: feedback on answers, and questions without a sure answer.

A note holds no session, no address and no name; the question in it is masked. A locked or full disk never keeps an
answer from a resident: what cannot be written waits in memory (bounded) and is written later.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import sqlite3
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import structlog

from bot.sqlite_files import connect, transaction

log = structlog.get_logger(__name__)

Kind = Literal["feedback", "unanswered", "unsure"]

MOST_UNSAVED: Final = 5_000
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS notes (
    number INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL, kind TEXT NOT NULL, time REAL NOT NULL,
    channel TEXT NOT NULL, language TEXT NOT NULL, question TEXT NOT NULL, intent TEXT, confidence REAL,
    status TEXT NOT NULL, shown TEXT NOT NULL, was_right INTEGER, reason TEXT, UNIQUE (key, kind)
);
CREATE INDEX IF NOT EXISTS notes_time ON notes (time);
"""


@dataclass(frozen=True, slots=True)
class Note:
    """One note. `shown` are the ids of what the answer showed (topic, offices, procedure, task, sources).

    `answer` is the random id of the answer; only a hash of it is kept, so that a later word on the same answer replaces
    the earlier one. `right` None: nobody said. Time is seconds since 1970.
    """

    answer: str
    kind: Kind
    time: float
    channel: str
    language: str
    question: str
    intent: str | None
    confidence: float | None
    status: str
    shown: dict[str, Any]
    right: bool | None = None
    reason: str | None = None


class FeedbackStore:
    """The store. One thread works on the file."""

    def __init__(self, path: Path, *, clock: Callable[[], float] = time.time) -> None:
        self._path = path
        self._clock = clock
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="feedback")
        self._connection: sqlite3.Connection | None = None
        self._unsaved: list[Note] = []
        self._saving = asyncio.Lock()

    @property
    def unsaved(self) -> int:
        """How many notes wait for the disk."""
        return len(self._unsaved)

    async def record(self, note: Note) -> None:
        """Keep a note. Never raises."""
        self._unsaved.append(note)
        await self.flush()

    async def flush(self) -> None:
        """Write what waits. Never raises."""
        async with self._saving:
            batch = tuple(self._unsaved)
            if not batch:
                return
            try:
                await self._run(lambda: self._write(batch))
            except (sqlite3.Error, OSError) as error:
                log.error("feedback cannot be written yet", reason=str(error), waiting=len(self._unsaved))
                self._unsaved = self._unsaved[-MOST_UNSAVED:]
            else:
                self._unsaved = self._unsaved[len(batch) :]

    async def notes(self, kind: Kind | None = None, limit: int = 1_000) -> list[Note]:
        """The last notes, newest first. Raises `sqlite3.Error` when the file cannot be read."""
        where, values = ("WHERE kind = ?", (kind,)) if kind else ("", ())
        statement = (
            "SELECT key, kind, time, channel, language, question, intent, confidence, status, shown, was_right, reason"
            f" FROM notes {where} ORDER BY number DESC LIMIT ?"
        )
        rows = await self._run(lambda: self._opened().execute(statement, (*values, limit)).fetchall())
        return [_note(row) for row in rows]

    async def purge(self, days: int) -> int:
        """Delete notes older than so many days; how many there were. Never raises."""
        before = self._clock() - days * 86_400

        def delete() -> int:
            with transaction(self._opened()) as connection:
                return connection.execute("DELETE FROM notes WHERE time < ?", (before,)).rowcount

        try:
            return int(await self._run(delete))
        except (sqlite3.Error, OSError) as error:
            log.error("feedback cannot be purged", reason=str(error))
            return 0

    async def close(self) -> None:
        """Write what waits and close the file."""
        await self.flush()
        if self._unsaved:
            log.error("feedback lost: the file cannot be written", notes=len(self._unsaved))
        with suppress(sqlite3.Error):
            await self._run(lambda: self._connection.close() if self._connection else None)
        self._executor.shutdown()

    async def _run(self, work: Callable[[], Any]) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._executor, work)

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = connect(self._path, _SCHEMA)
        return self._connection

    def _write(self, batch: Sequence[Note]) -> None:
        with transaction(self._opened()) as connection:
            connection.executemany(
                "INSERT INTO notes (key, kind, time, channel, language, question, intent, confidence, status, shown,"
                " was_right, reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key, kind) DO UPDATE SET"
                " time = excluded.time, was_right = excluded.was_right, reason = coalesce(excluded.reason, reason)",
                [_columns(note) for note in batch],
            )


def _columns(note: Note) -> tuple[Any, ...]:
    key = hashlib.sha256(note.answer.encode()).hexdigest()[:24]
    shown = json.dumps(note.shown, ensure_ascii=False, sort_keys=True)
    right = None if note.right is None else int(note.right)
    return (key, note.kind, note.time, note.channel, note.language, note.question, note.intent, note.confidence,
            note.status, shown, right, note.reason)  # fmt: skip


def _note(row: tuple[Any, ...]) -> Note:
    key, kind, moment, channel, language, question, intent, confidence, status, shown, right, reason = row
    return Note(key, kind, moment, channel, language, question, intent, confidence, status, json.loads(shown),
                None if right is None else bool(right), reason)  # fmt: skip
