"""The rule by which a predicted intent is right, the same for both sides."""

from __future__ import annotations

import pytest

from bench.accuracy import best_ranked, count, first_topic, is_right, served
from bench.questions import Question

TOPICS = {"fee_1": "procedure_fee", "hours_1": "office_hours"}


def question(*intents: str, topics: tuple[str, ...] = ()) -> Question:
    return Question("en", "?", frozenset(intents), frozenset(topics))


@pytest.mark.parametrize(
    ("name", "topic", "asked", "right"),
    [
        ("office_hours", None, question("office_hours"), True),
        ("office_phone", None, question("office_hours"), False),
        ("office_phone", None, question("office_hours", "office_phone"), True),
        (None, None, question("office_hours"), False),
        ("nlu_fallback", None, question("office_hours"), False),
        # An expected topic makes the intent right that it answers.
        ("procedure_fee", None, question("office_hours", topics=("fee_1",)), True),
        ("procedure_fee", None, question("office_hours", topics=("other",)), False),
        # A found topic is as right as the topic.
        ("ask_topic", "other", question("office_hours", topics=("other",)), True),
        ("ask_topic", "hours_1", question("office_hours"), True),
        ("ask_topic", "fee_1", question("office_hours"), False),
        ("ask_topic", None, question("office_hours", topics=("other",)), False),
    ],
)
def test_rule(name: str | None, topic: str | None, asked: Question, right: bool) -> None:
    assert is_right(name, topic, asked, TOPICS) is right


def test_parse_of_the_guide_that_is_unsure() -> None:
    parsed = {
        "intent": {"name": "nlu_unsure", "confidence": 0.6},
        "intent_ranking": [
            {"name": "nlu_unsure", "confidence": 0.6},
            {"name": "office_hours", "confidence": 0.4},
            {"name": "office_phone", "confidence": 0.2},
        ],
        "topics": [{"topic": "fee_1", "score": 0.3}],
    }
    assert (served(parsed), best_ranked(parsed), first_topic(parsed)) == ("nlu_unsure", "office_hours", "fee_1")
    hits = count([parsed], [question("office_hours")], TOPICS)
    assert (hits.questions, hits.served, hits.ranked) == (1, 0, 1)


def test_parse_of_stock_that_falls_back() -> None:
    parsed = {
        "intent": {"name": "nlu_fallback", "confidence": 0.3},
        "intent_ranking": [{"name": "nlu_fallback", "confidence": 0.3}, {"name": "greet", "confidence": 0.29}],
    }
    assert (served(parsed), best_ranked(parsed), first_topic(parsed)) == ("nlu_fallback", "greet", None)


def test_parse_without_ranking_counts_its_intent() -> None:
    assert best_ranked({"intent": {"name": "greet", "confidence": 1.0}}) == "greet"
    assert best_ranked({"intent": {"name": None, "confidence": 0.0}, "intent_ranking": []}) is None
