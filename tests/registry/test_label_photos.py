"""Photos of a supply's label: kept with the entry that used it, for its facility and officials."""

from typing import Any

import pytest

from shared.contracts.registry import LotPublished
from shared.ids import new_id
from tests.answers import ok, refused, token_in
from tests.registry import builders
from tests.registry.conftest import Registry
from tests.registry.test_diary_photos import jpeg
from tests.registry.test_lots import farm as farm  # noqa: PLC0414 - the fixture of that module


@pytest.fixture
async def lot(registry: Registry, farm: dict[str, str]) -> dict[str, Any]:
    body = builders.lot(farm["product"], code=new_id()[-12:], entries=builders.diary())
    return await registry.entered("lots", body, registry.operator(farm["id"]))


def sprayed(page: str, **more: str) -> dict[str, str]:
    return {
        "csrf": token_in(page),
        "id": new_id(),
        "step": "input",
        "at": "2026-07-02T08:00",
        "place": "Đồi Nắng",
        "kind": "pesticide",
        "name": "Abamectin 1.8EC",
        "withdrawal_days": "14",
        "label_confirmed": "on",
        **more,
    }


async def entry_of(registry: Registry, lot_id: str, entry_id: str) -> dict[str, Any]:
    record = await registry.record("lots", lot_id)
    shown = record["draft"] or record["published"]
    [entry] = [one for one in shown["entries"] if one["id"] == entry_id]
    return dict(entry)


async def test_a_label_sent_twice_is_kept_once_and_never_shown_to_consumers(
    registry: Registry, farm: dict[str, str], lot: dict[str, Any]
) -> None:
    operator = registry.operator(farm["id"])
    browser = registry.browser(operator)
    here = f"/console/registry/lots/{lot['id']}"
    page = (await browser.get(f"{here}/entries/new?step=input")).text
    assert 'name="taken_labels"' in page
    form = sprayed(page)
    files = [("taken_labels", jpeg(1)), ("chosen_labels", jpeg(2)), ("taken_photos", jpeg(1))]
    for _ in range(2):
        sent = await browser.post(f"{here}/entries/new", data=form, files=files)
        assert sent.status_code == 303, sent.text
    entry = await entry_of(registry, lot["id"], form["id"])
    assert len(entry["labels"]) == 2
    assert len(entry["photos"]) == 1
    assert not {*entry["labels"]} & {*entry["photos"]}, "one picture, two purposes"
    await registry.carried_through("lots", lot["id"], operator)
    label, photo = (f"/media/{entry[k][0]}-large.jpg" for k in ("labels", "photos"))
    stranger = registry.browser()
    assert (await stranger.get(photo)).status_code == 200
    assert (await stranger.get(label)).status_code == 404
    for who in (operator, registry.checker()):
        seen = registry.browser(who)
        assert (await seen.get(label)).status_code == 200
        assert label in (await seen.get(here)).text
    elsewhere = registry.browser(registry.operator((await registry.a_facility())["id"]))
    assert (await elsewhere.get(label)).status_code == 404
    told = (await registry.events(lot["id"], LotPublished))[-1]
    assert entry["labels"][0] not in told.model_dump_json()


async def test_a_fourth_label_or_one_on_another_step_is_refused_and_nothing_typed_is_lost(
    registry: Registry, farm: dict[str, str], lot: dict[str, Any]
) -> None:
    browser = registry.browser(registry.operator(farm["id"]))
    here = f"/console/registry/lots/{lot['id']}/entries/new"
    form = sprayed((await browser.get(f"{here}?step=input")).text, note="Trời nắng")
    four = [("chosen_labels", jpeg(n)) for n in range(3)] + [("taken_labels", jpeg(9))]
    back = await browser.post(here, data=form, files=four)
    assert back.status_code == 422
    assert "tối đa 3 ảnh nhãn" in back.text
    assert "Trời nắng" in back.text
    operator = registry.operator(farm["id"])
    theirs = ok(await registry.upload(builders.picture(), farm["id"], operator), 201)
    wrong = builders.entry("harvesting", "2026-08-20", labels=[theirs["id"]])
    answer = await registry.post(f"/lots/{lot['id']}/entries", wrong, operator)
    refused(answer, 422, "field_not_of_step")


async def test_a_label_of_another_facility_cannot_be_named_and_one_is_taken_out_by_not_keeping_it(
    registry: Registry, farm: dict[str, str], lot: dict[str, Any]
) -> None:
    operator = registry.operator(farm["id"])
    other = await registry.a_facility()
    theirs = ok(
        await registry.upload(builders.picture(), other["id"], registry.operator(other["id"])), 201
    )
    named = builders.pesticide("2026-07-02") | {"labels": [theirs["id"]]}
    answer = await registry.post(f"/lots/{lot['id']}/entries", named, operator)
    assert refused(answer, 422, "image_unknown")["errors"][0]["field"] == "labels"
    browser = registry.browser(operator)
    here = f"/console/registry/lots/{lot['id']}/entries"
    form = sprayed((await browser.get(f"{here}/new?step=input")).text)
    sent = await browser.post(f"{here}/new", data=form, files=[("taken_labels", jpeg(3))])
    assert sent.status_code == 303, sent.text
    entry = await entry_of(registry, lot["id"], form["id"])
    page = (await browser.get(f"{here}/{form['id']}/edit")).text
    assert f'name="labels" value="{entry["labels"][0]}" checked' in page
    version = (await registry.record("lots", lot["id"]))["version"]
    gone = {**form, "csrf": token_in(page), "version": str(version)}
    assert (await browser.post(f"{here}/new", data=gone)).status_code == 303
    assert (await entry_of(registry, lot["id"], form["id"]))["labels"] == []


async def test_the_diary_of_an_area_keeps_labels_and_its_lots_take_them_over(
    registry: Registry, farm: dict[str, str]
) -> None:
    season = {"name": "Vụ 2026", "starts_on": "2026-01-01", "ends_on": "2026-12-31"}
    area = await registry.published(
        "growing-areas", builders.growing_area(facility_id=farm["id"], seasons=[season])
    )
    operator = registry.operator(farm["id"])
    browser = registry.browser(operator)
    here = f"/console/registry/growing-areas/{area['id']}/diary"
    form = sprayed((await browser.get(f"{here}/new?step=input")).text)
    sent = await browser.post(f"{here}/new", data=form, files=[("taken_labels", jpeg(5))])
    assert sent.status_code == 303, sent.text
    assert "-small.webp" in (await browser.get(here)).text
    lot = await registry.a_lot(farm["id"], farm["product"], growing_area_id=area["id"])
    [taken] = (await registry.record("lots", lot["id"]))["published"]["area_entries"]
    assert len(taken["labels"]) == 1
