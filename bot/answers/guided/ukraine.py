"""I come from Ukraine: what goes on, what is not sure any more, what has ended, and whom to ask."""

from __future__ import annotations

from bot.answers import formatting, hours
from bot.answers.builder import CardBuilder
from bot.answers.card import About, Card, Row
from bot.answers.contacts import choices
from bot.answers.office import contact_actions, language_list, number_of, phone_line
from bot.answers.request import Request
from bot.answers.topics import question_of
from bot.dialogue.payload import build as build_payload
from bot.dialogue.tasks import TaskState
from bot.knowledge.models import Office, Topic

_STANDING = {"current": "current", "uncertain": "uncertain", "ended": "ended", "historical": "ended"}
"""How a topic's status is told: what goes on, what one should ask about, what is over."""
_ORDER = ("current", "uncertain", "ended")


def ukraine_result(builder: CardBuilder, state: TaskState, request: Request) -> Card:
    """Whom to ask first; then what is known, by whether it goes on. Answers stand in full where there are few."""
    assert builder.knowledge is not None
    about = state.get("about") or "everything"
    plan = choices().ukraine
    for identifier in plan.offices:
        if (office := builder.knowledge.office(identifier)) is not None:
            _office(builder, office, request)
    found = [t for t in map(builder.knowledge.topic, plan.topics[about]) if isinstance(t, Topic)]
    brief = len(found) > plan.in_full
    for standing in _ORDER:
        for topic in found:
            if _STANDING[topic.status] == standing:
                _topic(builder, topic, standing, brief=brief)
    first = next((office for office in map(builder.knowledge.office, plan.offices) if office), None)
    if first is not None:
        contact_actions(builder, first)
    builder.notice(builder.text("ukraine.ask_first"))
    title = builder.text("ukraine.title", about=builder.text(f"option.{about}"))
    return builder.build("answered", title, builder.text("ukraine.body"), About(request.intent, offices=plan.offices))


def _topic(builder: CardBuilder, topic: Topic, standing: str, *, brief: bool) -> None:
    question = question_of(builder, topic)
    label = builder.text(f"ukraine.{standing}")
    answer = builder.prose(topic.answer, f"topic.{topic.id}.answer")
    builder.rows.append(Row(label, question if brief else f"{question}\n{answer}"))
    builder.use(topic, label)
    builder.reply(question, build_payload("topic", id=topic.id))


def _office(builder: CardBuilder, office: Office, request: Request) -> None:
    lines = phone_line(builder, office)
    if office.schedules:
        lines.append(hours.now(builder, office.schedules[0].hours, request))
        builder.use(office.schedules[0], builder.text("row.hours"))
    if office.languages:
        lines.append(language_list(office.languages, builder.language))
    if office.status != "current":
        lines.append(builder.text(f"office.status.{office.status}"))
    label = formatting.official_name(office.names, builder.language)
    builder.rows.append(Row(label, "\n".join(lines), "text", number_of(office)))
    builder.use(office.provenance, label)
