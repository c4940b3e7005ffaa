"""Boundaries of growing and farming areas: read, checked, measured, compared (R21, R25).

Positions are (longitude, latitude) in WGS 84 degrees, as in GeoJSON (RFC 7946); areas in hectares.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import Any, Final

from pyproj import Geod
from shapely import MultiPolygon, Polygon
from shapely.validation import explain_validity

from shared.errors import Kind, Phrase, Refusal

Position = tuple[float, float]
Ring = tuple[Position, ...]
Boundary = tuple[Ring, ...]

MAX_PARTS: Final = 20
MAX_VERTICES: Final = 2_000
MAX_GEOJSON_BYTES: Final = 400_000
# About a hand's breadth: finer digits would be noise of the receiver.
DECIMALS: Final = 6
# The province with its islands and waters.
LATITUDES: Final = (20.0, 22.0)
LONGITUDES: Final = (106.0, 109.0)
# Two surveys of one bank never agree; less than this share of the smaller area is no overlap.
OVERLAP_TOLERANCE: Final = 0.05
# Beyond this share the drawn and the declared area contradict one another.
AREA_TOLERANCE: Final = 0.15
_POINT = re.compile(r"-?\d{1,3}(?:[.,]\d+)?")


class BoundaryInvalid(Refusal):
    code = "boundary_invalid"
    kind = Kind.INVALID
    message = (
        "Ranh giới chưa đúng: {problem}. Hãy sửa trong phần mềm bản đồ rồi tải lên lại, "
        "hoặc nhập lần lượt tọa độ các góc, mỗi dòng một điểm."
    )


class BoundaryTooLarge(Refusal):
    code = "boundary_too_large"
    kind = Kind.INVALID
    message = (
        "Ranh giới có quá nhiều điểm: tối đa {parts} mảnh và {vertices} điểm. "
        "Hãy giản lược đường ranh trong phần mềm bản đồ."
    )


class BoundaryOutside(Refusal):
    code = "boundary_outside"
    kind = Kind.INVALID
    message = (
        "Điểm {longitude}; {latitude} nằm ngoài tỉnh. Hãy kiểm tra thứ tự vĩ độ, kinh độ "
        "và hệ tọa độ (cần WGS 84, tính bằng độ)."
    )


class BoundaryOverlaps(Refusal):
    code = "boundary_overlaps"
    message = (
        "Ranh giới chồng lên vùng {name} ({area_code}) {share} % diện tích. "
        "Hãy đo lại ranh giới, hoặc liên hệ đơn vị quản lý để xác định vùng nào sai."
    )


def from_points(text: str, field: str = "points") -> Boundary:
    """Corners as people type them: one a line, latitude and longitude in either order.

    An empty line begins another part. The ring is closed by itself.
    """
    parts: list[list[Position]] = [[]]
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            parts.append([])
            continue
        parts[-1].append(_typed(line, number, field))
    return checked([part for part in parts if part], field)


def _typed(line: str, number: int, field: str) -> Position:
    # A comma is decimal where another sign parts the two numbers, else it parts them.
    spread = line if re.search(r"[;\t]|\d\s+\d", line) else re.sub(r",\s*(?=\d+\.)", " ", line)
    found = _POINT.findall(spread)
    if len(found) != 2:
        raise BoundaryInvalid(
            field, problem=Phrase("dòng {number} không phải một cặp tọa độ", {"number": number})
        )
    first, second = (float(one.replace(",", ".")) for one in found)
    # Latitudes and longitudes of the province have no number in common: the order does not matter.
    return (first, second) if first > second else (second, first)


def from_geojson(found: Any, field: str = "boundary") -> Boundary:
    """A Polygon or MultiPolygon, bare, as a Feature, or as a collection of such."""
    _check_system(found, field)
    rings: list[Sequence[Any]] = []
    for polygon in _polygons(found, field):
        if not isinstance(polygon, list) or not polygon:
            raise BoundaryInvalid(field, problem=Phrase("thiếu danh sách tọa độ"))
        if len(polygon) > 1:
            raise BoundaryInvalid(field, problem=Phrase("có lỗ ở giữa, hãy tách thành nhiều mảnh"))
        rings.append(polygon[0])
    return checked(
        [[_position(one, field) for one in _listed(ring, field)] for ring in rings], field
    )


def _polygons(found: Any, field: str) -> Iterable[Any]:
    if not isinstance(found, Mapping):
        raise BoundaryInvalid(field, problem=Phrase("tệp không phải GeoJSON"))
    match found.get("type"):
        case "Polygon":
            return [found.get("coordinates")]
        case "MultiPolygon":
            return _listed(found.get("coordinates"), field)
        case "Feature" if not _wraps(found.get("geometry")):
            return _polygons(found.get("geometry"), field)
        case "FeatureCollection":
            features = _listed(found.get("features"), field)
            if len(features) > MAX_PARTS:
                raise BoundaryTooLarge(field, parts=MAX_PARTS, vertices=MAX_VERTICES)
            # A collection within a collection would let a small file nest without end.
            return [p for one in features if _is_feature(one) for p in _polygons(one, field)]
        case _:
            raise BoundaryInvalid(field, problem=Phrase("cần hình Polygon hoặc MultiPolygon"))


def _wraps(found: Any) -> bool:
    """A feature within a feature would let a small file nest without end."""
    return isinstance(found, Mapping) and found.get("type") in ("Feature", "FeatureCollection")


def _check_system(found: Any, field: str) -> None:
    """Older files name their system; only WGS 84 is what the numbers are taken for."""
    crs = found.get("crs") if isinstance(found, Mapping) else None
    if crs is None:
        return
    named = crs.get("properties") if isinstance(crs, Mapping) else None
    name = str(named.get("name", "")) if isinstance(named, Mapping) else ""
    if not re.search(r"(?:CRS84|EPSG:+4326)$", name.strip()):
        raise BoundaryInvalid(field, problem=Phrase("hệ tọa độ của tệp không phải WGS 84"))


def _is_feature(found: Any) -> bool:
    return isinstance(found, Mapping) and found.get("type") == "Feature"


def _listed(found: Any, field: str) -> list[Any]:
    if not isinstance(found, list):
        raise BoundaryInvalid(field, problem=Phrase("thiếu danh sách tọa độ"))
    return found


def _position(found: Any, field: str) -> Position:
    if (
        not isinstance(found, list)
        or len(found) not in (2, 3)
        or not all(_is_degree(n) for n in found)
    ):
        raise BoundaryInvalid(field, problem=Phrase("có điểm không phải cặp kinh độ, vĩ độ"))
    return float(found[0]), float(found[1])


def _is_degree(found: Any) -> bool:
    """A number that can be one; whole numbers of a thousand digits cannot even be a float."""
    is_number = isinstance(found, (int, float)) and not isinstance(found, bool)
    return is_number and abs(found) < 1e7


def checked(rings: Sequence[Sequence[Position]], field: str) -> Boundary:
    """Closed, within the province, in limits, and valid polygons that do not cross one another."""
    if not rings:
        raise BoundaryInvalid(field, problem=Phrase("không có điểm nào"))
    if len(rings) > MAX_PARTS or sum(map(len, rings)) > MAX_VERTICES:
        raise BoundaryTooLarge(field, parts=MAX_PARTS, vertices=MAX_VERTICES)
    boundary = tuple(_ring(ring, field) for ring in rings)
    shape = _shape(boundary)
    if not shape.is_valid:
        raise BoundaryInvalid(field, problem=_spoken(explain_validity(shape)))
    return boundary


def _ring(ring: Sequence[Position], field: str) -> Ring:
    for longitude, latitude in ring:
        inside = (
            LONGITUDES[0] <= longitude <= LONGITUDES[1] and LATITUDES[0] <= latitude <= LATITUDES[1]
        )
        if not inside:
            raise BoundaryOutside(field, longitude=longitude, latitude=latitude)
    points = [(round(x, DECIMALS), round(y, DECIMALS)) for x, y in ring]
    if points[0] != points[-1]:
        points.append(points[0])
    if len(set(points)) < 3:
        raise BoundaryInvalid(field, problem=Phrase("một mảnh cần ít nhất ba góc"))
    return tuple(points)


def _spoken(reason: str) -> Phrase:
    """What the geometry library found, with the place (latitude first, as corners are typed)."""
    where = re.search(r"\[(\S+) (\S+)\]", reason)
    at = f"{float(where[2]):.5f}; {float(where[1]):.5f}" if where else "—"
    if "Self-intersection" in reason:
        return Phrase("đường ranh tự cắt gần điểm {point}", {"point": at})
    return Phrase("các mảnh chồng nhau hoặc đường ranh bị hỏng gần điểm {point}", {"point": at})


def _shape(boundary: Boundary) -> MultiPolygon:
    return MultiPolygon([Polygon(ring) for ring in boundary])


@cache
def _ellipsoid() -> Geod:
    return Geod(ellps="WGS84")


def hectares(boundary: Boundary) -> Decimal:
    """The geodesic area on the WGS 84 ellipsoid."""
    square_metres = sum(
        abs(_ellipsoid().geometry_area_perimeter(Polygon(ring))[0]) for ring in boundary
    )
    return Decimal(square_metres / 10_000).quantize(Decimal("0.0001"))


def box(boundary: Boundary) -> tuple[float, float, float, float]:
    """West, south, east, north."""
    xs = [x for ring in boundary for x, _ in ring]
    ys = [y for ring in boundary for _, y in ring]
    return min(xs), min(ys), max(xs), max(ys)


def overlap(one: Boundary, other: Boundary) -> float:
    """The common area as a share of the smaller one, 0 to 1."""
    first, second = _shape(one), _shape(other)
    smaller = min(first.area, second.area)
    return float(first.intersection(second).area / smaller) if smaller else 0.0


def simplified(boundary: Boundary) -> Boundary:
    """With fewer corners, for a sketch: none lies more than some five metres off."""
    rings = (Polygon(ring).simplify(0.00005).exterior.coords for ring in boundary)
    return tuple(tuple((x, y) for x, y in ring) for ring in rings)


def centre(boundary: Boundary) -> Position:
    """A point that surely lies inside."""
    point = _shape(boundary).representative_point()
    return round(point.x, DECIMALS), round(point.y, DECIMALS)


def as_points(boundary: Boundary) -> str:
    """The corners as `from_points` reads them, a part after an empty line."""
    return "\n\n".join(
        "\n".join(
            f"{latitude:.{DECIMALS}f} {longitude:.{DECIMALS}f}" for longitude, latitude in ring[:-1]
        )
        for ring in boundary
    )


def as_geojson(boundary: Boundary) -> dict[str, Any]:
    polygons = [[[list(point) for point in ring]] for ring in boundary]
    if len(polygons) == 1:
        return {"type": "Polygon", "coordinates": polygons[0]}
    return {"type": "MultiPolygon", "coordinates": polygons}


def contradicts(declared: Decimal | None, measured: Decimal | None) -> bool:
    """Whether the declared area is not what was drawn."""
    if declared is None or not measured:
        return False
    return abs(float(declared / measured) - 1) > AREA_TOLERANCE
