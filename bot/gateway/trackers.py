"""What Rasa keeps of conversations: deleted when a resident asks for it, and after the retention time.

Rasa's REST interface cannot delete a tracker; its store is a plain SQL table, which is worked on directly. Rasa saves a
turn before it answers, so what is deleted after an answer stays deleted.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import structlog

from bot.sqlite_files import connect, transaction

log = structlog.get_logger(__name__)


class Trackers:
    """Rasa's tracker store, for deletion only. What cannot be deleted now waits and is tried again."""

    def __init__(self, path: Path, *, clock: Callable[[], float] = time.time) -> None:
        self._path = path
        self._clock = clock
        self._waiting: set[str] = set()

    @property
    def waiting(self) -> int:
        """How many deletions wait for the file."""
        return len(self._waiting)

    async def delete(self, session_id: str) -> bool:
        """Forget a session. False when that could not be done yet; it is then repeated by `flush`. Never raises."""
        self._waiting.add(session_id)
        await self.flush()
        return session_id not in self._waiting

    async def flush(self) -> None:
        """Do the deletions that wait. Never raises."""
        batch = tuple(self._waiting)
        if not batch:
            return
        try:
            await asyncio.to_thread(self._change, "sender_id = ?", [(session_id,) for session_id in batch])
        except (sqlite3.Error, OSError) as error:
            log.error("trackers cannot be deleted yet", reason=str(error), waiting=len(batch))
        else:
            self._waiting.difference_update(batch)

    async def purge(self, retention_days: int) -> int:
        """Delete events older than the retention time; how many there were. Never raises."""
        before = self._clock() - retention_days * 86_400
        try:
            return await asyncio.to_thread(self._change, "timestamp < ?", [(before,)])
        except (sqlite3.Error, OSError) as error:
            log.error("trackers cannot be purged", reason=str(error))
            return 0

    def _change(self, condition: str, values: list[tuple[object, ...]]) -> int:
        if not self._path.is_file():
            return 0
        connection = connect(self._path)
        try:
            if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'events'").fetchone():
                return 0
            with transaction(connection):
                gone = sum(connection.execute(f"DELETE FROM events WHERE {condition}", row).rowcount for row in values)
            # Without this the deleted words would stay in the write-ahead log. Fails while Rasa reads: then the next
            # checkpoint does it.
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return gone
        finally:
            connection.close()
