"""Finds personal data that residents type unasked: numbers that identify them, ways to reach them, bank cards."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final, Literal

from bot.privacy.check_digits import luhn_valid, my_number_valid

PersonalDataKind = Literal["my_number", "residence_card", "passport", "bank_card", "phone", "email"]

KINDS: Final[tuple[PersonalDataKind, ...]] = (
    "my_number",
    "bank_card",
    "residence_card",
    "passport",
    "phone",
    "email",
)
"""All kinds; where two patterns cover the same characters, the one named first names the find."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Personal data at `text[start:end]`."""

    kind: PersonalDataKind
    start: int
    end: int


_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u30fc\uff70\u207b\u2043\ufe63\uff0d\u2500\u301c\uff5e~_"
_SPACES = "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000\t\n\r"
_PLAIN = {
    **{ord(dash): "-" for dash in _DASHES},
    **{ord(space): " " for space in _SPACES},
    ord("・"): ".",
    ord("･"): ".",
}

# Marks that may stand between two digits of one number.
_MARKS: Final = " -."
_GAP = r"[ \-.]{0,2}"
_GAP_OR_BRACKET = r"[ \-.()]{0,3}"
_NO_LETTER_BEFORE = r"(?<![A-Za-z0-9])"
_NO_LETTER_AFTER = r"(?![A-Za-z0-9])"

_NUMBER_START = re.compile(r"(?<!\d)\d")
_CARD_LENGTHS = range(19, 12, -1)
_YEAR = re.compile(r"(?:19|20)\d\d")
_RESIDENCE_CARD = re.compile(
    rf"{_NO_LETTER_BEFORE}[A-Z][ \-]?[A-Z]{_GAP}\d(?:{_GAP}\d){{7}}{_GAP}[A-Z][ \-]?[A-Z]{_NO_LETTER_AFTER}",
    re.IGNORECASE,
)
_PASSPORT = re.compile(
    rf"{_NO_LETTER_BEFORE}"
    r"(?:[A-Z]{1,2}\d{6,8}[A-Z]?|[A-Z]{2}[ \-]\d{7}|[A-Z][ \-]\d{8}|[A-Z]\d{3}[A-Z]\d{4})"
    rf"{_NO_LETTER_AFTER}",
    re.IGNORECASE,
)
_DOMESTIC_PHONE = re.compile(rf"(?<![\d+:])\(?0(?:{_GAP_OR_BRACKET}\d){{9,10}}(?!\d)")
_FOREIGN_PHONE = re.compile(rf"(?<![\d:])(?:\+|00|010){_GAP_OR_BRACKET}[1-9](?:{_GAP_OR_BRACKET}\d){{7,14}}(?!\d)")
_DATE_FIRST = re.compile(r"\d{1,2}[.\-]\d{1,2}[.\-](?:19|20)\d\d(?!\d)")
_EMAIL = re.compile(
    r"(?<![A-Za-z0-9._%+\-])[A-Za-z0-9._%+\-]{1,64} ?@ ?[A-Za-z0-9][A-Za-z0-9\-]{0,62}(?:\.[A-Za-z0-9\-]{1,63}){1,6}"
)

_PATTERNS: Final[tuple[tuple[PersonalDataKind, re.Pattern[str]], ...]] = (
    ("residence_card", _RESIDENCE_CARD),
    ("passport", _PASSPORT),
    ("email", _EMAIL),
)

# Free-of-charge and shared-cost numbers belong to services, never to a resident.
_SERVICE_PREFIXES: Final = ("0120", "0800", "0570", "0990")


def find(text: str, public_numbers: Collection[str] = ()) -> list[Finding]:
    """Personal data in a text, in order, without overlaps.

    `public_numbers` are telephone numbers (digits as dialled in Japan, `0452221209`) that may stand in a text because
    they are an office's. Full width, other scripts' digits and usual separators are read like plain ones.
    """
    plain = _plain(text)
    offices = frozenset(_only_digits(number) for number in public_numbers)
    found = sorted(_all(plain, offices), key=lambda each: (each.start, each.start - each.end, KINDS.index(each.kind)))
    merged: list[Finding] = []
    for each in found:
        if merged and each.start < merged[-1].end:
            last = merged[-1]
            longer = each if each.end - each.start > last.end - last.start else last
            merged[-1] = Finding(longer.kind, last.start, max(last.end, each.end))
        else:
            merged.append(each)
    return merged


def _plain(text: str) -> str:
    """The text with every character replaced by its plain form of the same length, so that positions stay."""
    return "".join(_plain_character(character) for character in text)


def _plain_character(character: str) -> str:
    if character < "\x80":
        return _PLAIN.get(ord(character), character)
    if (value := unicodedata.decimal(character, None)) is not None:
        return str(value)
    if (mark := _PLAIN.get(ord(character))) is not None:
        return mark
    compatible = unicodedata.normalize("NFKC", character)
    return compatible if len(compatible) == 1 else character


def _only_digits(text: str) -> str:
    return "".join(character for character in text if character.isdigit())


def _all(text: str, offices: frozenset[str]) -> Iterator[Finding]:
    yield from _with_check_digit(text)
    for kind, pattern in _PATTERNS:
        yield from (Finding(kind, *match.span()) for match in pattern.finditer(text))
    for match in _DOMESTIC_PHONE.finditer(text):
        digits = _only_digits(match.group())
        if digits not in offices and not digits.startswith(_SERVICE_PREFIXES) and not _DATE_FIRST.match(match.group()):
            yield Finding("phone", *match.span())
    for match in _FOREIGN_PHONE.finditer(text):
        digits = _only_digits(match.group())
        if not (digits.startswith("81") and f"0{digits[2:].removeprefix('0')}" in offices):
            yield Finding("phone", *match.span())


def _with_check_digit(text: str) -> Iterator[Finding]:
    """My Numbers and bank cards, at every place where a number starts: one may stand directly behind another."""
    for match in _NUMBER_START.finditer(text):
        positions = _digit_positions(text, match.start(), most=_CARD_LENGTHS[0])
        if _is_number(text, positions[:12]) and my_number_valid(_at(text, positions[:12])):
            yield Finding("my_number", positions[0], positions[11] + 1)
        for length in _CARD_LENGTHS if text[positions[0]] in "23456" else ():
            if (
                len(positions) >= length
                and _is_number(text, positions[:length])
                and luhn_valid(_at(text, positions[:length]))
            ):
                yield Finding("bank_card", positions[0], positions[length - 1] + 1)
                break


def _digit_positions(text: str, start: int, most: int) -> list[int]:
    """Positions of up to `most` digits from `start` on that belong together by their separators."""
    positions = [start]
    gap = 0
    for position in range(start + 1, len(text)):
        character = text[position]
        if character.isdigit():
            positions.append(position)
            gap = 0
            if len(positions) == most:
                break
        elif character in _MARKS and gap < 3:
            gap += 1
        else:
            break
    return positions


def _is_number(text: str, positions: list[int]) -> bool:
    """Whether digits are grouped as one number is written, not as a row of dates, times or years."""
    end = positions[-1] + 1
    if end < len(text) and text[end].isdigit():
        return False
    groups = re.findall(r"\d+", text[positions[0] : end])
    if len(groups) > 1 and all(_YEAR.fullmatch(group) for group in groups):
        return False
    return len({len(group) for group in groups}) == 1 or min(len(group) for group in groups) >= 3


def _at(text: str, positions: list[int]) -> str:
    return "".join(text[position] for position in positions)
