"""Phrases of danger, found without Rasa: the gateway asks this first, and answers by it when all else is down.

The phrases stand in `data/safety/<code>.yaml` (format: top of `en.yaml`). All languages are looked through whatever the
language of the text is. Comparison is on folded text: case, diacritics, width, kana script, punctuation do not matter.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Literal, get_args

import regex
import yaml
from rapidfuzz.distance import OSA

from bot.nlu.normalization import fold
from bot.nlu.scripts import writes_without_spaces
from bot.settings import settings

logger = logging.getLogger(__name__)

Kind = Literal["suicide", "fire", "medical", "violence", "crime", "disaster"]
KINDS: tuple[Kind, ...] = get_args(Kind)
"""Kinds of danger; when a text shows several, the first of them is answered first."""

HARMLESS = "not"
GAP = "*"
GAP_WORDS = 4
GAP_CHARACTERS = 10
EXACT_SCORE = 1.0
TYPO_SCORE = 0.85
_TYPO_WORD = 6
_TYPO_PHRASE = 10
_WORD = regex.compile(r"[\p{L}\p{M}\p{N}]+(?:['’ʼ`][\p{L}\p{M}\p{N}]+)*")
_APOSTROPHES = str.maketrans("", "", "'’ʼ`")
_KATAKANA = {code: code - 0x60 for code in range(0x30A1, 0x30F7)}


class SafetyDataError(Exception):
    """A file of safety phrases cannot be used; the text says which and why."""


@dataclass(frozen=True, slots=True)
class Danger:
    """What was found: the kind, a score (1 as written, less with typing errors), the phrase and its file's language."""

    kind: Kind
    score: float
    phrase: str
    language: str


@dataclass(frozen=True, slots=True)
class _Pattern:
    kind: str
    phrase: str
    language: str
    elements: tuple[tuple[str, ...], ...]
    tolerant: bool


@dataclass(frozen=True, slots=True)
class _RunPattern:
    kind: str
    phrase: str
    language: str
    expression: regex.Pattern[str]


def text_words(text: str) -> list[str]:
    """Folded words with apostrophes removed (`don't` is `dont`)."""
    return [match.translate(_APOSTROPHES) for match in _WORD.findall(fold(text))]


def text_run(text: str) -> str:
    """Folded text without spaces and punctuation, katakana as hiragana: for scripts written without spaces."""
    return "".join(_WORD.findall(fold(text))).translate(_KATAKANA)


@dataclass
class SafetyPhrases:
    """All languages' phrases, indexed by first word (or first character)."""

    spaced: dict[str, list[_Pattern]] = field(default_factory=lambda: defaultdict(list))
    prefixed: dict[str, list[tuple[str, _Pattern]]] = field(default_factory=lambda: defaultdict(list))
    shapes: dict[tuple[int, str], list[str]] = field(default_factory=lambda: defaultdict(list))
    unspaced: dict[str, list[_RunPattern]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def read(cls, folder: Path) -> SafetyPhrases:
        """Every `<code>.yaml` of a folder. Raises `SafetyDataError` naming file and reason."""
        found = cls()
        for path in sorted(folder.glob("*.yaml")):
            try:
                raw = yaml.safe_load(path.read_text(encoding="utf-8"))
            except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
                raise SafetyDataError(f"{path.name}: {error}") from error
            if not isinstance(raw, dict):
                raise SafetyDataError(f"{path.name}: expected kinds of danger with lists of phrases")
            for kind, phrases in raw.items():
                if kind not in (*KINDS, HARMLESS):
                    raise SafetyDataError(f"{path.name}: {kind!r} is none of {', '.join((*KINDS, HARMLESS))}")
                if not isinstance(phrases, list) or not all(isinstance(phrase, str) for phrase in phrases):
                    raise SafetyDataError(f"{path.name}: {kind} must be a list of texts (quote yes, no and figures)")
                for phrase in phrases:
                    found.add(kind, phrase, path.stem)
        return found

    @classmethod
    def from_mapping(cls, phrases: Mapping[str, Mapping[str, Sequence[str]]]) -> SafetyPhrases:
        """From `{language: {kind: [phrase]}}`."""
        found = cls()
        for language, kinds in phrases.items():
            for kind, listed in kinds.items():
                for phrase in listed:
                    found.add(kind, phrase, language)
        return found

    def add(self, kind: str, phrase: str, language: str) -> None:
        """Take in one phrase. Raises `SafetyDataError` when it holds no word, or starts or ends with a gap."""
        if writes_without_spaces(phrase):
            self._add_run(kind, phrase, language)
            return
        elements: list[tuple[str, ...]] = []
        for part in phrase.split():
            if part == GAP:
                elements.append((GAP,))
                continue
            options = tuple(
                "".join(text_words(option)) + (GAP if option.endswith(GAP) else "")
                for option in part.split("|")
                if option
            )
            if any(options):
                elements.append(tuple(option for option in options if option.strip(GAP)))
        if not elements or elements[0] == (GAP,) or elements[-1] == (GAP,):
            raise SafetyDataError(f"{language}: {phrase!r} must start and end with a word")
        letters = sum(min(map(len, options)) for options in elements if options != (GAP,))
        pattern = _Pattern(kind, phrase, language, tuple(elements), letters >= _TYPO_PHRASE)
        for first in elements[0]:
            if first.endswith(GAP):
                self.prefixed[first[0]].append((first[:-1], pattern))
                continue
            if first not in self.spaced and len(first) >= _TYPO_WORD:
                self.shapes[len(first), first[0]].append(first)
            self.spaced[first].append(pattern)

    def _add_run(self, kind: str, phrase: str, language: str) -> None:
        parts = [text_run(part.replace("|", "")) if "|" not in part else part for part in phrase.split(GAP)]
        sources = []
        for part in parts:
            options = [regex.escape(text_run(option)) for option in part.split("|")]
            sources.append(options[0] if len(options) == 1 else f"(?:{'|'.join(options)})")
        first = text_run(phrase.split(GAP)[0])
        if not first or not all(parts):
            raise SafetyDataError(f"{language}: {phrase!r} must start and end with a word")
        expression = regex.compile(f".{{0,{GAP_CHARACTERS}}}?".join(sources))
        for option in phrase.split(GAP)[0].split("|"):
            self.unspaced[text_run(option)[0]].append(_RunPattern(kind, phrase, language, expression))

    def find(self, text: str) -> Danger | None:
        """The most pressing danger `text` speaks of, or None. Never raises for any text."""
        found = [*self._in_words(text_words(text)), *self._in_run(text_run(text))]
        if not found:
            return None
        return min(found, key=lambda danger: (KINDS.index(danger.kind), -danger.score))

    def is_harmless(self, text: str) -> bool:
        """Whether `text` holds a phrase that only looks like danger, and none that is."""
        words, run = text_words(text), text_run(text)
        harmless = any(pattern.kind == HARMLESS for pattern, *_ in self._word_matches(words)) or any(
            pattern.kind == HARMLESS for pattern, *_ in self._run_matches(run)
        )
        return harmless and self.find(text) is None

    def _in_words(self, words: list[str]) -> Iterator[Danger]:
        matches = list(self._word_matches(words))
        covered = {at for pattern, start, end, _ in matches if pattern.kind == HARMLESS for at in range(start, end)}
        for pattern, start, end, exact in matches:
            if pattern.kind != HARMLESS and not covered.intersection(range(start, end)):
                score = EXACT_SCORE if exact else TYPO_SCORE
                yield Danger(pattern.kind, score, pattern.phrase, pattern.language)  # type: ignore[arg-type]

    def _word_matches(self, words: list[str]) -> Iterator[tuple[_Pattern, int, int, bool]]:
        for start, word in enumerate(words):
            for pattern, exact in self._starting_with(word):
                end = _reach(pattern, words, start)
                if end is not None:
                    yield pattern, start, end[0], exact and end[1]

    def _starting_with(self, word: str) -> Iterator[tuple[_Pattern, bool]]:
        for pattern in self.spaced.get(word, ()):
            yield pattern, True
        for beginning, pattern in self.prefixed.get(word[0], ()):
            if word.startswith(beginning):
                yield pattern, True
        if len(word) >= _TYPO_WORD and word not in self.spaced:
            for length in (len(word) - 1, len(word), len(word) + 1):
                for first in self.shapes.get((length, word[0]), ()):
                    if _is_typo(word, first):
                        yield from ((pattern, False) for pattern in self.spaced[first] if pattern.tolerant)

    def _in_run(self, run: str) -> Iterator[Danger]:
        matches = list(self._run_matches(run))
        covered = {at for pattern, start, end in matches if pattern.kind == HARMLESS for at in range(start, end)}
        for pattern, start, end in matches:
            if pattern.kind != HARMLESS and not covered.intersection(range(start, end)):
                yield Danger(pattern.kind, EXACT_SCORE, pattern.phrase, pattern.language)  # type: ignore[arg-type]

    def _run_matches(self, run: str) -> Iterator[tuple[_RunPattern, int, int]]:
        for start, character in enumerate(run):
            for pattern in self.unspaced.get(character, ()):
                match = pattern.expression.match(run, start)
                if match:
                    yield pattern, match.start(), match.end()


def _is_typo(word: str, meant: str) -> bool:
    return abs(len(word) - len(meant)) <= 1 and OSA.distance(word, meant, score_cutoff=1) <= 1


def _fits(word: str, options: Iterable[str], tolerant: bool) -> tuple[bool, bool]:
    """Whether a word is one of the options, and whether exactly so."""
    for option in options:
        if option.endswith(GAP):
            if word.startswith(option[:-1]):
                return True, True
        elif word == option:
            return True, True
    if tolerant and len(word) >= _TYPO_WORD:
        return any(len(option) >= _TYPO_WORD and _is_typo(word, option) for option in options), False
    return False, False


def _reach(pattern: _Pattern, words: list[str], start: int) -> tuple[int, bool] | None:
    """Position after the match that begins at `start`, and whether it is exact; None when there is none."""
    at, exact, gap = start, True, 0
    for options in pattern.elements:
        if options == (GAP,):
            gap = GAP_WORDS
            continue
        for step in range(gap + 1):
            if at + step >= len(words):
                return None
            fits, precisely = _fits(words[at + step], options, pattern.tolerant)
            if fits:
                at, exact, gap = at + step + 1, exact and precisely, 0
                break
        else:
            return None
    return at, exact


@lru_cache(maxsize=1)
def safety_phrases() -> SafetyPhrases:
    """The project's phrases. Raises `SafetyDataError`."""
    return SafetyPhrases.read(settings().data_dir / "safety")
