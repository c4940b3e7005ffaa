"""A lot's diary as consumers read it: titles in two languages and few, stable details."""

from datetime import datetime, time
from typing import Final

from services.registry.domain.catalogues import Catalogue, all_rows, step_row
from services.registry.domain.diary import Entry, Step, in_order
from services.registry.domain.growing_area import GrowingArea
from services.registry.domain.lot import Lot
from services.registry.domain.records import Owner, Record
from services.registry.domain.testing import TestResult
from services.registry.domain.transformation import REGROUPED
from shared.contracts.registry import Stage
from shared.days import VIETNAM

INPUT_TITLES: Final[dict[str, tuple[str, str]]] = {
    "fertiliser": ("Bón phân", "Fertilising"),
    "feed": ("Cho ăn", "Feeding"),
    "pesticide": ("Dùng thuốc bảo vệ thực vật", "Pesticide treatment"),
    "veterinary_drug": ("Dùng thuốc thú y", "Veterinary treatment"),
    "chemical": ("Dùng hóa chất", "Chemical treatment"),
}
TEST_TITLE: Final = ("Kiểm nghiệm", "Laboratory test")
# What was only regrouped is titled by that: packing is merely how the program keeps it.
_REGROUPED: Final = dict(REGROUPED.values())
# Steps that happen on the growing or farming area itself.
_IN_THE_FIELD = frozenset({Step.PLANTING, Step.STOCKING, Step.INPUT, Step.HARVESTING})
# Entry fields that go into `details`, under these very names.
_DETAILS = (
    "name",
    "active_substance",
    "dose",
    "withdrawal_days",
    "material",
    "source",
    "destination",
    "vehicle",
    "method",
    "note",
)


def stages(lot: Lot, owner: Owner, area: Record[GrowingArea] | None) -> tuple[Stage, ...]:
    """The stages in order of time; each has a place and a place code (Circular 02/2024)."""
    area_code = ""
    if area is not None and area.published is not None:
        area_code = area.published.code or area.code
    entries = in_order((*lot.area_entries, *lot.entries))
    return tuple(_stage(entry, owner, area_code) for entry in entries)


def test_stage(result: TestResult) -> Stage:
    """A laboratory result as a stage of the lot's way."""
    title, title_en = TEST_TITLE
    return Stage(
        step="testing",
        title=title,
        title_en=title_en,
        at=datetime.combine(result.sampled_on, time(), VIETNAM),
        place=result.laboratory,
        facility_id=result.owner.facility_id,
        facility_name=result.owner.name,
        details={
            name: text
            for name, text in (
                ("name", result.parameter),
                ("method", result.method),
                ("quantity", f"{result.value} {result.unit}".strip()),
                ("limit", result.limit),
                ("verdict", result.verdict.value),
                ("note", result.reason),
            )
            if text
        },
    )


def titles(entry: Entry) -> tuple[str, str]:
    """What was done, in Vietnamese and English, by the names of the catalogue."""
    if is_regrouped(entry):
        return entry.method, _REGROUPED[entry.method]
    row = step_row(entry.step, entry.variant)
    if entry.step is Step.INPUT and row.key == Step.INPUT:
        return INPUT_TITLES.get(entry.kind, (row.name, row.name_en))
    return row.name, row.name_en


def is_regrouped(entry: Entry) -> bool:
    """Whether it tells that a lot was split off another, or that lots were merged."""
    return entry.method in _REGROUPED


def unit_names(key: str) -> tuple[str, str]:
    """A unit's name in Vietnamese and English, by the catalogue."""
    row = all_rows(Catalogue.UNITS).get(key)
    return (row.name, row.name_en) if row is not None else (key, "")


def _stage(entry: Entry, owner: Owner, area_code: str) -> Stage:
    title, title_en = titles(entry)
    usual = area_code if entry.step in _IN_THE_FIELD and area_code else owner.code
    return Stage(
        step=entry.step.value,
        title=title,
        title_en=title_en,
        at=entry.at,
        place=entry.place,
        place_code=entry.place_code or usual,
        facility_id=owner.facility_id,
        facility_name=owner.name,
        details=_details(entry),
        photos=tuple(map(photo_address, entry.photos)),
    )


def photo_address(media_id: str) -> str:
    """Where a photo of a diary is served; below /media/ on the public origin."""
    return f"/media/{media_id}-small.webp"


def _details(entry: Entry) -> dict[str, str]:
    details = {
        name: str(value) for name in _DETAILS if (value := getattr(entry, name)) not in ("", None)
    }
    if is_regrouped(entry):
        del details["method"]
    if entry.quantity is not None:
        unit = unit_names(entry.unit)[0]
        details["quantity"] = f"{entry.quantity.normalize():f} {unit}".strip()
    return details
