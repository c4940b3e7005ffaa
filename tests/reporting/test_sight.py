"""Whose figures an account is shown: those of its area, and it is told so."""

from typing import Any

from services.reporting.store import areas
from shared.contracts.identity import UnitPublished
from shared.contracts.registry import FacilityPublished
from shared.contracts.scan import ScanCount, ScansRecorded
from shared.ids import new_id, now
from tests.polling import eventually
from tests.reporting.running_reporting import Reporting
from tests.reporting.test_service import batch, facility
from tests.reporting.test_waiting import commune, shown


def at(place: str, sector: str = "agriculture") -> FacilityPublished:
    return facility().model_copy(update={"commune": place, "sector": sector})


def scans(of: FacilityPublished, number: int) -> ScansRecorded:
    one = ScanCount(
        hour=now(),
        verdict="genuine",
        facility_id=of.subject,
        product_id="p",
        scans=number,
        first_of_user=1,
    )
    return ScansRecorded(
        subject=new_id(), version=1, time=now(), replica="scan-1", sequence=1, counts=(one,)
    )


async def test_an_official_sees_the_figures_of_the_area_only(reporting: Reporting) -> None:
    place = commune()
    mine, health, other = at(place), at(place, "health"), at(commune())
    issued = [batch(mine.subject, 70), batch(health.subject, 3), batch(other.subject, 5)]
    await reporting.hear(mine, health, other, *issued)
    await reporting.hear(scans(mine, 4), scans(other, 50))
    claims: dict[str, Any] = {"tier": "commune", "kinds": ["report"], "communes": [place]}

    async def right(sector: str, facilities: int, stamps: int, seen: int) -> bool:
        told = await reporting.statistics(**claims, sector=sector)
        totals = told["totals"]
        return (told["facilities"], totals["stamps_issued"], totals["scans"]) == (
            facilities,
            stamps,
            seen,
        )

    await eventually(lambda: right("agriculture", 1, 70, 4))
    assert await right("*", 2, 73, 4)
    assert (await reporting.statistics(**claims, sector="*"))["totals"] == {
        "stamps_issued": 73,
        "stamps_activated": 0,
        "stamps_revoke": 0,
        "batches_issued": 2,
        "requests_approved": 0,
        "requests_rejected": 0,
        "scans": 4,
    }
    assert await right("industry_trade", 0, 0, 0)
    whole = await reporting.statistics(tier="province", kinds=["report"], communes=["*"])
    assert whole["totals"]["stamps_issued"] >= 78


async def test_the_days_and_the_table_of_facilities_are_those_of_the_area(
    reporting: Reporting,
) -> None:
    place = commune()
    mine = at(place).model_copy(update={"name": f"Của xã {place}"})
    other = at(commune()).model_copy(update={"name": f"Xã khác {place}"})
    await reporting.hear(mine, other, batch(mine.subject, 4321), batch(other.subject, 98765))

    async def counted() -> bool:
        found = [await areas.of_facility(reporting.db, one.subject) for one in (mine, other)]
        return sum(one.get("stamps_issued", 0) for one in found) == 103086

    await eventually(counted)
    claims: dict[str, Any] = {"tier": "commune", "kinds": ["report"], "communes": [place]}
    page = await shown(reporting, "/console/reporting", claims)
    assert mine.name in page
    assert other.name not in page
    assert "4.321" in page
    assert "98.765" not in page


async def test_the_page_says_whose_figures_it_shows(reporting: Reporting) -> None:
    unit = UnitPublished(
        subject=new_id(),
        version=1,
        time=now(),
        name="UBND phường Hà An",
        tier="commune",
        parent_id=None,
        path=("u",),
        communes=("06637",),
        sector="*",
        active=True,
    )
    await reporting.hear(unit)
    claims: dict[str, Any] = {"tier": "commune", "kinds": ["report"], "communes": [commune()]}

    async def named() -> bool:
        page = await shown(reporting, "/console", {**claims, "unit": unit.subject})
        return "Số liệu trong phạm vi của UBND phường Hà An" in page

    await eventually(named)
    for path in ("/console", "/console/reporting"):
        unnamed = await shown(reporting, path, {**claims, "unit": "not told yet"})
        assert "Số liệu trong phạm vi bạn quản lý" in unnamed
        assert "Số liệu toàn tỉnh" not in unnamed
        province = {"tier": "province", "kinds": ["report"], "communes": ["*"]}
        whole = await shown(reporting, path, province)
        assert "Số liệu toàn tỉnh" in whole
        facility_s = {"tier": "facility", "kinds": ["operate"], "facility": "f", "communes": []}
        own = await shown(reporting, path, facility_s)
        assert "Số liệu của cơ sở" in own
