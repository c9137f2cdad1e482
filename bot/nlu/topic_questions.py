"""How residents ask each topic of the knowledge, in every language: what training and retrieval learn topics from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from bot.i18n.catalogues import TOPICS as TOPICS_DOMAIN
from bot.i18n.catalogues import catalogue
from bot.i18n.languages import enabled_languages
from bot.knowledge.models import LocalisedText, Topic
from bot.knowledge.public import WithheldTopic, public_records
from bot.nlu.knowledge_source import load_knowledge

STATEMENT = "statement"


class TopicExample(NamedTuple):
    """One way to ask a topic, in the language of `language` (code of the registry)."""

    topic: str
    language: str
    text: str


def public_topics() -> dict[str, Topic | WithheldTopic]:
    """Every topic a resident may be led to, by id; a withheld one is led to the office that knows."""
    public = public_records(load_knowledge())
    return {**public.knowledge.topics, **public.withheld}


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
    others = topic.alternative_questions.get(language, ()) if isinstance(topic, Topic) else ()
    return [text for text in (own, *others) if text]


def is_long_tail(topic: Topic | WithheldTopic) -> bool:
    """Whether the topic is a question of its own: no frequent intent answers it, it is no old statement."""
    if isinstance(topic, Topic) and topic.kind == STATEMENT:
        return False
    return intent_of(topic) is None


def intent_of(topic: Topic | WithheldTopic) -> str | None:
    """The frequent intent a topic answers or that covers it."""
    return topic.intent or (topic.covered_by if isinstance(topic, Topic) else None)


def covered_examples(topics: Mapping[str, Topic | WithheldTopic] | None = None) -> Iterator[tuple[str, TopicExample]]:
    """Every way to ask a topic that a frequent intent covers, in the enabled languages, with that intent."""
    codes = [entry.code for entry in enabled_languages()]
    for topic in (public_topics() if topics is None else topics).values():
        if isinstance(topic, Topic) and topic.covered_by:
            for code in codes:
                for text in questions(topic, code):
                    yield topic.covered_by, TopicExample(topic.id, code, text)


def topic_examples(topics: Mapping[str, Topic | WithheldTopic] | None = None) -> Iterator[TopicExample]:
    """Every way to ask a topic of the long tail, in the enabled languages."""
    codes = [entry.code for entry in enabled_languages()]
    for topic in (public_topics() if topics is None else topics).values():
        if not is_long_tail(topic):
            continue
        for code in codes:
            for text in questions(topic, code):
                yield TopicExample(topic.id, code, text)
