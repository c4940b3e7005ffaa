"""The demo province as a whole: all records of the data files, found by their keys."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from deploy.demo.lots import Lot, StampBatch
from deploy.demo.oversight_records import Inspection, KnownFacility, Revenue
from deploy.demo.records import (
    Account,
    Certificate,
    Commune,
    Facility,
    GrowingArea,
    OrgUnit,
    Product,
)


@dataclass(frozen=True)
class DemoProvince:
    """Everything in the files, in their order; lots hold their diary, batches their intervals.

    `units` ends with the 54 communes, wards and special zones, whose keys are their codes.
    """

    today: date
    units: tuple[OrgUnit, ...]
    communes: tuple[Commune, ...]
    accounts: tuple[Account, ...]
    facilities: tuple[Facility, ...]
    certificates: tuple[Certificate, ...]
    products: tuple[Product, ...]
    areas: tuple[GrowingArea, ...]
    lots: tuple[Lot, ...]
    batches: tuple[StampBatch, ...]
    known: tuple[KnownFacility, ...]
    inspections: tuple[Inspection, ...]
    revenues: tuple[Revenue, ...]

    @cached_property
    def facility(self) -> Mapping[str, Facility]:
        return {one.key: one for one in self.facilities}

    @cached_property
    def product(self) -> Mapping[str, Product]:
        return {one.key: one for one in self.products}

    @cached_property
    def area(self) -> Mapping[str, GrowingArea]:
        return {one.code: one for one in self.areas}

    @cached_property
    def lot(self) -> Mapping[str, Lot]:
        return {one.key: one for one in self.lots}

    @cached_property
    def commune(self) -> Mapping[str, Commune]:
        return {one.code: one for one in self.communes}

    def certificates_of(self, facility: str) -> tuple[Certificate, ...]:
        return tuple(one for one in self.certificates if one.facility == facility)

    def place(self, key: str) -> tuple[str, str]:
        """The name and the code (GLN or area code) of a diary entry's place or destination."""
        if key in self.area:
            return self.area[key].name, key
        return self.facility[key].name, self.facility[key].gln

    def lots_in_order(self) -> tuple[Lot, ...]:
        """Every lot after all lots it was made from."""
        ordered: dict[str, Lot] = {}

        def add(lot: Lot) -> None:
            if lot.key not in ordered:
                for taken in lot.inputs:
                    add(self.lot[taken.input_lot])
                ordered[lot.key] = lot

        for lot in self.lots:
            add(lot)
        return tuple(ordered.values())
