"""Rows of goods sent as a file: the template, all that is wrong by row and column, counted once."""

import asyncio
import io
from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from services.recall.actions import rows_files as acts
from services.recall.domain.rows_file import MAX_BYTES, FileUnderWay, ReadersBusy
from services.recall.sheets import reading
from services.recall.sheets.columns import COLUMNS
from services.recall.store import recoveries, rows_files
from services.recall.store.rows_files import FILES
from shared.contracts.recall import GoodsAccounted
from shared.days import today
from shared.sheets.limits import FileUnpacksTooLarge
from shared.spreadsheets import csv_line
from tests.answers import ok, refused, token_in
from tests.recall.builders import lot
from tests.recall.conftest import API, Recall
from tests.recall.test_pages import Browser
from tests.recall.test_recoveries import COMMUNE, PDF, a_case, of_facility, reported, row
from tests.tokens import bearer

HEADERS: Final = [one.header for one in COLUMNS]
FIELDS: Final = [one.field for one in COLUMNS]
FACILITY: Final = {"tier": "facility", "kinds": ["operate"], "communes": []}


def line(lot_code: str, **more: Any) -> dict[str, Any]:
    given = {"lot_id": lot_code, "fate": "Đã bán", "quantity": "10", "day": "05/10/2026"}
    return {**given, "facility_id": "f1", **more}


def csv_file(*lines: dict[str, Any]) -> bytes:
    rows: list[list[Any]] = [[one.get(field) for field in FIELDS] for one in lines]
    return b"".join(csv_line(cells) for cells in [HEADERS, *rows])


def xlsx_file(*lines: dict[str, Any]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Dữ liệu")
        sheet.write_row(0, 0, HEADERS)
        for number, one in enumerate(lines, 1):
            sheet.write_row(number, 0, [one.get(field) for field in FIELDS])
    return out.getvalue()


async def sent(
    recall: Recall,
    case_id: str,
    data: bytes,
    *,
    token: str = "",
    proofs: Iterable[str] = (),
    status: int = 201,
) -> dict[str, Any]:
    files: list[Any] = [("file", ("so-lieu.csv", data, "text/csv"))]
    files += [("files", (name, PDF, "application/pdf")) for name in proofs]
    answer = await recall.client.post(
        f"{API}/recalls/{case_id}/recovery/tables",
        files=files,
        headers=bearer(token or recall.token()),
    )
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def counted(recall: Recall, case_id: str, file_id: str, token: str = "") -> Any:
    path = f"/recalls/{case_id}/recovery/tables/{file_id}/count"
    return await recall.post(path, {}, token=token or recall.token())


async def total(recall: Recall, case_id: str, lot_id: str) -> Decimal:
    return (await recoveries.tally(recall.db, case_id, lot_id)).total


async def test_the_template_comes_back_filled_in_and_counts(province: Recall) -> None:
    """What the maker takes has a row for each place that its goods went to."""
    case_id = await a_case(province, "rf1", sent="f2")
    maker = Browser(province, **FACILITY, facility="f1")
    path = f"/console/recall/{case_id}/recovery"
    taken = await maker.get(f"{path}/template.xlsx")
    book = CalamineWorkbook.from_filelike(io.BytesIO(taken.content))
    assert {"Lô", "Cơ sở", "Xã", "Cách ghi"} <= set(book.sheet_names)
    heads, *rows = book.get_sheet_by_name("Dữ liệu").to_python()
    assert [str(cell).removesuffix(" *") for cell in heads] == HEADERS
    lines = [dict(zip(FIELDS, cells, strict=False)) for cells in rows]
    filled = {one["facility_id"]: one["sent"] for one in lines}
    assert {str(name).partition(" (")[0] for name in filled} == {
        "Cơ sở chả mực Hạ Long",
        "Bếp ăn Cẩm Phả",
    }
    assert [one for one in filled.values() if one] == ["40 kg"]
    typed = {"fate": "Còn tồn, đã để riêng", "quantity": 12.5, "day": "06/10/2026"}
    filled_in = xlsx_file(*({**one, **typed} for one in lines))
    token = of_facility(province, "f1")
    told = await sent(province, case_id, filled_in, token=token)
    assert (told["rows"], told["errors"]) == (2, 0), told
    [summed] = told["sums"]
    assert (summed["lot"], summed["counts_as"], summed["unit"]) == ("RF1", "remaining", "kg")
    assert Decimal(summed["quantity"]) == 25
    assert await total(province, case_id, "rf1") == 0, "looking counts nothing"
    ok(await counted(province, case_id, told["id"], token))
    assert await total(province, case_id, "rf1") == 25
    rows_kept = await recoveries.of_case(province.db, case_id)
    assert {one.stated.spot.facility_id for one in rows_kept} == {"f1", "f2"}
    events = await province.events(rows_kept[0].id, GoodsAccounted)
    assert [event.fate for event in events] == ["remaining"]


async def test_a_template_that_nobody_filled_in_is_empty_as_csv_and_as_workbook(
    province: Recall,
) -> None:
    case_id = await a_case(province, "rf2", sent="f2")
    browser = Browser(province)
    for kind in ("csv", "xlsx"):
        taken = await browser.get(f"/console/recall/{case_id}/recovery/template.{kind}")
        refusal = await sent(province, case_id, taken.content, status=422)
        assert "file_empty" in str(refusal)


async def test_all_that_is_wrong_is_told_at_once_by_row_and_column_and_nothing_counts(
    province: Recall,
) -> None:
    case_id = await a_case(province, "rf3")
    data = csv_file(
        line("RF3"),
        line("XYZ", quantity="mười", day="31/02/2026"),
        line("RF3", fate="mất tích"),
        line("RF3", quantity="1.234"),
        line("RF3", fate="Đã thu hồi"),
        line("RF3", fate="Đã thu hồi", handling="Tiêu hủy"),
        line("RF3", fate="Hao hụt"),
        line("RF3", facility_id="f9"),
        line("RF3", facility_id=None),
        line("RF3", day="05/10/2099"),
        line("RF3", quantity="500"),
        line("RF3", files="khong-co.pdf"),
        line("RF3", facility_id=None, commune="Xã Không Có", where="chợ"),
        line("RF3", quantity="0"),
        line("RF3", unit="lít"),
    )
    told = await sent(province, case_id, data)
    found = {(one["line"], one["column"], one["code"]) for one in told["wrong"]}
    assert found == {
        (3, "Mã lô", "lot_not_in_case"),
        (3, "Số lượng", "not_a_number"),
        (3, "Ngày", "not_a_date"),
        (4, "Hàng này ra sao", "not_a_choice"),
        (5, "Số lượng", "number_ambiguous"),
        (6, "Cách xử lý", "handling_missing"),
        (7, "Ảnh, biên bản", "destroyed_without_evidence"),
        (8, "Ghi chú", "recovery_words_missing"),
        (9, "Cơ sở giữ hàng", "place_not_in_case"),
        (10, "Cơ sở giữ hàng", "place_missing"),
        (11, "Ngày", "recovery_in_the_future"),
        (12, "Số lượng", "more_than_made"),
        (13, "Ảnh, biên bản", "proof_not_sent"),
        (14, "Xã, phường", "commune_unknown"),
        (15, "Số lượng", "recovery_of_nothing"),
        (16, "Đơn vị", "unit_of_another_dimension"),
    }
    assert "chỉ còn ghi được 90 kg" in str(told), "the good rows before it are counted in"
    refused(await counted(province, case_id, told["id"]), 422, "rows_file_has_errors")
    assert await recoveries.of_case(province.db, case_id) == []
    kept = await province.db.collection(FILES).find_one({"_id": told["id"]})
    assert kept is not None
    assert bytes(kept["data"]) == data, "refused, it is kept as it came"


async def test_the_page_names_row_and_column_and_offers_no_counting_while_one_is_wrong(
    province: Recall,
) -> None:
    case_id = await a_case(province, "rf4")
    browser = Browser(province)
    home = f"/console/recall/{case_id}/recovery/tables"
    assert home in (await browser.get(f"/console/recall/{case_id}/recovery")).text
    token = token_in((await browser.get(home)).text)

    async def given(data: bytes) -> str:
        answer = await province.client.post(
            home, data={"csrf": token}, files={"file": ("a.csv", data)}, headers=browser.headers
        )
        assert answer.status_code == 303, answer.text
        return str(answer.headers["location"]).partition("?")[0]

    wrong = await given(csv_file(line("RF4"), line("RF4", quantity="x", words="khác")))
    page = (await browser.get(wrong)).text
    assert "1 lỗi ở 1 dòng" in page
    assert "Hãy nhập một số" in page
    assert "/count" not in page
    assert (await browser.get(f"{wrong}/file")).content.endswith(b"\r\n")
    right = await given(csv_file(line("RF4")))
    assert f"{right}/count" in (await browser.get(right)).text
    done = await browser.send(right, f"{right}/count")
    assert done.status_code == 303, done.text
    assert "Đã ghi 1 dòng" in (await browser.get(right)).text
    assert await total(province, case_id, "rf4") == 10
    dropped = await browser.send(wrong, f"{wrong}/drop")
    assert dropped.status_code == 303
    assert (await browser.get(wrong)).status_code == 404


async def test_the_same_file_counts_once_however_often_and_in_whatever_shape_it_is_sent(
    province: Recall,
) -> None:
    case_id = await a_case(province, "rf5")
    rows = (line("RF5"), line("RF5", quantity="20", words="kho 2"))
    first = await sent(province, case_id, csv_file(*rows))
    again = await sent(province, case_id, csv_file(*rows))
    assert first["id"] == again["id"]
    answers = await asyncio.gather(*(counted(province, case_id, first["id"]) for _ in range(4)))
    assert {answer.status_code for answer in answers} == {200}
    assert await total(province, case_id, "rf5") == 30
    late = await sent(province, case_id, csv_file(*rows))
    assert (late["id"], late["counted_at"] is not None) == (first["id"], True)
    # As a workbook, and with one more row: what was counted before is named as such.
    more = xlsx_file(*rows, line("RF5", quantity="5", words="kho 3"))
    third = await sent(province, case_id, more)
    assert [(one["line"], one["code"]) for one in third["wrong"]] == [
        (2, "row_already_reported"),
        (3, "row_already_reported"),
    ]
    refused(await counted(province, case_id, third["id"]), 422, "rows_file_has_errors")
    twins = await sent(
        province, case_id, csv_file(line("RF5", quantity=7), line("RF5", quantity=7))
    )
    assert [(one["line"], one["code"]) for one in twins["wrong"]] == [(3, "same_row_again")]
    assert await total(province, case_id, "rf5") == 30


async def test_destroyed_goods_want_a_file_that_is_sent_with_it_or_later(province: Recall) -> None:
    case_id = await a_case(province, "rf6")
    gone = {"fate": "Đã thu hồi", "handling": "Tiêu hủy", "files": "bien-ban-1.pdf"}
    data = csv_file(line("RF6", **gone), line("RF6", **gone, quantity="5", words="đợt 2"))
    told = await sent(province, case_id, data)
    assert [one["code"] for one in told["wrong"]] == ["proof_not_sent"] * 2
    with_it = await sent(province, case_id, data, proofs=("Bien-ban-1.pdf",))
    assert (with_it["id"], with_it["errors"]) == (told["id"], 0), with_it
    ok(await counted(province, case_id, told["id"]))
    rows = await recoveries.of_case(province.db, case_id)
    assert len({one.evidence for one in rows}) == 1, "one paper may be about many rows"
    [proof] = rows[0].evidence
    page = f"/console/recall/{case_id}/recovery/files/{proof}"
    assert (await Browser(province).get(page)).content == PDF


async def test_a_receiver_counts_by_file_no_more_than_it_was_sent_and_at_itself_alone(
    province: Recall,
) -> None:
    case_id = await a_case(province, "rf7", sent="f2")
    token = of_facility(province, "f2")
    data = csv_file(
        line("RF7", facility_id="Bếp ăn Cẩm Phả", quantity="30"),
        line("RF7", facility_id="f2", quantity="30", words="thêm"),
        line("RF7", facility_id="f1", quantity="1", words="chỗ người khác"),
    )
    told = await sent(province, case_id, data, token=token)
    assert [(one["line"], one["code"]) for one in told["wrong"]] == [
        (3, "more_than_sent"),
        (4, "place_not_in_case"),
    ]
    assert "100" not in str(told["wrong"]), "the maker's sums are not told"
    taken = await Browser(province, **FACILITY, facility="f2").get(
        f"/console/recall/{case_id}/recovery/template.csv"
    )
    assert "Hạ Long" not in taken.text
    assert "Cẩm Phả" in taken.text


async def test_a_file_is_its_facilitys_and_foreign_cases_take_none(province: Recall) -> None:
    case_id = await a_case(province, "rf8", sent="f2")
    mine = await sent(province, case_id, csv_file(line("RF8")), token=of_facility(province, "f1"))
    path = f"/recalls/{case_id}/recovery/tables/{mine['id']}"
    for other in (of_facility(province, "f2"), of_facility(province, "f3"), province.token()):
        assert (await province.get(path, token=other)).status_code == 404
        assert (await counted(province, case_id, mine["id"], other)).status_code == 404
    stranger = await sent(
        province, case_id, csv_file(line("RF8")), token=of_facility(province, "f3"), status=404
    )
    assert stranger["code"] == "not_found"
    colleague = of_facility(province, "f1", name="Chi")
    ok(await counted(province, case_id, mine["id"], colleague))


async def test_three_hundred_shops_are_counted_in_one_go_or_not_at_all(province: Recall) -> None:
    case_id = await a_case(province, "rf9", quantity=Decimal(3_000))
    shops = [
        line("RF9", facility_id=None, commune=COMMUNE, where=f"Cửa hàng {number}", quantity=10)
        for number in range(300)
    ]
    over = [*shops, line("RF9", quantity=1)]
    refusal = await sent(province, case_id, csv_file(*over))
    assert [one["line"] for one in refusal["wrong"]] == [302]
    told = await sent(province, case_id, csv_file(*shops))
    assert told["errors"] == 0, told["wrong"][:3]
    ok(await counted(province, case_id, told["id"]))
    assert await total(province, case_id, "rf9") == 3_000
    assert len(await recoveries.of_case(province.db, case_id)) == 300


async def test_what_was_reported_meanwhile_is_met_when_the_file_is_counted(
    province: Recall,
) -> None:
    """The look before is no promise: it is judged again in the transaction that counts."""
    case_id = await a_case(province, "rf10")
    told = await sent(province, case_id, csv_file(line("RF10", quantity="60")))
    assert told["errors"] == 0
    await reported(province, case_id, row("rf10", quantity="50"))
    refused(await counted(province, case_id, told["id"]), 422, "rows_file_has_errors")
    assert await total(province, case_id, "rf10") == 50


async def test_a_file_of_another_kind_and_one_without_the_columns_are_refused(
    province: Recall,
) -> None:
    case_id = await a_case(province, "rf11")
    for data, code in (
        (PDF, "file_unreadable"),
        (b"a;b;c\n1;2;3\n", "columns_missing"),
        (csv_line(["Mã lô", "Số lượng", "Mã lô", "Ngày"]), "column_twice"),
    ):
        assert code in str(await sent(province, case_id, data, status=422))


async def test_a_row_that_was_corrected_since_does_not_count_again_with_the_next_table(
    province: Recall,
) -> None:
    """People send tables that have all rows of before: also those that were put right since."""
    case_id = await a_case(province, "rf20")
    rows = (line("RF20", quantity="60"), line("RF20", quantity="5", words="kho 2"))
    ok(await counted(province, case_id, (await sent(province, case_id, csv_file(*rows)))["id"]))
    kept = {one.amount: one.id for one in await recoveries.of_case(province.db, case_id)}
    body = {"fate": "sold", "handling": None, "reason": "cân lại"}
    for was, now in (("60", "50"), ("5", "0")):
        corrects = kept[Decimal(was)]
        await reported(province, case_id, row("rf20", **body, quantity=now, corrects=corrects))
    more = await sent(province, case_id, csv_file(*rows, line("RF20", quantity="3")))
    assert [(one["line"], one["code"]) for one in more["wrong"]] == [
        (2, "row_reported_and_corrected"),
        (3, "row_reported_and_corrected"),
    ]
    assert f"ghi ngày {today():%d/%m/%Y}, dòng đó đã được sửa" in more["wrong"][0]["message"]
    mended = await sent(province, case_id, csv_file(line("RF20", quantity="50")))
    assert [one["code"] for one in mended["wrong"]] == ["row_already_reported"]
    assert await total(province, case_id, "rf20") == 50


async def test_a_row_is_known_again_though_the_unit_of_its_lot_was_corrected(
    province: Recall,
) -> None:
    case_id = await a_case(province, "rf21")
    rows = line("RF21", quantity="60", unit="kg")
    ok(await counted(province, case_id, (await sent(province, case_id, csv_file(rows)))["id"]))
    await province.know(lot("rf21", version=2, quantity=Decimal("0.1"), unit="tấn"))
    again = await sent(province, case_id, csv_file(rows, line("RF21", quantity="1", unit="kg")))
    assert [(one["line"], one["code"]) for one in again["wrong"]] == [(2, "row_already_reported")]


async def test_a_paper_that_its_facility_counted_does_not_count_again_when_an_office_types_it(
    province: Recall,
) -> None:
    case_id = await a_case(province, "rf22", sent="f2")
    table = csv_file(line("RF22", facility_id="f2", quantity="20"))
    receiver = of_facility(province, "f2")
    ok(await counted(
        province, case_id, (await sent(province, case_id, table, token=receiver))["id"], receiver
    ))  # fmt: skip
    for token in (province.token(), of_facility(province, "f1")):
        told = await sent(province, case_id, table, token=token)
        assert [one["code"] for one in told["wrong"]] == ["row_already_reported"]
    assert await total(province, case_id, "rf22") == 20


async def test_what_others_said_of_goods_that_are_not_ones_own_to_see_is_not_told_by_a_file(
    province: Recall,
) -> None:
    """A receiver learns nothing of rows that its file happens to be like."""
    case_id = await a_case(province, "rf23", sent="f2")
    spot = {"facility_id": "", "commune": COMMUNE, "where": "chợ"}
    await reported(
        province, case_id, row("rf23", fate="sold", handling=None, quantity="10", **spot)
    )
    table = csv_file(line("RF23", facility_id=None, commune=COMMUNE, where="chợ"))
    told = await sent(province, case_id, table, token=of_facility(province, "f2"))
    assert told["wrong"] == []


async def test_what_was_not_read_is_told(province: Recall) -> None:
    """A sheet for each market, and a quantity typed into the column that is for people alone."""
    case_id = await a_case(province, "rf24")
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        for name, lines in (
            ("Chợ 1", [line("RF24"), {"lot_id": "RF24", "facility_id": "f1", "sent": "12"}]),
            ("Chợ 2", [line("RF24", words="chợ 2")]),
            ("Cách ghi", [line("RF24", words="của tệp mẫu")]),
        ):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, HEADERS)
            for number, one in enumerate(lines, 1):
                sheet.write_row(number, 0, [one.get(field) for field in FIELDS])
    told = await sent(province, case_id, out.getvalue())
    assert (told["rows"], told["ignored_sheets"], told["rows_passed_over"]) == (1, ["Chợ 2"], 1)
    path = f"/console/recall/{case_id}/recovery/tables/{told['id']}"
    shown = (await Browser(province).get(path)).text
    assert "Không đọc: Chợ 2." in shown
    assert "1 dòng được bỏ qua" in shown


async def test_of_a_party_one_file_is_read_at_a_time_and_others_are_not_kept_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = csv_file(line("X"))
    found = await asyncio.gather(
        *(reading.read(data, party) for party in ("f1", "f1", "f2")), return_exceptions=True
    )
    assert isinstance(found[1], FileUnderWay)
    assert [len(one.lines) for one in found if isinstance(one, reading.Sheet)] == [1, 1]
    assert len((await reading.read(data, "f1")).lines) == 1, "the next one is taken"
    monkeypatch.setattr(reading, "LONGEST_WAIT", 0)
    async with reading._reading:
        with pytest.raises(ReadersBusy):
            await reading.read(data, "f3")
    monkeypatch.undo()
    assert len((await reading.read(data, "f3")).lines) == 1


async def test_a_workbook_that_unpacks_to_more_than_a_thousand_rows_need_is_not_read() -> None:
    out = io.BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * (reading.MAX_UNPACKED + 1))
    assert len(out.getvalue()) < MAX_BYTES
    with pytest.raises(FileUnpacksTooLarge):
        await reading.read(out.getvalue(), "f1")


async def test_no_file_is_read_while_as_many_wait_as_may(
    province: Recall, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = await a_case(province, "rf25")
    monkeypatch.setattr(acts, "MOST_WAITING", 2)
    first = await sent(province, case_id, csv_file(line("RF25", quantity="1")))
    ok(await counted(province, case_id, first["id"]))
    for quantity in ("2", "3"):
        await sent(province, case_id, csv_file(line("RF25", quantity=quantity)))
    monkeypatch.setattr(rows_files, "LISTED", 2)
    # Its answer was lost on the way.
    again = await sent(province, case_id, csv_file(line("RF25", quantity="3")))
    assert (again["rows"], again["errors"]) == (1, 0)
    data = csv_file(line("RF25", quantity="4"))
    assert "too_many_rows_files" in str(await sent(province, case_id, data, status=429))
    nonsense = await sent(province, case_id, b"a;b;c\n1;2;3\n", status=429)
    assert "too_many_rows_files" in str(nonsense)
    page = (await Browser(province).get(f"/console/recall/{case_id}/recovery/tables")).text
    assert page.count("Chưa ghi") == 2, "what waits is listed before what was counted"
