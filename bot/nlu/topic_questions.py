"""How residents ask each topic of the knowledge, in every language: what training and retrieval learn topics from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from bot.i18n.catalogues import TOPICS as TOPICS_DOMAIN
from bot.i18n.catalogues import catalogue
from bot.i18n.languages import enabled_languages
from bot.knowledge.models import LocalisedText, Topic
from bot.knowledge.public import WithheldTopic, public_records
from bot.nlu.knowledge_source import load_knowledge

ASK_TOPIC = "ask_topic"
"""The intent of a question that one topic of the knowledge answers; the topic is an entity."""


class TopicExample(NamedTuple):
    """One way to ask a topic, in the language of `language` (code of the registry).

    `intent` is what asking it means: the frequent intent that covers it, or `ask_topic` (then it is of the long tail).
    """

    topic: str
    area: str
    language: str
    text: str
    intent: str


def public_topics() -> dict[str, Topic | WithheldTopic]:
    """Every topic a resident may be led to, by id; a withheld one is led to the office that knows."""
    public = public_records(load_knowledge())
    return {**public.knowledge.topics, **public.withheld}


def topic_class(area: str | None) -> str:
    """The classifier's class of the long tail's topics of an area of the knowledge."""
    return f"{ASK_TOPIC}/{area}"


def in_language(source: LocalisedText | None, key: str, language: str) -> str | None:
    """The text in exactly this language: from the knowledge itself, or from the catalogue."""
    if source is None:
        return None
    own = getattr(source, language, None) if language in LocalisedText.model_fields else None
    if isinstance(own, str) and own:
        return own
    entry = catalogue(TOPICS_DOMAIN, language).translation(key, source.ja)
    return entry.strings[0] if entry else None


def questions(topic: Topic | WithheldTopic, language: str) -> list[str]:
    """The topic's question and its alternatives in this language."""
    own = in_language(topic.question, f"topic.{topic.id}.question", language)
    return [text for text in (own, *topic.alternative_questions.get(language, ())) if text]


def intent_of(topic: Topic | WithheldTopic) -> str | None:
    """The frequent intent a topic answers or that covers it."""
    return topic.intent or topic.covered_by


def is_statement(topic: Topic | WithheldTopic) -> bool:
    """Whether the topic is a statement of the old document, which is found by likeness alone."""
    return isinstance(topic, Topic) and topic.kind == "statement"


def is_long_tail(topic: Topic | WithheldTopic) -> bool:
    """Whether the topic is a question of its own: no frequent intent answers it, it is no old statement."""
    return intent_of(topic) is None and not is_statement(topic)


def topic_examples() -> Iterator[TopicExample]:
    """Every way to ask a topic in the enabled languages, but for statements and topics that answer an intent first."""
    for topic in public_topics().values():
        if topic.intent or is_statement(topic):
            continue
        for entry in enabled_languages():
            for text in questions(topic, entry.code):
                yield TopicExample(topic.id, topic.area, entry.code, text, topic.covered_by or ASK_TOPIC)
