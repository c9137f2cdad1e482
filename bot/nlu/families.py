"""Families of intents: those whose answers hold most of each other's facts.

The card of one question about an office shows its address, hours, phone and languages too, and that of a procedure its
documents: being unsure which of a family is meant is no reason to ask back, nor to look for another answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

DEFAULT_FAMILIES = (
    ("office_", "nearest_office", "ask_topic/lounge"),
    ("procedure_", "ask_topic/passport"),
)
"""Prefixes of the classifier's classes (intents; `ask_topic/` with an area of the knowledge), a family a tuple."""


def family_confidence(best: str, classes: Mapping[str, float], families: Iterable[Sequence[str]]) -> float:
    """The probability that the whole family of a class has; that of the class alone when it has no family."""
    family = next((tuple(prefixes) for prefixes in families if best.startswith(tuple(prefixes))), None)
    if family is None:
        return classes.get(best, 0.0)
    return sum(confidence for name, confidence in classes.items() if name.startswith(family))
