"""Boundaries in a cell: GeoJSON, WKT, or corners as text; and back into text (R33)."""

import json
import re
from typing import Final

from services.registry.domain.geometry import (
    DECIMALS,
    Boundary,
    BoundaryInvalid,
    from_geojson,
    from_points,
)
from shared.errors import Phrase

FIELD: Final = "boundary"
REST: Final = "boundary_more"
# Excel holds 32,767 characters in a cell; what is longer goes on in the next column.
ROOM: Final = 32_000
_NUMBER = re.compile(r"-?\d{1,3}(?:[.,]\d+)?")
_WKT = re.compile(
    r"(?:SRID=(\d+);)?\s*(MULTI)?POLYGON\s*Z?M?\s*(\(.*\))", re.IGNORECASE | re.DOTALL
)
_WKT_BODY = re.compile(r"[\d\s().,eE+-]*")
_WKT_POINT = re.compile(r"([\d.eE+-]+)\s+([\d.eE+-]+)((?:\s+[\d.eE+-]+){0,2})")


def from_cell(text: str) -> Boundary:
    """The boundary that a cell tells of, () for an empty one; raises the refusals of geometry."""
    text = text.strip()
    if not text:
        return ()
    if text.startswith("{"):
        return _from_json(text)
    if text[0].isalpha():
        return _from_wkt(text)
    return from_points(_corners(text), FIELD)


def to_cells(boundary: Boundary) -> tuple[str, str]:
    """Corners as `from_cell` reads them back, and what has no room in the first cell."""
    pieces: list[str] = []
    for ring in boundary:
        # The ring closes by itself, unless its first corner stands twice at its end.
        closed = len(ring) > 1 and ring[-2] == ring[0]
        corners = ring if closed else ring[:-1]
        shown = [f"{y:.{DECIMALS}f}, {x:.{DECIMALS}f}" for x, y in corners]
        pieces += [f"| {shown[0]}" if pieces else shown[0], *shown[1:]]
    first: list[str] = []
    length = 0
    while len(first) < len(pieces) and length + len(pieces[len(first)]) + 2 <= ROOM:
        length += len(pieces[len(first)]) + 2
        first.append(pieces[len(first)])
    return "; ".join(first), "; ".join(pieces[len(first) :])


def joined(first: str | None, rest: str | None) -> str:
    """The text of both columns; corners go on after a semicolon, anything else where it stopped."""
    one, other = (first or "").strip(), (rest or "").strip()
    if not one or not other:
        return one or other
    return f"{one}{other}" if one[0] == "{" or one[0].isalpha() else f"{one}; {other}"


def _corners(text: str) -> str:
    """One corner a line, an empty line before another part, as the form's box is filled."""
    lines: list[str] = []
    for line in text.replace("|", "\n\n").splitlines():
        bare = line.strip().strip(";").strip()
        # Two numbers are one corner, whatever parts them; more are parted by semicolons.
        parts = [bare] if len(_NUMBER.findall(bare)) <= 2 else bare.split(";")
        lines += [part.strip() for part in parts if part.strip()] or [""]
    return "\n".join(lines).strip()


def _from_json(text: str) -> Boundary:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise BoundaryInvalid(FIELD, problem=Phrase("ô không phải GeoJSON trọn vẹn")) from None
    return from_geojson(found, FIELD)


def _from_wkt(text: str) -> Boundary:
    """POLYGON or MULTIPOLYGON (OGC 06-103r4), longitude first; heights are left out."""
    found = _WKT.fullmatch(text)
    if found is None or not _WKT_BODY.fullmatch(found[3]):
        raise BoundaryInvalid(FIELD, problem=Phrase("cần hình POLYGON hoặc MULTIPOLYGON"))
    if found[1] not in (None, "4326"):
        raise BoundaryInvalid(FIELD, problem=Phrase("hệ tọa độ của ô không phải WGS 84"))
    listed = _WKT_POINT.sub(r"[\1,\2]", found[3]).replace("(", "[").replace(")", "]")
    try:
        coordinates = json.loads(listed)
    except (ValueError, RecursionError):
        raise BoundaryInvalid(FIELD, problem=Phrase("thiếu danh sách tọa độ")) from None
    kind = "MultiPolygon" if found[2] else "Polygon"
    return from_geojson({"type": kind, "coordinates": coordinates}, FIELD)
