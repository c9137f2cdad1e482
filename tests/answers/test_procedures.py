from __future__ import annotations

import datetime as dt

import pytest

from bot.answers import AnswerService, render_text
from bot.i18n.languages import enabled_languages
from bot.knowledge.store import KnowledgeStore
from tests.conftest import request_in


def test_the_ten_year_fee_has_its_date_and_must_be_confirmed(answers: AnswerService) -> None:
    card = answers.procedure("fee", None, request_in("en", passport_type="10y"))
    text = render_text(card)
    assert "9,300" in text
    assert "1 Jul 2026" in text
    assert "check" in text
    assert "16,300" not in text, "the fee that ended in June 2026"


def test_the_fee_of_an_earlier_date(answers: AnswerService) -> None:
    card = answers.procedure("fee", None, request_in("en", passport_type="10y", day=dt.date(2026, 6, 30)))
    assert "16,300" in render_text(card)


def test_what_renewal_needs(answers: AnswerService) -> None:
    text = render_text(answers.procedure("documents", "passport_renew", request_in("en")))
    assert "photo" in text.lower()
    assert "current passport" in text.lower()


def test_collecting_on_sunday(answers: AnswerService) -> None:
    text = render_text(answers.procedure("collect", None, request_in("en", day=dt.date(2026, 11, 29))))
    assert "29 Nov 2026" in text
    assert "09:00–16:45" in text
    assert "045-222-0022" not in text


def test_without_a_procedure_it_is_asked_about(answers: AnswerService) -> None:
    card = answers.procedure("documents", None, request_in("en"))
    assert card.status == "clarify"
    assert len(card.actions) >= 3


@pytest.mark.parametrize("language", [entry.code for entry in enabled_languages()])
def test_a_brazilian_goes_to_the_own_consulate(answers: AnswerService, language: str) -> None:
    card = answers.foreign_passport("BR", request_in(language))
    assert card.about.offices == ("emb_br",)
    assert "03-5488-5451" in render_text(card)
    assert "山下町" not in render_text(card)


def test_a_country_without_confirmed_mission(answers: AnswerService) -> None:
    card = answers.foreign_passport("FR", request_in("en"))
    assert card.about.offices == ()
    assert "no confirmed details" in render_text(card)


def test_every_procedure_answers_every_question(answers: AnswerService, store: KnowledgeStore) -> None:
    for procedure in store.public.procedures():
        for ask in ("how", "documents", "fee", "duration", "online", "eligibility", "collect"):
            card = answers.procedure(ask, procedure.id, request_in("ja"))  # type: ignore[arg-type]
            assert card.rows or card.body or card.notices, (procedure.id, ask)
