"""The map of one growing area as inline SVG: its parts, its neighbours, north and a scale."""

from collections.abc import Iterable

from markupsafe import Markup

from services.registry.domain.geometry import Boundary, box
from shared.web.i18n import N_, translate
from shared.web.plane import Plane


def area_map(name: str, boundary: Boundary, neighbours: Iterable[Boundary] = ()) -> Markup | None:
    """None where no boundary was drawn. Colours come from the stylesheet."""
    if not boundary:
        return None
    plane = Plane(box(boundary))
    others = "".join(
        f'<path class="other" d="{plane.path(ring[:-1])}Z"/>' for b in neighbours for ring in b
    )
    own = "".join(f'<path class="own" d="{plane.path(ring[:-1])}Z"/>' for ring in boundary)
    return plane.drawn(translate(N_("Bản đồ ranh giới: {name}"), name=name), others + own)
