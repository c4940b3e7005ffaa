"""A drill on stamps that people scan: real facilities are asked, and no phone shows anything."""

from typing import Any

from pymongo import MongoClient

from deploy.demo import acts
from deploy.demo.client import RECALL, REPORTING
from tests.journeys.playing import Played
from tests.journeys.town import Town
from tests.polling import eventually

WORDS = ("diễn tập", "DIỄN TẬP", "thu hồi lô")


async def shown(town: Town, code: str) -> dict[str, Any]:
    """What consumers read on every replica."""
    found = {}
    for name, base in town.replicas.items():
        told = await acts.verdict(town.api, code, base=base)
        page = await acts.page(town.api, code, base=base)
        found[name] = (told["verdict"], [words for words in WORDS if words in page])
    return found


def notices(town: Town) -> int:
    settings = town.running.settings
    with MongoClient[dict[str, Any]](settings.mongo_url) as client:
        return client[settings.database("scan")]["notices"].count_documents({})


async def test_the_verdict_of_a_stamp_in_scope_stays_through_a_whole_drill(
    town: Town, story: Played
) -> None:
    code, lot_id = story.codes["other"], story.lots["other"]
    officer = town.cast.recall_officer
    listed = await town.api.call("GET", "/recalls.json")

    async def kept() -> bool:
        """What was recalled before is on phones sooner than in the database of scan."""
        return notices(town) >= len(listed["items"])

    await eventually(kept, 20)
    before, known = await shown(town, code), notices(town)
    body = {"target_kind": "lot", "target": lot_id, "scenario": "Giả định", "hours": 1}
    drill = await officer.post(f"{RECALL}/drills", body)
    assert drill["state"] == "running"

    async def heard(kind: str) -> None:
        """What told of it has gone all the way over the bus."""

        async def chained() -> None:
            page = await town.cast.reporter.get(f"{REPORTING}/audit?type=recall.{kind}.v1")
            assert any(drill["id"] in link["subject"] for link in page["items"])

        await eventually(chained, 20)

    await heard("drill_started")
    assert await shown(town, code) == before
    await officer.post(f"{RECALL}/drills/{drill['id']}/end")
    await heard("drill_ended")
    assert await shown(town, code) == before
    assert {verdict for verdict, _ in before.values()} == {"genuine"}
    assert notices(town) == known
    assert await town.api.call("GET", "/recalls.json") == listed
