"""The actions as Rasa calls them: a tracker in, a card and slots out, over the real knowledge."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import base
from actions.conversation import (
    ActionChangeLanguage,
    ActionDeleteMyData,
    ActionDidYouMean,
    ActionFallback,
    ActionOutOfScope,
    ActionTalkToPerson,
)
from actions.emergency import ActionEmergency
from actions.lists import ActionListOffices, ActionNearestOffice
from actions.office import ActionOffice
from actions.procedure import ActionForeignPassport, ActionProcedure
from actions.topic import ActionTopic
from bot.answers import Card
from bot.knowledge.store import KnowledgeStore


@pytest.fixture(autouse=True)
def real_knowledge(knowledge_db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = KnowledgeStore(knowledge_db)
    monkeypatch.setattr(base, "_store", lambda: store)


async def run(
    action: base.GuideAction,
    intent: str,
    entities: dict[str, str] | None = None,
    language: str = "en",
    confidence: float = 0.9,
    **slots: Any,
) -> tuple[Card, dict[str, Any]]:
    message = {
        "intent": {"name": intent, "confidence": confidence},
        "entities": [{"entity": name, "value": value} for name, value in (entities or {}).items()],
        "language": {"code": language, "source": "script"},
    }
    tracker = Tracker("someone", slots, message, [], False, None, {}, "action_listen")
    dispatcher = CollectingDispatcher()
    events = await action.run(dispatcher, tracker, {})
    card = Card.from_dict(dispatcher.messages[0]["custom"]["card"])
    return card, {event["name"]: event["value"] for event in events if event["event"] == "slot"}


async def test_the_office_is_remembered() -> None:
    card, slots = await run(ActionListOffices(), "list_offices", {"ward": "tsurumi"})
    assert slots["context"]["offices"] == ["lounge_tsurumi"]
    card, slots = await run(ActionOffice(), "office_open_now", context=slots["context"])
    assert card.about.offices == ("lounge_tsurumi",)
    card, _ = await run(
        ActionOffice(), "office_languages", {"language": "pt", "weekday": "Sa"}, context=slots["context"]
    )
    assert "Portuguese" in card.body


async def test_no_office_is_asked_about() -> None:
    card, _ = await run(ActionOffice(), "office_hours")
    assert card.status == "clarify"


async def test_who_speaks_a_language_without_an_office() -> None:
    card, _ = await run(ActionOffice(), "office_languages", {"language": "pt"})
    assert "lounge_tsurumi" in card.about.offices


async def test_nearest() -> None:
    card, slots = await run(ActionNearestOffice(), "nearest_office", {"station": "kannai"}, "uk")
    assert card.about.offices[0] == "lounge_naka"
    assert card.language == "uk"
    assert slots["context"]["offices"] == ["lounge_naka"]


async def test_a_foreigner_asking_for_a_passport_is_sent_to_the_consulate() -> None:
    card, _ = await run(ActionProcedure(), "procedure_how", {"country": "BR", "procedure": "passport_renew"})
    assert card.about.offices == ("emb_br",)
    card, _ = await run(ActionForeignPassport(), "foreign_passport", {"country": "BR"})
    assert card.about.offices == ("emb_br",)


async def test_a_language_of_one_country_tells_whose_passport_it_is() -> None:
    card, _ = await run(ActionForeignPassport(), "foreign_passport", {"language": "ne"})
    assert card.about.offices == ("emb_np",)
    for spoken_in_many in ("es", "pt", "en"):
        card, _ = await run(ActionForeignPassport(), "foreign_passport", {"language": spoken_in_many})
        assert len(card.about.offices) != 1


async def test_the_procedure_is_remembered() -> None:
    _, slots = await run(ActionProcedure(), "procedure_documents", {"procedure": "passport_renew"})
    card, _ = await run(ActionProcedure(), "procedure_documents", context=slots["context"])
    assert card.about.procedure == "passport_renew"


async def test_topics() -> None:
    card, _ = await run(ActionTopic(), "topic_garbage")
    assert card.status == "answered"
    card, _ = await run(ActionTopic(), "ask_topic", {"topic": "faq_trash_bulky"})
    assert card.about.topic == "faq_trash_bulky"
    card, _ = await run(ActionTopic(), "ask_topic", {"topic": "no_such_topic"})
    assert card.status == "unanswered"


async def test_language_change_sets_the_language() -> None:
    card, slots = await run(ActionChangeLanguage(), "change_language", {"language": "vi"})
    assert card.language == slots["language"] == "vi"
    card, _ = await run(ActionChangeLanguage(), "change_language")
    assert card.status == "clarify"


@pytest.mark.parametrize(
    ("action", "intent", "status"),
    [
        (ActionEmergency(), "emergency_fire", "emergency"),
        (ActionEmergency(), "emergency_nonsense", "emergency"),
        (ActionFallback(), "nlu_fallback", "unanswered"),
        (ActionOutOfScope(), "out_of_scope", "unanswered"),
        (ActionTalkToPerson(), "talk_to_person", "handoff"),
        (ActionDidYouMean(), "nlu_unsure", "clarify"),
    ],
)
async def test_status(action: base.GuideAction, intent: str, status: str) -> None:
    card, _ = await run(action, intent)
    assert card.status == status


async def test_nothing_is_deleted_in_doubt() -> None:
    card, _ = await run(ActionDeleteMyData(), "delete_my_data")
    assert card.about.intent == "delete_my_data"
    card, _ = await run(ActionDeleteMyData(), "delete_my_data", confidence=0.7)
    assert card.about.intent == "what_is_stored"
    assert any(action.payload == "delete_my_data" for action in card.actions)


async def test_an_error_inside_still_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> base.Outcome:
        raise RuntimeError("boom")

    monkeypatch.setattr(ActionTopic, "outcome", broken)
    card, _ = await run(ActionTopic(), "topic_garbage")
    assert card.status == "unanswered"


async def test_the_japanese_text_is_one_tap_away() -> None:
    card, _ = await run(ActionTopic(), "topic_garbage")
    assert any(action.payload.startswith("original?") for action in card.actions)


async def test_a_language_not_offered_is_said() -> None:
    message = {"intent": {"name": "topic_garbage"}, "language": {"code": "en", "source": "outside", "detected": "fr"}}
    dispatcher = CollectingDispatcher()
    await ActionTopic().run(dispatcher, Tracker("x", {}, message, [], False, None, {}, "action_listen"), {})
    card = Card.from_dict(dispatcher.messages[0]["custom"]["card"])
    assert "cannot answer in your language" in card.notices[0]
