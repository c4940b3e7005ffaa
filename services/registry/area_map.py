"""The map of one growing area as inline SVG: its parts, its neighbours, north and a scale."""

from collections.abc import Iterable
from math import cos, radians

from markupsafe import Markup, escape

from services.registry.domain.geometry import Boundary, Ring, box
from shared.web.filters import show_number
from shared.web.i18n import N_, translate

WIDTH, HEIGHT, MARGIN = 640, 420, 36
METRES_A_DEGREE = 111_320
_STEPS = (1, 2, 5)


class _Plane:
    """Degrees to the picture's points; at these sizes a plane is as good as the globe."""

    def __init__(self, boundary: Boundary) -> None:
        west, south, east, north = box(boundary)
        self._squeeze = cos(radians((south + north) / 2))
        wide = max((east - west) * self._squeeze, 1e-5)
        high = max(north - south, 1e-5)
        self.scale = min((WIDTH - 2 * MARGIN) / wide, (HEIGHT - 2 * MARGIN) / high)
        self._left = (WIDTH - wide * self.scale) / 2 - west * self._squeeze * self.scale
        self._top = (HEIGHT - high * self.scale) / 2 + north * self.scale

    def path(self, ring: Ring) -> str:
        points = (
            f"{self._left + x * self._squeeze * self.scale:.1f},{self._top - y * self.scale:.1f}"
            for x, y in ring[:-1]
        )
        return "M" + " ".join(points) + "Z"

    def bar(self) -> tuple[float, int]:
        """Length in points and metres of a round distance that fits a quarter of the width."""
        most = WIDTH / 4 / self.scale * METRES_A_DEGREE
        metres = max(
            (step * 10**power for power in range(6) for step in _STEPS if step * 10**power <= most),
            default=1,
        )
        return metres / METRES_A_DEGREE * self.scale, metres


def area_map(name: str, boundary: Boundary, neighbours: Iterable[Boundary] = ()) -> Markup | None:
    """None where no boundary was drawn. Colours come from the stylesheet."""
    if not boundary:
        return None
    plane = _Plane(boundary)
    length, metres = plane.bar()
    scale = f"{show_number(metres / 1000)} km" if metres >= 1000 else f"{metres} m"
    title = escape(translate(N_("Bản đồ ranh giới: {name}"), name=name))
    others = "".join(f'<path class="other" d="{plane.path(r)}"/>' for b in neighbours for r in b)
    own = "".join(f'<path class="own" d="{plane.path(ring)}"/>' for ring in boundary)
    foot = HEIGHT - 14
    right = WIDTH - 18
    return Markup(  # noqa: S704 - numbers, and texts that were escaped
        f'<svg class="area-map" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{title}">'
        f'<rect class="ground" width="{WIDTH}" height="{HEIGHT}"/>{others}{own}'
        f'<path class="scale" d="M16 {foot - 6}V{foot}H{16 + length:.1f}V{foot - 6}"/>'
        f'<text x="20" y="{foot - 8}">{escape(scale)}</text>'
        f'<path class="north" d="M{right - 8} 40L{right} 16L{right + 8} 40L{right} 34Z"/>'
        f'<text x="{right}" y="56" text-anchor="middle">{escape(translate(N_("B")))}</text>'
        "</svg>"
    )
