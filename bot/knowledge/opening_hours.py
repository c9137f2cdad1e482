"""Opening hours: OSM `opening_hours` strings, evaluated by `opening-hours-py` with Japan's time and public holidays.

`Hours` answers questions about an instant or a day and describes itself for rendering; it holds no text of any
language.

Two things are not taken on trust, because the answer "open" would often be wrong: on a public holiday, hours that name
only some weekdays and say nothing about holidays are `unknown`; and over the year's end (29 December to 3 January, when
public offices are closed by law) hours that say nothing about these days are `unknown`. `24/7` is always open.
"""

from __future__ import annotations

import abc
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal

from opening_hours import OpeningHours, State, validate

from bot.knowledge.public_holidays import TIMEZONE as TIMEZONE
from bot.knowledge.public_holidays import is_public_holiday, public_holidays

WEEKDAYS: tuple[str, ...] = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
HORIZON_DAYS = 60
"""How far ahead an opening or closing is looked for."""

OpenState = Literal["open", "closed", "unknown"]
TimeRange = tuple[str, str]
"""Opening and closing time as `HH:MM`; `24:00` ends the day, a closing time before the opening is the next day's."""

_STATES: dict[State, OpenState] = {State.OPEN: "open", State.CLOSED: "closed", State.UNKNOWN: "unknown"}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_TIMES = re.compile(r"\d{1,2}:\d{2}-\d{1,2}:\d{2}(,\d{1,2}:\d{2}-\d{1,2}:\d{2})*")
_DAY = r"(?:Mo|Tu|We|Th|Fr|Sa|Su)"
_DAYS = re.compile(
    rf"(?:{_DAY}(?:-{_DAY}|\[[1-5](?:[,-][1-5])*\])?|PH)(?:,(?:{_DAY}(?:-{_DAY}|\[[1-5](?:[,-][1-5])*\])?|PH))*"
)
_PERIOD = re.compile(rf"({'|'.join(_MONTHS)}) (\d{{1,2}})(?:-(?:({'|'.join(_MONTHS)}) )?(\d{{1,2}}))?")
_MONTH = rf"(?:{'|'.join(_MONTHS)})"
_SHIFTED = re.compile(rf"({_MONTH}(?:,{_MONTH})*) ({_DAY})\[([1-5](?:,[1-5])*)\] ([+-]\d) days? (?:off|closed)")
_YEAR_END = ((12, 29), (1, 3))


class HoursError(ValueError):
    """The expression cannot be used. `code`: `syntax` (no opening_hours string) or `unsupported` (cannot be shown)."""

    def __init__(self, code: Literal["syntax", "unsupported"], message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Interval:
    """A stretch of one state. Ends are aware datetimes in Asia/Tokyo; `end` is the first instant after it."""

    start: datetime
    end: datetime
    state: OpenState = "open"

    @property
    def times(self) -> TimeRange:
        """Start and end as `HH:MM`; midnight at the end is `24:00`."""
        end = self.end.strftime("%H:%M")
        return self.start.strftime("%H:%M"), "24:00" if end == "00:00" else end


@dataclass(frozen=True, slots=True)
class WeeklyLine:
    """Weekdays (`Mo` … `Su`, in this order) that have the same hours."""

    days: tuple[str, ...]
    intervals: tuple[TimeRange, ...]


@dataclass(frozen=True, slots=True)
class HolidayLine:
    """Hours on public holidays; without intervals it is closed then."""

    intervals: tuple[TimeRange, ...]


@dataclass(frozen=True, slots=True)
class NthWeekdayOpen:
    """Hours on the n-th such weekday of the month, in place of the weekday's usual ones. `nth` counts from 1."""

    day: str
    nth: tuple[int, ...]
    intervals: tuple[TimeRange, ...]


@dataclass(frozen=True, slots=True)
class NthWeekdayOff:
    """Closed on the n-th such weekday of the month."""

    day: str
    nth: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PeriodOff:
    """Closed from the first to the last day (`MM-DD`, both included), every year."""

    first: str
    last: str


@dataclass(frozen=True, slots=True)
class ShiftedDayOff:
    """Closed some days after the n-th weekday of these months (1..12); told by the schedule's note, not by itself."""

    months: tuple[int, ...]
    day: str
    nth: tuple[int, ...]
    days_after: int


HoursException = NthWeekdayOpen | NthWeekdayOff | PeriodOff | ShiftedDayOff


@dataclass(frozen=True, slots=True)
class Description:
    """Everything a reader must be told, in the order to tell it.

    `closed_days` are the weekdays without any usual hours; `holidays` is None when the hours say nothing about them.
    """

    always: bool = False
    weekly: tuple[WeeklyLine, ...] = ()
    closed_days: tuple[str, ...] = ()
    holidays: HolidayLine | None = None
    exceptions: tuple[HoursException, ...] = ()


@dataclass(frozen=True, slots=True)
class DayHours:
    """The hours of one day."""

    day: date
    intervals: tuple[Interval, ...]
    public_holiday: bool


@dataclass(frozen=True, slots=True)
class _Rule:
    """One rule of an expression: when it holds and what it says.

    `selector` is its weekdays without `PH`; None: the rule is passed on to the library as it was written.
    """

    text: str
    selector: str | None
    days: tuple[str, ...]
    nth: tuple[tuple[str, tuple[int, ...]], ...]
    holidays: bool
    period: tuple[str, str] | None
    intervals: tuple[TimeRange, ...]
    shifted: ShiftedDayOff | None = None


class _Evaluated(abc.ABC):
    """Questions every kind of hours answers from the intervals of single days."""

    @abc.abstractmethod
    def on(self, day: date) -> tuple[Interval, ...]:
        """The intervals of a day that are not closed, in order. Hours past midnight end in the next day's list."""

    def state(self, at: datetime) -> OpenState:
        """The state at an instant (aware; `ValueError` otherwise)."""
        local = _local(at)
        return next((one.state for one in self.on(local.date()) if one.start <= local < one.end), "closed")

    def is_open(self, at: datetime) -> bool:
        """Whether it is certainly open at an instant."""
        return self.state(at) == "open"

    def closes_at(self, at: datetime) -> datetime | None:
        """When it stops being open; None when it is not open, or does not close within `HORIZON_DAYS`."""
        local = _local(at)
        end: datetime | None = None
        for one in self._from(local):
            if one.state != "open" or (end is None and not one.start <= local < one.end):
                break
            if end is not None and one.start > end:
                break
            end = one.end
        if end is None or end - local > timedelta(days=HORIZON_DAYS - 1):
            return None
        return end

    def next_opening(self, at: datetime) -> datetime | None:
        """When it opens next for certain, after `at`; None when that is not within `HORIZON_DAYS`."""
        local = _local(at)
        end: datetime | None = None
        for one in self._from(local):
            if one.state != "open":
                continue
            if one.start > local and one.start != end:
                return one.start
            end = one.end
        return None

    def week(self, first: date) -> tuple[DayHours, ...]:
        """The hours of seven days from `first` on."""
        days = [first + timedelta(days=offset) for offset in range(7)]
        return tuple(DayHours(day, self.on(day), is_public_holiday(day)) for day in days)

    def _from(self, local: datetime) -> Iterator[Interval]:
        for offset in range(HORIZON_DAYS):
            for one in self.on(local.date() + timedelta(days=offset)):
                if one.end > local:
                    yield one


class Hours(_Evaluated):
    """One opening_hours string. Make it with `parse_hours`."""

    def __init__(self, expression: str, within: Hours | None = None) -> None:
        """`within`: other hours that hold at the same time and settle what this expression leaves open."""
        self.expression = expression.strip()
        if not validate(self.expression):
            raise HoursError("syntax", f"{expression!r} is no opening_hours string")
        self._evaluators: dict[int, OpeningHours] = {}
        self._rules = _rules(self.expression)
        self.always = self._rules is None
        rules = self._rules or ()
        self.states_holidays: bool = self.always or any(rule.holidays for rule in rules)
        self.states_year_end: bool = self.always or any(rule.period and _meets_year_end(rule.period) for rule in rules)
        if within is not None:
            self.states_holidays |= within.states_holidays
            self.states_year_end |= within.states_year_end
        self._daily = {day for rule in rules if rule.period is None and rule.intervals for day in rule.days} == set(
            WEEKDAYS
        )

    def __repr__(self) -> str:
        return f"Hours({self.expression!r})"

    def on(self, day: date) -> tuple[Interval, ...]:
        start = datetime.combine(day, time(), TIMEZONE)
        end = start + timedelta(days=1)
        doubtful = self._doubtful(day)
        found: list[Interval] = []
        for first, last, state, _ in self._evaluator(day.year).intervals(start, end):
            named = _STATES[state]
            if named != "closed":
                found.append(Interval(max(first, start), min(last, end), "unknown" if doubtful else named))
        return tuple(found)

    def _evaluator(self, year: int) -> OpeningHours:
        """The library's evaluator with the year's public holidays written out as dates (see `public_holidays`)."""
        found = self._evaluators.get(year)
        if found is None:
            expression = self.expression if self._rules is None else _with_dates(self._rules, public_holidays(year))
            found = OpeningHours(expression, timezone=TIMEZONE, auto_country=False, auto_timezone=False)
            self._evaluators[year] = found
        return found

    def _doubtful(self, day: date) -> bool:
        if self.always:
            return False
        if not self.states_year_end and _at_year_end(day):
            return True
        return not self.states_holidays and not self._daily and is_public_holiday(day)

    def description(self) -> Description:
        """The hours as data for rendering."""
        if self._rules is None:
            return Description(always=True)
        table: dict[str, tuple[TimeRange, ...]] = {}
        holidays: HolidayLine | None = None
        exceptions: list[HoursException] = []
        for rule in self._rules:
            if rule.period is not None:
                exceptions.append(PeriodOff(*rule.period))
                continue
            if rule.shifted is not None:
                exceptions.append(rule.shifted)
                continue
            for day in rule.days:
                table[day] = rule.intervals
            if rule.holidays:
                holidays = HolidayLine(rule.intervals)
            exceptions.extend(
                NthWeekdayOpen(day, nth, rule.intervals) if rule.intervals else NthWeekdayOff(day, nth)
                for day, nth in rule.nth
            )
        groups: dict[tuple[TimeRange, ...], list[str]] = {}
        for day in WEEKDAYS:
            if table.get(day):
                groups.setdefault(table[day], []).append(day)
        return Description(
            weekly=tuple(WeeklyLine(tuple(days), intervals) for intervals, days in groups.items()),
            closed_days=tuple(day for day in WEEKDAYS if not table.get(day)),
            holidays=holidays,
            exceptions=tuple(exceptions),
        )


class JointHours(_Evaluated):
    """Two hours that must both hold: those of a language at a desk and those of the desk's office."""

    def __init__(self, first: Hours, second: Hours) -> None:
        self._both = (first, second)

    def on(self, day: date) -> tuple[Interval, ...]:
        found: list[Interval] = []
        for one in self._both[0].on(day):
            for other in self._both[1].on(day):
                start, end = max(one.start, other.start), min(one.end, other.end)
                if start < end:
                    state: OpenState = "open" if one.state == other.state == "open" else "unknown"
                    found.append(Interval(start, end, state))
        return tuple(found)


@lru_cache(maxsize=1024)
def parse_hours(expression: str) -> Hours:
    """The hours of an opening_hours string. Raises `HoursError`."""
    return Hours(expression)


def spoken_hours(language_hours: str | None, office_hours: str | None) -> _Evaluated | None:
    """When a language is spoken at a desk: while both the language's and the office's hours hold.

    None when the language's weekdays are not known. Without known office hours the language's own hours stand.
    Raises `HoursError`.
    """
    if language_hours is None:
        return None
    if not office_hours:
        return parse_hours(language_hours)
    office = parse_hours(office_hours)
    return JointHours(Hours(language_hours, within=office), office)


def _with_dates(rules: Sequence[_Rule], holidays: Sequence[date]) -> str:
    """The rules as an expression in which `PH` stands as the dates of one year."""
    dates = ",".join(f"{day.year} {_MONTHS[day.month - 1]} {day.day:02}" for day in holidays)
    parts: list[str] = []
    for rule in rules:
        if rule.selector is None:
            parts.append(rule.text)
            continue
        body = ",".join(f"{first}-{last}" for first, last in rule.intervals) or "off"
        if rule.selector:
            parts.append(f"{rule.selector} {body}")
        if rule.holidays and dates:
            parts.append(f"{dates} {body}")
    return "; ".join(parts) or "off"


def _local(at: datetime) -> datetime:
    if at.tzinfo is None or at.utcoffset() is None:
        raise ValueError("an instant needs a time zone")
    return at.astimezone(TIMEZONE)


def _at_year_end(day: date) -> bool:
    return (day.month, day.day) >= _YEAR_END[0] or (day.month, day.day) <= _YEAR_END[1]


def _meets_year_end(period: tuple[str, str]) -> bool:
    return period[0] > period[1] or period[1] >= "12-29" or period[0] <= "01-03"


def _rules(expression: str) -> tuple[_Rule, ...] | None:
    """The rules of an expression that the library accepts; None for `24/7`. Raises `HoursError` (`unsupported`)."""
    if expression == "24/7":
        return None
    return tuple(_rule(part.strip(), expression) for part in expression.split(";") if part.strip())


def _rule(text: str, expression: str) -> _Rule:
    shifted = _SHIFTED.fullmatch(text)
    if shifted:
        months, day, nth, offset = shifted.groups()
        numbers = tuple(_MONTHS.index(month) + 1 for month in months.split(","))
        return _Rule(
            text, None, (), (), False, None, (), ShiftedDayOff(numbers, day, tuple(_numbers(nth)), int(offset))
        )
    period = _PERIOD.match(text)
    if period:
        if text[period.end() :].strip() not in {"off", "closed"}:
            raise _unsupported(text, expression)
        first_month, first, last_month, last = period.groups()
        month = _MONTHS.index(first_month) + 1
        other = _MONTHS.index(last_month) + 1 if last_month else month
        return _Rule(
            text, None, (), (), False, (f"{month:02}-{int(first):02}", f"{other:02}-{int(last or first):02}"), ()
        )
    days = _DAYS.match(text)
    rest = text[days.end() :].strip() if days else text
    if rest in {"off", "closed"}:
        intervals: tuple[TimeRange, ...] = ()
    elif _TIMES.fullmatch(rest):
        intervals = tuple(_range(part) for part in rest.split(","))
    else:
        raise _unsupported(text, expression)
    if days is None:
        if not intervals:
            raise _unsupported(text, expression)
        return _Rule(text, None, WEEKDAYS, (), False, None, intervals)
    plain, nth, holidays = _selected(days.group())
    selector = ",".join([*plain, *(f"{day}[{','.join(map(str, numbers))}]" for day, numbers in nth)])
    return _Rule(text, selector, plain, nth, holidays, None, intervals)


def _selected(text: str) -> tuple[tuple[str, ...], tuple[tuple[str, tuple[int, ...]], ...], bool]:
    plain: set[str] = set()
    nth: dict[str, set[int]] = {}
    holidays = False
    for part in re.findall(r"[A-Za-z]+(?:-[A-Za-z]+)?(?:\[[^\]]*\])?", text):
        if part == "PH":
            holidays = True
        elif "[" in part:
            day, _, numbers = part.rstrip("]").partition("[")
            nth.setdefault(day, set()).update(_numbers(numbers))
        elif "-" in part:
            first, last = (WEEKDAYS.index(day) for day in part.split("-"))
            length = (last - first) % 7 + 1
            plain.update(WEEKDAYS[(first + offset) % 7] for offset in range(length))
        else:
            plain.add(part)
    ordered = tuple(day for day in WEEKDAYS if day in plain)
    return ordered, tuple((day, tuple(sorted(nth[day]))) for day in WEEKDAYS if day in nth), holidays


def _numbers(text: str) -> Sequence[int]:
    found: list[int] = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        found.extend(range(int(first), int(last or first) + 1))
    return found


def _range(text: str) -> TimeRange:
    first, last = (f"{int(part.split(':')[0]):02}:{part.split(':')[1]}" for part in text.split("-"))
    return first, last


def _unsupported(text: str, expression: str) -> HoursError:
    return HoursError("unsupported", f"the rule {text!r} of {expression!r} cannot be shown to residents")
