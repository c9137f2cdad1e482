"""The form's actions as Rasa calls them: what a message does to a guided task, and what is asked or answered then."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import base
from actions.conversation import ActionChangeLanguage, ActionGoBack, ActionStartOver
from actions.emergency import ActionEmergency
from actions.office import ActionOffice
from actions.tasks import ANSWER_SLOT, ActionAskTaskAnswer, ActionTaskResult, ValidateTaskForm
from bot.answers import Card
from bot.dialogue.tasks import TaskState
from bot.knowledge.store import KnowledgeStore


@pytest.fixture(autouse=True)
def real_knowledge(knowledge_db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = KnowledgeStore(knowledge_db)
    monkeypatch.setattr(base, "_store", lambda: store)


def tracker(
    text: str,
    intent: str,
    entities: dict[str, str] | None = None,
    *,
    active: bool = True,
    language: str = "en",
    **slots: Any,
) -> Tracker:
    raw = []
    for name, given in (entities or {}).items():
        value, _, words = given.partition("=")
        start = max(0, text.find(words))
        raw.append({"entity": name, "value": value, "start": start, "end": start + len(words)})
    message = {
        "text": text,
        "intent": {"name": intent, "confidence": 0.95},
        "entities": raw,
        "language": {"code": language, "source": "script"},
    }
    held = {"requested_slot": ANSWER_SLOT if active else None, **slots}
    return Tracker("someone", held, message, [], False, None, {"name": "task_form"}, "action_listen")


async def after(heard: Tracker) -> dict[str, Any]:
    """The slots that the form's validation sets."""
    return {event["name"]: event["value"] for event in await ValidateTaskForm().run(CollectingDispatcher(), heard, {})}


def held(task: str, answers: str = "") -> dict[str, Any]:
    return {"id": task, "answers": answers, "misses": 0}


async def test_a_button_begins_the_task() -> None:
    slots = await after(tracker("/guided_task", "guided_task", {"task": "passport"}, active=False))
    assert slots == {"task": held("passport"), "requested_slot": ANSWER_SLOT}


async def test_words_begin_the_task_with_what_they_say() -> None:
    text = "help me find a desk step by step for visa in Nepali in Tsurumi"
    heard = tracker(text, "guided_task", {"language": "ne=Nepali", "ward": "tsurumi=Tsurumi"}, active=False)
    slots = await after(heard)
    assert slots["task"] == held("desk", "need:visa,language:ne,place:ward:tsurumi")
    assert slots["requested_slot"] == ANSWER_SLOT


async def test_no_subject_shows_the_menu_and_a_word_chooses() -> None:
    slots = await after(tracker("guide me step by step", "guided_task", active=False, task=held("desk", "need:visa")))
    assert slots == {"task": None, "requested_slot": ANSWER_SLOT}
    dispatcher = CollectingDispatcher()
    await ActionAskTaskAnswer().run(dispatcher, tracker("guide me step by step", "guided_task"), {})
    card = Card.from_dict(dispatcher.messages[0]["custom"]["card"])
    assert [action.payload for action in card.actions][:2] == ["task?id=passport", "task?id=desk"]
    assert (await after(tracker("passport", "procedure_how")))["task"] == held("passport")


@pytest.mark.parametrize(
    ("text", "intent", "entities", "language", "step"),
    [
        ("renewal", "procedure_how", {"procedure": "passport_renew=renewal"}, "en", "whose:renewal"),
        ("更新です", "procedure_how", {}, "ja", "whose:renewal"),
        ("for my kid", "nlu_fallback", {}, "en", "whose:child"),
        ("/guided_task", "guided_task", {"task": "passport", "answers": "whose:lost"}, "en", "whose:lost"),
    ],
)
async def test_an_answer_in_words_or_by_button(
    text: str, intent: str, entities: dict[str, str], language: str, step: str
) -> None:
    slots = await after(tracker(text, intent, entities, language=language, task=held("passport")))
    assert slots["task"]["answers"] == step
    assert slots["requested_slot"] == ANSWER_SLOT


async def test_a_country_stands_for_its_language() -> None:
    heard = tracker(
        "尼泊爾語", "nlu_fallback", {"country": "NP=尼泊爾"}, language="zh-Hant", task=held("desk", "need:visa")
    )
    assert (await after(heard))["task"]["answers"] == "need:visa,language:ne"


async def test_the_last_answer_completes_it() -> None:
    heard = tracker("on 5 December", "office_hours", {"date": "2026-12-05=5 December"},
                    task=held("passport", "whose:lost,registered:yokohama"))  # fmt: skip
    slots = await after(heard)
    assert slots["requested_slot"] is None
    assert slots["task"]["answers"].endswith("day:2026-12-05")


async def test_a_side_question_is_no_answer() -> None:
    named = {"ward": "naka=Naka", "office_kind": "ward_office=ward office"}
    state = held("desk", "need:visa,language:ne")
    heard = tracker("where is the Naka ward office", "office_location", named, task=state)
    assert await after(heard) == {}
    dispatcher = CollectingDispatcher()
    events = await ActionOffice().run(dispatcher, heard, {})
    assert {"event": "followup", "name": "task_form", "timestamp": None} in events


async def test_what_is_not_understood_is_asked_again_and_then_a_person_is_offered() -> None:
    heard = tracker("asdfgh", "nlu_fallback", task=held("desk"))
    slots = await after(heard)
    assert slots["task"]["misses"] == 1
    again = tracker("asdfgh", "nlu_fallback", task=slots["task"])
    slots = await after(again)
    assert slots["task"]["misses"] == 2
    dispatcher = CollectingDispatcher()
    await ActionAskTaskAnswer().run(dispatcher, tracker("asdfgh", "nlu_fallback", task=slots["task"]), {})
    card = Card.from_dict(dispatcher.messages[0]["custom"]["card"])
    assert card.notices
    assert "person" in [action.payload for action in card.actions]


async def test_back_stop_and_start_over() -> None:
    state = held("desk", "need:visa,language:ne")
    assert (await after(tracker("back", "go_back", task=state)))["task"] == held("desk", "need:visa")
    for intent in ("stop", "start_over"):
        slots = await after(tracker(intent, intent, task=state))
        assert slots == {"task": {"ended": intent}, "requested_slot": None}
        dispatcher = CollectingDispatcher()
        events = await ActionTaskResult().run(dispatcher, tracker(intent, intent, task=slots["task"]), {})
        assert Card.from_dict(dispatcher.messages[0]["custom"]["card"]).status == "answered"
        assert {"event": "slot", "name": "task", "value": None, "timestamp": None} in events


async def test_a_number_chooses_the_button_of_that_number() -> None:
    heard = tracker("/guided_task", "guided_task", {"task": "desk"}, task=held("desk"))
    dispatcher = CollectingDispatcher()
    events = await ActionAskTaskAnswer().run(dispatcher, heard, {})
    context = next(event["value"] for event in events if event.get("name") == "context")
    slots = await after(tracker("6", "nlu_fallback", task=held("desk"), context=context))
    assert slots["task"] == held("desk", "need:visa")


async def test_the_question_comes_in_the_language_just_chosen() -> None:
    heard = tracker("українською", "change_language", {"language": "uk"}, task=held("desk"))
    dispatcher = CollectingDispatcher()
    events = await ActionChangeLanguage().run(dispatcher, heard, {})
    assert {"event": "slot", "name": "language", "value": "uk", "timestamp": None} in events
    heard.slots["language"] = "uk"
    await ActionAskTaskAnswer().run(dispatcher, heard, {})
    assert [message["custom"]["card"]["language"] for message in dispatcher.messages] == ["uk", "uk"]


async def test_an_emergency_ends_the_task() -> None:
    events = await ActionEmergency().run(
        CollectingDispatcher(), tracker("fire", "emergency_fire", task=held("desk")), {}
    )
    assert {"event": "active_loop", "name": None, "timestamp": None} in events


async def test_a_result_by_button_needs_no_memory() -> None:
    answers = "where:hospital,language:vi,when:now"
    heard = tracker("/task_result", "task_result", {"task": "interpreter", "answers": answers}, active=False)
    dispatcher = CollectingDispatcher()
    await ActionTaskResult().run(dispatcher, heard, {})
    card = Card.from_dict(dispatcher.messages[0]["custom"]["card"])
    assert card.about.task == "interpreter"
    assert card.about.payload is not None


async def test_back_after_the_result_asks_the_last_question_again() -> None:
    state = TaskState.decoded("interpreter", "where:hospital,language:vi,when:now")
    heard = tracker("/task_result", "task_result", {"task": state.task, "answers": state.encoded()}, active=False)
    heard.active_loop.clear()
    events = await ActionTaskResult().run(CollectingDispatcher(), heard, {})
    slots = {event["name"]: event["value"] for event in events if event["event"] == "slot"}
    heard = tracker("back", "go_back", active=False, **slots)
    heard.active_loop.clear()
    dispatcher = CollectingDispatcher()
    events = await ActionGoBack().run(dispatcher, heard, {})
    assert dispatcher.messages[0]["custom"]["card"]["about"]["task"] == "interpreter"
    assert {"event": "active_loop", "name": "task_form", "timestamp": None} in events


async def test_starting_over_forgets_what_it_was_about() -> None:
    events = await ActionStartOver().run(CollectingDispatcher(), tracker("restart", "start_over", active=False), {})
    slots = {event["name"]: event["value"] for event in events if event["event"] == "slot"}
    assert slots["context"] is None
    assert slots["task"] is None
