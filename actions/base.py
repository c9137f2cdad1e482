"""What all actions share: read the turn, get the card, remember what it was about. No business logic."""

from __future__ import annotations

import abc
import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, ClassVar

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActiveLoop, EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from bot.answers import AnswerService, Card
from bot.answers.service import tokyo_now
from bot.dialogue.follow_up import resolve
from bot.dialogue.tasks import TaskState
from bot.dialogue.turn import Turn
from bot.knowledge.database import KnowledgeError
from bot.knowledge.store import KnowledgeStore
from bot.settings import settings

logger = logging.getLogger(__name__)

TASK_FORM = "task_form"
ANSWER_SLOT = "task_answer"
"""The one slot the form asks for, again and again until the task is complete."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A card, the payload that gives the same answer again (for "show in Japanese"), and slots to set.

    `more`: cards that follow; `focus`: of several offices those talked about from now on; `ends_task`: a guided task
    that is going on is over; `asks`: the card is the question of a guided task, which goes on with the answer.
    """

    card: Card
    payload: str | None = None
    slots: dict[str, Any] = field(default_factory=dict)
    more: tuple[Card, ...] = ()
    focus: tuple[str, ...] | None = None
    ends_task: bool = False
    asks: TaskState | None = None


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
    """An action that answers with one card. Abstract, so that rasa-sdk does not register it.

    `intents`: what it answers besides the intents of its rules.
    """

    intents: ClassVar[frozenset[str]] = frozenset()

    @abc.abstractmethod
    def name(self) -> str:
        """The action's name in the domain."""

    @abc.abstractmethod
    def outcome(self, service: AnswerService, turn: Turn) -> Outcome:
        """The answer of this action."""

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        """Send the card and set the slots. Whatever goes wrong inside, a card is sent.

        A guided task that is going on asks its question again afterwards; an emergency ends it.
        """
        read = read_turn(tracker)
        service = answers()
        context = read.context
        turn = read
        try:
            turn = self.meant(read, service)
            outcome = self.outcome_for(turn, read)(service, turn)
        except Exception:
            logger.exception("%s failed for intent %s", self.name(), turn.intent)
            outcome = Outcome(service.fallback(turn.request()))
        card = service.completed(outcome.card, outcome.payload, outside_language=turn.outside_language)
        dispatcher.utter_message(json_message={"card": card.as_dict()})
        for more in outcome.more:
            dispatcher.utter_message(json_message={"card": more.as_dict()})
        after = context.after(card, turn.intent, turn.entities)
        if outcome.focus is not None:
            after = replace(after, offices=outcome.focus)
        slots = {"language": turn.language, "context": after.as_slot(turn.now), **outcome.slots}
        return [*(SlotSet(name, value) for name, value in slots.items()), *_loop_events(turn, outcome)]

    def meant(self, turn: Turn, service: AnswerService) -> Turn:
        """The turn as it is meant after what was said before."""
        return resolve(turn, turn.context, service.knowledge)

    def outcome_for(self, turn: Turn, read: Turn) -> Callable[[AnswerService, Turn], Outcome]:
        """The method that answers a turn: this action's, or another's when the turn means more than it said."""
        if turn.intent in {read.intent, *self.intents}:
            return self.outcome
        from actions.routing import action_of

        return action_of(turn.intent).outcome


def read_turn(tracker: Tracker) -> Turn:
    """The turn a tracker stands at."""
    loop = (tracker.active_loop or {}).get("name")
    return Turn.read(tracker.latest_message, tracker.current_slot_values(), tokyo_now(), loop)


def held_state(state: TaskState | None, misses: int = 0) -> dict[str, Any]:
    """What the slot `task` holds; without an id while the menu of tasks is shown."""
    if state is None:
        return {"misses": misses}
    return {"id": state.task, "answers": state.encoded(), "misses": misses}


def _loop_events(turn: Turn, outcome: Outcome) -> list[EventType]:
    if outcome.asks is not None:
        return [
            ActiveLoop(TASK_FORM),
            SlotSet("requested_slot", ANSWER_SLOT),
            SlotSet("task", held_state(outcome.asks)),
        ]
    if turn.loop is None:
        return []
    if outcome.card.status == "emergency" or outcome.ends_task:
        return [ActiveLoop(None), SlotSet("requested_slot", None)]
    return [FollowupAction(turn.loop)]
