"""The one straight line: an order, its outbox row, the bus, both replicas, the receipts."""

from collections import Counter
from typing import Any

import pytest_asyncio
from pymongo import MongoClient

from deploy.demo import acts
from deploy.demo.client import RECALL, REPORTING
from tests.journeys.playing import Played
from tests.journeys.town import REPLICAS, Town
from tests.polling import eventually

Documents = list[dict[str, Any]]


@pytest_asyncio.fixture(scope="module")
async def case(town: Town, story: Played) -> Any:
    """A recall of the lot that the story left green, as the order was answered."""
    code = story.codes["other"]
    for base in town.replicas.values():
        shown = await acts.until_verdict(town.api, code, "genuine", base=base)
        assert shown["verdict"] == "genuine"
    return await acts.order_recall(town.cast.recall_officer, story.lots["other"])


def rows(town: Town, service: str, collection: str, wanted: dict[str, Any]) -> Documents:
    settings = town.running.settings
    with MongoClient[dict[str, Any]](settings.mongo_url) as client:
        return list(client[settings.database(service)][collection].find(wanted))


def told(town: Town, case: Any) -> Documents:
    """The rows of recall's outbox that tell of the case."""
    return rows(town, "recall", "outbox", {"body.data.case_id": case["id"]}) + rows(
        town, "recall", "outbox", {"body.subject": case["id"]}
    )


async def test_the_order_and_its_events_are_one_transaction(town: Town, case: Any) -> None:
    assert case["state"] == "ordered"
    types = {row["body"]["type"] for row in told(town, case)}
    assert {"recall.ordered.v1", "recall.notice_published.v1"} <= types
    assert "recall.act_recorded.v1" in types


async def test_the_relay_numbers_and_publishes_them(town: Town, case: Any) -> None:
    def sent() -> None:
        found = told(town, case)
        assert found
        assert {row["state"] for row in found} == {"sent"}
        assert all(row["number"] > 0 for row in found)

    await eventually(sent)


async def test_the_projection_holds_the_notice(town: Town, case: Any) -> None:
    def projected() -> None:
        found = rows(town, "scan", "notices", {"published.case_id": case["id"]})
        assert len(found) == 1
        assert found[0]["published"]["active"]

    await eventually(projected)


async def test_the_next_page_of_every_replica_is_red(town: Town, case: Any, story: Played) -> None:
    for name, base in town.replicas.items():
        shown = await acts.until_verdict(town.api, story.codes["other"], "recalled", base=base)
        assert shown["verdict"] == "recalled", name
        page = await acts.page(town.api, story.codes["other"], base=base)
        assert case["title"] in page


async def test_the_official_sees_on_how_many_replicas_and_after_how_long(
    town: Town, case: Any
) -> None:
    seen = await acts.until_everywhere(town.cast.recall_officer, case["id"])
    ordered = next(one for one in seen["propagation"] if one["act"] == "ordered")
    assert ordered["complete"]
    assert (ordered["replicas_arrived"], ordered["replicas_alive"]) == (2, 2)
    assert ordered["shown_after_ms"] is not None
    assert {one["replica"] for one in seen["receipts"]} == set(REPLICAS)


async def test_the_ledger_chains_every_station(town: Town, case: Any) -> None:
    async def chained() -> None:
        links = []
        for wanted in (f"subject={case['id']}", "type=scan.notice_applied.v1"):
            page = await town.cast.reporter.get(f"{REPORTING}/audit?{wanted}")
            links += page["items"]
        types = {link["type"] for link in links}
        assert {"recall.ordered.v1", "recall.act_recorded.v1", "scan.notice_applied.v1"} <= types

    await eventually(chained, 20)


async def test_one_trace_joins_the_order_to_the_receipts_of_both_replicas(
    town: Town, case: Any
) -> None:
    notice = next(r for r in told(town, case) if r["body"]["type"] == "recall.notice_published.v1")
    trace = notice["body"]["traceparent"].split("-")[1]

    def joined() -> None:
        spans = [span for span in town.collector.spans if span.trace == trace]
        stations = Counter((span.service, span.name) for span in spans)
        assert stations["txng-recall", "publish recall.notice_published.v1"] == 1
        assert stations["txng-scan", "apply recall.notice_published.v1"] == 2
        assert stations["txng-recall", "handle scan.notice_applied.v1"] in (1, 2)  # as they come
        roots = [span for span in spans if not span.parent]
        assert [(root.service, root.name.split()[0]) for root in roots] == [("txng-recall", "POST")]
        assert {span.parent for span in spans} <= {"", *(span.id for span in spans)}

    await eventually(joined, 20)


async def test_two_people_turn_it_green_again(town: Town, case: Any, story: Played) -> None:
    path = f"{RECALL}/recalls/{case['id']}/lift"
    first = town.cast.recall_officer
    await first.post(path, {"reason": "Kết quả kiểm nghiệm lại đạt yêu cầu."})
    second = town.api.account("so-nnmt.thuhoi2", town.password)
    lifted = await second.post(f"{path}/confirm")
    assert lifted["state"] == "lifted"
    for base in town.replicas.values():
        shown = await acts.until_verdict(town.api, story.codes["other"], "genuine", base=base)
        assert shown["verdict"] == "genuine"
