"""Opening hours: states at instants, what comes next, and the description that cards are rendered from."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.knowledge.opening_hours import (
    TIMEZONE,
    Description,
    HolidayLine,
    HoursError,
    NthWeekdayOff,
    NthWeekdayOpen,
    PeriodOff,
    ShiftedDayOff,
    WeeklyLine,
    parse_hours,
    spoken_hours,
)
from bot.knowledge.public_holidays import compare_calendars, is_public_holiday, public_holidays

CENTRE = "Mo-Fr 10:00-17:00; Sa[2],Sa[4] 10:00-13:00; PH off; Dec 29-Jan 03 off"
LOUNGE = "Mo-Sa 09:00-21:00; Su,PH 09:00-17:00; Su[4] off; Dec 29-Jan 03 off"
PASSPORT = "Mo,Th,Fr,Su 09:00-16:45; Tu,We 09:00-18:30; PH off; Dec 29-Jan 03 off"
PLAZA = (
    "Mo-Fr 10:00-20:00; Sa,Su 10:00-18:00; Mo[3] off; PH 10:00-18:00; "
    "Jul Mo[3] +1 day off; Sep Mo[3] +1 day off; Dec 28-Jan 04 off"
)


def at(text: str) -> datetime:
    """An instant in Yokohama."""
    return datetime.fromisoformat(text).replace(tzinfo=TIMEZONE)


@pytest.mark.parametrize(
    ("hours", "when", "state"),
    [
        (CENTRE, "2026-11-25 09:59", "closed"),
        (CENTRE, "2026-11-25 10:00", "open"),
        (CENTRE, "2026-11-25 16:59", "open"),
        (CENTRE, "2026-11-25 17:00", "closed"),
        (CENTRE, "2026-11-23 11:00", "closed"),  # Labour Thanksgiving Day, a Monday
        (CENTRE, "2026-11-14 12:59", "open"),  # second Saturday
        (CENTRE, "2026-11-14 13:00", "closed"),
        (CENTRE, "2026-11-21 11:00", "closed"),  # third Saturday
        (CENTRE, "2026-11-28 11:00", "open"),  # fourth Saturday
        (CENTRE, "2026-12-28 11:00", "open"),
        (CENTRE, "2026-12-29 11:00", "closed"),
        (CENTRE, "2027-01-03 11:00", "closed"),
        (CENTRE, "2027-01-04 11:00", "open"),
        (CENTRE, "2026-09-22 11:00", "closed"),  # the day between two holidays
        (CENTRE, "2027-03-22 11:00", "closed"),  # the Monday in place of a holiday on Sunday
        (LOUNGE, "2026-11-22 10:00", "closed"),  # fourth Sunday
        (LOUNGE, "2026-11-29 10:00", "open"),  # fifth Sunday
        (LOUNGE, "2026-11-29 17:00", "closed"),
        (LOUNGE, "2026-11-23 18:00", "closed"),  # holiday hours end at 17:00
        (LOUNGE, "2026-11-23 16:00", "open"),
        (LOUNGE, "2026-09-22 18:00", "closed"),  # that day has the holidays' hours
        (PASSPORT, "2025-11-23 10:00", "closed"),  # a holiday that falls on a Sunday
        (PASSPORT, "2026-11-29 16:44", "open"),  # a Sunday
        (PASSPORT, "2026-11-24 18:00", "open"),
        (PASSPORT, "2026-11-26 18:00", "closed"),
        (PASSPORT, "2026-11-28 10:00", "closed"),
        (PLAZA, "2026-11-16 11:00", "closed"),  # third Monday
        (PLAZA, "2027-07-19 11:00", "open"),  # third Monday of July: always a holiday
        (PLAZA, "2027-07-20 11:00", "closed"),  # closed the day after instead
        (PLAZA, "2027-07-21 11:00", "open"),
        ("24/7", "2027-01-01 03:00", "open"),
        ("Mo-Su 20:00-24:00", "2026-11-25 23:59", "open"),
        ("Mo-Su 20:00-24:00", "2026-11-25 00:00", "closed"),
        ("Fr 22:00-02:00", "2026-11-28 01:00", "open"),
        ("Fr 22:00-02:00", "2026-11-28 02:00", "closed"),
    ],
)
def test_state(hours: str, when: str, state: str) -> None:
    assert parse_hours(hours).state(at(when)) == state


@pytest.mark.parametrize(
    ("hours", "when", "state"),
    [
        ("Mo-Fr 09:00-17:00", "2026-11-23 11:00", "unknown"),  # nothing is said about holidays
        ("Mo-Fr 09:00-17:00", "2026-11-23 08:00", "closed"),  # closed at that hour either way
        ("Mo-Fr 09:00-17:00", "2026-11-24 11:00", "open"),
        ("Mo-Su 09:00-17:00", "2026-11-23 11:00", "open"),  # every day is every day
        ("Mo-Fr 09:00-17:00; PH off", "2026-12-30 11:00", "unknown"),  # nothing is said about the year's end
        ("Mo-Su 09:00-17:00", "2027-01-01 11:00", "unknown"),
        ("Mo-Su 09:00-17:00; Dec 31-Jan 01 off", "2026-12-30 11:00", "open"),
        ("Mo-Su 09:00-17:00; Dec 31-Jan 01 off", "2027-01-01 11:00", "closed"),
        ("24/7", "2026-12-31 11:00", "open"),
    ],
)
def test_what_the_hours_do_not_say_is_unknown(hours: str, when: str, state: str) -> None:
    assert parse_hours(hours).state(at(when)) == state


def test_an_instant_in_another_zone_is_converted() -> None:
    hours = parse_hours(CENTRE)
    assert hours.state(datetime(2026, 11, 25, 1, 0, tzinfo=UTC)) == "open"
    assert hours.state(datetime(2026, 11, 25, 8, 0, tzinfo=UTC)) == "closed"
    kyiv = datetime(2026, 11, 25, 9, 59, tzinfo=ZoneInfo("Europe/Kyiv"))
    assert hours.state(kyiv) == "open"
    assert hours.closes_at(kyiv) == at("2026-11-25 17:00")


def test_an_instant_without_a_zone_is_refused() -> None:
    hours = parse_hours(CENTRE)
    for question in (hours.state, hours.is_open, hours.closes_at, hours.next_opening):
        with pytest.raises(ValueError, match="time zone"):
            question(datetime(2026, 11, 25, 10, 0))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("hours", "when", "closes", "opens"),
    [
        (CENTRE, "2026-11-25 11:00", "2026-11-25 17:00", "2026-11-26 10:00"),
        (CENTRE, "2026-11-20 18:00", None, "2026-11-24 10:00"),  # over a weekend and a holiday
        (CENTRE, "2026-12-28 17:00", None, "2027-01-04 10:00"),
        (CENTRE, "2026-11-25 09:00", None, "2026-11-25 10:00"),
        ("Mo-Fr 09:00-12:00,13:00-16:00; PH off; Dec 29-Jan 03 off", "2026-11-25 11:00",
         "2026-11-25 12:00", "2026-11-25 13:00"),
        ("Fr 22:00-02:00", "2026-11-27 23:00", "2026-11-28 02:00", "2026-12-04 22:00"),
        ("24/7", "2026-11-25 11:00", None, None),
        ("Mo-Fr 09:00-17:00", "2026-11-20 18:00", None, "2026-11-24 09:00"),  # the holiday is doubtful: not promised
        ("Sa[1] 10:00-12:00; PH off", "2026-11-08 00:00", None, "2026-12-05 10:00"),
    ],
)  # fmt: skip
def test_what_comes_next(hours: str, when: str, closes: str | None, opens: str | None) -> None:
    parsed = parse_hours(hours)
    assert parsed.closes_at(at(when)) == (at(closes) if closes else None)
    assert parsed.next_opening(at(when)) == (at(opens) if opens else None)


def test_the_hours_of_a_day_and_of_a_week() -> None:
    hours = parse_hours("Mo-Fr 09:00-12:00,13:00-16:00; PH off; Dec 29-Jan 03 off")
    assert [interval.times for interval in hours.on(date(2026, 11, 25))] == [("09:00", "12:00"), ("13:00", "16:00")]
    week = hours.week(date(2026, 11, 23))
    assert [len(day.intervals) for day in week] == [0, 2, 2, 2, 2, 0, 0]
    assert [day.public_holiday for day in week] == [True, False, False, False, False, False, False]
    assert [one.times for one in parse_hours("24/7").on(date(2026, 11, 25))] == [("00:00", "24:00")]


def test_a_language_is_spoken_while_the_desk_is_open_too() -> None:
    spoken = spoken_hours("Mo-Fr 10:00-17:00; Sa[2],Sa[4] 10:00-13:00", CENTRE)
    assert spoken is not None
    assert spoken.state(at("2026-11-25 11:00")) == "open"
    assert spoken.state(at("2026-11-23 11:00")) == "closed"  # the office's holiday settles it
    assert spoken.state(at("2026-12-30 11:00")) == "closed"
    assert spoken.next_opening(at("2026-11-20 18:00")) == at("2026-11-24 10:00")
    evening = spoken_hours("Tu 17:00-21:00", "Mo-Sa 09:00-19:00; PH off; Dec 29-Jan 03 off")
    assert evening is not None
    assert [one.times for one in evening.on(date(2026, 11, 24))] == [("17:00", "19:00")]
    assert evening.closes_at(at("2026-11-24 18:00")) == at("2026-11-24 19:00")


def test_a_language_without_known_hours_has_no_answer() -> None:
    assert spoken_hours(None, CENTRE) is None
    alone = spoken_hours("Mo 09:00-17:00", None)
    assert alone is not None
    assert alone.state(at("2026-11-30 10:00")) == "open"


@pytest.mark.parametrize(
    ("hours", "description"),
    [
        ("24/7", Description(always=True)),
        (LOUNGE, Description(
            weekly=(WeeklyLine(("Mo", "Tu", "We", "Th", "Fr", "Sa"), (("09:00", "21:00"),)),
                    WeeklyLine(("Su",), (("09:00", "17:00"),))),
            holidays=HolidayLine((("09:00", "17:00"),)),
            exceptions=(NthWeekdayOff("Su", (4,)), PeriodOff("12-29", "01-03")),
        )),
        (CENTRE, Description(
            weekly=(WeeklyLine(("Mo", "Tu", "We", "Th", "Fr"), (("10:00", "17:00"),)),),
            closed_days=("Sa", "Su"),
            holidays=HolidayLine(()),
            exceptions=(NthWeekdayOpen("Sa", (2, 4), (("10:00", "13:00"),)), PeriodOff("12-29", "01-03")),
        )),
        ("Mo,Th-Su 09:30-18:00; We 09:30-21:00; Tu off", Description(
            weekly=(WeeklyLine(("Mo", "Th", "Fr", "Sa", "Su"), (("09:30", "18:00"),)),
                    WeeklyLine(("We",), (("09:30", "21:00"),))),
            closed_days=("Tu",),
        )),
        ("Sa-Mo 9:00-12:00,13:00-17:00", Description(
            weekly=(WeeklyLine(("Mo", "Sa", "Su"), (("09:00", "12:00"), ("13:00", "17:00"))),),
            closed_days=("Tu", "We", "Th", "Fr"),
        )),
        ("09:00-17:00; We[1] off", Description(
            weekly=(WeeklyLine(("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"), (("09:00", "17:00"),)),),
            exceptions=(NthWeekdayOff("We", (1,)),),
        )),
        ("Mo-Su 10:00-18:00; Jul Mo[3] +1 day off; Dec 31 off", Description(
            weekly=(WeeklyLine(("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"), (("10:00", "18:00"),)),),
            exceptions=(ShiftedDayOff((7,), "Mo", (3,), 1), PeriodOff("12-31", "12-31")),
        )),
        ("Mo-Fr 09:00-17:00; We 17:00-21:00", Description(  # the later rule takes the day over
            weekly=(WeeklyLine(("Mo", "Tu", "Th", "Fr"), (("09:00", "17:00"),)),
                    WeeklyLine(("We",), (("17:00", "21:00"),))),
            closed_days=("Sa", "Su"),
        )),
    ],
)  # fmt: skip
def test_description(hours: str, description: Description) -> None:
    assert parse_hours(hours).description() == description


@pytest.mark.parametrize(
    "text", ["", "unverified", "平日 9:00-17:00", "Mo-Fr 10:00-25:99", "by appointment", "Mo-Fr 9-17 Uhr"]
)
def test_what_is_no_expression_is_refused(text: str) -> None:
    with pytest.raises(HoursError) as caught:
        parse_hours(text)
    assert caught.value.code == "syntax"


@pytest.mark.parametrize(
    "text",
    ["sunrise-sunset", "Mo-Fr 17:00+", '"by appointment"', "Apr-Sep Mo-Fr 09:00-17:00", "week 01-10 Mo 09:00-12:00",
             "Mo-Fr 09:00-17:00 || Sa 10:00-12:00", "Dec 29 10:00-12:00", "off", "Mo-Fr"],
)  # fmt: skip
def test_what_could_not_be_shown_is_refused(text: str) -> None:
    with pytest.raises(HoursError) as caught:
        parse_hours(text)
    assert caught.value.code == "unsupported"


_DAYS = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"]
_hours = st.builds(
    lambda days, start, length: f"{','.join(days)} {start:02}:00-{start + length:02}:00",
    st.lists(st.sampled_from(_DAYS), min_size=1, max_size=7, unique=True),
    st.integers(0, 20), st.integers(1, 4),
)  # fmt: skip


@given(rules=st.lists(_hours, min_size=1, max_size=4), day=st.dates(date(2026, 1, 5), date(2027, 12, 20)))
def test_the_description_and_the_library_agree_on_ordinary_days(rules: list[str], day: date) -> None:
    hours = parse_hours("; ".join([*rules, "PH off", "Dec 29-Jan 03 off"]))
    if is_public_holiday(day):
        assert hours.on(day) == ()
        return
    if (day.month, day.day) >= (12, 29) or (day.month, day.day) <= (1, 3):
        assert hours.on(day) == ()
        return
    name = _DAYS[day.weekday()]
    described = [line.intervals for line in hours.description().weekly if name in line.days]
    assert [interval.times for interval in hours.on(day)] == [times for line in described for times in line]


@given(rules=st.lists(_hours, min_size=1, max_size=3), minutes=st.integers(0, 60 * 24 * 700))
def test_next_opening_and_closing_are_changes_of_state(rules: list[str], minutes: int) -> None:
    hours = parse_hours("; ".join([*rules, "PH off", "Dec 29-Jan 03 off"]))
    when = at("2026-01-05 00:00") + timedelta(minutes=minutes)
    closing, opening = hours.closes_at(when), hours.next_opening(when)
    assert (closing is not None) == (hours.state(when) == "open")
    if closing is not None:
        assert closing > when
        assert hours.state(closing) != "open"
        assert hours.state(closing - timedelta(seconds=1)) == "open"
    assert opening is not None
    assert opening > when
    assert hours.state(opening) == "open"
    assert hours.state(opening - timedelta(seconds=1)) != "open"


def test_public_holidays_are_those_of_japan() -> None:
    days = public_holidays(2026)
    assert len(days) == 18
    assert {date(2026, 1, 1), date(2026, 5, 3), date(2026, 5, 6), date(2026, 9, 22), date(2026, 11, 23)} <= set(days)
    assert is_public_holiday(date(2027, 3, 22))
    assert not is_public_holiday(date(2026, 12, 25))


def test_calendars_are_compared() -> None:
    assert compare_calendars(2026).complete
    assert not compare_calendars(1900).complete
