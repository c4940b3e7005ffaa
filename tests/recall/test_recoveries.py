"""Carrying a recall out: facilities say they were told, and goods are accounted for row by row."""

import asyncio
import io
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from services.recall.actions import unnamed
from services.recall.domain.amounts import Made
from services.recall.domain.recovery import Fate, Row, Spot, Stated, Tally, replayed
from services.recall.domain.recovery_refusals import MoreThanMade, OtherDimension
from services.recall.domain.terms import Handling, Official
from services.recall.store import recoveries
from services.recall.store.evidence import MOST_UNNAMED
from shared.commune_places import names
from shared.contracts.recall import GoodsAccounted, RecallAcknowledged
from shared.days import today
from shared.ids import now
from tests.answers import ok, refused
from tests.polling import eventually
from tests.recall.builders import AT, lot, shipment
from tests.recall.conftest import API, Recall
from tests.recall.test_pages import Browser
from tests.tokens import bearer

PDF: Final = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
DAY: Final = "2026-10-05"
COMMUNE: Final = next(code for code, name in names().items() if name.endswith("Quảng Ninh"))


def picture(kind: str = "JPEG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (200, 120), "green").save(out, kind)
    return out.getvalue()


def row(lot_id: str, **more: Any) -> dict[str, Any]:
    given = {"lot_id": lot_id, "fate": "recovered", "handling": "correct", "quantity": "10"}
    return {**given, "day": DAY, "facility_id": "f1", **more}


def of_facility(recall: Recall, facility_id: str, **more: Any) -> str:
    given = {"tier": "facility", "kinds": ["operate"], "facility": facility_id, "communes": []}
    return recall.token(**{**given, **more})


async def a_case(recall: Recall, name: str, *, sent: str = "", **more: Any) -> str:
    events: list[Any] = [lot(name, **more)]
    if sent:
        events.append(shipment(f"sh-{name}", name, to=sent, quantity=Decimal(40)))
    await recall.know(*events)
    return str((await recall.order(name))["id"])


async def reported(recall: Recall, case_id: str, body: dict[str, Any], **more: Any) -> str:
    return str(ok(await recall.post(f"/recalls/{case_id}/recovery", body, **more), 201)["id"])


async def test_a_facility_says_once_that_it_was_told_and_the_case_shows_who_has_not(
    province: Recall,
) -> None:
    case_id = await a_case(province, "ack1", sent="f2")
    before = ok(await province.get(f"/recalls/{case_id}/recovery"))["told"]
    assert {one["facility_id"]: one["acknowledged_at"] for one in before} == {
        "f1": None,
        "f2": None,
    }
    token = of_facility(province, "f2", name="Bình")
    first = ok(await province.post(f"/recalls/{case_id}/acknowledge", {}, token=token))["told"]
    assert [one["facility_id"] for one in first] == ["f2"], "of the others it is told nothing"
    again = of_facility(province, "f2", name="Chi")
    ok(await province.post(f"/recalls/{case_id}/acknowledge", {}, token=again))
    told = ok(await province.get(f"/recalls/{case_id}/recovery"))["told"]
    by = {one["facility_id"]: one["acknowledged_by"] for one in told}
    assert by == {"f1": "", "f2": "Bình"}, "the first word stands"
    events = await province.events(f"{case_id}/f2", RecallAcknowledged)
    assert [event.facility_id for event in events] == ["f2"]


async def test_many_acknowledgements_at_once_are_one(province: Recall) -> None:
    case_id = await a_case(province, "ack2")
    token = of_facility(province, "f1")
    answers = await asyncio.gather(
        *(province.post(f"/recalls/{case_id}/acknowledge", {}, token=token) for _ in range(8))
    )
    assert {answer.status_code for answer in answers} == {200}
    assert len(await province.events(f"{case_id}/f1", RecallAcknowledged)) == 1


async def test_a_facility_of_no_affected_goods_and_an_official_acknowledge_nothing(
    province: Recall,
) -> None:
    case_id = await a_case(province, "ack3")
    foreign = await province.post(
        f"/recalls/{case_id}/acknowledge", {}, token=of_facility(province, "f3")
    )
    assert foreign.status_code == 404
    assert (await province.post(f"/recalls/{case_id}/acknowledge", {})).status_code == 403


async def test_a_row_is_kept_once_however_often_it_is_sent(province: Recall) -> None:
    case_id = await a_case(province, "rv1")
    sent = {"headers": {"Idempotency-Key": "row-once-1"}, "token": province.token()}
    ids = {await reported(province, case_id, row("rv1"), **sent) for _ in range(3)}
    assert len(ids) == 1
    [told] = await province.events(ids.pop(), GoodsAccounted)
    assert (told.fate, told.handling, told.quantity, told.kilograms) == (
        "recovered", "correct", Decimal(10), Decimal(10),
    )  # fmt: skip
    counted = await recoveries.tally(province.db, case_id, "rv1")
    assert counted.sums == {"recovered.correct": Decimal(10)}


async def test_more_than_was_made_is_never_taken_also_not_by_many_at_once(
    province: Recall,
) -> None:
    case_id = await a_case(province, "rv2")
    answers = await asyncio.gather(
        *(
            province.post(f"/recalls/{case_id}/recovery", row("rv2", quantity="29.5", fate=fate))
            for fate in ("recovered", "recovered", "recovered", "recovered", "recovered")
        )
    )
    assert sorted(a.status_code for a in answers) == [201, 201, 201, 422, 422]
    wrong = next(a.json() for a in answers if a.status_code == 422)
    assert wrong["code"] == "more_than_made"
    assert "chỉ còn ghi được 11,5 kg" in str(wrong)
    counted = await recoveries.tally(province.db, case_id, "rv2")
    rows = await recoveries.of_case(province.db, case_id)
    assert counted == replayed("rv2", rows)


async def test_a_row_is_corrected_by_a_new_one_and_never_erased(province: Recall) -> None:
    case_id = await a_case(province, "rv3")
    wrong = await reported(province, case_id, row("rv3", quantity="90"))
    no_reason = row("rv3", quantity="9", corrects=wrong)
    refused(
        await province.post(f"/recalls/{case_id}/recovery", no_reason),
        422, "correction_reason_missing",
    )  # fmt: skip
    right = await reported(
        province, case_id, row("rv3", quantity="9", corrects=wrong, reason="Gõ thừa số 0")
    )
    twice = row("rv3", quantity="8", corrects=wrong, reason="Lại sửa")
    refused(
        await province.post(f"/recalls/{case_id}/recovery", twice), 409, "recovery_row_corrected"
    )
    listed = ok(await province.get(f"/recalls/{case_id}/recovery/rows"))["items"]
    assert [(one["id"], one["corrected_by"]) for one in listed] == [(right, ""), (wrong, right)]
    counted = await recoveries.tally(province.db, case_id, "rv3")
    assert counted.sums == {"recovered.correct": Decimal(9)}
    page = await Browser(province).get(f"/console/recall/{case_id}/recovery/lots/rv3")
    assert "<s>" in page.text
    assert "Gõ thừa số 0" in page.text


async def test_a_mistaken_row_is_taken_away_by_a_correction_of_nothing(province: Recall) -> None:
    case_id = await a_case(province, "rv4")
    wrong = await reported(province, case_id, row("rv4"))
    await reported(
        province, case_id, row("rv4", quantity="0", corrects=wrong, reason="Ghi nhầm vụ việc")
    )
    assert (await recoveries.tally(province.db, case_id, "rv4")).sums == {}


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"quantity": "100.5"}, "more_than_made", "quantity"),
        ({"quantity": "0"}, "recovery_of_nothing", "quantity"),
        ({"quantity": "-1"}, "invalid_input", "quantity"),
        ({"unit": "lít"}, "unit_of_another_dimension", "unit"),
        ({"unit": "hộp"}, "unit_of_another_dimension", "unit"),
        ({"day": (today() + timedelta(days=1)).isoformat()}, "recovery_in_the_future", "day"),
        ({"day": "2026-09-30"}, "recovery_before_production", "day"),
        ({"lot_id": "ack1"}, "lot_not_in_case", "lot_id"),
        ({"lot_id": "no-such"}, "lot_not_in_case", "lot_id"),
        ({"handling": None}, "handling_missing", "handling"),
        ({"fate": "sold"}, "handling_not_wanted", "handling"),
        ({"fate": "lost", "handling": None}, "recovery_words_missing", "words"),
        ({"facility_id": ""}, "place_missing", "facility_id"),
        ({"facility_id": "f3"}, "place_not_in_case", "facility_id"),
        ({"facility_id": "", "commune": COMMUNE}, "place_missing", "where"),
        ({"commune": COMMUNE}, "place_missing", "facility_id"),
        ({"commune": "99999"}, "invalid_input", "commune"),
        ({"corrects": "no-such", "reason": "x"}, "recovery_row_unknown", "corrects"),
        ({"evidence": ["no-such"]}, "not_found", "evidence"),
        ({"sold": 3}, "invalid_input", "sold"),
    ],
)
async def test_a_row_that_cannot_be_is_refused_at_its_field(
    province: Recall, change: dict[str, Any], code: str, field: str
) -> None:
    known = await province.db.collection("cases").find_one({"target.id": "rv5"})
    case_id = known["_id"] if known else await a_case(province, "rv5")
    answer = await province.post(f"/recalls/{case_id}/recovery", {**row("rv5"), **change})
    assert answer.status_code in (404, 422), answer.text
    assert answer.json()["code"] == code
    assert field in str(answer.json()["errors"]), answer.text
    assert (await recoveries.tally(province.db, case_id, "rv5")).sums == {}


async def test_a_facility_reports_of_what_it_made_and_of_what_it_was_sent(
    province: Recall,
) -> None:
    case_id = await a_case(province, "rv6", sent="f2")
    await reported(province, case_id, row("rv6"), token=of_facility(province, "f1"))
    receiver = of_facility(province, "f2")
    held = row("rv6", fate="remaining", handling=None, facility_id="f2")
    await reported(province, case_id, held, token=receiver)
    elsewhere = row("rv6", fate="remaining", handling=None, facility_id="f1")
    answer = await province.post(f"/recalls/{case_id}/recovery", elsewhere, token=receiver)
    refused(answer, 422, "place_not_in_case")
    foreign = await province.post(
        f"/recalls/{case_id}/recovery", held, token=of_facility(province, "f3")
    )
    assert foreign.status_code == 404
    seen = ok(await province.get(f"/recalls/{case_id}/recovery/rows", token=receiver))
    assert [one["facility_id"] for one in seen["items"]] == ["f2"], "others' rows are not shown"
    others = (await recoveries.of_case(province.db, case_id))[0].id
    browser = Browser(province, tier="facility", kinds=["operate"], facility="f2", communes=[])
    page = f"/console/recall/{case_id}/recovery/lots/rv6"
    shown = await browser.get(page)
    assert shown.status_code == 200
    assert "Cân đối của lô" not in shown.text, "the sums of a lot are its maker's to see"
    assert (await browser.get(f"{page}?corrects={others}")).status_code == 404


async def test_a_receiver_reports_no_more_than_it_was_sent_and_learns_no_sums_of_others(
    province: Recall,
) -> None:
    case_id = await a_case(province, "rv12", sent="f2")
    path, token = f"/recalls/{case_id}/recovery", of_facility(province, "f2")
    held = row("rv12", fate="remaining", handling=None, facility_id="f2")
    too_much = await province.post(path, {**held, "quantity": "40.5"}, token=token)
    assert "40 kg" in str(refused(too_much, 422, "more_than_sent"))
    first = await reported(province, case_id, {**held, "quantity": "25.5"}, token=token)
    more = await province.post(path, {**held, "quantity": "15"}, token=token)
    assert "14,5 kg" in str(refused(more, 422, "more_than_sent")), "what it reported itself counts"
    again = {**held, "quantity": "0.03", "unit": "tấn", "corrects": first, "reason": "Đếm lại"}
    await reported(province, case_id, again, token=token)
    await reported(province, case_id, row("rv12", quantity="67.75"))
    full = await province.post(path, {**held, "quantity": "5"}, token=token)
    said = str(refused(full, 422, "more_than_left"))
    assert "67,75" not in said
    assert "2,25" not in said


async def test_a_receiver_of_an_amount_in_another_kind_of_unit_is_not_held_to_it(
    province: Recall,
) -> None:
    await province.know(lot("rv13"), shipment("sh-rv13", "rv13", to="f2", unit="thùng"))
    case_id = (await province.order("rv13"))["id"]
    held = row("rv13", fate="remaining", handling=None, facility_id="f2", quantity="50")
    await reported(province, case_id, held, token=of_facility(province, "f2"))


async def test_a_facility_does_not_correct_what_officials_counted(province: Recall) -> None:
    case_id = await a_case(province, "rv7")
    counted = await reported(province, case_id, row("rv7"))
    mine = row("rv7", quantity="50", corrects=counted, reason="Nhiều hơn")
    answer = await province.post(
        f"/recalls/{case_id}/recovery", mine, token=of_facility(province, "f1")
    )
    refused(answer, 404, "recovery_row_unknown")


async def test_an_official_reports_of_their_own_area_alone(province: Recall) -> None:
    case_id = await a_case(province, "rv8", sent="f2")
    commune = province.token(tier="commune", kinds=["approve"], communes=["07002"])
    held = row("rv8", fate="remaining", handling=None, facility_id="f2")
    await reported(province, case_id, held, token=commune)
    answer = await province.post(f"/recalls/{case_id}/recovery", row("rv8"), token=commune)
    assert answer.status_code == 404


async def test_an_official_corrects_rows_of_their_own_area_alone(province: Recall) -> None:
    """Not even into a row of their own area: the goods would leave the sums of the other's."""
    case_id = await a_case(province, "rv11", sent="f2")
    elsewhere = {"facility_id": "", "commune": COMMUNE, "where": "Chợ Hạ Long"}
    commune = {"tier": "commune", "kinds": ["approve"], "communes": ["07002"]}
    held = {"fate": "remaining", "handling": None, "facility_id": "f2", "quantity": "5"}
    for number, place in enumerate(({}, elsewhere)):
        counted = await reported(province, case_id, row("rv11", **place))
        mine = row("rv11", **held, corrects=counted, reason="Của xã khác")
        token = province.token(**commune)
        answer = await province.post(f"/recalls/{case_id}/recovery", mine, token=token)
        assert answer.status_code == 404, number
        page = f"/console/recall/{case_id}/recovery/lots/rv11"
        browser = Browser(province, **commune)
        assert f"corrects={counted}" not in (await browser.get(page)).text
        assert (await browser.get(f"{page}?corrects={counted}")).status_code == 404
    assert (await recoveries.tally(province.db, case_id, "rv11")).total == Decimal(20)
    own = await reported(province, case_id, row("rv11", **held), token=province.token(**commune))
    better = row("rv11", **{**held, "quantity": "6"}, corrects=own, reason="Đếm lại")
    await reported(province, case_id, better, token=province.token(**commune))


async def test_a_warning_has_no_goods_to_recover(province: Recall) -> None:
    await province.know(lot("rv9"))
    case_id = (await province.order("rv9", kind="warning"))["id"]
    answer = await province.post(f"/recalls/{case_id}/recovery", row("rv9"))
    refused(answer, 409, "no_goods_to_recover")


async def test_packages_are_told_by_weight_where_registry_knows_it(province: Recall) -> None:
    case_id = await a_case(
        province, "rv10", unit="hộp", quantity=Decimal(200), kilograms=Decimal(100)
    )

    async def weighed() -> bool:
        return await province.db.collection("lot_weights").find_one({"_id": "rv10"}) is not None

    await eventually(weighed)
    await reported(province, case_id, row("rv10", quantity="0.05", unit="tấn"))
    counted = await recoveries.tally(province.db, case_id, "rv10")
    assert counted.sums == {"recovered.correct": Decimal(100)}


async def upload(
    recall: Recall, case_id: str, name: str, data: bytes, token: str = ""
) -> httpx2.Response:
    return await recall.client.post(
        f"{API}/recalls/{case_id}/evidence",
        files={"file": (name, data)},
        headers=bearer(token or recall.token()),
    )


async def test_evidence_is_what_its_content_says_and_is_drawn_anew(province: Recall) -> None:
    case_id = await a_case(province, "ev1")
    for name, data in (("anh.jpg", b"MZ" + bytes(900)), ("a.pdf", b"<html>"), ("a.png", PDF[:8])):
        refused(await upload(province, case_id, name, data), 422, "evidence_unreadable")
    cut = picture()[:300]
    refused(await upload(province, case_id, "cut.jpg", cut), 422, "evidence_unreadable")
    refused(await upload(province, case_id, "b.pdf", bytes(5_000_001)), 413, "evidence_too_large")
    shot = ok(await upload(province, case_id, "bien-ban.exe", picture("PNG")), 201)
    assert shot["media_type"] == "image/jpeg"
    minutes = ok(await upload(province, case_id, "bb.pdf", PDF), 201)
    await reported(province, case_id, row("ev1", evidence=[shot["id"], minutes["id"]]))
    for one, data in ((minutes, PDF), (shot, b"\xff\xd8")):
        answer = await province.get(f"/recalls/{case_id}/evidence/{one['id']}")
        assert answer.content.startswith(data)
        assert answer.headers["content-disposition"].startswith("attachment")
    other = await a_case(province, "ev2")
    stolen = row("ev2", evidence=[shot["id"]])
    assert (await province.post(f"/recalls/{other}/recovery", stolen)).status_code == 404


async def test_a_facility_reads_evidence_of_its_own_rows_alone(province: Recall) -> None:
    case_id = await a_case(province, "ev3", sent="f2")
    kept = ok(await upload(province, case_id, "bb.pdf", PDF), 201)["id"]
    await reported(province, case_id, row("ev3", evidence=[kept]))
    path = f"/recalls/{case_id}/evidence/{kept}"
    assert (await province.get(path, of_facility(province, "f1"))).status_code == 200
    assert (await province.get(path, of_facility(province, "f2"))).status_code == 404


async def test_a_facility_names_no_file_of_another(province: Recall) -> None:
    """Naming it in a row of one's own would make it one's own to read."""
    case_id = await a_case(province, "ev4", sent="f2")
    theirs = ok(await upload(province, case_id, "bb.pdf", PDF), 201)["id"]
    token = of_facility(province, "f2")
    own = ok(await upload(province, case_id, "bb.pdf", PDF, token), 201)["id"]
    held = row("ev4", fate="remaining", handling=None, facility_id="f2", quantity="1")
    path = f"/recalls/{case_id}/recovery"
    stolen = await province.post(path, {**held, "evidence": [theirs]}, token=token)
    assert stolen.status_code == 404
    await reported(province, case_id, {**held, "evidence": [own]}, token=token)
    # Files of the time before it was kept whose they are: of those that it sees already.
    await province.db.collection("recovery_evidence").update_many(
        {"case": case_id}, {"$unset": {"account_id": 1, "by_facility": 1, "named": 1}}
    )
    assert (
        await province.post(path, {**held, "evidence": [theirs]}, token=token)
    ).status_code == 404
    await reported(province, case_id, {**held, "evidence": [own]}, token=token)
    await reported(province, case_id, row("ev4", evidence=[theirs, own]))


async def test_files_that_no_row_names_are_few_and_go_after_a_day(province: Recall) -> None:
    case_id = await a_case(province, "ev5")
    other = await a_case(province, "ev6")
    token, kept = province.token(), list[str]()
    for _ in range(MOST_UNNAMED):
        kept.append(ok(await upload(province, case_id, "bb.pdf", PDF, token), 201)["id"])
    full = await upload(province, case_id, "bb.pdf", PDF, token)
    refused(full, 429, "too_many_files_unnamed")
    ok(await upload(province, other, "bb.pdf", PDF, token), 201)
    ok(await upload(province, case_id, "bb.pdf", PDF, province.token(name="Khác")), 201)
    await reported(province, case_id, row("ev5", evidence=kept[:2]))
    ok(await upload(province, case_id, "bb.pdf", PDF, token), 201)
    collection = province.db.collection("recovery_evidence")
    await unnamed.sweep(province.db, now())
    assert await collection.count_documents({"case": case_id}) == MOST_UNNAMED + 2
    await unnamed.sweep(province.db, now() + timedelta(hours=25))
    left = {one["_id"] async for one in collection.find({"case": case_id}, {"_id": 1})}
    assert left == set(kept[:2])


async def test_the_page_asks_a_facility_to_acknowledge_and_takes_a_row_with_its_files(
    province: Recall,
) -> None:
    case_id = await a_case(province, "pg-rv")
    browser = Browser(province, tier="facility", kinds=["operate"], facility="f1", communes=[])
    page = f"/console/recall/{case_id}"
    assert "Đã nhận thông báo" in (await browser.get(page)).text
    tap = f'action="{page}/acknowledge"'
    assert tap in (await browser.get("/console/recall")).text
    sent = await browser.send(page, f"{page}/acknowledge")
    assert sent.status_code == 303, sent.text
    assert "Cơ sở đã xác nhận nhận thông báo" in (await browser.get(page)).text
    assert tap not in (await browser.get("/console/recall")).text
    form = f"{page}/recovery/lots/pg-rv"
    missing = await browser.send(form, form, key="k1", lot_id="pg-rv", fate="recovered")
    assert missing.status_code == 422
    fields = {**row("pg-rv", quantity="12,5", day="2026-10-05"), "key": "k1"}
    assert (await browser.send(form, form, **fields)).status_code == 303
    shown = (await browser.get(form)).text
    assert "12,5 kg" in shown
    official = (await Browser(province).get(page)).text
    assert "1 trong 1 cơ sở" in official


AMOUNTS = st.decimals(min_value=0, max_value=120, places=3)


def kept(number: int, fate: Fate, amount: Decimal, corrects: str) -> Row:
    handling = Handling.DESTROY if fate is Fate.RECOVERED else None
    stated = Stated(
        "l", fate, amount, "kg", date(2026, 10, 1), Spot("f"), handling, corrects=corrects,
        reason="x",
    )  # fmt: skip
    return Row(str(number), "c", stated, amount, Official("a", "A"), AT)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(list(Fate)), AMOUNTS, st.integers(0, 12), st.booleans()),
        max_size=25,
    )
)
def test_any_rows_and_corrections_sum_to_their_replay_and_never_to_more_than_was_made(
    acts: list[tuple[Fate, Decimal, int, bool]],
) -> None:
    made, tally, rows = Made("l", Decimal(100), "kg"), Tally("l"), list[Row]()
    corrected: set[str] = set()
    for number, (fate, amount, which, corrects) in enumerate(acts):
        open_ = [one for one in rows if one.id not in corrected]
        before = open_[which % len(open_)] if corrects and open_ else None
        one = kept(number, fate, amount, before.id if before else "")
        try:
            tally = tally.with_row(one, made, "L", before)
        except MoreThanMade:
            continue
        rows.append(one)
        corrected |= {before.id} if before else set()
        assert tally == replayed("l", rows)
        assert tally == replayed("l", [*rows, *reversed(rows)]), "delivered twice, counted once"
        assert tally.total <= made.quantity


@settings(max_examples=100, deadline=None)
@given(st.decimals(min_value=0, max_value=10_000, places=3))
def test_a_quantity_is_the_same_goods_in_any_unit_of_its_kind(quantity: Decimal) -> None:
    made = Made("l", Decimal(20_000), "kg")
    tonnes = made.in_its_unit(quantity, "kg") / 1000
    assert made.in_its_unit(tonnes, "tấn") == made.in_its_unit(quantity, "kg")
    with pytest.raises(OtherDimension):
        made.in_its_unit(quantity, "lít")


def test_a_small_quantity_of_a_lot_in_a_large_unit_is_neither_lost_nor_rounded_up() -> None:
    tonnes = Made("l", Decimal(12), "tấn")
    assert tonnes.in_its_unit(Decimal(400), "g") == Decimal("0.0004")
    assert 200 * tonnes.in_its_unit(Decimal("0.6"), "kg") == Decimal("0.12")
    boxes = Made("l", Decimal(2), "hộp", Decimal(3))
    assert 3 * boxes.in_its_unit(Decimal(1), "kg") <= boxes.quantity, "all of it fits, by thirds"


async def test_a_row_of_a_few_grams_of_tonnes_counts(province: Recall) -> None:
    case_id = await a_case(province, "rv14", quantity=Decimal(1), unit="tấn")
    await reported(province, case_id, row("rv14", quantity="400", unit="g"))
    counted = await recoveries.tally(province.db, case_id, "rv14")
    assert counted.total == Decimal("0.0004")


async def test_weights_told_twice_or_late_leave_the_newest(province: Recall) -> None:
    told = await province.tell(
        lot("wt1", version=2, quantity=Decimal(10), unit="hộp", kilograms=Decimal(5)),
        lot("wt1", version=1, quantity=Decimal(10), unit="hộp", kilograms=Decimal(9)),
    )
    await province.repeat(*told)
    await province.until_taken_in()

    async def newest() -> bool:
        found = await province.db.collection("lot_weights").find_one({"_id": "wt1"})
        return found is not None and (found["version"], found["kilograms"]) == (2, "5")

    await eventually(newest)


async def test_what_was_destroyed_has_evidence_and_its_correction_need_not_bring_it_again(
    province: Recall,
) -> None:
    case_id = await a_case(province, "dx1")
    gone = row("dx1", handling="destroy")
    path = f"/recalls/{case_id}/recovery"
    refused(await province.post(path, gone), 422, "destroyed_without_evidence")
    sent = await province.client.post(
        f"{API}/recalls/{case_id}/evidence",
        files={"file": ("bb.pdf", PDF)},
        headers=bearer(province.token()),
    )
    id_ = await reported(province, case_id, {**gone, "evidence": [ok(sent, 201)["id"]]})
    less = {**gone, "quantity": "9", "corrects": id_, "reason": "Cân lại"}
    again = await reported(province, case_id, less)
    more = {**gone, "quantity": "90", "corrects": again, "reason": "Cân lại"}
    refused(await province.post(path, more), 422, "destroyed_without_evidence")
    lesser = {**gone, "quantity": "8", "corrects": again, "reason": "Cân lại lần nữa"}
    await reported(province, case_id, lesser)
    undone = await reported(province, case_id, row("dx1", quantity="5"))
    now_destroyed = {**gone, "quantity": "5", "corrects": undone, "reason": "Đã hủy"}
    refused(await province.post(path, now_destroyed), 422, "destroyed_without_evidence")
    sent = await upload(province, case_id, "kho.pdf", PDF)
    shown = row("dx1", quantity="5", evidence=[ok(sent, 201)["id"]])
    sold = await reported(province, case_id, shown)
    now_gone = {**gone, "quantity": "5", "corrects": sold, "reason": "Đã hủy"}
    refused(await province.post(path, now_gone), 422, "destroyed_without_evidence")


async def test_a_lifted_case_says_that_nothing_is_to_be_acknowledged_any_more(
    province: Recall,
) -> None:
    case_id = await a_case(province, "ack9")
    anna, binh = province.token(name="An"), province.token(name="Bình")
    ok(await province.post(f"/recalls/{case_id}/lift", {"reason": "Nhầm"}, token=anna))
    ok(await province.post(f"/recalls/{case_id}/lift/confirm", token=binh))
    token = of_facility(province, "f1")
    answer = await province.post(f"/recalls/{case_id}/acknowledge", {}, token=token)
    refused(answer, 409, "recall_lifted")
