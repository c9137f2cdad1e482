from __future__ import annotations

import datetime as dt

import pytest

from bot.dialogue.turn import Turn, offered_language
from tests.conftest import WEDNESDAY_NOON


def read(message: dict[str, object], **slots: object) -> Turn:
    return Turn.read(message, slots, WEDNESDAY_NOON)


def entity(name: str, value: str, **more: object) -> dict[str, object]:
    return {"entity": name, "value": value, **more}


def test_nothing_understood_is_a_fallback() -> None:
    turn = read({})
    assert turn.intent == "nlu_fallback"
    assert turn.language == "ja"
    assert turn.day is None


@pytest.mark.parametrize(
    ("message", "slots", "expected"),
    [
        ({"metadata": {"language": "vi"}, "language": {"code": "en"}}, {}, "vi"),
        ({"metadata": {"conversation_language": "vi"}, "language": {"code": "uk"}}, {}, "uk"),
        ({"metadata": {"conversation_language": "vi"}}, {"language": "en"}, "vi"),
        ({}, {"language": "en"}, "en"),
        ({"metadata": {"language": "xx"}}, {}, "ja"),
    ],
)
def test_language_of_a_turn(message: dict[str, object], slots: dict[str, object], expected: str) -> None:
    assert read(message, **slots).language == expected


def test_weekday_is_the_next_such_day_and_today_counts() -> None:
    assert read({"entities": [entity("weekday", "Su")]}).day == dt.date(2026, 11, 29)
    assert read({"entities": [entity("weekday", "We")]}).day == dt.date(2026, 11, 25)
    assert read({"entities": [entity("weekday", "PH")]}).day is None


def test_a_date_wins_over_a_weekday() -> None:
    turn = read({"entities": [entity("weekday", "Su"), entity("date", "2026-12-01")]})
    assert turn.day == dt.date(2026, 12, 1)


def test_rubbish_values_are_nothing() -> None:
    turn = read({"entities": [entity("date", "soon"), entity("time", "late")], "metadata": {"location": {"lat": "x"}}})
    assert (turn.day, turn.time, turn.position) == (None, None, None)


def test_weak_entities_are_left_out() -> None:
    turn = read({"entities": [entity("ward", "naka"), entity("station", "kannai", confidence=0.2)]})
    assert turn.first("ward") == "naka"
    assert turn.first("station") is None


def test_a_topic_that_was_decided_for_is_kept_however_unsure() -> None:
    turn = read({"entities": [entity("topic", "passport_q41", confidence=0.41)], "topics": [{"topic": "d26"}]})
    assert turn.first("topic") == "passport_q41"


@pytest.mark.parametrize(
    ("code", "expected"), [("zh", "zh-Hans"), ("vi", "vi"), ("vi-VN", "vi"), ("fr", None), (None, None)]
)
def test_offered_language(code: str | None, expected: str | None) -> None:
    assert offered_language(code) == expected
