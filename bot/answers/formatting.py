"""Dates, times, weekdays, money and names, as the reader's locale writes them (Babel/CLDR)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

from babel import Locale, UnknownLocaleError
from babel.dates import format_skeleton, get_day_names
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal

from bot.i18n import text
from bot.i18n.languages import fallback_chain, language, registry
from bot.knowledge.models import DateQualifier, Names

WEEKDAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
"""Weekday codes of the OSM opening-hours syntax, Monday first as in `datetime.date.weekday`."""


def locale_of(code: str) -> str:
    """The Babel locale of a language code."""
    return language(code).locale


def day(value: dt.date, code: str) -> str:
    """A date with its weekday."""
    return format_skeleton("yMMMEd", value, locale=locale_of(code))


def date(value: dt.date, code: str) -> str:
    """A date without its weekday."""
    return format_skeleton("yMMMd", value, locale=locale_of(code))


def month_day(iso_month_day: str, code: str) -> str:
    """A day of any year, given as `MM-DD`."""
    month, day_of_month = (int(part) for part in iso_month_day.split("-"))
    return format_skeleton("MMMd", dt.date(2024, month, day_of_month), locale=locale_of(code))


def reduced_date(iso: str, code: str, qualifier: DateQualifier = "exact") -> str:
    """A possibly reduced ISO date (`2024`, `2024-03`, `2024-03-05`) with what is known of its exactness."""
    parts = [int(part) for part in iso.split("-")]
    skeleton = ("y", "yMMM", "yMMMd")[len(parts) - 1]
    shown = format_skeleton(skeleton, dt.date(*[*parts, 1, 1][:3]), locale=locale_of(code))
    return shown if qualifier == "exact" else text(f"date.{qualifier}", code, date=shown)


def clock(value: dt.time | str) -> str:
    """A time of day in 24 hours, `HH:MM`, the same in every locale."""
    return value if isinstance(value, str) else value.strftime("%H:%M")


def interval(start: dt.time | str, end: dt.time | str) -> str:
    """A span of time."""
    return f"{clock(start)}–{clock(end)}"


def weekday(code_of_day: str, code: str, width: Literal["abbreviated", "wide"] = "abbreviated") -> str:
    """The name of a weekday (`Mo` … `Su`) or of public holidays (`PH`)."""
    if code_of_day == "PH":
        return text("hours.public_holidays", code)
    names = get_day_names(width, context="stand-alone", locale=locale_of(code))
    return str(names[WEEKDAYS.index(code_of_day)])


def weekdays(days: Sequence[str], code: str) -> str:
    """Weekdays, three or more in a row as a span: `Mon–Fri, Sun`."""
    parts: list[str] = []
    run: list[str] = []
    for item in [*days, ""]:
        if run and not _is_next(run[-1], item):
            # a short name has no reading of its own: 月 alone would be read as "month"
            names = [weekday(each, code, "wide" if language(code).furigana else "abbreviated") for each in run]
            parts.extend([f"{names[0]}–{names[-1]}"] if len(names) > 2 else names)
            run = []
        if item:
            run.append(item)
    return separated(parts, code)


def _is_next(day_before: str, item: str) -> bool:
    return (day_before, item) in pairwise(WEEKDAYS)


def separated(items: Sequence[str], code: str) -> str:
    """Several short things one after the other."""
    return text("list.separator", code).join(items)


def yen(amount: int, code: str) -> str:
    """An amount of yen with the currency's name."""
    return format_currency(amount, "JPY", locale=locale_of(code), format_type="name")


def number(value: int, code: str) -> str:
    """A whole number with the locale's grouping."""
    return format_decimal(value, locale=locale_of(code))


def decimal(value: float, code: str) -> str:
    """A number with a decimal fraction, as the locale writes it."""
    return format_decimal(value, locale=locale_of(code))


def enumeration(items: Sequence[str], code: str) -> str:
    """Several things in a sentence: `a, b and c`."""
    return format_list(list(items), locale=locale_of(code))


def language_name(spoken: str, code: str) -> str:
    """The name of a spoken language in the reader's language; a variant of the registry by its own name."""
    entry = registry().find(spoken)
    if entry is not None and entry.variant_of:
        return entry.name
    locale = Locale.parse(locale_of(code))
    try:
        name = locale.languages.get(spoken.replace("-", "_")) or Locale.parse(spoken, sep="-").get_display_name(locale)
    except (UnknownLocaleError, ValueError):
        name = None
    return name or spoken


def territory_name(country: str, code: str) -> str:
    """The name of a country (ISO 3166-1 alpha-2), in the reader's language."""
    return str(Locale.parse(locale_of(code)).territories.get(country, country))


def name(names: Names, code: str) -> str:
    """A name in the reader's language (or the next one in its fallback chain)."""
    for candidate in fallback_chain(code):
        if found := names.get(candidate):
            return found
    return names.ja


def official_name(names: Names, code: str) -> str:
    """A name in the reader's language with the Japanese one beside it, for a taxi driver or a clerk to read."""
    local = name(names, code)
    return local if local == names.ja else text("name.beside", code, name=local, japanese=names.ja)
