from __future__ import annotations

import pytest

from bot.nlu.families import DEFAULT_FAMILIES, family_confidence


@pytest.mark.parametrize(
    ("best", "classes", "expected"),
    [
        ("greet", {}, 0.0),
        ("greet", {"greet": 0.7, "thank": 0.2}, 0.7),
        ("office_hours", {"office_hours": 0.4, "office_phone": 0.3, "greet": 0.2}, 0.7),
        ("nearest_office", {"nearest_office": 0.5, "office_location": 0.3}, 0.8),
        ("procedure_fee", {"procedure_fee": 0.5, "office_location": 0.3}, 0.5),
        ("procedure_fee", {"procedure_fee": 0.5, "ask_topic/passport": 0.3, "ask_topic/housing": 0.2}, 0.8),
        ("ask_topic/passport", {"procedure_fee": 0.5, "ask_topic/passport": 0.3}, 0.8),
    ],
)
def test_a_family_counts_together(best: str, classes: dict[str, float], expected: float) -> None:
    assert family_confidence(best, classes, DEFAULT_FAMILIES) == pytest.approx(expected)
