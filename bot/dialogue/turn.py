"""One turn of a conversation as the answers need it, read from what Rasa knows: message, slots, metadata."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.answers.formatting import WEEKDAYS
from bot.answers.request import TOKYO, Request
from bot.dialogue.context import Context
from bot.dialogue.tasks import TaskError, TaskState
from bot.dialogue.words import dialogue_words
from bot.i18n.languages import enabled_languages, registry

MIN_ENTITY_CONFIDENCE = 0.5
DECIDED = frozenset({"topic"})
"""Entities that are set only once the understanding has decided for them, however unsure it was."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What was understood. Entity values are ids and codes (docs/architecture.md); `slots` are the conversation's."""

    language: str
    outside_language: str | None
    intent: str
    confidence: float
    entities: Mapping[str, tuple[str, ...]]
    candidates: Sequence[Mapping[str, Any]]
    topics: Sequence[str]
    position: tuple[float, float] | None
    now: dt.datetime
    slots: Mapping[str, Any] = field(default_factory=dict)
    text: str = ""
    spans: Sequence[tuple[str, int, int]] = ()
    loop: str | None = None

    @classmethod
    def read(
        cls, message: Mapping[str, Any], slots: Mapping[str, Any], now: dt.datetime, loop: str | None = None
    ) -> Turn:
        """Read a turn from `tracker.latest_message`, the slots and the name of the active loop.

        Missing parts become empty; nothing raises.
        """
        intent = message.get("intent") or {}
        found = message.get("language") or {}
        text = str(message.get("text") or "")
        language = _language(message, slots)
        raw = list(message.get("entities") or ())
        if not text.startswith("/"):
            raw += dialogue_words().find(text, language, now.astimezone(TOKYO).date())
        return cls(
            language=language,
            outside_language=found.get("detected") if found.get("source") == "outside" else None,
            intent=str(intent.get("name") or "nlu_fallback"),
            confidence=float(intent.get("confidence") or 0.0),
            entities=_entities(raw),
            candidates=tuple(message.get("candidates") or ()),
            topics=tuple(str(item["topic"]) for item in message.get("topics") or () if item.get("topic")),
            position=_position((message.get("metadata") or {}).get("location")),
            now=now,
            slots=slots,
            text=text,
            spans=tuple((str(e["entity"]), e["start"], e["end"]) for e in raw if "start" in e and "end" in e),
            loop=loop,
        )

    @property
    def is_payload(self) -> bool:
        """Whether a button was tapped, so that nothing needs to be read from words."""
        return self.text.startswith("/")

    @property
    def context(self) -> Context:
        """What the conversation is about."""
        return Context.read(self.slots.get("context"), self.now)

    @property
    def task(self) -> TaskState | None:
        """The guided task that is going on, or was last; None without one."""
        held = self.slots.get("task")
        try:
            return TaskState.decoded(held["id"], held["answers"]) if held and "id" in held else None
        except (TaskError, KeyError, TypeError):
            return None

    def named(self, *entities: str) -> frozenset[tuple[int, int]]:
        """Where the text names values of these types."""
        return frozenset((start, end) for name, start, end in self.spans if name in entities)

    def first(self, entity: str) -> str | None:
        """The first value of an entity type, or None."""
        values = self.entities.get(entity)
        return values[0] if values else None

    def all(self, entity: str) -> tuple[str, ...]:
        """All values of an entity type, in the order of the text."""
        return self.entities.get(entity, ())

    @property
    def day(self) -> dt.date | None:
        """The day named in the message: a date, or the next such weekday (today included)."""
        if named := self.first("date"):
            try:
                return dt.date.fromisoformat(named)
            except ValueError:
                return None
        weekday = next((value for value in self.all("weekday") if value in WEEKDAYS), None)
        if weekday is None:
            return None
        today = self.now.astimezone(TOKYO).date()
        return today + dt.timedelta(days=(WEEKDAYS.index(weekday) - today.weekday()) % 7)

    @property
    def time(self) -> dt.time | None:
        """The time of day named in the message."""
        named = self.first("time")
        try:
            return dt.time.fromisoformat(named) if named else None
        except ValueError:
            return None

    def request(self) -> Request:
        """The circumstances for the answers."""
        return Request(
            language=self.language,
            now=self.now,
            intent=self.intent,
            confidence=self.confidence,
            day=self.day,
            at=self.time,
            spoken=self.first("language"),
            station=self.first("station"),
            channel=self.first("channel"),
            passport_type=self.first("passport_type"),
            position=self.position,
        )


def offered_language(code: str | None) -> str | None:
    """The offered language for a code, or for the language it belongs to (`zh`, `zh-TW`); None when none is offered."""
    if not code:
        return None
    codes = [entry.code for entry in enabled_languages()]
    if code in codes:
        return code
    return next((offered for offered in codes if offered.split("-")[0] == code.split("-")[0]), None)


def _language(message: Mapping[str, Any], slots: Mapping[str, Any]) -> str:
    metadata = message.get("metadata") or {}
    candidates = (
        metadata.get("language"),
        (message.get("language") or {}).get("code"),
        metadata.get("conversation_language"),
        slots.get("language"),
    )
    known = {entry.code for entry in enabled_languages()}
    return next((str(code) for code in candidates if code in known), registry().first.code)


def _entities(raw: Sequence[Mapping[str, Any]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for entity in raw:
        name = str(entity["entity"])
        confidence = entity.get("confidence", entity.get("confidence_entity", 1.0))
        if name not in DECIDED and confidence is not None and float(confidence) < MIN_ENTITY_CONFIDENCE:
            continue
        values = found.setdefault(name, [])
        value = str(entity["value"])
        if value not in values:
            values.append(value)
    return {name: tuple(values) for name, values in found.items()}


def _position(location: Any) -> tuple[float, float] | None:
    try:
        return (float(location["lat"]), float(location["lon"])) if location else None
    except (KeyError, TypeError, ValueError):
        return None
