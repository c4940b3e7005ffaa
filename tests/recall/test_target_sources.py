"""Recalls of a growing area, of an input used and of a certificate: who may, what they reach."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.recall.store import certificates
from shared.contracts.identity import UnitPublished
from shared.contracts.registry import Certificate, GrowingAreaPublished, InputUsed
from shared.days import today
from shared.mongo import Tx, transact
from tests.polling import eventually
from tests.recall.builders import AT, facility, lot
from tests.recall.conftest import Recall

CERTIFICATE = Certificate(
    kind="vietgap",
    number="VG 77/2026",
    issuer="Trung tâm",
    issued_on=date(2026, 3, 1),
    expires_on=date(2026, 9, 30),
)


def area(id_: str, facility_id: str = "f1", **more: Any) -> GrowingAreaPublished:
    return GrowingAreaPublished(
        subject=id_,
        version=more.pop("version", 1),
        time=AT,
        facility_id=facility_id,
        code=more.pop("code", f"VN-{id_.upper()}"),
        name=more.pop("name", f"Vườn {id_}"),
        crop="Vải",
        commune="07001",
        commune_name="Phường 07001",
    )


def use(key: str, first: date = date(2026, 8, 1), last: date | None = None, **more: Any) -> Any:
    return InputUsed(
        key=key,
        kind="pesticide",
        name=more.pop("name", key.capitalize()),
        first=first,
        last=last or first,
        **more,
    )


async def until_kept(recall: Recall, collection: str, wanted: dict[str, Any]) -> None:
    async def kept() -> bool:
        return await recall.db.collection(collection).find_one(wanted) is not None

    await eventually(kept, 30)


async def lots_of(recall: Recall, case: dict[str, Any]) -> set[str]:
    return set((await recall.get(f"/recalls/{case['id']}")).json()["lots"])


def commune(recall: Recall, code: str = "07001", **more: Any) -> str:
    return recall.token(tier="commune", communes=[code], unit=f"u-{code}", **more)


async def refused(recall: Recall, status: int, code: str, field: str, **body: Any) -> None:
    """By the preview and by the order alike."""
    words = {"kind": "recall", "reason": "x", "instruction": "y"}
    token = body.pop("token", None)
    for path, sent in (("/previews", body), ("/recalls", {**body, **words})):
        answer = await recall.post(path, sent, token=token)
        assert answer.status_code == status, answer.text
        problem = answer.json()
        assert (problem["code"], problem["errors"][0]["field"]) == (code, field), problem


async def test_an_area_in_a_period_reaches_its_lots_and_what_was_made_of_them_and_grows(
    province: Recall,
) -> None:
    await province.know(
        area("area1"),
        lot("ar1", growing_area_id="area1", produced_on=date(2026, 9, 10)),
        lot("ar2", growing_area_id="area1", produced_on=date(2026, 7, 1)),
        lot("ar3", "f2", "p2", inputs=("ar1",)),
        lot("ar4"),
    )
    await until_kept(province, "growing_areas", {"_id": "area1"})
    period = {"from": "2026-09-01", "to": "2026-09-30"}
    case = await province.order("area1", target_kind="area", **period)
    assert await lots_of(province, case) == {"ar1", "ar3"}
    assert case["title"] == (
        "Thu hồi sản phẩm từ vùng Vườn area1 (VN-AREA1), sản xuất từ 01/09/2026 đến 30/09/2026"
    )
    told = [
        lot("ar5", growing_area_id="area1", produced_on=date(2026, 9, 30)),
        lot("ar6", growing_area_id="area1", produced_on=date(2026, 10, 1)),
    ]
    await province.repeat(*await province.tell(*told))
    await province.know(lot("ar7", "f2", "p2", inputs=("ar5",)))
    assert await lots_of(province, case) == {"ar1", "ar3", "ar5", "ar7"}
    shown = (await province.get(f"/recalls/{case['id']}")).json()
    assert [entry["act"] for entry in shown["history"]] == ["ordered", "grown", "grown"]
    assert len(await province.notices(case["id"])) == 3


async def test_an_input_reaches_every_facility_that_used_it_and_nothing_ever_leaves(
    province: Recall,
) -> None:
    await province.know(
        lot("in1", "f1", "p1", used=(use("thuoc a"),)),
        lot("in2", "f3", "p3", used=(use("thuoc a", date(2026, 8, 9)),)),
        lot("in3", "f2", "p2", inputs=("in2",)),
        lot("in4", "f2", "p2", used=(use("thuoc b"),)),
    )
    case = await province.order("Thuốc A", target_kind="input")
    assert case["target"] == {
        "kind": "input", "id": "thuoc a", "first": None, "last": None,
        "from": None, "to": None, "number": "",
    }  # fmt: skip
    assert case["title"] == "Thu hồi sản phẩm đã dùng Thuoc a"
    assert await lots_of(province, case) == {"in1", "in2", "in3"}
    await province.know(lot("in4", "f2", "p2", used=(use("thuoc a"),), version=2))
    await province.know(lot("in1", "f1", "p1", version=2))
    assert await lots_of(province, case) == {"in1", "in2", "in3", "in4"}


async def test_an_input_is_meant_by_its_substance_its_package_and_the_days_of_its_use(
    province: Recall,
) -> None:
    mixed = use("hon hop", active_substance="Đồng + Mancozeb", lot_number="L-1 a")
    await province.know(
        lot("su1", used=(mixed,)),
        lot("su2", used=(use("mancozeb-80wp", date(2026, 8, 20), active_substance="mancozeb"),)),
    )

    async def reached(target: str, **more: Any) -> set[str]:
        body = {"target_kind": "input", "target": target, **more}
        answer = await province.post("/previews", body)
        assert answer.status_code == 200, answer.text
        return {one["code"].lower() for one in answer.json()["lots"]}

    assert await reached("substance:Mancozeb") == {"su1", "su2"}
    assert await reached("substance:đồng") == {"su1"}
    assert await reached("hon hop", number="l-1A") == {"su1"}
    assert await reached("substance:mancozeb", **{"from": "2026-08-02"}) == {"su2"}
    assert await reached("substance:mancozeb", to="2026-08-19") == {"su1"}
    label = await province.post("/previews", {"target_kind": "input", "target": "substance:dong"})
    assert label.json()["label"] == "sản phẩm đã dùng Đồng"


async def test_a_commune_orders_for_its_own_facilities_and_is_told_what_lies_outside(
    province: Recall,
) -> None:
    department = UnitPublished(
        subject="so-yt", version=1, time=AT, name="Sở Y tế", tier="department",
        path=("so-yt",), communes=("*",), sector="health",
    )  # fmt: skip
    await province.tell(department)
    await until_kept(province, "authorities", {"_id": "so-yt"})
    await until_kept(province, "units", {"_id": "so-yt"})
    await province.know(
        lot("co1", "f1", "p1", used=(use("thuoc c"),)),
        lot("co2", "f3", "p3", used=(use("thuoc c"),)),
        lot("co3", "f2", "p2", inputs=("co1",)),
    )
    mine = commune(province)
    answer = await province.post(
        "/previews", {"target_kind": "input", "target": "thuoc c"}, token=mine
    )
    assert {one["id"] for one in answer.json()["lots"]} == {"co1", "co3"}
    (outside,) = answer.json()["outside"]
    assert outside == {
        "commune": "Phường 07003", "sector": "health", "lots": 1, "facilities": 1,
        "responsible": ["Sở Y tế"],
    }  # fmt: skip
    case = await province.order("thuoc c", target_kind="input", token=mine)
    assert await lots_of(province, case) == {"co1", "co3"}
    await province.know(
        lot("co4", "f1", "p1", used=(use("thuoc c"),)),
        lot("co5", "f3", "p3", used=(use("thuoc c"),)),
    )
    assert await lots_of(province, case) == {"co1", "co3", "co4"}
    await province.know(
        lot("co6", "f-late", "p1", used=(use("thuoc c"),)), facility("f-late", commune="07001")
    )
    assert await lots_of(province, case) == {"co1", "co3", "co4", "co6"}
    page = await province.browser(mine).get(
        "/console/recall/radius?target_kind=input&target=thuoc%20c"
    )
    assert "Phường 07003" in page.text
    assert "Nước mắm Cái Rồng" not in page.text, "places are told, not whose goods they are"
    shown = await province.browser(mine).get(f"/console/recall/{case['id']}")
    assert "Phường 07003" in shown.text
    whole = await province.order("thuoc c", target_kind="input")
    assert {"co2", "co5"} <= await lots_of(province, whole)


async def test_a_department_lifts_what_a_commune_ordered_of_an_input(province: Recall) -> None:
    await province.know(lot("li1", "f1", "p1", used=(use("thuoc l"),)))
    case = await province.order("thuoc l", target_kind="input", token=commune(province))
    reason = {"reason": "Kiểm nghiệm lại đạt"}
    sector = {"sector": "agriculture", "communes": ["*"]}
    for path in ("lift", "lift/confirm"):
        answer = await province.post(
            f"/recalls/{case['id']}/{path}", reason if path == "lift" else None,
            token=province.token(**sector),
        )  # fmt: skip
        assert answer.status_code == 200, answer.text


async def test_a_facility_recalls_an_input_on_its_own_lots_only(province: Recall) -> None:
    await province.know(
        lot("fa1", "f1", "p1", used=(use("thuoc f"),)),
        lot("fa2", "f2", "p2", used=(use("thuoc f"),)),
        lot("fa3", "f2", "p2", used=(use("thuoc g"),)),
    )
    own = province.token(tier="facility", kinds=["system"], facility="f1", communes=None)
    answer = await province.post(
        "/previews", {"target_kind": "input", "target": "thuoc f"}, token=own
    )
    assert {one["id"] for one in answer.json()["lots"]} == {"fa1"}
    assert answer.json()["outside"] == []
    case = await province.order("thuoc f", target_kind="input", token=own)
    await province.know(lot("fa4", "f2", "p2", used=(use("thuoc f"),)))
    assert await lots_of(province, case) == {"fa1"}
    await refused(
        province,
        404,
        "target_not_found",
        "target",
        token=own,
        target_kind="input",
        target="thuoc g",
    )


async def test_a_certificate_reaches_what_was_made_while_it_was_claimed(province: Recall) -> None:
    await province.know(
        facility("f-cert", certificates=(CERTIFICATE,)),
        lot("ce1", "f-cert", "p1", produced_on=date(2026, 3, 1)),
        lot("ce2", "f-cert", "p1", produced_on=date(2026, 2, 28)),
        lot("ce3", "f-cert", "p1", produced_on=date(2026, 10, 1)),
    )
    await until_kept(province, "certificates", {"_id": "f-cert"})
    aim = {"target_kind": "certificate", "number": "vg77/2026"}
    case = await province.order("f-cert", **aim)
    assert await lots_of(province, case) == {"ce1"}
    assert (case["target"]["from"], case["target"]["to"]) == ("2026-03-01", "2026-09-30")
    assert case["target"]["number"] == "VG 77/2026"
    await province.know(
        lot("ce4", "f-cert", "p1", produced_on=date(2026, 9, 30)),
        lot("ce5", "f-cert", "p1", produced_on=date(2026, 10, 2)),
    )
    assert await lots_of(province, case) == {"ce1", "ce4"}
    again = await province.post(
        "/recalls",
        {"target": "f-cert", "kind": "recall", "reason": "x", "instruction": "y", **aim},
    )
    assert again.json()["code"] == "target_already_recalled"
    await refused(
        province, 422, "period_outside_certificate", "to", target="f-cert", to="2026-02-01", **aim
    )


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 2, 1), (2, 3, 1), (2, 1, 3, 2, 1)])
async def test_a_claim_ends_with_the_version_without_it_whatever_came_first(
    province: Recall, order: tuple[int, ...]
) -> None:
    name = f"f-claim{''.join(map(str, order))}"

    def told(version: int) -> Any:
        at = datetime(2026, 6, version, 3, tzinfo=UTC)
        held = (CERTIFICATE,) if version < 3 else ()
        one = facility(name, version=version, certificates=held)
        return one.model_copy(update={"time": at})

    for version in order:

        async def work(tx: Tx, version: int = version) -> None:
            await certificates.note_certificates(tx, [told(version)])

        await transact(province.db, work)
    found = [one async for one in certificates.search(province.db, {"_id": name}, 5)]
    assert [(one.version, one.claimed_to) for one in found] == [(2, date(2026, 6, 3))]


async def test_bad_targets_are_refused_by_name_and_field(province: Recall) -> None:
    await province.know(
        area("area-empty"),
        area("area-other", "f2"),
        facility("f-bad", certificates=(CERTIFICATE,)),
        lot("ba1", used=(use("thuoc x"),)),
    )
    await until_kept(province, "growing_areas", {"_id": "area-other"})
    await until_kept(province, "certificates", {"_id": "f-bad"})
    later = (today() + timedelta(days=2)).isoformat()
    input_x = {"target_kind": "input", "target": "thuoc x"}
    of_area = {"target_kind": "area", "target": "area-empty"}
    paper = {"target_kind": "certificate", "target": "f-bad"}
    for status, code, field, body in (
        (404, "target_not_found", "target", {"target_kind": "area", "target": "none"}),
        (422, "target_without_lots", "target", of_area),
        (404, "target_not_found", "target", {"target_kind": "input", "target": "none"}),
        (404, "target_not_found", "target", {**input_x, "number": "L9"}),
        (422, "target_empty", "from", {**input_x, "from": "2026-08-02"}),
        (422, "period_in_future", "from", {**input_x, "from": later}),
        (422, "invalid_period", "to", {**input_x, "from": "2026-08-02", "to": "2026-08-01"}),
        (422, "certificate_number_missing", "number", paper),
        (404, "target_not_found", "target", {**paper, "number": "VG 78"}),
        (422, "certificate_without_lots", "target", {**paper, "number": "VG77/2026"}),
        (422, "invalid_target", "number", {**of_area, "number": "1"}),
    ):
        await refused(province, status, code, field, **body)
    away = commune(province, "07002")
    for body in (of_area, {**paper, "number": "VG77/2026"}, input_x):
        await refused(province, 404, "target_not_found", "target", token=away, **body)


@pytest.mark.parametrize(
    "query",
    [
        "target_kind=certificate&target=f-page",
        "target_kind=area&target=area-page&since=2026-09-02&until=2026-09-03",
        "target_kind=input&target=thuoc%20p&since=2026-09-02&until=2026-09-01",
        "target_kind=input&target=thuoc%20p&since=2099-01-01",
    ],
)
async def test_the_page_says_what_is_wrong_with_such_a_target(province: Recall, query: str) -> None:
    await province.know(area("area-page"), lot("pa1", used=(use("thuoc p"),)))
    await until_kept(province, "growing_areas", {"_id": "area-page"})
    page = await province.browser(province.token()).get(f"/console/recall/radius?{query}")
    assert page.status_code == 422
    assert "error" in page.text


async def test_a_link_to_what_has_no_lots_yet_is_no_mistake_of_who_follows_it(
    province: Recall,
) -> None:
    await province.know(area("area-new"))
    await until_kept(province, "growing_areas", {"_id": "area-new"})
    browser = province.browser(province.token())
    page = await browser.get("/console/recall/radius?target_kind=area&target=area-new")
    assert page.status_code == 200
    assert "chưa có lô sản phẩm nào được công bố" in page.text


async def test_a_certificate_without_lots_says_so_and_nothing_of_days_that_nobody_chose(
    province: Recall,
) -> None:
    await province.know(facility("f-none", commune="07001", certificates=(CERTIFICATE,)))
    await until_kept(province, "certificates", {"_id": "f-none"})
    browser = province.browser(province.token())
    path = (
        f"/console/recall/radius?target_kind=certificate&target=f-none&number={CERTIFICATE.number}"
    )
    page = await browser.get(path)
    assert page.status_code == 200
    assert "<h1>Chưa có lô sản phẩm nào</h1>" in page.text
    assert "khai giấy chứng nhận này" in page.text
    assert "khoảng thời gian đã chọn" not in page.text


async def test_the_search_finds_areas_inputs_and_certificates_within_scope_only(
    province: Recall,
) -> None:
    await province.know(
        area("area-se", "f2", name="Vườn vải Phương Nam", code="VN-PN-01"),
        facility("f-se", commune="07002", certificates=(CERTIFICATE,)),
        lot("se1", "f2", "p2", used=(use("thuoc tim", active_substance="Emamectin benzoate",
                                         lot_number="EM-5"),)),
    )  # fmt: skip
    await until_kept(province, "growing_areas", {"_id": "area-se"})
    await until_kept(province, "certificates", {"_id": "f-se"})
    here = province.browser(commune(province, "07002"))
    elsewhere = province.browser(commune(province, "07001"))
    for text, address in (
        ("phuong nam", "target_kind=area&amp;target=area-se"),
        ("VN-PN-01", "target_kind=area&amp;target=area-se"),
        ("Thuốc tím", "target_kind=input&amp;target=thuoc%20tim"),
        ("emamectin", "target_kind=input&amp;target=substance%3Aemamectin%20benzoate"),
        ("em-5", "target_kind=input&amp;target=thuoc%20tim&amp;number=em-5"),
        ("VG 77/2026", "target_kind=certificate&amp;target=f-se&amp;number=VG%2077/2026"),
    ):
        path = "/console/recall/new"
        assert address in (await here.get(path, params={"q": text})).text, text
        assert address not in (await elsewhere.get(path, params={"q": text})).text, text
    listed = await province.get("/inputs?q=tim", commune(province, "07002"))
    assert listed.json()["items"] == [
        {"key": "thuoc tim", "kind": "pesticide", "name": "Thuoc tim",
         "active_substance": "Emamectin benzoate", "lots": 1, "facilities": 1}
    ]  # fmt: skip
    assert (await province.get("/inputs?q=tim", commune(province))).json()["total"] == 0
    assert "Thuoc tim" in (await here.get("/console/recall/inputs?q=tim")).text
