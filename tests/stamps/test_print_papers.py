"""Papers: half-used sheets, shifts that are kept, sheets printed again, what does not fit."""

from typing import Any

import pypdfium2
import pytest

from services.stamps.printing.formats import FORMATS
from shared import stampcode
from shared.ids import new_id
from tests.answers import ok, refused
from tests.printing.test_sheets import codes_in, text_of
from tests.stamps.conftest import CONSOLE, Farm, Stamps
from tests.stamps.test_printing_jobs import done, order, ring


async def file_of(stamps: Stamps, job: dict[str, Any], who: str) -> pypdfium2.PdfDocument:
    await done(stamps, job["id"], who)
    answer = await stamps.get(f"/print-jobs/{job['id']}/file", who)
    return pypdfium2.PdfDocument(answer.content)


def codes_of(stamps: Stamps, number: int, first: int, last: int) -> list[str]:
    return [stampcode.encode(ring(stamps), number, one) for one in range(first, last + 1)]


async def test_a_half_used_sheet_is_used_up_and_spoilt_sheets_are_printed_again(
    stamps: Stamps, farm: Farm
) -> None:
    number, who = await stamps.a_batch(farm, 1000), stamps.operator(farm.facility)
    paper = {"format": "a4-65", "start_label": 61, "shift_x": 0.5, "shift_y": -1}
    job = await order(stamps, number, who, first=10, last=159, **paper)
    assert (job["used"], job["shift_x"], job["shift_y"]) == (60, 5, -10)
    document = await file_of(stamps, job, who)
    assert len(document) == 4
    read = [codes_in(text_of(document, page)) for page in range(4)]
    assert [len(page) for page in read] == [5, 65, 65, 15]
    assert [code for page in read for code in page] == codes_of(stamps, number, 10, 159)
    path = f"/print-jobs/{job['id']}/again"
    again = ok(await stamps.post(path, {"first_sheet": 3, "last_sheet": 4}, who), 202)
    assert (again["first"], again["last"], again["used"]) == (80, 159, 0)
    document = await file_of(stamps, again, who)
    assert codes_in(text_of(document, 0)) == read[2]
    assert "Tờ 3/4" in text_of(document, 0)
    first = ok(await stamps.post(path, {"first_sheet": 1, "last_sheet": 1}, who), 202)
    assert (first["first"], first["last"], first["used"]) == (10, 14, 60)
    refused(await stamps.post(path, {"first_sheet": 4, "last_sheet": 5}, who), 422, "no_such_sheet")
    refused(await stamps.post(path, {"first_sheet": 3, "last_sheet": 2}, who), 422, "no_such_sheet")


async def test_what_does_not_fit_is_refused_with_its_field(stamps: Stamps, farm: Farm) -> None:
    number, who = await stamps.a_batch(farm), stamps.operator(farm.facility)
    path, before = f"/batches/{number}/print-jobs", await jobs_of(stamps, number)
    body = {"size": "6mm", "first": 0, "last": 9}
    for more, code in (
        ({"format": "a3"}, "unknown_format"),
        ({"format": "a4-65", "size": "20mm"}, "label_too_large"),
        ({"format": "a4-65", "start_label": 66}, "no_such_label"),
        ({"format": "a4-65", "output": "zpl-203"}, "needs_roll"),
        ({"output": "zpl-600"}, "invalid_input"),
        ({"start_label": 0}, "invalid_input"),
        ({"shift_x": 10.1}, "invalid_input"),
        ({"shift_y": "1"}, "invalid_input"),
        ({"format": {"$ne": "a4"}}, "invalid_input"),
    ):
        refused(await stamps.post(path, {**body, **more}, who), 422, code)
    assert await jobs_of(stamps, number) == before == 0


async def jobs_of(stamps: Stamps, number: int) -> int:
    return int(await stamps.db.collection("print_jobs").count_documents({"batch": number}))


async def test_anothers_job_is_not_there_to_be_printed_again(stamps: Stamps, farm: Farm) -> None:
    number, who = await stamps.a_batch(farm), stamps.operator(farm.facility)
    job = await order(stamps, number, who)
    stranger = stamps.operator(new_id())
    path, body = f"/print-jobs/{job['id']}/again", {"first_sheet": 1, "last_sheet": 1}
    refused(await stamps.post(path, body, stranger), 404, "not_found")
    refused(await stamps.post(path, body, stamps.reporter(farm.facility)), 403, "forbidden")


async def test_a_roll_for_a_label_printer_is_made_and_made_again(
    stamps: Stamps, farm: Farm
) -> None:
    number, who = await stamps.a_batch(farm), stamps.operator(farm.facility)
    roll = {"size": "12mm-wide", "format": "roll-35x22", "output": "zpl-203"}
    job = await order(stamps, number, who, first=0, last=9, **roll)
    await done(stamps, job["id"], who)
    answer = await stamps.get(f"/print-jobs/{job['id']}/file", who)
    assert answer.text.count("^XA") == 4
    assert '.zpl"' in answer.headers["content-disposition"]
    path = f"/print-jobs/{job['id']}"
    again = await stamps.post(f"{path}/again", {"first_sheet": 4, "last_sheet": 4}, who)
    assert (ok(again, 202)["first"], again.json()["output"]) == (9, "zpl-203")
    assert "Tải tệp ZPL" in (await stamps.page(path, who)).text


async def test_the_papers_are_listed_with_what_fits(stamps: Stamps, farm: Farm) -> None:
    who = stamps.operator(farm.facility)
    found = {one["key"]: one for one in ok(await stamps.get("/print-formats", who))["items"]}
    assert found.keys() == FORMATS.keys()
    assert found["a4-65"]["sizes"] == {"6mm-fine": 65, "6mm": 65, "12mm-wide": 65}
    answer = await stamps.get("/print-formats/roll-35x22/calibration?shift_x=1.5", who)
    assert answer.content.startswith(b"%PDF-1.7")
    refused(await stamps.get("/print-formats/none/calibration", who), 404, "not_found")
    refused(await stamps.get("/print-formats/a4/calibration?shift_x=99", who), 422, "invalid_input")


@pytest.mark.parametrize("lang", ["vi", "en", "zh"])
async def test_the_page_of_papers_offers_a_calibration_page_of_each(
    stamps: Stamps, farm: Farm, lang: str
) -> None:
    page = await stamps.page("/formats", stamps.operator(farm.facility), lang)
    assert page.status_code == 200
    for key in FORMATS:
        assert f'href="{CONSOLE}/formats/{key}/calibration"' in page.text


async def test_the_form_knows_the_paper_and_the_shift_of_last_time(stamps: Stamps) -> None:
    farm = await stamps.a_farm()
    number, who = await stamps.a_batch(farm), stamps.operator(farm.facility)
    form = {"size": "6mm", "first": "0", "last": "9", "key": new_id()}
    form |= {"format": "a4-65", "start_label": "3", "shift_x": "0,5", "shift_y": "-0,3"}
    answer = await stamps.send_form(f"/batches/{number}/print", form, who)
    assert answer.status_code == 303
    job = (await stamps.page(answer.headers["location"].removeprefix(CONSOLE), who)).text
    assert "Tờ A4 bế sẵn, 65 nhãn 38,1 × 21,2 mm" in job
    page = (await stamps.page(f"/batches/{number}/print", who)).text
    assert '<option value="a4-65" selected' in page
    assert 'value="0,5"' in page
    assert 'value="-0,3"' in page
    wrong_size = {**form, "size": "40mm", "key": new_id()}
    wrong = await stamps.send_form(f"/batches/{number}/print", wrong_size, who)
    assert wrong.status_code == 422
    assert "Tem khổ này (94 × 62 mm) lớn hơn nhãn của loại giấy đã chọn (38.1 × 21.2 mm)" in (
        wrong.text
    )
