"""Words of a text: spaCy blank pipelines a language, with word segmenters where a script writes no spaces.

Pure functions for the whole project (features, knowledge search, retrieval). Nothing heavy is imported before the first
call, and a language's rules or dictionary are loaded at its first text.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import yaml

from bot.i18n.languages import registry
from bot.nlu.normalization import align
from bot.settings import settings

if TYPE_CHECKING:
    from spacy.language import Language as Pipeline
    from spacy.tokens import Doc
    from spacy.vocab import Vocab

logger = logging.getLogger(__name__)

GENERAL = "xx"
_INK = re.compile(r"\S+")
_CHARACTER_RUNS = re.compile(r"\w+(?:[\u0300-\u036f]|\w)*|[^\w\s]", re.UNICODE)


@dataclass(frozen=True, slots=True)
class Span:
    """One token: its normalised text and its position in the original (`original[start:end]`)."""

    text: str
    start: int
    end: int

    @property
    def is_word(self) -> bool:
        """Whether it holds a letter or digit, not only punctuation or symbols."""
        return any(ch.isalnum() for ch in self.text)


class _SegmenterTokenizer:
    """A word segmenter as spaCy's tokenizer: pieces and the gaps between them become the tokens of a `Doc`."""

    def __init__(self, vocab: Vocab, segment: Callable[[str], Iterable[str]]) -> None:
        self.vocab = vocab
        self._segment = segment

    def __call__(self, text: str) -> Doc:
        from spacy.tokens import Doc

        words = list(_with_gaps(text, self._segment(text)))
        return Doc(self.vocab, words=words, spaces=[False] * len(words))

    def to_bytes(self, **_: Any) -> bytes:
        """spaCy's serialisation hook: there is no state."""
        return b""

    def from_bytes(self, _: bytes, **__: Any) -> _SegmenterTokenizer:
        """spaCy's serialisation hook: there is no state."""
        return self


def _with_gaps(text: str, pieces: Iterable[str]) -> Iterator[str]:
    position = 0
    for piece in pieces:
        piece = piece.strip()
        if not piece:
            continue
        found = text.find(piece, position)
        if found < 0:
            continue
        if found > position:
            yield text[position:found]
        yield piece
        position = found + len(piece)
    if position < len(text):
        yield text[position:]


def _fugashi() -> Callable[[str], Iterable[str]]:
    import fugashi

    tagger = fugashi.Tagger()
    return lambda text: [node.surface for node in tagger(text)]


def _rjieba() -> Callable[[str], Iterable[str]]:
    import rjieba

    return lambda text: list(rjieba.cut(text))


def _pythainlp() -> Callable[[str], Iterable[str]]:
    from pythainlp.tokenize import word_tokenize

    return lambda text: list(word_tokenize(text, keep_whitespace=False))


SEGMENTERS: Mapping[str, Callable[[], Callable[[str], Iterable[str]]]] = {
    "fugashi": _fugashi,
    "rjieba": _rjieba,
    "pythainlp": _pythainlp,
}


@lru_cache(maxsize=1)
def engines() -> Mapping[str, str]:
    """Engine name by spaCy code, from `data/tokenizers.yaml`."""
    raw = yaml.safe_load((settings().data_dir / "tokenizers.yaml").read_text(encoding="utf-8"))
    table = {str(code): str(engine) for code, engine in raw["engines"].items()}
    unknown = sorted(set(table.values()) - {"general", *SEGMENTERS})
    if unknown:
        raise ValueError(f"data/tokenizers.yaml names unknown engines: {', '.join(unknown)}")
    return table


@lru_cache(maxsize=64)
def pipeline(spacy_code: str) -> Pipeline:
    """The blank spaCy pipeline of a spaCy code. Raises `ImportError` when its engine is not installed."""
    import spacy

    engine = engines().get(spacy_code)
    if engine is None:
        return spacy.blank(spacy_code)
    nlp = spacy.blank(GENERAL)
    if engine != "general":
        nlp.tokenizer = _SegmenterTokenizer(nlp.vocab, SEGMENTERS[engine]())
    return nlp


@lru_cache(maxsize=64)
def _tokenizer(spacy_code: str) -> Callable[[str], Iterable[tuple[str, int]]]:
    try:
        nlp = pipeline(spacy_code)
    except Exception:
        logger.exception("no spaCy pipeline for %s: words are cut by character classes", spacy_code)
        return lambda text: [(match.group(), match.start()) for match in _CHARACTER_RUNS.finditer(text)]
    return lambda text: [(token.text, token.idx) for token in nlp.make_doc(text)]


def spacy_code(language: str) -> str:
    """The spaCy code of a language of the registry; the general rules for an unknown one."""
    found = registry().find(language)
    return found.spacy if found else GENERAL


def spans(text: str, language: str) -> list[Span]:
    """Tokens of `text` in order, without white space, normalised (NFKC, lower case), with positions in the original.

    Tokens that come from one character of the original (`½`) stay together.
    """
    aligned = align(text)
    if not aligned.text.strip():
        return []
    found: list[Span] = []
    for piece, start in _tokenizer(spacy_code(language))(aligned.text):
        for match in _INK.finditer(piece):
            first, last = start + match.start(), start + match.end()
            begin, end = aligned.span(first, last)
            if found and begin < found[-1].end:
                before = found.pop()
                found.append(Span(before.text + match.group(), before.start, end))
            else:
                found.append(Span(match.group(), begin, end))
    return found


def words(text: str, language: str) -> list[str]:
    """Words of `text` for search and features: normalised (NFKC, lower case), punctuation and symbols left out."""
    return [span.text for span in spans(text, language) if span.is_word]


def preload(codes: Iterable[str]) -> None:
    """Load the rules and dictionaries of these languages now instead of at their first text."""
    for code in codes:
        words("a", code)
