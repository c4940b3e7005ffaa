"""A recall is closed when what was made of each lot is accounted for, or explained."""

import asyncio
from datetime import date
from decimal import Decimal
from typing import Any, Final

import pytest

from services.recall.domain.amounts import Made
from services.recall.domain.reconciling import LotBalance, summed
from services.recall.domain.recovery import Tally
from services.recall.domain.target import Lot
from services.recall.pages.issuing import committee_of, initials
from services.recall.store import explanations
from tests.answers import ok, refused
from tests.documents.test_official import texts, words_of
from tests.recall.builders import batch, facility, lot, segment
from tests.recall.conftest import Recall
from tests.recall.test_pages import Browser
from tests.recall.test_recoveries import COMMUNE, a_case, of_facility, reported, row
from tests.recall.test_rows_files import counted, csv_file, line
from tests.recall.test_rows_files import sent as rows_sent

CLOSE: Final = {"finding": "Đã thu hồi và tiêu hủy", "handling": "destroy"}
WHY: Final = {"reason": "Hao hụt khi vận chuyển"}


async def closed(recall: Recall, case_id: str, **more: Any) -> dict[str, Any]:
    return ok(await recall.post(f"/recalls/{case_id}/close", CLOSE, **more))


async def test_a_case_is_not_closed_while_a_lot_differs_and_the_refusal_names_lot_and_difference(
    province: Recall,
) -> None:
    case_id = await a_case(province, "cl1")
    await reported(province, case_id, row("cl1", quantity="58.75"))
    answer = await province.post(f"/recalls/{case_id}/close", CLOSE)
    said = refused(answer, 409, "sums_unexplained")
    assert "CL1: 41,25 kg" in str(said), "a point parts thousands in Vietnamese"
    await reported(province, case_id, row("cl1", quantity="1.25"))
    await reported(province, case_id, row("cl1", fate="sold", handling=None, quantity="39.95"))
    done = await closed(province, case_id)
    assert done["closing"]["recovered"] == "60 kg", "the rest is within the rounding"


async def test_what_a_closing_states_never_changes_afterwards(province: Recall) -> None:
    case_id = await a_case(province, "cl2")
    await reported(province, case_id, row("cl2", quantity="100"))
    await closed(province, case_id)
    before = await explanations.frozen(province.db, case_id)
    late = await province.post(f"/recalls/{case_id}/recovery", row("cl2", quantity="1"))
    refused(late, 409, "recall_not_carried_out")
    await province.know(lot("cl2", version=2, quantity=Decimal(500)), lot("cl2b", inputs=("cl2",)))
    after = await explanations.frozen(province.db, case_id)
    assert after == before
    assert before is not None
    [stated] = ok(await province.get(f"/recalls/{case_id}/recovery"))["sums"]
    assert (stated["lots"], Decimal(stated["made"])) == (1, Decimal(100)), "pages say the same"
    page = (await Browser(province).get(f"/console/recall/{case_id}/recovery")).text
    assert "500 kg" not in page
    assert "lô còn chênh lệch chưa giải trình" not in page
    [one] = before[1]
    assert (one["made"], one["by"]) == ("100", [{"key": "recovered.correct", "quantity": "100"}])


async def test_rows_and_a_closing_at_the_same_moment_agree(province: Recall) -> None:
    """Either the row is in the figures of the closing, or it is refused."""
    for n in range(6):
        case_id = await a_case(province, f"clr{n}")
        await reported(province, case_id, row(f"clr{n}", quantity="99.95"))
        small = row(f"clr{n}", quantity="0.04")
        answers = await asyncio.gather(
            province.post(f"/recalls/{case_id}/close", CLOSE),
            province.post(f"/recalls/{case_id}/recovery", small),
        )
        assert answers[0].status_code == 200
        frozen = await explanations.frozen(province.db, case_id)
        assert frozen is not None
        stated = Decimal(frozen[1][0]["by"][0]["quantity"])
        assert stated == (Decimal("99.99") if answers[1].status_code == 201 else Decimal("99.95"))


async def test_a_second_persons_word_and_a_closing_at_the_same_moment_agree(
    province: Recall,
) -> None:
    """Either the word is in the figures of the closing, or it is refused."""
    for n in range(6):
        case_id = await a_case(province, f"cld{n}")
        await reported(province, case_id, row(f"cld{n}", quantity="90"))
        path = f"/recalls/{case_id}/explanations"
        given = ok(await province.post(path, WHY, token=province.token(name="An")), 201)
        await reported(province, case_id, row(f"cld{n}", quantity="10"))
        answers = await asyncio.gather(
            province.post(f"/recalls/{case_id}/close", CLOSE),
            province.post(f"{path}/{given['id']}/decision", {"agreed": True}),
        )
        # Agreed first, more is accounted for than was made, and the closing is refused.
        assert sorted(one.status_code for one in answers) == [200, 409]


async def test_a_recall_of_stamps_is_carried_out_by_the_lots_they_stand_on(
    province: Recall,
) -> None:
    """Its goods are counted by stamps: sums, explanation, closing and report as of lots."""
    await province.know(
        lot("st1"),
        lot("st2"),
        batch(881, 200),
        segment(881, (0, 59, "st1", "active"), (60, 99, "st2", "active"), (100, 199, "", "issued")),
    )
    case_id = (await province.order("881", target_kind="batch"))["id"]
    page = f"/console/recall/{case_id}"
    browser = Browser(province)
    assert "Báo số lượng thu hồi" in (await browser.get(page)).text
    shown = (await browser.get(f"{page}/recovery")).text
    assert "100 tem phải thu hồi" in shown
    assert "100 tem chưa đứng trên lô nào" in shown
    more = await province.post(f"/recalls/{case_id}/recovery", row("st1", quantity="61"))
    assert "chỉ còn ghi được 60 tem" in str(refused(more, 422, "more_than_made"))
    refused(
        await province.post(f"/recalls/{case_id}/recovery", row("st1", unit="kg")),
        422,
        "unit_of_another_dimension",
    )
    await reported(province, case_id, row("st1", quantity="60"))
    sheet = csv_file(line("ST2", fate="Đã bán", quantity="39"))
    told = await rows_sent(province, case_id, sheet)
    assert told["errors"] == 0, told
    ok(await counted(province, case_id, told["id"]))
    typed = await province.post(
        f"/recalls/{case_id}/close", {**CLOSE, "recovered": "5", "unit": "tem"}
    )
    assert "ST2: 1 tem" in str(refused(typed, 409, "sums_unexplained"))
    ok(await province.post(f"/recalls/{case_id}/explanations", WHY), 201)
    assert (await closed(province, case_id))["closing"]["recovered"] == "60 tem"
    report = words_of((await browser.get(f"{page}/report.docx")).content)
    assert "Tem phải thu hồi (2 lô)" in report
    assert "Tổng số thu hồi được: 60 tem." in report
    [sums] = ok(await province.get(f"/recalls/{case_id}/recovery"))["sums"]
    later = segment(881, (0, 59, "st1", "active"), (60, 199, "st2", "active"), version=2)
    await province.know(later)
    assert ok(await province.get(f"/recalls/{case_id}/recovery"))["sums"] == [sums], "frozen"


async def test_a_recall_of_stamps_on_no_lot_offers_no_rows_and_its_owner_asks_for_the_closing(
    province: Recall,
) -> None:
    await province.know(batch(883, 100), segment(883, (0, 99, "", "issued")))
    case_id = (await province.order("883", target_kind="batch"))["id"]
    page = f"/console/recall/{case_id}"
    browser = Browser(province)
    assert "Báo số lượng thu hồi" not in (await browser.get(page)).text
    claims = {"tier": "facility", "kinds": ["operate"], "facility": "f1", "communes": []}
    owner = Browser(province, **claims)
    assert "Đề nghị kết thúc" in (await owner.get(f"{page}/recovery")).text
    report = words_of((await browser.get(f"{page}/report.docx")).content)
    assert "Từng lô" not in report
    assert "II. Kết luận" in report


async def test_a_small_difference_is_explained_by_one_and_a_large_one_by_two(
    province: Recall,
) -> None:
    case_id = await a_case(province, "cl3")
    anna, binh = province.token(name="An"), province.token(name="Bình")
    await reported(province, case_id, row("cl3", quantity="90"))
    path = f"/recalls/{case_id}/explanations"
    large = ok(await province.post(path, WHY, token=anna), 201)
    assert (large["waits"], large["counts"]) == (True, False)
    decision = f"{path}/{large['id']}/decision"
    alone = await province.post(decision, {"agreed": True}, token=anna)
    refused(alone, 403, "second_person_needed")
    refused(await province.post(f"/recalls/{case_id}/close", CLOSE), 409, "sums_unexplained")
    assert ok(await province.post(decision, {"agreed": True}, token=binh))["counts"]
    again = await province.post(decision, {"agreed": True}, token=binh)
    refused(again, 409, "explanation_decided")
    await reported(province, case_id, row("cl3", quantity="6"))
    refused(await province.post(f"/recalls/{case_id}/close", CLOSE), 409, "sums_unexplained")
    small = ok(await province.post(path, {**WHY, "lots": ["cl3"]}, token=anna), 201)
    assert (small["waits"], small["counts"]) == (False, True)
    await closed(province, case_id)


async def test_what_one_person_writes_off_as_lost_wants_the_second_persons_yes_as_well(
    province: Recall,
) -> None:
    """A row `lost` explains what is missing: else one person passes the limit by themselves."""
    case_id = await a_case(province, "cl8")
    anna, binh = province.token(name="An"), province.token(name="Bình")
    spoilt = row("cl8", fate="lost", handling=None, quantity="60", words="Hao hụt")
    await reported(province, case_id, row("cl8", quantity="40"))
    lost = await reported(province, case_id, spoilt, token=anna)
    answer = await province.post(f"/recalls/{case_id}/close", CLOSE, token=anna)
    assert "CL8: 60 kg" in str(refused(answer, 409, "sums_unexplained"))
    page = await Browser(province).get(f"/console/recall/{case_id}/recovery")
    assert "Hao hụt chưa giải trình" in page.text
    path = f"/recalls/{case_id}/explanations"
    given = ok(await province.post(path, WHY, token=anna), 201)
    assert given["waits"]
    ok(await province.post(f"{path}/{given['id']}/decision", {"agreed": True}, token=binh))
    less = {**spoilt, "quantity": "50", "corrects": lost, "reason": "Đếm lại"}
    fewer = await reported(province, case_id, less, token=anna)
    more = {**spoilt, "quantity": "60", "corrects": fewer, "reason": "Đếm lại"}
    await reported(province, case_id, more, token=anna)
    await closed(province, case_id, token=anna)


async def test_what_still_lies_there_closes_nothing_without_an_officials_words(
    province: Recall,
) -> None:
    """Set apart is not yet handled: one official's words are enough, none are not."""
    case_id = await a_case(province, "cl9")
    await reported(province, case_id, row("cl9", quantity="40"))
    rest = row("cl9", fate="remaining", handling=None, quantity="60")
    kept = await reported(province, case_id, rest)
    answer = await province.post(f"/recalls/{case_id}/close", CLOSE)
    assert "CL9: 60 kg" in str(refused(answer, 409, "sums_unexplained"))
    page = await Browser(province).get(f"/console/recall/{case_id}/recovery")
    assert "Hàng tồn chưa xử lý" in page.text
    given = ok(await province.post(f"/recalls/{case_id}/explanations", WHY), 201)
    assert not given["waits"], "nothing is missing"
    less = {**rest, "quantity": "50", "corrects": kept, "reason": "Đã sửa nhãn 10 kg"}
    await reported(province, case_id, less)
    await reported(province, case_id, row("cl9", quantity="10"))
    await closed(province, case_id)


def test_words_of_one_person_and_what_they_write_off_are_counted_together() -> None:
    few = balance("a", "100", "kg", {"sold": "95", "lost": "5"})
    assert few.is_explained
    both = balance("a", "100", "kg", {"sold": "92", "lost": "4"}, explained=Decimal(4))
    assert not both.is_explained
    assert both.unexplained == Decimal(4)
    assert both.gap_share == Decimal("0.08"), "above the limit: a second person is asked"
    agreed = {"explained": Decimal(4), "lost_explained": Decimal(4)}
    assert balance("a", "100", "kg", {"sold": "92", "lost": "4"}, **agreed).is_explained


async def test_one_who_is_not_of_the_area_or_a_facility_explains_nothing(province: Recall) -> None:
    case_id = await a_case(province, "cl4")
    path = f"/recalls/{case_id}/explanations"
    stranger = province.token(tier="commune", kinds=["approve"], communes=["07002"])
    assert (await province.post(path, WHY, token=stranger)).status_code == 404
    own = of_facility(province, "f1")
    assert (await province.post(path, WHY, token=own)).status_code == 403
    foreign = await province.post(path, {**WHY, "lots": ["cl3"]})
    assert foreign.status_code == 404


async def test_a_case_from_before_rows_were_kept_is_closed_by_one_explanation_of_all(
    province: Recall,
) -> None:
    await province.know(lot("cl5"), *(lot(f"cl5-{n}", inputs=("cl5",)) for n in range(30)))
    case_id = (await province.order("cl5"))["id"]
    path = f"/recalls/{case_id}/explanations"
    given = ok(await province.post(path, WHY), 201)
    assert given["lots"] == 31
    ok(await province.post(f"{path}/{given['id']}/decision", {"agreed": True}))
    assert (await closed(province, case_id))["closing"]["recovered"] == "0 kg"


async def test_the_page_explains_and_a_second_person_agrees(province: Recall) -> None:
    case_id = await a_case(province, "cl7")
    anna, binh = Browser(province, name="An"), Browser(province, name="Bình")
    page = f"/console/recall/{case_id}/recovery"
    empty = await anna.send(page, f"{page}/explanations", key="x1", reason="")
    assert empty.status_code == 422
    sent = await anna.send(page, f"{page}/explanations", key="x1", **WHY)
    assert sent.status_code == 303
    again = await anna.send(page, f"{page}/explanations", key="x1", **WHY)
    assert again.status_code == 303
    [one] = await explanations.of_case(province.db, case_id)
    assert "Đồng ý giải trình" not in (await anna.get(page)).text, "not offered to who gave it"
    asked = (await binh.get(page)).text
    assert "Đồng ý giải trình" in asked
    assert "<p>Lô CL7</p>" in asked, "of which lot it is"
    agreed = await binh.send(page, f"{page}/explanations/{one.id}", decision="agree")
    assert agreed.status_code == 303
    assert "Mọi lô đã đủ số" in (await binh.get(page)).text


def balance(name: str, made: str, unit: str, sums: dict[str, str], **more: Any) -> LotBalance:
    quantity = Decimal(made)
    given = Lot(name, 1, "f", "p", name, quantity, unit, date(2026, 10, 1))
    counted = Tally(name, {key: Decimal(value) for key, value in sums.items()})
    of = Made(name, quantity, unit, more.pop("kilograms", None))
    return LotBalance(given, of, counted, **more)


def test_the_effectiveness_is_what_was_recovered_of_what_could_be() -> None:
    parts = {"recovered.destroy": "30", "recovered.correct": "10", "sold": "30", "lost": "20"}
    [one] = summed([balance("a", "120", "kg", {**parts, "made_into": "20"})])
    assert one.reachable == Decimal(80)
    assert one.effectiveness == Decimal("0.5")
    assert one.difference == Decimal(10)
    [none] = summed([balance("b", "10", "kg", {"lost": "10"})])
    assert none.effectiveness is None


def test_lots_are_added_by_weight_where_all_are_known_and_else_by_unit() -> None:
    boxes = balance("a", "200", "hộp", {"sold": "100"}, kilograms=Decimal(100))
    loose = balance("b", "1", "tấn", {"recovered.destroy": "0.5"})
    [one] = summed([boxes, loose])
    assert (one.unit, one.made, one.difference) == ("kg", Decimal(1100), Decimal(550))
    bottles = balance("c", "7", "chai", {})
    assert {one.unit: one.made for one in summed([boxes, loose, bottles])} == {
        "hộp": Decimal(200), "tấn": Decimal(1), "chai": Decimal(7),
    }  # fmt: skip


async def test_the_report_is_a_draft_before_the_closing_and_never_changes_after_it(
    province: Recall,
) -> None:
    case_id = await a_case(province, "rp1", sent="f2")
    await reported(province, case_id, row("rp1", quantity="97.525"))
    browser, path = Browser(province), f"/console/recall/{case_id}/report"
    draft = await browser.get(f"{path}.pdf")
    assert draft.status_code == 200
    assert draft.headers["content-type"] == "application/pdf"
    text = " ".join(texts(draft.content))
    assert "DỰ THẢO" in text
    assert "Thu hồi" in text
    ok(await province.post(f"/recalls/{case_id}/explanations", WHY), 201)
    await closed(province, case_id)
    before = [(await browser.get(f"{path}.{one}")).content for one in ("pdf", "docx")]
    await province.know(lot("rp1", version=2, quantity=Decimal(900), code="KHAC"))
    after = [(await browser.get(f"{path}.{one}")).content for one in ("pdf", "docx")]
    assert before[0] == after[0]
    assert words_of(before[1]) == words_of(after[1])
    text = " ".join(texts(after[0]))
    total = "Tổng số thu hồi được: 97,525 kg."
    for part in ("97,5 %", total, "Hao hụt khi vận chuyển", CLOSE["finding"], "RP1"):
        assert part in text, part
    assert "DỰ THẢO" not in text
    assert "KHAC" not in text
    assert "97.525" not in text, "which is a thousand times as much in Vietnamese"
    page = (await browser.get(f"/console/recall/{case_id}")).text
    assert "97,525 kg" in page
    assert "97.525 kg" not in page


async def test_the_report_of_a_facilitys_own_recall_is_by_who_closed_it(province: Recall) -> None:
    await province.know(
        facility("f-rp3", commune=COMMUNE, name="Công ty Xuân"), lot("rp3", "f-rp3")
    )
    case_id = (
        await province.order(
            "rp3", token=of_facility(province, "f-rp3", kinds=["system"], unit="f-rp3")
        )
    )["id"]
    await reported(province, case_id, row("rp3", quantity="100", facility_id="f-rp3"))
    browser, path = Browser(province), f"/console/recall/{case_id}/report.docx"
    draft = words_of((await browser.get(path)).content)
    assert "CÔNG TY XUÂN" in draft
    assert "ỦY BAN NHÂN DÂN TỈNH" not in draft, "a facility is no office of the province"
    await closed(province, case_id, token=province.token(name="Chi cục Quản lý chất lượng"))
    report = words_of((await browser.get(path)).content)
    assert "CÔNG TY XUÂN" not in report
    assert "ỦY BAN NHÂN DÂN TỈNH" not in report, "a sub-department stands below its department"
    assert "CHI CỤC QUẢN LÝ CHẤT LƯỢNG" in report


def test_a_city_has_a_committee_of_its_own_kind_and_a_committee_its_usual_symbol() -> None:
    assert committee_of("Thành phố Hải Phòng") == "Ủy ban nhân dân thành phố Hải Phòng"
    assert committee_of("Quảng Ninh") == "Ủy ban nhân dân tỉnh Quảng Ninh"
    assert committee_of("") == ""
    assert initials("Ủy ban nhân dân phường Hồng Gai") == "UBNDPHG"


async def test_the_report_tells_no_words_that_later_ones_took_the_place_of(
    province: Recall,
) -> None:
    case_id = await a_case(province, "rs1")
    await reported(province, case_id, row("rs1", quantity="96", handling="correct"))
    path = f"/recalls/{case_id}/explanations"
    ok(await province.post(path, {"reason": "Lời thứ nhất"}), 201)
    await reported(province, case_id, row("rs1", quantity="1", handling="correct"))
    ok(await province.post(path, {"reason": "Lời thứ hai"}), 201)
    ok(await province.post(f"/recalls/{case_id}/close", CLOSE))
    report = await Browser(province).get(f"/console/recall/{case_id}/report.docx")
    told = words_of(report.content)
    assert "Lời thứ hai" in told
    assert "Lời thứ nhất" not in told


async def test_the_report_is_for_officials_and_the_owner_alone(province: Recall) -> None:
    case_id = await a_case(province, "rp2", sent="f2")
    path = f"/console/recall/{case_id}/report.docx"

    def facility(name: str) -> Browser:
        return Browser(province, tier="facility", kinds=["operate"], facility=name, communes=[])

    assert (await facility("f1").get(path)).status_code == 200
    assert (await facility("f2").get(path)).status_code == 403
    assert (await facility("f3").get(path)).status_code == 404
    assert (await Browser(province).get(path.replace(".docx", ".exe"))).status_code == 404


async def test_goods_that_join_a_closed_case_are_accounted_for_and_those_it_states_are_not(
    province: Recall,
) -> None:
    case_id = await a_case(province, "cj1")
    await reported(province, case_id, row("cj1", quantity="100"))
    await closed(province, case_id)
    late = row("cj2", quantity="30")
    refused(
        await province.post(f"/recalls/{case_id}/recovery", late), 409, "recall_not_carried_out"
    )
    await province.know(lot("cj2", inputs=("cj1",)))
    await reported(province, case_id, late)
    refused(
        await province.post(f"/recalls/{case_id}/recovery", row("cj1")),
        409,
        "recall_not_carried_out",
    )
    browser, path = Browser(province), f"/console/recall/{case_id}/recovery/lots"
    assert 'name="quantity"' in (await browser.get(f"{path}/cj2")).text
    assert 'name="quantity"' not in (await browser.get(f"{path}/cj1")).text
    owner = of_facility(province, "f1")
    asked = await province.post(
        f"/recalls/{case_id}/closing-request", {"words": "Xong"}, token=owner
    )
    refused(asked, 409, "recall_not_carried_out")


async def test_words_about_very_many_lots_are_kept_whole_and_those_of_before_are_read(
    province: Recall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(explanations, "LOTS_A_DOCUMENT", 2)
    names = [f"xm{n}" for n in range(5)]
    await province.know(lot(names[0]), *(lot(name, inputs=(names[0],)) for name in names[1:]))
    case_id = (await province.order(names[0]))["id"]
    for name in names:
        rest = row(name, fate="remaining", handling=None, quantity="8")
        await reported(province, case_id, row(name, quantity="90", handling="correct"))
        await reported(province, case_id, rest)
    ok(await province.post(f"/recalls/{case_id}/explanations", {"reason": "Hao hụt"}), 201)
    parts = province.db.collection("explained_lots")
    assert await parts.count_documents({"case": case_id}) == 3
    [one] = await explanations.of_case(province.db, case_id)
    assert dict(one.amounts) == dict.fromkeys(names, Decimal(2))
    assert dict(one.remaining) == dict.fromkeys(names, Decimal(8))
    assert dict(one.units) == dict.fromkeys(names, "kg")
    assert await explanations.get(province.db, case_id, one.id) == one
    # As programs of before kept it: in one document.
    await parts.delete_many({"case": case_id})
    old = {
        "amounts": [{"lot": name, "amount": "2"} for name in names],
        "remaining": [{"lot": name, "amount": "8"} for name in names],
        "units": [{"lot": name, "unit": "kg"} for name in names],
    }
    await province.db.collection("recovery_explanations").update_one({"_id": one.id}, {"$set": old})
    assert await explanations.get(province.db, case_id, one.id) == one
    ok(await province.post(f"/recalls/{case_id}/close", CLOSE))


async def test_what_came_back_in_units_that_cannot_be_added_is_stated_by_unit(
    province: Recall,
) -> None:
    boxes = lot("mu2", inputs=("mu1",), quantity=Decimal(12), unit="hộp")
    await province.know(lot("mu1"), boxes)
    case_id = (await province.order("mu1"))["id"]
    await reported(province, case_id, row("mu1", quantity="97.5", handling="correct"))
    sold = {"fate": "sold", "handling": None}
    await reported(province, case_id, row("mu1", quantity="2.5", **sold))
    await reported(province, case_id, row("mu2", quantity="12", handling="correct"))
    closed = ok(await province.post(f"/recalls/{case_id}/close", CLOSE))
    assert closed["closing"]["recovered"] == "12 hộp; 97.5 kg"
    browser = Browser(province)
    assert "12 hộp; 97,5 kg" in (await browser.get(f"/console/recall/{case_id}")).text
    report = await browser.get(f"/console/recall/{case_id}/report.docx")
    assert "12 hộp; 97,5 kg" in words_of(report.content)
