"""Video, sound and documents: judged by content, cleaned, approved with the product, by parts."""

import struct
import tracemalloc
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registry.actions.belongings import checked_captions
from services.registry.domain.recording import (
    CaptionsInvalid,
    CodecNotPlayable,
    NotARecording,
)
from services.registry.store import media, recordings
from services.registry.store.media import CHUNK
from services.registry.uploads import containers
from services.registry.uploads.opened import PIECE, opened
from shared.contracts.registry import ProductPublished
from shared.ids import new_id
from shared.web.ranges import NotSatisfiable, Part, asked_for
from tests.answers import ok, refused, token_in
from tests.registry import builders, clips
from tests.registry.conftest import API, Registry
from tests.tokens import bearer

WORDS = "Bà con hái na từ sớm, xếp từng quả vào hộp giấy."


async def upload(
    registry: Registry, token: str, data: bytes, facility: str = "", **more: Any
) -> Any:
    files = {"file": ("quay.mp4", data, "video/mp4")}
    for name in ("poster", "captions"):
        if name in more:
            files[name] = (name, more.pop(name), "application/octet-stream")
    headers = {**bearer(token), **more.pop("headers", {})}
    about = {"title": "Thu hoạch na", "description": WORDS, "facility_id": facility, **more}
    return await registry.client.post(f"{API}/recordings", data=about, files=files, headers=headers)


def test_a_film_is_known_by_its_boxes_and_its_length_by_its_header() -> None:
    made = containers.read(clips.mp4(seconds=12))
    assert (made.kind, made.media_type, made.seconds) == ("video", "video/mp4", 12)
    made = containers.read(clips.m4a(30))
    assert (made.kind, made.media_type, made.seconds) == ("sound", "audio/mp4", 30)
    made = containers.read(clips.mp3(5))
    assert (made.kind, made.media_type, made.seconds) == ("sound", "audio/mpeg", 5)


def cleaned(data: bytes) -> bytes:
    made = containers.read(data)
    body = b"".join(made.pieces(data))
    assert len(body) == made.size
    return body


def test_where_a_film_was_taken_is_gone_and_nothing_else_moved() -> None:
    data = clips.mp4(place="+20.9500+107.0733/")
    assert b"+20.9500" in data
    body = cleaned(data)
    assert b"+20.9500" not in body
    assert b"udta" not in body
    assert len(body) == len(data)
    assert body[body.index(b"mdat") :] == data[data.index(b"mdat") :]
    assert containers.read(body).seconds == containers.read(data).seconds


@given(st.lists(st.tuples(st.sampled_from([b"udta", b"uuid", b"free"]), st.integers(0, 12))))
def test_what_is_emptied_holds_nothing_whatever_its_size(boxes: list[tuple[bytes, int]]) -> None:
    film = clips.mp4(place="x")
    after = b"".join(clips.box(name, b"\xff" * size) for name, size in boxes)
    empty = b"".join(
        clips.box(b"free", (b"\xff" if name == b"free" else b"\0") * size) for name, size in boxes
    )
    assert cleaned(film + after)[len(film) :] == empty


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 20 * CHUNK + 7])
async def test_a_file_is_stored_as_it_came_whatever_its_pieces(
    registry: Registry, size: int
) -> None:
    data = bytes(at * 7 % 251 for at in range(size))
    pieces = (data[at : at + 100_003] for at in range(0, size, 100_003))
    kept = await media.keep_pieces(registry.db, "video", pieces)
    assert (kept.size, kept.digest) == (size, sha256(data).hexdigest())
    assert await media.read_file(registry.db, kept.file) == data
    middle = [piece async for piece in recordings.slices(registry.db, kept.file, size // 3, 500)]
    assert b"".join(middle) == data[size // 3 : size // 3 + 500]
    await media.drop_files(registry.db, {"video": kept.file})


async def test_a_large_file_is_stored_with_little_memory_and_a_broken_one_not_at_all(
    registry: Registry,
) -> None:
    tracemalloc.start()
    try:
        pieces = (bytes(PIECE) for _ in range(160))
        kept = await media.keep_pieces(registry.db, "video", pieces)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert kept.size == 160 * PIECE > 40_000_000
    assert peak < 15_000_000
    await media.drop_files(registry.db, {"video": kept.file})
    chunks = registry.db.collection("pictures.chunks")
    before = await chunks.count_documents({})

    def broken() -> Iterator[bytes]:
        yield bytes(10 * CHUNK)
        raise NotARecording("file")

    with pytest.raises(NotARecording):
        await media.keep_pieces(registry.db, "video", broken())
    assert await chunks.count_documents({}) == before


def test_a_large_film_is_judged_where_it_lies(tmp_path: Path) -> None:
    film = clips.mp4(seconds=60, place="+20.9500+107.0733/")
    at = film.index(b"mdat") - 4
    large = struct.pack(">I4s", 8 + 30_000_000, b"mdat") + b"\0" * 30_000_000
    file = tmp_path / "film.mp4"
    file.write_bytes(film[:at] + large)
    tracemalloc.start()
    try:
        with file.open("rb") as lying, opened(lying) as data:
            made = containers.read(data)
            size = sum(len(piece) for piece in made.pieces(data))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert size == made.size == file.stat().st_size
    assert peak < 3_000_000


def test_tags_of_sound_are_left_out() -> None:
    data = clips.mp3(3, tag=b"Ten nguoi thu am" + bytes(200)) + b"TAG" + bytes(125)
    assert cleaned(data) == clips.mp3(3)


@pytest.mark.parametrize(("codec", "name"), [(b"hvc1", "HEVC (H.265)"), (b"av01", "AV1")])
def test_a_film_that_many_phones_cannot_play_is_refused_by_name(codec: bytes, name: str) -> None:
    with pytest.raises(CodecNotPlayable) as refusal:
        containers.read(clips.mp4(codec=codec))
    assert refusal.value.params["codec"] == name


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<html><script>alert(1)</script>",
        clips.mp4()[:-1],
        clips.mp4()[:400],
        clips.mp4() + b"<html>",
        clips.box(b"ftyp", b"isom", bytes(4)) + clips.box(b"mdat", bytes(100)),
        clips.mp4(seconds=0),
        clips.mp4(sound=b"ac-3"),
        clips.mp3(0.1),
        b"ID3\x04\x00\x00\x00\x00\x00\x0a" + b"<html>" * 4000,
        b"\x1aE\xdf\xa3" + bytes(500),
        b"RIFF" + bytes(500),
    ],
)
def test_what_is_no_whole_film_or_sound_is_refused(data: bytes) -> None:
    with pytest.raises(NotARecording):
        containers.read(data)


@given(st.data())
def test_no_bytes_make_the_reader_fail_in_any_other_way(drawn: st.DataObject) -> None:
    whole = bytearray(
        drawn.draw(st.sampled_from([clips.mp4(place="x"), clips.m4a(), clips.mp3(1)]))
    )
    for _ in range(drawn.draw(st.integers(1, 6))):
        at = drawn.draw(st.integers(0, min(len(whole), 1500) - 1))
        whole[at] = drawn.draw(st.integers(0, 255))
    cut = drawn.draw(st.integers(0, len(whole)))
    for data in (bytes(whole), bytes(whole[:cut])):
        try:
            made = containers.read(data)
        except (NotARecording, CodecNotPlayable):
            continue
        assert sum(len(piece) for piece in made.pieces(data)) == made.size <= len(data)


@pytest.mark.parametrize(
    "data",
    [b"", b"00:01 --> 00:02\nx", b"WEBVTT\n\nno cue", b"WEBVTTX\n\n1 --> 2", b"\xff\xfeW\0E\0"],
)
def test_what_is_no_webvtt_is_refused(data: bytes) -> None:
    with pytest.raises(CaptionsInvalid):
        checked_captions(data)


@given(st.integers(0, 300), st.integers(0, 300) | st.none(), st.integers(1, 200))
def test_a_range_never_leaves_the_file(first: int, last: int | None, size: int) -> None:
    try:
        part = asked_for(f"bytes={first}-{'' if last is None else last}", size)
    except NotSatisfiable:
        assert first >= size
        return
    if part is None:
        assert last is not None
        assert last < first
        return
    assert part.first == first
    assert 1 <= part.length <= size - first


@pytest.mark.parametrize(
    ("header", "part"),
    [
        (None, None),
        ("bytes=0-", Part(0, 100)),
        ("bytes=10-19", Part(10, 10)),
        ("bytes=-30", Part(70, 30)),
        ("bytes=-300", Part(0, 100)),
        ("bytes=0-1,5-6", None),
        ("lines=0-1", None),
        ("bytes=-", None),
        ("bytes=x", None),
    ],
)
def test_ranges_are_read_as_the_standard_says(header: str | None, part: Part | None) -> None:
    assert asked_for(header, 100) == part


async def test_a_film_reaches_consumers_only_with_an_approved_product_and_by_parts(
    registry: Registry,
) -> None:
    facility = await registry.a_facility()
    operator = registry.operator(facility["id"])
    data = clips.mp4(place="+20.95+107.07/")
    film = ok(
        await upload(registry, operator, data, poster=builders.picture(), captions=clips.CAPTIONS),
        201,
    )
    assert (film["kind"], film["seconds"], film["public"]) == ("video", 12, False)
    body = builders.product(recordings=[film["id"]])
    product = await registry.entered("products", body, operator)
    await registry.submitted("products", product["id"], operator)
    ok(await registry.decide("products", product["id"], "accept", registry.checker()))
    outsiders = [
        registry.browser(),
        registry.browser(registry.operator("another")),
        registry.browser(registry.checker(builders.OTHER_COMMUNE)),
    ]
    for browser in outsiders:
        for address in (film["url"], film["captions"], film["poster"]):
            assert (await browser.get(address)).status_code == 404
    own = await registry.browser(operator).get(film["url"])
    assert own.status_code == 200
    assert own.headers["cache-control"] == "private, no-store"
    ok(await registry.decide("products", product["id"], "publish", registry.approver()))
    told = (await registry.events(product["id"], ProductPublished))[-1].recordings[0]
    assert (told.address, told.captions) == (film["url"], film["captions"])
    assert (told.description, told.seconds) == (WORDS, 12)
    whole = await outsiders[0].get(film["url"])
    assert whole.status_code == 200
    assert whole.headers["content-type"] == "video/mp4"
    assert whole.headers["x-content-type-options"] == "nosniff"
    assert whole.headers["accept-ranges"] == "bytes"
    assert whole.headers["cache-control"].startswith("public, max-age=")
    assert len(whole.content) == len(data)
    assert b"+20.95" not in whole.content
    part = await outsiders[0].get(film["url"], headers={"Range": "bytes=100-199"})
    assert part.status_code == 206
    assert part.headers["content-range"] == f"bytes 100-199/{len(data)}"
    assert part.content == whole.content[100:200]
    tag = whole.headers["etag"]
    again = await outsiders[0].get(film["url"], headers={"If-None-Match": tag})
    assert again.status_code == 304
    stale = {"Range": "bytes=0-9", "If-Range": '"another"'}
    assert (await outsiders[0].get(film["url"], headers=stale)).status_code == 200
    beyond = await outsiders[0].get(film["url"], headers={"Range": f"bytes={len(data)}-"})
    assert beyond.status_code == 416
    assert beyond.headers["content-range"] == f"bytes */{len(data)}"
    captions = await outsiders[0].get(film["captions"])
    assert captions.headers["content-type"] == "text/vtt; charset=utf-8"
    assert captions.content == clips.CAPTIONS
    page = (await outsiders[0].get(f"/products/{product['id']}")).text
    assert f'<source src="{film["url"]}" type="video/mp4">' in page
    assert 'preload="none"' in page
    assert WORDS in page


async def test_a_film_taken_out_of_its_product_is_no_longer_public(registry: Registry) -> None:
    facility = await registry.a_facility()
    operator = registry.operator(facility["id"])
    sound = ok(await upload(registry, operator, clips.mp3(4)), 201)
    film = ok(await upload(registry, operator, clips.mp4(), poster=builders.picture()), 201)
    both = [sound["id"], film["id"]]
    two = [
        await registry.a_product(facility["id"], name=f"Na {n}", recordings=both) for n in range(2)
    ]
    everybody = registry.browser()
    for product in two:
        for one in (sound["url"], film["url"], film["poster"]):
            assert (await everybody.get(one)).status_code == 200
        record = await registry.record("products", product["id"])
        body = builders.product(name="Na khác", version=record["version"])
        ok(await registry.put(f"/products/{product['id']}", body, operator))
        await registry.carried_through("products", product["id"], operator)
    for one in (sound["url"], film["url"], film["poster"]):
        assert (await everybody.get(one)).status_code == 404


async def test_what_is_not_taken_is_told_with_field_and_remedy(registry: Registry) -> None:
    facility = await registry.a_facility()
    operator = registry.operator(facility["id"])
    problem = refused(await upload(registry, operator, b"<html>"), 422, "not_a_recording")
    assert problem["errors"][0]["field"] == "file"
    hevc = await upload(registry, operator, clips.mp4(codec=b"hvc1"))
    assert "Tương thích nhất" in refused(hevc, 422, "codec_not_playable")["detail"]
    refused(await upload(registry, operator, clips.mp4(seconds=301)), 422, "recording_too_long")
    large = clips.mp4() + clips.box(b"free", bytes(40_000_000))
    refused(await upload(registry, operator, large), 413, "recording_too_large")
    long_sound = clips.m4a() + clips.box(b"free", bytes(15_000_000))
    refused(await upload(registry, operator, long_sound), 413, "recording_too_large")
    no_film = await upload(registry, operator, clips.mp3(3), captions=clips.CAPTIONS)
    refused(no_film, 422, "captions_for_video_only")
    bad = await upload(registry, operator, clips.mp4(), captions=b"1 --> 2")
    refused(bad, 422, "captions_invalid")
    refused(await upload(registry, operator, b"%PDF-1.4 cut"), 422, "not_a_recording")
    short = await upload(registry, operator, clips.mp4(), description="ngắn")
    assert short.status_code == 422
    files = await registry.db.collection("recordings").count_documents(
        {"facility_id": facility["id"]}
    )
    assert files == 0


async def test_a_pdf_is_only_saved_never_shown(registry: Registry) -> None:
    facility = await registry.a_facility()
    paper = ok(await upload(registry, registry.operator(facility["id"]), clips.PDF), 201)
    await registry.a_product(facility["id"], recordings=[paper["id"]])
    answer = await registry.browser().get(paper["url"])
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert "sandbox" in answer.headers["content-security-policy"]


async def test_a_product_names_no_recording_of_another_facility(registry: Registry) -> None:
    first, second = await registry.a_facility(), await registry.a_facility()
    sound = ok(await upload(registry, registry.operator(first["id"]), clips.mp3(3)), 201)
    body = builders.product(recordings=[sound["id"]])
    answer = await registry.post("/products", body, registry.operator(second["id"]))
    refused(answer, 422, "recording_unknown")


async def test_nobody_else_uploads_lists_or_removes_a_facility_s_recordings(
    registry: Registry,
) -> None:
    facility = await registry.a_facility()
    owner = registry.operator(facility["id"])
    sound = ok(await upload(registry, owner, clips.mp3(3)), 201)
    removal = f"/recordings/{sound['id']}/remove"
    for stranger in (
        registry.operator("another-facility"),
        registry.clerk(builders.OTHER_COMMUNE),
    ):
        refused(await upload(registry, stranger, clips.mp3(3), facility["id"]), 404, "not_found")
        listed = await registry.get(f"/facilities/{facility['id']}/recordings", stranger)
        refused(listed, 404, "not_found")
        refused(await registry.post(removal, {}, stranger), 404, "not_found")
        page = await registry.browser(stranger).get(f"/console/registry/recordings/{sound['id']}")
        assert page.status_code == 404
    reader = registry.token("facility", "report", facility=facility["id"], communes=[])
    refused(await upload(registry, reader, clips.mp3(3)), 403, "forbidden")
    refused(await registry.post(removal, {}, reader), 403, "forbidden")
    listed = await registry.get(f"/facilities/{facility['id']}/recordings", owner)
    assert [one["id"] for one in listed.json()] == [sound["id"]]


async def test_what_a_product_shows_is_not_removed(registry: Registry) -> None:
    facility = await registry.a_facility()
    owner = registry.operator(facility["id"])
    used, unused = [ok(await upload(registry, owner, clips.mp3(3)), 201) for _ in range(2)]
    product = await registry.a_product(facility["id"], recordings=[used["id"]])
    answer = await registry.post(f"/recordings/{used['id']}/remove", {}, owner)
    assert product["code"] in refused(answer, 409, "recording_in_use")["detail"]
    gone = await registry.post(f"/recordings/{unused['id']}/remove", {}, owner)
    assert gone.status_code == 204
    refused(await registry.post(f"/recordings/{unused['id']}/remove", {}, owner), 404, "not_found")


async def test_an_upload_sent_twice_is_kept_once(registry: Registry) -> None:
    facility = await registry.a_facility()
    owner = registry.operator(facility["id"])
    key = {"Idempotency-Key": "recording-key-1"}
    first, again = [
        ok(await upload(registry, owner, clips.mp3(3), headers=key), 201) for _ in range(2)
    ]
    assert first["id"] == again["id"]


async def test_a_film_is_uploaded_and_chosen_on_pages(registry: Registry) -> None:
    facility = await registry.a_facility()
    browser = registry.browser(registry.operator(facility["id"]))
    here = "/console/registry/recordings"
    page = (await browser.get(here)).text
    assert "Chưa có video, âm thanh hay tài liệu nào" in page
    form = {"csrf": token_in(page), "title": "Hái na", "description": WORDS, "key": new_id()}
    wrong = {"file": ("quay.mp4", b"khong phai phim", "video/mp4")}
    answer = await browser.post(here, data=form, files=wrong)
    assert answer.status_code == 422
    assert "Hãy xuất lại tệp" in answer.text
    assert WORDS in answer.text
    right = {"file": ("quay.mp4", clips.mp4(), "video/mp4")}
    answer = await browser.post(here, data=form, files=right)
    assert answer.status_code == 303, answer.text
    shown = await browser.get(answer.headers["location"])
    assert "<video controls" in shown.text
    new = (await browser.get("/console/registry/products/new")).text
    assert "Hái na" in new
