"""Which writing systems a text uses: facts of Unicode and ISO 15924, none about a language."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

import regex

COMPOSITES: dict[str, tuple[str, ...]] = {
    "Jpan": ("Hira", "Kana", "Hani"),
    "Kore": ("Hang", "Hani"),
    "Hans": ("Hani",),
    "Hant": ("Hani",),
}
"""ISO 15924 codes that stand for several Unicode scripts, or for one use of a script."""

CODE_PAGES: dict[str, str] = {"Hans": "gb2312", "Hant": "big5", "Jpan": "shift_jis"}
"""The national character set of a use of the Han script: it holds that use's forms and few of the others'."""

IDEOGRAPHIC = frozenset({"Hira", "Kana", "Hani", "Hang", "Thai", "Khmr", "Laoo", "Mymr"})
"""Scripts in which one character carries as much as several letters of an alphabet."""

_LETTER = regex.compile(r"\p{L}")
_ADDRESS = regex.compile(r"(?:https?://|www\.)\S+|\S+@\S+\.\S+")
_NO_LETTERS = regex.compile(r"[^\p{L}\p{M}'’ʼ\-]+")
_KNOWN = (
    "Latn", "Hani", "Hira", "Kana", "Cyrl", "Deva", "Thai", "Hang", "Arab", "Beng", "Mymr", "Khmr", "Laoo", "Grek",
    "Hebr", "Armn", "Geor", "Sinh", "Taml", "Telu", "Knda", "Mlym", "Gujr", "Guru", "Mong", "Ethi", "Tibt",
)  # fmt: skip


@lru_cache(maxsize=64)
def _of_script(script: str) -> regex.Pattern[str]:
    return regex.compile(rf"\p{{Script={script}}}")


@lru_cache(maxsize=8192)
def script_of(character: str) -> str | None:
    """ISO 15924 code of a letter's script (`Zzzz`: one not looked for), None for anything but a letter."""
    if not _LETTER.match(character):
        return None
    return next((script for script in _KNOWN if _of_script(script).match(character)), "Zzzz")


def letters_only(text: str) -> str:
    """The text without addresses of web and mail, figures, punctuation and symbols; words separated by one space."""
    return str(_NO_LETTERS.sub(" ", _ADDRESS.sub(" ", text))).strip(" -'’ʼ")


def count_scripts(text: str) -> Counter[str]:
    """Letters of each Unicode script in `text`."""
    return Counter(script for script in map(script_of, text) if script)


def unicode_scripts(code: str) -> tuple[str, ...]:
    """The Unicode scripts an ISO 15924 code of the registry stands for."""
    return COMPOSITES.get(code, (code,))


def share_in_code_page(characters: Iterable[str], script: str) -> float:
    """Share of `characters` that the code page of a use of the Han script holds (1.0 where none is known for it)."""
    page = CODE_PAGES.get(script)
    found = list(characters)
    if page is None or not found:
        return 1.0
    return sum(_encodes(ch, page) for ch in found) / len(found)


@lru_cache(maxsize=16384)
def _encodes(character: str, page: str) -> bool:
    try:
        character.encode(page)
    except UnicodeEncodeError:
        return False
    return True


def writes_without_spaces(text: str) -> bool:
    """Whether `text` holds a letter of a script that is written without spaces between words (Hangul has spaces)."""
    return any(script_of(ch) in IDEOGRAPHIC - {"Hang"} for ch in text)
