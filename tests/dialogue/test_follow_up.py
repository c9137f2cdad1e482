"""What short messages mean after the last answer; the messages are as Rasa understood them by themselves."""

from __future__ import annotations

from typing import Any

import pytest

from bot.dialogue.context import Context
from bot.dialogue.follow_up import resolve
from bot.dialogue.turn import Turn
from bot.knowledge.store import KnowledgeStore
from tests.conftest import WEDNESDAY_NOON

SUNDAY_AT_NAKA = Context(
    intent="office_hours",
    entities={"office_kind": ("lounge",), "ward": ("naka",), "weekday": ("Su",)},
    offices=("lounge_naka",),
)
LIST = Context(
    intent="list_offices",
    entities={"office_kind": ("lounge",)},
    offices=("lounge_naka", "lounge_aoba", "lounge_minami"),
    offered=tuple(f"office?id=lounge_{ward}&ask=location" for ward in ("naka", "aoba", "minami")),
)


def turn(text: str, intent: str, confidence: float = 0.9, language: str = "en", **entities: str) -> Turn:
    """A message; `entities` give the value and, after `=`, the words that name it."""
    raw = []
    for name, given in entities.items():
        value, _, words = given.partition("=")
        start = text.find(words) if words else 0
        raw.append({"entity": name, "value": value, "start": start, "end": start + len(words)})
    message: dict[str, Any] = {
        "text": text,
        "intent": {"name": intent, "confidence": confidence},
        "entities": raw,
        "language": {"code": language, "source": "script"},
    }
    return Turn.read(message, {}, WEDNESDAY_NOON)


@pytest.mark.parametrize(
    ("said", "ward", "day"),
    [
        (turn("and Minami?", "nlu_fallback", ward="minami=Minami"), "minami", "Su"),
        (turn("no, Minami ward", "deny", ward="minami=Minami ward"), "minami", "Su"),
        (turn("and on Saturday?", "office_hours", 0.5, weekday="Sa=Saturday"), "naka", "Sa"),
        (turn("土曜日は？", "nlu_unsure", 0.3, "ja", weekday="Sa=土曜日"), "naka", "Sa"),
        (turn("じゃあ南区は？", "nlu_unsure", 0.3, "ja", ward="minami=南区"), "minami", "Su"),
    ],
)
def test_the_last_question_is_asked_again(store: KnowledgeStore, said: Turn, ward: str, day: str) -> None:
    meant = resolve(said, SUNDAY_AT_NAKA, store.public)
    assert meant.intent == "office_hours"
    assert (meant.first("office_kind"), meant.first("ward"), meant.first("weekday")) == ("lounge", ward, day)


def test_a_language_alone_asks_for_the_languages(store: KnowledgeStore) -> None:
    message = {
        "text": "and Portuguese?",
        "intent": {"name": "nlu_fallback", "confidence": 0.2},
        "entities": [{"entity": "language", "value": "pt", "start": 4, "end": 14}],
        "language": {"code": "en"},
    }
    meant = resolve(Turn.read(message, {}, WEDNESDAY_NOON), SUNDAY_AT_NAKA, store.public)
    assert meant.intent == "office_languages"
    assert meant.first("language") == "pt"
    assert meant.first("weekday") == "Su"


def test_a_change_of_language_is_no_question_about_languages(store: KnowledgeStore) -> None:
    message = {
        "text": "Portuguese please",
        "intent": {"name": "change_language", "confidence": 0.9},
        "entities": [{"entity": "language", "value": "pt", "start": 0, "end": 10}],
        "language": {"code": "en"},
    }
    said = Turn.read(message, {}, WEDNESDAY_NOON)
    assert resolve(said, SUNDAY_AT_NAKA, store.public) == said


@pytest.mark.parametrize(
    ("text", "language", "office"),
    [
        ("the second one", "en", "lounge_aoba"),
        ("2", "en", "lounge_aoba"),
        ("２", "ja", "lounge_aoba"),
        ("2番目", "ja", "lounge_aoba"),
        ("the last one please", "en", "lounge_minami"),
    ],
)
def test_an_item_of_the_list(store: KnowledgeStore, text: str, language: str, office: str) -> None:
    meant = resolve(turn(text, "nlu_fallback", 0.2, language), LIST, store.public)
    assert meant.intent == "office_location"
    assert meant.all("office") == (office,)


def test_a_question_about_an_item(store: KnowledgeStore) -> None:
    meant = resolve(turn("phone of the third one", "office_phone"), LIST, store.public)
    assert (meant.intent, meant.all("office")) == ("office_phone", ("lounge_minami",))


def test_the_third_sunday_is_a_day(store: KnowledgeStore) -> None:
    said = turn("is it open on the third Sunday", "office_hours", weekday="Su=Sunday")
    assert resolve(said, LIST, store.public).all("office") == ()


def test_there_is_no_fourth(store: KnowledgeStore) -> None:
    said = turn("the fourth one", "nlu_fallback", 0.2)
    assert resolve(said, LIST, store.public) == said


def test_the_other_one(store: KnowledgeStore) -> None:
    context = Context(intent="office_phone", offices=("ypc_main",))
    said = turn("the other passport centre?", "nlu_unsure", 0.1, office_kind="passport_centre")
    meant = resolve(said, context, store.public)
    assert (meant.intent, meant.all("office")) == ("office_phone", ("ypc_center_minami",))


def test_yes_takes_the_only_thing_offered(store: KnowledgeStore) -> None:
    context = Context(offered=("topic?id=faq_move_in",), asked_back=True)
    assert resolve(turn("yes", "affirm"), context, store.public).first("topic") == "faq_move_in"
    two = Context(offered=("topic?id=faq_move_in", "topic?id=faq_move_out"), asked_back=True)
    assert resolve(turn("yes", "affirm"), two, store.public).intent == "affirm"


@pytest.mark.parametrize(
    "said",
    [
        turn("my washing machine is broken, where do I throw it away in Naka", "topic_bulky_garbage", ward="naka=Naka"),
        turn("what does a passport cost", "procedure_fee"),
        turn("someone is bleeding on Sunday", "emergency_medical", weekday="Su=Sunday"),
    ],
)
def test_a_question_of_its_own_stays(store: KnowledgeStore, said: Turn) -> None:
    assert resolve(said, SUNDAY_AT_NAKA, store.public) == said


def test_nothing_was_said_before(store: KnowledgeStore) -> None:
    said = turn("and on Sunday?", "office_hours", weekday="Su=Sunday")
    assert resolve(said, Context(), store.public) == said
