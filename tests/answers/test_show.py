"""An answer beside the Japanese one, the hand-over, privacy cards, feedback cards."""

from __future__ import annotations

import datetime as dt

import pytest

from bot.answers import AnswerService, Card, render_text
from bot.answers.request import TOKYO
from bot.dialogue.payload import FEEDBACK_REASONS, build, parse
from bot.i18n.languages import enabled_languages
from tests.conftest import request_in

LANGUAGES = [entry.code for entry in enabled_languages()]
SHOWN = ["topic?id=faq_move_in", "office?id=lounge_tsurumi&ask=hours", "procedure?id=passport_renew&ask=documents",
         "task?id=interpreter&answers=where%3Ahospital%2Clanguage%3Avi%2Cwhen%3Anow", "person"]  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("payload", SHOWN)
def test_side_by_side(answers: AnswerService, payload: str, language: str) -> None:
    card = answers.from_payload(parse(build("show", of=payload)), request_in(language))
    assert card.language == language
    assert card.beside is not None
    assert card.beside.language == "ja"
    assert len(card.beside.rows) in {len(card.rows), len(card.rows) - 1}
    assert not [action for action in card.actions if action.kind == "reply"]
    assert Card.from_dict(card.as_dict()) == card
    assert card.beside.title in render_text(card)


@pytest.mark.parametrize("language", LANGUAGES)
def test_hand_over_in_every_language(answers: AnswerService, language: str) -> None:
    card = answers.person(request_in(language))
    shown = render_text(card)
    assert card.status == "handoff"
    assert "045-222-1209" in shown
    assert "t-info@yoke.or.jp" in shown
    assert any("119" in notice and "110" in notice for notice in card.notices)


def test_hand_over_at_night_tells_what_to_do(answers: AnswerService) -> None:
    night = dt.datetime(2026, 11, 25, 2, 0, tzinfo=TOKYO)
    card = answers.person(request_in("en").__class__("en", night))
    assert "No desk is open" in card.body
    assert "Opens next" in render_text(card)


def test_a_language_nobody_is_known_to_speak_is_told(answers: AnswerService) -> None:
    card = answers.person(request_in("en", spoken="fa"))
    assert any("Persian" in notice for notice in card.notices)


@pytest.mark.parametrize("language", LANGUAGES)
def test_feedback_asks_what_was_wrong_once(answers: AnswerService, language: str) -> None:
    asked = answers.feedback("abcdefgh", False, None, request_in(language))
    assert asked.status == "clarify"
    assert len(asked.actions) == len(FEEDBACK_REASONS)
    for action in asked.actions:
        thanks = answers.from_payload(parse(action.payload), request_in(language))
        assert thanks.status == "answered"
    assert answers.feedback("abcdefgh", True, None, request_in(language)).status == "answered"


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_stored_says_for_how_long(answers: AnswerService, language: str) -> None:
    card = answers.stored(request_in(language))
    assert "30" in card.body
    assert any(action.payload == "delete_my_data" for action in card.actions)


def test_a_route_from_a_station(answers: AnswerService) -> None:
    card = answers.office("access", ["ypc_main"], request_in("vi", station="yokohama"))
    route = next(action for action in card.actions if "origin=" in action.payload)
    assert "%E6%A8%AA%E6%B5%9C" in route.payload
    assert any("横浜" in notice for notice in card.notices)


@pytest.mark.parametrize(
    ("payload", "task"),
    [("topic?intent=topic_moving_in", "moving"), ("topic?intent=topic_ukraine_support", "ukraine"), ("person", "desk"),
     ("procedure?id=passport_renew&ask=documents", "passport")],
)  # fmt: skip
def test_a_guided_task_leads_further(answers: AnswerService, payload: str, task: str) -> None:
    request = request_in("en")
    plain = answers.from_payload(parse(payload), request.__class__("en", request.now, intent="procedure_documents"))
    if payload == "person":
        plain = answers.person(request)
    card = answers.completed(plain, payload)
    assert card.actions[0].payload == f"task?id={task}"
