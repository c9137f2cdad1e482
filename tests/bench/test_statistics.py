"""Percentiles, medians, intervals."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.statistics import interval, median, percentile

VALUES = st.lists(st.floats(0, 1e6), min_size=1, max_size=60)


@pytest.mark.parametrize(
    ("share", "expected"), [(0.0, 1), (0.05, 1), (0.5, 5), (0.51, 6), (0.9, 9), (0.95, 10), (1.0, 10)]
)
def test_percentile_is_the_nearest_rank(share: float, expected: float) -> None:
    assert percentile([10, 3, 1, 2, 5, 4, 8, 6, 7, 9], share) == expected


@given(VALUES, st.floats(0, 1))
def test_a_percentile_is_a_measured_value_that_enough_values_do_not_exceed(values: list[float], share: float) -> None:
    found = percentile(values, share)
    assert found in values
    assert sum(value <= found for value in values) >= share * len(values) * (1 - 1e-12)


@pytest.mark.parametrize("share", [-0.1, 1.1])
def test_no_share_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match="no share"):
        percentile([1.0], share)


@pytest.mark.parametrize(("values", "expected"), [([3], 3), ([4, 1, 3], 3), ([4, 1, 3, 2], 2.5)])
def test_median(values: list[float], expected: float) -> None:
    assert median(values) == expected


def test_no_values_have_neither_median_nor_percentile() -> None:
    with pytest.raises(ValueError, match="no values"):
        median([])
    with pytest.raises(ValueError, match="no values"):
        percentile([], 0.5)
    with pytest.raises(ValueError, match="no trials"):
        interval(0, 0)


def test_interval_of_a_textbook_case() -> None:
    low, high = interval(15, 148)
    assert low == pytest.approx(0.0624, abs=5e-4)
    assert high == pytest.approx(0.1605, abs=5e-4)


@given(st.integers(1, 500).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total))))
def test_interval_holds_the_share(case: tuple[int, int]) -> None:
    right, total = case
    low, high = interval(right, total)
    assert 0 <= low <= right / total + 1e-9
    assert right / total - 1e-9 <= high <= 1
