"""Ways in which the same question is typed: typing errors, no diacritics, capitals, wide letters, emoji, a greeting."""

from __future__ import annotations

import random
import unicodedata
import zlib
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from pathlib import Path

import yaml

FOLDER = Path(__file__).parent
EMOJI = ("🙏", "😥", "🙇‍♀️", "❓")
_WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}

Perturbation = Callable[[str, str], str]
"""From a question and its language to the question as it is typed; the same each time."""


@lru_cache(maxsize=1)
def _greetings() -> Mapping[str, str]:
    found: dict[str, str] = yaml.safe_load((FOLDER / "greetings.yaml").read_text("utf-8"))
    return found


def typing_errors(edits: int, text: str, _language: str) -> str:
    """`edits` letters swapped, dropped or doubled, inside words of at least four letters (else anywhere inside)."""
    chance = random.Random(zlib.crc32(text.encode()) + edits)
    letters = list(text)
    for _ in range(edits):
        places = _inner_letters(letters, 4) or _inner_letters(letters, 2)
        if not places:
            break
        at = chance.choice(places)
        match chance.randrange(3):
            case 0:
                letters[at], letters[at + 1] = letters[at + 1], letters[at]
            case 1:
                del letters[at]
            case _:
                letters.insert(at, letters[at])
    return "".join(letters)


def _inner_letters(letters: list[str], length: int) -> list[int]:
    """Places of letters that stand neither first nor last in a run of at least `length` letters."""
    places: list[int] = []
    start = 0
    for at in range(len(letters) + 1):
        if at == len(letters) or not letters[at].isalpha():
            if at - start >= length:
                places.extend(range(start + 1, at - 1))
            start = at + 1
    return places


def without_diacritics(text: str, _language: str) -> str:
    """Latin letters without their marks; other scripts as they are (their marks are letters)."""
    kept = []
    for ch in text:
        base = unicodedata.normalize("NFD", ch)
        latin = "LATIN" in unicodedata.name(base[0], "")
        kept.append(base[0] if latin else ch)
    return "".join(kept).replace("đ", "d").replace("Đ", "D")


PERTURBATIONS: Mapping[str, Perturbation] = {
    "1 typing error": partial(typing_errors, 1),
    "2 typing errors": partial(typing_errors, 2),
    "no diacritics": without_diacritics,
    "capitals": lambda text, _language: text.upper(),
    "wide letters": lambda text, _language: text.translate(_WIDE),
    "emoji": lambda text, _language: f"{EMOJI[0]}{text}{EMOJI[zlib.crc32(text.encode()) % len(EMOJI)]}",
    "greeting": lambda text, language: _greetings().get(language, "") + text,
    "doubled punctuation": lambda text, _language: text.rstrip("?？.。!！ ") + "??!!",
}
