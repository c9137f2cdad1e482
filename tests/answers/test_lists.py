from __future__ import annotations

from bot.answers import AnswerService, render_text
from tests.conftest import request_in


def test_thirteen_lounges_and_what_the_document_planned(answers: AnswerService) -> None:
    card = answers.list_offices("lounge", None, request_in("en"))
    assert len(card.rows) == 13
    assert "13" in card.title
    assert "12" in card.body


def test_lounge_of_a_ward(answers: AnswerService) -> None:
    card = answers.list_offices("lounge", "tsurumi", request_in("en"))
    assert card.about.offices == ("lounge_tsurumi",)
    assert "045-511-5311" in render_text(card)


def test_a_ward_without_a_lounge_gets_the_nearest(answers: AnswerService) -> None:
    card = answers.list_offices("lounge", "nishi", request_in("en"))
    assert 1 <= len(card.about.offices) <= 3
    assert "no" in card.title.lower()


def test_nearest_to_kannai_is_naka(answers: AnswerService) -> None:
    card = answers.nearest("lounge", None, "kannai", request_in("en"))
    assert card.about.offices[0] == "lounge_naka"
    assert len(card.rows) == 3


def test_nearest_to_a_position(answers: AnswerService) -> None:
    card = answers.nearest("lounge", None, None, request_in("en", position=(35.5085, 139.6760)))
    assert card.about.offices[0] == "lounge_tsurumi"


def test_nearest_without_a_place_asks(answers: AnswerService) -> None:
    assert answers.nearest("lounge", None, None, request_in("en")).status == "clarify"


def test_nearest_of_a_few_without_a_place_shows_them_all(answers: AnswerService) -> None:
    card = answers.nearest("passport_centre", None, None, request_in("vi"))
    assert set(card.about.offices) == {"ypc_main", "ypc_center_minami"}
    assert card.status == "answered"


def test_lounges_that_speak_portuguese(answers: AnswerService) -> None:
    card = answers.list_offices("lounge", None, request_in("en", spoken="pt"))
    assert "lounge_tsurumi" in card.about.offices
    assert len(card.about.offices) < 13
