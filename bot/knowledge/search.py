"""Full-text search over topics and offices: for the degraded mode, "did you mean" and the staff.

Candidates come from SQLite's index (any word, the last one also as the beginning of a word), ranked by bm25. They are
then scored between 0 and 1, so that callers can set thresholds: how much of the question's weight (rare words weigh
more) the record covers, and how near the question is to one of the record's own. Words that differ by a short ending
count as forms of one word; words the index does not hold are tried as typing errors.
"""

from __future__ import annotations

import logging
import math
import re
import sqlite3
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, cast

from rapidfuzz import fuzz, process

from bot.i18n.languages import LanguageRegistry, registry
from bot.knowledge.search_index import Words, default_words, tokens
from bot.knowledge.store import KnowledgeStore

logger = logging.getLogger(__name__)

HitKind = Literal["topic", "office"]

MAX_QUERY_CHARACTERS = 500
MAX_QUERY_TOKENS = 40
CANDIDATES = 60
GOOD_SCORE = 0.5
"""Below this the best hit is not trusted, and the languages that this one falls back to are searched too."""

TYPO_MIN_LENGTH = 4
TYPO_CUTOFF = 75.0
TYPO_CUTOFF_SHORT = 85.0
"""For words of up to four letters: one letter too many or too few, but no other one."""
TYPO_READINGS = 3
TYPO_WEIGHT = 0.85

PREFIX_WEIGHT = 0.8
STEM_LENGTH = 4
STEM_ENDING = 2
"""Words of which one is the beginning of the other are read as forms of one word, if the ending is this short."""

BODY_WEIGHT = 0.6
FALLBACK_WEIGHT = 0.9
ENOUGH_EVIDENCE = 2.0
"""Weight of matched words from which on a score counts in full: a match of "or" alone says little."""

_SURROGATES = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A record that was found. `score` is between 0 and 1; `language` is the one of the text that matched."""

    kind: HitKind
    id: str
    score: float
    language: str


@dataclass(frozen=True, slots=True)
class _Term:
    """A word of the question with the index words it may stand for (word → how well, 0..1) and its weight."""

    readings: Mapping[str, float]
    weight: float


class KnowledgeSearch:
    """Search in one store. Works without Rasa; the tokenisers are loaded at the first search."""

    def __init__(
        self, store: KnowledgeStore, *, words: Words | None = None, languages: LanguageRegistry | None = None
    ) -> None:
        self._store = store
        self._words = words
        self._registry = languages or registry()
        self._vocabulary: dict[str, list[str]] = {}
        self._vocabulary_version = ""

    def search(
        self, text: str, language: str, *, limit: int = 5, kinds: Collection[HitKind] = ("topic", "office")
    ) -> list[SearchHit]:
        """The best records for a question, best first, each once. Nothing found, or a damaged index: an empty list.

        The language's own texts are searched first, then those of the languages it falls back to.
        """
        found: dict[tuple[HitKind, str], SearchHit] = {}
        text = _SURROGATES.sub(" ", text[:MAX_QUERY_CHARACTERS])
        try:
            for step, code in enumerate(self._chain(language)):
                for hit in self._in_language(text, code, kinds):
                    score = hit.score * FALLBACK_WEIGHT**step
                    known = found.get((hit.kind, hit.id))
                    if known is None or known.score < score:
                        found[hit.kind, hit.id] = SearchHit(hit.kind, hit.id, round(score, 4), hit.language)
                if any(hit.score >= GOOD_SCORE for hit in found.values()):
                    break
        except sqlite3.Error as error:
            logger.warning("the knowledge search is not available: %s", error)
        return sorted(found.values(), key=lambda hit: (-hit.score, hit.kind, hit.id))[:limit]

    def _chain(self, language: str) -> Sequence[str]:
        return (
            self._registry.chain(language) if self._registry.find(language) else (self._registry.common_fallback.code,)
        )

    def _in_language(self, text: str, language: str, kinds: Collection[HitKind]) -> list[SearchHit]:
        query = tokens(text, language, self._words or default_words())[:MAX_QUERY_TOKENS]
        if not query:
            return []
        with self._store.query() as connection:
            terms = self._terms(connection, query, language, correct=False)
            hits = _rank(_candidates(connection, terms, language, kinds), terms, language)
            if hits and hits[0].score >= GOOD_SCORE and all(term.readings for term in terms):
                return hits
            corrected = self._terms(connection, query, language, correct=True)
            if corrected == terms:
                return hits
            return _rank(_candidates(connection, corrected, language, kinds), corrected, language)

    def _terms(
        self, connection: sqlite3.Connection, query: Sequence[str], language: str, *, correct: bool
    ) -> list[_Term]:
        row = connection.execute("SELECT records FROM indexed WHERE language = ?", (language,)).fetchone()
        total = row[0] if row else 0
        terms: list[_Term] = []
        for word in dict.fromkeys(query):
            frequency = _frequency(connection, language, word)
            readings = {word: 1.0} if frequency else {}
            if word == query[-1] and len(word) > 1:
                readings |= dict.fromkeys(_beginning_with(connection, language, word), PREFIX_WEIGHT)
            if len(word) >= STEM_LENGTH:
                for form in _forms(connection, language, word):
                    readings.setdefault(form, PREFIX_WEIGHT)
            if not readings and correct and len(word) >= TYPO_MIN_LENGTH:
                readings = self._corrections(connection, word, language)
            frequency = max([frequency, *(_frequency(connection, language, reading) for reading in readings)])
            # An unknown word keeps an average weight: a question of unknown words only must not look well covered.
            idf = math.log(1 + total / (frequency or max(1.0, total / 10)))
            terms.append(_Term(readings, idf))
        return terms

    def _corrections(self, connection: sqlite3.Connection, word: str, language: str) -> dict[str, float]:
        version = self._store.version()
        if version != self._vocabulary_version:
            self._vocabulary, self._vocabulary_version = {}, version
        if language not in self._vocabulary:
            rows = connection.execute(
                "SELECT token FROM term WHERE language = ? AND length(token) >= ?", (language, TYPO_MIN_LENGTH - 1)
            )
            self._vocabulary[language] = [token for (token,) in rows]
        cutoff = TYPO_CUTOFF if len(word) > TYPO_MIN_LENGTH else TYPO_CUTOFF_SHORT
        near = process.extract(
            word, self._vocabulary[language], scorer=fuzz.ratio, score_cutoff=cutoff, limit=TYPO_READINGS
        )
        return {found: TYPO_WEIGHT * score / 100 for found, score, _ in near}


def _frequency(connection: sqlite3.Connection, language: str, word: str) -> int:
    row = connection.execute("SELECT records FROM term WHERE language = ? AND token = ?", (language, word)).fetchone()
    return int(row[0]) if row else 0


def _beginning_with(connection: sqlite3.Connection, language: str, word: str) -> list[str]:
    rows = connection.execute(
        "SELECT token FROM term WHERE language = ? AND token > ? AND token < ? ORDER BY records DESC LIMIT 10",
        (language, word, word + "\U0010ffff"),
    )
    return [token for (token,) in rows]


def _forms(connection: sqlite3.Connection, language: str, word: str) -> list[str]:
    """Index words that begin with the word or that it begins with, up to a short ending."""
    shorter = [word[:-cut] for cut in range(1, STEM_ENDING + 1) if len(word) - cut >= STEM_LENGTH]
    marks = ", ".join("?" * len(shorter))
    rows = connection.execute(
        f"SELECT token FROM term WHERE language = ? AND (token IN ({marks})"
        " OR (token > ? AND token < ? AND length(token) <= ?)) ORDER BY records DESC LIMIT 10",
        (language, *shorter, word, word + "\U0010ffff", len(word) + STEM_ENDING),
    )
    return [token for (token,) in rows]


def _candidates(
    connection: sqlite3.Connection, terms: Sequence[_Term], language: str, kinds: Collection[HitKind]
) -> list[tuple[str, str, str, str]]:
    wanted = list(dict.fromkeys(reading for term in terms for reading in term.readings))
    if not wanted or not kinds:
        return []
    # Words are letters, digits and marks only (see `tokens`), so quoting them is enough for SQLite's query language.
    match = " OR ".join(f'"{word}"' for word in wanted)
    marks = ", ".join("?" * len(kinds))
    return connection.execute(
        f"SELECT kind, id, title, body FROM search WHERE search MATCH ? AND language = ? AND kind IN ({marks})"
        " ORDER BY bm25(search, 0, 0, 0, 4.0, 1.0) LIMIT ?",
        (match, language, *kinds, CANDIDATES),
    ).fetchall()


def _rank(rows: Iterable[tuple[str, str, str, str]], terms: Sequence[_Term], language: str) -> list[SearchHit]:
    total = sum(term.weight for term in terms)
    if not total:
        return []
    hits = []
    for kind, identifier, title, body in rows:
        titles = [line.split() for line in title.split("\n") if line]
        in_title = {word for words in titles for word in words}
        in_body = set(body.split())
        matched = sum(term.weight * _match(term, in_title, in_body) for term in terms)
        nearest = max((_likeness(terms, words) for words in titles), default=0.0)
        score = (0.65 * matched / total + 0.35 * nearest) * min(1.0, matched / ENOUGH_EVIDENCE)
        hits.append(SearchHit(cast(HitKind, kind), identifier, round(min(1.0, score), 4), language))
    return sorted(hits, key=lambda hit: (-hit.score, hit.kind, hit.id))


def _match(term: _Term, in_title: Collection[str], in_body: Collection[str]) -> float:
    best = 0.0
    for word, quality in term.readings.items():
        if word in in_title:
            best = max(best, quality)
        elif word in in_body:
            best = max(best, quality * BODY_WEIGHT)
    return best


def _likeness(terms: Sequence[_Term], words: Sequence[str]) -> float:
    """How much question and title have in common (Dice): 1 when they hold the same words."""
    unique = set(words)
    shared = sum(
        max((quality for word, quality in term.readings.items() if word in unique), default=0.0) for term in terms
    )
    return 2 * shared / (len(terms) + len(unique)) if unique else 0.0
