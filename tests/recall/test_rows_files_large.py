"""Files of rows in cases of many lots: what is read for a look, and names of several."""

import io
from decimal import Decimal
from typing import Any

import pytest
from pymongo.monitoring import CommandListener
from python_calamine import CalamineWorkbook

from services.recall.actions import rows_files as acts
from services.recall.queries import spots
from services.recall.store import cases, facts, recoveries, rows_files
from shared.commune_places import names
from shared.ids import now
from shared.mongo import Database
from tests.answers import ok
from tests.recall.builders import lot, shipment
from tests.recall.conftest import Recall
from tests.recall.test_orders import OFFICER
from tests.recall.test_pages import Browser
from tests.recall.test_recoveries import COMMUNE, of_facility
from tests.recall.test_rows_files import counted, csv_file, line, sent


class Read(CommandListener):
    """How many documents a client was given."""

    def __init__(self) -> None:
        self.documents = 0

    def started(self, event: Any) -> None:
        """Nothing is given yet."""

    def succeeded(self, event: Any) -> None:
        cursor = event.reply.get("cursor", {})
        self.documents += len(cursor.get("firstBatch", cursor.get("nextBatch", ())))

    def failed(self, event: Any) -> None:
        """Nothing was given."""


async def of_many(recall: Recall, name: str, many: int) -> tuple[str, list[str]]:
    """A recall of one lot and of all that was made of it; the case, and its lots."""
    ids = [f"{name}-{number}" for number in range(many)]
    await recall.know(lot(name), *(lot(id_, inputs=(name,)) for id_ in ids))
    return str((await recall.order(name))["id"]), [name, *ids]


async def test_a_look_at_three_rows_reads_no_more_of_a_larger_case(
    province: Recall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spots, "FEW_LOTS", 2)
    found = []
    for name, many in (("rl1", 3), ("rl2", 60)):
        case_id, lots = await of_many(province, name, many)
        told = await sent(province, case_id, csv_file(*(line(id_.upper()) for id_ in lots[:3])))
        assert told["errors"] == 0, told
        assert len((await cases.get(province.db, case_id)).lots) == many + 1
        found.append(await _read(province, case_id, told["id"]))
        ok(await counted(province, case_id, told["id"]))
        assert len(await recoveries.of_case(province.db, case_id)) == 3
    assert found[0] == found[1]


@pytest.mark.parametrize("few", [2_000, 3])
async def test_a_look_reads_no_lots_of_others_that_have_the_same_codes(
    province: Recall, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    """Everybody calls a lot 1, or by its day."""
    monkeypatch.setattr(spots, "FEW_LOTS", few)
    name = f"rs{few}"
    ids = [f"{name}-{number}" for number in range(4)]
    await province.know(
        *(lot(id_, code=f"S{n}", inputs=(ids[0],) if n else ()) for n, id_ in enumerate(ids))
    )
    case_id = str((await province.order(ids[0]))["id"])
    told = await sent(province, case_id, csv_file(*(line(f"s{n}") for n in range(3))))
    assert told["errors"] == 0, told
    found = [await _read(province, case_id, told["id"])]
    others = (f"{name}-other{n}" for n in range(90))
    await province.know(*(lot(id_, "f9", code=f"S{n % 4}") for n, id_ in enumerate(others)))
    found.append(await _read(province, case_id, told["id"]))
    assert found[0] == found[1]


async def _read(recall: Recall, case_id: str, file_id: str) -> int:
    """How many documents a look at the file is given."""
    read = Read()
    db = Database(recall.settings.mongo_url, recall.db.name, "recall", listeners=[read])
    case = await cases.get(db, case_id)
    one = await rows_files.get(db, case_id, file_id)
    read.documents = 0
    judged = await acts.judged(case, one, who=OFFICER, db=db, at=now())
    assert judged.wrong == []
    await db.close()
    return read.documents


async def test_lots_are_known_by_codes_as_people_type_them_and_by_ids(province: Recall) -> None:
    await province.know(lot("rl3", code="Lô-Đỏ 7"), lot("rl4", code="l9", inputs=("rl3",)))
    case_id = str((await province.order("rl3"))["id"])
    names = ("lô-đỏ 7", "LO-DO 7", "rl3", "RL3", "L9", "rl4", "l8")
    rows = (line(name, words=str(number)) for number, name in enumerate(names))
    told = await sent(province, case_id, csv_file(*rows))
    assert [(one["line"], one["code"]) for one in told["wrong"]] == [(8, "lot_not_in_case")]


async def test_a_template_calls_lots_of_one_code_by_what_the_file_is_read_by(
    province: Recall,
) -> None:
    """Codes are each maker's own: two lots of a case may be called the same but for capitals."""
    await province.know(lot("rl5", code="c7"), lot("rl6", "f2", code="C7", inputs=("rl5",)))
    case_id = str((await province.order("rl5"))["id"])
    for browser in (Browser(province), Browser(province, **_FACILITY)):
        taken = await browser.get(f"/console/recall/{case_id}/recovery/template.xlsx")
        book = CalamineWorkbook.from_filelike(io.BytesIO(taken.content))
        _, *rows = book.get_sheet_by_name("Dữ liệu").to_python()
        assert {str(cells[0]) for cells in rows} <= {"rl5", "rl6"}
        assert rows
    token = of_facility(province, "f1")
    told = await sent(province, case_id, csv_file(line("rl5")), token=token)
    assert told["errors"] == 0, told


async def test_a_thousand_rows_count_in_one_go(province: Recall) -> None:
    case_id, lots = await of_many(province, "rl9", 99)
    rows = [
        line(id_.upper(), facility_id=None, commune=COMMUNE, where=f"Chợ {n}", quantity=10)
        for n in range(10)
        for id_ in lots
    ]
    told = await sent(province, case_id, csv_file(*rows))
    assert (told["rows"], told["errors"]) == (1000, 0), told["wrong"][:3]
    ok(await counted(province, case_id, told["id"]))
    assert len(await recoveries.of_case(province.db, case_id)) == 1000
    sums = await recoveries.tallies(province.db, case_id)
    assert {one.total for one in sums.values()} == {100}


async def test_places_proofs_and_codes_are_known_as_people_and_excel_write_them(
    province: Recall,
) -> None:
    """Goods in another province; two papers called the same but for marks; zeros that were lost."""
    await province.know(lot("rl10", code="0017"), lot("rl11", code="A1", inputs=("rl10",)))
    case_id = str((await province.order("rl10"))["id"])
    away = next(code for code, name in names().items() if name.endswith("Lạng Sơn"))
    spot = {"facility_id": None, "where": "chợ"}
    gone = {"fate": "Đã thu hồi", "handling": "Tiêu hủy", "quantity": 1}
    rows = (
        line("17", **{**spot, "commune": away}),
        line("17", **{**spot, "commune": names()[away]}),
        line("A1", **gone, words="1", files="Biên bản.pdf"),
        line("A1", **gone, words="2", files="bien ban.pdf"),
        line("A1", **gone, words="3", files="BIÊN BẢN.pdf"),
        line("A1", **gone, words="4", files=f"{'d' * 100}.pdf"),
    )
    proofs = ("Biên bản.pdf", "bien ban.pdf", f"{'d' * 100}.pdf")
    told = await sent(province, case_id, csv_file(*rows), proofs=proofs)
    assert [(one["line"], one["code"]) for one in told["wrong"]] == [
        (3, "same_row_again"),
        (6, "name_of_several"),
    ]


async def test_a_template_says_all_that_was_sent_to_a_place(province: Recall) -> None:
    sent_on = [
        shipment("sh-rl12a", "rl12", quantity=Decimal(10)),
        shipment("sh-rl12b", "rl12", quantity=Decimal("20.5")),
    ]
    await province.know(lot("rl12"), *sent_on)
    case_id = str((await province.order("rl12"))["id"])
    path = f"/console/recall/{case_id}/recovery/template.csv"
    assert "30,5 kg" in (await Browser(province).get(path)).text


_FACILITY: dict[str, Any] = {
    "tier": "facility",
    "kinds": ["operate"],
    "communes": [],
    "facility": "f1",
}


async def test_a_maker_is_told_of_whom_it_sent_its_own_to_and_of_no_others(
    province: Recall,
) -> None:
    """In a recall of an input many makers are asked: none of them takes the list of all away."""
    sent_on = [
        shipment("sh-rl7", "rl7"),
        shipment("sh-rl8", "rl8", "f3", sender="f2"),
    ]
    await province.know(lot("rl7"), lot("rl8", "f2", inputs=("rl7",)), *sent_on)
    case_id = str((await province.order("rl7"))["id"])
    path = f"/console/recall/{case_id}/recovery"
    third = (await facts.facilities(province.db, ["f3"]))["f3"].name
    seen = {"official": True, "f1": False, "f2": True}
    for whose, told in seen.items():
        claims = {**_FACILITY, "facility": whose} if whose != "official" else {}
        browser = Browser(province, **claims)
        taken = await browser.get(f"{path}/template.xlsx")
        book = CalamineWorkbook.from_filelike(io.BytesIO(taken.content))
        places = {str(cells[2]) for cells in book.get_sheet_by_name("Cơ sở").to_python()[1:]}
        assert ("f3" in places) == told, whose
        assert {"f1", "f2"} <= places
        shown = (await browser.get(f"{path}/lots/{'rl8' if told else 'rl7'}")).text
        assert (f">{third}</option>" in shown) == told, whose
    acts_told = [
        row["body"]["data"]
        async for row in province.db.collection("outbox").find({"body.subject": case_id})
    ]
    taken_away = [one for one in acts_told if one.get("action") == "recall.rows_template.export"]
    assert len(taken_away) == 3
