"""A text as the gazetteer reads it: words where spaces are written, one run of characters where none are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import regex

from bot.nlu.normalization import AlignedText, align, fold, normalise

_DENSE = r"\p{Script=Hani}\p{Script=Hira}\p{Script=Kana}\p{Script=Hang}\p{Script=Thai}"
_SPACED = rf"(?:(?![{_DENSE}])[\p{{L}}\p{{M}}\p{{N}}])"
_WORD = regex.compile(rf"{_SPACED}+(?:['’ʼ`]{_SPACED}+)*")
_DENSE_LETTER = regex.compile(rf"[{_DENSE}]")
_KANA = regex.compile(r"[\p{Script=Hira}\p{Script=Kana}ー]+")
_KATAKANA_ONLY = regex.compile(r"[\p{Script=Kana}ー]+")
_HANGUL = regex.compile(r"\p{Script=Hang}+")
_CHARACTER = regex.compile(r"[\p{L}\p{M}\p{N}]")
_APOSTROPHES = str.maketrans("", "", "'’ʼ`")
_KATAKANA = {code: code - 0x60 for code in range(0x30A1, 0x30F7)}
_ROMAJI = (
    (re.compile(r"ts"), "t"), (re.compile(r"sh|sy"), "s"), (re.compile(r"ch|ty"), "t"), (re.compile(r"j|zy"), "z"),
    (re.compile(r"f"), "h"), (re.compile(r"o[uoh](?![aeiou])|oo"), "o"), (re.compile(r"uu"), "u"),
    (re.compile(r"ei|ee"), "e"), (re.compile(r"m(?=[bmp])"), "n"), (re.compile(r"(.)\1"), r"\1"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Word:
    """A folded word (no diacritics, no apostrophes), the same with its diacritics, and its place in the original."""

    text: str
    marked: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Run:
    """Letters and figures of a text without what stands between them, kana as hiragana, with places in the original."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]


@lru_cache(maxsize=8192)
def fold_words(text: str) -> tuple[str, ...]:
    """The folded words of a text."""
    return tuple(match.translate(_APOSTROPHES) for match in _WORD.findall(fold(text)))


def words_of(text: str) -> list[Word]:
    """The words of a text with their places."""
    aligned = align(text, without_diacritics=True)
    found = []
    for match in _WORD.finditer(aligned.text):
        start, end = aligned.span(match.start(), match.end())
        marked = normalise(text[start:end]).translate(_APOSTROPHES)
        found.append(Word(match.group().translate(_APOSTROPHES), marked, start, end))
    return found


@lru_cache(maxsize=8192)
def run_of(text: str) -> Run:
    """The run of a text with places."""
    aligned: AlignedText = align(text, without_diacritics=True)
    kept = [at for at, ch in enumerate(aligned.text) if _CHARACTER.match(ch) or ch == "ー"]
    return Run(
        "".join(aligned.text[at] for at in kept).translate(_KATAKANA),
        tuple(aligned.starts[at] for at in kept),
        tuple(aligned.ends[at] for at in kept),
    )


def is_run(text: str) -> bool:
    """Whether a phrase is looked for as a run: it holds a letter of a script with dense characters."""
    return _DENSE_LETTER.search(text) is not None


def is_kana(run: str) -> bool:
    """Whether a run is phonetic only, so that it may stand inside a longer word by chance."""
    return _KANA.fullmatch(run) is not None


def is_hangul(run: str) -> bool:
    """Whether a run is Hangul only."""
    return _HANGUL.fullmatch(run) is not None


def starts_word(text: str, at: int) -> bool:
    """Whether no letter or figure stands before a place of a text."""
    return at == 0 or not text[at - 1].isalnum()


def is_written_like(name: str, text: str, start: int, end: int) -> bool:
    """Whether a name in katakana stands in katakana at a place of a text, or apart from other words."""
    if _KATAKANA_ONLY.fullmatch(name) is None or _KATAKANA_ONLY.fullmatch(normalise(text[start:end])) is not None:
        return True
    return starts_word(text, start) and (end >= len(text) or not text[end].isalnum())


def romaji_key(words: tuple[str, ...] | list[str]) -> str:
    """One spelling for the ways a Japanese name is romanised: spaces, long vowels, Hepburn or Kunrei."""
    key = "".join(words)
    for pattern, plain in _ROMAJI:
        key = pattern.sub(plain, key)
    return key
