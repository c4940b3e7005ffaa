"""The demo province from its files in data/demo: `load` reads, completes and checks them all."""

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from vietnam_provinces import ProvinceCode, Ward

from deploy.demo.checks import problems
from deploy.demo.lots import DiaryEntry, Lot, LotInput, StampBatch, StampInterval
from deploy.demo.oversight_records import Inspection, KnownFacility, Revenue
from deploy.demo.province import DemoProvince
from deploy.demo.reading import Reader, Row, by
from deploy.demo.records import Account, Certificate, Commune, Facility, OrgUnit, Product

FOLDER = Path(__file__).parents[2] / "data" / "demo"
PROVINCE = "tinh-quang-ninh"
_ENGLISH = {"xã": "commune", "phường": "ward", "đặc khu": "special zone"}


class DemoDataError(Exception):
    """What is wrong in the files, one sentence each, with file and line where one is at fault."""

    def __init__(self, wrong: list[str]) -> None:
        super().__init__("\n".join(wrong))
        self.problems = wrong


def load(folder: Path = FOLDER, *, today: date) -> DemoProvince:
    """The demo province as of `today`; raises DemoDataError with everything that is wrong."""
    reader = Reader(folder)
    products = reader.records("products.csv", Product)
    province = DemoProvince(
        today=today,
        units=(*reader.records("units.csv", OrgUnit), *commune_units()),
        communes=reader.records("places.csv", Commune),
        accounts=reader.records("accounts.csv", Account, lambda _: {"today": today}),
        facilities=reader.records("facilities.csv", Facility),
        certificates=reader.records("certificates.csv", Certificate, lambda _: {"today": today}),
        products=products,
        areas=reader.areas("growing-areas.geojson"),
        lots=_lots(reader, {one.key: one.shelf_life_days for one in products}, today),
        batches=_batches(reader),
        known=reader.records("known-facilities.csv", KnownFacility),
        inspections=reader.records("inspections.csv", Inspection, lambda _: {"today": today}),
        revenues=reader.records("revenue.csv", Revenue, lambda _: {"today": today}),
    )
    # Broken rows would only be reported again, as references that lead nowhere.
    wrong = reader.problems or problems(province)
    if wrong:
        raise DemoDataError(wrong)
    return province


def commune_units() -> Iterator[OrgUnit]:
    """The communes, wards and special zones, as the package vietnam-provinces lists them."""
    for ward in Ward.iter_by_province(ProvinceCode.P_22):
        code, kind = f"{ward.code.value:05d}", ward.division_type.value
        own_name = ward.name[len(kind) :].strip()
        yield OrgUnit(
            key=code,
            tier="commune",
            parent=PROVINCE,
            sector="*",
            name=f"Ủy ban nhân dân {kind} {own_name}",
            name_en=f"People's Committee of {own_name} {_ENGLISH[kind]}",
            communes=(code,),
        )


def season_day(season: str, today: date) -> date:
    """The last day `season` (MM-DD) that is not after `today`; ValueError if there is no such."""
    month, day = (int(part) for part in season.split("-"))
    this_year = date(today.year, month, day)
    return this_year if this_year <= today else date(today.year - 1, month, day)


def _lots(reader: Reader, shelf_lives: Mapping[str, int], today: date) -> tuple[Lot, ...]:
    """The lots with their diary and inputs, counting from today or from their season's last day."""
    anchors = _anchors(reader, today)

    def anchor(row: Row) -> dict[str, Any]:
        return {"anchor": anchors.get(row.get("lot", ""), today)}

    diary = by(reader.records("diary.csv", DiaryEntry, anchor), "lot")
    inputs = by(reader.records("lot-inputs.csv", LotInput), "lot")

    def extra(row: Row) -> dict[str, Any]:
        key = row.get("key", "")
        return {
            "anchor": anchors.get(key, today),
            "shelf_life_days": shelf_lives.get(row.get("product", ""), 0),
            "diary": diary.pop(key, ()),
            "inputs": inputs.pop(key, ()),
        }

    lots = reader.records("lots.csv", Lot, extra)
    reader.problems += [f"diary.csv: there is no lot {key}" for key in diary]
    reader.problems += [f"lot-inputs.csv: there is no lot {key}" for key in inputs]
    return lots


def _anchors(reader: Reader, today: date) -> dict[str, date]:
    """The day from which each lot's days are counted back."""
    anchors = {}
    for line, row in reader.rows("lots.csv"):
        season = row.get("season")
        try:
            anchors[row.get("key", "")] = season_day(season, today) if season else today
        except ValueError:
            reader.problems.append(f"lots.csv:{line}: season: no day of every year (MM-DD)")
    return anchors


def _batches(reader: Reader) -> tuple[StampBatch, ...]:
    intervals = by(reader.records("stamp-intervals.csv", StampInterval), "batch")
    batches = reader.records(
        "stamps.csv", StampBatch, lambda row: {"intervals": intervals.pop(row.get("key", ""), ())}
    )
    reader.problems += [f"stamp-intervals.csv: there is no batch {key}" for key in intervals]
    return batches
