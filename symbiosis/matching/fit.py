"""Numbers of a pair between 0 and 1, over whole arrays. A missing value is NaN on the way in, and on the way out where
nothing else is said.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from kisu.lib.geography import EARTH_RADIUS_KM, ROAD_FACTOR

Floats = NDArray[np.floating[Any]]

PLACE_UNKNOWN = 0.8
"""Counted when a place is missing: as if some 200 km away, so that saying nothing is no advantage."""
OUTSIDE = 0.4
"""A stated search area is a wish, not a wall: outside it the pair keeps this much, and less in proportion beyond."""
ENOUGH_DAYS = 30
LEAST_SHARE = 1e-3
"""Less of what is needed is as good as nothing of it."""


def road_km(latitudes: Floats, longitudes: Floats, latitude: Floats, longitude: Floats) -> Floats:
    """kisu.lib.geography.road_km over arrays in degrees, broadcast against each other."""
    lat1, lon1, lat2, lon2 = (np.radians(value) for value in (latitudes, longitudes, latitude, longitude))
    half = np.sin((lat2 - lat1) / 2) ** 2 + np.cos(lat1) * np.cos(lat2) * np.sin((lon2 - lon1) / 2) ** 2
    kilometres: Floats = ROAD_FACTOR * 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(half, 1.0)))
    return kilometres


KM_OF_A_DEGREE, NARROWED = 111.2, 0.43
"""Along a meridian; and how much shorter a degree of longitude is in the middle of Finland (64.5°)."""


def plane(latitude: Floats, longitude: Floats) -> NDArray[np.float32]:
    """places x 2: kilometres on a plane that is right enough within Finland to choose whom to look at."""
    return np.stack([latitude * KM_OF_A_DEGREE, longitude * KM_OF_A_DEGREE * NARROWED], axis=1).astype(np.float32)


def nearness(needs: NDArray[np.float32], offers: NDArray[np.float32], pays_km: Floats) -> NDArray[np.float32]:
    """needs x offers: `distance` by the plane, a missing place as there."""
    apart = np.hypot(needs[:, :1] - offers[:, 0], needs[:, 1:] - offers[:, 1])
    near: NDArray[np.float32] = np.exp(-np.float32(ROAD_FACTOR) * apart / pays_km.astype(np.float32))
    return np.nan_to_num(near, nan=PLACE_UNKNOWN)


def distance(km: Floats, pays_km: Floats) -> Floats:
    """`pays_km`: where 37 % is kept."""
    return np.where(np.isnan(km), PLACE_UNKNOWN, np.exp(-km / pays_km))


def radius(km: Floats, limit_km: Floats) -> Floats:
    """1 inside the stated search area, 1 too when either is missing; outside OUTSIDE x limit / distance."""
    with np.errstate(divide="ignore", invalid="ignore"):
        outside = OUTSIDE * limit_km / km
    return np.where(km > limit_km, outside, 1.0)


def time(days: NDArray[np.integer[Any]]) -> Floats:
    """0 to 1 at ENOUGH_DAYS common days."""
    enough: Floats = np.clip(days / ENOUGH_DAYS, 0.0, 1.0)
    return enough


def quantity(share: Floats) -> Floats:
    """`share`: a year's offer over a year's need in one unit. On a scale of powers of ten: 0 at LEAST_SHARE, 1 at the whole."""
    with np.errstate(divide="ignore"):
        scaled: Floats = 1 - np.log10(np.clip(share, LEAST_SHARE, 1.0)) / np.log10(LEAST_SHARE)
    return scaled
