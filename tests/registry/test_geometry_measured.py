"""Areas against another formula than the program's, and shapes that no field has."""

import json
from math import cos, hypot, log, pi, radians, sin, sqrt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registry.domain import geometry
from shared.errors import Refusal
from shared.web.i18n import Catalogues, catalogues, speak, stop_speaking, translate

# WGS 84.
MAJOR = 6_378_137.0
ECCENTRICITY = sqrt(0.00669437999014)


def equal_area(longitude: float, latitude: float) -> tuple[float, float]:
    """Lambert's cylinder on the ellipsoid (Snyder 1987, 10-13 to 10-15): areas are true on it."""
    e, s = ECCENTRICITY, sin(radians(latitude))
    q = (1 - e**2) * (s / (1 - e**2 * s**2) - log((1 - e * s) / (1 + e * s)) / (2 * e))
    return MAJOR * radians(longitude), MAJOR * q / 2


def plane_hectares(ring: list[tuple[float, float]]) -> float:
    """Gauss's formula on that cylinder; edges of some kilometres are straight on it, nearly."""
    points = [equal_area(*one) for one in ring]
    x0, y0 = points[0]
    turns = zip(points, [*points[1:], points[0]], strict=True)
    return (
        abs(sum((ax - x0) * (by - y0) - (bx - x0) * (ay - y0) for (ax, ay), (bx, by) in turns))
        / 2e4
    )


@st.composite
def stars(draw: st.DrawFn) -> list[tuple[float, float]]:
    """A plot seen from a point within it: its corners by angle, so that no edge crosses another."""
    x, y = draw(st.floats(106.3, 108.5)), draw(st.floats(20.3, 21.6))
    number = draw(st.integers(3, 40))
    far = draw(st.lists(st.floats(0.001, 0.02), min_size=number, max_size=number))
    return [
        (x + r * cos(2 * pi * i / number), y + r * sin(2 * pi * i / number))
        for i, r in enumerate(far)
    ]


@given(stars())
def test_the_area_is_that_of_an_independent_formula(ring: list[tuple[float, float]]) -> None:
    boundary = geometry.checked([ring], "boundary")
    measured, expected = float(geometry.hectares(boundary)), plane_hectares(list(boundary[0][:-1]))
    # A ten-thousandth for the edges, and what the rounding of the figure itself may cost.
    assert abs(measured - expected) < expected * 1e-4 + 0.001


def test_the_independent_formula_knows_a_degree_of_the_ellipsoid() -> None:
    # The zone between the equator and 1° north, one degree wide: 12 308.8 km² on WGS 84.
    ring = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)]
    assert abs(plane_hectares(ring) / 100 - 12308.8) < 2


@given(stars(), st.booleans(), st.integers(0, 39))
def test_the_area_does_not_depend_on_where_a_ring_begins_or_how_it_turns(
    ring: list[tuple[float, float]], back: bool, start: int
) -> None:
    turned = ring[start % len(ring) :] + ring[: start % len(ring)]
    if back:
        turned.reverse()
    one, other = (geometry.hectares(geometry.checked([r], "b")) for r in (ring, turned))
    assert abs(one - other) < 1


@given(stars())
def test_a_ring_that_crosses_itself_is_refused_with_the_place(
    ring: list[tuple[float, float]],
) -> None:
    # Two corners of a quarter changed places: the edges beside them cross.
    around = [*ring[:1], (ring[0][0], 20.1), (106.1, 20.1), (106.1, ring[0][1])]
    crossed = [around[0], around[2], around[1], around[3]]
    with pytest.raises(Refusal) as refused:
        geometry.checked([crossed], "boundary")
    assert refused.value.code == "boundary_invalid"
    assert "tự cắt" in str(refused.value)


@given(stars(), st.sampled_from([180.0, -180.0, 179.9999, -179.9999, 360.0]))
def test_nothing_crosses_the_antimeridian(ring: list[tuple[float, float]], far: float) -> None:
    with pytest.raises(Refusal) as refused:
        geometry.checked([[*ring, (far, 21.0)]], "boundary")
    assert refused.value.code == "boundary_outside"


@given(stars(), st.floats(0.1, 0.9))
def test_a_hole_is_refused_with_the_remedy(ring: list[tuple[float, float]], share: float) -> None:
    x, y = sum(p[0] for p in ring) / len(ring), sum(p[1] for p in ring) / len(ring)
    hole = [[x + (px - x) * share, y + (py - y) * share] for px, py in ring]
    found = {"type": "Polygon", "coordinates": [[list(p) for p in ring], hole]}
    with pytest.raises(Refusal) as refused:
        geometry.from_geojson(found)
    assert "tách thành nhiều mảnh" in str(refused.value)


@given(stars())
def test_a_sketch_lies_close_to_the_boundary(ring: list[tuple[float, float]]) -> None:
    boundary = geometry.checked([ring], "boundary")
    sketch = geometry.simplified(boundary)
    assert len(sketch[0]) <= len(boundary[0])
    for x, y in sketch[0]:
        assert min(hypot(x - px, y - py) for px, py in boundary[0]) < 1e-9


SQUARE = [[106.56, 21.14], [106.57, 21.14], [106.57, 21.15], [106.56, 21.15]]


def nested(depth: int) -> dict[str, Any]:
    found: dict[str, Any] = {"type": "Polygon", "coordinates": [SQUARE]}
    for _ in range(depth):
        found = {"type": "Feature", "properties": {}, "geometry": found}
    return found


@pytest.mark.parametrize(
    "found",
    [
        # A whole number that no float can hold.
        {"type": "Polygon", "coordinates": [[[10**400, 21.1], *SQUARE]]},
        {"type": "Polygon", "coordinates": [[[float("nan"), 21.1], *SQUARE]]},
        {"type": "Polygon", "coordinates": [[[float("inf"), 21.1], *SQUARE]]},
        {"type": "Polygon", "coordinates": [[True, *SQUARE]]},
        nested(2),
        nested(900),
        {"type": "FeatureCollection", "features": [nested(1)] * 21},
        {"type": "FeatureCollection", "features": [{"type": "FeatureCollection"}]},
        {"type": "MultiPolygon", "coordinates": [[SQUARE]] * 21},
        {"type": "Polygon", "coordinates": [[SQUARE[0]] * 100_000]},
        {"type": "GeometryCollection", "geometries": []},
        # VN-2000, the system of the land registry.
        {
            "type": "Polygon",
            "coordinates": [SQUARE],
            "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3405"}},
        },
    ],
)
def test_files_that_would_break_a_reader_are_refused(found: Any) -> None:
    with pytest.raises(Refusal) as refused:
        geometry.from_geojson(found)
    assert refused.value.code.startswith("boundary_")


def test_a_file_that_names_wgs_84_is_read() -> None:
    system = {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}
    found = {"type": "Polygon", "coordinates": [SQUARE], "crs": system}
    assert geometry.from_geojson(json.loads(json.dumps(found)))


def test_the_problem_within_a_refusal_speaks_the_language_around_it() -> None:
    with pytest.raises(Refusal) as refused:
        geometry.from_points("21.14 106.56\ngóc vườn")
    texts: Catalogues = catalogues("registry")
    token = speak("en", texts)
    try:
        told = translate(refused.value.message, **refused.value.params)
    finally:
        stop_speaking(token)
    assert "line 2 is not a pair of coordinates" in told
    assert "dòng" not in told
