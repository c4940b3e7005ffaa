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
# Of more places than these the names would lie over one another; the table has them all.
_NAMED = 8


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
    drawn = ""
    for code, place in sorted(placed.items(), key=lambda one: -readings[one[0]]):
        x, y = plane.point(place.longitude, place.latitude)
        radius = 5 + (_LARGEST - 5) * sqrt(readings[code] / most)
        name = commune_name(code)
        title = f"{name}: {show_number(readings[code])}"
        named = len(placed) <= _NAMED
        side, at = ("start", x + radius + 6) if x < WIDTH / 2 else ("end", x - radius - 6)
        label = f'<text x="{at:.1f}" y="{y + 5}" text-anchor="{side}">{escape(name)}</text>'
        drawn += (
            f'<g><title>{escape(title)}</title><circle class="seen" cx="{x}" cy="{y}" '
            f'r="{radius:.1f}"/>{label if named else ""}</g>'
        )
    said = translate(N_("Sơ đồ {count} xã, phường có người quét"), count=show_number(len(placed)))
    return plane.drawn(said, drawn)
