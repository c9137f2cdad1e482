"""Guided tasks: Rasa's form asks and reads an answer from each message; what is no answer is an ordinary question."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.base import ANSWER_SLOT, GuideAction, Outcome, answers, held_state, read_turn
from bot.answers import AnswerService
from bot.dialogue.follow_up import likely_intent
from bot.dialogue.payload import of_task
from bot.dialogue.task_answers import Near, begun, chosen, continued
from bot.dialogue.tasks import TaskError, TaskState
from bot.dialogue.turn import Turn, offered_language

logger = logging.getLogger(__name__)

_UNCLEAR = frozenset({"nlu_fallback", "out_of_scope", "affirm", "deny"})


class ValidateTaskForm(Action):
    """Reads the message as an answer to the question asked.

    Sets `task` (how far the resident has come) and `requested_slot`: `task_answer` while there is a question left, none
    when the task is complete or over. A message that is no answer sets nothing: Rasa then lets the rules answer it, and
    the form asks again.
    """

    def name(self) -> str:
        """The action's name in the domain."""
        return "validate_task_form"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        """The slots after the message."""
        turn, near = read_turn(tracker), answers().station_near
        begins = turn.slots.get("requested_slot") is None
        state = None if begins else turn.task
        # While a question waits, an unsure command is more likely meant than not.
        match likely_intent(turn):
            case "guided_task" | "task_result" if turn.is_payload or begins or turn.first("task"):
                return _going_on(_named(turn, near))
            case "stop" | "start_over" as command:
                return _over(command)
            case "go_back" if state is not None:
                return _going_on(state.back)
        after = continued(state, turn, near) if state is not None else chosen(turn, near)
        if after is not None:
            return _going_on(after)
        if turn.intent in _UNCLEAR:
            return [
                SlotSet("task", held_state(state, misses=_misses(turn) + 1)),
                SlotSet("requested_slot", ANSWER_SLOT),
            ]
        return []


class ActionAskTaskAnswer(Action):
    """Asks the next question of the task that is going on."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_ask_task_form_task_answer"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        """The card of the question; the menu of tasks while none is chosen."""
        turn = read_turn(tracker)
        changed = offered_language(turn.slots.get("language")) if turn.intent == "change_language" else None
        request = replace(turn.request(), intent="guided_task", language=changed or turn.language)
        service, state = answers(), turn.task
        try:
            if state is None or state.next_step is None:
                card = service.task_menu(request)
            else:
                card = service.task(state, request, misses=_misses(turn))
        except Exception:
            logger.exception("question of a guided task failed")
            card = service.fallback(request)
        dispatcher.utter_message(json_message={"card": card.as_dict()})
        context = turn.context.after(card, "guided_task", {})
        return [SlotSet("language", request.language), SlotSet("context", context.as_slot(turn.now))]


class ActionTaskResult(GuideAction):
    """Answers when a task is complete, or was ended."""

    intents = frozenset({"task_result"})

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_task_result"

    def meant(self, turn: Turn, service: AnswerService) -> Turn:
        """The last answer to a task is no question of its own, whatever it would be by itself."""
        return turn if _ended(turn) else replace(turn, intent="task_result")

    def outcome(self, service: AnswerService, turn: Turn) -> Outcome:
        """The result; after "stop" or "start over" what can be done instead."""
        ended = _ended(turn)
        if ended == "start_over":
            return Outcome(service.steering("started_over", turn.request()), slots={"task": None, "context": None})
        if ended == "stop":
            return Outcome(service.steering("stopped", turn.request()), slots={"task": None})
        state = _named(turn, service.station_near) if turn.is_payload else turn.task
        if state is None or state.next_step is not None:
            return Outcome(service.task_menu(turn.request()))
        return Outcome(service.task(state, turn.request()), of_task(state), {"task": held_state(state)})


def _ended(turn: Turn) -> str | None:
    """The command that ended the task, if one did."""
    held = turn.slots.get("task")
    return held.get("ended") if isinstance(held, dict) else None


def _named(turn: Turn, near: Near) -> TaskState | None:
    """The task a message names: the state a button carries, or what the words give."""
    if not turn.is_payload:
        return begun(turn, near)
    try:
        return TaskState.decoded(turn.first("task") or "", turn.first("answers"))
    except TaskError:
        return None


def _going_on(state: TaskState | None) -> list[EventType]:
    if state is None:
        return [SlotSet("task", None), SlotSet("requested_slot", ANSWER_SLOT)]
    requested = ANSWER_SLOT if state.next_step is not None else None
    return [SlotSet("task", held_state(state)), SlotSet("requested_slot", requested)]


def _over(why: str) -> list[EventType]:
    return [SlotSet("task", {"ended": why}), SlotSet("requested_slot", None)]


def _misses(turn: Turn) -> int:
    held = turn.slots.get("task")
    return int(held.get("misses", 0)) if isinstance(held, dict) else 0
