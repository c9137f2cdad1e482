"""Reduced dates as days."""

from __future__ import annotations

from datetime import date

import pytest

from bot.knowledge.dates import first_day, last_day


@pytest.mark.parametrize(
    ("reduced", "first", "last"),
    [
        ("2024", date(2024, 1, 1), date(2024, 12, 31)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2023-02", date(2023, 2, 1), date(2023, 2, 28)),
        ("2024-03-21", date(2024, 3, 21), date(2024, 3, 21)),
    ],
)
def test_first_and_last_day(reduced: str, first: date, last: date) -> None:
    assert first_day(reduced) == first
    assert last_day(reduced) == last


@pytest.mark.parametrize("text", ["2023-02-30", "2023-13", "", "x", "2023-1-2-3"])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        first_day(text)
    with pytest.raises(ValueError):  # noqa: PT011
        last_day(text)
