"""Answers from topics: the frequent ones with their own intent, and the long tail of questions and statements."""

from __future__ import annotations

from collections.abc import Sequence

from bot.answers import formatting
from bot.answers.builder import CardBuilder
from bot.answers.card import About, Card, Row
from bot.answers.contacts import choices
from bot.answers.office import contact_actions
from bot.answers.request import Request
from bot.dialogue.payload import build as build_payload
from bot.knowledge.models import Topic
from bot.knowledge.public import WithheldTopic
from bot.knowledge.store import PublicKnowledge

MAX_RELATED = 3


def topic_card(
    knowledge: PublicKnowledge, topic: Topic | WithheldTopic, request: Request, others: Sequence[Topic] = ()
) -> Card:
    """The card of a topic; `others` are offered as further questions. A withheld topic names who knows instead."""
    builder = CardBuilder(request.language, request.now, knowledge)
    about = About(request.intent, topic=topic.id, offices=tuple(topic.offices), confidence=request.confidence)
    title = question_of(builder, topic)
    for other in others[:MAX_RELATED]:
        if other.id != topic.id and other.question is not None:
            builder.reply(question_of(builder, other), build_payload("topic", id=other.id))
    if isinstance(topic, WithheldTopic):
        _who_knows(builder, topic.offices)
        return builder.build("unanswered", title, builder.text("topic.withheld"), about)
    body = builder.prose(topic.answer, f"topic.{topic.id}.answer")
    builder.use(topic, builder.text("row.answer"))
    if topic.caution is not None:
        builder.notice(builder.prose(topic.caution, f"topic.{topic.id}.caution"))
    if topic.status in {"uncertain", "ended"}:
        builder.notice(builder.text(f"topic.status.{topic.status}"))
    if topic.kind == "statement":
        builder.notice(builder.text("topic.statement"))
    _offices(builder, topic.offices)
    return builder.build("answered", title, body, about)


def use_topic(builder: CardBuilder, identifier: str) -> None:
    """A topic's answer as a row under its question. Nothing for one that is unknown or withheld."""
    topic = builder.knowledge.topic(identifier) if builder.knowledge else None
    if not isinstance(topic, Topic):
        return
    question = question_of(builder, topic)
    builder.rows.append(Row(question, builder.prose(topic.answer, f"topic.{topic.id}.answer")))
    builder.use(topic, question)
    if topic.caution is not None:
        builder.notice(builder.prose(topic.caution, f"topic.{topic.id}.caution"))


def question_of(builder: CardBuilder, topic: Topic | WithheldTopic) -> str:
    """The topic's question in the reader's language, or a general title."""
    if topic.question is None:
        return builder.text("topic.title")
    return builder.prose(topic.question, f"topic.{topic.id}.question")


def _offices(builder: CardBuilder, identifiers: Sequence[str]) -> None:
    offices = (
        [office for office in (builder.knowledge.office(i) for i in identifiers) if office] if builder.knowledge else []
    )
    for index, office in enumerate(offices):
        if index == 0:
            contact_actions(builder, office)
        builder.reply(
            formatting.name(office.names, builder.language), build_payload("office", id=office.id, ask="phone")
        )


def _who_knows(builder: CardBuilder, identifiers: Sequence[str]) -> None:
    for identifier in (*identifiers, choices().fallback_office):
        office = builder.knowledge.office(identifier) if builder.knowledge else None
        voice = next((phone for phone in office.phones if phone.kind == "voice"), None) if office else None
        if office is not None and voice is not None:
            shown = f"{formatting.official_name(office.names, builder.language)}\n{voice.number}"
            builder.row("row.who_knows", shown, "phone", target=voice.number, fact=voice)
            contact_actions(builder, office)
            return
