"""Rasa's SQL tracker store, with SQLite set up for a server that writes on every turn."""

from __future__ import annotations

from typing import Any

from rasa.core.tracker_store import SQLTrackerStore
from sqlalchemy import event

#: A write-ahead log waits for the disk at checkpoints only: a power cut may cost the last turns, never the file.
PRAGMAS = ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=NORMAL", "PRAGMA secure_delete=ON")


class GuideTrackerStore(SQLTrackerStore):
    """The same store; other databases than SQLite are used as they are."""

    def __init__(self, domain: Any = None, event_broker: Any = None, host: str | None = None, **settings: Any) -> None:
        super().__init__(domain=domain, event_broker=event_broker, host=host, **settings)
        if self.engine.dialect.name == "sqlite":
            event.listen(self.engine, "connect", _prepare)
            self.engine.dispose()


def _prepare(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(pragma)
    cursor.close()
