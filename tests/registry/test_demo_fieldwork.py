"""The demo province's diaries of areas with labels, and what its shops do with goods."""

from typing import Any

from deploy.demo import fieldwork, households
from deploy.demo.client import Api
from deploy.demo.goods import Hands
from deploy.demo.records import GrowingArea
from shared.ids import new_id, now
from tests.answers import ok
from tests.registry import builders
from tests.registry.conftest import Registry
from tests.registry.test_demo_findings import api as api  # noqa: PLC0414 - that module's fixture
from tests.registry.test_demo_findings import signed_in

RING = ((106.5421, 21.1468), (106.5479, 21.1468), (106.5479, 21.1415), (106.5421, 21.1468))


def an_area() -> GrowingArea:
    return GrowingArea(
        code="VN-QNOR-0008",
        name="Vườn ổi",
        name_en="Guava",
        facility="farm",
        kind="growing",
        crop="Ổi",
        crop_en="Guava",
        commune=builders.COMMUNE,
        area_ha=18.0,
        households=21,
        ring=RING,
    )


async def test_fieldwork_is_written_by_the_public_ways_once_however_often_it_is_run(
    registry: Registry, api: Api
) -> None:
    year = now().year
    seasons = [
        {"name": f"Năm {y}", "starts_on": f"{y}-01-01", "ends_on": f"{y}-12-31"}
        for y in (year - 1, year)
    ]
    members = households.of(an_area())
    farm = await registry.a_facility()
    areas = {}
    for code in fieldwork.DIARIES:
        body = builders.growing_area(
            facility_id=farm["id"], seasons=seasons, members=members, name=f"Vùng {new_id()[-8:]}"
        )
        areas[code] = (await registry.published("growing-areas", body))["id"]
    product = await registry.a_product(farm["id"])
    keys = {one.lot: one.unit for one in fieldwork.BOUGHT} | {"sa-sung-tuoi-b": "kg"}
    lots = {
        key: (await registry.a_lot(farm["id"], product["id"], unit=unit))["id"]
        for key, unit in keys.items()
    }
    holders: dict[str, str] = {}
    for key in {one.holder for one in fieldwork.KEPT}:
        holders[key] = (await registry.a_facility(kinds=["shop"]))["id"]
    receipt = {
        "lot": lots["sa-sung-tuoi-b"],
        "quantity": "8",
        "at": now().isoformat(),
        "place": "Kho lạnh",
    }
    ok(await registry.post("/receipts", receipt, registry.operator(holders["cty-buom-nau"])), 201)
    ids = {**holders, "farm": farm["id"]}
    people = {key: signed_in(api, registry.operator(one)) for key, one in ids.items()}
    hands = Hands(
        api=api,
        lot=lots.__getitem__,
        owner_of=lambda _: "farm",
        operator=people.__getitem__,
        checker=lambda _: signed_in(api, registry.checker()),
        picture=lambda _: b"",
        now=now(),
    )
    places = fieldwork.Places(
        area=areas.__getitem__, facility=ids.__getitem__, facility_of_area=lambda _: "farm"
    )
    for _ in range(2):
        await fieldwork.work(hands, places)
    for code, days in fieldwork.DIARIES.items():
        told: Any = await registry.get(
            f"/growing-areas/{areas[code]}/diary", registry.operator(farm["id"])
        )
        entries = ok(told)["entries"]
        assert len(entries) == len(days)
        assert sum(bool(one["labels"]) for one in entries) == sum(
            one.wait is not None for one in days
        )
    kept = registry.db.collection("keepings")
    assert await kept.count_documents({}) == len(fieldwork.KEPT)
