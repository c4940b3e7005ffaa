"""Where Vietnam's communes lie: a point and the radius of a circle of the commune's area.

`commune_places.csv` has the 3,292 of 3,321 communes (July 2025) whose published middle agrees,
within ten kilometres, with that of the communes they were made of; the middles are those of the
package vietnamadminunits 1.0.4 (MIT licence), of two islands those of their former communes. A
commune that is not in it lies nowhere: whoever measures must do without it.
"""

import csv
import json
from functools import cache
from math import cos, hypot, radians
from pathlib import Path
from typing import NamedTuple

from vietnam_provinces import NESTED_DIVISIONS_JSON_PATH

_FILE = Path(__file__).with_suffix(".csv")
_KM_PER_DEGREE = 111.2


class Place(NamedTuple):
    """Degrees north and east, and the radius in kilometres."""

    latitude: float
    longitude: float
    radius_km: float


@cache
def places() -> dict[str, Place]:
    """By the commune's code of five digits."""
    with _FILE.open(encoding="ascii", newline="") as file:
        return {
            row["code"]: Place(
                float(row["latitude"]), float(row["longitude"]), float(row["radius_km"])
            )
            for row in csv.DictReader(file)
        }


def apart_km(one: str, other: str) -> float | None:
    """At least so many kilometres lie between two communes; 0 for neighbours, None if unknown.

    The distance of the middles less both radii, on a plane: within Vietnam that is wrong by less
    than one in a hundred.
    """
    if one == other:
        return 0.0
    a, b = places().get(one), places().get(other)
    if a is None or b is None:
        return None
    north = (a.latitude - b.latitude) * _KM_PER_DEGREE
    middle = radians((a.latitude + b.latitude) / 2)
    east = (a.longitude - b.longitude) * _KM_PER_DEGREE * cos(middle)
    return max(0.0, hypot(north, east) - a.radius_km - b.radius_km)


@cache
def names() -> dict[str, str]:
    """What every commune of the country is called, with its province, by code."""
    provinces = json.loads(NESTED_DIVISIONS_JSON_PATH.read_text(encoding="utf-8"))
    return {
        f"{ward['code']:05d}": f"{ward['name']}, {province['name']}"
        for province in provinces
        for ward in province["wards"]
    }


@cache
def communes_of(province: int) -> tuple[tuple[str, str], ...]:
    """Code and name of each commune of a province, by name; `province` is its code (22: Quảng
    Ninh). Raises LookupError where there is no such province: an empty choice helps nobody."""
    divisions = json.loads(NESTED_DIVISIONS_JSON_PATH.read_text(encoding="utf-8"))
    found = [one["wards"] for one in divisions if one["code"] == province]
    if not found:
        raise LookupError(f"no province has the code {province}")
    wards = [(f"{ward['code']:05d}", ward["name"]) for ward in found[0]]
    return tuple(sorted(wards, key=lambda one: one[1]))
