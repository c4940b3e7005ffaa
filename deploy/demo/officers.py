"""Who enters, checks, approves and issues for a facility of the demo province."""

from collections.abc import Iterable
from functools import cached_property
from typing import Protocol

from deploy.demo.province import DemoProvince
from deploy.demo.records import Facility

DEPARTMENTS = {
    "agriculture": "so-nnmt",
    "health": "so-yte",
    "industry_trade": "so-congthuong",
}
# In a commune without officers of its own, the units under the departments do their work.
UNITS = {"health": "chi-cuc-attp", "industry_trade": "chi-cuc-qltt"}
AGRICULTURAL_UNITS = {
    "grower": "chi-cuc-ttbvtv",
    "livestock": "chi-cuc-cnty",
    "slaughter": "chi-cuc-cnty",
    "aquaculture": "chi-cuc-thuysan",
    "catch": "chi-cuc-thuysan",
}
OTHER_AGRICULTURAL_UNIT = "chi-cuc-clcb"


class NobodyInChargeError(Exception):
    """The accounts file has nobody for an act on a facility; the message says who is missing."""


class InCharge(Protocol):
    """Whatever officials of a place and a sector answer for."""

    @property
    def name(self) -> str: ...
    @property
    def commune(self) -> str: ...
    @property
    def sector(self) -> str: ...
    @property
    def kinds(self) -> tuple[str, ...]: ...


class Officers:
    """Every answer is a user name."""

    def __init__(self, province: DemoProvince) -> None:
        self._province = province

    def enters(self, facility: Facility) -> str:
        """The facility's own operator, or an authority on its behalf (R9)."""
        return self.own(facility, "operate") or self.on_behalf(facility)

    def on_behalf(self, facility: InCharge) -> str:
        return self._first((facility.commune, self._unit(facility)), "operate", facility)

    def checks(self, facility: Facility) -> str:
        return self._first((facility.commune, self._unit(facility)), "check", facility)

    def approves(self, facility: Facility) -> str:
        return self._first((DEPARTMENTS[facility.sector],), "approve", facility)

    def decides_stamps(self, facility: Facility) -> str:
        places = (facility.commune, DEPARTMENTS[facility.sector])
        return self._first(places, "approve", facility)

    def issues(self, facility: Facility) -> str:
        """The system account that issues the facility's accounts."""
        return self._first((facility.commune, DEPARTMENTS[facility.sector]), "system", facility)

    def own(self, facility: Facility, kind: str) -> str | None:
        """The facility's own account of this kind, if it has one."""
        return self._by_unit_and_kind.get((facility.key, kind))

    @cached_property
    def _by_unit_and_kind(self) -> dict[tuple[str, str], str]:
        found: dict[tuple[str, str], str] = {}
        for account in self._province.accounts:
            # Officers who have a duty of their own are left to it.
            if account.duty is None:
                for kind in account.kinds:
                    found.setdefault((account.unit, kind), account.username)
        return found

    def _unit(self, facility: InCharge) -> str:
        if facility.sector != "agriculture":
            return UNITS[facility.sector]
        known = (AGRICULTURAL_UNITS[kind] for kind in facility.kinds if kind in AGRICULTURAL_UNITS)
        return next(known, OTHER_AGRICULTURAL_UNIT)

    def _first(self, units: Iterable[str], kind: str, facility: InCharge) -> str:
        for unit in units:
            if (unit, kind) in self._by_unit_and_kind:
                return self._by_unit_and_kind[unit, kind]
        raise NobodyInChargeError(
            f"accounts.csv has no {kind} account for {facility.name} ({facility.commune})"
        )
