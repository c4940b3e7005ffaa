"""Photos in diaries: taken with the form, kept once, seen by consumers only when approved."""

from typing import Any

import pytest

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
