"""Texts in the resident's language, from gettext catalogues.

Two domains a language under `data/locale/<code>/`: `guide.po` (bot and pages) and `topics.po` (prose of the knowledge).
`msgctxt` is a text's key and `msgid` its Japanese source: a translation counts only as long as the Japanese text it was
made from still stands, so no translation outlives the fact it states. An entry marked `fuzzy` has not been reviewed by
a person; it is shown, and marked so.
"""

from __future__ import annotations

import gettext
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Literal, Protocol

from babel.messages.pofile import read_po

from bot.i18n.languages import fallback_chain, language
from bot.settings import settings

GUIDE = "guide"
TOPICS = "topics"
SOURCE_LANGUAGE = "ja"

State = Literal["curated", "unreviewed", "japanese"]


class MissingTextError(KeyError):
    """A key that the source catalogue does not hold: a mistake in the code, found by the tests."""


class SourceText(Protocol):
    """A text of the knowledge: Japanese, and English where the facts came with it."""

    @property
    def ja(self) -> str: ...
    @property
    def en(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Localised:
    """A text as it can be shown: in which language it really is, and how far it was reviewed."""

    text: str
    language: str
    state: State


@dataclass(frozen=True, slots=True)
class Entry:
    """One message: its source, its translation (plural forms in order) and whether a person reviewed it."""

    source: str
    strings: tuple[str, ...]
    reviewed: bool


class Catalogue:
    """One domain in one language, by key and source text."""

    def __init__(self, entries: dict[tuple[str, str], Entry], plural_index: Callable[[int], int]) -> None:
        self._entries = entries
        self._by_key = {key: entry for (key, _source), entry in entries.items()}
        self.plural_index = plural_index

    @classmethod
    def read(cls, path: Path, locale: str) -> Catalogue:
        """Read a `.po` file. A missing file is an empty catalogue. Raises `PoFileError` when it is not valid."""
        if not path.is_file():
            return cls({}, lambda _count: 0)
        with path.open("rb") as file:
            catalog = read_po(file, locale=locale, abort_invalid=True)
        entries: dict[tuple[str, str], Entry] = {}
        for message in catalog:
            if not message.id or not message.context:
                continue
            source = message.id if isinstance(message.id, str) else message.id[0]
            strings = (message.string,) if isinstance(message.string, str) else tuple(message.string or ("",))
            entries[message.context, source] = Entry(source, strings, reviewed=not message.fuzzy)
        return cls(entries, gettext.c2py(catalog.plural_expr))

    def __iter__(self) -> Iterator[str]:
        """The keys."""
        return iter(self._by_key)

    def items(self) -> Iterator[tuple[tuple[str, str], Entry]]:
        """All entries by key and source text."""
        return iter(self._entries.items())

    def get(self, key: str) -> Entry | None:
        """The entry of a key that has one source text only, or None."""
        return self._by_key.get(key)

    def translation(self, key: str, source: str) -> Entry | None:
        """The entry of a key if it is translated from exactly this source text."""
        entry = self._entries.get((key, source))
        return entry if entry and entry.strings[0] else None


def _locale_of(code: str) -> str:
    return language(code).locale


@cache
def catalogue(domain: str, code: str) -> Catalogue:
    """The catalogue of a domain in a language, read once."""
    return Catalogue.read(settings().data_dir / "locale" / code / f"{domain}.po", _locale_of(code))


@lru_cache(maxsize=4096)
def _entry(key: str, code: str) -> tuple[Entry, str]:
    """The best entry of a guide text and the language it is in."""
    source = catalogue(GUIDE, SOURCE_LANGUAGE).get(key)
    if source is None:
        raise MissingTextError(key)
    for candidate in fallback_chain(code):
        if candidate == SOURCE_LANGUAGE:
            break
        if entry := catalogue(GUIDE, candidate).translation(key, source.source):
            return entry, candidate
    return Entry(source.source, (source.source,), reviewed=True), SOURCE_LANGUAGE


def text(key: str, language: str, /, **values: object) -> str:
    """A text of bot or page in a language, its placeholders filled. Raises `MissingTextError` for an unknown key."""
    entry, _ = _entry(key, language)
    return entry.strings[0].format(**values) if values else entry.strings[0]


def plural(key: str, count: int, language: str, /, **values: object) -> str:
    """Like `text`, in the plural form that the language's rules ask for `count` (also the placeholder `{count}`)."""
    entry, found = _entry(key, language)
    index = catalogue(GUIDE, found).plural_index(count) if len(entry.strings) > 1 else 0
    return entry.strings[min(index, len(entry.strings) - 1)].format(count=count, **values)


def is_reviewed(key: str, language: str) -> bool:
    """Whether a person has reviewed the text in exactly this language."""
    entry, found = _entry(key, language)
    return entry.reviewed and found == language


def has_text(key: str) -> bool:
    """Whether the source catalogue holds the key."""
    return catalogue(GUIDE, SOURCE_LANGUAGE).get(key) is not None


def localise(source: SourceText, key: str, language: str) -> Localised:
    """A text of the knowledge in a language, or in the first language of its fallback chain that has it.

    English stands beside the facts; every other language comes from `topics.po`. `state` is `japanese` when the text
    shown is neither in the language asked for nor in English.
    """
    for candidate in fallback_chain(language):
        if candidate == SOURCE_LANGUAGE:
            break
        if entry := catalogue(TOPICS, candidate).translation(key, source.ja):
            return Localised(entry.strings[0], candidate, "curated" if entry.reviewed else "unreviewed")
        if candidate == "en" and source.en:
            return Localised(source.en, candidate, "unreviewed")
    return Localised(source.ja, SOURCE_LANGUAGE, "curated" if language == SOURCE_LANGUAGE else "japanese")


def worst_state(states: Iterable[State]) -> State:
    """The state to show for a text put together from several."""
    found = set(states)
    return "japanese" if "japanese" in found else "unreviewed" if "unreviewed" in found else "curated"
