"""Personal data is hidden whatever it is typed like; everyday numbers stay."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.privacy.check_digits import luhn_valid, my_number_valid
from bot.privacy.detection import KINDS, find
from bot.privacy.masking import MASK, mask


def _my_number(first_eleven: str) -> str:
    return next(f"{first_eleven}{last}" for last in "0123456789" if my_number_valid(f"{first_eleven}{last}"))


def _card(first: str) -> str:
    return next(f"{first}{last}" for last in "0123456789" if luhn_valid(f"{first}{last}"))


def _full_width(text: str) -> str:
    return "".join(chr(ord(character) + 0xFEE0) if "!" <= character <= "~" else character for character in text)


def _devanagari(text: str) -> str:
    return "".join(chr(0x0966 + int(character)) if character.isdigit() else character for character in text)


eleven_digits = st.text("0123456789", min_size=11, max_size=11)
my_numbers = eleven_digits.map(_my_number)
separators = st.sampled_from(["", " ", "-", "－", "　", " - ", "‐"])
writings = st.sampled_from([str, _full_width, _devanagari])
words = st.text(st.characters(exclude_categories=["Nd", "Cs"], exclude_characters="+-.() "), max_size=12)


@given(before=words, after=words, number=my_numbers, separator=separators, writing=writings)
def test_a_my_number_never_survives(before: str, after: str, number: str, separator: str, writing: object) -> None:
    assert callable(writing)
    groups = [number[:4], number[4:8], number[8:]]
    assume(not separator or not all(group[:2] in {"19", "20"} for group in groups))
    masked = mask(f"{before} {writing(separator.join(groups))} {after}")
    assert "my_number" in masked.kinds or "bank_card" in masked.kinds or "phone" in masked.kinds
    assert not any(character.isdigit() for character in masked.text if character not in before + after)


@given(first=st.from_regex(r"[3-5][0-9]{14}", fullmatch=True), separator=st.sampled_from(["", " ", "-"]), word=words)
def test_a_bank_card_never_survives(first: str, separator: str, word: str) -> None:
    number = _card(first)
    groups = [number[:4], number[4:8], number[8:12], number[12:]]
    masked = mask(f"{word} {separator.join(groups)}")
    assert MASK in masked.text
    assert number[-4:] not in masked.text.removeprefix(word)


@given(st.text(max_size=60))
def test_masking_twice_changes_nothing(text: str) -> None:
    once = mask(text)
    assert mask(once.text).text == once.text
    assert mask(once.text).kinds == ()


@given(st.text("0123456789 -+().@aA/", max_size=60))
def test_findings_are_in_order_and_apart(text: str) -> None:
    findings = find(text)
    for finding in findings:
        assert 0 <= finding.start < finding.end <= len(text)
        assert finding.kind in KINDS
    assert all(one.end <= other.start for one, other in pairwise(findings))


@pytest.mark.parametrize(
    ("text", "masked", "kinds"),
    [
        ("在留カードはAB12345678CDです", f"在留カードは{MASK}です", ("residence_card",)),
        ("ab 12345678 cd", MASK, ("residence_card",)),
        ("ＡＢ１２３４５６７８ＣＤ", MASK, ("residence_card",)),
        ("旅券TR1234567をなくした", f"旅券{MASK}をなくした", ("passport",)),
        ("my passport is FA123456.", f"my passport is {MASK}.", ("passport",)),
        ("hộ chiếu C1234567", f"hộ chiếu {MASK}", ("passport",)),
        ("M123A4567", MASK, ("passport",)),
        ("090-1234-5678に電話して", f"{MASK}に電話して", ("phone",)),
        ("０９０ー１２３４ー５６７８", MASK, ("phone",)),
        ("(03) 1234-5678", MASK, ("phone",)),
        ("мій номер +380 67 123 45 67", f"мій номер {MASK}", ("phone",)),
        ("0081 90 1234 5678", MASK, ("phone",)),
        ("メールはtaro.y@example.comです", f"メールは{MASK}です", ("email",)),
        ("ｔａｒｏ＠ｅｘａｍｐｌｅ．ｃｏｍ", MASK, ("email",)),
        ("4111 1111 1111 1111 / 080 1234 5678", f"{MASK} / {MASK}", ("bank_card", "phone")),
    ],
)
def test_what_is_hidden(text: str, masked: str, kinds: tuple[str, ...]) -> None:
    result = mask(text)
    assert (result.text, result.kinds) == (masked, kinds)


@pytest.mark.parametrize(
    "text",
    [
        "火事です 119 110 #7119 #8000",
        "0120-279-338 0570-013904",
        "〒221-0835 横浜市神奈川区鶴屋町",
        "2026-11-24 10:00-17:00",
        "from 2024-12-10 to 2025-01-05",
        "10:00-12:00, 13:00-17:00 2024/01/05-2024/02/06",
        "01.05.2024 10:00",
        "2024 2025 2026",
        "15,900円 6300円 10000000 yen",
        "令和6年4月1日 FY2022 R6.4.1",
        "10-year passport, 2 photos 45mm x 35mm, 14 days",
        "Route 16, exit 5, B1F, room 301",
    ],
)
def test_what_stays(text: str) -> None:
    assert mask(text).text == text
    assert mask(text).kinds == ()


def test_an_offices_number_stays_however_it_is_written() -> None:
    offices = ["045-222-1209"]
    for text in ("045-222-1209", "(045) 222 1209", "０４５－２２２－１２０９", "+81 45 222 1209"):
        assert mask(text, offices).text == text
        assert mask(text).kinds == ("phone",)


@given(my_numbers, st.integers(0, 11), st.integers(1, 9))
def test_the_check_digit_of_my_number_notices_a_changed_digit(number: str, place: int, step: int) -> None:
    changed = f"{number[:place]}{(int(number[place]) + step) % 10}{number[place + 1 :]}"
    # The remainders 0 and 1 share the check digit 0; every other change of one digit is noticed.
    assume(number[-1] != "0" or place == 11)
    assert not my_number_valid(changed) or changed[-1] == "0"


def test_check_digits_of_known_examples() -> None:
    assert my_number_valid("123456789018")
    assert not my_number_valid("123456789012")
    assert not my_number_valid("12345678901")
    assert luhn_valid("4111111111111111")
    assert not luhn_valid("4111111111111112")
    assert not luhn_valid("")
