"""Reduced dates (`2024`, `2024-03`, `2024-03-21`) as days."""

from __future__ import annotations

from calendar import monthrange
from datetime import date


def first_day(reduced: str) -> date:
    """The first day a reduced date allows. Raises `ValueError` for what is no date (`2023-02-30`)."""
    year, month, day = _parts(reduced)
    return date(year, month or 1, day or 1)


def last_day(reduced: str) -> date:
    """The last day a reduced date allows. Raises `ValueError` for what is no date."""
    year, month, day = _parts(reduced)
    month = month or 12
    return date(year, month, day or monthrange(year, month)[1])


def _parts(reduced: str) -> tuple[int, int | None, int | None]:
    numbers = [int(part) for part in reduced.split("-")]
    if not 1 <= len(numbers) <= 3:
        raise ValueError(f"no date: {reduced!r}")
    year, month, day = (*numbers, None, None)[:3]
    assert year is not None
    if month is not None and not 1 <= month <= 12:
        raise ValueError(f"no date: {reduced!r}")
    return year, month, day
