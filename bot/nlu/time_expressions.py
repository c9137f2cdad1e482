"""Times of the clock and dates in a text, by the words of the gazetteer files and CLDR."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from bot.nlu.normalization import AlignedText, align, normalise


@dataclass(frozen=True, slots=True)
class Moment:
    """`entity` is `time` or `date`, `value` its ISO form, the positions are those of the original text."""

    entity: str
    value: str
    start: int
    end: int


@dataclass
class TimeExpressions:
    """Patterns made of the marker words: `clock` (am, pm, hour, minute, half), `calendar` (month, day), month names."""

    clock: Mapping[str, Sequence[str]]
    calendar: Mapping[str, Sequence[str]]
    months: Mapping[str, Mapping[str, int]]
    day_first: Mapping[str, bool]

    def find(self, text: str, language: str, today: dt.date) -> list[Moment]:
        """Times and dates of `text` in order. A date without a year is the next such day from `today` on."""
        aligned = align(text)
        dates = list(self._dates(aligned, language, today))
        taken = {at for moment in dates for at in range(moment.start, moment.end)}
        times = [moment for moment in self._times(aligned) if moment.start not in taken]
        return sorted([*dates, *times], key=lambda moment: moment.start)

    @cached_property
    def _clock_pattern(self) -> re.Pattern[str]:
        am, pm = _any(self.clock.get("am", ())), _any(self.clock.get("pm", ()))
        hour, minute, half = (_any(self.clock.get(key, ())) for key in ("hour", "minute", "half"))
        return re.compile(
            rf"(?:(?P<am0>{am})|(?P<pm0>{pm}))?\s?(?<![\d:/.\-])(?P<hour>[01]?\d|2[0-4])"
            rf"(?:[:：](?P<minute>[0-5]\d)|\s?(?P<marker>{hour})(?:\s?(?P<minute2>[0-5]?\d)\s?(?:{minute})|\s?(?P<half>{half}))?)?"
            rf"(?!\d|[:/\-.]\d)(?:\s?(?:(?P<am1>{am})|(?P<pm1>{pm})))?"
        )

    def _times(self, aligned: AlignedText) -> Iterator[Moment]:
        for match in self._clock_pattern.finditer(aligned.text):
            part = match.groupdict()
            before, after = part["am0"] or part["am1"], part["pm0"] or part["pm1"]
            if not (part["minute"] or part["marker"] or before or after):
                continue
            hour = int(part["hour"])
            minute = int(part["minute"] or part["minute2"] or (30 if part["half"] else 0))
            if after and hour < 12:
                hour += 12
            elif before and hour == 12:
                hour = 0
            if hour > 23 or minute > 59:
                continue
            start = match.start()
            while start < match.end() and aligned.text[start].isspace():
                start += 1
            yield Moment("time", f"{hour:02}:{minute:02}", *aligned.span(start, match.end()))

    @cached_property
    def _marked_date(self) -> re.Pattern[str] | None:
        month, day = _any(self.calendar.get("month", ())), _any(self.calendar.get("day", ()))
        if not self.calendar.get("month") or not self.calendar.get("day"):
            return None
        return re.compile(
            rf"(?<!\d)(?P<month>1[0-2]|0?[1-9])\s?(?:{month})\s?(?P<day>3[01]|[12]\d|0?[1-9])\s?(?:{day})"
        )

    def _dates(self, aligned: AlignedText, language: str, today: dt.date) -> Iterator[Moment]:
        text = aligned.text
        for match in re.finditer(r"(?<!\d)(20\d\d)-(\d\d)-(\d\d)(?!\d)", text):
            if (day := _date(int(match[1]), int(match[2]), int(match[3]))) is not None:
                yield Moment("date", day.isoformat(), *aligned.span(match.start(), match.end()))
        if self._marked_date is not None:
            for match in self._marked_date.finditer(text):
                if (day := _next(int(match["month"]), int(match["day"]), today)) is not None:
                    yield Moment("date", day.isoformat(), *aligned.span(match.start(), match.end()))
        for match in re.finditer(r"(?<![\d/:.\-])(\d{1,2})/(\d{1,2})(?![\d/:.\-])", text):
            first, second = int(match[1]), int(match[2])
            ordered = (second, first) if self.day_first.get(language, False) else (first, second)
            day = _next(*ordered, today) or _next(ordered[1], ordered[0], today)
            if day is not None:
                yield Moment("date", day.isoformat(), *aligned.span(match.start(), match.end()))
        names = self.months.get(language, {})
        if names:
            word = _any(names)
            for match in re.finditer(
                rf"(?<!\w)(?:(\d{{1,2}})(?:st|nd|rd|th|\.|º)?\s(?:\w{{2}}\s)?({word})|({word})\.?\s(\d{{1,2}})(?:st|nd|rd|th)?)(?!\w)",
                text,
            ):
                name, number = match[2] or match[3], match[1] or match[4]
                if (day := _next(names[normalise(name)], int(number), today)) is not None:
                    yield Moment("date", day.isoformat(), *aligned.span(match.start(), match.end()))


def _any(words: Sequence[str] | Mapping[str, int]) -> str:
    """A pattern for any of the words, longest first; a word of an alphabet ends where no letter follows."""
    options = []
    for word in sorted({normalise(word) for word in words}, key=len, reverse=True):
        escaped = re.escape(word)
        spaced = word[-1:].isascii() or (word[-1:].isalpha() and len(word) > 2)
        options.append(rf"(?<![^\W\d]){escaped}(?![^\W\d])" if spaced and word[-1:].isalpha() else escaped)
    return "|".join(options) or r"(?!)"


def _date(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def _next(month: int, day: int, today: dt.date) -> dt.date | None:
    """The next such day from `today` on; one of the last two months is meant as past."""
    this = _date(today.year, month, day)
    if this is not None and (today - this).days <= 60:
        return this
    return _date(today.year + 1, month, day)
