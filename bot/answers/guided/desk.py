"""Find a desk: what is needed, in which language, where and when; nearest first, with what is open and spoken then."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from bot.answers import formatting, hours
from bot.answers.builder import CardBuilder
from bot.answers.card import About, Card, Row
from bot.answers.contacts import choices
from bot.answers.guided.questions import option_label
from bot.answers.office import address_and_phone, contact_actions, language_line, number_of, same_language
from bot.answers.request import TOKYO, Request
from bot.dialogue.payload import build as build_payload
from bot.dialogue.task_answers import day_of, time_of
from bot.dialogue.tasks import ANY_LANGUAGE, ANYWHERE, NOW, TaskState
from bot.knowledge.distance import Degrees, distance
from bot.knowledge.models import Office, SpokenLanguage
from bot.knowledge.opening_hours import parse_hours, spoken_hours

_KINDS_BY_APPOINTMENT = frozenset({"emergency", "consulate", "bureau_division", "overseas_office"})


_DOUBT = {True: 0, None: 1, False: 2}


@dataclass(frozen=True, slots=True)
class Wish:
    """What a desk is looked for: `spoken` None: any language; `day` and `at` None: any time; `now`: at this moment."""

    need: str
    spoken: str | None
    origin: Degrees | None
    now: bool = False
    day: dt.date | None = None
    at: dt.time | None = None


@dataclass(frozen=True, slots=True)
class Desk:
    """An office that meets the need, with the language as it is listed there."""

    office: Office
    language: SpokenLanguage | None
    metres: float | None
    open_then: bool | None
    spoken_then: bool | None


def desk_result(builder: CardBuilder, state: TaskState, request: Request) -> Card:
    """The desks that match; where none speaks the language, that is said, and the others are shown."""
    wish = _wish(builder, state)
    found = desks(builder, wish, request)
    speaking = [desk for desk in found if desk.language is not None or wish.spoken is None]
    shown = (speaking or found)[: choices().desk_limit]
    title = builder.text("desk.title", need=option_label(builder, wish.need))
    if not shown:
        return builder.build("unanswered", title, builder.text("desk.nothing"), About(request.intent))
    body = ""
    if wish.spoken is not None:
        spoken = formatting.language_name(wish.spoken, builder.language)
        body = builder.text("desk.spoken" if speaking else "desk.not_spoken", language=spoken)
    for desk in shown:
        desk_row(builder, desk, wish, request)
        builder.reply(formatting.name(desk.office.names, builder.language),
                      build_payload("office", id=desk.office.id, ask="location"))  # fmt: skip
    if (wish.now or wish.day is not None) and all(desk.open_then is False for desk in shown):
        builder.notice(builder.text("desk.none_then"))
    if any(desk.metres is not None for desk in shown):
        builder.notice(builder.text("nearest.straight_line"))
    contact_actions(builder, shown[0].office)
    about = About(request.intent, offices=tuple(desk.office.id for desk in shown))
    return builder.build("answered", title, body, about)


def desks(builder: CardBuilder, wish: Wish, request: Request) -> list[Desk]:
    """All desks that meet the need: those that speak the language first, then those open at the time, then nearest.

    Lines that one can only call have no place and come after the desks one can go to.
    """
    assert builder.knowledge is not None
    found = []
    for office in builder.knowledge.offices():
        if office.status == "ended" or office.kind in _KINDS_BY_APPOINTMENT:
            continue
        if wish.spoken not in choices().desks_for_speakers.get(office.id, (wish.spoken,)):
            continue
        if all(wish.need not in service.needs for service in office.services):
            continue
        found.append(_desk(builder, office, wish, request))
    return sorted(found, key=_rank)


def _desk(builder: CardBuilder, office: Office, wish: Wish, request: Request) -> Desk:
    assert builder.knowledge is not None
    language = next((entry for entry in office.languages if same_language(entry.code, wish.spoken)), None)
    position = builder.knowledge.ranking_position(office.id) if wish.origin and office.address else None
    metres = distance(wish.origin, position) if wish.origin and position else None
    main = office.schedules[0].hours if office.schedules else None
    open_then = _holds(main, None, wish, request) if main else None
    spoken_then = _holds(language.hours, main, wish, request) if language is not None and language.hours else None
    if open_then is False and language is not None:
        spoken_then = False
    return Desk(office, language, metres, open_then, spoken_then)


def _holds(expression: str | None, within: str | None, wish: Wish, request: Request) -> bool | None:
    """Whether hours hold at the time wished for; None when no time matters."""
    if expression is None:
        return None
    evaluated = spoken_hours(expression, within) if within else parse_hours(expression)
    if evaluated is None:
        return None
    if wish.now:
        return evaluated.is_open(request.now)
    if wish.day is None:
        return None
    if wish.at is not None:
        return evaluated.is_open(dt.datetime.combine(wish.day, wish.at, TOKYO))
    return bool(evaluated.on(wish.day))


def _rank(desk: Desk) -> tuple[bool, int, int, bool, float, str]:
    """Language, spoken and open at that time (yes, perhaps, no), a place to go to, distance."""
    return (
        desk.language is None,
        _DOUBT[desk.spoken_then],
        _DOUBT[desk.open_then],
        desk.office.address is None,
        desk.metres if desk.metres is not None else float("inf") if desk.office.address is None else 0.0,
        "" if desk.office.id == choices().fallback_office else desk.office.id,
    )


def desk_row(builder: CardBuilder, desk: Desk, wish: Wish, request: Request) -> None:
    """One desk: open now or when next, the language at that time, address, phone."""
    office, code = desk.office, builder.language
    asked = replace(request, day=wish.day, at=wish.at)
    lines: list[str] = []
    if office.schedules:
        main = office.schedules[0]
        builder.use(main, builder.text("row.hours"))
        lines.append(
            hours.on_day(builder, main.hours, wish.day, asked)
            if wish.day is not None
            else hours.now(builder, main.hours, request)
        )
    else:
        lines.append(builder.text("office.hours.unknown"))
    if desk.language is not None:
        builder.use(desk.language, builder.text("row.languages"))
        lines.append(language_line(builder, desk.language, asked))
        if desk.spoken_then is False:
            lines.append(builder.text("desk.not_spoken_then"))
    if desk.metres is not None:
        lines.append(builder.text("desk.distance", km=formatting.decimal(round(desk.metres / 1000, 1), code)))
    lines += address_and_phone(builder, office)
    builder.use(office.provenance, builder.text("row.office"))
    label = formatting.official_name(office.names, code)
    builder.rows.append(Row(label, "\n".join(lines), "text", number_of(office)))


def _wish(builder: CardBuilder, state: TaskState) -> Wish:
    spoken, when = state.get("language"), state.get("time") or ""
    return Wish(
        need=state.get("need") or "",
        spoken=None if spoken in (None, ANY_LANGUAGE) else spoken,
        origin=origin_of(builder, state.get("place") or ANYWHERE),
        now=when == NOW,
        day=day_of(when) if when else None,
        at=time_of(when) if when else None,
    )


def origin_of(builder: CardBuilder, place: str) -> Degrees | None:
    """Where distances are measured from, or None when the place does not matter or is not known."""
    assert builder.knowledge is not None
    kind, _, identifier = place.partition(":")
    if kind == "ward" and (ward := builder.knowledge.ward(identifier)):
        return builder.knowledge.ranking_position(ward.office)
    if kind == "station" and (station := builder.knowledge.station(identifier)):
        return station.position.lat, station.position.lon
    return None
