"""Check digits of numbers that identify a person or a card."""

from __future__ import annotations


def luhn_valid(digits: str) -> bool:
    """Whether ASCII digits end in the check digit of ISO/IEC 7812 (bank cards)."""
    total = 0
    for position, character in enumerate(reversed(digits)):
        value = int(character) * (1 + position % 2)
        total += value - 9 if value > 9 else value
    return bool(digits) and total % 10 == 0


def my_number_valid(digits: str) -> bool:
    """Whether 12 ASCII digits end in the check digit that the Japanese ordinance on the Individual Number lays down."""
    if len(digits) != 12:
        return False
    weights = (2, 3, 4, 5, 6, 7, 2, 3, 4, 5, 6)
    total = sum(weight * int(character) for weight, character in zip(weights, digits[10::-1], strict=True))
    remainder = total % 11
    return int(digits[11]) == (0 if remainder <= 1 else 11 - remainder)
