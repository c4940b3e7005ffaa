"""Feeds of recalls: valid by their formats, stable ids, updates, and never what is not public."""

import json
from datetime import timedelta
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any
from xml.etree import ElementTree

import jsonschema_rs
import pytest

from services.recall.store.cases import CASES
from shared.ids import now
from tests.answers import ok
from tests.polling import eventually
from tests.recall.builders import lot
from tests.recall.conftest import Recall

ATOM = "{http://www.w3.org/2005/Atom}"
FEEDS = ("/recalls.atom", "/recalls.rss", "/recalls.feed.json", "/recalls.json")
# What the specification of JSON Feed 1.1 says of the fields, in our own words.
TEXT = {"type": "string", "minLength": 1}
URL = {"type": "string", "pattern": "^https?://"}
AUTHORS = {"type": "array", "minItems": 1, "items": {"type": "object", "required": ["name"]}}
JSON_FEED = {
    "type": "object",
    "required": ["version", "title", "items"],
    "additionalProperties": False,
    "properties": {
        "version": {"const": "https://jsonfeed.org/version/1.1"},
        "title": TEXT,
        "home_page_url": URL,
        "feed_url": URL,
        "language": TEXT,
        "authors": AUTHORS,
        "items": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "content_text"],
                "additionalProperties": False,
                "patternProperties": {"^_": {"type": "object"}},
                "properties": {
                    "id": TEXT,
                    "url": URL,
                    "title": TEXT,
                    "content_text": TEXT,
                    "date_published": {"type": "string", "format": "date-time"},
                    "date_modified": {"type": "string", "format": "date-time"},
                    "authors": AUTHORS,
                    "tags": {"type": "array", "items": TEXT},
                },
            },
        },
    },
}


async def read(recall: Recall, path: str, **headers: str) -> Any:
    answer = await recall.client.get(path, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer


async def ids(recall: Recall, query: str = "") -> dict[str, set[str]]:
    """The cases that each feed tells, by feed."""
    atom = ElementTree.fromstring((await read(recall, f"/recalls.atom{query}")).content)
    rss = ElementTree.fromstring((await read(recall, f"/recalls.rss{query}")).content)
    feed = (await read(recall, f"/recalls.feed.json{query}")).json()
    plain = (await read(recall, f"/recalls.json{query}")).json()
    urn = "urn:uuid:"
    return {
        "atom": {e.findtext(f"{ATOM}id", "").removeprefix(urn) for e in atom.iter(f"{ATOM}entry")},
        "rss": {i.findtext("guid", "").removeprefix(urn) for i in rss.iter("item")},
        "json feed": {item["id"].removeprefix(urn) for item in feed["items"]},
        "json": {item["id"] for item in plain["items"]},
    }


async def lift(recall: Recall, case_id: str) -> None:
    ok(await recall.post(f"/recalls/{case_id}/lift", {"reason": "An toàn"}))
    ok(await recall.post(f"/recalls/{case_id}/lift/confirm", token=recall.token(account="two")))


async def test_every_feed_is_what_its_format_says(province: Recall) -> None:
    await province.know(lot("fd1"))
    case = await province.order("fd1", reason="Vi khuẩn <b> & ]]>", reason_en="Bacteria")
    feed = (await read(province, "/recalls.feed.json")).json()
    jsonschema_rs.validate(JSON_FEED, feed)
    rss = await read(province, "/recalls.rss")
    assert rss.headers["content-type"].startswith("application/rss+xml")
    root = ElementTree.fromstring(rss.content)
    assert (root.tag, root.get("version")) == ("rss", "2.0")
    [channel] = root
    assert [channel.findtext(name) for name in ("title", "link", "description")].count(None) == 0
    for item in channel.iter("item"):
        assert parsedate_to_datetime(item.findtext("pubDate", "")).tzinfo
        guid = item.find("guid")
        assert guid is not None
        assert guid.get("isPermaLink") == "false"
    own = next(item for item in channel.iter("item") if case["id"] in item.findtext("guid", ""))
    assert "Vi khuẩn <b> & ]]>" in own.findtext("description", "")
    # In a browser of its own: the language that an address asks for is remembered in a cookie.
    english = await province.browser().get("/recalls.atom?lang=en")
    atom = ElementTree.fromstring(english.content)
    assert atom.get("{http://www.w3.org/XML/1998/namespace}lang") == "en"
    for name in ("id", "title", "updated", "author"):
        assert atom.find(f"{ATOM}{name}") is not None
    words = [entry.findtext(f"{ATOM}summary", "") for entry in atom.iter(f"{ATOM}entry")]
    assert any("Bacteria" in one for one in words)
    page = (await province.client.get("/recalls")).text
    for kind in ("application/atom+xml", "application/rss+xml", "application/feed+json"):
        assert f'rel="alternate" type="{kind}"' in page


@pytest.mark.parametrize("path", FEEDS)
async def test_who_has_the_newest_is_told_so_until_something_changes(
    province: Recall, path: str
) -> None:
    name = f"fd-{path[9:]}".replace(".", "-")
    await province.know(lot(name))
    case = await province.order(name)
    first = await read(province, path)
    tag = first.headers["etag"]
    for sent in (tag, f"W/{tag}", f'"other", {tag}'):
        again = await province.client.get(path, headers={"If-None-Match": sent})
        assert again.status_code == 304
        assert not again.content
    # So soon after a change no time says whether anything changed since.
    await lift(province, case["id"])
    changed = await province.client.get(path, headers={"If-None-Match": tag})
    assert changed.status_code == 200
    before = now().replace(year=2020)
    await province.db.collection(CASES).update_many({}, {"$set": {"changed_at": before}})
    # By the time of the newest case nobody could see that one before it dropped out.
    tomorrow = format_datetime(now() + timedelta(days=1), usegmt=True)
    for told in (tomorrow, "yesterday"):
        dated = await province.client.get(path, headers={"If-Modified-Since": told})
        assert dated.status_code == 200


async def test_who_follows_a_product_is_told_that_a_case_of_its_lot_was_lifted(
    province: Recall,
) -> None:
    await province.know(
        lot("fd-raw", product_id="fd-p1"),
        lot("fd-made", product_id="fd-p2", inputs=("fd-raw",)),
    )
    case = await province.order("fd-raw")

    async def followed(product: str) -> bool:
        found = await ids(province, f"?product={product}")
        return all(case["id"] in one for one in found.values())

    await eventually(lambda: followed("fd-p2"))
    await lift(province, case["id"])
    assert await followed("fd-p2")
    assert await followed("fd-p1")
    items = (await read(province, "/recalls.json?product=fd-p2")).json()["items"]
    assert [one["state"] for one in items if one["id"] == case["id"]] == ["lifted"]


async def test_what_is_lifted_or_closed_is_an_update_of_the_same_entry(province: Recall) -> None:
    await province.know(lot("fd2"), lot("fd3"))
    lifted, closed = await province.order("fd2"), await province.order("fd3")
    await lift(province, lifted["id"])
    await province.db.collection(CASES).update_one(
        {"_id": closed["id"]}, {"$set": {"state": "closed", "changed_at": now()}}
    )
    feed = (await read(province, "/recalls.feed.json")).json()
    items = {item["id"]: item for item in feed["items"]}
    assert len(items) == len(feed["items"])
    one = items[f"urn:uuid:{lifted['id']}"]
    assert one["title"].startswith("Đã dỡ bỏ: ")
    assert one["_txng"]["active"] is False
    assert one["date_modified"] > one["date_published"]
    other = items[f"urn:uuid:{closed['id']}"]
    assert other["title"].startswith("Đã kết thúc: ")
    assert other["_txng"]["active"] is True
    # The latest change comes first, also of an older case.
    assert feed["items"][0]["id"] == f"urn:uuid:{closed['id']}"


async def test_feeds_are_narrowed_by_sector_commune_and_product(province: Recall) -> None:
    await province.know(lot("fd4"), lot("fd5", "f3", "p3"))
    farm, health = await province.order("fd4"), await province.order("fd5")
    for query, there, absent in (
        ("?sector=health", health, farm),
        ("?sector=agriculture&commune=07001", farm, health),
        ("?commune=07003", health, farm),
        ("?product=p3", health, farm),
        ("?product=p1", farm, health),
    ):
        for feed, found in (await ids(province, query)).items():
            assert there["id"] in found, (query, feed)
            assert absent["id"] not in found, (query, feed)
    for query in ("?sector=elsewhere", "?commune=x", "?product=%24ne", "?lang=fr"):
        assert (await province.client.get(f"/recalls.atom{query}")).status_code == 422
    assert await ids(province, "?product=nothing") == {
        "atom": set(),
        "rss": set(),
        "json feed": set(),
        "json": set(),
    }


async def test_no_feed_tells_what_is_not_public(province: Recall) -> None:
    await province.know(lot("fd6"), lot("fd7"))
    waits, declined = await province.order("fd6"), await province.order("fd7")
    for case, state in ((waits, "awaiting_confirmation"), (declined, "declined")):
        await province.db.collection(CASES).update_one(
            {"_id": case["id"]}, {"$set": {"state": state}}
        )
    for query in ("", "?commune=07001", "?product=p1"):
        for found in (await ids(province, query)).values():
            assert not {waits["id"], declined["id"]} & found
    assert json.dumps(waits["id"]) not in (await read(province, "/recalls.json")).text
