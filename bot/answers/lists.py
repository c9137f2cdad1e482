"""Answers that list offices: all of a kind, those of a ward, those that speak a language, the nearest ones."""

from __future__ import annotations

from collections.abc import Sequence

from bot.answers import formatting, hours
from bot.answers.builder import CardBuilder
from bot.answers.card import About, Card, Row, RowKind
from bot.answers.contacts import choices
from bot.answers.office import language_list, same_language
from bot.answers.request import Request
from bot.dialogue.payload import build as build_payload
from bot.i18n import plural
from bot.knowledge.distance import nearest
from bot.knowledge.models import Office, OfficeKind, Station, Topic, Ward
from bot.knowledge.store import PublicKnowledge


def list_card(knowledge: PublicKnowledge, kind: OfficeKind, ward: Ward | None, request: Request) -> Card:
    """All offices of a kind, or those of a ward (and the nearest ones where the ward has none)."""
    builder = CardBuilder(request.language, request.now, knowledge)
    kind_name = builder.text(f"kind.{kind}")
    everywhere = [office for office in knowledge.offices(kind=kind) if office.status != "ended"]
    if request.spoken is not None:
        everywhere = [o for o in everywhere if any(same_language(entry.code, request.spoken) for entry in o.languages)]
    here = [office for office in everywhere if ward is None or office.ward == ward.id]
    spoken = formatting.language_name(request.spoken, request.language) if request.spoken else None
    body = ""
    if ward is None:
        title = plural("list.count", len(here), request.language, kind=kind_name)
        body = _about_kind(builder, knowledge, kind) if spoken is None else ""
    elif here:
        title = builder.text("list.in_ward", kind=kind_name, ward=formatting.name(ward.names, request.language))
    else:
        title = builder.text("list.none_in_ward", kind=kind_name, ward=formatting.name(ward.names, request.language))
        origin = knowledge.ranking_position(ward.office)
        here = nearest(origin, everywhere, knowledge.ranking_position, choices().nearest_limit)
        body = builder.text("list.nearest_instead") if here else ""
    if spoken is not None:
        builder.notice(builder.text("list.language_filter", language=spoken))
    if not here:
        body = builder.text("list.nothing")
        return builder.build("unanswered", title, body, About(request.intent, confidence=request.confidence))
    _rows(builder, here, request)
    return builder.build("answered", title, body, _about(here, request))


def nearest_card(knowledge: PublicKnowledge, kind: OfficeKind, place: Station | Ward | None, request: Request) -> Card:
    """The offices of a kind nearest to a station, a ward or the reader's position."""
    builder = CardBuilder(request.language, request.now, knowledge)
    offices = [
        office for office in knowledge.offices(kind=kind) if office.status != "ended" and office.city != "abroad"
    ]
    kind_name = builder.text(f"kind.{kind}")
    if place is None and request.position is None:
        builder.reply(builder.text("nearest.show_all", kind=kind_name), build_payload("list", kind=kind))
        about = About(request.intent, confidence=request.confidence)
        question = builder.text("nearest.where", kind=kind_name)
        return builder.build("clarify", question, builder.text("nearest.where_help"), about)
    if place is None:
        origin = request.position
        title = builder.text("nearest.to_you", kind=kind_name)
    else:
        origin = (
            (place.position.lat, place.position.lon)
            if isinstance(place, Station)
            else knowledge.ranking_position(place.office)
        )
        title = builder.text(
            "nearest.to_place", kind=kind_name, place=formatting.official_name(place.names, request.language)
        )
    found = nearest(origin, offices, knowledge.ranking_position, choices().nearest_limit)
    if not found:
        return builder.build("unanswered", title, builder.text("list.nothing"), About(request.intent))
    builder.notice(builder.text("nearest.straight_line"))
    _rows(builder, found, request, with_state=True)
    return builder.build("answered", title, "", _about(found, request))


def _about(offices: Sequence[Office], request: Request) -> About:
    return About(request.intent, offices=tuple(office.id for office in offices), confidence=request.confidence)


def _about_kind(builder: CardBuilder, knowledge: PublicKnowledge, kind: str) -> str:
    """What the knowledge says of this kind as a whole, where a topic does."""
    topic = knowledge.topic(choices().about_kind.get(kind, ""))
    if not isinstance(topic, Topic):
        return ""
    builder.use(topic, builder.text("row.answer"))
    return builder.prose(topic.answer, f"topic.{topic.id}.answer")


def _rows(builder: CardBuilder, offices: Sequence[Office], request: Request, *, with_state: bool = False) -> None:
    brief = len(offices) > choices().many_offices
    for office in offices:
        lines: list[str] = []
        if office.address is not None and not brief:
            lines.append(builder.prose(office.address.text, "office"))
            builder.use(office.address, builder.text("row.address"))
        if office.access and not brief:
            lines.append(builder.prose(office.access[0].text, "office"))
            builder.use(office.access[0], builder.text("row.access"))
        if office.schedules and not brief:
            lines.append(hours.week(builder, office.schedules[0].hours))
            builder.use(office.schedules[0], builder.text("row.hours"))
        if office.schedules and (with_state or not brief):
            lines.append(hours.now(builder, office.schedules[0].hours, request))
        voice = next((phone for phone in office.phones if phone.kind == "voice"), None)
        if voice is not None:
            lines.append(voice.number)
            builder.use(voice, builder.text("row.phone"))
        if office.languages and not brief:
            lines.append(language_list(office.languages, request.language))
        if not lines:
            lines.append(office.url.value if office.url else builder.text("office.no_details"))
        label = formatting.official_name(office.names, request.language)
        number = voice.number if voice else None
        kind: RowKind = "phone" if lines == [number] else "text"
        builder.rows.append(Row(label, "\n".join(lines), kind, number))
        builder.use(office.provenance, builder.text("row.office"))
        builder.reply(
            formatting.name(office.names, request.language), build_payload("office", id=office.id, ask="location")
        )
