"""What all actions share: read the turn, get the card, remember what it was about. No business logic."""

from __future__ import annotations

import abc
import logging
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from bot.answers import AnswerService, Card
from bot.answers.service import tokyo_now
from bot.dialogue.turn import Turn
from bot.knowledge.database import KnowledgeError
from bot.knowledge.store import KnowledgeStore
from bot.settings import settings

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A card, the payload that gives the same answer again (for "show in Japanese"), and slots to set."""

    card: Card
    payload: str | None = None
    slots: dict[str, Any] = field(default_factory=dict)


@lru_cache(maxsize=1)
def _store() -> KnowledgeStore:
    return KnowledgeStore(settings().knowledge_db)


def answers() -> AnswerService:
    """The answers over the current knowledge; without any when it cannot be read, so that a card comes all the same."""
    try:
        return AnswerService(_store().public)
    except KnowledgeError:
        logger.exception("knowledge cannot be read")
        return AnswerService(None)


class GuideAction(Action, abc.ABC):
    """An action that answers with one card. Abstract, so that rasa-sdk does not register it."""

    @abc.abstractmethod
    def name(self) -> str:
        """The action's name in the domain."""

    @abc.abstractmethod
    def outcome(self, service: AnswerService, turn: Turn) -> Outcome:
        """The answer of this action."""

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        """Send the card and set the slots. Whatever goes wrong inside, a card is sent."""
        turn = Turn.read(tracker.latest_message, tracker.current_slot_values(), tokyo_now())
        service = answers()
        try:
            outcome = self.outcome(service, turn)
        except Exception:
            logger.exception("%s failed for intent %s", self.name(), turn.intent)
            outcome = Outcome(service.fallback(turn.request()))
        card = service.completed(outcome.card, outcome.payload, outside_language=turn.outside_language)
        dispatcher.utter_message(json_message={"card": card.as_dict()})
        return [SlotSet("language", turn.language), *(SlotSet(name, value) for name, value in outcome.slots.items())]
