"""Rasa's SQL tracker store: SQLite set up for a server that writes on every turn, no residents' positions in it."""

from __future__ import annotations

import json
from typing import Any

from rasa.core.tracker_store import SQLTrackerStore
from sqlalchemy import event

#: A write-ahead log waits for the disk at checkpoints only: a power cut may cost the last turns, never the file. What
#: is deleted is overwritten.
PRAGMAS = ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=NORMAL", "PRAGMA secure_delete=ON")
POSITION = "location"
"""The key under which the gateway hands a position on with a message: for that answer only."""


class GuideTrackerStore(SQLTrackerStore):
    """The same store; other databases than SQLite are used as they are."""

    def __init__(self, domain: Any = None, event_broker: Any = None, host: str | None = None, **settings: Any) -> None:
        super().__init__(domain=domain, event_broker=event_broker, host=host, **settings)
        if not event.contains(self.SQLEvent, "before_insert", _forget_position):
            event.listen(self.SQLEvent, "before_insert", _forget_position)
        if self.engine.dialect.name == "sqlite":
            event.listen(self.engine, "connect", _prepare)
            self.engine.dispose()


def _prepare(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _forget_position(_mapper: Any, _connection: Any, row: Any) -> None:
    if f'"{POSITION}"' in row.data:
        row.data = json.dumps(without_position(json.loads(row.data)))


def without_position(value: Any) -> Any:
    """JSON values with every value under the key `location` replaced by None."""
    if isinstance(value, dict):
        return {key: None if key == POSITION else without_position(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [without_position(inner) for inner in value]
    return value
