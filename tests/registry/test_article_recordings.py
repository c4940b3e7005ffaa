"""An article's own film: uploaded for it alone, public with it, and gone with it (R28, R73)."""

import asyncio
from typing import Any

import pytest

from services.registry.domain.article import owner_of
from tests.answers import ok, refused, token_in
from tests.registry import builders, clips, films
from tests.registry.conftest import Registry
from tests.registry.test_news import article, publisher, status_of, step, writer
from tests.registry.test_recordings import WORDS, upload

C = "/console/registry"


@pytest.fixture
async def draft(registry: Registry) -> dict[str, Any]:
    return ok(await registry.post("/articles", article(), writer(registry)), 201)


async def film_of(registry: Registry, one: dict[str, Any], **more: Any) -> dict[str, Any]:
    answer = await upload(registry, writer(registry), clips.mp4(), article_id=one["id"], **more)
    return ok(answer, 201)


async def test_an_articles_own_film_is_public_once_somebody_else_approved_it_and_gone_with_it(
    registry: Registry, draft: dict[str, Any]
) -> None:
    film = await film_of(registry, draft, poster=builders.picture())
    listed = ok(await registry.get(f"/articles/{draft['id']}/recordings", writer(registry)))
    assert [one["id"] for one in listed["items"]] == [film["id"]]
    body = {**article(recordings=[film["id"]]), "version": draft["version"]}
    ok(await registry.put(f"/articles/{draft['id']}", body, writer(registry)))
    await step(registry, draft, "submit", writer(registry))
    for address in (film["url"], film["poster"]):
        assert await status_of(registry, address) == 404, "nobody has approved it"
    assert (await registry.browser(publisher(registry)).get(film["url"])).status_code == 200
    await step(registry, draft, "publish", publisher(registry))
    for address in (film["url"], film["poster"]):
        assert await status_of(registry, address) == 200
    page = (await registry.client.get(f"/news/{draft['id']}")).text
    assert f'<source src="{film["url"]}" type="video/mp4">' in page
    gone = f"/recordings/{film['id']}/remove"
    refused(await registry.post(gone, {}, writer(registry)), 409, "recording_in_news")
    path = f"/articles/{draft['id']}/take-down"
    ok(await registry.post(path, {"reason": "Tin cũ"}, publisher(registry)))
    for address in (film["url"], film["poster"]):
        assert await status_of(registry, address) == 404


async def test_no_other_article_and_no_other_unit_gets_at_it(
    registry: Registry, draft: dict[str, Any]
) -> None:
    film = await film_of(registry, draft)
    answer = await registry.post("/articles", article(recordings=[film["id"]]), writer(registry))
    refused(answer, 422, "article_recording_unknown")
    outside = registry.clerk(builders.OTHER_COMMUNE, name="Người viết nơi khác")
    facility = await registry.a_facility()
    for token in (outside, registry.operator(facility["id"])):
        sent = await upload(registry, token, clips.mp4(), article_id=draft["id"])
        assert sent.status_code in (403, 404), sent.text
        for path in (f"/articles/{draft['id']}/recordings",):
            assert (await registry.get(path, token)).status_code in (403, 404)
        gone = await registry.post(f"/recordings/{film['id']}/remove", {}, token)
        assert gone.status_code in (403, 404)
        assert (await registry.browser(token).get(film["url"])).status_code in (403, 404)
        page = await registry.browser(token).get(f"{C}/recordings?article_id={draft['id']}")
        assert page.status_code in (403, 404)
    product = await registry.a_product(facility["id"])
    assert film["id"] not in str(product)
    whole = registry.token("province", "report", "system", communes=["*"], name="Tỉnh")
    assert film["id"] not in (await registry.browser(whole).get(f"{C}/news/new")).text
    done = await registry.post(f"/recordings/{film['id']}/remove", {}, writer(registry))
    assert done.status_code == 204
    left = ok(await registry.get(f"/articles/{draft['id']}/recordings", writer(registry)))
    assert left["items"] == []


async def test_it_is_uploaded_and_chosen_on_pages(
    registry: Registry, draft: dict[str, Any]
) -> None:
    browser = registry.browser(writer(registry))
    here = f"{C}/recordings?article_id={draft['id']}"
    assert f'href="{here}"' in (await browser.get(f"{C}/news/{draft['id']}")).text
    page = (await browser.get(here)).text
    assert "rồi chọn khi sửa bài" in page
    about = {
        "csrf": token_in(page), "article_id": draft["id"], "facility_id": "", "key": "",
        "title": "Mùa nhãn", "description": WORDS,
    }  # fmt: skip
    files = {"file": ("quay.mp4", clips.mp4(), "video/mp4")}
    wrong = await browser.post(f"{C}/recordings", data={**about, "title": "x"}, files=files)
    assert wrong.status_code == 422
    assert WORDS in wrong.text, "what was typed is not lost"
    sent = await browser.post(f"{C}/recordings", data=about, files=files)
    assert sent.status_code == 303, sent.text
    shown = (await browser.get(sent.headers["location"])).text
    assert here.replace("&", "&amp;") in shown
    film = sent.headers["location"].split("/")[-1].split("?")[0]
    form = (await browser.get(f"{C}/news/{draft['id']}/edit")).text
    assert f'name="recordings" value="{film}"' in form
    assert "của bài này" in form
    for _ in range(5):
        await film_of(registry, draft)
    full = await upload(registry, writer(registry), clips.mp4(), article_id=draft["id"])
    refused(full, 429, "too_many_article_recordings")


async def test_what_is_still_to_be_converted_counts_among_an_articles_own(
    registry: Registry, draft: dict[str, Any]
) -> None:
    for _ in range(6):
        await film_of(registry, draft)
    film = films.hevc()
    late = await upload(registry, writer(registry), film, article_id=draft["id"])
    refused(late, 429, "too_many_article_recordings")
    listed = ok(await registry.get(f"/articles/{draft['id']}/recordings", writer(registry)))
    assert (len(listed["items"]), listed["coming"]) == (6, [])


async def test_a_film_that_comes_while_its_draft_is_thrown_away_is_left_to_nobody(
    registry: Registry,
) -> None:
    for _ in range(6):
        one = ok(await registry.post("/articles", article(), writer(registry)), 201)
        sent, gone = await asyncio.gather(
            upload(registry, writer(registry), clips.mp4(), article_id=one["id"]),
            registry.post(f"/articles/{one['id']}/remove", {"version": 1}, writer(registry)),
        )
        assert sent.status_code in (201, 404)
        assert gone.status_code == 204
        left = await registry.db.collection("recordings").find_one(
            {"facility_id": owner_of(one["id"])}
        )
        assert left is None, "nobody could look at it nor remove it any more"


async def test_a_draft_is_thrown_away_with_its_own_film_and_never_what_is_read(
    registry: Registry, draft: dict[str, Any]
) -> None:
    film = await film_of(registry, draft, poster=builders.picture())
    facility = await registry.a_facility()
    other = ok(await upload(registry, registry.operator(facility["id"]), clips.mp4(seconds=9)), 201)
    body = article(recordings=[film["id"], other["id"]])
    path = f"/articles/{draft['id']}"
    ok(await registry.put(path, {**body, "version": draft["version"]}, writer(registry)))
    await step(registry, draft, "submit", writer(registry))
    await step(registry, draft, "publish", publisher(registry))
    shown = ok(await registry.get(path, writer(registry)))
    gone = {"version": shown["version"]}
    refused(await registry.post(f"{path}/remove", gone, writer(registry)), 409,
            "article_not_discarded")  # fmt: skip
    down = ok(await registry.post(f"{path}/take-down", {"reason": "Tin cũ"}, publisher(registry)))
    outside = registry.clerk(builders.OTHER_COMMUNE, name="Người viết nơi khác")
    gone = {"version": down["version"]}
    refused(await registry.post(f"{path}/remove", gone, outside), 404, "not_found")
    old = {"version": draft["version"]}
    refused(await registry.post(f"{path}/remove", old, writer(registry)), 409, "edit_conflict")
    files = registry.db.collection("pictures.files")
    before = await files.count_documents({})
    browser = registry.browser(writer(registry))
    page = (await browser.get(f"{C}/news/{draft['id']}")).text
    form = {"csrf": token_in(page), "version": str(down["version"])}
    done = await browser.post(f"{C}/news/{draft['id']}/remove", data=form)
    assert done.status_code == 303, done.text
    assert (await registry.get(path, writer(registry))).status_code == 404
    assert await registry.db.collection("recordings").find_one({"_id": film["id"]}) is None
    assert await files.count_documents({}) < before, "the bytes too"
    kept = await registry.browser(registry.operator(facility["id"])).get(other["url"])
    assert kept.status_code == 200, "a facility's film is the facility's"
