"""What a conversation is about from turn to turn. Kept in Rasa's slot `context`, forgotten after an idle time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bot.answers.card import Card
from bot.settings import settings

MOST_OFFERED = 20
_FAMILIES = ("office_", "procedure_", "topic_")
_QUESTIONS = frozenset(
    {"list_offices", "nearest_office", "foreign_passport", "ask_topic", "talk_to_person", "task_result"}
)
_NOT_OFFERED = ("original?", "show?", "none", "help", "person", "stop", "back", "start_over", "greet")


@dataclass(frozen=True, slots=True)
class Context:
    """The last question and what its answer was about. Values are ids and codes.

    `payload` gives the last answer again, `previous` the one before it; `offered` are the payloads of the replies the
    last card offered, in order, for "the second one"; `asked_back`: that card was a question.
    """

    intent: str | None = None
    entities: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    offices: tuple[str, ...] = ()
    procedure: str | None = None
    topic: str | None = None
    payload: str | None = None
    previous: str | None = None
    offered: tuple[str, ...] = ()
    asked_back: bool = False

    @classmethod
    def read(cls, slot: Any, now: dt.datetime) -> Context:
        """The context a slot holds; an empty one when there is none, it is damaged, or too long ago."""
        try:
            since = now - dt.datetime.fromisoformat(slot["at"])
            if since > dt.timedelta(minutes=settings().context_idle_minutes):
                return cls()
            return cls(
                intent=slot["intent"],
                entities={name: tuple(values) for name, values in slot["entities"].items()},
                offices=tuple(slot["offices"]),
                procedure=slot["procedure"],
                topic=slot["topic"],
                payload=slot["payload"],
                previous=slot["previous"],
                offered=tuple(slot["offered"]),
                asked_back=bool(slot["asked_back"]),
            )
        except (KeyError, TypeError, ValueError, AttributeError):
            return cls()

    def as_slot(self, now: dt.datetime) -> dict[str, Any]:
        """The slot's value, JSON-ready."""
        return {
            "at": now.isoformat(timespec="seconds"),
            "intent": self.intent,
            "entities": {name: list(values) for name, values in self.entities.items()},
            "offices": list(self.offices),
            "procedure": self.procedure,
            "topic": self.topic,
            "payload": self.payload,
            "previous": self.previous,
            "offered": list(self.offered),
            "asked_back": self.asked_back,
        }

    def after(self, card: Card, intent: str, entities: Mapping[str, Sequence[str]]) -> Context:
        """The context once a card has answered a turn.

        A question's answer replaces what was talked about, so a new subject never inherits an old office. Small talk
        and a change of language leave it; a question back keeps it and takes over what it offers.
        """
        offered = offered_by(card)
        if card.status == "clarify":
            changes: dict[str, Any] = {"offered": offered, "asked_back": True}
            if is_question(intent):
                changes |= {"intent": intent, "entities": _plain(entities)}
            return replace(self, **changes)
        if not is_question(intent):
            return replace(self, offered=offered or self.offered, asked_back=False)
        payload = card.about.payload
        still = any(f"id={office}&" in each for office in card.about.offices for each in self.offered)
        return Context(
            intent=intent,
            entities=_plain(entities),
            offices=card.about.offices,
            procedure=card.about.procedure,
            topic=card.about.topic,
            payload=payload,
            previous=self.payload if self.payload not in (None, payload) else self.previous,
            offered=offered or (self.offered if still else ()),
        )


def is_question(intent: str) -> bool:
    """Whether an intent asks for something of its own, so that its answer is what the conversation is about."""
    return intent.startswith(_FAMILIES) or intent in _QUESTIONS


def offered_by(card: Card) -> tuple[str, ...]:
    """The payloads of the replies a card offers to choose from, without those that only steer.

    What can be asked further about one office is no list: there is no second one.
    """
    if card.status == "answered" and len(card.about.offices) <= 1:
        return ()
    replies = (action.payload for action in card.actions if action.kind == "reply")
    return tuple(payload for payload in replies if not payload.startswith(_NOT_OFFERED))[:MOST_OFFERED]


def _plain(entities: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(values) for name, values in entities.items()}
