"""The story of a stamp against the running system: each test is one claim of it."""

import html
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from pymongo import MongoClient
from pymongo.collection import Collection

from deploy.demo import codes
from deploy.demo.acts import STAMPS_ASKED
from deploy.demo.chapters.stamping import TEN_ITEMS
from deploy.demo.client import REPORTING
from shared.stampcode import group
from tests.journeys.playing import ELSEWHERE, NAME, WAYS, Played
from tests.journeys.town import COMMUNE, REPLICAS, SEEDS_ROOT, Town
from tests.polling import eventually

A4_POINTS = (595, 842)


@contextmanager
def ledger_of(town: Town) -> Iterator[Collection[dict[str, Any]]]:
    """The ledger's collection, for a hand that should not be there."""
    settings = town.running.settings
    with MongoClient[dict[str, Any]](settings.mongo_url) as client:
        yield client[settings.database("reporting")]["ledger"]


def text_of(page: str) -> str:
    return html.unescape(page)


async def test_a_product_goes_from_its_maker_over_a_checker_to_an_approver(story: Played) -> None:
    assert story.states == ["draft", "submitted", "checked", "published"]


@pytest.mark.parametrize("who", ["maker checks", "approver checks", "checker publishes"])
async def test_nobody_does_anothers_part_of_the_review(story: Played, who: str) -> None:
    assert story.refused[who].status in (403, 404)


async def test_nothing_is_published_unchecked(story: Played) -> None:
    assert story.refused["published unchecked"].code == "not_checked"


async def test_a_product_is_public_only_once_it_is_published(story: Played) -> None:
    assert story.public_page_before == 404
    assert NAME in text_of(story.public_page)


async def test_a_harvest_within_the_withdrawal_interval_is_refused(story: Played) -> None:
    refused = story.refused["early harvest"]
    assert (refused.status, refused.code) == (422, "withdrawal_interval_not_over")


async def test_ten_approvals_at_once_issue_one_batch(story: Played) -> None:
    assert story.counts["approvals"] == {"done": 1}
    assert story.refused["approved again"].code == "request_already_decided"
    assert story.counts["issued"] == {"issued": STAMPS_ASKED}


async def test_only_what_was_activated_is_active(story: Played) -> None:
    assert story.counts["activated"] == {"issued": STAMPS_ASKED - 650, "active": 650}


async def test_no_stamp_is_given_to_two_lots_or_from_beyond_its_batch(story: Played) -> None:
    assert story.refused["overlap"].code == "serials_already_activated"
    assert story.refused["beyond the batch"].code == "serials_outside_batch"


@pytest.mark.parametrize("size", ["6mm", "20mm"])
async def test_the_sheets_are_a4_and_bear_the_codes_in_text(story: Played, size: str) -> None:
    document = pypdfium2.PdfDocument(story.sheets[size])
    try:
        width, height = document[0].get_size()
        text = document[0].get_textpage().get_text_range()
    finally:
        document.close()
    assert (round(width), round(height)) == A4_POINTS
    printed = text.replace("\r", "").replace("\n", "").replace(" ", "").replace("-", "")
    assert story.codes["1st"] in printed


async def test_a_printed_symbol_leads_to_its_own_code(story: Played, town: Town) -> None:
    document = pypdfium2.PdfDocument(story.sheets["20mm"])
    try:
        picture = document[0].render(scale=200 / 72, grayscale=True).to_numpy()
    finally:
        document.close()
    read = {found.text for found in zxingcpp.read_barcodes(picture)}
    assert any(story.codes["1st"] in text for text in read), read
    assert all(text.upper().startswith("HTTPS://TXNG.TEST/") for text in read)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("stamp", "verdict"),
    [
        ("1st", "genuine"),
        ("500th", "genuine"),
        ("501st", "not_activated"),
        ("other", "genuine"),
        ("derived", "genuine"),
        ("forged", "unknown"),
    ],
)
async def test_before_the_recall(story: Played, way: str, stamp: str, verdict: str) -> None:
    assert story.before[way, stamp]["verdict"] == verdict


async def test_the_page_shows_the_ten_items_of_circular_02_2024(story: Played) -> None:
    shown = text_of(story.pages["genuine"])
    assert [item for item in TEN_ITEMS if item not in shown] == []
    facts = (NAME, "Đồi Nắng", "phường An Sinh", "Buprofezin", "ND-1", group(story.codes["1st"]))
    assert [fact for fact in facts if fact not in shown] == []


async def test_the_lot_shows_its_four_stages_with_place_and_time(story: Played) -> None:
    stages = story.before["nginx", "1st"]["lot"]["stages"]
    assert [one["step"] for one in stages] == ["planting", "input", "harvesting", "packing"]
    assert all(one["at"] and one["place"] and one["place_code"] for one in stages)
    assert stages[1]["details"]["withdrawal_days"] == "7"


async def test_page_and_json_say_the_same_in_one_address(story: Played) -> None:
    same = ("verdict", "headline", "product", "lot", "facility", "growing_area")
    told = story.before["nginx", "1st"]
    assert {name: story.json_by_accept[name] for name in same} == {n: told[n] for n in same}
    assert told["headline"] in text_of(story.pages["genuine"])


async def test_the_page_speaks_english_too(story: Played) -> None:
    assert 'lang="en"' in story.pages["english"]
    assert "Sunny Hill" in story.pages["english"]


async def test_a_link_with_another_products_number_is_suspect(story: Played) -> None:
    assert story.links == {"its own": "genuine", "another": "suspect_copy"}


async def test_the_blast_radius_holds_what_was_made_from_the_lot(story: Played) -> None:
    radius = story.radius
    assert {lot["id"] for lot in radius["lots"]} == {story.lots["first"], story.lots["derived"]}
    assert radius["stamps_activated"] == 550
    assert [one["id"] for one in radius["communes"]] == [COMMUNE]
    assert {COMMUNE, ELSEWHERE} <= {place["commune"] for place in radius["scan_places"]}
    assert not radius["needs_confirmation"]


async def test_every_replica_receipts_the_order_with_its_latency(story: Played) -> None:
    receipts = {one["replica"]: one["latency_ms"] for one in story.case["receipts"]}
    assert set(receipts) == set(REPLICAS)
    assert all(latency is not None and 0 <= latency < 5_000 for latency in receipts.values())
    ordered = next(one for one in story.case["propagation"] if one["act"] == "ordered")
    assert (ordered["replicas_arrived"], ordered["replicas_alive"]) == (2, 2)
    assert ordered["complete"]


async def test_the_page_is_red_everywhere_within_five_seconds(story: Played) -> None:
    assert set(story.red_after) == set(WAYS)
    assert all(seconds < 5 for seconds in story.red_after.values()), story.red_after


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("stamp", "verdict"),
    [
        ("1st", "recalled"),
        ("500th", "recalled"),
        ("derived", "recalled"),
        ("other", "genuine"),
        ("501st", "not_activated"),
        ("forged", "unknown"),
    ],
)
async def test_after_the_recall(story: Played, way: str, stamp: str, verdict: str) -> None:
    assert story.after[way, stamp]["verdict"] == verdict


async def test_the_red_page_says_why_and_what_to_do(story: Played) -> None:
    shown = text_of(story.pages["recalled"])
    for words in (story.case["title"], story.case["reason"], story.case["instruction"]):
        assert words in shown


async def test_the_recall_stands_on_the_public_list(story: Played, town: Town) -> None:
    listed = await town.api.call("GET", "/recalls.json")
    assert story.case["id"] in {one["id"] for one in listed["items"]}
    for path in ("/recalls", f"/recalls/{story.case['id']}"):
        page = await town.api.send("GET", path, headers={"Accept": "text/html"})
        assert story.case["title"] in text_of(page.text)


async def test_reporting_counts_what_happened(story: Played, town: Town) -> None:
    before = story.figures_before

    async def counted() -> None:
        after = await town.cast.reporter.get(f"{REPORTING}/statistics")
        gained = {
            name: after["totals"].get(name, 0) - before["totals"].get(name, 0)
            for name in ("stamps_issued", "stamps_activated", "batches_issued")
        }
        assert gained["stamps_issued"] >= STAMPS_ASKED
        assert gained["stamps_activated"] >= 650
        assert gained["batches_issued"] >= 1
        assert after["facilities"] == 1
        assert after["products"] > before["products"]
        verdicts = after["scans_by_verdict"]
        assert {"genuine", "recalled", "not_activated", "unknown", "suspect_copy"} <= set(verdicts)

    await eventually(counted, 20)


async def test_the_ledger_has_every_act_and_every_refusal(story: Played, town: Town) -> None:
    async def chained() -> None:
        acts = []
        for subject in (story.product_id, story.lots["first"], str(story.batch), story.case["id"]):
            page = await town.cast.reporter.get(f"{REPORTING}/audit?subject={subject}")
            acts += [link["act"] for link in page["items"] if link["act"]]
        accepted = {act["action"] for act in acts if act["outcome"] == "accepted"}
        refused = {act["outcome"] for act in acts} - {"accepted"}
        assert {"product.enter", "product.submit", "product.accepted"} <= accepted
        assert {"product.published", "lot.published", "stamps.print", "recall.order"} <= accepted
        assert {"not_checked", "withdrawal_interval_not_over"} <= refused
        assert "serials_already_activated" in refused

    await eventually(chained, 20)


async def test_the_ledger_verifies_and_shows_a_tampered_record(story: Played, town: Town) -> None:
    said = await town.running.run_module("services.reporting.verify")
    assert "The ledger is sound" in said
    with ledger_of(town) as links:
        tampered = links.find_one({"subject": story.case["id"], "act.action": "recall.order"})
        assert tampered is not None
        body = tampered["body"].replace("recall.order", "recall.close")
        links.update_one({"_id": tampered["_id"]}, {"$set": {"body": body}})
        try:
            with pytest.raises(AssertionError, match="TAMPERED"):
                await town.running.run_module("services.reporting.verify")
        finally:
            links.update_one({"_id": tampered["_id"]}, {"$set": {"body": tampered["body"]}})


async def test_the_demo_plays_the_same_story_again(town: Town) -> None:
    (town.running.layout.state / "demo-password").write_text(town.password)
    (town.running.layout.state / codes.FILE).write_text(SEEDS_ROOT)
    said = await town.running.run_module("deploy.demo.story", timeout=200)
    assert "claims, all true" in said
