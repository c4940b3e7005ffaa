"""Reports whose goods no stamp bears out: whom they reach, and how little they prove (R53)."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest

from services.recall.store import signal_facts
from shared.days import today
from shared.ids import now
from tests.answers import ok, refused
from tests.polling import eventually
from tests.recall.builders import lot, product
from tests.recall.conftest import Recall
from tests.recall.test_complaints import LIST, answers, filed, is_seen, taken_in
from tests.recall.test_joining import told_units, unit
from tests.recall.test_suspicions import form

CHOSEN: dict[str, Any] = {
    **{"origin": "no_stamp", "batch": 0, "serial": 0, "verdict": "", "commune": "07044"},
    **{"goods": "Chả mực Hạ Long · L01"},
}
# The facility of the goods lies in 07001, its sector is agriculture; they were seen in 07044.
NOBODYS: dict[str, Any] = {"facility_id": "", "product_id": "", "lot_id": ""}
THERE: dict[str, Any] = {"tier": "commune", "kinds": ["approve"], "communes": ["07044"]}


async def test_a_chosen_facility_does_not_hide_a_report_from_those_of_the_place(
    province: Recall,
) -> None:
    """The market may be in one commune and the facility whose name is on the goods in another."""
    await taken_in(province, filed("bw-a", **CHOSEN), filed("bw-stamp", commune="07044"))
    for claims, seen in (
        (THERE, True),
        ({**THERE, "sector": "agriculture"}, True),
        ({**THERE, "sector": "health"}, False),
        ({"tier": "department", "kinds": ["approve"], "sector": "agriculture"}, True),
        ({"tier": "department", "kinds": ["approve"], "sector": "health"}, False),
        ({**THERE, "communes": ["07001"]}, True),
        ({**THERE, "communes": ["00004"]}, False),
        ({**THERE, "communes": ["07001"], "sector": "health"}, False),
    ):
        await is_seen(province, "bw-a", province.token(**claims), seen)
    await is_seen(province, "bw-stamp", province.token(**THERE), False)
    theirs = province.token(tier="facility", kinds=["system"], facility="f1", communes=[])
    assert (await province.get("/complaints/bw-a", theirs)).status_code in {403, 404}


async def test_a_facility_that_is_not_known_yet_is_of_no_sector_of_its_own(
    province: Recall,
) -> None:
    chosen = {**CHOSEN, "facility_id": "bw-unknown"}
    await taken_in(province, filed("bw-u", **chosen), filed("bw-nobody", **{**CHOSEN, **NOBODYS}))
    for sector, known in (("*", True), ("health", False)):
        token = province.token(**{**THERE, "sector": sector})
        await is_seen(province, "bw-u", token, known)
        await is_seen(province, "bw-nobody", token, True)


async def test_those_of_the_place_take_it_up_and_hand_it_to_those_of_the_facility(
    province: Recall,
) -> None:
    await told_units(province, unit("bw-there", "07044"), unit("bw-home", "07001"))
    await taken_in(province, filed("bw-b", **CHOSEN))
    token = province.token(**THERE)
    page = (await province.browser(token).get(f"{LIST}/bw-b")).text
    assert "địa bàn hoặc ngành khác" in page
    assert "Lập hồ sơ nghi ngờ" not in page, "which is for those of the facility"
    for one in ("bw-there", "bw-home"):
        assert f"Đơn vị {one}" in page
    ok(await province.post("/complaints/bw-b/seen", token=token))
    handed = {"unit_id": "bw-home", "reason": "Cơ sở ở địa bàn đó", "version": 1}
    ok(await province.post("/complaints/bw-b/hand-over", handed, token=token))
    suspect = {"what": "Nghi hỏng", "goods": "product", "key": "bw-key"}
    sent = await form(province, f"{LIST}/bw-b/suspicion", suspect, token)
    assert sent.status_code == 404, "the goods are not theirs to suspect"
    body = {"answer": "Đã chuyển đơn vị phụ trách cơ sở.", "version": 2}
    ok(await province.post("/complaints/bw-b/answer", body, token=token))
    assert [one.state for one in await answers(province, "bw-b")] == ["seen", "closed"]


async def test_answering_for_the_place_answers_nobody_of_another_place(province: Recall) -> None:
    one, other = filed("bw-c", **CHOSEN), filed("bw-d", **{**CHOSEN, "commune": "07001"})
    await taken_in(province, one, other, filed("bw-e", **CHOSEN))
    ok(await province.post("/complaints/bw-c/join", {"other": "bw-d"}))
    token = province.token(**THERE)
    page = (await province.browser(token).get(f"{LIST}/bw-c")).text
    assert "bw-d" not in page
    refused(
        await province.post("/complaints/bw-e/join", {"other": "bw-c"}, token=token),
        409,
        "complaints_of_other_goods",
    )
    version = ok(await province.get("/complaints/bw-c"))["version"]
    body = {"answer": "Đã kiểm tra chợ.", "version": version}
    ok(await province.post("/complaints/bw-c/answer", body, token=token))
    assert [told.state for told in await answers(province, "bw-c")] == ["closed"]
    assert not await answers(province, "bw-d"), "whose place they do not answer for"
    assert ok(await province.get("/complaints/bw-d"))["state"] == "new"


async def test_however_many_forms_somebody_sends_in_a_day_they_count_as_one(
    province: Recall,
) -> None:
    """Nobody raises an alarm about a competitor with five forms in an hour."""
    for name in ("p-bwx", "p-bwy"):
        await province.know(product(name, "f1"))
    forms = [
        filed(
            f"bw-f{one}",
            **{**CHOSEN, "product_id": f"p-bw{'xy'[one % 2]}", "commune": f"0700{one}"},
            kind="made_ill",
        )
        for one in range(6)
    ]
    told = [
        filed(f"bw-told{one}", **{**CHOSEN, "product_id": "p-bwx", "origin": "official"})
        for one in range(2)
    ]
    await taken_in(province, *forms, *told)
    wanted = {"_id": {"$in": [f"complaint:{one.subject}" for one in (*forms, *told)]}}
    facts = province.db.collection(signal_facts.FACTS)

    async def heard() -> bool:
        return bool(await facts.count_documents(wanted) == len(forms) + len(told))

    await eventually(heard)
    rows = [row async for row in facts.find(wanted)]
    assert len({row["stamp"] or row["_id"] for row in rows}) == 1 + len(told), (
        "what officials were told stands for itself"
    )


async def test_what_anybody_may_claim_makes_no_report_more_pressing(province: Recall) -> None:
    await province.know(product("p-bwz", "f1"))
    same: dict[str, Any] = {"product_id": "p-bwz", "kind": "looks_fake"}
    claims = [filed(f"bw-g{one}", **{**CHOSEN, **same}) for one in range(6)]
    await taken_in(province, filed("bw-h", **same), *claims)
    page = (await province.browser(province.token()).get(f"{LIST}/bw-h")).text
    assert "1 phản ánh tương tự" in page
    stamps = [filed(f"bw-i{one}", serial=100 + one, **same) for one in range(6)]
    await taken_in(province, *stamps)
    for other in ("bw-i1", "bw-i2"):
        ok(await province.post("/complaints/bw-i0/join", {"other": other}))
    spam = {"answer": "Không liên quan.", "version": 0, "outcome": "spam"}
    ok(await province.post("/complaints/bw-i5/answer", spam))
    page = (await province.browser(province.token()).get(f"{LIST}/bw-h")).text
    # The claims of a day, three that are one, two by themselves.
    assert "4 phản ánh tương tự" in page


async def test_a_report_that_joins_goes_to_the_unit_that_has_the_other(province: Recall) -> None:
    await told_units(province, unit("bw-desk", "07001"))
    await taken_in(province, filed("bw-j", serial=31), filed("bw-k", serial=31))
    handed = {"unit_id": "bw-desk", "reason": "Thuộc địa bàn", "version": 0}
    ok(await province.post("/complaints/bw-j/hand-over", handed))
    ok(await province.post("/complaints/bw-j/join", {"other": "bw-k"}))
    theirs = province.token(tier="unit", kinds=["check"], unit="bw-desk")
    listed = ok(await province.get("/complaints?whose=my_unit", theirs))["items"]
    assert {"bw-j", "bw-k"} <= {one["id"] for one in listed}


@pytest.mark.parametrize(
    ("id_", "told", "words"),
    [
        ("bw-l", CHOSEN, ["Lời người báo, không có tem", "Chả mực Hạ Long · L01"]),
        ("bw-m", {"commune": "07044"}, ["Con tem"]),
        (
            "bw-n",
            {**CHOSEN, "origin": "official", "channel": "phone", "heard_on": today()},
            ["Lời người báo, không có tem", "Điện thoại"],
        ),
    ],
)
async def test_programs_and_tables_tell_what_bears_a_report_out(
    province: Recall, id_: str, told: dict[str, Any], words: list[str]
) -> None:
    label = f"/console/scan/complaints/{id_}/photos/label"
    await province.know(lot(id_))
    event = filed(id_, **{**told, "lot_id": id_, "more_photos": (label,)})
    await taken_in(province, event)
    found = ok(await province.get(f"/complaints/{id_}"))
    assert (found["origin"], found["goods"], found["more_photos"]) == (
        *(event.origin, event.goods, [label]),
    )
    table = (await province.browser(province.token()).get(f"{LIST}.csv?commune=07044")).text
    rows = csv.reader(io.StringIO(table), delimiter=";")
    [row] = [one for one in rows if event.reference in " ".join(one)]
    for one in words:
        assert one in row


async def test_a_photo_of_the_label_alone_is_said_to_go_too(province: Recall) -> None:
    told = {**CHOSEN, "photo": "", "has_phone": False, "more_photos": ("/console/scan/x",)}
    gone = now() - timedelta(seconds=1)
    await taken_in(province, filed("bw-o", **told), filed("bw-p", **told, private_until=gone))
    browser = province.browser(province.token())
    assert "tự xóa ngày" in (await browser.get(f"{LIST}/bw-o")).text
    assert "/console/scan/x" not in (await browser.get(f"{LIST}/bw-p")).text
