"""Readings above kanji: `<ruby>` for HTML, brackets for plain text.

Readings come from fugashi with unidic-lite; names it reads otherwise stand in `data/furigana.yaml`, and win.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache, lru_cache

import yaml
from fugashi import Tagger
from markupsafe import Markup, escape

from bot.settings import settings

_KANJI = re.compile(r"[\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_KANA_EDGES = re.compile(r"^([\u3040-\u30ff]*)(.*?)([\u3040-\u30ff]*)$", re.DOTALL)
_TO_HIRAGANA = {code: code - 0x60 for code in range(0x30A1, 0x30F7)}

Piece = tuple[str, str | None]
"""A stretch of text and its reading in hiragana; None where it needs none."""


def to_ruby(text: str) -> Markup:
    """The text as HTML, escaped, every word with kanji in a `<ruby>` element."""
    return Markup("").join(
        escape(part)
        if reading is None
        else Markup("<ruby>{}<rp>（</rp><rt>{}</rt><rp>）</rp></ruby>").format(part, reading)
        for part, reading in pieces(text)
    )


def to_brackets(text: str) -> str:
    """The text with the reading in brackets after every word with kanji."""
    return "".join(part if reading is None else f"{part}（{reading}）" for part, reading in pieces(text))


@lru_cache(maxsize=2048)
def pieces(text: str) -> tuple[Piece, ...]:
    """The text in order, cut into stretches with and without a reading. Joined, the stretches are the text."""
    found: list[Piece] = []
    at = 0
    for match in _exceptions_pattern()(text):
        found.extend(_analysed(text[at : match.start()]))
        word = match.group()
        found.append((word, _exceptions().get(word) or _counters()[word]))
        at = match.end()
    found.extend(_analysed(text[at:]))
    return tuple(found)


def _analysed(text: str) -> Iterator[Piece]:
    at = 0
    for word in _tagger()(text):
        start = text.index(word.surface, at)
        if start > at:
            yield text[at:start], None
        at = start + len(word.surface)
        yield from _word(word.surface, word.feature.kana)
    if at < len(text):
        yield text[at:], None


def _word(surface: str, katakana: str | None) -> Iterator[Piece]:
    """A word, its kana at both ends left without a reading: 申し込む has one on 申し込."""
    if not _KANJI.search(surface) or not katakana:
        yield surface, None
        return
    reading = katakana.translate(_TO_HIRAGANA)
    match = _KANA_EDGES.match(surface)
    head, core, tail = match.groups() if match else ("", surface, "")
    plain_head, plain_tail = head.translate(_TO_HIRAGANA), tail.translate(_TO_HIRAGANA)
    if not (reading.startswith(plain_head) and reading.endswith(plain_tail) and len(reading) > len(head) + len(tail)):
        head, core, tail = "", surface, ""
    if head:
        yield head, None
    yield core, reading[len(head) : len(reading) - len(tail)]
    if tail:
        yield tail, None


@cache
def _data() -> dict[str, dict[str, str]]:
    raw = yaml.safe_load((settings().data_dir / "furigana.yaml").read_text("utf-8"))
    return {
        part: {str(word): str(reading) for word, reading in raw[part].items()} for part in ("words", "after_digits")
    }


def _exceptions() -> dict[str, str]:
    return _data()["words"]


def _counters() -> dict[str, str]:
    return _data()["after_digits"]


@cache
def _exceptions_pattern() -> Callable[[str], Iterator[re.Match[str]]]:
    longest_first = sorted(_exceptions(), key=len, reverse=True)
    # 6日 must not be found in 16日
    alternatives = [(r"(?<!\d)" if word[0].isdigit() else "") + re.escape(word) for word in longest_first]
    alternatives += [rf"(?<=\d){re.escape(unit)}" for unit in _counters()]
    return re.compile("|".join(alternatives)).finditer


@cache
def _tagger() -> Tagger:
    return Tagger()
