"""Who decides a signal, and that a decision is about what was seen."""

from datetime import timedelta

import pytest

from services.recall.domain import reach
from shared.contracts.recall import SignalRaised
from shared.days import today
from tests.answers import ok, refused
from tests.recall.builders import lot
from tests.recall.conftest import Recall
from tests.recall.test_complaints import filed
from tests.recall.test_signals import HOME, a_cluster, copy_of, settled, signal, three_farms


async def more_reports(recall: Recall, name: str, first: int, count: int) -> None:
    told = [filed(f"{name}-at-{n}", lot_id=name, serial=n) for n in range(first, first + count)]
    await recall.tell(*told)
    await settled(recall, *(f"complaint:{one.subject}" for one in told))


async def test_what_only_grew_while_it_was_read_is_decided_as_it_was_seen(
    province: Recall,
) -> None:
    id_ = await a_cluster(province, "sgg")
    seen = ok(await province.get(f"/signals/{id_}"))
    await more_reports(province, "sgg", 700, 1)
    assert (await signal(province, _id=id_))["count"] == 4
    body = {"decision": "dismissed", "words": "Đã kiểm tra", "version": seen["version"]}
    ok(await province.post(f"/signals/{id_}/decision", body))
    decided = await signal(province, _id=id_)
    assert (decided["state"], decided["count"], decided["total"]) == ("dismissed", 3, 3)
    assert [one["id"] for one in decided["facts"]] == decided["ids"]
    # What came meanwhile was seen by nobody: it counts.
    await more_reports(province, "sgg", 701, 2)
    again = await signal(province, key="complaints_lot|sgg", state="open")
    assert again["ids"] == [f"complaint:sgg-at-{n}" for n in (700, 701, 702)]


async def test_what_became_worse_or_was_taken_back_meanwhile_is_read_again(
    province: Recall,
) -> None:
    id_ = await a_cluster(province, "sgw")
    seen = ok(await province.get(f"/signals/{id_}"))
    await more_reports(province, "sgw", 720, 3)
    assert (await signal(province, _id=id_))["severity"] == "critical"
    body = {"decision": "dismissed", "words": "Đã kiểm tra", "version": seen["version"]}
    refused(await province.post(f"/signals/{id_}/decision", body), 409, "edit_conflict")
    copies = [copy_of(n, "p-sgw") for n in range(40, 46)]
    await province.tell(*copies)
    await settled(province, *(f"copy:{one.subject}" for one in copies))
    id_ = (await signal(province, key="copies_product|p-sgw"))["_id"]
    seen = ok(await province.get(f"/signals/{id_}"))
    await province.tell(copy_of(45, "p-sgw", "cleared", version=2))
    await signal(province, _id=id_, count=5)
    body["version"] = seen["version"]
    refused(await province.post(f"/signals/{id_}/decision", body), 409, "edit_conflict")


async def test_an_order_of_more_lots_than_its_event_names_decides_all_the_same(
    province: Recall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reach, "MAX_TARGETS", 1)
    await three_farms(province, "sgm", "Diazinon")
    key = "laboratory_input|du luong diazinon|substance:diazinon"
    found = await signal(province, key=key)
    case = await province.order("substance:diazinon", target_kind="input")
    decided = await signal(province, _id=found["_id"], state="recall")
    assert decided["decision"]["case_id"] == case["id"]


async def test_what_joins_goods_of_two_sectors_is_decided_by_the_province(
    province: Recall,
) -> None:
    await three_farms(province, "sgv", "Dimethoate")
    key = "laboratory_input|du luong dimethoate|substance:dimethoate"
    found = await signal(province, key=key)
    body = {"decision": "inspection", "words": "Lấy mẫu", "version": found["version"]}
    body |= {"goods": "facility:f3", "until": str(today() + timedelta(days=3))}
    for sector in ("agriculture", "health"):
        department = province.token(sector=sector)
        answer = await province.post(f"/signals/{found['_id']}/decision", body, token=department)
        refused(answer, 403, "signal_wider_than_area")
    above = province.token(tier="province", kinds=["report"], unit="tinh-quang-ninh")
    made = ok(await province.post(f"/signals/{found['_id']}/decision", body, token=above))
    assert made["state"] == "inspection"


async def test_reports_out_of_one_commune_are_its_own_to_see_and_decide(province: Recall) -> None:
    await province.know(lot("sgq1", "f1"), lot("sgq3", "f3", "p3"))
    goods = [("f1", "p1", "sgq1"), ("f3", "p3", "sgq3")]
    reports = [
        filed(f"sgq-{n}", owner, product_id=made, lot_id=one, serial=800 + n, commune="07055")
        for n, (owner, made, one) in enumerate(goods * 3)
    ]
    await province.tell(*reports)
    await settled(province, *(f"complaint:{one.subject}" for one in reports))
    found = await signal(province, key="complaints_area|07055|spoiled")
    id_ = found["_id"]
    [told] = (await province.events(id_, SignalRaised))[-1:]
    assert ("07055", "*") in {(one.commune, one.sector) for one in told.places}
    commune = province.token(tier="commune", kinds=["approve"], communes=["07055"])
    assert id_ in (await province.browser(commune).get(HOME)).text
    narrowed = ok(await province.get("/signals?commune=07055", commune))
    assert [one["id"] for one in narrowed["items"]] == [id_]
    seen = ok(await province.get(f"/signals/{id_}", commune))
    assert (seen["whole"], seen["elsewhere"], len(seen["facts"])) == (True, 0, 6)
    page = (await province.browser(commune).get(f"{HOME}/{id_}")).text
    assert "/console/recall/complaints/sgq-0" not in page, "that report is another commune's"
    # Of what was made elsewhere others open a suspicion.
    body = {"decision": "suspicion", "words": "x", "goods": "lot:sgq1", "version": seen["version"]}
    answer = await province.post(f"/signals/{id_}/decision", body, token=commune)
    refused(answer, 422, "signal_of_other_goods")
    part = province.token(tier="unit", kinds=["check"], communes=["*"], sector="agriculture")
    theirs = ok(await province.get(f"/signals/{id_}", part))
    assert (theirs["whole"], theirs["elsewhere"]) == (False, 3)
    body = {"decision": "dismissed", "words": "Một kho đã xử lý", "version": seen["version"]}
    assert ok(await province.post(f"/signals/{id_}/decision", body, token=commune))["decision"]


async def test_a_list_and_its_pages_agree_on_who_sees_what(province: Recall) -> None:
    """Of a facility that nobody knows yet, nobody knows the sector either."""
    reports = [filed(f"sgu-{n}", "f-unknown", lot_id="sgu", serial=n) for n in range(3)]
    await province.tell(*reports)
    await settled(province, *(f"complaint:{one.subject}" for one in reports))
    id_ = (await signal(province, key="complaints_lot|sgu"))["_id"]
    one_sector = province.token(sector="agriculture")
    assert (await province.get(f"/signals/{id_}", one_sector)).status_code == 404
    assert id_ not in (await province.browser(one_sector).get(HOME)).text
    # Narrowed to a commune that is not theirs, a list says nothing of who else is touched.
    await three_farms(province, "sgu", "Profenofos")
    wide = await signal(province, key="laboratory_input|du luong profenofos|substance:profenofos")
    part = province.token(tier="unit", kinds=["check"], communes=["07001"], sector="agriculture")
    for commune, count in (("07001", 1), ("07002", 0)):
        found = ok(await province.get(f"/signals?commune={commune}", part))
        assert [one["id"] for one in found["items"]].count(wide["_id"]) == count
    # An order page with a signal's address in it is there for whoever may not read signals.
    facility = province.token(tier="facility", kinds=["system"], facility="f1", communes=[])
    href = f"/console/recall/radius?target_kind=lot&target=sgu1&signal={wide['_id']}"
    answer = await province.browser(facility).get(href)
    assert answer.status_code == 200
    assert "Cùng chỉ tiêu" not in answer.text
