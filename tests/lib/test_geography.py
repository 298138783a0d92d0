import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kisu.lib.geography import EARTH_RADIUS_KM, Point, bounding_box, distance_km, road_km

HELSINKI = Point(60.1699, 24.9384)
TAMPERE = Point(61.4978, 23.7610)
UTSJOKI = Point(69.9079, 27.0275)

finland = st.builds(Point, st.floats(59.5, 70.1), st.floats(19.0, 31.6))


def test_known_distances() -> None:
    assert distance_km(HELSINKI, TAMPERE) == pytest.approx(161, abs=1)
    assert distance_km(HELSINKI, UTSJOKI) == pytest.approx(1088, abs=3)
    assert distance_km(Point(0, 0), Point(0, 180)) == pytest.approx(3.14159265 * EARTH_RADIUS_KM)
    assert road_km(HELSINKI, TAMPERE) == pytest.approx(1.3 * distance_km(HELSINKI, TAMPERE))


@settings(max_examples=100, deadline=None)
@given(finland, finland, finland)
def test_distance_is_a_metric(a: Point, b: Point, c: Point) -> None:
    assert distance_km(a, a) == 0
    assert distance_km(a, b) == pytest.approx(distance_km(b, a))
    assert distance_km(a, c) <= distance_km(a, b) + distance_km(b, c) + 1e-6


@settings(max_examples=200, deadline=None)
@given(finland, finland, st.floats(1, 1500))
def test_no_place_within_the_radius_falls_outside_the_box(centre: Point, place: Point, radius: float) -> None:
    if distance_km(centre, place) <= radius:
        assert bounding_box(centre, radius + 1e-6).contains(place)


def test_the_box_is_not_much_larger_than_the_circle() -> None:
    box = bounding_box(TAMPERE, 50)
    assert distance_km(TAMPERE, Point(box.north, TAMPERE.longitude)) == pytest.approx(50)
    assert 50 <= distance_km(TAMPERE, Point(TAMPERE.latitude, box.east)) < 50.1
    assert not box.contains(HELSINKI)


@pytest.mark.parametrize(("centre", "radius"), [(Point(89, 0), 200), (Point(60, 179.9), 100), (Point(60, 25), 5000)])
def test_circles_over_the_pole_or_the_date_line_have_no_box(centre: Point, radius: float) -> None:
    with pytest.raises(ValueError, match="circle reaches"):
        bounding_box(centre, radius)
