"""Photos in diaries: taken with the form, kept once, seen by consumers only when approved."""

from typing import Any

import pytest

from services.registry.workers import taking_down
from shared.contracts.registry import LotPublished
from shared.ids import new_id
from tests.answers import ok, refused, token_in
from tests.registry import builders
from tests.registry.conftest import Registry
from tests.registry.test_lots import farm as farm  # noqa: PLC0414 - the fixture of that module


@pytest.fixture
async def lot(registry: Registry, farm: dict[str, str]) -> dict[str, Any]:
    body = builders.lot(farm["product"], code=new_id()[-12:])
    return await registry.entered("lots", body, registry.operator(farm["id"]))


def harvest(page: str, **more: str) -> dict[str, str]:
    return {
        "csrf": token_in(page),
        "id": new_id(),
        "step": "harvesting",
        "at": "2026-08-20T08:00",
        "place": "Đồi Nắng",
        **more,
    }


def jpeg(seed: int) -> tuple[str, bytes, str]:
    return ("a.jpg", builders.picture("JPEG", (300 + seed, 200)), "image/jpeg")


async def test_a_photo_sent_twice_with_its_entry_is_kept_once_and_shown_after_approval(
    registry: Registry, farm: dict[str, str], lot: dict[str, Any]
) -> None:
    operator = registry.operator(farm["id"])
    browser = registry.browser(operator)
    here = f"/console/registry/lots/{lot['id']}"
    page = (await browser.get(f"{here}/entries/new?step=harvesting")).text
    assert 'capture="environment"' in page
    form = harvest(page)
    files = [("taken_photos", jpeg(1)), ("chosen_photos", jpeg(2))]
    for _ in range(2):
        sent = await browser.post(f"{here}/entries/new", data=form, files=files)
        assert sent.status_code == 303, sent.text
    record = await registry.record("lots", lot["id"])
    [entry] = record["draft"]["entries"]
    assert len(entry["photos"]) == 2
    address = f"/media/{entry['photos'][0]}-small.webp"
    assert (await browser.get(address)).status_code == 200
    stranger = registry.browser()
    assert (await stranger.get(address)).status_code == 404
    assert address in (await browser.get(here)).text
    await registry.carried_through("lots", lot["id"], operator)
    assert (await stranger.get(address)).status_code == 200
    [told] = await registry.events(lot["id"], LotPublished)
    assert told.stages[0].photos[0] == address


async def test_what_is_no_photo_or_one_too_many_brings_the_form_back(
    registry: Registry, farm: dict[str, str], lot: dict[str, Any]
) -> None:
    browser = registry.browser(registry.operator(farm["id"]))
    here = f"/console/registry/lots/{lot['id']}/entries/new"
    form = harvest((await browser.get(f"{here}?step=harvesting")).text, note="Trời nắng")
    fake = [("taken_photos", ("a.jpg", b"MZ no picture", "image/jpeg"))]
    four = [("chosen_photos", jpeg(n)) for n in range(3)] + [("taken_photos", jpeg(9))]
    for files in (fake, four):
        back = await browser.post(here, data=form, files=files)
        assert back.status_code == 422, back.text
        assert "Trời nắng" in back.text
    assert (await registry.record("lots", lot["id"]))["draft"]["entries"] == []


async def test_a_photo_is_taken_out_by_not_keeping_it(
    registry: Registry, farm: dict[str, str], lot: dict[str, Any]
) -> None:
    browser = registry.browser(registry.operator(farm["id"]))
    here = f"/console/registry/lots/{lot['id']}/entries"
    form = harvest((await browser.get(f"{here}/new?step=harvesting")).text)
    files = [("taken_photos", jpeg(4))]
    assert (await browser.post(f"{here}/new", data=form, files=files)).status_code == 303
    page = (await browser.get(f"{here}/{form['id']}/edit")).text
    [entry] = (await registry.record("lots", lot["id"]))["draft"]["entries"]
    assert f'name="photos" value="{entry["photos"][0]}" checked' in page
    without = {**form, "csrf": token_in(page), "version": "2"}
    assert (await browser.post(f"{here}/new", data=without)).status_code == 303
    [entry] = (await registry.record("lots", lot["id"]))["draft"]["entries"]
    assert entry["photos"] == []


async def test_the_photo_of_another_facility_cannot_be_named(
    registry: Registry, farm: dict[str, str], lot: dict[str, Any]
) -> None:
    other = await registry.a_facility()
    stranger = registry.operator(other["id"])
    theirs = ok(await registry.upload(builders.picture(), other["id"], stranger), 201)
    entry = builders.entry("harvesting", "2026-08-20", photos=[theirs["id"]])
    answer = await registry.post(f"/lots/{lot['id']}/entries", entry, registry.operator(farm["id"]))
    refused(answer, 422, "image_unknown")


async def published_with_photo(
    registry: Registry, farm: dict[str, str], lot: dict[str, Any], seed: int
) -> tuple[str, dict[str, Any], str]:
    """The photo's id, the entry it belongs to and the maker's token."""
    operator = registry.operator(farm["id"])
    browser = registry.browser(operator)
    here = f"/console/registry/lots/{lot['id']}/entries/new"
    form = harvest((await browser.get(f"{here}?step=harvesting")).text)
    sent = await browser.post(here, data=form, files=[("taken_photos", jpeg(seed))])
    assert sent.status_code == 303, sent.text
    await browser.aclose()
    published = await registry.carried_through("lots", lot["id"], operator)
    [entry] = published["published"]["entries"]
    return entry["photos"][0], entry, operator


async def is_public(registry: Registry, photo: str) -> bool:
    answer = await registry.client.get(f"/media/{photo}-small.webp")
    return bool(answer.status_code == 200)


async def without_photo(
    registry: Registry, lot: dict[str, Any], entry: dict[str, Any], operator: str
) -> None:
    """A newer approved version of the lot drops it."""
    record = await registry.record("lots", lot["id"])
    kept = {key: entry[key] for key in ("id", "step", "at", "place")}
    body = {**kept, "version": record["version"]}
    answer = await registry.post(f"/lots/{lot['id']}/entries", body, operator)
    assert answer.status_code == 201, answer.text
    assert await is_public(registry, entry["photos"][0])
    await registry.carried_through("lots", lot["id"], operator)


async def test_a_photo_is_taken_down_when_the_next_approved_version_drops_it(
    registry: Registry, farm: dict[str, str], lot: dict[str, Any]
) -> None:
    photo, entry, operator = await published_with_photo(registry, farm, lot, 31)
    assert await is_public(registry, photo)
    await without_photo(registry, lot, entry, operator)
    assert not await is_public(registry, photo)
    browser = registry.browser(operator)
    assert (await browser.get(f"/media/{photo}-small.webp")).status_code == 200
    await browser.aclose()


async def test_a_photo_that_something_else_shows_stays(
    registry: Registry, farm: dict[str, str], lot: dict[str, Any]
) -> None:
    photo, entry, operator = await published_with_photo(registry, farm, lot, 32)
    body = builders.lot(farm["product"], code=new_id()[-12:])
    other = await registry.entered("lots", body, operator)
    shows = builders.entry("harvesting", "2026-08-20", photos=[photo])
    ok(await registry.post(f"/lots/{other['id']}/entries", shows, operator), 201)
    other = await registry.carried_through("lots", other["id"], operator)
    await without_photo(registry, lot, entry, operator)
    assert await is_public(registry, photo)
    [its] = other["published"]["entries"]
    await without_photo(registry, other, its, operator)
    assert not await is_public(registry, photo)


async def test_what_stayed_public_before_there_was_the_rule_is_taken_down_once(
    registry: Registry, farm: dict[str, str], lot: dict[str, Any]
) -> None:
    photo, entry, operator = await published_with_photo(registry, farm, lot, 33)
    await without_photo(registry, lot, entry, operator)
    rows = registry.db.collection("media")
    await rows.update_one({"_id": photo}, {"$set": {"public": True}})
    another = builders.lot(farm["product"], code=new_id()[-12:])
    fresh = await registry.entered("lots", another, operator)
    shown, _, _ = await published_with_photo(registry, farm, fresh, 34)
    await registry.db.collection("locks").delete_one(taking_down.KEY)
    assert await taking_down.take_down_all(registry.db) >= 1
    assert not await is_public(registry, photo)
    assert await is_public(registry, shown)
    assert await taking_down.take_down_all(registry.db) == 0
