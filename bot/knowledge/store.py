"""The knowledge as the running processes read it.

`KnowledgeStore` is the staff's view; `KnowledgeStore.public` is the residents'. Records are held in memory, so a
look-up takes microseconds and never touches the disk; a new import is noticed within seconds, and while the file is
missing or damaged the last good records stay in use.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

from bot.knowledge import database
from bot.knowledge.collection import Knowledge
from bot.knowledge.database import KnowledgeError
from bot.knowledge.loading import Origin
from bot.knowledge.models import Topic
from bot.knowledge.public import PublicKnowledge, PublicRecords, public_records
from bot.knowledge.views import KnowledgeView

__all__ = ["KnowledgeError", "KnowledgeStore", "KnowledgeView", "PublicKnowledge"]

logger = logging.getLogger(__name__)

CHECK_SECONDS = 1.0
"""How often at most the file is looked at; a new import is seen at the first look-up after that."""


@dataclass(frozen=True)
class _State:
    """One import, read."""

    version: str
    stamp: tuple[int, int, int]
    raw: Knowledge
    public: PublicRecords
    connection: sqlite3.Connection = field(repr=False)


class KnowledgeStore(KnowledgeView):
    """The store over one SQLite file. Any number of threads may use it.

    Raises `KnowledgeError` when the file cannot be read at the first opening; later failures are logged, and the
    records read before stay in use.
    """

    def __init__(self, path: Path, *, check_seconds: float = CHECK_SECONDS) -> None:
        self._path = path
        self._check_seconds = check_seconds
        self._reloading = threading.Lock()
        self._querying = threading.Lock()
        self._state = self._open()
        self._checked = time.monotonic()
        super().__init__(lambda: self._current().raw)

    @cached_property
    def public(self) -> PublicKnowledge:
        """The residents' view, kept up to date like the store itself."""
        return PublicKnowledge(lambda: self._current().public, self.version)

    def topic(self, identifier: str) -> Topic | None:
        """The topic with this id, verified or not."""
        return self._current().raw.topics.get(identifier)

    def topics(self, area: str | None = None, intent: str | None = None) -> tuple[Topic, ...]:
        """Topics of an area, of a frequent intent, or all, verified or not."""
        return tuple(
            topic
            for topic in self._current().raw.topics.values()
            if (area is None or topic.area == area) and (intent is None or topic.intent == intent)
        )

    def version(self) -> str:
        """Changes with every import of other facts."""
        return self._current().version

    def origin(self, kind: str, identifier: str) -> Origin | None:
        """The file and line a record was written in."""
        with self.query() as connection:
            return database.origin(connection, kind, identifier)

    @contextmanager
    def query(self) -> Iterator[sqlite3.Connection]:
        """The read-only connection, for one thread at a time: for the full-text search."""
        self._current()
        with self._querying:
            yield self._state.connection

    def close(self) -> None:
        """Close the file. The records already read stay readable."""
        with self._querying:
            self._state.connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _open(self) -> _State:
        stamp = _stamp(self._path)
        connection = database.connect(self._path)
        try:
            raw = database.read(connection)
            return _State(database.version(connection), stamp, raw, public_records(raw), connection)
        except BaseException:
            connection.close()
            raise

    def _current(self) -> _State:
        if time.monotonic() - self._checked >= self._check_seconds and self._reloading.acquire(blocking=False):
            try:
                self._checked = time.monotonic()
                if _stamp(self._path) != self._state.stamp:
                    self._reload()
            finally:
                self._reloading.release()
        return self._state

    def _reload(self) -> None:
        try:
            new = self._open()
        except KnowledgeError as error:
            logger.warning(
                "knowledge not reloaded (%s): the records of version %s stay in use", error, self._state.version
            )
            return
        with self._querying:
            old, self._state = self._state, new
            old.connection.close()
        logger.info("knowledge reloaded, version %s", new.version)


def _stamp(path: Path) -> tuple[int, int, int]:
    try:
        status = path.stat()
    except OSError:
        return (0, 0, 0)
    return (status.st_ino, status.st_mtime_ns, status.st_size)


def counts(view: KnowledgeView) -> Mapping[str, int]:
    """How many records of each kind there are."""
    found: dict[str, int] = {}
    for kind, _, _ in view.knowledge():
        found[kind] = found.get(kind, 0) + 1
    return found
