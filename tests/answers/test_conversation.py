from __future__ import annotations

import pytest

from bot.answers import AnswerService, render_text
from bot.dialogue.payload import parse
from bot.i18n.languages import enabled_languages
from tests.conftest import request_in

LANGUAGES = [entry.code for entry in enabled_languages()]
KINDS = ("fire", "medical", "violence", "crime", "suicide", "disaster")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_emergencies_come_with_numbers_even_without_knowledge(answers: AnswerService, kind: str, language: str) -> None:
    for service in (answers, AnswerService(None)):
        card = service.emergency(kind, request_in(language))  # type: ignore[arg-type]
        numbers = {action.payload for action in card.actions if action.kind == "call"}
        assert card.status == "emergency"
        assert numbers & {"119", "110"}
        assert "119" in render_text(card) or "110" in render_text(card)


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_answers_without_knowledge(language: str) -> None:
    service, request = AnswerService(None), request_in(language)
    for card in (
        service.fallback(request), service.person(request), service.out_of_scope(request), service.unsure([], request),
        service.topic("faq_help_hours", request), service.office("hours", ["lounge_naka"], request),
        service.list_offices("lounge", None, request), service.nearest("lounge", None, "kannai", request),
        service.procedure("fee", None, request), service.foreign_passport("BR", request),
        service.language(request, chosen=False), service.talk("greet", request),
    ):  # fmt: skip
        assert card.title


def test_did_you_mean_has_buttons_that_work(answers: AnswerService) -> None:
    candidates = [
        {"intent": "topic_garbage", "topic": None, "confidence": 0.4},
        {"intent": "office_hours", "topic": None, "confidence": 0.3},
        {"intent": "ask_topic", "topic": "faq_trash_bulky", "confidence": 0.2},
    ]
    card = answers.unsure(candidates, request_in("en"))
    assert card.status == "clarify"
    assert len(card.actions) == 4
    for action in card.actions:
        assert answers.from_payload(parse(action.payload), request_in("en")).title


def test_fallback_names_the_consultation_centre(answers: AnswerService) -> None:
    text = render_text(answers.fallback(request_in("en")))
    assert "045-222-1209" in text
    assert "10:00–17:00" in text


def test_hand_over(answers: AnswerService) -> None:
    card = answers.person(request_in("en"))
    assert card.status == "handoff"
    assert "045-222-1209" in render_text(card)


def test_every_button_of_the_greeting_works(answers: AnswerService) -> None:
    for action in answers.talk("greet", request_in("en")).actions:
        card = answers.from_payload(parse(action.payload), request_in("en"))
        wanted = {"clarify"} if action.payload == "task" else {"answered", "handoff"}
        assert card.status in wanted, action.payload


def test_the_original_is_japanese(answers: AnswerService) -> None:
    card = answers.completed(answers.topic("faq_help_hours", request_in("en")), "topic?id=faq_help_hours")
    original = next(action for action in card.actions if action.payload.startswith("original?"))
    shown = answers.from_payload(parse(original.payload), request_in("en"))
    assert shown.language == "ja"
    assert shown.about.topic == "faq_help_hours"
