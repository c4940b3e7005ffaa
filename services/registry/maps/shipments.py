"""Where the goods of a shipment were, as inline SVG; the list beside it tells the same in words."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from services.registry.domain.shipment import Shipment
from shared.web.filters import show_datetime
from shared.web.i18n import N_, translate
from shared.web.plane import Plane

# Labels of many stops would lie over one another: then the first and last few are enough.
NUMBERED = 30
LEAST_DEGREES = 0.02


@dataclass(frozen=True, slots=True)
class End:
    """A facility at one end, where its place is known."""

    name: str
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class _Stop:
    latitude: float
    longitude: float
    told: str


def shipment_map(shipment: Shipment, ends: Sequence[End] = ()) -> Markup | None:
    """None where nobody reported coordinates. Numbers follow the order in time."""
    reports = [one for one in (shipment.picked_up, *shipment.positions) if one is not None]
    stops = [
        _Stop(one.latitude, one.longitude, f"{show_datetime(one.at)} {one.place}".strip())
        for one in reports
        if one.latitude is not None and one.longitude is not None
    ]
    if not stops:
        return None
    plane = Plane(_corners([*stops, *ends]))
    route = plane.path((one.longitude, one.latitude) for one in stops)
    drawn = "".join(_end(plane, one) for one in ends)
    drawn += f'<path class="route" d="{route}"/>'
    drawn += "".join(_stop(plane, one, number) for number, one in enumerate(stops, start=1))
    title = N_("Bản đồ hành trình: {count} vị trí, theo thứ tự thời gian")
    return plane.drawn(translate(title, count=len(stops)), drawn)


def _corners(points: Sequence[_Stop | End]) -> tuple[float, float, float, float]:
    """Everything that is drawn, and some ground around a single point."""
    west, east = min(p.longitude for p in points), max(p.longitude for p in points)
    south, north = min(p.latitude for p in points), max(p.latitude for p in points)
    wide = max(LEAST_DEGREES - (east - west), 0) / 2
    high = max(LEAST_DEGREES - (north - south), 0) / 2
    return west - wide, south - high, east + wide, north + high


def _end(plane: Plane, end: End) -> str:
    x, y = plane.point(end.longitude, end.latitude)
    return (
        f'<g><title>{escape(end.name)}</title><rect class="end" x="{x - 7}" y="{y - 7}" '
        f'width="14" height="14"/></g>'
    )


def _stop(plane: Plane, stop: _Stop, number: int) -> str:
    x, y = plane.point(stop.longitude, stop.latitude)
    label = f'<text x="{x + 11}" y="{y - 7}">{number}</text>' if number <= NUMBERED else ""
    return (
        f"<g><title>{number}. {escape(stop.told)}</title>"
        f'<circle class="stop" cx="{x}" cy="{y}" r="7"/>{label}</g>'
    )
