"""The full-text index beside the records: what residents may find, tokenised by the project's own tokenisers.

One row a record and language. `title` holds the questions or names, one a line; `body` the answer or what an office
offers. Tokens are folded (accents off Latin letters) and joined by spaces, so SQLite has only to split at spaces.
"""

from __future__ import annotations

import sqlite3
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from bot.i18n.catalogues import TOPICS, Catalogue
from bot.i18n.languages import LanguageRegistry
from bot.knowledge.collection import Knowledge
from bot.knowledge.models import LocalisedText, Names, Office, Topic
from bot.knowledge.public import PublicRecords, WithheldTopic, public_records

Words = Callable[[str, str], list[str]]
"""Tokens of a text in a language, in order: the shape of `bot.nlu.tokenization.words`."""

SCHEMA = """
CREATE VIRTUAL TABLE search USING fts5(
    kind UNINDEXED, id UNINDEXED, language UNINDEXED, title, body,
    tokenize = "unicode61 remove_diacritics 0 categories 'L* N* M* Co'"
);
CREATE TABLE term (language TEXT NOT NULL, token TEXT NOT NULL, records INTEGER NOT NULL, PRIMARY KEY (language, token))
WITHOUT ROWID;
CREATE TABLE indexed (language TEXT PRIMARY KEY, records INTEGER NOT NULL) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """A text to index."""

    kind: str
    id: str
    titles: tuple[str, ...]
    body: str


def default_words() -> Words:
    """The project's tokenisers, loaded at the first use: they cost memory that readers of records need not pay."""
    from bot.nlu.tokenization import words

    return words


def tokens(text: str, language: str, words: Words) -> list[str]:
    """The folded tokens of a text. Characters that the index would split at are split here in the same way."""
    found: list[str] = []
    for word in words(text, language):
        found.extend("".join(ch if _kept(ch) else " " for ch in fold(word)).split())
    return found


@lru_cache(maxsize=65_536)
def fold(word: str) -> str:
    """The word without the accents of its Latin letters: many residents type without them."""
    return "".join(_base_letter(ch) for ch in unicodedata.normalize("NFC", word)).lower()


@lru_cache(maxsize=4096)
def _base_letter(ch: str) -> str:
    if ch.isascii():
        return ch
    name = unicodedata.name(ch, "")
    if not name.startswith("LATIN "):
        return ch
    try:
        return unicodedata.lookup(name.partition(" WITH ")[0])
    except KeyError:
        return ch


def _kept(ch: str) -> bool:
    return unicodedata.category(ch)[0] in "LNM"


def build(
    connection: sqlite3.Connection,
    knowledge: Knowledge,
    registry: LanguageRegistry,
    locale_dir: Path,
    words: Words | None = None,
) -> None:
    """Make the index in an open database and fill it for the languages that are offered."""
    cut = words or default_words()
    public = public_records(knowledge)
    connection.executescript(SCHEMA)
    for language in registry.enabled:
        catalogue = Catalogue.read(locale_dir / language.code / f"{TOPICS}.po", language.locale)
        frequencies: Counter[str] = Counter()
        records = 0
        for entry in _entries(public, language.code, catalogue):
            titles = [" ".join(tokens(title, language.code, cut)) for title in entry.titles]
            body = tokens(entry.body, language.code, cut)
            connection.execute(
                "INSERT INTO search (kind, id, language, title, body) VALUES (?, ?, ?, ?, ?)",
                (entry.kind, entry.id, language.code, "\n".join(filter(None, titles)), " ".join(body)),
            )
            frequencies.update({*body, *(token for title in titles for token in title.split())})
            records += 1
        connection.executemany(
            "INSERT INTO term VALUES (?, ?, ?)",
            [(language.code, token, number) for token, number in frequencies.items()],
        )
        connection.execute("INSERT INTO indexed VALUES (?, ?)", (language.code, records))
    connection.execute("INSERT INTO search (search) VALUES ('optimize')")


def _entries(public: PublicRecords, language: str, catalogue: Catalogue) -> Iterator[Entry]:
    """What is indexed in a language: topics that have a text in it, and every office (under its names)."""
    knowledge = public.knowledge
    topics: list[Topic | WithheldTopic] = [*knowledge.topics.values(), *public.withheld.values()]
    for topic in topics:
        entry = _topic_entry(topic, language, catalogue)
        if entry is not None:
            yield entry
    for office in knowledge.offices.values():
        yield _office_entry(office, knowledge, language, catalogue)


def _topic_entry(topic: Topic | WithheldTopic, language: str, catalogue: Catalogue) -> Entry | None:
    key = f"topic.{topic.id}"
    question = _text(topic.question, f"{key}.question", language, catalogue) if topic.question else None
    if isinstance(topic, WithheldTopic):
        return Entry("topic", topic.id, (question,), "") if question else None
    titles = [*([question] if question else []), *topic.alternative_questions.get(language, ())]
    answer = _text(topic.answer, f"{key}.answer", language, catalogue)
    if not titles and answer is None:
        return None
    return Entry("topic", topic.id, tuple(titles), answer or "")


def _office_entry(office: Office, knowledge: Knowledge, language: str, catalogue: Catalogue) -> Entry:
    titles = [*_names(office.names, office.aliases, language)]
    body: list[str] = [
        text for service in office.services if (text := _text(service.text, "office", language, catalogue)) is not None
    ]
    if office.ward is not None and (ward := knowledge.wards.get(office.ward)) is not None:
        body.extend(_names(ward.names, ward.aliases, language))
    for access in office.access:
        if access.station is not None and (station := knowledge.stations.get(access.station)) is not None:
            body.extend(_names(station.names, station.aliases, language))
    if office.address is not None:
        body.append(_text(office.address.text, "office", language, catalogue) or office.address.text.ja)
    return Entry("office", office.id, tuple(titles), "\n".join(body))


def _names(names: Names, aliases: dict[str, tuple[str, ...]], language: str) -> Iterable[str]:
    """The names in a language; where it has none, those that residents then see."""
    found = [name for name in (names.get(language), *aliases.get(language, ())) if name]
    return dict.fromkeys(found or [names.en, names.ja])


def _text(source: LocalisedText, key: str, language: str, catalogue: Catalogue) -> str | None:
    """The text in exactly this language, or None."""
    beside: str | None = getattr(source, language, None) if language in LocalisedText.model_fields else None
    if beside:
        return beside
    entry = catalogue.translation(key, source.ja)
    return entry.strings[0] if entry else None
