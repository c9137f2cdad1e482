"""I have just moved to Yokohama: what to do by when, each with its office and documents."""

from __future__ import annotations

import datetime as dt

from bot.answers import formatting, hours
from bot.answers.builder import CardBuilder
from bot.answers.card import About, Card, Row
from bot.answers.contacts import choices
from bot.answers.guided.questions import next_working_day
from bot.answers.office import address_and_phone, contact_actions, number_of
from bot.answers.request import Request
from bot.answers.topics import question_of
from bot.dialogue.payload import build as build_payload
from bot.dialogue.tasks import TaskState
from bot.knowledge.models import Topic


def moving_result(builder: CardBuilder, state: TaskState, request: Request) -> Card:
    """The checklist: what has a deadline first, in its order, with the date; then the rest."""
    assert builder.knowledge is not None
    knowledge = builder.knowledge
    answers = dict(state.answers)
    moved = dt.date.fromisoformat(answers["day"])
    wanted = [
        item.topic
        for item in choices().moving
        if all(answers.get(step) in allowed for step, allowed in item.when.items())
    ]
    found = [topic for topic in map(knowledge.topic, wanted) if isinstance(topic, Topic)]
    dated = [(_until(topic, moved), topic) for topic in found]
    for until, topic in sorted(dated, key=lambda pair: (pair[0] is None, pair[0] or dt.date.max)):
        _item(builder, topic, until, request)
    _ward_office(builder, answers["ward"], request)
    ward = knowledge.ward(answers["ward"])
    body = builder.text("moving.body", ward=formatting.name(ward.names, builder.language) if ward else "",
                        date=formatting.day(moved, builder.language))  # fmt: skip
    if any(until is not None for until, _ in dated):
        builder.notice(builder.text("moving.counted"))
    offices = (ward.office,) if ward else ()
    return builder.build("answered", builder.text("moving.title"), body, About(request.intent, offices=offices))


def _until(topic: Topic, moved: dt.date) -> dt.date | None:
    """The last day: the next working day where it falls on a day off."""
    if topic.deadline is None or topic.deadline.event != "moved_in":
        return None
    return next_working_day(moved + dt.timedelta(days=topic.deadline.days))


def _item(builder: CardBuilder, topic: Topic, until: dt.date | None, request: Request) -> None:
    question = question_of(builder, topic)
    label = question
    if until is not None:
        key = "moving.until" if until >= request.today else "moving.overdue"
        label = builder.text(key, date=formatting.day(until, builder.language), what=question)
    builder.rows.append(Row(label, builder.prose(topic.answer, f"topic.{topic.id}.answer")))
    builder.use(topic, question)
    if topic.caution is not None:
        builder.notice(builder.prose(topic.caution, f"topic.{topic.id}.caution"))
    builder.reply(question, build_payload("topic", id=topic.id))


def _ward_office(builder: CardBuilder, ward_id: str, request: Request) -> None:
    assert builder.knowledge is not None
    ward = builder.knowledge.ward(ward_id)
    office = builder.knowledge.office(ward.office) if ward else None
    if office is None:
        return
    lines = address_and_phone(builder, office)
    if office.schedules:
        lines.append(hours.week(builder, office.schedules[0].hours))
        lines.append(hours.now(builder, office.schedules[0].hours, request))
        builder.use(office.schedules[0], builder.text("row.hours"))
    label = formatting.official_name(office.names, builder.language)
    builder.rows.insert(0, Row(label, "\n".join(lines), "text", number_of(office)))
    contact_actions(builder, office)
