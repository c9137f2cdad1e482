"""Rasa's tracker store as the guide sets it up."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest

import rasa_compat  # noqa: F401  (puts the mends in place before Rasa is imported)

pytestmark = [pytest.mark.rasa, pytest.mark.filterwarnings("ignore")]


def test_a_position_is_never_written(tmp_path: Path) -> None:
    asyncio.run(_save_and_read(tmp_path))
    content = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"near me" in content
    assert b"35.123456" not in content
    with sqlite3.connect(tmp_path / "tracker.sqlite3") as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()


async def _save_and_read(tmp_path: Path) -> None:
    from rasa.shared.core.domain import Domain
    from rasa.shared.core.events import ActionExecuted, SlotSet, UserUttered
    from rasa.shared.core.trackers import DialogueStateTracker

    from bot.dialogue.tracker_store import GuideTrackerStore

    domain = Domain.load("domain.yml")
    store = GuideTrackerStore(domain, dialect="sqlite", db=str(tmp_path / "tracker.sqlite3"))
    metadata = {"language": "vi", "location": {"lat": 35.123456, "lon": 139.654321}}
    events = [
        ActionExecuted("action_listen"),
        SlotSet("session_started_metadata", metadata),
        UserUttered("near me", parse_data={"text": "near me", "metadata": metadata}, metadata=metadata),
        ActionExecuted("action_nearest_office"),
    ]
    await store.save(DialogueStateTracker.from_events("someone", events, domain.slots))
    again = await store.retrieve("someone")
    assert again is not None
    assert [event.type_name for event in again.events] == [event.type_name for event in events]
    store.engine.dispose()


def test_everything_else_stays() -> None:
    from bot.dialogue.tracker_store import without_position

    value = {"a": [{"location": {"lat": 1}, "b": "location"}], "c": None}
    assert without_position(value) == {"a": [{"location": None, "b": "location"}], "c": None}
