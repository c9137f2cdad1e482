"""Families of intents: those whose answers hold most of each other's facts.

The card of one question about an office shows its address, hours, phone and languages too, and that of a procedure its
documents: being unsure which of a family is meant is no reason to ask back, nor to look for another answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

DEFAULT_FAMILIES = (("office_", "nearest_office"), ("procedure_",))
"""Prefixes of intents' names, a family a tuple."""


def family_confidence(ranking: Sequence[Mapping[str, Any]], families: Iterable[Sequence[str]]) -> float:
    """The probability that the best intent's whole family has; that of the intent alone when it has no family."""
    if not ranking:
        return 0.0
    best = str(ranking[0].get("name") or "")
    family = next((tuple(prefixes) for prefixes in families if best.startswith(tuple(prefixes))), None)
    if family is None:
        return float(ranking[0].get("confidence") or 0.0)
    return sum(float(row.get("confidence") or 0.0) for row in ranking if str(row.get("name") or "").startswith(family))
