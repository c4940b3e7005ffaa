"""Everything that befell one stamp, found by its code as typed or scanned."""

from services.stamps import keys
from shared import stampcode
from tests.answers import ok, refused
from tests.stamps import builders
from tests.stamps.conftest import CONSOLE, Stamps


def code_of(stamps: Stamps, number: int, serial: int) -> str:
    return stampcode.encode(keys.keyring(stamps.settings), number, serial)


async def test_a_code_leads_to_all_that_touched_it_and_to_nothing_else(stamps: Stamps) -> None:
    farm = await stamps.a_farm()
    number, who = await stamps.a_batch(farm, 20_000), stamps.operator(farm.facility)
    ok(await stamps.activate(number, 17_000, 17_010, farm.lot, who))
    ok(await stamps.change(number, 0, 10, "damaged", who))
    ok(await stamps.post(f"/batches/{number}/sales", {"first": 17_005, "last": 17_006}, who))
    ok(await stamps.change(number, 17_005, 17_005, "revoke", who, "Nhầm"))
    printing = {"size": "6mm", "first": 17_005, "last": 17_005}
    ok(await stamps.post(f"/batches/{number}/print-jobs", printing, who), 202)
    elsewhere = {**printing, "first": 3, "last": 3}
    ok(await stamps.post(f"/batches/{number}/print-jobs", elsewhere, who), 202)
    order = {"batch": number, "reason": "Nghi ngờ"}
    ok(await stamps.post("/holds", order, stamps.approver()), 201)
    named = builders.notice(lots=(farm.lot,))
    others = builders.notice(stamps=({"batch": number, "first": 0, "last": 10},))
    await stamps.know(named, others)

    code = code_of(stamps, number, 17_005)
    found = ok(await stamps.post("/codes/lookup", {"code": stampcode.group(code).lower()}, who))
    assert found == {"batch": number, "serial": 17_005}
    told = ok(await stamps.get(f"/batches/{number}/serials/17005", who))
    assert (told["lot"], told["state"]) == (farm.lot, "revoked")
    assert [one["change"] for one in told["changes"]] == ["revoke", "sold", "activate"]
    assert told["sold_at"] == told["changes"][1]["at"]
    assert [one["first"] for one in told["print_jobs"]] == [17_005]
    assert [one["reason"] for one in told["holds"]] == ["Nghi ngờ"]
    assert [one["id"] for one in told["notices"]] == [named.subject]


async def test_by_page_also_with_the_address_around_it_and_no_code_in_any_address(
    stamps: Stamps,
) -> None:
    farm = await stamps.a_farm()
    number, who = await stamps.a_batch(farm, 100), stamps.operator(farm.facility)
    ok(await stamps.activate(number, 0, 9, farm.lot, who))
    code = code_of(stamps, number, 7)
    for typed in (code, f" {code.lower()} ", f"https://example.vn/01/08931234567899/21/{code}?a=1"):
        answer = await stamps.send_form("/codes", {"code": typed}, who)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith(f"{CONSOLE}/batches/{number}/serials/7")
        assert code not in answer.headers["location"].upper()
    page = await stamps.page(f"/batches/{number}/serials/7", who)
    assert "Kích hoạt: tem 0–9" in page.text
    assert "Cấp tem" in page.text
    assert page.text.index("Kích hoạt: tem") < page.text.rindex("Cấp tem")


async def test_what_is_no_code_is_said_with_what_to_do_and_stays_typed(stamps: Stamps) -> None:
    farm = await stamps.a_farm()
    number, who = await stamps.a_batch(farm, 10), stamps.operator(farm.facility)
    code = code_of(stamps, number, 3)
    forged = code[:-1] + ("0" if code[-1] != "0" else "1")
    for typed in (forged, "12345", "mã", "/" * 400, code * 2):
        answer = await stamps.post("/codes/lookup", {"code": typed}, who)
        refused(answer, 422, "not_a_stamp_code")
    page = await stamps.send_form("/codes", {"code": forged}, who)
    assert page.status_code == 422
    assert forged in page.text
    assert "20 ký tự" in page.text
    # A serial that the batch has not, though the code is made with the keys.
    beyond = await stamps.post("/codes/lookup", {"code": code_of(stamps, number, 10)}, who)
    refused(beyond, 404, "not_found")
