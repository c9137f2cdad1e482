"""Makes a resident's text fit to be read: one Unicode form, nothing invisible, never a command to Rasa."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_JOINERS: Final = "\u200c\u200d"
# Letters and marks that show nothing: fillers of Hangul and Khmer, the empty Braille cell, the grapheme joiner.
_INVISIBLE: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180e\u2800\u3164\uffa0")
_LINE_BREAKS: Final = frozenset("\n\r\x0b\x0c\x85\u2028\u2029")
_REMOVED_CATEGORIES: Final = frozenset({"Cc", "Cf", "Co", "Cs"})
_MOST_MARKS: Final = 4
"""Marks on one letter: no language needs more, piles of them only make a text unreadable."""

_BLANKS = re.compile(r"[^\S\n]+")
_BREAKS = re.compile(r" ?\n[ \n]*")


class NotUnicodeError(ValueError):
    """The text holds half of a surrogate pair, which no encoding can carry on."""


def clean_text(text: str) -> str:
    """NFC, without control, bidirectional, zero-width and private characters, white space collapsed, no leading `/`.

    Joiners stay where a script or an emoji needs them. The result may be empty. Raises `NotUnicodeError` for lone
    surrogates.
    """
    ensure_unicode(text)
    kept = _limit_marks(_visible(unicodedata.normalize("NFC", text)))
    collapsed = _BREAKS.sub("\n", _BLANKS.sub(" ", kept)).strip()
    return without_command(unicodedata.normalize("NFC", collapsed))


def ensure_unicode(text: str) -> None:
    """Raises `NotUnicodeError` for lone surrogates."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise NotUnicodeError("the text holds a lone surrogate") from error


def without_command(text: str) -> str:
    """The text without the leading slashes that would make Rasa run it as an intent."""
    return text.lstrip("/ \t\n\u3000").rstrip() if text[:1] in {"/", " ", "\t", "\n", "\u3000"} else text


def _visible(text: str) -> str:
    out: list[str] = []
    for position, character in enumerate(text):
        if character in _LINE_BREAKS:
            out.append("\n")
        elif character == "\t":
            out.append(" ")
        elif character in _JOINERS:
            if _joins(text[position - 1 : position], text[position + 1 : position + 2]):
                out.append(character)
        elif character not in _INVISIBLE and unicodedata.category(character) not in _REMOVED_CATEGORIES:
            out.append(character)
    return "".join(out)


def _joins(before: str, after: str) -> bool:
    """Whether a joiner between two characters changes how they are written."""
    if not before or not after:
        return False
    return (_takes_joiners(before) and _takes_joiners(after)) or (_in_emoji(before) and _in_emoji(after))


def _takes_joiners(character: str) -> bool:
    """Letters and marks of the scripts that form ligatures: Arabic to Sinhala, Burmese, Khmer, Mongolian."""
    code = ord(character)
    return 0x0600 <= code <= 0x0DFF or 0x1000 <= code <= 0x109F or 0x1780 <= code <= 0x18AF


def _in_emoji(character: str) -> bool:
    return unicodedata.category(character) in {"So", "Sk"} or character in "\ufe0f\u2640\u2642"


def _limit_marks(text: str) -> str:
    out: list[str] = []
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.category(character) in {"Mn", "Me"} else 0
        if marks <= _MOST_MARKS:
            out.append(character)
    return "".join(out)
