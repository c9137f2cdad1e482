"""Hides personal data before a text is stored, logged or sent on."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from bot.privacy.detection import KINDS, PersonalDataKind, find

MASK = "●●●"


@dataclass(frozen=True, slots=True)
class MaskedText:
    """A text without the personal data that was found in it, and the kinds of what was hidden (in `KINDS` order)."""

    text: str
    kinds: tuple[PersonalDataKind, ...] = ()


def mask(text: str, public_numbers: Collection[str] = ()) -> MaskedText:
    """Replace personal data by `MASK`. Masking twice changes nothing more. `public_numbers`: see `detection.find`."""
    kinds: set[PersonalDataKind] = set()
    # Hiding a number can lay a neighbour bare that its digits kept from being read as a number of its own.
    while findings := find(text, public_numbers):
        for finding in reversed(findings):
            text = f"{text[: finding.start]}{MASK}{text[finding.end :]}"
            kinds.add(finding.kind)
    return MaskedText(text, tuple(kind for kind in KINDS if kind in kinds))
