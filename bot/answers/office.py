"""Answers about one office, or the few that a question may mean: where, when, open now, phone, languages, services."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import quote

from bot.answers import formatting, hours
from bot.answers.builder import CardBuilder
from bot.answers.card import About, Card, CardAction, Row, RowKind
from bot.answers.contacts import choices
from bot.answers.request import OfficeAsk, Request
from bot.dialogue.payload import build as build_payload
from bot.knowledge.models import Office, Phone, Schedule, SpokenLanguage
from bot.knowledge.store import PublicKnowledge

ASKS: tuple[OfficeAsk, ...] = ("location", "access", "hours", "open_now", "phone", "languages", "services")
_ROW_KIND: dict[OfficeAsk, RowKind] = {
    "location": "address", "access": "access", "hours": "hours", "open_now": "hours", "phone": "phone",
    "languages": "languages", "services": "text",
}  # fmt: skip
_REPLIES: tuple[OfficeAsk, ...] = ("hours", "phone", "access", "languages", "services")


def office_card(knowledge: PublicKnowledge, offices: Sequence[Office], ask: OfficeAsk, request: Request) -> Card:
    """The card that answers `ask` about one office or several."""
    builder = CardBuilder(request.language, request.now, knowledge)
    about = About(request.intent, offices=tuple(office.id for office in offices), confidence=request.confidence)
    if len(offices) == 1:
        return _single(builder, knowledge, offices[0], ask, request, about)
    known = False
    for office in offices:
        answer = answer_line(builder, office, ask, request)
        if ask == "access" and answer is not None and (address := _address(builder, office)):
            answer = f"{address}\n{answer}"
        known = known or answer is not None
        _add_row(builder, office, ask, answer)
    title = builder.text(f"office.{ask}.title_many")
    for office in offices:
        builder.reply(formatting.name(office.names, request.language), build_payload("office", id=office.id, ask=ask))
    return builder.build("answered" if known else "unanswered", title, about=about)


def _add_row(builder: CardBuilder, office: Office, ask: OfficeAsk, answer: str | None) -> None:
    label = formatting.official_name(office.names, builder.language)
    value = answer if answer is not None else builder.text(f"office.{ask}.unknown")
    voice = voice_of(office)
    target = voice.number if ask == "phone" and voice else None
    kind: RowKind = _ROW_KIND[ask] if answer is not None else "text"
    builder.rows.append(Row(label, value, "text" if kind == "phone" and value != target else kind, target))


def _single(
    builder: CardBuilder, knowledge: PublicKnowledge, office: Office, ask: OfficeAsk, request: Request, about: About
) -> Card:
    title = formatting.official_name(office.names, request.language)
    answer = answer_line(builder, office, ask, request)
    body = answer if answer is not None else _unknown(builder, office, ask)
    if office.status != "current":
        builder.notice(builder.text(f"office.status.{office.status}"))
    _essential_rows(builder, office, ask, request)
    for note in office.notes if ask in {"hours", "open_now", "services", "phone"} else ():
        builder.notice(builder.prose(note.text, "office"))
    contact_actions(builder, office)
    station = knowledge.station(request.station) if request.station else None
    if station is not None and ask in {"access", "location"}:
        builder.notice(
            builder.text("office.access.from", station=formatting.official_name(station.names, request.language))
        )
        route_action(builder, office, station.names.ja)
    for other in _REPLIES:
        if other != ask and has_answer(office, other):
            builder.reply(builder.text(f"office.{other}.reply"), build_payload("office", id=office.id, ask=other))
    return builder.build("answered" if answer is not None else "unanswered", title, body, about)


def has_answer(office: Office, ask: OfficeAsk) -> bool:
    """Whether the office's public record holds what `ask` needs."""
    return bool(
        {
            "location": office.address,
            "access": office.access,
            "hours": office.schedules,
            "open_now": office.schedules,
            "phone": office.phones or office.email or office.url,
            "languages": office.languages,
            "services": office.services,
        }[ask]
    )


def answer_line(builder: CardBuilder, office: Office, ask: OfficeAsk, request: Request) -> str | None:
    """The sentence that answers the question about the office, or None when no confirmed fact does."""
    if not has_answer(office, ask):
        return None
    match ask:
        case "location":
            return _location(builder, office)
        case "access":
            return _access(builder, office)
        case "hours":
            return hours_answer(builder, office.schedules, request)
        case "open_now":
            return _open_now(builder, office, request)
        case "phone":
            return _phone(builder, office)
        case "languages":
            return _languages(builder, office, request)
        case "services":
            return _services(builder, office)


def _address(builder: CardBuilder, office: Office) -> str | None:
    """The address in the reader's language and, for drivers and clerks, in Japanese."""
    if office.address is None:
        return None
    builder.use(office.address, builder.text("row.address"))
    return "\n".join(dict.fromkeys((builder.prose(office.address.text, "office"), office.address.text.ja)))


def _location(builder: CardBuilder, office: Office) -> str | None:
    address = _address(builder, office)
    if address is None:
        return None
    lines = [address]
    if office.access:
        lines.append(builder.prose(office.access[0].text, "office"))
        builder.use(office.access[0], builder.text("row.access"))
    return "\n".join(lines)


def _access(builder: CardBuilder, office: Office) -> str:
    label = builder.text("row.access")
    for access in office.access:
        builder.use(access, label)
    return "\n".join(builder.prose(access.text, "office") for access in office.access)


def hours_answer(builder: CardBuilder, schedules: Sequence[Schedule], request: Request) -> str:
    """When it is open: on the day asked about, or in an ordinary week; a line a schedule when there are several."""
    lines: list[str] = []
    several = len({schedule.purpose for schedule in schedules}) > 1
    for schedule in schedules:
        label = builder.text(f"hours.purpose.{schedule.purpose}")
        builder.use(schedule, label if several else builder.text("row.hours"))
        described = (
            hours.on_day(builder, schedule.hours, request.day, request)
            if request.day is not None
            else hours.week(builder, schedule.hours)
        )
        lines.append(builder.text("hours.with_purpose", purpose=label, hours=described) if several else described)
        if schedule.note is not None:
            lines.append(builder.prose(schedule.note, "office"))
    return "\n".join(lines)


def _open_now(builder: CardBuilder, office: Office, request: Request) -> str:
    lines: list[str] = []
    several = len({schedule.purpose for schedule in office.schedules}) > 1
    for schedule in office.schedules:
        label = builder.text(f"hours.purpose.{schedule.purpose}")
        builder.use(schedule, label if several else builder.text("row.hours"))
        state = hours.now(builder, schedule.hours, request)
        lines.append(builder.text("hours.with_purpose", purpose=label, hours=state) if several else state)
    return "\n".join(lines)


def voice_of(office: Office) -> Phone | None:
    """The first telephone number of an office that a person answers, or None."""
    return next((phone for phone in office.phones if phone.kind == "voice"), None)


def address_and_phone(builder: CardBuilder, office: Office) -> list[str]:
    """The lines that one needs to go or call: the address, the number; those that are known."""
    lines = []
    if office.address is not None:
        lines.append(builder.prose(office.address.text, "office"))
        builder.use(office.address, builder.text("row.address"))
    return [*lines, *phone_line(builder, office)]


def number_of(office: Office) -> str | None:
    """The number to call, or None."""
    voice = voice_of(office)
    return voice.number if voice else None


def phone_line(builder: CardBuilder, office: Office) -> list[str]:
    """The number to call as a line, if there is one."""
    voice = voice_of(office)
    if voice is None:
        return []
    builder.use(voice, builder.text("row.phone"))
    return [voice.number]


def _phone(builder: CardBuilder, office: Office) -> str:
    parts: list[str] = []
    label = builder.text("row.phone")
    for phone in office.phones:
        if phone.kind == "voice":
            named = builder.prose(phone.label, "office") if phone.label else None
            parts.append(f"{named}: {phone.number}" if named else phone.number)
            builder.use(phone, label)
    if office.email is not None:
        parts.append(office.email.value)
        builder.use(office.email, builder.text("row.email"))
    if office.url is not None:
        parts.append(office.url.value)
    return "\n".join(parts)


def _services(builder: CardBuilder, office: Office) -> str:
    label = builder.text("row.services")
    for service in office.services:
        builder.use(service, label)
    return "\n".join(
        builder.text("list.bullet", item=builder.prose(service.text, "office")) for service in office.services
    )


def _languages(builder: CardBuilder, office: Office, request: Request) -> str:
    label = builder.text("row.languages")
    spoken = (
        [entry for entry in office.languages if same_language(entry.code, request.spoken)] if request.spoken else []
    )
    if request.spoken and not spoken:
        for entry in office.languages:
            builder.use(entry, label)
        return builder.text(
            "office.languages.not_listed",
            asked=formatting.language_name(request.spoken, request.language),
            languages=language_list(office.languages, request.language),
        )
    for entry in spoken or office.languages:
        builder.use(entry, label)
    return "\n".join(language_line(builder, entry, request) for entry in spoken or office.languages)


def language_line(builder: CardBuilder, entry: SpokenLanguage, request: Request) -> str:
    """One spoken language with its hours: on the day asked about, or in the week."""
    spoken = formatting.language_name(entry.code, request.language)
    if entry.hours is None:
        line = builder.text("office.languages.no_hours", language=spoken)
    elif request.day is not None:
        line = builder.text(
            "office.languages.line", language=spoken, hours=hours.on_day(builder, entry.hours, request.day, request)
        )
    else:
        line = builder.text(
            "office.languages.line", language=spoken, hours=hours.week(builder, entry.hours, one_line=True)
        )
    return f"{line} {builder.prose(entry.note, 'office')}" if entry.note else line


def language_list(entries: Sequence[SpokenLanguage], code: str) -> str:
    """The names of spoken languages, each once."""
    return formatting.enumeration(
        list(dict.fromkeys(formatting.language_name(entry.code, code) for entry in entries)), code
    )


def same_language(spoken: str, asked: str | None) -> bool:
    """Whether a spoken language is the one asked for; a written variant counts as its language (`zh-Hans` is `zh`)."""
    return asked is not None and spoken.split("-")[0] == asked.split("-")[0]


def _unknown(builder: CardBuilder, office: Office, ask: OfficeAsk) -> str:
    """What to say when nothing confirmed is known: so, and who can tell."""
    said = builder.text(f"office.{ask}.unknown")
    voice = voice_of(office)
    if voice is not None and ask != "phone":
        builder.use(voice, builder.text("row.phone"))
        return f"{said} {builder.text('office.ask_by_phone', phone=voice.number)}"
    fallback = builder.knowledge.office(choices().general_office) if builder.knowledge else None
    number = voice_of(fallback) if fallback else None
    if fallback is None or number is None:
        return said
    name = formatting.name(fallback.names, builder.language)
    builder.use(number, name)
    builder.actions.append(CardAction(builder.text("action.call", phone=number.number), number.number, "call"))
    return f"{said} {builder.text('office.ask_other', office=name, phone=number.number)}"


def _essential_rows(builder: CardBuilder, office: Office, ask: OfficeAsk, request: Request) -> None:
    """What a person needs to go or call, less what the body already says."""
    if office.address is not None and ask != "location":
        japanese, shown = office.address.text.ja, builder.prose(office.address.text, "office")
        builder.row("row.address", shown, "address", target=japanese, fact=office.address)
        if shown != japanese:
            builder.row("row.address_ja", japanese, "address", target=japanese)
    if office.access and ask in {"hours", "open_now"}:
        builder.row("row.access", builder.prose(office.access[0].text, "office"), "access", fact=office.access[0])
    if office.schedules and ask not in {"hours", "open_now"}:
        main = office.schedules[0]
        if len({schedule.purpose for schedule in office.schedules}) == 1:
            builder.row("row.hours", hours.week(builder, main.hours), "hours", fact=main)
            builder.row("row.open_now", hours.now(builder, main.hours, request), "hours")
        else:
            builder.row("row.hours", hours_answer(builder, office.schedules, _without_day(request)), "hours")
    if office.schedules and ask == "hours" and request.day is None:
        builder.row("row.open_now", hours.now(builder, office.schedules[0].hours, request), "hours")
    voice = voice_of(office)
    if voice is not None and ask != "phone":
        builder.row("row.phone", voice.number, "phone", target=voice.number, fact=voice)
    if office.languages and ask != "languages":
        builder.row("row.languages", language_list(office.languages, request.language), "languages")
        for entry in office.languages:
            builder.use(entry, builder.text("row.languages"))
    if office.eligibility is not None and ask in {"location", "services"}:
        builder.row("row.eligibility", builder.prose(office.eligibility.text, "office"), fact=office.eligibility)
    if office.cost is not None:
        builder.row("row.cost", builder.prose(office.cost.text, "office"), "fee", fact=office.cost)
    if office.url is not None and ask != "phone":
        builder.row("row.url", office.url.value, "url", target=office.url.value)


def _without_day(request: Request) -> Request:
    return replace(request, day=None, at=None)


def route_action(builder: CardBuilder, office: Office, origin: str) -> None:
    """A link to the way by train and bus from a place (its Japanese name) to an office."""
    if office.address is not None:
        address = choices().route_url.format(origin=quote(origin), destination=quote(office.address.text.ja))
        builder.actions.append(CardAction(builder.text("action.route"), address, "map"))


def contact_actions(builder: CardBuilder, office: Office) -> None:
    """Call, map, website: what can be tapped for an office."""
    voice = voice_of(office)
    if voice is not None:
        builder.actions.append(CardAction(builder.text("action.call", phone=voice.number), voice.number, "call"))
    if office.address is not None and office.city != "abroad":
        builder.actions.append(CardAction(builder.text("action.map"), map_url(office.address.text.ja), "map"))
    if office.url is not None:
        builder.actions.append(CardAction(builder.text("action.website"), office.url.value, "url"))


def map_url(address_ja: str) -> str:
    """An address that opens a map at a Japanese postal address; the reader's map program resolves it."""
    return f"https://www.openstreetmap.org/search?query={quote(address_ja)}"


def next_day(weekday: str, today: dt.date) -> dt.date:
    """The next date, today included, that falls on a weekday (`Mo` … `Su`)."""
    ahead = (formatting.WEEKDAYS.index(weekday) - today.weekday()) % 7
    return today + dt.timedelta(days=ahead)
