"""What no browser plays becomes what all do: in the background, confined, once (R28)."""

import asyncio
import io
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from PIL import Image

from services.registry import store
from services.registry.actions import converting
from services.registry.decoders import ffmpeg
from services.registry.decoders.kinds import Source, source_of
from services.registry.domain.conversion import Conversion, ConversionState
from services.registry.store import conversions, recordings
from services.registry.uploads import containers
from shared.ids import new_id, now
from shared.mongo import Database, transact
from shared.pictures import confining, images
from shared.pictures.limits import NotAnImage
from shared.settings import Settings
from tests.answers import ok, refused
from tests.chromium import started as chromium
from tests.polling import eventually
from tests.registry import clips, films
from tests.registry.access_world import failed_conversion
from tests.registry.conftest import API, Registry
from tests.registry.test_recordings import upload
from tests.tokens import bearer


@pytest_asyncio.fixture
async def db(settings: Settings) -> AsyncIterator[Database]:
    """A database that no process of registry looks after."""
    found = Database(settings.mongo_url, f"{settings.db_prefix}_{new_id()[-8:]}", "registry")
    await store.prepare(found)
    yield found
    await found.close()


async def waiting(db: Database, data: bytes, captions: bytes = b"") -> Conversion:
    """One that waits, as an upload leaves it."""
    sent = {"original": data} | ({"captions": captions} if captions else {})
    files = await recordings.keep_files(db, sent)
    one = Conversion(
        id=new_id(), facility_id="f", title="Thu hoạch", description="x" * 20, source="MOV/MP4",
        size=len(data), original=files["original"], poster="", captions=files.get("captions", ""),
        by="a", by_name="Người quay", at=now(),
    )  # fmt: skip
    await transact(db, lambda tx: conversions.insert(tx, one))
    return one


async def originals(db: Database) -> int:
    return await db.handle["pictures.files"].count_documents({"filename": "original"})


@pytest.mark.parametrize(
    ("data", "demuxer"),
    [
        (clips.mp4(), "mov"),
        (b"\x1aE\xdf\xa3" + bytes(20), "matroska"),
        (b"RIFF\0\0\0\0WAVEfmt ", "wav"),
        (b"OggS" + bytes(20), "ogg"),
        (b"#EXTM3U\nhttp://127.0.0.1/secret", ""),
        (b"ffconcat version 1.0\nfile /etc/passwd", ""),
        (b"RIFF\0\0\0\0ACON", ""),
        (b"\0\0\0\x1cftypheic" + bytes(20), ""),
        (b"", ""),
    ],
)
def test_only_known_kinds_reach_the_decoder(data: bytes, demuxer: str) -> None:
    found = source_of(data)
    assert (found.demuxer if found else "") == demuxer


async def test_a_film_of_an_iphone_becomes_one_that_a_browser_plays(registry: Registry) -> None:
    facility = await registry.a_facility()
    token = registry.operator(facility["id"])
    assert films.PLACE.encode() in films.hevc()
    started = ok(await upload(registry, token, films.hevc()), 202)
    assert (started["state"], started["source"]) == ("waiting", "MOV/MP4")
    path = f"/facilities/{facility['id']}/recordings"
    found: list[Any] = []

    async def is_there() -> bool:
        answer = await registry.get(path, token)
        found[:] = [one for one in answer.json() if one["id"] == started["id"]]
        return bool(found)

    await eventually(is_there, 120)
    assert (found[0]["media_type"], found[0]["seconds"]) == ("video/mp4", 2)
    coming = await registry.get(f"/facilities/{facility['id']}/conversions", token)
    assert coming.json() == []
    browser = registry.browser(token)
    film = (await browser.get(found[0]["url"])).content
    assert containers.read(film).kind == "video"
    assert films.PLACE.encode() not in film
    assert await plays(film)


async def plays(film: bytes) -> bool:
    """Whether Chromium decodes its pictures and moves on in it."""

    def answer(address: str) -> dict[str, Any]:
        if "film" in address:
            return {"body": film, "content_type": "video/mp4"}
        return {"body": "<video muted src=/film.mp4></video>", "content_type": "text/html"}

    async with chromium() as browser:
        page = await browser.new_page()
        await page.route("**/*", lambda route: route.fulfill(**answer(route.request.url)))
        await page.goto("http://localhost:9/")
        seen = await page.evaluate(
            """async () => {
                const film = document.querySelector("video");
                await film.play();
                await new Promise(r => film.ontimeupdate = () => film.currentTime > 0.3 && r());
                return [film.videoWidth, film.currentTime > 0.3];
            }"""
        )
    return bool(seen[0] == 640 and seen[1])


@pytest.mark.parametrize(("kind", "media"), [("wav", "audio/mp4"), ("webm", "video/mp4")])
async def test_sound_and_other_films_are_converted_too(db: Database, kind: str, media: str) -> None:
    one = await waiting(db, getattr(films, kind)())
    assert await converting.step(db, by="a", now=now())
    made = await recordings.get(db, one.id)
    assert (made.media_type, made.seconds, made.by_name) == (media, 2, "Người quay")
    assert await conversions.find(db, one.id) is None
    assert await originals(db) == 0


async def test_captions_of_what_became_a_sound_are_not_left_behind(db: Database) -> None:
    one = await waiting(db, films.wav(), captions=clips.CAPTIONS)
    assert await converting.step(db, by="a", now=now())
    made = await recordings.get(db, one.id)
    assert made.captions == ""
    left = await db.handle["pictures.files"].find().to_list()
    assert [str(row["_id"]) for row in left] == [made.file]


@pytest.mark.parametrize("broken", ["half", "noise", "list"])
async def test_a_broken_file_is_told_and_its_original_is_gone(db: Database, broken: str) -> None:
    data = {
        "half": films.webm(6)[: len(films.webm(6)) // 3],
        "noise": films.webm(6)[:300] + bytes(range(256)) * 400,
        "list": b"#EXTM3U\nhttp://127.0.0.1/\n" * 50,
    }[broken]
    one = await waiting(db, data)
    assert await converting.step(db, by="a", now=now())
    found = await conversions.get(db, one.id)
    assert found.state is ConversionState.FAILED
    assert found.failure
    assert found.failure["code"] in ("conversion_failed", "not_a_recording")
    assert await originals(db) == 0
    assert not await converting.step(db, by="a", now=now())


async def test_what_a_dead_process_left_is_done_once_by_the_next(db: Database) -> None:
    one = await waiting(db, films.wav())
    assert await conversions.claim(db, "dies", now()) is not None
    assert not await converting.step(db, by="b", now=now())
    later = now() + conversions.LEASE + timedelta(seconds=1)
    assert await converting.step(db, by="b", now=later)
    assert (await recordings.get(db, one.id)).seconds == 2
    assert not await converting.step(db, by="b", now=later)


async def test_a_file_that_ends_the_program_each_time_is_given_up(db: Database) -> None:
    one = await waiting(db, films.wav())
    at = now()
    for _ in range(4):
        assert await conversions.claim(db, "dies", at) is not None
        at += conversions.LEASE + timedelta(seconds=1)
    assert await converting.step(db, by="b", now=at)
    assert (await conversions.get(db, one.id)).state is ConversionState.FAILED


async def test_one_is_converted_at_a_time(db: Database) -> None:
    for _ in range(3):
        await waiting(db, films.wav())
    claimed = await asyncio.gather(*(conversions.claim(db, f"p{n}", now()) for n in range(3)))
    assert sum(one is not None for one in claimed) == 1


async def test_one_that_is_taken_back_while_it_is_worked_on_leaves_nothing(db: Database) -> None:
    one = await waiting(db, films.webm())
    claimed = await conversions.claim(db, "a", now())
    assert claimed is not None
    await db.collection("conversions").delete_one({"_id": one.id})
    await converting.convert(db, claimed, "a")
    assert await db.collection("recordings").count_documents({}) == 0


async def test_what_only_pretends_is_refused_as_it_arrives(registry: Registry) -> None:
    facility = await registry.a_facility()
    token = registry.operator(facility["id"])
    refused(await upload(registry, token, clips.mp4(codec=b"hvc1")), 422, "codec_not_playable")
    for data in (b"RIFF\0\0\0\0WAVE" + bytes(400), b"\x1aE\xdf\xa3" + bytes(4000), b"#EXTM3U\n"):
        refused(await upload(registry, token, data), 422, "not_a_recording")


async def test_without_ffmpeg_what_plays_is_taken_and_the_rest_told_how_to_save(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TXNG_FFMPEG", "/no/such/program")
    ffmpeg.program.cache_clear()
    facility = await registry.a_facility()
    token = registry.operator(facility["id"])
    ok(await upload(registry, token, clips.mp4()), 201)
    refused(await upload(registry, token, films.hevc()), 422, "codec_not_playable")
    page = await registry.browser(token).get("/console/registry/recordings")
    assert "Video MP4 (H.264) tối đa 40 MB" in page.text
    monkeypatch.undo()
    ffmpeg.program.cache_clear()


async def test_conversions_are_seen_and_taken_back_by_their_own_facility_alone(
    registry: Registry,
) -> None:
    facility = await registry.a_facility()
    token = registry.operator(facility["id"])
    one_id = await failed_conversion(registry, facility["id"])
    page = await registry.browser(token).get("/console/registry/recordings")
    assert "Không chuyển được" in page.text
    path = f"/conversions/{one_id}/remove"
    refused(await registry.post(path, {}, registry.operator("another")), 404, "not_found")
    listed = await registry.client.get(
        f"{API}/facilities/{facility['id']}/conversions",
        headers=bearer(registry.operator("another")),
    )
    assert listed.status_code == 404
    assert (await registry.post(path, {}, token)).status_code == 204
    assert await conversions.find(registry.db, one_id) is None


async def confined(*command: str) -> tuple[int, bytes]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "shared.pictures.confining", *command,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, cwd=ffmpeg.ROOT,
    )  # fmt: skip
    out, _ = await process.communicate()
    return process.returncode or 0, out


async def test_a_confined_program_has_no_network_and_little_memory() -> None:
    # The system's own: that of the environment may lie where nobody else can read.
    python = shutil.which("python3", path="/usr/bin:/bin")
    if python is None:
        pytest.skip("this machine has no Python of its own")
    code = "import socket; socket.create_connection(('127.0.0.1', 1))"
    status, told = await confined(python, "-S", "-c", code)
    assert status != 0
    assert b"unreachable" in told.lower()
    status, _ = await confined(python, "-S", "-c", f"bytearray({confining.MEMORY})")
    assert status != 0


def test_a_picture_of_an_iphone_is_drawn_anew_in_our_sizes() -> None:
    made = images.make(films.heic())
    assert (made.width, made.height) == (400, 300)
    shown = Image.open(io.BytesIO(made.files["large.jpg"]))
    assert shown.format == "JPEG"
    assert b"An Sinh" not in b"".join(made.files.values())


@pytest.mark.parametrize("part", [0.2, 0.6])
def test_a_broken_picture_of_an_iphone_is_refused(part: float) -> None:
    data = films.heic()
    with pytest.raises(NotAnImage):
        images.make(data[: int(len(data) * part)])


@pytest.mark.parametrize("curve", films.HDR)
async def test_colours_of_high_dynamic_range_are_those_that_were_filmed(curve: str) -> None:
    folder = Path(tempfile.mkdtemp(prefix="txng-test-"))
    try:
        file, to = folder / "upload", folder / "made"
        file.write_bytes(films.hdr(curve))
        ffmpeg.lend(folder)
        source = Source("MOV/MP4", "mov")
        probed = await ffmpeg.probe(source, file)
        assert probed.hdr == curve

        async def go_on(_: float) -> bool:
            return True

        assert await ffmpeg.convert(source, probed, file, to, longest=2, progress=go_on)
        red, green, blue = films.colour(to)
        # Filmed was (200, 40, 40); unmapped it is a brown of about (130, 65, 50).
        assert red > 165
        assert max(green, blue) < 65
        assert (await ffmpeg.probe(source, to)).hdr == ""
    finally:
        shutil.rmtree(folder)


async def test_a_film_longer_than_allowed_is_cut_off_and_refused(tmp_path: Path) -> None:
    folder = Path(tempfile.mkdtemp(prefix="txng-test-"))
    try:
        file, to = folder / "upload", folder / "made"
        file.write_bytes(films.wav(6))
        ffmpeg.lend(folder)
        source = Source("WAV", "wav")
        probed = await ffmpeg.probe(source, file)

        async def go_on(_: float) -> bool:
            return True

        assert await ffmpeg.convert(source, probed, file, to, longest=2, progress=go_on)
        assert containers.read(to.read_bytes()).seconds == 3
    finally:
        shutil.rmtree(folder)
