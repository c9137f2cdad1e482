from __future__ import annotations

import pytest

from bot.nlu.families import DEFAULT_FAMILIES, family_confidence


@pytest.mark.parametrize(
    ("ranking", "expected"),
    [
        ([], 0.0),
        ([("greet", 0.7), ("thank", 0.2)], 0.7),
        ([("office_hours", 0.4), ("office_phone", 0.3), ("greet", 0.2)], 0.7),
        ([("nearest_office", 0.5), ("office_location", 0.3)], 0.8),
        ([("procedure_fee", 0.5), ("office_location", 0.3)], 0.5),
    ],
)
def test_a_family_counts_together(ranking: list[tuple[str, float]], expected: float) -> None:
    rows = [{"name": name, "confidence": confidence} for name, confidence in ranking]
    assert family_confidence(rows, DEFAULT_FAMILIES) == pytest.approx(expected)
