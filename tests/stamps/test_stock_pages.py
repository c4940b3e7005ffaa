"""Central printing by forms: asked for, printed, put in stock, handed over, received, settled."""

import re

import httpx2
import pypdfium2
import pytest

from services.stamps.domain.handovers import HandOver, Word
from services.stamps.handover_note import handover_note
from shared.days import local_day
from shared.ids import now
from shared.printing.sheet import drawn
from tests.stamps.conftest import CONSOLE, Farm, Stamps
from tests.stamps.test_printing_jobs import done
from tests.stamps.test_stock import central, handed, officer, printed, receive, stocked


def came_to(answer: httpx2.Response) -> str:
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].removeprefix(CONSOLE).partition("?")[0]


def day() -> str:
    return f"{local_day(now()):%d/%m/%Y}"


async def test_the_way_by_forms(stamps: Stamps) -> None:
    farm = await stamps.a_farm()
    who, approver, clerk = stamps.operator(farm.facility), stamps.approver(), officer(stamps)
    asked = {"product_id": farm.product, "quantity": "100", "printed_by": "authority"}
    request = came_to(await stamps.send_form("/requests/new", asked, who))
    shown = (await stamps.page(request, approver)).text
    assert "Cơ quan in tập trung rồi giao · khổ 20 mm hết khoảng 4 tờ A4" in shown
    came_to(await stamps.send_form(request, {"decision": "approve"}, approver))
    number = re.findall(r"/console/stamps/batches/(\d+)", (await stamps.page(request, who)).text)[0]
    batch = f"/batches/{number}"
    assert f"{batch}/print" not in (await stamps.page(batch, who)).text
    assert f"{batch}/activate" not in (await stamps.page(batch, who)).text
    assert (await stamps.page(f"{batch}/print", who)).status_code == 403
    assert f"{batch}/print" in (await stamps.page(f"{batch}/stock", clerk)).text
    order = {"size": "6mm", "first": "0", "last": "59", "output": "pdf", "format": "a4"}
    job = came_to(await stamps.send_form(f"{batch}/print", order, clerk))
    await done(stamps, job.rpartition("/")[2], clerk)
    assert f"{job}/stock" in (await stamps.page(job, clerk)).text
    wrong = await stamps.send_form(f"{job}/stock", {"spoilt": "3-1"}, clerk)
    assert wrong.status_code == 422
    assert 'value="3-1"' in wrong.text
    assert "Hãy viết các khoảng như" in wrong.text
    spoilt = {"spoilt": "58-59", "reason": "Kẹt giấy"}
    assert came_to(await stamps.send_form(f"{job}/stock", spoilt, clerk)) == f"{batch}/stock"
    given = {"serials": "0–49", "recipient": "Trần Văn Bình", "handed_on": day()}
    handover = came_to(await stamps.send_form(f"{batch}/hand-over", given, clerk))
    assert "Trần Văn Bình" in (await stamps.page(handover, who)).text
    assert handover in (await stamps.page("/handovers?state=open", who)).text
    lack = {"missing": "49", "text": "Thiếu một tem"}
    assert came_to(await stamps.send_form(f"{handover}/receive", lack, who)) == handover
    assert "Hai bên chưa thống nhất" in (await stamps.page(handover, clerk)).text
    reply = {"agrees": "true", "text": "Đúng là thiếu"}
    assert came_to(await stamps.send_form(f"{handover}/answer", reply, clerk)) == handover
    shown = (await stamps.page(handover, who)).text
    assert "Đã thống nhất" in shown
    assert "Đúng là thiếu" in shown
    form = (await stamps.page(f"{batch}/activate", who)).text
    assert 'value="48"' in form
    for page in (batch, f"{batch}/stock"):
        history = (await stamps.page(page, who)).text
        assert "Nhập kho: tem 0–59" in history
        assert "In hỏng: 58–59" in history
    one = (await stamps.page(f"{batch}/serials/49", who)).text
    for told in ("Cơ sở nhận: Thiếu khi nhận", "Giao cho cơ sở: Đã giao", "Báo mất"):
        assert told in one
    assert "Giao cho cơ sở" not in (await stamps.page(f"{batch}/serials/55", who)).text


async def test_the_list_of_stock_is_filtered_and_says_when_it_is_empty(stamps: Stamps) -> None:
    farm = await stamps.a_farm()
    who, clerk = stamps.operator(farm.facility), officer(stamps)
    assert "Chưa có tem in tập trung" in (await stamps.page("/stock", who)).text
    assert "Chưa có tem nào để nhận" in (await stamps.page("/handovers", who)).text
    number = await central(stamps, farm)
    mine = f"/batches/{number}/stock"
    for query, there in (("", True), ("?place=ordered", True), ("?place=handed", False)):
        assert (mine in (await stamps.page(f"/stock{query}", who)).text) is there
    assert mine not in (await stamps.page("/stock?unit=mine", clerk)).text
    shown = await stamps.page("/stock", clerk, "en")
    assert "To be printed: 100" in shown.text
    assert 'role="img"' in shown.text


async def test_a_hand_over_is_withdrawn_by_form(stamps: Stamps, farm: Farm) -> None:
    number, clerk = await stocked(stamps, farm), officer(stamps)
    made = f"/handovers/{await handed(stamps, number, '0-9')}"
    assert f"{made}/receive" not in (await stamps.page(made, clerk)).text
    assert f"{made}/withdraw" not in (await stamps.page(made, stamps.operator(farm.facility))).text
    assert came_to(await stamps.send_form(f"{made}/withdraw", {"reason": "Nhầm"}, clerk)) == made
    assert "Đã hủy" in (await stamps.page(made, clerk)).text


async def test_another_unit_is_offered_nothing_to_do_with_a_hand_over(
    stamps: Stamps, farm: Farm
) -> None:
    number, elsewhere = await stocked(stamps, farm), officer(stamps, unit="another-unit")
    made, differs = [f"/handovers/{await handed(stamps, number, one)}" for one in ("0-9", "10-19")]
    who = stamps.operator(farm.facility)
    await receive(stamps, differs.rpartition("/")[2], who, missing="19", text="Thiếu")
    for one, act in ((made, "withdraw"), (differs, "answer")):
        assert f"{one}/{act}" in (await stamps.page(one, officer(stamps))).text
        assert f"{one}/{act}" not in (await stamps.page(one, elsewhere)).text
        assert (await stamps.page(f"{one}/{act}", elsewhere)).status_code == 403


async def test_a_print_is_cancelled_by_form(stamps: Stamps, farm: Farm) -> None:
    number, clerk = await central(stamps, farm), officer(stamps)
    job = f"/print-jobs/{await printed(stamps, number, 0, 59)}"
    elsewhere = officer(stamps, unit="another-unit")
    for there in ("/cancel", "/stock"):
        assert f"{job}{there}" in (await stamps.page(job, clerk)).text
        assert f"{job}{there}" not in (await stamps.page(job, elsewhere)).text
        assert (await stamps.page(f"{job}{there}", elsewhere)).status_code == 403
    stock = f"/batches/{number}/stock"
    # Beside a button that cancels the print, the way back is not called cancelling too.
    form = (await stamps.page(f"{job}/cancel", clerk)).text
    assert "Không hủy, quay lại" in form
    assert ">Hủy</a>" not in form
    assert came_to(await stamps.send_form(f"{job}/cancel", {"reason": "Nhầm"}, clerk)) == stock
    shown = (await stamps.page(job, clerk)).text
    assert "Lần in đã hủy" in shown
    assert f"{job}/file" not in shown
    assert "Hủy lần in: tem 0–59" in (await stamps.page(stock, clerk)).text
    assert 'value="59"' not in (await stamps.page(f"/batches/{number}/print", clerk)).text


async def test_a_file_is_not_offered_once_its_stamps_are_in_stock(
    stamps: Stamps, farm: Farm
) -> None:
    number, clerk = await central(stamps, farm), officer(stamps)
    job = f"/print-jobs/{await printed(stamps, number, 0, 9)}"
    assert f"{job}/file" in (await stamps.page(job, clerk)).text
    came_to(await stamps.send_form(f"{job}/stock", {}, clerk))
    shown = (await stamps.page(job, clerk)).text
    assert "Tem này đã in xong" in shown
    assert f"{job}/file" not in shown


async def test_a_thousands_comma_is_refused_with_what_to_write(stamps: Stamps, farm: Farm) -> None:
    number = await stocked(stamps, farm)
    given = {"serials": "1,000-1,010", "recipient": "Trần Văn Bình", "handed_on": day()}
    answer = await stamps.send_form(f"/batches/{number}/hand-over", given, officer(stamps))
    assert answer.status_code == 422
    assert "dấu chấm phẩy" in answer.text
    assert 'value="1,000-1,010"' in answer.text


def words_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    told = " ".join(page.get_textpage().get_text_bounded() for page in document)
    document.close()
    return " ".join(told.split())


async def test_the_note_is_a_vietnamese_paper_in_every_language(stamps: Stamps, farm: Farm) -> None:
    number, who = await stocked(stamps, farm), stamps.operator(farm.facility)
    made = await handed(stamps, number, "0-9, 20-29", recipient="Nguyễn Thị Hoa")
    for token in (who, officer(stamps)):
        answer = await stamps.page(f"/handovers/{made}/note", token, "en")
        assert answer.headers["content-type"] == "application/pdf"
        told = words_of(answer.content)
        for text in ("BIÊN BẢN BÀN GIAO", "Nguyễn Thị Hoa", "Cán bộ xã", day()):
            assert text in told
    assert (await receive(stamps, made, who)).status_code == 200
    by_api = await stamps.get(f"/handovers/{made}/note", who)
    assert "Nhận đủ." in words_of(by_api.content)


@pytest.mark.parametrize(
    ("state", "text"),
    [
        ("withdrawn", "Lần giao này đã hủy"),
        ("differs", "Tem thiếu: 3–4; hỏng: 9. Hai bên chưa thống nhất."),
        ("settled", "Tem thiếu: 3–4; hỏng: 9. Hai bên đã thống nhất."),
    ],
)
def test_the_note_says_how_the_hand_over_stands(state: str, text: str) -> None:
    received = {
        "received_at": now(),
        "received_by_name": "Hoa",
        "missing": ((3, 4),),
        "damaged": ((9, 9),),
        "words": (Word("facility", "a", "Hoa", now(), "Thiếu"),),
    }
    one = HandOver(
        *("h" * 12, 7, "f", "p", "u", ((0, 1999),), "Hoa", "2026-11-20", "a", "Cán bộ", "unit"),
        (),
        now(),
        state=state,  # type: ignore[arg-type]
        **({} if state == "withdrawn" else received),  # type: ignore[arg-type]
    )
    sheet = handover_note(one, unit="UBND phường An Sinh", facility="HTX", product="Na dai")
    told = words_of(drawn(sheet))
    assert text in told
    assert "1.999" in told
    assert "UBND PHƯỜNG AN SINH" in told
