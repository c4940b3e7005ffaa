"""Every verdict, from real events to the answer."""

from datetime import timedelta
from typing import Any

import pytest

from shared.contracts.registry import FacilityResumed, FacilityStopped, ProductWithdrawn, Stage
from shared.ids import now
from tests.polling import eventually
from tests.scan.world import Goods, Scans, World, hold, lot, name, notice, product, stamps_of


async def becomes(scans: Scans, batch: int, serial: int, verdict: str) -> dict[str, Any]:
    """The answer once it says this verdict, confirmed."""

    async def look() -> dict[str, Any] | None:
        told = await scans.verdict(batch, serial)
        assert told["verdict"] == verdict, told
        return told

    told: dict[str, Any] = await eventually(look)
    return told


async def test_an_activated_stamp_is_genuine_and_tells_everything(
    world: World, scans: Scans
) -> None:
    goods = Goods()
    await world.tell(*goods.events())
    told = await becomes(scans, goods.batch, 7, "genuine")
    assert told["code"] == scans.code(goods.batch, 7)
    assert told["confirmed"]
    assert told["as_of"]
    assert told["product"]["name"] == "Na dai Đông Triều"
    assert told["facility"]["name"] == "Hợp tác xã Cây ăn quả Đồi Nắng"
    assert told["lot"]["stages"][0]["place_code"] == "VN-QNOR-0001"
    assert "representative" not in told["facility"]


async def test_a_stamp_beyond_the_activated_ones_is_not_activated(
    world: World, scans: Scans
) -> None:
    goods = Goods()
    await world.tell(*goods.events())
    told = await becomes(scans, goods.batch, 501, "not_activated")
    assert told["product"]["name"] == "Na dai Đông Triều"
    assert told["lot"] is None


async def test_a_serial_that_was_never_issued_is_answered_like_a_forged_code(
    world: World, scans: Scans
) -> None:
    goods = Goods()
    await world.tell(*goods.events())
    await becomes(scans, goods.batch, 7, "genuine")
    never_issued = await scans.verdict(goods.batch, 1000)
    code = scans.code(goods.batch, 7)
    forged_code = code[:-1] + ("0" if code[-1] != "0" else "1")
    forged = (await scans.http.get(f"/v1/verdicts/{forged_code}")).json()
    for told in (never_issued, forged):
        told.pop("code"), told.pop("as_of")
    assert never_issued == forged
    assert forged["verdict"] == "unknown"


async def test_a_segment_that_was_never_issued_is_unknown_once_the_projection_proves_it(
    world: World, scans: Scans
) -> None:
    goods = Goods()
    await world.tell(*goods.events())
    await becomes(scans, goods.batch, 7, "genuine")
    await becomes(scans, goods.batch, 17_000, "unknown")
    await becomes(scans, goods.batch + 50_000, 1, "unknown")


@pytest.mark.parametrize("place", ["lots", "products", "facilities", "batches", "stamps"])
@pytest.mark.parametrize(
    ("kind", "verdict"),
    [("recall", "recalled"), ("withdrawal", "withdrawn"), ("warning", "warning")],
)
async def test_a_notice_reaches_a_stamp_by_whatever_it_names(
    world: World, scans: Scans, place: str, kind: str, verdict: str
) -> None:
    goods = Goods()
    await world.tell(*goods.events())
    await becomes(scans, goods.batch, 7, "genuine")
    reach: dict[str, Any] = {
        "lots": (goods.lot,),
        "products": (goods.product,),
        "facilities": (goods.facility,),
        "batches": (goods.batch,),
        "stamps": (stamps_of(goods.batch, 5, 9),),
    }
    case = name("case")
    await world.tell(notice(case, kind=kind, **{place: reach[place]}))
    told = await becomes(scans, goods.batch, 7, verdict)
    assert told["notices"][0]["case"] == case
    if place == "stamps":
        await becomes(scans, goods.batch, 10, "genuine")
    await world.tell(notice(case, 2, active=False, kind=kind, **{place: reach[place]}))
    await becomes(scans, goods.batch, 7, "genuine")


@pytest.mark.parametrize("state", ["revoked", "lost", "destroyed", "damaged", "returned"])
async def test_a_stamp_taken_out_of_use_is_revoked_and_says_how(
    world: World, scans: Scans, state: str
) -> None:
    goods = Goods()
    await world.tell(*goods.passports(), goods.segment(state=state))
    told = await becomes(scans, goods.batch, 7, "revoked")
    assert told["stamp_state"] == state
    assert told["explanation"]


@pytest.mark.parametrize("scope", ["facility", "batch"])
async def test_a_hold_suspends_until_it_is_lifted(world: World, scans: Scans, scope: str) -> None:
    goods = Goods()
    target = goods.facility if scope == "facility" else str(goods.batch)
    subject = name("hold")
    await world.tell(*goods.events(), hold(subject, scope, target))
    told = await becomes(scans, goods.batch, 7, "suspended")
    assert told["holds"][0]["reason"] == "Chờ kết quả kiểm nghiệm"
    await world.tell(hold(subject, scope, target, 2, active=False))
    await becomes(scans, goods.batch, 7, "genuine")


async def test_a_suspended_stamp_is_suspended(world: World, scans: Scans) -> None:
    goods = Goods()
    await world.tell(*goods.passports(), goods.segment(state="suspended"))
    await becomes(scans, goods.batch, 7, "suspended")


async def test_a_stopped_facility_suspends_its_stamps_until_it_resumes(
    world: World, scans: Scans
) -> None:
    goods = Goods()
    await world.tell(*goods.events())
    await becomes(scans, goods.batch, 7, "genuine")
    await world.tell(
        FacilityStopped(subject=goods.facility, version=2, time=now(), reason="Giải thể")
    )
    told = await becomes(scans, goods.batch, 7, "suspended")
    assert told["holds"] == [
        {
            "kind": "facility_stopped",
            "text": "Cơ sở đã ngừng hoạt động.",
            "reason": "Giải thể",
            "reason_en": "",
            "reason_zh": "",
        }
    ]
    await world.tell(FacilityResumed(subject=goods.facility, version=3, time=now()))
    await becomes(scans, goods.batch, 7, "genuine")


async def test_a_withdrawn_product_is_withdrawn_until_it_is_published_again(
    world: World, scans: Scans
) -> None:
    goods = Goods()
    await world.tell(*goods.events())
    await becomes(scans, goods.batch, 7, "genuine")
    withdrawn = ProductWithdrawn(
        subject=goods.product,
        version=2,
        time=now(),
        facility_id=goods.facility,
        reason="Công bố sai thành phần",
    )
    await world.tell(withdrawn)
    told = await becomes(scans, goods.batch, 7, "withdrawn")
    assert told["product_withdrawn"] == {"reason": "Công bố sai thành phần"}
    await world.tell(product(goods.product, goods.facility, 3))
    await becomes(scans, goods.batch, 7, "genuine")


async def test_a_lot_past_its_date_is_expired(world: World, scans: Scans) -> None:
    yesterday = (now() - timedelta(days=2)).date()
    goods = Goods(expires_on=yesterday)
    await world.tell(*goods.events())
    await becomes(scans, goods.batch, 7, "expired")


async def test_an_address_that_names_another_product_or_lot_is_a_suspected_copy(
    world: World, scans: Scans
) -> None:
    goods = Goods()
    await world.tell(*goods.events())
    await becomes(scans, goods.batch, 7, "genuine")
    code = scans.code(goods.batch, 7)

    async def said(path: str) -> str:
        answer = await scans.http.get(path, headers={"Accept": "application/json"})
        return str(answer.json()["verdict"])

    assert await said(f"/01/09520101000118/21/{code}") == "genuine"
    assert await said(f"/01/09520101000118/10/NA-261118/21/{code}") == "genuine"
    assert await said(f"/01/09520101000132/21/{code}") == "suspect_copy"
    assert await said(f"/01/09520101000118/10/NA-999999/21/{code}") == "suspect_copy"


async def test_a_derived_lot_is_genuine_only_once_recall_has_taken_it_in(
    world: World, scans: Scans
) -> None:
    goods = Goods(inputs=("lot-a", "lot-b"))
    world.taken_in = {"registry": 0}
    async with world.replica() as fresh:
        await world.tell(*goods.events())

        async def pending() -> bool:
            told = await fresh.verdict(goods.batch, 7)
            return told.get("because") == "genealogy"

        await eventually(pending)
        world.taken_in = {"registry": 10**9}
        await becomes(fresh, goods.batch, 7, "genuine")


async def test_the_worst_verdict_wins(world: World, scans: Scans) -> None:
    goods = Goods(expires_on=(now() - timedelta(days=2)).date())
    await world.tell(
        *goods.passports(),
        goods.segment(state="suspended"),
        hold(name("hold"), "batch", str(goods.batch)),
        notice(name("case"), kind="warning", lots=(goods.lot,)),
    )
    await becomes(scans, goods.batch, 7, "suspended")
    await world.tell(goods.segment(2, "lost"))
    await becomes(scans, goods.batch, 7, "revoked")
    await world.tell(notice(name("case"), kind="withdrawal", lots=(goods.lot,)))
    await becomes(scans, goods.batch, 7, "withdrawn")
    await world.tell(notice(name("case"), lots=(goods.lot,)))
    await becomes(scans, goods.batch, 7, "recalled")


@pytest.mark.parametrize(
    ("status", "kind"), [("examining", "lot_examining"), ("unfit", "lot_unfit")]
)
async def test_a_lot_that_failed_a_test_is_suspended_and_the_page_says_why(
    world: World, scans: Scans, status: str, kind: str
) -> None:
    goods = Goods()
    await world.tell(*goods.events())
    await becomes(scans, goods.batch, 7, "genuine")
    await world.tell(lot(goods.lot, goods.product, goods.facility, version=2, status=status))
    told = await becomes(scans, goods.batch, 7, "suspended")
    assert [hold["kind"] for hold in told["holds"]] == [f"lot_{status}"]
    page = await scans.http.get(f"/{scans.code(goods.batch, 7)}", headers={"Accept": "text/html"})
    assert "kiểm nghiệm" in page.text


async def test_a_laboratory_test_is_told_as_one_and_photos_are_shown(
    world: World, scans: Scans
) -> None:
    goods = Goods()
    testing = Stage(
        step="testing",
        title="Kiểm nghiệm",
        title_en="Laboratory test",
        at=now(),
        place="Trung tâm Kiểm nghiệm Quảng Ninh",
        details={"name": "Chì", "quantity": "0,004 mg/kg", "limit": "0,3", "verdict": "passed"},
    )
    harvest = Stage(
        step="harvesting",
        title="Thu hoạch",
        at=now(),
        place="Vườn",
        photos=("/media/a-small.webp",),
    )
    await world.tell(*goods.events())
    told = lot(goods.lot, goods.product, goods.facility, version=2, stages=(harvest, testing))
    await world.tell(told)

    async def look() -> str:
        address = f"/{scans.code(goods.batch, 7)}"
        page = await scans.http.get(address, headers={"Accept": "text/html"})
        assert "Kết quả: 0,004 mg/kg" in page.text, page.text
        return page.text

    page = await eventually(look)
    assert "Chỉ tiêu: Chì" in page
    assert "Kết luận: Đạt" in page
    assert 'src="/media/a-small.webp"' in page
