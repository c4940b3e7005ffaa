"""Where stamps were read, as inline SVG; the table beside it tells the same in words."""

from collections.abc import Mapping
from math import sqrt

from markupsafe import Markup, escape

from services.scan.desk.words import commune_name
from shared.commune_places import places
from shared.web.filters import show_number
from shared.web.i18n import N_, translate
from shared.web.plane import WIDTH, Plane

# Some ground around what is drawn, in degrees.
_AROUND = 0.05
_LARGEST = 26
# No more names than these, and none over another one; the table has them all.
_NAMED = 8
# How much room a name takes: half an em for a letter, and the height of a line.
_LETTER, _LINE = 9.0, 20.0

Box = tuple[float, float, float, float]


def map_of(readings: Mapping[str, int]) -> Markup | None:
    """A circle for each commune, as large as its number; None where no place is known."""
    placed = {code: places()[code] for code in readings if code in places()}
    if not placed:
        return None
    west = min(place.longitude for place in placed.values()) - _AROUND
    east = max(place.longitude for place in placed.values()) + _AROUND
    south = min(place.latitude for place in placed.values()) - _AROUND
    north = max(place.latitude for place in placed.values()) + _AROUND
    plane, most = Plane((west, south, east, north)), max(readings.values())
    drawn, names = "", list[Box]()
    for code, place in sorted(placed.items(), key=lambda one: -readings[one[0]]):
        x, y = plane.point(place.longitude, place.latitude)
        radius = 5 + (_LARGEST - 5) * sqrt(readings[code] / most)
        name = commune_name(code)
        title = f"{name}: {show_number(readings[code])}"
        box = _box(x, y, radius, name)
        label = ""
        if len(names) < _NAMED and not any(_overlap(box, one) for one in names):
            names.append(box)
            side, at = ("start", x + radius + 6) if x < WIDTH / 2 else ("end", x - radius - 6)
            label = (
                f'<text x="{at:.1f}" y="{y + 5}" text-anchor="{side}" lang="vi">'
                f"{escape(name)}</text>"
            )
        drawn += (
            f'<g><title>{escape(title)}</title><circle class="seen" cx="{x}" cy="{y}" '
            f'r="{radius:.1f}"/>{label}</g>'
        )
    said = translate(N_("Sơ đồ {count} xã, phường có người quét"), count=show_number(len(placed)))
    return plane.drawn(said, drawn)


def _box(x: float, y: float, radius: float, name: str) -> Box:
    """Left, top, right and bottom of a name beside its circle, on the side with more room."""
    wide = _LETTER * len(name)
    left = x + radius + 6 if x < WIDTH / 2 else x - radius - 6 - wide
    return left, y - _LINE / 2, left + wide, y + _LINE / 2


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
