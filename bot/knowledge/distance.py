"""Distances on the globe, and which offices are nearest to a place.

Many positions of offices come from general knowledge and are good to some hundred metres: enough to say which office is
nearest, not enough to be shown. Ranking therefore has its own positions, apart from those of the records.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping

from bot.knowledge.collection import Knowledge
from bot.knowledge.models import Office

EARTH_RADIUS = 6_371_008.8
"""Mean radius in metres (IUGG)."""

Degrees = tuple[float, float]
"""Latitude and longitude, WGS 84."""


def distance(one: Degrees, other: Degrees) -> float:
    """Great-circle distance in metres (haversine; below 0.6 % from the ellipsoid's).

    Raises `ValueError` for a latitude outside -90..90 or a longitude outside -180..180.
    """
    for lat, lon in (one, other):
        if not (-90 <= lat <= 90 and -180 <= lon <= 180):
            raise ValueError(f"no position on the globe: {lat}, {lon}")
    lat1, lat2 = math.radians(one[0]), math.radians(other[0])
    half_lat = math.sin((lat2 - lat1) / 2)
    half_lon = math.sin(math.radians(other[1] - one[1]) / 2)
    root = half_lat * half_lat + math.cos(lat1) * math.cos(lat2) * half_lon * half_lon
    return 2 * EARTH_RADIUS * math.asin(min(1.0, math.sqrt(root)))


def nearest(
    origin: Degrees | None,
    offices: Iterable[Office],
    position_of: Callable[[str], Degrees | None],
    limit: int = 3,
) -> list[Office]:
    """The offices nearest to a place, nearest first. `position_of` gives an office's position by its id.

    Offices without a position, and ended ones, are left out. No origin: nothing is near.
    """
    if origin is None:
        return []
    found = [
        (distance(origin, position), office.id, office)
        for office in offices
        if office.status != "ended" and (position := position_of(office.id)) is not None
    ]
    return [office for _, _, office in sorted(found, key=lambda one: one[:2])[:limit]]


def ranking_positions(knowledge: Knowledge) -> Mapping[str, Degrees]:
    """Where every office is for ranking, by its id: its own position, else the middle of its ward's stations."""
    middles = _ward_middles(knowledge)
    ward_of_office = {ward.office: ward.id for ward in knowledge.wards.values()}
    found: dict[str, Degrees] = {}
    for office in knowledge.offices.values():
        ward = office.ward or ward_of_office.get(office.id)
        if office.position is not None:
            found[office.id] = (office.position.lat, office.position.lon)
        elif ward in middles:
            found[office.id] = middles[ward]
    return found


def _ward_middles(knowledge: Knowledge) -> Mapping[str | None, Degrees]:
    grouped: dict[str | None, list[Degrees]] = {}
    for station in knowledge.stations.values():
        if station.ward is not None:
            grouped.setdefault(station.ward, []).append((station.position.lat, station.position.lon))
    return {
        ward: (sum(lat for lat, _ in places) / len(places), sum(lon for _, lon in places) / len(places))
        for ward, places in grouped.items()
    }
