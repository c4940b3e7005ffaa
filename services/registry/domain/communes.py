"""The communes, wards and special zones of the province, as they stand since the 2025 reform.

Those that were merged since (merging.py) stay in the list, for what was; what is chosen and told
from now on are those of today.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cache

from vietnam_provinces import NESTED_DIVISIONS_JSON_PATH

from services.registry.domain.merging import Merged

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


_present = [Merged()]


def heed(merged: Merged) -> None:
    """From now on these are merged; called by what keeps the process up to date."""
    _present[0] = merged


def heeded() -> Merged:
    return _present[0]


def commune_of_today(code: str) -> str:
    """The commune that this one was merged into, or itself."""
    return _present[0].into.get(code, code)


def standing_communes() -> dict[str, Commune]:
    """The communes of today by code, in the order of their names."""
    there = _present[0]
    found = [
        replace(one, name=commune_name(one.code))
        for one in communes().values()
        if one.code not in there.into
    ]
    return {one.code: one for one in sorted(found, key=lambda c: c.name)}


def standing_within(codes: Collection[str]) -> tuple[str, ...]:
    """Those of these communes (("*",) = all) that are there today, by name."""
    return tuple(one for one in standing_communes() if "*" in codes or one in codes)


def names_of_today() -> dict[str, str]:
    """What communes are called since others were merged into them, where that is another name."""
    known = communes()
    return {
        code: name for code in _present[0].names if (name := commune_name(code)) != known[code].name
    }


def commune_name(code: str) -> str:
    """The name of a commune, "" for a code outside the province. One that was merged keeps its."""
    found = communes().get(code)
    if found is None:
        return ""
    renamed = _present[0].names.get(code, "")
    return renamed if renamed.casefold() != found.name.casefold() and renamed else found.name
