"""Print jobs with hidden numbers: drawn, listed, told to scan; refused where they cannot be."""

import csv
import hashlib
import io
import json
from dataclasses import replace
from datetime import timedelta

import pypdfium2
import pytest

from services.stamps import keys as stamp_keys
from services.stamps import manifests, rotating
from services.stamps.domain.printing import PrintJob
from services.stamps.store import print_jobs, print_parts
from shared import stampcode
from shared.contracts.stamps import PinsOrdered
from shared.ids import new_id, now
from shared.mongo import Tx, transact
from shared.stampcode import StampId
from shared.stampkeys import FILE, PIN_FILE
from shared.stamppins import PinKeys, grouped
from tests.answers import ok, refused
from tests.stamps.conftest import Farm, Stamps
from tests.stamps.test_printing_jobs import done, order, ring, symbols
from tests.stamps.test_stock import central, officer, printed


def numbers(stamps: Stamps, batch: int, first: int, last: int) -> list[str]:
    pins = PinKeys.load(stamps.settings.secrets_dir / PIN_FILE)
    slot = ring(stamps).current
    return [grouped(pins.pin_of(StampId(slot, batch, one))) for one in range(first, last + 1)]


async def told_of(stamps: Stamps, batch: int) -> list[PinsOrdered]:
    return [one for one in await stamps.events(kind=PinsOrdered) if one.batch == batch]


async def test_sheets_carry_the_number_of_every_stamp_and_scan_is_told_which(
    stamps: Stamps, farm: Farm
) -> None:
    number, who = await stamps.a_batch(farm), stamps.operator(farm.facility)
    job = await order(stamps, number, who, size="20mm", first=7, last=40, pin=True)
    assert job["pin"]
    await done(stamps, job["id"], who)
    file = (await stamps.get(f"/print-jobs/{job['id']}/file", who)).content
    text = text_of(file)
    assert all(one in text for one in numbers(stamps, number, 7, 40))
    (told,) = await told_of(stamps, number)
    assert (told.batch, told.first, told.last, told.facility_id, told.product_id) == (
        number, 7, 40, farm.facility, farm.product,
    )  # fmt: skip
    assert not any(one.replace("-", "") in told.model_dump_json() for one in
                   numbers(stamps, number, 7, 40))  # fmt: skip


async def test_spoilt_sheets_are_printed_again_with_their_numbers(
    stamps: Stamps, farm: Farm
) -> None:
    number, who = await stamps.a_batch(farm), stamps.operator(farm.facility)
    job = await order(stamps, number, who, size="30mm", last=40, pin=True)
    await done(stamps, job["id"], who)
    again = ok(
        await stamps.post(
            f"/print-jobs/{job['id']}/again", {"first_sheet": 2, "last_sheet": 2}, who
        ),
        202,
    )
    assert again["pin"]
    await done(stamps, again["id"], who)
    assert len(await told_of(stamps, number)) == 2


async def test_a_list_for_a_print_house_has_them_under_its_manifest(
    stamps: Stamps, farm: Farm
) -> None:
    """On any size: the print house draws the labels itself."""
    number, who = await stamps.a_batch(farm), stamps.operator(farm.facility)
    job = await order(stamps, number, who, last=99, output="csv", pin=True)
    await done(stamps, job["id"], who)
    content = (await stamps.get(f"/print-jobs/{job['id']}/file", who)).content
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert rows[0] == ["serial", "code", "symbol", "pin"]
    assert [row[3] for row in rows[1:]] == numbers(stamps, number, 0, 99)
    manifest = (await stamps.get(f"/print-jobs/{job['id']}/manifest", who)).text
    keys = manifests.public_keys(manifests.key(stamps.settings))
    told = manifests.checked(manifest, keys, hashlib.sha256(content).hexdigest())
    assert told["pins"] == told["count"] == 100


async def test_numbers_are_told_of_when_their_file_is_made_not_when_it_is_asked_for(
    stamps: Stamps, farm: Farm
) -> None:
    """A file that is never made puts no number on any stamp, also when its worker comes late."""
    number = await stamps.a_batch(farm)
    waiting = PrintJob(
        id=new_id(), batch=number, first=0, last=9, size="20mm", facility_id=farm.facility,
        product_id=farm.product, requested_by="a", requested_at=now(), state="running",
        attempt=1, pin=True,
    )  # fmt: skip

    async def keep(tx: Tx) -> None:
        await print_jobs.add(tx, waiting)

    await transact(stamps.db, keep)
    await stamps.db.collection("print_jobs").update_one(
        {"_id": waiting.id}, {"$set": {"leased_until": now() + timedelta(hours=1)}}
    )
    tells = [waiting.told_of_pins(now())]
    assert await told_of(stamps, number) == []
    late = replace(waiting, attempt=0)
    await print_parts.finish(stamps.db, late, b"head", [], b"tail", 0, tells=tells)
    assert await told_of(stamps, number) == []
    await print_parts.finish(stamps.db, waiting, b"head", [], b"tail", 0, tells=tells)
    await print_parts.finish(stamps.db, waiting, b"head", [], b"tail", 0, tells=tells)
    assert [one.subject for one in await told_of(stamps, number)] == [waiting.id]


async def test_of_a_cancelled_print_numbers_are_taken_back_and_nothing_is_given_out(
    stamps: Stamps, farm: Farm
) -> None:
    number, clerk = await central(stamps, farm), officer(stamps)
    job = await printed(stamps, number, 0, 59, size="20mm", pin=True)
    sheet = {"first_sheet": 1, "last_sheet": 1}
    again = ok(await stamps.post(f"/print-jobs/{job}/again", sheet, clerk), 202)["id"]
    await done(stamps, again, clerk)
    why = {"reason": "Nhầm khổ tem"}
    ok(await stamps.post(f"/print-jobs/{job}/cancellation", why, clerk))
    told = await told_of(stamps, number)
    assert {(one.subject, one.version, one.cancelled) for one in told} == {
        (job, 1, False),
        (again, 1, False),
        (job, 2, True),
        (again, 2, True),
    }
    whole = {(one.first, one.last) for one in told if one.subject == job}
    assert whole == {(0, 59)}
    # Printed anew with numbers, they are told of by the new job; another is never cancelled.
    anew = await printed(stamps, number, 0, 59, size="20mm", pin=True)
    assert [(one.subject, one.cancelled) for one in (await told_of(stamps, number))[4:]] == [
        (anew, False)
    ]


async def test_the_manifest_of_a_central_list_leaves_no_longer_than_its_file(
    stamps: Stamps, farm: Farm
) -> None:
    number, clerk = await central(stamps, farm), officer(stamps)
    job = await printed(stamps, number, 0, 9, output="csv")
    kept = await printed(stamps, number, 10, 19, output="csv")
    path = f"/print-jobs/{job}/manifest"
    assert (await stamps.get(path, clerk)).status_code == 200
    ok(await stamps.post(f"/print-jobs/{job}/cancellation", {"reason": "Nhầm"}, clerk))
    refused(await stamps.get(path, clerk), 409, "not_being_printed")
    assert (await stamps.page(path, clerk)).status_code == 409
    # Nor by way of a new print of the same stamps.
    await printed(stamps, number, 0, 9, output="csv")
    refused(await stamps.get(path, clerk), 409, "not_being_printed")
    ok(await stamps.post(f"/print-jobs/{kept}/stock", {}, clerk))
    refused(await stamps.get(f"/print-jobs/{kept}/manifest", clerk), 409, "not_being_printed")


async def test_sheets_without_numbers_are_told_of_to_nobody(stamps: Stamps, farm: Farm) -> None:
    number, who = await stamps.a_batch(farm), stamps.operator(farm.facility)
    job = await order(stamps, number, who, size="20mm")
    assert not job["pin"]
    assert await told_of(stamps, number) == []


@pytest.mark.parametrize("size", ["6mm-fine", "6mm", "12mm"])
async def test_a_size_without_room_is_refused(stamps: Stamps, farm: Farm, size: str) -> None:
    number, who = await stamps.a_batch(farm), stamps.operator(farm.facility)
    body = {"size": size, "first": 0, "last": 9, "pin": True}
    refused(await stamps.post(f"/batches/{number}/print-jobs", body, who), 422, "no_room_for_pin")
    assert await told_of(stamps, number) == []


async def test_one_key_is_for_one_content_numbers_included(stamps: Stamps, farm: Farm) -> None:
    number, who = await stamps.a_batch(farm), stamps.operator(farm.facility)
    body = {"size": "20mm", "first": 0, "last": 9, "pin": True}
    path, key = f"/batches/{number}/print-jobs", {"Idempotency-Key": new_id()}
    one = ok(await stamps.post(path, body, who, headers=key), 202)
    assert ok(await stamps.post(path, body, who, headers=key), 202)["id"] == one["id"]
    await done(stamps, one["id"], who)
    assert len(await told_of(stamps, number)) == 1
    other = await stamps.post(path, {**body, "pin": False}, who, headers=key)
    refused(other, 409, "idempotency_key_reused")
    refused(await stamps.post(path, {**body, "pin": "true"}, who), 422, "invalid_input")


async def test_a_slot_without_its_key_prints_none_until_it_has_one(
    stamps: Stamps, farm: Farm
) -> None:
    """Codes stay what they are, and nothing is started anew."""
    folder = stamps.settings.secrets_dir
    number, who = await stamps.a_batch(farm), stamps.operator(farm.facility)
    before = (folder / FILE).read_text(), (folder / PIN_FILE).read_text()
    body = {"size": "20mm", "first": 0, "last": 9, "pin": True}
    path = f"/batches/{number}/print-jobs"
    code = stampcode.encode(ring(stamps), number, 0)
    try:
        added = rotating.add(folder / FILE, 0)  # As by a version that knew no hidden numbers.
        rotating.use(folder / FILE, added, 0, at_once=True)
        _look(stamps)
        refused(await stamps.post(path, body, who), 409, "pins_not_ready")
        page = await stamps.page(f"/batches/{number}/print", who)
        assert "chưa có khóa số ẩn" in page.text
        assert rotating.give_pins(folder / FILE) == [added]
        _look(stamps)
        job = ok(await stamps.post(path, body, who), 202)
        await done(stamps, job["id"], who)
        assert stampcode.decode(ring(stamps), code) == StampId(0, number, 0)
    finally:
        (folder / FILE).write_text(before[0])
        (folder / PIN_FILE).write_text(before[1])
        _look(stamps)


async def test_sheets_printed_again_after_the_keys_have_changed_bear_the_codes_they_had(
    stamps: Stamps, farm: Farm
) -> None:
    """Two codes of one stamp would be two genuine stamps, each with tries of its own."""
    folder = stamps.settings.secrets_dir
    number, who = await stamps.a_batch(farm), stamps.operator(farm.facility)
    before = (folder / FILE).read_text(), (folder / PIN_FILE).read_text()
    had, hidden = stampcode.encode(ring(stamps), number, 0), numbers(stamps, number, 0, 9)
    job = await order(stamps, number, who, size="20mm", pin=True)
    await done(stamps, job["id"], who)
    try:
        added = rotating.add(folder / FILE, 0)
        rotating.use(folder / FILE, added, 0, at_once=True)
        _look(stamps)
        assert stampcode.encode(ring(stamps), number, 0) != had
        body = {"first_sheet": 1, "last_sheet": 1}
        again = ok(await stamps.post(f"/print-jobs/{job['id']}/again", body, who), 202)
        await done(stamps, again["id"], who)
        file = (await stamps.get(f"/print-jobs/{again['id']}/file", who)).content
        assert all(one in text_of(file) for one in hidden)
        assert symbols(file, "20mm", 0, [0])[0].endswith(had)
    finally:
        (folder / FILE).write_text(before[0])
        (folder / PIN_FILE).write_text(before[1])
        _look(stamps)


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    text = " ".join(page.get_textpage().get_text_range() for page in document)
    document.close()
    return str(text)


def _look(stamps: Stamps) -> None:
    folder = stamps.settings.secrets_dir
    stamp_keys._of(folder).look()
    stamp_keys._pins_of(folder).look()


async def test_the_page_says_which_sizes_have_room_and_orders_them(
    stamps: Stamps, farm: Farm
) -> None:
    number, who = await stamps.a_batch(farm), stamps.operator(farm.facility)
    path = f"/batches/{number}/print"
    for lang, said in (
        ("vi", "Có chỗ ở các khổ: Nhỏ, nằm ngang, Vừa, Lớn, Rất lớn"),
        ("en", "Sizes with room for it: Small, wide, Medium"),
    ):
        assert said in (await stamps.page(path, who, lang)).text
    form = {"size": "6mm", "first": "0", "last": "9", "format": "a4", "output": "pdf",
            "start_label": "1", "shift_x": "0", "shift_y": "0", "pin": "on"}  # fmt: skip
    answer = await stamps.send_form(path, form, who)
    assert answer.status_code == 422
    assert "không có chỗ cho số ẩn" in answer.text
    answer = await stamps.send_form(path, {**form, "size": "20mm"}, who)
    assert answer.status_code == 303
    job = answer.headers["location"].partition("/print-jobs/")[2].partition("?")[0]
    page = await stamps.page(f"/print-jobs/{job}", who)
    assert "Số ẩn dưới lớp cào" in page.text


async def test_neither_database_nor_ledger_holds_a_number_or_a_key(
    stamps: Stamps, farm: Farm
) -> None:
    number, who = await stamps.a_batch(farm), stamps.operator(farm.facility)
    job = await order(stamps, number, who, last=9, output="csv", pin=True)
    await done(stamps, job["id"], who)
    everything = json.dumps(await stamps.state_of_everything(), default=str)
    secrets = json.loads((stamps.settings.secrets_dir / PIN_FILE).read_text())["slots"].values()
    listed = numbers(stamps, number, 0, 9)
    assert not any(one in everything for one in (*secrets, *listed))
