from __future__ import annotations

import datetime as dt

import pytest

from bot.answers import hours
from bot.answers.builder import CardBuilder
from bot.answers.request import TOKYO, Request
from bot.i18n.languages import enabled_languages

EXPRESSION = "Mo-Fr 10:00-17:00; Sa[2,4] 10:00-13:00; PH off; Dec 29-Jan 03 off"


def at(*moment: int, language: str = "en") -> tuple[CardBuilder, Request]:
    now = dt.datetime(*moment, tzinfo=TOKYO)  # type: ignore[arg-type]
    return CardBuilder(language, now, None), Request(language, now)


def test_the_week_tells_everything() -> None:
    builder, _ = at(2026, 11, 25, 12)
    lines = hours.week(builder, EXPRESSION).splitlines()
    assert lines[0] == "Mon–Fri 10:00–17:00"
    assert any("Saturday" in line and "2, 4" in line and "10:00–13:00" in line for line in lines)
    assert any("public holidays" in line for line in lines)
    assert any("29 Dec" in line and "3 Jan" in line for line in lines)


@pytest.mark.parametrize(
    ("moment", "part"),
    [
        ((2026, 11, 25, 12, 0), "until 17:00"),
        ((2026, 11, 25, 17, 0), "26 Nov 2026, 10:00"),
        ((2026, 11, 23, 12, 0), "24 Nov 2026, 10:00"),
        ((2026, 12, 28, 18, 0), "4 Jan 2027, 10:00"),
    ],
)
def test_this_moment(moment: tuple[int, ...], part: str) -> None:
    builder, request = at(*moment)
    assert part in hours.now(builder, EXPRESSION, request)


@pytest.mark.parametrize(
    ("day", "part"),
    [
        (dt.date(2026, 11, 28), "10:00–13:00"),
        (dt.date(2026, 11, 21), "closed"),
        (dt.date(2026, 11, 23), "closed"),
        (dt.date(2026, 11, 29), "closed"),
    ],
)
def test_a_day(day: dt.date, part: str) -> None:
    builder, request = at(2026, 11, 20, 9)
    assert part in hours.on_day(builder, EXPRESSION, day, request)


def test_a_time_of_a_day() -> None:
    builder, request = at(2026, 11, 20, 9)
    later = Request("en", request.now, day=dt.date(2026, 11, 28), at=dt.time(14))
    assert "Closed" in hours.on_day(builder, EXPRESSION, dt.date(2026, 11, 28), later)


@pytest.mark.parametrize("language", [entry.code for entry in enabled_languages()])
def test_every_language_has_words_for_every_kind_of_rule(language: str) -> None:
    builder, request = at(2026, 11, 25, 12, language=language)
    for expression in (EXPRESSION, "24/7", "Mo-Sa 09:00-21:00; Su,PH 09:00-17:00; Su[4] off"):
        assert hours.week(builder, expression)
        assert hours.week(builder, expression, one_line=True)
        assert hours.now(builder, expression, request)
        assert hours.on_day(builder, expression, dt.date(2026, 11, 29), request)
