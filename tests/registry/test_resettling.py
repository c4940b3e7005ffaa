"""When communes are merged, what lies there lies in the commune of today; history stays (R1)."""

from collections.abc import Iterator

import pytest

from services.registry.actions import resettling
from services.registry.domain.communes import communes, heed
from services.registry.domain.merging import Merged
from services.registry.domain.records import Aggregate
from services.registry.store import communes as stored
from services.registry.store import records
from shared.contracts.identity import UnitPublished
from shared.contracts.registry import (
    FacilityKnown,
    FacilityPublished,
    GrowingAreaPublished,
    InspectionRecorded,
)
from shared.ids import now
from tests.answers import ok
from tests.polling import eventually
from tests.registry import builders
from tests.registry.conftest import API, Registry
from tests.registry.merged_units import BEFORE, FIRST, THEN, A, B, C
from tests.registry.test_inspections import recorded

KNOWN = {
    "name": "Hộ Nguyễn Thị Mai", "address": "Thôn Đồi Nắng", "commune": A, "sector": "agriculture",
    "facility_class": "commitment", "kinds": ["grower"], "source": "Rà soát 2026",
}  # fmt: skip


@pytest.fixture(autouse=True, scope="module")
def forgotten() -> Iterator[None]:
    """What was merged here is not for the tests of other modules."""
    yield
    heed(Merged())


async def heard(registry: Registry, *events: UnitPublished) -> None:
    await registry.tell(*events)
    rows = registry.db.collection(stored.UNITS)
    newest = {one.subject: max(e.version for e in events if e.subject == one.subject)
              for one in events}  # fmt: skip

    async def kept() -> bool:
        found = {row["_id"]: row["version"] async for row in rows.find({})}
        return all(found.get(one, 0) >= version for one, version in newest.items())

    await eventually(kept)


async def commune_of(registry: Registry, kind: Aggregate, record_id: str) -> tuple[str, str]:
    record = await records.get(registry.db, kind, record_id)
    return record.owner.commune, getattr(record.content, "commune", "")


async def told_where_they_lie(registry: Registry, entry: str, inspection: str) -> None:
    """Reporting counts these by the place that they were told with."""

    async def told() -> bool:
        known = (await registry.events(entry, FacilityKnown))[-1]
        minute = (await registry.events(inspection, InspectionRecorded))[-1]
        return [(one.commune, one.version) for one in (known, minute)] == [(B, 2), (B, 2)]

    await eventually(told)


async def test_records_follow_passports_are_told_and_history_and_scope_stay(
    registry: Registry,
) -> None:
    facility = await registry.a_facility()
    of = facility["id"]
    product = await registry.a_product(of)
    lot = await registry.a_lot(of, product["id"])
    body = builders.growing_area(facility_id=of)
    area = await registry.published("growing-areas", body)
    drafted = await registry.entered("facilities", builders.facility(name="Nháp"), registry.clerk())
    entry = ok(await registry.post("/known-facilities", KNOWN, registry.clerk()), 201)
    inspection = await recorded(registry, of)
    await heard(registry, *BEFORE)
    both = registry.checker(A, communes=[A, B])
    ok(await registry.get(f"/facilities/{of}", both))
    await heard(registry, *FIRST[::-1])

    async def moved() -> bool:
        there = [
            await commune_of(registry, Aggregate.FACILITY, of),
            await commune_of(registry, Aggregate.FACILITY, drafted["id"]),
            await commune_of(registry, Aggregate.PRODUCT, product["id"]),
            await commune_of(registry, Aggregate.LOT, lot["id"]),
            await commune_of(registry, Aggregate.GROWING_AREA, area["id"]),
        ]
        return there == [(B, B), (B, B), (B, ""), (B, ""), (B, B)]

    await eventually(moved)
    told = (await registry.events(of, FacilityPublished))[-1]
    assert (told.commune, told.commune_name, told.version) == (B, "Phường Hạ Mới", 5)
    placed = (await registry.events(area["id"], GrowingAreaPublished))[-1]
    assert (placed.commune, placed.commune_name) == (B, "Phường Hạ Mới")
    await told_where_they_lie(registry, entry["id"], inspection["id"])
    newest, *_, first = await records.versions(registry.db, Aggregate.FACILITY, of)
    assert (newest.act, newest.by.account_id) == ("resettled", "")
    assert [getattr(one.content, "commune", "") for one in (newest, first)] == [B, A]
    ok(await registry.get(f"/facilities/{of}", both))
    found = ok(await registry.get(f"/facilities?commune={A}", both))
    assert of in {one["id"] for one in found["items"]}
    # Programs of others go on asking by the code that they know.
    for kind, one in (("products", product), ("facilities", facility), ("growing-areas", area)):
        public = await registry.client.get(f"{API}/published/{kind}?commune={A}")
        assert one["id"] in {row["id"] for row in ok(public)["items"]}, kind
    async with registry.browser() as visitor:
        page = (await visitor.get(f"/facilities/{of}")).text
        assert "Phường Hạ Mới" in page
        assert of in (await visitor.get(f"/facilities?commune={B}")).text
        assert f'value="{A}"' not in (await visitor.get("/facilities")).text
        areas = await visitor.get(f"/api/registry/v1/published/growing-areas?commune={A}")
        assert area["id"] in {one["id"] for one in ok(areas)["items"]}
    async with registry.browser(registry.clerk(A, communes=[A, B])) as clerk:
        form = (await clerk.get("/console/registry/facilities/new")).text
        assert f'value="{A}"' not in form
        assert f'value="{B}"' in form
        page = (await clerk.get(f"/console/registry/facilities/{of}")).text
        assert "Theo đơn vị hành chính sau sáp nhập" in page
        page = (await clerk.get(f"/console/registry/facilities/{of}?lang=en")).text
        assert "Communes were merged" in page
        assert "Sáp nhập đơn vị hành chính" not in page, "nobody's own act is told in words"
        await clerk.get("/console/registry/facilities?lang=vi")
    async with registry.browser(registry.approver()) as officer:
        for path in ("facilities", "known-facilities"):
            page = (await officer.get(f"/console/registry/{path}?commune={A}")).text
            assert f'value="{B}" selected' in page, "an old bookmark means the commune of today"
    # Told once more, and late: nothing is moved or told again.
    await heard(registry, *FIRST, *BEFORE)
    assert await resettling.move(registry.db, now()) == 0
    assert (await registry.events(of, FacilityPublished))[-1].version == 5


async def test_a_chain_of_merged_communes_ends_where_the_last_one_lies(registry: Registry) -> None:
    everywhere = registry.approver()
    drafts = [
        (await registry.entered("facilities", builders.facility(commune=code), everywhere))["id"]
        for code in (A, B)
    ]
    await heard(registry, *BEFORE, *FIRST)
    await heard(registry, *THEN)

    async def moved() -> bool:
        there = {await commune_of(registry, Aggregate.FACILITY, one) for one in drafts}
        return there == {(C, C)}

    await eventually(moved)
    # An old code that is sent still means the commune of today.
    late = await registry.entered("facilities", builders.facility(commune=A), everywhere)
    assert await commune_of(registry, Aggregate.FACILITY, late["id"]) == (C, C)
    # What was saved with it by a process that had not heard yet is moved by the next look.
    facilities = registry.db.collection(stored.FACILITIES)
    await facilities.update_one({"_id": late["id"]}, {"$set": {"draft.commune": A}})

    async def back() -> bool:
        await resettling.move(registry.db, now())
        return await commune_of(registry, Aggregate.FACILITY, late["id"]) == (C, C)

    await eventually(back)
    async with registry.browser() as visitor:
        page = (await visitor.get("/facilities")).text
    assert communes()[C].name in page
    assert f'value="{B}"' not in page
