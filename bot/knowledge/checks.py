"""Checks between records: references, dates, hours, positions, fees, confidence. Every finding is a `Problem`."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations

from babel import Locale, UnknownLocaleError
from pydantic import BaseModel

from bot.knowledge.dates import first_day, last_day
from bot.knowledge.loading import Loaded, Location, Origin
from bot.knowledge.models import (
    Fee,
    Names,
    Office,
    Procedure,
    Provenance,
    Record,
    Schedule,
    Source,
    SpokenLanguage,
    Station,
    Topic,
    Ward,
)
from bot.knowledge.opening_hours import HoursError, ShiftedDayOff, parse_hours
from bot.knowledge.problems import Problem, ProblemCode


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of WGS 84 degrees."""

    south: float
    west: float
    north: float
    east: float

    def holds(self, lat: float, lon: float) -> bool:
        """Whether a position lies inside."""
        return self.south <= lat <= self.north and self.west <= lon <= self.east


BOXES: Mapping[str, Box] = {
    "yokohama": Box(35.31, 139.46, 35.60, 139.73),
    "kanagawa": Box(35.12, 138.91, 35.68, 139.84),
    "japan": Box(20.2, 122.9, 45.6, 154.0),
}
"""The extent of each `Office.city`; abroad has none."""

_TRUST = {"official": 2, "secondary": 1, "unverified": 0}
_SOURCE_TRUST = {"official": 2, "secondary": 1, "general_knowledge": 0}


@dataclass(frozen=True, slots=True)
class Facts:
    """What the checks measure records against. `intents` None: there is no list of intents to check against."""

    today: date
    languages: Sequence[str]
    intents: frozenset[str] | None = None


def check(loaded: Loaded, facts: Facts) -> list[Problem]:
    """All problems between the records, in the order of files and lines."""
    return sorted(_Checker(loaded, facts).problems(), key=lambda one: (one.file, one.line, one.code, one.what))


class _Checker:
    def __init__(self, loaded: Loaded, facts: Facts) -> None:
        self._knowledge = loaded.knowledge
        self._origins = loaded.origins
        self._facts = facts
        # A record that could not be read must not make every reference to it a second problem.
        self._broken = {problem.record for problem in loaded.problems if problem.record}
        self._found: list[Problem] = []

    def problems(self) -> list[Problem]:
        checks: Mapping[type[Record], Callable[[str, str, Record], None]] = {
            Office: self._office,
            Ward: self._ward,
            Station: self._station,
            Procedure: self._procedure,
            Fee: self._fee,
            Topic: self._topic,
        }
        for kind, identifier, record in self._knowledge:
            if isinstance(record, Source):
                self._dates(kind, identifier, (), {"date": record.date})
            for place, fact in _facts_of(record):
                self._provenance(kind, identifier, place, fact)
            self._languages(kind, identifier, record)
            specific = checks.get(type(record))
            if specific is not None:
                specific(kind, identifier, record)
        for line in self._knowledge.budget.values():
            if line.parent is not None:
                self._reference("budget", line.id, ("parent",), "budget", line.parent)
        self._fees()
        return self._found

    def _report(self, kind: str, identifier: str, place: Location, code: ProblemCode, what: str, mend: str) -> None:
        origin = self._origins.get((kind, identifier), Origin("", 0))
        self._found.append(Problem(origin.file, origin.line_of(place), code, identifier, what, mend))

    def _reference(self, kind: str, identifier: str, place: Location, target: str, value: str | None) -> None:
        known = self._knowledge.of_kind(target)
        if value is None or value in known or value in self._broken:
            return
        near = difflib.get_close_matches(value, known, n=3)
        mend = f"perhaps: {', '.join(near)}" if near else f"add the record to {target}, or name one that exists"
        path = ".".join(map(str, place))
        self._report(kind, identifier, place, "unknown_id", f"{path}: {target} has no record {value!r}", mend)

    def _references(self, kind: str, identifier: str, place: str, target: str, values: Iterable[str]) -> None:
        for index, value in enumerate(values):
            self._reference(kind, identifier, (place, index), target, value)

    def _dates(self, kind: str, identifier: str, place: Location, values: Mapping[str, str | None]) -> None:
        for name, value in values.items():
            if value is None:
                continue
            path = ".".join(map(str, (*place, name)))
            try:
                first = first_day(value)
                last_day(value)
            except ValueError:
                self._report(
                    kind,
                    identifier,
                    (*place, name),
                    "bad_value",
                    f"{path}: {value!r} is no day of the calendar",
                    "correct the day",
                )
                continue
            if name == "date" and first > self._facts.today:
                self._report(
                    kind, identifier, (*place, name), "future_date", f"{path}: {value} lies in the future",
                    "write the day the source is from; days from which a fee holds go into valid_from",
                )  # fmt: skip

    def _provenance(self, kind: str, identifier: str, place: Location, fact: Provenance) -> None:
        self._dates(kind, identifier, place, {"date": fact.date})
        named = (fact.source, *fact.more_sources)
        self._reference(kind, identifier, (*place, "source"), "sources", fact.source)
        for index, name in enumerate(fact.more_sources):
            self._reference(kind, identifier, (*place, "more_sources", index), "sources", name)
        sources = [source for name in named if (source := self._knowledge.sources.get(name)) is not None]
        if len(sources) == len(named) and max(_SOURCE_TRUST[one.kind] for one in sources) < _TRUST[fact.confidence]:
            kinds = ", ".join(sorted({one.kind for one in sources}))
            path = ".".join(map(str, place)) or "the record"
            self._report(
                kind, identifier, (*place, "confidence"), "confidence_too_high",
                f"{path} is called {fact.confidence}, but its sources are {kinds}",
                "lower the confidence, or name a source that supports it",
            )  # fmt: skip
        hours = fact.hours if isinstance(fact, Schedule | SpokenLanguage) else None
        if hours is not None:
            self._hours(kind, identifier, (*place, "hours"), hours, getattr(fact, "note", None) is not None)

    def _hours(self, kind: str, identifier: str, place: Location, expression: str, has_note: bool) -> None:
        try:
            exceptions = parse_hours(expression).description().exceptions
        except HoursError as error:
            mend = (
                "write it like Mo-Fr 09:00-17:00; Sa[2],Sa[4] 09:00-12:00; PH off; Dec 29-Jan 03 off"
                if error.code == "syntax"
                else "use only weekdays, PH, [n], HH:MM-HH:MM, off and periods such as Dec 29-Jan 03 off, "
                "split by semicolons; put everything else into a note"
            )
            self._report(kind, identifier, place, "bad_hours", f"{'.'.join(map(str, place))}: {error}", mend)
            return
        if not has_note and any(isinstance(one, ShiftedDayOff) for one in exceptions):
            self._report(
                kind, identifier, place, "bad_hours", "closing days after an n-th weekday are shown by the note only",
                "tell them in the note of the schedule",
            )  # fmt: skip

    def _languages(self, kind: str, identifier: str, record: Record) -> None:
        names = getattr(record, "names", None)
        tables: dict[str, Iterable[str]] = {
            "names": names.by_language() if isinstance(names, Names) else (),
            "aliases": getattr(record, "aliases", ()),
            "alternative_questions": getattr(record, "alternative_questions", ()),
        }
        for field, codes in tables.items():
            for code in codes:
                if code not in self._facts.languages:
                    self._report(
                        kind, identifier, (field, code), "unknown_language",
                        f"{field}: {code!r} is not a language of the registry",
                        f"one of: {', '.join(self._facts.languages)}",
                    )  # fmt: skip

    def _position(self, kind: str, identifier: str, area: str, lat: float, lon: float) -> None:
        box = BOXES.get(area)
        if box is not None and not box.holds(lat, lon):
            turned = box.holds(lon, lat)
            self._report(
                kind, identifier, ("position",), "bad_position", f"the position {lat}, {lon} is not in {area}",
                "swap lat and lon" if turned else "correct the position, or the city or ward of the record",
            )  # fmt: skip

    def _office(self, kind: str, identifier: str, record: Record) -> None:
        assert isinstance(record, Office)
        self._reference(kind, identifier, ("ward",), "wards", record.ward)
        for index, access in enumerate(record.access):
            self._reference(kind, identifier, ("access", index, "station"), "stations", access.station)
        if record.position is not None:
            self._position(kind, identifier, record.city, record.position.lat, record.position.lon)
        if record.postal_code is not None and record.city != "abroad" and not _is_postal_code(record.postal_code.value):
            self._report(
                kind, identifier, ("postal_code", "value"), "bad_value",
                f"postal_code: {record.postal_code.value!r} is no Japanese postal code", "write it as 231-0023",
            )  # fmt: skip
        if record.url is not None and not record.url.value.startswith(("https://", "http://")):
            self._report(
                kind,
                identifier,
                ("url", "value"),
                "bad_value",
                f"url: {record.url.value!r} is no web address",
                "start with https://",
            )
        if record.email is not None and record.email.value.count("@") != 1:
            self._report(
                kind,
                identifier,
                ("email", "value"),
                "bad_value",
                f"email: {record.email.value!r} is no address",
                "write name@host",
            )
        for index, spoken in enumerate(record.languages):
            if spoken.code not in self._facts.languages and not _is_language(spoken.code):
                self._report(
                    kind, identifier, ("languages", index, "code"), "unknown_language",
                    f"languages: {spoken.code!r} is no language code", "use a BCP 47 code such as pt or zh-Hans",
                )  # fmt: skip

    def _ward(self, kind: str, identifier: str, record: Record) -> None:
        assert isinstance(record, Ward)
        self._reference(kind, identifier, ("office",), "offices", record.office)
        self._references(kind, identifier, "neighbours", "wards", record.neighbours)

    def _station(self, kind: str, identifier: str, record: Record) -> None:
        assert isinstance(record, Station)
        self._reference(kind, identifier, ("ward",), "wards", record.ward)
        self._position(
            kind, identifier, "yokohama" if record.ward else "japan", record.position.lat, record.position.lon
        )

    def _procedure(self, kind: str, identifier: str, record: Record) -> None:
        assert isinstance(record, Procedure)
        self._references(kind, identifier, "offices", "offices", record.offices)

    def _fee(self, kind: str, identifier: str, record: Record) -> None:
        assert isinstance(record, Fee)
        self._reference(kind, identifier, ("procedure",), "procedures", record.procedure)
        self._dates(kind, identifier, (), {"valid_from": record.valid_from, "valid_to": record.valid_to})
        if record.valid_from and record.valid_to and record.valid_from > record.valid_to:
            self._report(
                kind, identifier, ("valid_to",), "bad_order", "valid_to lies before valid_from", "correct one of them"
            )
        if (record.status == "known") != (record.amount is not None):
            self._report(
                kind, identifier, ("amount",), "bad_value",
                f"status {record.status} does not go with {'no' if record.amount is None else 'an'} amount",
                "give the amount of a known fee; leave it out of an abolished or unknown one",
            )  # fmt: skip

    def _fees(self) -> None:
        for one, other in combinations(self._knowledge.fees.values(), 2):
            if one.procedure != other.procedure or one.item.ja != other.item.ja:
                continue
            if one.channel != other.channel and "any" not in {one.channel, other.channel}:
                continue
            starts, ends = (
                (one.valid_from or "", other.valid_from or ""),
                (one.valid_to or "9999", other.valid_to or "9999"),
            )
            if max(starts) <= min(ends):
                self._report(
                    "fees", other.id, ("valid_from",), "overlapping_fees",
                    f"holds on the same days as {one.id} for the same item and channel",
                    "end the older one (valid_to) the day before the newer one begins",
                )  # fmt: skip

    def _topic(self, kind: str, identifier: str, record: Record) -> None:
        assert isinstance(record, Topic)
        self._references(kind, identifier, "offices", "offices", record.offices)
        intents = self._facts.intents
        if record.intent is not None and intents is not None and record.intent not in intents:
            near = difflib.get_close_matches(record.intent, intents, n=3)
            self._report(
                kind, identifier, ("intent",), "unknown_intent", f"intent: {record.intent!r} is no intent of the guide",
                f"perhaps: {', '.join(near)}" if near else "use an intent of docs/intents.md",
            )  # fmt: skip
        if record.kind == "faq" and record.question is None:
            self._report(kind, identifier, (), "missing_key", "a question of kind faq has no question", "add question:")


def _facts_of(value: object, place: Location = ()) -> Iterator[tuple[Location, Provenance]]:
    """Every fact inside a record with its place."""
    if isinstance(value, Provenance):
        yield place, value
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _facts_of(getattr(value, name), (*place, name))
    elif isinstance(value, tuple):
        for index, inner in enumerate(value):
            yield from _facts_of(inner, (*place, index))


def facts_of(record: Record) -> Iterator[tuple[str, Provenance]]:
    """Every fact of a record with its dotted path inside the record (`phones.0`; empty for the record itself)."""
    for place, fact in _facts_of(record):
        yield ".".join(map(str, place)), fact


def _is_postal_code(value: str) -> bool:
    return len(value) == 8 and value[3] == "-" and (value[:3] + value[4:]).isdecimal() and value.isascii()


def _is_language(code: str) -> bool:
    try:
        Locale.parse(code, sep="-")
    except (UnknownLocaleError, ValueError):
        return False
    return True
