"""Central printing by forms: asked for, printed, put in stock, handed over, received, settled."""

import re

import httpx2
import pypdfium2
import pytest

from services.stamps.domain.handovers import HandOver, Word
from services.stamps.handover_note import handover_note
from shared.ids import now
from shared.printing.sheet import drawn
from tests.stamps.conftest import CONSOLE, Farm, Stamps
from tests.stamps.test_printing_jobs import done
from tests.stamps.test_stock import central, handed, officer, receive, stocked


def came_to(answer: httpx2.Response) -> str:
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].removeprefix(CONSOLE).partition("?")[0]


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
    given = {"serials": "0–49", "recipient": "Trần Văn Bình", "handed_on": "20/11/2026"}
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
        for text in ("BIÊN BẢN BÀN GIAO", "Nguyễn Thị Hoa", "Cán bộ xã", "20/11/2026"):
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
