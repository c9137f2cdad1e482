"""Why a text could not be translated."""

from __future__ import annotations

from typing import Literal

Reason = Literal[
    "off", "unsupported_language", "timeout", "unreachable", "rate_limited", "refused", "failed", "garbage"
]

PASSING: frozenset[Reason] = frozenset({"timeout", "unreachable", "rate_limited", "failed"})
"""Reasons that may be gone a moment later."""


class TranslationError(Exception):
    """A text was not translated; `reason` says why. Carries nothing of the text."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason
