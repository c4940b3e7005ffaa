"""Inspections and codes of importing countries: counted once, newest version, within the area."""

from datetime import date, timedelta
from typing import Any

from services.reporting.consumers import QUEUES
from shared.contracts.registry import AcceptedMarket, GrowingAreaPublished, InspectionRecorded
from shared.ids import new_id, now
from tests.handing import hand
from tests.polling import eventually
from tests.reporting.running_reporting import Reporting
from tests.reporting.test_service import facility
from tests.reporting.test_waiting import commune, home
from tests.tokens import bearer, mint

FIELD = next(queue for queue in QUEUES if queue.name == "reporting.field")


def inspection(place: str, version: int = 1, **changes: Any) -> InspectionRecorded:
    given: dict[str, Any] = {
        "subject": new_id(),
        "facility_id": "f",
        "sector": "agriculture",
        "kind": "planned",
        "on": now().date(),
        "result": "failed",
        "violations": 2,
        "open_violations": 2,
        "deadline": date(2026, 1, 5),
        **changes,
    }
    return InspectionRecorded(version=version, time=now(), commune=place, **given)


def area(facility_id: str, version: int, *until: date) -> GrowingAreaPublished:
    return GrowingAreaPublished(
        subject=f"area-of-{facility_id}",
        version=version,
        time=now(),
        facility_id=facility_id,
        code="VN-QNOR-0001",
        name="Vùng na",
        crop="Na",
        commune="06862",
        commune_name="Xã Tiên Yên",
        markets=tuple(AcceptedMarket(country="CN", until=day) for day in until),
    )


async def counted(reporting: Reporting, **claims: Any) -> dict[str, Any]:
    token = mint(reporting.settings.secrets_dir, **claims)
    answer = await reporting.client.get("/api/reporting/v1/inspections", headers=bearer(token))
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_inspections_count_once_by_their_newest_version_and_within_the_area(
    reporting: Reporting,
) -> None:
    place = commune()
    one = inspection(place)
    newer = inspection(place, 3, subject=one.subject, open_violations=1, deadline=None)
    older = inspection(place, 2, subject=one.subject)
    passed = inspection(place, result="passed", violations=0, open_violations=0, facility_id="g")
    past = inspection(place, on=date(2020, 5, 1), open_violations=1)
    health = inspection(place, sector="health")
    await hand(
        reporting.db, FIELD, newer, one, older, passed, passed, past, health, inspection(commune())
    )
    claims = {"tier": "commune", "kinds": ["check"], "communes": [place]}
    found = await counted(reporting, sector="agriculture", **claims)
    assert found == {
        "passed": 1, "conditional": 0, "failed": 1, "total": 2,
        "violations": 2, "open": 2, "overdue": 1,
    }  # fmt: skip
    assert (await counted(reporting, **claims))["failed"] == 2
    own = {"tier": "facility", "kinds": ["operate"], "facility": "g", "communes": []}
    assert (await counted(reporting, **own))["total"] >= 1
    page = await home(reporting, sector="agriculture", **claims)
    assert "Vi phạm chưa khắc phục" in page
    assert "2 vi phạm còn mở; 1 biên bản đã quá hạn." in page


async def test_codes_that_run_out_are_told_on_the_console_until_they_are_renewed(
    reporting: Reporting,
) -> None:
    place, today = commune(), now().date()
    one = facility().model_copy(update={"commune": place})
    await reporting.hear(one)
    soon, gone = today + timedelta(days=20), today - timedelta(days=3)
    await hand(reporting.db, FIELD, area(one.subject, 2, soon, gone), area(one.subject, 1))
    claims = {"tier": "commune", "kinds": ["operate"], "communes": [place]}

    async def is_told() -> bool:
        page = await home(reporting, **claims)
        return "1 đã hết hạn, 1 sắp hết hạn." in page and "nước nhập khẩu" in page

    await eventually(is_told)
    assert "nước nhập khẩu" not in await home(reporting, **{**claims, "communes": [commune()]})
    await hand(reporting.db, FIELD, area(one.subject, 3, today + timedelta(days=400)))
    assert "nước nhập khẩu" not in await home(reporting, **claims)
