"""The held-out questions as the benchmark reads and mixes them."""

from __future__ import annotations

from collections import Counter
from typing import Any

from bench.layout import HELD_OUT
from bench.questions import CONVERSATION, Question, conversations, held_out, read


def question(language: str, text: str) -> Question:
    return Question(language, text, frozenset({"greet"}), frozenset())


QUESTIONS = {code: [question(code, f"{code}{number}") for number in range(10)] for code in ("aa", "bb", "cc")}


def test_read_collects_what_any_alternative_accepts() -> None:
    document: dict[str, Any] = {
        "language": "en",
        "questions": [
            {"text": "a", "expect": {"intent": "office_hours", "offices": ["x"]}},
            {
                "text": "b",
                "expect": {"any_of": [{"intent": "help"}, {"any_of": [{"intent": "greet"}, {"topics": ["t1", "t2"]}]}]},
            },
            {"text": "c", "expect": {"refuse": True}},
        ],
    }
    first, second, third = read(document)
    assert (first.intents, first.topics) == (frozenset({"office_hours"}), frozenset())
    assert (second.intents, second.topics) == (frozenset({"help", "greet"}), frozenset({"t1", "t2"}))
    assert (third.language, third.text, third.intents) == ("en", "c", frozenset())


def test_the_held_out_files_are_read_whole() -> None:
    found = held_out(HELD_OUT)
    assert found
    for code, asked in found.items():
        assert (HELD_OUT / f"{code}.yaml").is_file()
        assert len([each for each in asked if each.intents]) >= 100
        assert all(each.text.strip() and each.language == code for each in asked)


def test_a_mix_has_the_number_asked_for_and_all_languages_alike() -> None:
    found = conversations(QUESTIONS, 18, seed=1)
    assert [len(each) for each in found] == [CONVERSATION] * 6
    assert Counter(text[:2] for each in found for text in each) == {"aa": 6, "bb": 6, "cc": 6}
    assert all(len({text[:2] for text in each}) == 1 for each in found)


def test_a_mix_is_the_same_for_the_same_seed_only() -> None:
    assert conversations(QUESTIONS, 18, seed=1) == conversations(QUESTIONS, 18, seed=1)
    assert conversations(QUESTIONS, 18, seed=1) != conversations(QUESTIONS, 18, seed=2)


def test_a_mix_repeats_no_question_before_all_were_asked() -> None:
    asked = [text for each in conversations(QUESTIONS, 30 + 7, seed=3) for text in each]
    assert len(asked) == 37
    assert max(Counter(asked).values()) == 2
    assert set(asked) == {each.text for questions in QUESTIONS.values() for each in questions}


def test_no_questions_no_mix() -> None:
    assert conversations({"aa": []}, 10, seed=1) == []
