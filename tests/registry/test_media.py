"""Pictures: judged by content, drawn anew, public only once they were approved."""

import asyncio
import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image

from shared.contracts.registry import ProductPublished
from shared.ids import new_id, now
from shared.pictures import images
from shared.pictures.limits import ImageTooSmall, NotAnImage, TooManyPixels
from tests.answers import ok, refused, token_in
from tests.registry import builders
from tests.registry.conftest import Registry


def huge_png(width: int, height: int) -> bytes:
    """A picture of a few hundred bytes that claims to have billions of pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_every_kind_is_made_into_the_same_sizes(kind: str) -> None:
    made = images.make(builders.picture(kind, (2000, 1000)))
    assert set(made.files) == {
        f"{size}.{kind}" for size in ("tiny", "small", "large") for kind in ("webp", "jpg")
    }
    assert (made.width, made.height) == (1280, 640)
    sizes = {name: Image.open(BytesIO(data)).size for name, data in made.files.items()}
    assert sizes["small.jpg"] == sizes["small.webp"] == (640, 320)


def test_metadata_is_gone_and_the_picture_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # Turned by a quarter.
    exif[0x010F] = "MayAnhCuaToi"
    data = builders.picture("JPEG", (800, 400), exif=exif, comment=b"bi mat")
    made = images.make(data)
    assert (made.width, made.height) == (400, 800)
    for file in made.files.values():
        shown = Image.open(BytesIO(file))
        assert not shown.getexif()
        assert "comment" not in shown.info
        assert b"MayAnhCuaToi" not in file
        assert b"bi mat" not in file


def test_what_is_transparent_is_shown_on_white() -> None:
    out = BytesIO()
    Image.new("RGBA", (100, 100), (255, 0, 0, 0)).save(out, "PNG")
    shown = Image.open(BytesIO(images.make(out.getvalue()).files["small.jpg"]))
    assert shown.getpixel((50, 50)) == (255, 255, 255)


def test_a_picture_with_too_many_pixels_is_refused_before_it_is_decoded() -> None:
    with pytest.raises(TooManyPixels):
        images.make(huge_png(60_000, 60_000))
    with pytest.raises(TooManyPixels):
        images.make(huge_png(10_000, 6_000))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not a picture",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"GIF89a" + b"\0" * 100,
        b"%PDF-1.7",
        b"\xff\xd8\xff\xe0" + b"\0" * 50,
        b"\x89PNG\r\n\x1a\n" + b"\0" * 50,
        builders.picture("JPEG")[:3000],
    ],
)
def test_what_is_no_whole_picture_is_refused(data: bytes) -> None:
    with pytest.raises(NotAnImage):
        images.make(data)


def test_a_picture_too_small_to_show_anything_is_refused() -> None:
    with pytest.raises(ImageTooSmall):
        images.make(builders.picture(size=(63, 200)))


async def test_a_file_is_judged_by_its_content_and_size(registry: Registry) -> None:
    facility = await registry.a_facility()
    operator = registry.operator(facility["id"])
    answer = await registry.upload(b"<html>lie</html>", facility["id"], operator)
    problem = refused(answer, 422, "not_an_image")
    assert problem["errors"][0]["field"] == "file"
    answer = await registry.upload(b"\xff\xd8" + b"0" * 8_000_001, facility["id"], operator)
    refused(answer, 413, "image_too_large")
    answer = await registry.upload(b"\xff\xd8" + b"0" * 11_000_000, facility["id"], operator)
    refused(answer, 413, "body_too_large")


async def test_a_picture_is_public_only_once_a_product_is_published_with_it(
    registry: Registry,
) -> None:
    facility = await registry.a_facility()
    operator = registry.operator(facility["id"])
    picture = ok(await registry.upload(builders.picture(), facility["id"], operator), 201)
    assert picture["public"] is False
    url = picture["url"]
    outsiders = [
        registry.browser(),
        registry.browser(registry.operator("another")),
        registry.browser(registry.checker(builders.OTHER_COMMUNE)),
    ]
    owner = registry.browser(operator)
    body = builders.product(images=[picture["id"]])
    product = await registry.entered("products", body, operator)
    await registry.submitted("products", product["id"], operator)
    ok(await registry.decide("products", product["id"], "accept", registry.checker()))
    for browser in outsiders:
        assert (await browser.get(url)).status_code == 404
    seen = await owner.get(url)
    assert seen.status_code == 200
    assert seen.headers["cache-control"] == "private, no-store"
    ok(await registry.decide("products", product["id"], "publish", registry.approver()))
    told = (await registry.events(product["id"], ProductPublished))[-1]
    assert told.image == url
    for browser in outsiders:
        answer = await browser.get(url)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "image/webp"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"].startswith("public, max-age=")
        again = await browser.get(url, headers={"If-None-Match": answer.headers["etag"]})
        assert again.status_code == 304
    jpeg = await registry.client.get(url.replace(".webp", ".jpg"))
    assert jpeg.headers["content-type"] == "image/jpeg"
    for browser in (*outsiders, owner):
        await browser.aclose()


async def test_a_picture_that_no_product_shows_any_more_is_taken_down(registry: Registry) -> None:
    facility = await registry.a_facility()
    operator = registry.operator(facility["id"])
    both, gone, came = [
        ok(await registry.upload(builders.picture(size=(300, side)), facility["id"], operator), 201)
        for side in (201, 202, 203)
    ]
    first = await registry.a_product(facility["id"], images=[both["id"], gone["id"]])
    await registry.a_product(facility["id"], images=[both["id"]])

    async def public() -> list[bool]:
        answers = [await registry.client.get(one["url"]) for one in (both, gone, came)]
        return [answer.status_code == 200 for answer in answers]

    assert await public() == [True, True, False]
    body = builders.product(
        facility_id=facility["id"], images=[came["id"]], version=first["version"]
    )
    ok(await registry.put(f"/products/{first['id']}", body, operator))
    # As long as the newer version is no more than a draft, what was approved stays.
    assert await public() == [True, True, False]
    await registry.carried_through("products", first["id"], operator)
    # The other product still shows the one that both had.
    assert await public() == [True, False, True]
    owner = registry.browser(operator)
    assert (await owner.get(gone["url"])).status_code == 200
    await owner.aclose()


async def test_a_product_keeps_its_pictures_however_many_were_uploaded_since(
    registry: Registry,
) -> None:
    facility = await registry.a_facility()
    operator = registry.operator(facility["id"])
    picture = ok(await registry.upload(builders.picture(), facility["id"], operator), 201)
    product = await registry.a_product(facility["id"], images=[picture["id"]])
    row = await registry.db.collection("media").find_one({"_id": picture["id"]})
    assert row
    newer = [{**row, "_id": f"{number:036d}", "at": now()} for number in range(70)]
    diary = [{**row, "_id": f"{number:036x}", "at": now(), "by": ""} for number in range(200, 210)]
    await registry.db.collection("media").insert_many([*newer, *diary])
    browser = registry.browser(operator)
    page = (await browser.get(f"/console/registry/products/{product['id']}/edit")).text
    await browser.aclose()
    assert f'name="images" value="{picture["id"]}" checked' in page
    assert diary[0]["_id"] not in page
    await registry.db.collection("media").delete_many({"_id": {"$regex": "^0{20}"}})


async def test_the_main_picture_is_chosen_in_the_form(registry: Registry) -> None:
    facility = await registry.a_facility()
    operator = registry.operator(facility["id"])
    one, two = [
        ok(await registry.upload(builders.picture(size=(300, side)), facility["id"], operator), 201)
        for side in (211, 212)
    ]
    browser = registry.browser(operator)
    path = "/console/registry/products/new"
    form = {
        "csrf": token_in((await browser.get(path)).text),
        "name": "Na hai ảnh",
        "category": "custard-apple",
        "images": [one["id"], two["id"]],
        "main": two["id"],
        "key": new_id(),
    }
    answer = await browser.post(path, data=form)
    record_id = answer.headers["location"].split("/")[-1]
    record = await registry.record("products", record_id)
    assert record["draft"]["images"] == [two["id"], one["id"]]
    page = (await browser.get(f"/console/registry/products/{record_id}/edit")).text
    assert f'name="main" value="{two["id"]}" checked' in page
    await browser.aclose()


async def test_a_facility_uploads_only_so_many_pictures_a_day(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.registry.actions.media.MAX_A_DAY", 1)
    facility = await registry.a_facility()
    operator = registry.operator(facility["id"])
    ok(await registry.upload(builders.picture(), facility["id"], operator), 201)
    answer = await registry.upload(builders.picture(), facility["id"], operator)
    problem = refused(answer, 429, "too_many_pictures")
    assert "ngày mai" in problem["detail"]
    assert int(answer.headers["retry-after"]) > 0


async def test_a_product_shows_no_picture_of_another_facility(registry: Registry) -> None:
    first, second = await registry.a_facility(), await registry.a_facility()
    picture = ok(
        await registry.upload(builders.picture(), first["id"], registry.operator(first["id"])), 201
    )
    for image in (picture["id"], "unknown"):
        body = builders.product(images=[image])
        answer = await registry.post("/products", body, registry.operator(second["id"]))
        refused(answer, 422, "image_unknown")


async def test_an_upload_sent_twice_is_kept_once(registry: Registry) -> None:
    facility = await registry.a_facility()
    operator = registry.operator(facility["id"])
    data = builders.picture()
    key = {"Idempotency-Key": "picture-key-1"}
    answers = await asyncio.gather(
        *(registry.upload(data, facility["id"], operator, headers=key) for _ in range(3))
    )
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    files = await registry.db.collection("pictures.files").count_documents({})
    rows = [row async for row in registry.db.collection("media").find({})]
    assert files == sum(len(row["files"]) for row in rows)


@pytest.mark.parametrize(
    "name", ["x", "../../etc/passwd", "x-small.webp", "x-huge.webp", "catalogue-000.css"]
)
async def test_other_names_below_media_do_not_exist(registry: Registry, name: str) -> None:
    assert (await registry.client.get(f"/media/{name}")).status_code == 404


async def test_the_catalogue_s_stylesheet_is_served_and_may_be_kept(registry: Registry) -> None:
    page = (await registry.client.get("/")).text
    address = page.split('href="/media/catalogue-')[1].split('"')[0]
    answer = await registry.client.get(f"/media/catalogue-{address}")
    assert answer.headers["content-type"].startswith("text/css")
    assert "immutable" in answer.headers["cache-control"]
