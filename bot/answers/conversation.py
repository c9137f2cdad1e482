"""Cards of the conversation itself: small talk, change of language, did you mean, hand-over, fallback."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.answers import formatting, hours
from bot.answers.builder import CardBuilder
from bot.answers.card import About, Card, Row
from bot.answers.contacts import choices
from bot.answers.guided import desk
from bot.answers.office import contact_actions, language_line, language_list, voice_of
from bot.answers.request import Request
from bot.answers.topics import question_of
from bot.dialogue.payload import FEEDBACK_REASONS
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
    builder.reply(builder.text("task.menu.reply"), build_payload("task"))
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
    """Hand-over: who speaks the reader's language, open now or when next, how to reach them, what to do meanwhile."""
    builder = CardBuilder(request.language, request.now, knowledge)
    _desk(builder, request)
    offices = [choices().fallback_office]
    open_now = False
    if knowledge is not None:
        spoken = request.spoken or request.language.split("-")[0]
        wish = desk.Wish(choices().person_need, spoken, request.position, now=True)
        found = [each for each in desk.desks(builder, wish, request) if each.language or each.open_then]
        main = next((each for each in found if each.office.id == choices().fallback_office), None)
        others = [each for each in found if each is not main][: choices().nearest_limit]
        _language_of_desk(builder, main, spoken, request)
        for each in others:
            desk.desk_row(builder, each, desk.Wish(wish.need, spoken, wish.origin), request)
        offices += [each.office.id for each in others]
        open_now = any(each.open_then for each in found)
    body = builder.text("person.body" if open_now or knowledge is None else "person.closed")
    builder.notice(builder.text("person.emergency"))
    about = About("talk_to_person", offices=tuple(offices), confidence=request.confidence)
    return builder.build("handoff", builder.text("person.title"), body, about)


def _language_of_desk(builder: CardBuilder, main: desk.Desk | None, spoken: str, request: Request) -> None:
    """Whether the desk that everyone is sent to speaks the reader's language, and when."""
    if main is not None and main.language is not None:
        builder.row("person.language", language_line(builder, main.language, request), "languages", fact=main.language)
        return
    name = formatting.language_name(spoken, request.language)
    builder.notice(builder.text("person.language_unknown", language=name))


def privacy_card(name: str, request: Request, **values: object) -> Card:
    """What is stored (`stored`), or that it has been deleted (`deleted`, `delete_pending`)."""
    builder = CardBuilder(request.language, request.now, None)
    if name == "stored":
        builder.reply(builder.text("privacy.delete.reply"), build_payload("delete_my_data"))
    else:
        _welcome(builder)
    intent = "what_is_stored" if name == "stored" else "delete_my_data"
    body = builder.text(f"privacy.{name}.body", **values)
    return builder.build("answered", builder.text(f"privacy.{name}.title"), body, About(intent))


def steering_card(name: str, request: Request) -> Card:
    """After a command: `started_over`, `stopped`, `nothing_to_stop`, `nothing_before`; with the main entries."""
    builder = CardBuilder(request.language, request.now, None)
    _welcome(builder)
    body_key = f"steering.{name}.body"
    body = builder.text(body_key) if has_text(body_key) else ""
    return builder.build("answered", builder.text(f"steering.{name}.title"), body, About(request.intent or name))


def feedback_card(answer: str, right: bool, reason: str | None, request: Request) -> Card:
    """Thanks for telling whether an answer was right; for a wrong one, what was wrong with it."""
    builder = CardBuilder(request.language, request.now, None)
    if right or reason is not None:
        key = "feedback.thanks" if right else "feedback.thanks_wrong"
        builder.reply(builder.text("person.reply"), build_payload("person"))
        return builder.build("answered", builder.text(f"{key}.title"), builder.text(f"{key}.body"), About("feedback"))
    for each in FEEDBACK_REASONS:
        payload = build_payload("feedback", answer=answer, right="no", reason=each)
        builder.reply(builder.text(f"feedback.reason.{each}"), payload)
    return builder.build("clarify", builder.text("feedback.what"), about=About("feedback"))


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
    voice = voice_of(office)
    if voice is not None:
        builder.row("row.phone", voice.number, "phone", target=voice.number, fact=voice)
    if office.email is not None:
        builder.row("row.email", office.email.value, "email", target=office.email.value, fact=office.email)
    if office.schedules:
        builder.row("row.hours", hours.week(builder, office.schedules[0].hours), "hours", fact=office.schedules[0])
        builder.row("row.open_now", hours.now(builder, office.schedules[0].hours, request), "hours")
    if office.languages:
        builder.row("row.languages", language_list(office.languages, request.language), "languages")
    builder.use(office.provenance, label)
    builder.rows.insert(0, Row(builder.text("row.office"), label))
    contact_actions(builder, office)
