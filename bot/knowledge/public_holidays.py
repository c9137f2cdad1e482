"""Japan's public holidays, by the `holidays` library.

The calendar inside `opening-hours-py` 2.1.4 lacks in-between and some substitute holidays (22 September 2026,
22 March 2027) and holidays that fall on a Sunday; hours are therefore evaluated with the days of this module. It serves
as a second opinion: whatever day it does know must be known here too.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from holidays import country_holidays
from opening_hours import OpeningHours

COUNTRY = "JP"
TIMEZONE = ZoneInfo("Asia/Tokyo")
FEWEST = 14
"""Japan has had at least this many public holidays in every year since 1996: fewer means a calendar is incomplete."""


@dataclass(frozen=True, slots=True)
class CalendarReport:
    """A year in both calendars. `missing`: days the second one has and the first lacks."""

    year: int
    days: tuple[date, ...]
    missing: tuple[date, ...]

    @property
    def complete(self) -> bool:
        """Whether the year can be relied on."""
        return len(self.days) >= FEWEST and not self.missing


@lru_cache(maxsize=64)
def public_holidays(year: int) -> tuple[date, ...]:
    """The public holidays of a year in order; empty for a year the library does not know."""
    try:
        return tuple(sorted(day for day in country_holidays(COUNTRY, years=year) if day.year == year))
    except (ValueError, KeyError, NotImplementedError):
        return ()


def is_public_holiday(day: date) -> bool:
    """Whether a day is a public holiday."""
    return day in public_holidays(day.year)


def compare_calendars(year: int) -> CalendarReport:
    """The year's holidays, compared with the calendar inside `opening-hours-py`."""
    other = OpeningHours("PH 00:00-24:00", timezone=TIMEZONE, country=COUNTRY, auto_country=False, auto_timezone=False)
    days = public_holidays(year)
    first = date(year, 1, 1)
    every = [first + timedelta(days=offset) for offset in range(366)]
    known = [day for day in every if day.year == year and other.is_open(datetime.combine(day, time(12), TIMEZONE))]
    return CalendarReport(year, days, tuple(day for day in known if day not in days))
