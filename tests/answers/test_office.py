from __future__ import annotations

import datetime as dt

import pytest

from bot.answers import AnswerService, render_text
from bot.i18n.languages import enabled_languages
from bot.knowledge.store import KnowledgeStore
from tests.conftest import WEDNESDAY_NOON, request_in

LANGUAGES = [entry.code for entry in enabled_languages()]
SATURDAY, SUNDAY = dt.date(2026, 11, 28), dt.date(2026, 11, 29)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_passport_centre_has_address_and_station(answers: AnswerService, language: str) -> None:
    card = answers.office("location", answers.ids_of_kind("passport_centre"), request_in(language))
    text = render_text(card)
    assert card.status == "answered"
    assert set(card.about.offices) == {"ypc_main", "ypc_center_minami"}
    assert "横浜市中区山下町2" in "\n".join(row.value for row in card.rows)
    assert "横浜市都筑区茅ケ崎中央1-1" in "\n".join(row.value for row in card.rows)
    assert text.count("2019") >= 1, "the facts are old: their date is shown"
    assert card.sources


def test_open_now_says_until_when(answers: AnswerService) -> None:
    card = answers.office("open_now", ["lounge_tsurumi"], request_in("en"))
    assert "21:00" in card.body


def test_closed_says_when_next(store: KnowledgeStore) -> None:
    night = WEDNESDAY_NOON.replace(hour=22)
    card = AnswerService(store.public, clock=lambda: night).office(
        "open_now", ["lounge_tsurumi"], request_in("en").__class__("en", night)
    )
    assert "26 Nov" in card.body
    assert "09:00" in card.body


def test_portuguese_on_saturday(answers: AnswerService, store: KnowledgeStore) -> None:
    card = answers.office("languages", ["lounge_tsurumi"], request_in("en", spoken="pt", day=SATURDAY))
    spoken = [entry for entry in store.public.office("lounge_tsurumi").languages if entry.code == "pt"]  # type: ignore[union-attr]
    assert spoken, "the facts name Portuguese at Tsurumi"
    assert "Portuguese" in card.body
    assert "28 Nov 2026" in card.body


def test_a_language_nobody_confirmed_is_not_claimed(answers: AnswerService) -> None:
    card = answers.office("languages", ["lounge_tsurumi"], request_in("en", spoken="uk"))
    assert "could not confirm that Ukrainian" in card.body


def test_unverified_phone_of_the_passport_centre_is_never_shown(answers: AnswerService) -> None:
    card = answers.office("phone", ["ypc_center_minami"], request_in("en"))
    assert "045-222-0022" not in render_text(card)


def test_hours_nobody_confirmed_name_who_knows(answers: AnswerService) -> None:
    card = answers.office("hours", ["lounge_konan"], request_in("en"))
    assert card.status == "unanswered"
    assert "045-848-0990" in card.body


def test_too_many_offices_are_asked_about(answers: AnswerService) -> None:
    card = answers.office("hours", answers.ids_of_kind("lounge"), request_in("en"))
    assert card.status == "clarify"
    assert len(card.actions) == len(answers.ids_of_kind("lounge"))


def test_an_unknown_office_is_asked_about(answers: AnswerService) -> None:
    assert answers.office("hours", ["no_such_office"], request_in("en")).status == "clarify"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_public_office_answers_every_question(
    answers: AnswerService, store: KnowledgeStore, language: str
) -> None:
    for office in store.public.offices():
        for ask in ("location", "access", "hours", "open_now", "phone", "languages", "services"):
            card = answers.office(ask, [office.id], request_in(language, day=SUNDAY))  # type: ignore[arg-type]
            assert render_text(card)
            assert card.language == language
