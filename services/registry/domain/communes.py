"""The communes, wards and special zones of the province, as they stand since the 2025 reform."""

import json
from dataclasses import dataclass
from functools import cache

from vietnam_provinces import NESTED_DIVISIONS_JSON_PATH

PROVINCE_CODE = 22
PROVINCE_NAME = "Quảng Ninh"
PROVINCE_NAME_EN = "Quang Ninh"


@dataclass(frozen=True, slots=True)
class Commune:
    """`code` has five digits; `kind` is xã, phường or đặc khu."""

    code: str
    name: str
    kind: str


@cache
def communes() -> dict[str, Commune]:
    """All communes of the province by code, in the order of their names."""
    provinces = json.loads(NESTED_DIVISIONS_JSON_PATH.read_text(encoding="utf-8"))
    wards = next(p["wards"] for p in provinces if p["code"] == PROVINCE_CODE)
    found = [Commune(f"{w['code']:05d}", w["name"], w["division_type"]) for w in wards]
    return {one.code: one for one in sorted(found, key=lambda c: c.name)}


def commune_name(code: str) -> str:
    """The name of a commune, "" for a code outside the province."""
    found = communes().get(code)
    return found.name if found else ""
