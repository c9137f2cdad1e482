"""Distances and nearest offices."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.knowledge.distance import EARTH_RADIUS, distance, nearest, ranking_positions
from bot.knowledge.models import Names, Office, Provenance
from bot.knowledge.store import KnowledgeStore

_points = st.tuples(st.floats(-90, 90), st.floats(-180, 180))


def test_a_degree_on_a_meridian() -> None:
    assert distance((35, 139), (36, 139)) == pytest.approx(math.radians(1) * EARTH_RADIUS)


def test_a_known_distance() -> None:
    # The stations of Yokohama and Tokyo lie about 27 km apart as the crow flies.
    assert distance((35.4659, 139.6223), (35.6812, 139.7671)) == pytest.approx(27_300, rel=0.01)


@given(one=_points, other=_points)
def test_distance_is_a_distance(one: tuple[float, float], other: tuple[float, float]) -> None:
    assert distance(one, one) == pytest.approx(0, abs=1e-6)
    assert distance(one, other) == pytest.approx(distance(other, one))
    assert 0 <= distance(one, other) <= math.pi * EARTH_RADIUS + 1


@pytest.mark.parametrize("point", [(91.0, 0.0), (0.0, 181.0), (math.nan, 0.0)])
def test_what_is_not_on_the_globe_is_refused(point: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="globe"):
        distance(point, (0, 0))


def office(identifier: str, status: str = "current") -> Office:
    return Office.model_validate(
        {"id": identifier, "kind": "lounge", "names": Names(ja="x", en="x"), "status": status,
         "provenance": Provenance(confidence="official", source="s", date="2026")}
    )  # fmt: skip


def test_nearest_first_without_ended_and_placeless_ones() -> None:
    places = {"a": (35.5, 139.6), "b": (35.4, 139.6), "c": (35.45, 139.6), "d": (35.41, 139.6)}
    offices = [office("a"), office("b"), office("c"), office("d", "ended"), office("nowhere")]
    found = nearest((35.4, 139.6), offices, places.get, limit=5)
    assert [one.id for one in found] == ["b", "c", "a"]
    assert [one.id for one in nearest((35.4, 139.6), offices, places.get, limit=1)] == ["b"]
    assert nearest(None, offices, places.get) == []


def test_offices_without_a_position_rank_by_their_ward(store: KnowledgeStore) -> None:
    positions = ranking_positions(store.knowledge())
    assert positions["north_lounge"] == (35.512, 139.621)
    assert positions["south_lounge"] == (35.36, 139.60)
    public = store.public
    assert public.ranking_position("nowhere") is None
    south = public.station("south_station")
    assert south is not None
    origin = (south.position.lat, south.position.lon)
    found = nearest(origin, public.offices(kind="lounge"), public.ranking_position)
    assert [one.id for one in found] == ["south_lounge", "north_lounge"]
