"""Text in a comparable form, with the way back to the original's positions."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

_HALF_WIDTH_MARKS = frozenset("\uff9e\uff9f")
_JOINERS = frozenset("\u200b\u200c\u200d\u2060\ufeff\u00ad")
_UNDECOMPOSED = str.maketrans({"đ": "d", "ð": "d", "ł": "l", "ø": "o", "ı": "i", "æ": "ae", "œ": "oe"})
_LATIN_GREEK_CYRILLIC_MARKS = range(0x0300, 0x0370)


def normalise(text: str) -> str:
    """NFKC, case-folded: one form for full and half width, composed and decomposed, upper and lower case."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def fold(text: str) -> str:
    """`normalise` without the diacritics of alphabetic scripts (marks of Thai, Devanagari and kana stay)."""
    decomposed = unicodedata.normalize("NFD", normalise(text))
    bare = "".join(ch for ch in decomposed if ord(ch) not in _LATIN_GREEK_CYRILLIC_MARKS)
    return unicodedata.normalize("NFC", bare).translate(_UNDECOMPOSED)


@dataclass(frozen=True, slots=True)
class AlignedText:
    """Normalised `text`; its character `i` comes from `source[starts[i]:ends[i]]` of the original."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Positions in the original of `text[start:end]` (not empty)."""
        return self.starts[start], self.ends[end - 1]


def align(text: str, *, without_diacritics: bool = False) -> AlignedText:
    """`normalise` (or `fold`) cluster by cluster (a character with its marks), keeping positions.

    Joiners and lone surrogates vanish.
    """
    change = fold if without_diacritics else normalise
    out: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    position = 0
    while position < len(text):
        end = position + 1
        while end < len(text) and (unicodedata.category(text[end])[0] == "M" or text[end] in _HALF_WIDTH_MARKS):
            end += 1
        cluster = text[position:end]
        unreadable = cluster in _JOINERS or "\ud800" <= cluster[0] <= "\udfff"
        changed = "" if unreadable else change(cluster)
        out.append(changed)
        starts.extend([position] * len(changed))
        ends.extend([end] * len(changed))
        position = end
    return AlignedText("".join(out), tuple(starts), tuple(ends))
