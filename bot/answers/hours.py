"""Opening hours in the reader's words: the week, one day, this moment."""

from __future__ import annotations

import datetime as dt

from bot.answers import formatting
from bot.answers.builder import CardBuilder
from bot.answers.request import Request
from bot.knowledge.opening_hours import (
    Hours,
    Interval,
    NthWeekdayOff,
    NthWeekdayOpen,
    PeriodOff,
    TimeRange,
    parse_hours,
)


def week(builder: CardBuilder, expression: str, *, one_line: bool = False) -> str:
    """An ordinary week with its exceptions, a line a group of days (or all in one line)."""
    description = parse_hours(expression).description()
    code = builder.language
    if description.always:
        return builder.text("hours.always")
    lines = [
        builder.text("hours.line", days=formatting.weekdays(line.days, code), times=_times(line.intervals, code))
        for line in description.weekly
    ]
    off = list(description.closed_days)
    holidays = description.holidays
    if holidays is not None and holidays.intervals:
        lines.append(
            builder.text("hours.line", days=formatting.weekday("PH", code), times=_times(holidays.intervals, code))
        )
    elif holidays is not None:
        off.append("PH")
    if off and not one_line:
        lines.append(builder.text("hours.off_line", days=formatting.weekdays(off, code)))
    for exception in description.exceptions:
        match exception:
            case NthWeekdayOpen(day, nth, intervals):
                named, times = formatting.weekday(day, code, "wide"), _times(intervals, code)
                lines.append(builder.text("hours.nth_line", nth=_ordinals(nth, code), weekday=named, times=times))
            case NthWeekdayOff(day, nth):
                lines.append(
                    builder.text(
                        "hours.nth_off", nth=_ordinals(nth, code), weekday=formatting.weekday(day, code, "wide")
                    )
                )
            case PeriodOff(first, last) if not one_line:
                start, end = formatting.month_day(first, code), formatting.month_day(last, code)
                lines.append(builder.text("hours.period_off", start=start, end=end))
    return (builder.text("hours.separator") if one_line else "\n").join(lines)


def on_day(builder: CardBuilder, expression: str, day: dt.date, request: Request) -> str:
    """The hours of one day; at a time of that day when one was asked about."""
    hours = parse_hours(expression)
    intervals = hours.on(day)
    shown = formatting.day(day, builder.language)
    if request.at is not None:
        state = hours.state(dt.datetime.combine(day, request.at, request.now.tzinfo))
        if state == "unknown":
            return builder.text("hours.day_unknown", day=shown)
        told = builder.text(f"hours.at_{state}", day=shown, time=formatting.clock(request.at))
        return f"{told} {_spans(intervals, builder.language)}".strip() if intervals else told
    if any(interval.state == "unknown" for interval in intervals):
        return builder.text("hours.day_unknown", day=shown)
    if intervals:
        return builder.text("hours.day_open", day=shown, times=_spans(intervals, builder.language))
    upcoming = hours.next_opening(dt.datetime.combine(day, dt.time(23, 59), request.now.tzinfo))
    if upcoming is None:
        return builder.text("hours.day_closed", day=shown)
    return builder.text("hours.day_closed_next", day=shown, when=_moment(builder, upcoming))


def now(builder: CardBuilder, expression: str, request: Request) -> str:
    """Whether it is open at this moment, until when, or when next."""
    hours: Hours = parse_hours(expression)
    match hours.state(request.now):
        case "open":
            until = hours.closes_at(request.now)
            return (
                builder.text("hours.open_until", time=formatting.clock(until.time()))
                if until
                else builder.text("hours.open")
            )
        case "closed":
            upcoming = hours.next_opening(request.now)
            if upcoming is None:
                return builder.text("hours.closed")
            return builder.text("hours.closed_until", when=_moment(builder, upcoming))
        case _:
            return builder.text("hours.unknown")


def _moment(builder: CardBuilder, at: dt.datetime) -> str:
    return builder.text(
        "hours.day_time", day=formatting.day(at.date(), builder.language), time=formatting.clock(at.time())
    )


def _times(ranges: tuple[TimeRange, ...], code: str) -> str:
    return formatting.separated([formatting.interval(start, end) for start, end in ranges], code)


def _spans(intervals: tuple[Interval, ...], code: str) -> str:
    return _times(tuple(interval.times for interval in intervals), code)


def _ordinals(nth: tuple[int, ...], code: str) -> str:
    return formatting.separated([str(number) for number in nth], code)
