"""News: one person writes, another publishes; plain text stays text; everybody reads it."""

from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registry.domain.article import Block, blocks
from shared.ids import new_id
from tests.answers import ok, refused, token_in
from tests.registry import builders, clips
from tests.registry.conftest import API, Registry
from tests.registry.test_recordings import upload
from tests.tokens import bearer

ATOM = "{http://www.w3.org/2005/Atom}"


def article(**changes: Any) -> dict[str, Any]:
    return {
        "section": "market",
        "title": "Vào vụ nhãn Quảng Yên",
        "summary": "Nhãn chín sớm hơn năm trước nửa tháng.",
        "body": "Năm nay nhãn được mùa.\n\n## Nơi bán\n\n- Chợ Rừng\n- Cửa hàng OCOP",
        "title_en": "Longan season in Quảng Yên",
        "summary_en": "Longans ripen two weeks early.",
        **changes,
    }


def writer(registry: Registry, **claims: Any) -> str:
    return registry.clerk(name="Người viết", **claims)


def publisher(registry: Registry, **claims: Any) -> str:
    known = {"communes": [builders.COMMUNE], "name": "Người duyệt bài", **claims}
    return registry.token("commune", "approve", **known)


async def published(registry: Registry, **changes: Any) -> dict[str, Any]:
    made = ok(await registry.post("/articles", article(**changes), writer(registry)), 201)
    await step(registry, made, "submit", writer(registry))
    return await step(registry, made, "publish", publisher(registry))


async def step(
    registry: Registry, one: dict[str, Any], act: str, token: str, **more: Any
) -> dict[str, Any]:
    now = ok(await registry.get(f"/articles/{one['id']}", token))
    body = {"version": now["version"], **more}
    return ok(await registry.post(f"/articles/{one['id']}/{act}", body, token))


def test_a_body_is_paragraphs_headings_and_lists_and_nothing_else() -> None:
    found = blocks("Một\nhai\n\n## Ba\n- bốn\n- năm\n\n<script>x</script>\n##không\n-không")
    assert found == (
        Block("paragraph", ("Một", "hai")),
        Block("heading", ("Ba",)),
        Block("list", ("bốn", "năm")),
        Block("paragraph", ("<script>x</script>", "##không", "-không")),
    )


@given(st.text(alphabet="ab #-\n", max_size=200))
def test_no_word_of_a_body_is_lost(body: str) -> None:
    said = [letter for letter in body if letter in "ab"]
    shown = [x for one in blocks(body) for line in one.lines for x in line if x in "ab"]
    assert shown == said


async def test_an_article_is_read_by_everybody_once_another_person_published_it(
    registry: Registry,
) -> None:
    made = ok(await registry.post("/articles", article(), writer(registry)), 201)
    everybody = registry.browser()
    address = f"/news/{made['id']}"
    assert (await everybody.get(address)).status_code == 404
    await step(registry, made, "submit", writer(registry))
    assert (await everybody.get(address)).status_code == 404
    await step(registry, made, "publish", publisher(registry))
    page = (await everybody.get(address)).text
    for text in ("Vào vụ nhãn Quảng Yên", "<h2>Nơi bán</h2>", "<li>Chợ Rừng</li>"):
        assert text in page
    english = (await everybody.get(f"{address}?lang=en")).text
    assert "Longan season in Quảng Yên" in english
    assert "Vào vụ nhãn Quảng Yên" in (await registry.browser().get("/")).text


async def test_who_wrote_it_cannot_publish_it(registry: Registry) -> None:
    both = registry.token("department", "approve", name="Viết và duyệt")
    made = ok(await registry.post("/articles", article(), both), 201)
    await step(registry, made, "submit", both)
    refused(
        await registry.post(f"/articles/{made['id']}/publish", {"version": 2}, both),
        403,
        "own_article",
    )


async def test_what_is_published_stays_while_a_newer_draft_waits(registry: Registry) -> None:
    one = await published(registry, title="Bài đang đăng")
    body = article(title="Bài sửa lại", version=one["version"])
    ok(await registry.put(f"/articles/{one['id']}", body, writer(registry)))
    page = (await registry.browser().get(f"/news/{one['id']}")).text
    assert "Bài đang đăng" in page
    assert "Bài sửa lại" not in page
    await step(registry, one, "submit", writer(registry))
    sent_back = await step(
        registry, one, "reject", publisher(registry), reason="Sai tên chợ, sửa lại"
    )
    assert (sent_back["state"], sent_back["reason"]) == ("draft", "Sai tên chợ, sửa lại")


async def test_an_article_taken_down_is_gone_for_everybody(registry: Registry) -> None:
    one = await published(registry)
    path = f"/articles/{one['id']}/take-down"
    ok(await registry.post(path, {"reason": "Thông tin đã cũ"}, publisher(registry)))
    assert (await registry.browser().get(f"/news/{one['id']}")).status_code == 404
    again = await registry.post(path, {"reason": "Thông tin đã cũ"}, publisher(registry))
    refused(again, 409, "article_not_published")


async def test_markup_in_an_article_is_shown_and_not_run(registry: Registry) -> None:
    nasty = "<script>alert(1)</script> [x](javascript:alert(1)) <img src=x onerror=alert(1)>"
    one = await published(registry, title="Bài <b>đậm</b>", body=nasty + " và đủ dài")
    page = (await registry.browser().get(f"/news/{one['id']}")).text
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert 'href="javascript' not in page
    assert "&lt;script&gt;" in page


async def test_news_is_found_with_and_without_diacritics_and_by_section(
    registry: Registry,
) -> None:
    mark = new_id()[-8:]
    await published(registry, title=f"Hội chợ chả mực {mark}", section="event")
    everybody = registry.browser()
    for asked in (f"cha muc {mark}", f"chả mực {mark}", f"HỘI CHỢ {mark}"):
        assert mark in (await everybody.get("/news", params={"q": asked})).text
    found = (await everybody.get("/news", params={"q": mark, "section": "guide"})).text
    assert "Không tìm thấy bài nào" in found
    assert "Không tìm thấy bài nào" in (await everybody.get("/news?q=.*(")).text


async def test_the_feed_is_an_atom_feed_of_what_is_published(registry: Registry) -> None:
    one = await published(registry, title="Bài <trong> feed & hơn")
    draft = ok(
        await registry.post("/articles", article(title="Bản nháp kín"), writer(registry)), 201
    )
    answer = await registry.browser().get("/news/feed.atom")
    assert answer.headers["content-type"].startswith("application/atom+xml")
    feed = ElementTree.fromstring(answer.content)
    ids = [entry.findtext(f"{ATOM}id") for entry in feed.findall(f"{ATOM}entry")]
    assert f"urn:uuid:{one['id']}" in ids
    assert f"urn:uuid:{draft['id']}" not in ids
    assert feed.findtext(f"{ATOM}entry/{ATOM}title") == "Bài <trong> feed & hơn"
    assert feed.findtext(f"{ATOM}updated")


async def test_no_other_unit_and_no_facility_reads_or_changes_a_draft(registry: Registry) -> None:
    made = ok(await registry.post("/articles", article(), writer(registry)), 201)
    path = f"/articles/{made['id']}"
    for stranger in (writer(registry, communes=[builders.OTHER_COMMUNE]),):
        refused(await registry.get(path, stranger), 404, "not_found")
        refused(await registry.put(path, article(version=1), stranger), 404, "not_found")
        refused(await registry.post(f"{path}/submit", {"version": 1}, stranger), 404, "not_found")
        page = await registry.browser(stranger).get(f"/console/registry/news/{made['id']}")
        assert page.status_code == 404
    elsewhere = publisher(registry, communes=[builders.OTHER_COMMUNE])
    refused(await registry.post(f"{path}/publish", {"version": 1}, elsewhere), 404, "not_found")
    because = {"reason": "Thử xem có được không"}
    refused(await registry.post(f"{path}/take-down", because, elsewhere), 404, "not_found")
    for nobody in (
        registry.operator("f1"),
        registry.checker(),
        registry.token("ministry", "report"),
    ):
        refused(await registry.post("/articles", article(), nobody), 403, "forbidden")
        refused(await registry.get("/articles", nobody), 403, "forbidden")
        assert (await registry.get(path, nobody)).status_code in (403, 404)
    mine = writer(registry)
    refused(await registry.post(f"{path}/publish", {"version": 1}, mine), 403, "forbidden")


async def test_a_picture_of_an_article_is_public_only_with_it(registry: Registry) -> None:
    made = ok(await registry.post("/articles", article(), writer(registry)), 201)
    path = f"{API}/articles/{made['id']}/pictures"
    files = {"file": ("na.png", builders.picture(), "image/png")}
    answer = await registry.client.post(path, files=files, headers=bearer(writer(registry)))
    picture = ok(answer, 201)
    figure = {"picture": picture["id"], "alt": "Vườn nhãn Quảng Yên"}
    body = article(version=1, figures=[figure])
    ok(await registry.put(f"/articles/{made['id']}", body, writer(registry)))
    everybody = registry.browser()
    assert (await everybody.get(picture["url"])).status_code == 404
    assert (await registry.browser(registry.operator("f1")).get(picture["url"])).status_code == 404
    assert (await registry.browser(writer(registry)).get(picture["url"])).status_code == 200
    await step(registry, made, "submit", writer(registry))
    await step(registry, made, "publish", publisher(registry))
    assert (await everybody.get(picture["url"])).status_code == 200
    assert 'alt="Vườn nhãn Quảng Yên"' in (await everybody.get(f"/news/{made['id']}")).text
    ok(
        await registry.post(
            f"/articles/{made['id']}/take-down", {"reason": "Ảnh sai"}, publisher(registry)
        )
    )
    assert (await everybody.get(picture["url"])).status_code == 404


async def test_an_article_shows_no_picture_of_something_else(registry: Registry) -> None:
    facility = await registry.a_facility()
    operator = registry.operator(facility["id"])
    foreign = ok(await registry.upload(builders.picture(), facility["id"], operator), 201)
    body = article(figures=[{"picture": foreign["id"], "alt": "Ảnh của người khác"}])
    answer = await registry.post("/articles", body, writer(registry))
    refused(answer, 422, "article_picture_unknown")


async def test_an_article_is_written_and_published_on_pages(registry: Registry) -> None:
    browser = registry.browser(writer(registry))
    page = await browser.get("/console/registry/news/new")
    form = {**article(title="Viết bằng trang"), "csrf": token_in(page.text), "key": new_id()}
    wrong = await browser.post("/console/registry/news/new", data={**form, "title": "x"})
    assert wrong.status_code == 422
    assert "Nhãn chín sớm" in wrong.text
    photo = {"photo": ("na.png", builders.picture(), "image/png")}
    no_words = await browser.post("/console/registry/news/new", data=form, files=photo)
    assert no_words.status_code == 422
    assert "Hãy viết ảnh cho thấy gì" in no_words.text
    right = {**form, "photo_alt": "Bà con hái nhãn"}
    answer = await browser.post("/console/registry/news/new", data=right, files=photo)
    assert answer.status_code == 303, answer.text
    here = answer.headers["location"]
    shown = (await browser.get(here)).text
    assert 'alt="Bà con hái nhãn"' in shown
    sent = await browser.post(f"{here}/submit", data={"csrf": token_in(shown), "version": "1"})
    assert sent.status_code == 303
    other = registry.browser(publisher(registry))
    assert "bài chờ duyệt đăng" in (await other.get("/console/registry")).text
    shown = (await other.get(here)).text
    answer = await other.post(f"{here}/publish", data={"csrf": token_in(shown), "version": "2"})
    assert answer.status_code == 303
    public = here.replace("/console/registry", "")
    assert "Viết bằng trang" in (await registry.browser().get(public)).text


@pytest.mark.parametrize("address", ["/news", "/news?section=x", "/news?page=9999999"])
async def test_lists_of_news_answer_whatever_is_asked(registry: Registry, address: str) -> None:
    assert (await registry.browser().get(address)).status_code == 200


async def a_film(registry: Registry, facility_id: str) -> dict[str, Any]:
    answer = await upload(
        registry, registry.operator(facility_id), clips.mp4(), poster=builders.picture()
    )
    return ok(answer, 201)


async def status_of(registry: Registry, address: str) -> int:
    return int((await registry.client.get(address)).status_code)


async def test_an_article_carries_a_film_which_is_public_with_it_and_no_longer(
    registry: Registry,
) -> None:
    facility = await registry.a_facility()
    film = await a_film(registry, facility["id"])
    made = ok(
        await registry.post("/articles", article(recordings=[film["id"]]), writer(registry)), 201
    )
    await step(registry, made, "submit", writer(registry))
    assert await status_of(registry, film["url"]) == 404
    await step(registry, made, "publish", publisher(registry))
    page = (await registry.client.get(f"/news/{made['id']}")).text
    assert f'<source src="{film["url"]}" type="video/mp4">' in page
    for address in (film["url"], film["poster"]):
        assert await status_of(registry, address) == 200
    refused(
        await registry.post(
            f"/recordings/{film['id']}/remove", {}, registry.operator(facility["id"])
        ),
        409,
        "recording_in_news",
    )
    # A product of the facility that shows nothing takes nothing of the article's away.
    await registry.a_product(facility["id"])
    assert await status_of(registry, film["url"]) == 200
    path = f"/articles/{made['id']}/take-down"
    ok(await registry.post(path, {"reason": "Tin cũ"}, publisher(registry)))
    for address in (film["url"], film["poster"]):
        assert await status_of(registry, address) == 404


async def test_a_film_that_a_product_shows_too_stays_when_the_article_drops_it(
    registry: Registry,
) -> None:
    facility = await registry.a_facility()
    film = await a_film(registry, facility["id"])
    await registry.a_product(facility["id"], recordings=[film["id"]])
    one = await published(registry, recordings=[film["id"]])
    body = {**article(), "version": (await read(registry, one["id"]))["version"]}
    ok(await registry.put(f"/articles/{one['id']}", body, writer(registry)))
    await step(registry, one, "submit", writer(registry))
    await step(registry, one, "publish", publisher(registry))
    assert film["url"] not in (await registry.client.get(f"/news/{one['id']}")).text
    assert await status_of(registry, film["url"]) == 200


async def read(registry: Registry, article_id: str) -> dict[str, Any]:
    return ok(await registry.get(f"/articles/{article_id}", writer(registry)))


async def test_an_article_carries_no_film_from_outside_its_area_and_not_too_many(
    registry: Registry,
) -> None:
    unknown = article(recordings=[new_id()])
    answer = await registry.post("/articles", unknown, writer(registry))
    refused(answer, 422, "article_recording_unknown")
    facility = await registry.a_facility()
    film = await a_film(registry, facility["id"])
    outside = registry.clerk(builders.OTHER_COMMUNE, name="Người viết nơi khác")
    answer = await registry.post("/articles", article(recordings=[film["id"]]), outside)
    problem = refused(answer, 422, "article_recording_unknown")
    assert problem["errors"][0]["field"] == "recordings"
    many = await registry.post("/articles", article(recordings=[film["id"]] * 4), writer(registry))
    assert many.status_code == 422


async def test_the_form_offers_films_of_the_area_and_keeps_the_choice(registry: Registry) -> None:
    facility = await registry.a_facility()
    film = await a_film(registry, facility["id"])
    browser = registry.browser(writer(registry))
    page = (await browser.get("/console/registry/news/new")).text
    assert f'name="recordings" value="{film["id"]}"' in page
    stranger = registry.browser(registry.clerk(builders.OTHER_COMMUNE))
    assert film["id"] not in (await stranger.get("/console/registry/news/new")).text
    form = {"csrf": token_in(page), "key": new_id(), **article(), "recordings": [film["id"]]}
    short = await browser.post("/console/registry/news/new", data={**form, "body": "ngắn"})
    assert short.status_code == 422
    assert f'value="{film["id"]}" checked' in short.text
    done = await browser.post("/console/registry/news/new", data=form)
    assert done.status_code == 303, done.text
    shown = (await browser.get(done.headers["location"])).text
    assert film["url"] in shown
    for one in (browser, stranger):
        await one.aclose()
