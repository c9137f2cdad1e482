"""Passport helper: documents, fee on the day of application, where, and the earliest day of collection."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from bot.answers import formatting
from bot.answers.builder import CardBuilder
from bot.answers.card import About, Card, Row
from bot.answers.contacts import choices
from bot.answers.guided.questions import next_working_day, option_label
from bot.answers.office import address_and_phone, contact_actions
from bot.answers.procedures import ask_by_phone, document_rows, fee_rows, foreign_passport_card
from bot.answers.request import Request
from bot.dialogue.tasks import TaskState
from bot.knowledge.models import Office, Procedure
from bot.knowledge.opening_hours import parse_hours


def passport_result(builder: CardBuilder, state: TaskState, request: Request) -> Card:
    """The checklist; for another nationality the own country's mission."""
    knowledge = builder.knowledge
    assert knowledge is not None
    if country := state.get("country"):
        return foreign_passport_card(knowledge, country, request)
    plan = choices().passport_helper
    procedure = knowledge.procedure(plan.procedures[state.get("whose") or ""])
    day = dt.date.fromisoformat(state.get("day") or request.today.isoformat())
    channel, registered = state.get("channel") or "window", state.get("registered") or ""
    if procedure is None:
        return builder.build("unanswered", builder.text("task.passport.title"), builder.text("fallback.body"))
    body = ", ".join(
        option_label(builder, value) for key in ("whose", "registered", "channel") if (value := state.get(key))
    )
    _documents(builder, procedure, channel, registered)
    fee_rows(builder, procedure.id, replace(request, day=day, channel=channel, passport_type=_type(state)))
    offices = _offices(builder, procedure, registered)
    _where(builder, offices, channel, registered)
    if registered == "elsewhere":
        builder.notice(builder.text("passport.elsewhere"))
        ask_by_phone(builder)
    _days(builder, procedure, offices, day, channel)
    for note in procedure.notes:
        builder.notice(builder.prose(note.text, "procedure"))
    about = About(request.intent, offices=tuple(office.id for office in offices), procedure=procedure.id)
    return builder.build("answered", builder.text("passport.checklist"), body, about)


def _type(state: TaskState) -> str | None:
    return "child" if state.get("whose") == "child" else "10y"


def _documents(builder: CardBuilder, procedure: Procedure, channel: str, registered: str) -> None:
    """What to bring: for the kind of application, and what the channel or the place of registration adds."""
    assert builder.knowledge is not None
    plan = choices().passport_helper
    document_rows(builder, "row.documents", procedure.documents)
    further = plan.further.get(channel) or plan.further.get(registered)
    extra = builder.knowledge.procedure(further) if further else None
    if extra is not None and extra.id != procedure.id:
        document_rows(builder, f"row.documents.{channel if channel in plan.further else registered}", extra.documents)
    if channel == "online" and procedure.online is not None:
        builder.row("row.online", builder.prose(procedure.online.text, "procedure"), fact=procedure.online)


def _offices(builder: CardBuilder, procedure: Procedure, registered: str) -> list[Office]:
    assert builder.knowledge is not None
    if registered == "kanagawa":
        return [
            office
            for office in builder.knowledge.offices(kind="prefecture_passport_centre")
            if office.status != "ended" and office.address is not None
        ]
    found = (builder.knowledge.office(identifier) for identifier in procedure.offices)
    return [office for office in found if office is not None]


def _where(builder: CardBuilder, offices: list[Office], channel: str, registered: str) -> None:
    for office in offices:
        lines = address_and_phone(builder, office)
        label = formatting.official_name(office.names, builder.language)
        target = office.address.text.ja if office.address else None
        builder.rows.append(Row(label, "\n".join(lines) or builder.text("office.no_details"), "address", target))
    if offices:
        contact_actions(builder, offices[0])
    if registered == "kanagawa":
        builder.notice(builder.text("passport.kanagawa"))


def _days(builder: CardBuilder, procedure: Procedure, offices: list[Office], day: dt.date, channel: str) -> None:
    """The day the application counts from, and the earliest day of collection with how sure that is."""
    code = builder.language
    received = next_working_day(day)
    if received != day:
        builder.notice(builder.text(f"passport.not_that_day.{channel}", day=formatting.day(day, code),
                                    next=formatting.day(received, code)))  # fmt: skip
    duration = procedure.duration
    if duration is None or duration.working_days is None:
        builder.row("row.earliest", builder.text("procedure.duration.unknown"))
        return
    earliest = _first_collection(offices, working_day(received, duration.working_days))
    builder.row("row.earliest", builder.text("passport.earliest", date=formatting.day(earliest, code)), "date",
                fact=duration)  # fmt: skip
    builder.notice(builder.text("passport.earliest_uncertain", days=duration.working_days))
    builder.notice(builder.prose(duration.text, "procedure"))


def working_day(first: dt.date, number: int) -> dt.date:
    """The `number`th day on which offices work, `first` (one of them) being the first."""
    day = first
    for _ in range(number - 1):
        day = next_working_day(day + dt.timedelta(days=1))
    return day


def _first_collection(offices: list[Office], day: dt.date) -> dt.date:
    """The first day from `day` on on which one of the offices hands passports out, as far as their hours are known."""
    known = [
        parse_hours(schedule.hours)
        for office in offices
        for schedule in office.schedules
        if schedule.purpose == "collect"
    ]
    while known and not any(hours.on(day) for hours in known):
        day += dt.timedelta(days=1)
    return day
