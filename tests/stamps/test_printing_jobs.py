"""Print jobs: drawn in the background, decoded from the rendered file, outliving their workers."""

import asyncio
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pypdfium2
import pytest
import pytest_asyncio
import zxingcpp
from gridfs import AsyncGridFSBucket
from PIL import Image

from services.stamps import drawing
from services.stamps.domain.printing import PrintJob
from services.stamps.printing.layouts import PAGE_HEIGHT, grid
from services.stamps.printing.pdf import Fragment
from services.stamps.printing.templates import TEMPLATES
from services.stamps.store import print_jobs, print_parts
from shared import stampcode
from shared.ids import new_id, now
from shared.mongo import Database, transact
from shared.settings import Settings
from shared.stampcode import Keyring
from tests.answers import ok, refused
from tests.polling import eventually
from tests.stamps import builders
from tests.stamps.conftest import Farm, Stamps

LEASE = timedelta(seconds=30)
QR_CODE = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)


async def order(stamps: Stamps, number: int, token: str, **body: Any) -> dict[str, Any]:
    printing = {"size": "6mm", "first": 0, "last": 9, **body}
    return ok(await stamps.post(f"/batches/{number}/print-jobs", printing, token), 202)


async def done(stamps: Stamps, job_id: str, token: str) -> dict[str, Any]:
    async def finished() -> dict[str, Any] | None:
        job = ok(await stamps.get(f"/print-jobs/{job_id}", token))
        assert job["state"] != "failed"
        return job if job["state"] == "done" else None

    return dict(await eventually(finished, 60))


def ring(stamps: Stamps) -> Keyring:
    return Keyring.load(stamps.settings.secrets_dir / "stamp-keys.json")


def symbols(pdf: bytes, size: str, sheet: int, places: list[int]) -> list[str]:
    """What a decoder reads at some places of one rendered sheet."""
    document = pypdfium2.PdfDocument(pdf)
    bitmap = document[sheet].render(scale=600 / 72, grayscale=True)
    page = Image.fromarray(bitmap.to_numpy().reshape(bitmap.height, -1)[:, : bitmap.width])
    cells = grid(TEMPLATES[size])
    found = []
    for place in places:
        x, y = cells.corner(place)
        top = PAGE_HEIGHT - y - cells.height
        cell = page.crop((x, top, x + cells.width, top + cells.height))
        (symbol,) = zxingcpp.read_barcodes(cell, formats=QR_CODE)
        found.append(symbol.text)
    document.close()
    return found


@pytest.mark.parametrize(("size", "gtin"), [("6mm", ""), ("20mm", "9506000134352")])
async def test_the_file_holds_the_stamps_that_were_asked_for(
    stamps: Stamps, size: str, gtin: str
) -> None:
    farm = await stamps.a_farm(name="Hợp tác xã Thủy sản Vân Đồn, đặc khu Vân Đồn")
    await stamps.know(builders.product(farm.facility, farm.product, version=2, gtin=gtin))
    number, who = await stamps.a_batch(farm, 1000), stamps.operator(farm.facility)
    job = await order(stamps, number, who, size=size, first=100, last=599)
    assert (job["total"], job["state"]) == (500, "queued")
    finished = await done(stamps, job["id"], who)
    assert finished["done"] == 500
    answer = await stamps.get(f"/print-jobs/{job['id']}/file", who)
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert answer.headers["cache-control"] == "no-store"
    assert len(answer.content) == finished["bytes"]
    per_sheet = grid(TEMPLATES[size]).count
    places = [0, 1, per_sheet // 2]
    link = f"/01/{gtin.zfill(14)}/21/" if gtin else "/"
    expected = [
        f"HTTPS://TXNG.TEST{link}{stampcode.encode(ring(stamps), number, 100 + place)}"
        for place in places
    ]
    assert symbols(answer.content, size, 0, places) == expected


async def test_codes_are_told_in_clear_and_decode_back(stamps: Stamps, farm: Farm) -> None:
    number, who = await stamps.a_batch(farm, 5000), stamps.operator(farm.facility)
    told = ok(await stamps.get(f"/batches/{number}/codes?first=3000&last=3999", who))
    assert len(told["codes"]) == 1000
    read = [stampcode.decode(ring(stamps), code) for code in told["codes"]]
    assert [(one.batch, one.serial) for one in read if one] == [
        (number, serial) for serial in range(3000, 4000)
    ]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("", "invalid_input"),
        ("first=0", "invalid_input"),
        ("first=0&last=1000", "invalid_input"),
        ("first=5&last=4", "invalid_input"),
        ("first=-1&last=4", "invalid_input"),
        ("first=1.5&last=4", "invalid_input"),
        ("first=a&last=4", "invalid_input"),
        ("first[$ne]=1&last=4", "invalid_input"),
        (f"first=0&last={'9' * 60}", "invalid_input"),
        ("first=99&last=100", "serials_outside_batch"),
    ],
)
async def test_at_most_a_thousand_codes_of_the_batch_are_told(
    stamps: Stamps, farm: Farm, query: str, code: str
) -> None:
    number, who = await stamps.a_batch(farm, 100), stamps.operator(farm.facility)
    refused(await stamps.get(f"/batches/{number}/codes?{query}", who), 422, code)


async def test_a_job_that_cannot_be_is_refused_when_it_is_ordered(
    stamps: Stamps, farm: Farm
) -> None:
    number, who = await stamps.a_batch(farm, 200_000), stamps.operator(farm.facility)
    path = f"/batches/{number}/print-jobs"
    before = await stamps.state_of_everything()
    for body, code in (
        ({"size": "7mm", "first": 0, "last": 9}, "unknown_size"),
        ({"size": "6mm", "first": 0, "last": 100_000}, "too_many_to_print"),
        ({"size": "6mm", "first": 0, "last": 200_000}, "serials_outside_batch"),
        ({"size": "6mm", "first": 9, "last": 0}, "serials_outside_batch"),
        ({"size": {"$ne": 1}, "first": 0, "last": 9}, "invalid_input"),
        ({"first": 0, "last": 9}, "invalid_input"),
    ):
        refused(await stamps.post(path, body, who), 422, code)
    assert await stamps.state_of_everything() == before


async def test_the_same_key_orders_once(stamps: Stamps, farm: Farm) -> None:
    number, who = await stamps.a_batch(farm), stamps.operator(farm.facility)
    path, headers = f"/batches/{number}/print-jobs", {"Idempotency-Key": "print-once"}
    body = {"size": "6mm", "first": 0, "last": 9}
    answers = await asyncio.gather(
        *(stamps.post(path, body, who, headers=headers) for _ in range(10))
    )
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["id"] for answer in answers}) == 1


async def test_there_is_no_file_before_the_job_is_done(stamps: Stamps, farm: Farm) -> None:
    number, who = await stamps.a_batch(farm), stamps.operator(farm.facility)
    job = await waiting_job(stamps.db, farm, number, state="failed")
    refused(await stamps.get(f"/print-jobs/{job.id}/file", who), 409, "not_printed_yet")


async def waiting_job(db: Database, farm: Farm, number: int = 1, **fields: Any) -> PrintJob:
    job = PrintJob(
        id=new_id(),
        batch=number,
        first=0,
        last=9,
        size="6mm",
        facility_id=farm.facility,
        product_id=farm.product,
        requested_by=new_id(),
        requested_at=now(),
        **fields,
    )
    await transact(db, lambda tx: print_jobs.add(tx, job))
    return job


@pytest_asyncio.fixture
async def quiet(settings: Settings) -> Database:
    """A database of jobs that no worker looks at."""
    return Database(settings.mongo_url, f"{settings.db_prefix}_{new_id()[-8:]}", "stamps")


NOBODYS = Farm("f", "p", "l")


async def test_a_job_left_behind_is_taken_up_once_its_lease_has_run_out(quiet: Database) -> None:
    job = await waiting_job(quiet, NOBODYS)
    first = await print_jobs.claim(quiet, now(), LEASE)
    assert first is not None
    assert (first.id, first.state, first.attempt) == (job.id, "running", 1)
    assert await print_jobs.claim(quiet, now(), LEASE) is None
    # Whoever says that they are still at it keeps it.
    assert await print_jobs.note_progress(quiet, first, 4, now() + LEASE, LEASE)
    assert await print_jobs.claim(quiet, now() + LEASE * 1.5, LEASE) is None
    second = await print_jobs.claim(quiet, now() + LEASE * 3, LEASE)
    assert second is not None
    assert (second.id, second.attempt, second.done) == (job.id, 2, 0)


async def test_a_worker_that_lost_its_job_neither_finishes_nor_fails_it(quiet: Database) -> None:
    await waiting_job(quiet, NOBODYS)
    slow = await print_jobs.claim(quiet, now(), LEASE)
    quick = await print_jobs.claim(quiet, now() + LEASE * 2, LEASE)
    assert slow is not None
    assert quick is not None
    assert not await print_jobs.note_progress(quiet, slow, 9, now(), LEASE)
    await print_jobs.fail(quiet, slow, "impossible")
    await print_parts.finish(quiet, slow, b"old", [], b"!", 0)
    assert (await print_jobs.get(quiet, slow.id)).state == "running"
    await print_parts.finish(quiet, quick, b"new", [], b"!", 0)
    await print_parts.finish(quiet, slow, b"old", [], b"!", 0)
    kept = await print_jobs.get(quiet, slow.id)
    assert (kept.state, kept.bytes) == ("done", 4)
    assert b"".join([piece async for piece in print_parts.read_file(quiet, kept)]) == b"new!"
    assert await quiet.collection("prints.files").count_documents({}) == 2


async def test_parts_are_taken_up_by_whoever_draws_the_same(
    quiet: Database, tmp_path: Path
) -> None:
    job = await waiting_job(quiet, NOBODYS)
    first = await print_jobs.claim(quiet, now(), LEASE)
    assert first is not None
    (tmp_path / "part").write_bytes(b"pages")
    fragment = Fragment(5, [0, 3], "d")
    kept = await print_parts.keep(quiet, first, "recipe", 1, tmp_path / "part", fragment)
    second = await print_jobs.claim(quiet, now() + LEASE * 2, LEASE)
    assert second is not None
    found = await print_parts.finished(quiet, second, "recipe")
    assert {number: part.file_id for number, part in found.items()} == {1: kept.file_id}
    # As the drawing process is told of it.
    assert msgspec.json.decode(msgspec.json.encode(found[1].fragment), type=Fragment) == fragment
    assert await print_parts.finished(quiet, second, "another") == {}
    await print_parts.finish(quiet, second, b"head", ["none"], b"tail", 0)
    left = quiet.collection("prints.files").find({"metadata.job": job.id})
    assert [row async for row in left] == []


async def test_a_file_from_before_there_were_parts_is_still_handed_out(quiet: Database) -> None:
    await AsyncGridFSBucket(quiet.handle, bucket_name="prints").upload_from_stream_with_id(
        "old/1", "old.pdf", b"%PDF"
    )
    job = await waiting_job(quiet, NOBODYS, state="done", file_id="old/1", bytes=4)
    assert b"".join([piece async for piece in print_parts.read_file(quiet, job)]) == b"%PDF"


async def test_a_part_that_is_done_gives_its_job_new_tries(quiet: Database) -> None:
    job = await waiting_job(quiet, NOBODYS)
    for attempt in range(5):
        taken = await print_jobs.claim(quiet, now() + LEASE * 2 * attempt, LEASE)
        assert taken is not None
        assert taken.attempt == attempt + 1
        await print_jobs.note_part(quiet, taken)
    assert (await print_jobs.get(quiet, job.id)).state == "running"


async def test_a_job_that_kills_its_workers_fails_after_three(quiet: Database) -> None:
    job = await waiting_job(quiet, NOBODYS)
    for attempt in range(print_jobs.MAX_ATTEMPTS):
        assert await print_jobs.claim(quiet, now() + LEASE * 2 * attempt, LEASE)
    assert await print_jobs.claim(quiet, now() + LEASE * 20, LEASE) is None
    failed = await print_jobs.get(quiet, job.id)
    assert (failed.state, failed.failure) == ("failed", "given_up")


def test_drawing_tells_how_far_it_is(secrets_dir: Path, tmp_path: Path) -> None:
    heard: list[drawing.Answer] = []
    part, ends = tmp_path / "part", tmp_path / "ends"
    asked = [msgspec.json.encode(drawing.Wanted(str(part)))]

    def tell(answer: drawing.Answer) -> None:
        heard.append(answer)
        if answer.fragment:
            wanted = drawing.Wanted(str(ends), fragments=[answer.fragment])
            asked.append(msgspec.json.encode(wanted))

    drawing.draw(an_order(secrets_dir, last=999), asked, tell)
    per_sheet = grid(TEMPLATES["6mm"]).count
    assert heard[0].parts == [1000]
    assert [one.done for one in heard[1:4]] == [per_sheet, 2 * per_sheet, 1000]
    head, tail = ends.read_bytes()[: heard[-1].before], ends.read_bytes()[heard[-1].before :]
    document = pypdfium2.PdfDocument(head + part.read_bytes() + tail)
    assert len(document) == 3


@pytest.mark.parametrize("output", ["pdf", "csv", "xlsx", "zpl-203"])
def test_what_is_told_to_be_written_is_written_whole(
    secrets_dir: Path, tmp_path: Path, output: str
) -> None:
    """Whoever is told reads at once: nothing may still be on its way to the file."""
    part, ends = tmp_path / "part", tmp_path / "ends"
    asked = [msgspec.json.encode(drawing.Wanted(str(part)))]
    read: list[bytes] = []

    def tell(answer: drawing.Answer) -> None:
        if answer.fragment:
            read.append(part.read_bytes())
            assert len(read[-1]) == answer.fragment.length
            wanted = drawing.Wanted(str(ends), fragments=[answer.fragment])
            asked.append(msgspec.json.encode(wanted))
        elif answer.before or answer.behind:
            read.append(ends.read_bytes())
            assert len(read[-1]) == answer.before + answer.behind

    paper = {"format": "roll-25x15"} if output.startswith("zpl") else {}
    drawing.draw(an_order(secrets_dir, last=99, output=output, **paper), asked, tell)
    assert len(read) == (1 if output == "xlsx" else 2)


def an_order(secrets_dir: Path, **changes: Any) -> drawing.Order:
    fields: dict[str, Any] = {
        "keys": str(secrets_dir / "stamp-keys.json"),
        "host": "TXNG.TEST",
        "size": "6mm",
        "batch": 1,
        "first": 0,
        "last": 9,
        "product": "Na dai",
        "facility": "Đồi Nắng",
        "gtin": "",
        **changes,
    }
    return drawing.Order(**fields)


async def test_a_drawing_process_whose_reader_is_gone_ends(secrets_dir: Path) -> None:
    """As after a kill -9 of the service: nobody takes what it says any more."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", drawing.__name__),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(msgspec.json.encode(an_order(secrets_dir, last=99_999)) + b"\n")
    process.stdin.write(msgspec.json.encode(drawing.Wanted("/dev/null")) + b"\n")
    await process.stdout.readline()
    await process.stdout.readline()
    process.stdout._transport.close()  # type: ignore[attr-defined]
    assert await asyncio.wait_for(process.wait(), 30) == drawing.ABANDONED


async def test_the_drawing_process_ends_with_its_orders(secrets_dir: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", drawing.__name__),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
    )
    assert process.stdin is not None
    process.stdin.write(msgspec.json.encode(an_order(secrets_dir)) + b"\n")
    process.stdin.close()
    assert await asyncio.wait_for(process.wait(), 30) == 0
