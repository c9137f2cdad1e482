"""Finds what the gazetteer looks for in a text: pure, deterministic, tolerant of typing errors."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from rapidfuzz.distance import OSA

from bot.i18n.languages import LanguageRegistry
from bot.nlu.gazetteer_data import GazetteerData, Phrase
from bot.nlu.normalization import normalise
from bot.nlu.text_forms import (
    Run,
    Word,
    fold_words,
    is_hangul,
    is_kana,
    is_run,
    is_written_like,
    romaji_key,
    run_of,
    starts_word,
    words_of,
)
from bot.nlu.time_expressions import TimeExpressions

EXTRACTOR = "KnowledgeGazetteer"
EXACT, SPELLING, ENDING, TYPO = 1.0, 0.95, 0.9, 0.75
BARE_WARD, BARE_STATION = 0.85, 0.5
SHORT_KANA, SHORT_HANGUL = 3, 2
"""Names of at most so many characters are easily part of another word."""
_FUZZY = frozenset(
    {
        "option",
        "task",
        "office",
        "office_kind",
        "place",
        "ward",
        "station",
        "procedure",
        "language",
        "country",
        "weekday",
    }
)
_PLACES = frozenset({"ward", "station", "place", "office"})


_LEAST_WORD_WITH_TYPO = 4


@dataclass(frozen=True, slots=True)
class Entity:
    """Something found: its type, the id or code, where it stands, how sure that is (0 to 1)."""

    entity: str
    value: str
    start: int
    end: int
    confidence: float
    direction: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """The shape of Rasa's entities; `direction` (`from`, `to`) only where the text says it."""
        found: dict[str, Any] = {
            "entity": self.entity, "value": self.value, "start": self.start, "end": self.end,
            "confidence": self.confidence, "extractor": EXTRACTOR,
        }  # fmt: skip
        if self.direction:
            found["direction"] = self.direction
        return found


class _Match(NamedTuple):
    phrase: Phrase
    start: int
    end: int
    first: int
    last: int
    letters: int
    quality: float
    run: bool


class _Entry(NamedTuple):
    phrase: Phrase
    words: tuple[str, ...]
    marked: str


@dataclass
class Gazetteer:
    """Indexes over the phrases. `languages` tells which languages' words count in a text of which language."""

    data: GazetteerData
    languages: LanguageRegistry
    _by_words: dict[tuple[str, ...], list[_Entry]] = field(default_factory=lambda: defaultdict(list))
    _by_key: dict[str, list[_Entry]] = field(default_factory=lambda: defaultdict(list))
    _by_stem: dict[str, list[_Entry]] = field(default_factory=lambda: defaultdict(list))
    _by_shape: dict[tuple[int, str], dict[str, list[_Entry]]] = field(default_factory=dict)
    _runs: dict[str, list[tuple[str, list[Phrase]]]] = field(default_factory=dict)
    _alone: set[tuple[str, ...]] = field(default_factory=set)
    _alone_runs: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Builds the indexes."""
        runs: dict[str, list[Phrase]] = defaultdict(list)
        for phrase in self.data.phrases:
            if is_run(phrase.text):
                runs[run_of(phrase.text).text].append(phrase)
                continue
            words = fold_words(phrase.text)
            if words:
                self._index(_Entry(phrase, words, normalise(phrase.text)))
        ordered: dict[str, list[tuple[str, list[Phrase]]]] = defaultdict(list)
        for text in sorted(runs, key=len, reverse=True):
            ordered[text[:2]].append((text, runs[text]))
        self._runs = dict(ordered)
        self._most_words = max((len(words) for words in self._by_words), default=1)
        self._affixes = {
            kind: ({fold_words(text) for text in texts if not is_run(text)}, sorted(
                (run_of(text).text for text in texts if is_run(text)), key=len, reverse=True))
            for kind, texts in self.data.affixes.items()
        }  # fmt: skip
        # A text in a script without spaces has no words, and a Latin one no run: nothing must not stand for everything.
        self._alone = {words for text in self.data.alone if (words := fold_words(text))}
        self._alone_runs = {text for alone in self.data.alone if (text := run_of(alone).text)}
        self._ignored = {code: {fold_words(text) for text in texts} for code, texts in self.data.ignore.items()}
        self._ignored_runs = {
            code: [run_of(text).text for text in texts if is_run(text)] for code, texts in self.data.ignore.items()
        }
        self._common = {code: set(words) for code, words in self.data.common.items()}
        self._times = TimeExpressions(self.data.clock, self.data.calendar, self.data.months, self.data.day_first)

    def _index(self, entry: _Entry) -> None:
        phrase, words = entry.phrase, entry.words
        self._by_words[words].append(entry)
        text = " ".join(words)
        if phrase.entity in _PLACES and text.isascii():
            key = romaji_key(words)
            if len(key) >= 5:
                self._by_key[key].append(entry)
        if self._endings(phrase.language) and len(words[0]) >= 4:
            self._by_stem[words[0][:4]].append(entry)
        if phrase.entity in _FUZZY and len(text) >= 5:
            self._by_shape.setdefault((len(text), text[0]), {}).setdefault(text, []).append(entry)

    def _endings(self, language: str | None) -> int:
        if language is not None:
            return self.data.endings.get(language, 0)
        return max(self.data.endings.values(), default=0)

    def find(self, text: str, language: str, today: dt.date, boundaries: Iterable[int] | None = None) -> list[Entity]:
        """Entities of `text` in order. `boundaries`: positions where the tokenizer sees a word begin or end."""
        allowed = self._allowed(language)
        words, run = words_of(text), run_of(text)
        edges = None if boundaries is None else set(boundaries)
        matches = [*self._word_matches(words, language, allowed), *self._run_matches(text, run, language, edges)]
        chosen = _longest(matches)
        chosen += _origins_within(chosen, matches)
        covered = {at for match in chosen for at in range(match.start, match.end)}
        chosen += _longest(
            [
                m
                for m in self._typos(words, language, allowed, covered)
                if not covered.intersection(range(m.start, m.end))
            ]
        )
        found = [entity for match in chosen for entity in self._resolve(match, words, run, today)]
        found += [
            Entity(moment.entity, moment.value, moment.start, moment.end, EXACT)
            for moment in self._times.find(text, self.languages.base(language), today)
        ]
        best: dict[tuple[str, str], Entity] = {}
        for entity in sorted(found, key=lambda e: -e.confidence):
            best.setdefault((entity.entity, entity.value), entity)
        return sorted(best.values(), key=lambda e: (e.start, -e.confidence, e.entity, e.value))

    def _allowed(self, language: str) -> set[str | None]:
        entry = self.languages.find(language)
        chain = self.languages.chain(language) if entry else (language,)
        return {None, self.languages.base(language), *chain, self.languages.common_fallback.code}

    def _fits(self, entry: _Entry, words: Sequence[Word], language: str, allowed: set[str | None]) -> bool:
        """Whether the phrase counts here; a word without its diacritics only where the writer left them all out."""
        phrase = entry.phrase
        if phrase.language not in allowed:
            return False
        if phrase.language is None:
            return True
        typed, plain = " ".join(word.marked for word in words), " ".join(word.text for word in words)
        own = phrase.language in (language, self.languages.base(language))
        if not own and len(plain) < 4:
            return False
        wanted = " ".join(entry.marked.replace("'", "").replace("’", "").replace("-", " ").split())
        return typed == wanted or (typed == plain and own) or len(plain) >= 8

    def _word_matches(self, words: list[Word], language: str, allowed: set[str | None]) -> Iterator[_Match]:
        ignored = self._ignored.get(language, set()) | self._ignored.get(self.languages.base(language), set())
        for first in range(len(words)):
            for last in range(first + 1, min(len(words), first + self._most_words) + 1):
                window = words[first:last]
                texts = tuple(word.text for word in window)
                if texts in ignored:
                    continue
                hits = [(entry, EXACT) for entry in self._by_words.get(texts, ())]
                if not hits and all(text.isascii() for text in texts):
                    hits = [(entry, SPELLING) for entry in self._by_key.get(romaji_key(texts), ())]
                if not hits:
                    hits = [
                        (entry, ENDING) for entry in self._by_stem.get(texts[0][:4], ()) if self._inflects(entry, texts)
                    ]
                for entry, quality in hits:
                    if self._fits(entry, window, language, allowed):
                        yield _Match(
                            entry.phrase,
                            window[0].start,
                            window[-1].end,
                            first,
                            last,
                            sum(map(len, texts)),
                            quality,
                            False,
                        )

    def _inflects(self, entry: _Entry, texts: tuple[str, ...]) -> bool:
        if len(entry.words) != len(texts):
            return False
        endings = self._endings(entry.phrase.language)
        return all(
            word == text
            or (
                min(len(word), len(text)) >= 4
                and not word.isascii()
                and abs(len(word) - len(text)) <= endings
                and word[: max(3, len(word) - endings)] == text[: max(3, len(word) - endings)]
            )
            for word, text in zip(entry.words, texts, strict=True)
        )

    def _typos(self, words: list[Word], language: str, allowed: set[str | None], covered: set[int]) -> Iterator[_Match]:
        common = self._common.get(self.languages.base(language), set())
        for first in range(len(words)):
            for last in range(first + 1, min(len(words), first + 4) + 1):
                window = words[first:last]
                if covered.intersection(range(window[0].start, window[-1].end)):
                    break
                text = " ".join(word.text for word in window)
                if (
                    len(text) < 5
                    or len(text) > 40
                    or all(word.text in common or word.text.isdigit() for word in window)
                ):
                    continue
                most = 1 if len(text) < 8 else 2
                best: list[tuple[int, _Entry]] = []
                for length in range(len(text) - most, len(text) + most + 1):
                    for wanted, entries in self._by_shape.get((length, text[0]), {}).items():
                        limit = min(most, 1 if len(wanted) < 8 else 2)
                        distance = OSA.distance(text, wanted, score_cutoff=limit)
                        if distance <= limit and _differs_in_long_words(text, wanted):
                            best += [(distance, entry) for entry in entries if entry.phrase.language in allowed]
                if best:
                    least = min(distance for distance, _ in best)
                    for distance, entry in best:
                        if distance == least:
                            yield _Match(
                                entry.phrase, window[0].start, window[-1].end, first, last, len(text), TYPO, False
                            )

    def _run_matches(self, written: str, run: Run, language: str, edges: set[int] | None) -> Iterator[_Match]:
        allowed, text = self._allowed(language), run.text
        ignored = self._ignored_spans(text, language)
        for start in range(len(text) - 1):
            for wanted, phrases in self._runs.get(text[start : start + 2], ()):
                if not text.startswith(wanted, start):
                    continue
                end = start + len(wanted)
                at, to = run.starts[start], run.ends[end - 1]
                if any(first <= start and end <= last for first, last in ignored):
                    continue
                if edges is not None and len(wanted) <= 4 and is_kana(wanted) and not (at in edges and to in edges):
                    continue
                if len(wanted) <= SHORT_HANGUL and is_hangul(wanted) and not starts_word(written, at):
                    continue
                for phrase in phrases:
                    if len(wanted) <= SHORT_KANA and not is_written_like(phrase.text, written, at, to):
                        continue
                    if phrase.language in allowed:
                        yield _Match(phrase, at, to, start, end, 2 * len(wanted), EXACT, True)

    def _ignored_spans(self, run: str, language: str) -> list[tuple[int, int]]:
        """Where words of everyday speech stand in a run that only look like names."""
        texts = self._ignored_runs.get(language, []) + self._ignored_runs.get(self.languages.base(language), [])
        return [
            (at, at + len(text)) for text in texts for at in range(len(run) - len(text) + 1) if run.startswith(text, at)
        ]

    def _resolve(self, match: _Match, words: list[Word], run: Run, today: dt.date) -> Iterator[Entity]:
        phrase, start, end = match.phrase, match.start, match.end
        direction = self._direction(match, words, run) if phrase.entity in _PLACES else None
        if phrase.entity == "day":
            day = today + dt.timedelta(days=int(phrase.value))
            yield Entity("date", day.isoformat(), start, end, match.quality)
            return
        if phrase.entity != "place":
            yield Entity(phrase.entity, phrase.value, start, end, match.quality, direction)
            return
        kind, identifier = phrase.value.split(":", 1)
        affix = self._affix(match, words, run)
        if affix is not None:
            beside, start, end = affix
            if beside == kind:
                yield Entity(kind, identifier, min(start, match.start), max(end, match.end), match.quality, direction)
            return
        alone = fold_words(phrase.text) in self._alone or run_of(phrase.text).text in self._alone_runs
        if not alone:
            sure = BARE_WARD if kind == "ward" else BARE_STATION
            yield Entity(kind, identifier, match.start, match.end, round(match.quality * sure, 3), direction)

    def _affix(self, match: _Match, words: list[Word], run: Run) -> tuple[str, int, int] | None:
        """What stands beside a place and says what it is: its kind and positions."""
        for kind in ("station", "ward", "other"):
            spaced, unspaced = self._affixes[kind]
            if match.run:
                for affix in unspaced:
                    if run.text.startswith(affix, match.last):
                        return kind, run.starts[match.last], run.ends[match.last + len(affix) - 1]
                    if (
                        match.first >= len(affix)
                        and run.text.startswith(affix, match.first - len(affix))
                        and len(affix) > 1
                    ):
                        return kind, run.starts[match.first - len(affix)], run.ends[match.first - 1]
                continue
            for size in (1, 2):
                after = tuple(word.text for word in words[match.last : match.last + size])
                if after in spaced:
                    return kind, words[match.last].start, words[match.last + size - 1].end
                before = tuple(word.text for word in words[max(0, match.first - size) : match.first])
                if before in spaced:
                    return kind, words[match.first - len(before)].start, words[match.first - 1].end
        if not match.run:
            return self._glued_affix(match, run)
        return None

    def _glued_affix(self, match: _Match, run: Run) -> tuple[str, int, int] | None:
        """`Kannai駅`: a Latin name with an affix of a script without spaces."""
        following = next((at for at, start in enumerate(run.starts) if start >= match.end), None)
        if following is None or run.starts[following] > match.end + 1:
            return None
        for kind in ("station", "ward", "other"):
            for affix in self._affixes[kind][1]:
                if run.text.startswith(affix, following):
                    return kind, run.starts[following], run.ends[following + len(affix) - 1]
        return None

    def _direction(self, match: _Match, words: list[Word], run: Run) -> str | None:
        for way, sides in self.data.directions.items():
            for text in sides.get("before", ()):
                wanted = fold_words(text)
                if (
                    not match.run
                    and wanted
                    and tuple(w.text for w in words[max(0, match.first - len(wanted)) : match.first]) == wanted
                ):
                    return way
            for text in sides.get("after", ()):
                following = next((at for at, start in enumerate(run.starts) if start >= match.end), None)
                if following is not None and is_run(text) and run.text.startswith(run_of(text).text, following):
                    return way
        return None


def _origins_within(chosen: Sequence[_Match], matches: Iterable[_Match]) -> list[_Match]:
    """Countries, or languages called like them, named inside a procedure: a passport of some country is both."""
    procedures = [match for match in chosen if match.phrase.entity == "procedure"]
    return _longest(
        match
        for match in matches
        if match.phrase.entity in ("country", "language")
        and any(outer.start <= match.start and match.end <= outer.end for outer in procedures)
    )


def _differs_in_long_words(typed: str, wanted: str) -> bool:
    """Whether no short word is another one: where words are syllables, an error makes another word of it."""
    pairs = list(zip(typed.split(), wanted.split(), strict=False))
    if typed.count(" ") != wanted.count(" "):
        return True
    return all(one == other or min(len(one), len(other)) >= _LEAST_WORD_WITH_TYPO for one, other in pairs)


def _longest(matches: Iterable[_Match]) -> list[_Match]:
    """Matches that do not overlap, longest first; several meanings of the same words stay together."""
    chosen: list[_Match] = []
    for match in sorted(matches, key=lambda m: (-(m.end - m.start), -m.quality, m.start)):
        same = [other for other in chosen if (other.start, other.end) == (match.start, match.end)]
        if same:
            if match.quality == same[0].quality:
                chosen.append(match)
            continue
        if all(match.end <= other.start or match.start >= other.end for other in chosen):
            chosen.append(match)
    return chosen
