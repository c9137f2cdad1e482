"""Cards of the conversation itself: small talk, change of language, did you mean, hand-over, fallback."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.answers import formatting, hours
from bot.answers.builder import CardBuilder
from bot.answers.card import About, Card, Row
from bot.answers.contacts import choices
from bot.answers.office import contact_actions, language_list
from bot.answers.request import Request
from bot.answers.topics import question_of
from bot.dialogue.payload import build as build_payload
from bot.i18n import has_text
from bot.i18n.languages import enabled_languages
from bot.knowledge.models import Topic
from bot.knowledge.store import PublicKnowledge

MAX_CANDIDATES = 3


def talk_card(name: str, request: Request) -> Card:
    """A text of the catalogue under `talk.<name>` with the guide's main entries as quick replies."""
    builder = CardBuilder(request.language, request.now, None)
    _welcome(builder)
    body_key = f"talk.{name}.body"
    body = builder.text(body_key) if has_text(body_key) else ""
    return builder.build("answered", builder.text(f"talk.{name}.title"), body, About(request.intent or name))


def _welcome(builder: CardBuilder) -> None:
    for index, payload in enumerate(choices().welcome):
        builder.reply(builder.text(f"welcome.{index}"), payload)
    builder.reply(builder.text("person.reply"), build_payload("person"))


def language_card(request: Request, *, chosen: bool) -> Card:
    """Confirms the language (`chosen`), or offers all languages, each named in itself."""
    builder = CardBuilder(request.language, request.now, None)
    for entry in enabled_languages():
        if entry.code != request.language or not chosen:
            builder.reply(entry.name, build_payload("language", code=entry.code))
    about = About("change_language", confidence=request.confidence)
    if chosen:
        return builder.build(
            "answered", builder.text("talk.language_changed.title"), builder.text("talk.language_changed.body"), about
        )
    return builder.build(
        "clarify", builder.text("talk.choose_language.title"), builder.text("talk.choose_language.body"), about
    )


def unsure_card(knowledge: PublicKnowledge, candidates: Sequence[Mapping[str, Any]], request: Request) -> Card:
    """ "Did you mean": two or three meanings as buttons, and "none of these"."""
    builder = CardBuilder(request.language, request.now, knowledge)
    for candidate in candidates[:MAX_CANDIDATES]:
        label, payload = _meaning(builder, knowledge, candidate)
        if label:
            builder.reply(label, payload)
    builder.reply(builder.text("unsure.none"), build_payload("none"))
    return builder.build(
        "clarify", builder.text("unsure.title"), about=About("nlu_unsure", confidence=request.confidence)
    )


def _meaning(builder: CardBuilder, knowledge: PublicKnowledge, candidate: Mapping[str, Any]) -> tuple[str, str]:
    intent = str(candidate.get("intent") or "")
    identifier = candidate.get("topic")
    if identifier is None and intent.startswith("topic_"):
        found = [topic for topic in knowledge.topics(intent=intent) if isinstance(topic, Topic)]
        identifier = found[0].id if found else None
    topic = knowledge.topic(str(identifier)) if identifier else None
    if topic is not None:
        return question_of(builder, topic), build_payload("topic", id=topic.id)
    key = f"intent.{intent}"
    return (builder.text(key), build_payload("ask", intent=intent)) if has_text(key) else ("", "")


def fallback_card(knowledge: PublicKnowledge | None, topics: Sequence[str], request: Request) -> Card:
    """Nothing fits: the nearest topics as buttons, and the office that speaks the reader's language."""
    builder = CardBuilder(request.language, request.now, knowledge)
    for identifier in topics[:MAX_CANDIDATES]:
        topic = knowledge.topic(identifier) if knowledge else None
        if topic is not None:
            builder.reply(question_of(builder, topic), build_payload("topic", id=topic.id))
    body = builder.text("fallback.body_topics" if builder.actions else "fallback.body")
    _desk(builder, request)
    builder.reply(builder.text("help.reply"), build_payload("help"))
    return builder.build("unanswered", builder.text("fallback.title"), body,
                         About("nlu_fallback", confidence=request.confidence))  # fmt: skip


def person_card(knowledge: PublicKnowledge | None, request: Request) -> Card:
    """Hand-over: the desk with its phone, hours and languages, and whether it is open."""
    builder = CardBuilder(request.language, request.now, knowledge)
    _desk(builder, request)
    about = About("talk_to_person", offices=(choices().fallback_office,), confidence=request.confidence)
    return builder.build("handoff", builder.text("person.title"), builder.text("person.body"), about)


def out_of_scope_card(knowledge: PublicKnowledge | None, request: Request) -> Card:
    """Not the guide's subject: say so, and what it can help with."""
    builder = CardBuilder(request.language, request.now, knowledge)
    _desk(builder, request)
    _welcome(builder)
    return builder.build("unanswered", builder.text("out_of_scope.title"), builder.text("out_of_scope.body"),
                         About("out_of_scope", confidence=request.confidence))  # fmt: skip


def _desk(builder: CardBuilder, request: Request) -> None:
    office = builder.knowledge.office(choices().fallback_office) if builder.knowledge else None
    if office is None:
        return
    label = formatting.official_name(office.names, request.language)
    voice = next((phone for phone in office.phones if phone.kind == "voice"), None)
    if voice is not None:
        builder.row("row.phone", voice.number, "phone", target=voice.number, fact=voice)
    if office.schedules:
        builder.row("row.hours", hours.week(builder, office.schedules[0].hours), "hours", fact=office.schedules[0])
        builder.row("row.open_now", hours.now(builder, office.schedules[0].hours, request), "hours")
    if office.languages:
        builder.row("row.languages", language_list(office.languages, request.language), "languages")
    builder.use(office.provenance, label)
    builder.rows.insert(0, Row(builder.text("row.office"), label))
    contact_actions(builder, office)
