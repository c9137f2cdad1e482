from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.answers import AnswerService, render_text
from bot.i18n import localise
from bot.i18n.languages import enabled_languages
from bot.knowledge.models import Topic
from bot.knowledge.store import KnowledgeStore
from bot.settings import PROJECT_ROOT
from tests.conftest import request_in

LANGUAGES = [entry.code for entry in enabled_languages()]
TOPIC_INTENTS = re.findall(r"^\| `(topic_[a-z_]+)` \|", Path(PROJECT_ROOT / "docs/intents.md").read_text("utf-8"), re.M)


@pytest.mark.parametrize("intent", TOPIC_INTENTS)
def test_every_frequent_topic_is_answered(answers: AnswerService, intent: str) -> None:
    card = answers.topic_of_intent(intent, request_in("en"))
    assert card.status == "answered", f"no topic with an answer carries intent: {intent}"
    assert card.sources


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("intent", TOPIC_INTENTS)
def test_every_frequent_topic_is_answered_in_the_language(answers: AnswerService, intent: str, language: str) -> None:
    card = answers.topic_of_intent(intent, request_in(language))
    topic = answers.knowledge.topic(card.about.topic or "") if answers.knowledge else None
    assert isinstance(topic, Topic)
    shown = localise(topic.answer, f"topic.{topic.id}.answer", language)
    assert shown.language == language, (
        f"{topic.id} has no text in {language}: add it to data/locale/{language}/topics.po"
    )
    assert card.body == shown.text


def test_every_topic_makes_a_card(answers: AnswerService, store: KnowledgeStore) -> None:
    for topic in store.public.topics():
        for language in LANGUAGES:
            card = answers.topic(topic.id, request_in(language))
            assert card.about.topic == topic.id
            assert card.status == ("answered" if isinstance(topic, Topic) else "unanswered")
            assert render_text(card)


def test_the_budget_is_labelled_with_its_year(answers: AnswerService) -> None:
    text = render_text(answers.topic_of_intent("topic_bureau_budget", request_in("en")))
    assert "2022" in text
    assert "1,634" in text or "1.634" in text or "1634" in text


def test_what_is_not_verified_is_withheld(answers: AnswerService, store: KnowledgeStore) -> None:
    withheld = [topic for topic in store.topics() if topic.confidence == "unverified" and topic.question]
    assert withheld
    for topic in withheld:
        text = render_text(answers.topic(topic.id, request_in("ja")))
        assert topic.answer.ja not in text
