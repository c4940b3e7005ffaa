"""Boundaries of growing areas: what is read, refused, measured."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registry.domain import geometry
from services.registry.domain.codes import checked_area_code, compact
from shared.errors import Refusal

SQUARE = [[106.56, 21.14], [106.57, 21.14], [106.57, 21.15], [106.56, 21.15], [106.56, 21.14]]


def polygon(*rings: list[list[Any]]) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": list(rings)}


def test_a_hundredth_of_a_degree_here_is_about_115_hectares() -> None:
    # 1 036 m by 1 107 m on the ellipsoid at 21.145° north.
    assert abs(geometry.hectares(geometry.from_geojson(polygon(SQUARE))) - Decimal("115")) < 1


@pytest.mark.parametrize(
    "found",
    [
        polygon(SQUARE),
        {"type": "MultiPolygon", "coordinates": [[SQUARE]]},
        {"type": "Feature", "properties": {}, "geometry": polygon(SQUARE)},
        {
            "type": "FeatureCollection",
            "features": [{"type": "Feature", "geometry": polygon(SQUARE)}],
        },
    ],
)
def test_a_shape_is_the_same_however_it_is_wrapped(found: dict[str, Any]) -> None:
    assert geometry.from_geojson(found) == geometry.from_geojson(polygon(SQUARE))


@pytest.mark.parametrize(
    ("found", "code"),
    [
        ([], "boundary_invalid"),
        ({"type": "Point", "coordinates": [106.5, 21.1]}, "boundary_invalid"),
        (polygon(), "boundary_invalid"),
        (polygon(SQUARE[:2]), "boundary_invalid"),
        (polygon([[106.56, 21.14], ["x", 21.14], [106.57, 21.15]]), "boundary_invalid"),
        # The bow tie crosses itself.
        (polygon([[106.5, 21.1], [106.6, 21.2], [106.6, 21.1], [106.5, 21.2]]), "boundary_invalid"),
        (polygon(SQUARE, SQUARE), "boundary_invalid"),
        # Latitude and longitude changed places.
        (polygon([[y, x] for x, y in SQUARE]), "boundary_outside"),
        (
            polygon([[106.5 + i / 1e5, 21.1 + (i % 2) / 1e3] for i in range(2100)]),
            "boundary_too_large",
        ),
        ({"type": "MultiPolygon", "coordinates": [[SQUARE], [SQUARE]]}, "boundary_invalid"),
    ],
)
def test_what_is_no_boundary_is_refused(found: Any, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        geometry.from_geojson(found)
    assert refused.value.code == code


@pytest.mark.parametrize(
    "line",
    ["21.14 106.56", "21,14; 106,56", "21.14, 106.56", "106.56\t21.14", " 106,56   21,14 "],
)
def test_a_corner_is_read_as_people_type_it(line: str) -> None:
    rest = "\n21.14 106.57\n21.15 106.57"
    assert geometry.from_points(line + rest)[0][0] == (106.56, 21.14)


def test_a_line_that_is_no_corner_is_named() -> None:
    with pytest.raises(Refusal) as refused:
        geometry.from_points("21.14 106.56\ngóc vườn\n21.15 106.57")
    assert "dòng 2" in str(refused.value)


@given(
    x=st.floats(106.1, 108.8),
    y=st.floats(20.1, 21.8),
    wide=st.floats(0.001, 0.1),
    high=st.floats(0.001, 0.1),
)
def test_what_is_typed_out_is_read_back_the_same(
    x: float, y: float, wide: float, high: float
) -> None:
    ring = [[x, y], [x + wide, y], [x + wide, y + high], [x, y + high]]
    boundary = geometry.from_geojson(polygon(ring))
    assert geometry.from_points(geometry.as_points(boundary)) == boundary
    assert geometry.from_geojson(geometry.as_geojson(boundary)) == boundary
    assert geometry.overlap(boundary, boundary) > 0.999


def test_neighbours_that_touch_do_not_overlap() -> None:
    east = [[x + 0.01, y] for x, y in SQUARE]
    one, other = geometry.from_geojson(polygon(SQUARE)), geometry.from_geojson(polygon(east))
    assert geometry.overlap(one, other) < 1e-6
    half = [[x + 0.005, y] for x, y in SQUARE]
    assert abs(geometry.overlap(one, geometry.from_geojson(polygon(half))) - 0.5) < 0.01


@pytest.mark.parametrize(
    ("spelled", "same"),
    [
        ("VN-DTOR-0017", "VNDTOR0017"),
        ("vn dtor 0017", "VN-DTOR-0017"),
        ("VNDTPH-0001", "VN-DTPH-0001"),
        ("VN\u2013DTOR\u20130017", "VN-DTOR-0017"),
        ("dl 123", "DL-123"),
    ],
)
def test_spellings_of_a_code_are_one_code(spelled: str, same: str) -> None:
    assert compact(checked_area_code(spelled)) == compact(checked_area_code(same))


@pytest.mark.parametrize("text", ["17", "VN-0017", "DTOR-0017", "VN-DTOR-", "DL 12345678"])
def test_what_is_no_code_is_refused(text: str) -> None:
    with pytest.raises(Refusal):
        checked_area_code(text)
