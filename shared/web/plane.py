"""Degrees to points of a picture; at the size of a province a plane is as good as the globe."""

from collections.abc import Iterable
from math import cos, radians

from markupsafe import Markup, escape

from shared.web.filters import show_number
from shared.web.i18n import N_, translate

WIDTH, HEIGHT, MARGIN = 640, 420, 36
METRES_A_DEGREE = 111_320
_STEPS = (1, 2, 5)


class Plane:
    """A picture that shows everything between these corners (west, south, east, north)."""

    def __init__(self, corners: tuple[float, float, float, float]) -> None:
        west, south, east, north = corners
        self._squeeze = cos(radians((south + north) / 2))
        wide = max((east - west) * self._squeeze, 1e-5)
        high = max(north - south, 1e-5)
        self.scale = min((WIDTH - 2 * MARGIN) / wide, (HEIGHT - 2 * MARGIN) / high)
        self._left = (WIDTH - wide * self.scale) / 2 - west * self._squeeze * self.scale
        self._top = (HEIGHT - high * self.scale) / 2 + north * self.scale

    def point(self, longitude: float, latitude: float) -> tuple[float, float]:
        x = self._left + longitude * self._squeeze * self.scale
        return round(x, 1), round(self._top - latitude * self.scale, 1)

    def path(self, points: Iterable[tuple[float, float]]) -> str:
        """An SVG path through these longitudes and latitudes."""
        placed = (self.point(x, y) for x, y in points)
        return "M" + " ".join(f"{x:.1f},{y:.1f}" for x, y in placed)

    def bar(self) -> tuple[float, int]:
        """Length in points and metres of a round distance that fits a quarter of the width."""
        most = WIDTH / 4 / self.scale * METRES_A_DEGREE
        metres = max(
            (step * 10**power for power in range(6) for step in _STEPS if step * 10**power <= most),
            default=1,
        )
        return metres / METRES_A_DEGREE * self.scale, metres

    def drawn(self, title: str, inside: str) -> Markup:
        """The whole picture: ground, what is `inside` (ready-made SVG), scale and north."""
        length, metres = self.bar()
        scale = f"{show_number(metres / 1000)} km" if metres >= 1000 else f"{metres} m"
        foot, right = HEIGHT - 14, WIDTH - 18
        return Markup(  # noqa: S704 - numbers, and texts that were escaped
            f'<svg class="area-map" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
            f'aria-label="{escape(title)}">'
            f'<rect class="ground" width="{WIDTH}" height="{HEIGHT}"/>{inside}'
            f'<path class="scale" d="M16 {foot - 6}V{foot}H{16 + length:.1f}V{foot - 6}"/>'
            f'<text x="20" y="{foot - 8}">{escape(scale)}</text>'
            f'<path class="north" d="M{right - 8} 40L{right} 16L{right + 8} 40L{right} 34Z"/>'
            f'<text x="{right}" y="56" text-anchor="middle">{escape(translate(N_("B")))}</text>'
            "</svg>"
        )
