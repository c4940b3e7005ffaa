"""Video, sound and documents on the stamp's page: only our own, loaded only on demand."""

import gzip
from typing import Any

import pytest

from shared.contracts.registry import Recording
from tests.polling import eventually
from tests.scan.test_verdicts import becomes
from tests.scan.world import Goods, Scans, World, name, notice, product

WORDS = "Bà con hái na từ sớm, xếp từng quả vào hộp."


def recording(kind: str, **changes: Any) -> Recording:
    media_type = {"video": "video/mp4", "sound": "audio/mpeg", "document": "application/pdf"}[kind]
    told: dict[str, Any] = {
        "kind": kind,
        "title": f"Tên {kind} <b>",
        "description": WORDS,
        "address": f"/media/recordings/{kind}",
        "media_type": media_type,
        "size": 1_234_567,
        "seconds": 0 if kind == "document" else 65,
        **changes,
    }
    return Recording(**told)


async def shown(world: World, scans: Scans, **changes: Any) -> Goods:
    """Goods whose product tells of media in a newer version."""
    goods = Goods()
    await world.tell(*goods.events())
    await becomes(scans, goods.batch, 7, "genuine")
    newer = product(goods.product, goods.facility, 2, **changes)
    await world.tell(newer)
    return goods


@pytest.fixture(scope="module")
async def goods(world: World, scans: Scans) -> Goods:
    film = recording("video", poster="/media/p-small.jpg", captions="/media/recordings/v.vtt")
    images = tuple(f"/media/{n}-small.webp" for n in range(3))
    three = (film, recording("sound"), recording("document"))
    made = await shown(world, scans, recordings=three, image=images[0], images=images)
    await until_shown(scans, made)
    return made


async def until_shown(scans: Scans, goods: Goods) -> None:
    async def there() -> bool:
        return "/media/recordings/video" in await scans.page(goods.batch, 7)

    await eventually(there)


async def test_a_film_a_sound_and_a_paper_are_offered_and_none_is_loaded(
    scans: Scans, goods: Goods
) -> None:
    page = await scans.page(goods.batch, 7)
    assert '<video controls preload="none" playsinline poster="/media/p-small.jpg">' in page
    assert '<source src="/media/recordings/video" type="video/mp4">' in page
    assert '<track kind="captions" src="/media/recordings/v.vtt"' in page
    assert '<audio controls preload="none"><source src="/media/recordings/sound"' in page
    assert '<a href="/media/recordings/document" download>' in page
    assert "autoplay" not in page
    assert page.count(WORDS) == 3
    assert "1:05" in page
    assert "Tên video &lt;b&gt;" in page
    assert 'href="/media/2-large.jpg"' in page


async def test_only_a_page_with_media_may_play_any(
    scans: Scans, goods: Goods, world: World
) -> None:
    address = f"/{scans.code(goods.batch, 7)}"
    policy = (await scans.http.get(address)).headers["content-security-policy"]
    assert "media-src 'self'" in policy
    assert "script-src" not in policy
    plain = Goods()
    await world.tell(*plain.events())
    await becomes(scans, plain.batch, 7, "genuine")
    other = await scans.http.get(
        f"/{scans.code(plain.batch, 7)}", headers={"Accept-Language": "en"}
    )
    assert "media-src" not in other.headers["content-security-policy"]
    assert "<video" not in other.text


async def test_a_page_with_long_words_beside_its_media_stays_small(
    world: World, scans: Scans
) -> None:
    words = " ".join(f"tiếng {n} nói về na" for n in range(250))[:5000]
    six = tuple(recording("video", description=words) for _ in range(6))
    goods = await shown(world, scans, recordings=six)
    await until_shown(scans, goods)
    page = await scans.http.get(f"/{scans.code(goods.batch, 7)}")
    assert len(gzip.compress(page.content, 4)) < 14_000


async def test_programs_are_told_of_media_in_the_verdict(scans: Scans, goods: Goods) -> None:
    told = (await scans.verdict(goods.batch, 7))["product"]
    assert [one["kind"] for one in told["recordings"]] == ["video", "sound", "document"]
    assert told["recordings"][0]["description"] == WORDS


async def test_what_is_recalled_is_not_advertised(world: World, scans: Scans) -> None:
    goods = await shown(world, scans, recordings=(recording("video"),))
    await until_shown(scans, goods)
    await world.tell(notice(name("notice"), lots=(goods.lot,)))
    await becomes(scans, goods.batch, 7, "recalled")
    assert "<video" not in await scans.page(goods.batch, 7)
