"""Drills that a program of before kept: nothing of them is lost, and nobody is let off."""

from typing import Any

import pytest

from services.recall.store import drills_of_before
from services.recall.store.drill_duties import DONE
from services.recall.store.drill_places import PLACES
from services.recall.store.drill_standing import FIGURES
from services.recall.store.drills import DRILLS, LOTS
from tests.answers import ok
from tests.documents.test_official import words_of
from tests.recall.builders import lot, shipment
from tests.recall.conftest import Recall
from tests.recall.telling import facility_token
from tests.recall.test_drills import HOME, begun, detail, standing, state

# What it kept of a lot, and what it did not keep of a place and in a score.
LOT_KEYS = ("id", "code", "facility_id", "unit", "made", "traced", "missing", "stated")
LATER = ("order_seconds", "contradicted")


async def as_of_before(recall: Recall, drill: str) -> None:
    """The drill as a program of before kept it."""
    db = recall.db
    scores = {f"score.{name}": "" for name in LATER}
    await db.collection(DRILLS).update_one({"_id": drill}, {"$unset": {"areas": "", "tier": ""}})
    await db.collection(DRILLS).update_one(
        {"_id": drill, "score": {"$ne": None}}, {"$unset": scores}
    )
    await db.collection(PLACES).update_many({"drill": drill}, {"$unset": {"count": "", "name": ""}})
    await db.collection(FIGURES).delete_one({"_id": drill})
    async for part in db.collection(LOTS).find({"drill": drill}):
        kept = [_lot_of_before(one) for one in part["lots"]]
        await db.collection(LOTS).update_one({"_id": part["_id"]}, {"$set": {"lots": kept}})


def _lot_of_before(lot: dict[str, Any]) -> dict[str, Any]:
    return {**{key: lot[key] for key in LOT_KEYS}, "sent": "40", "sold": "0", "held": "0"}


async def test_one_that_ended_is_shown_as_its_end_froze_it(province: Recall) -> None:
    await province.know(lot("db1"), lot("db1b", "f2", "p2", inputs=("db1",)))
    drill = await begun(province, "db1")
    await state(province, drill, "f1", "db1", held="60")
    ok(await province.post(f"/drills/{drill}/end"))
    await as_of_before(province, drill)
    await drills_of_before.prepare(province.db)
    official = province.browser(province.token())
    page = await official.get(f"{HOME}/{drill}")
    assert page.status_code == 200, page.text
    assert "Lô cần xem lại" in page.text
    assert "DB1B" in page.text
    assert page.text.count("Chưa khai</") >= 1, "of one lot nobody has said anything"
    found = await detail(province, drill)
    assert found["figures"]["complete"] == 30.0
    assert [one["asked"] for one in found["places"]] == [1, 1]
    said = words_of((await official.get(f"{HOME}/{drill}/report.docx")).content)
    assert "60 trên 200" in said
    assert "DB1B" in said
    assert "Lô có sổ và lời khai trái nhau" not in said.split("VI.")[0], "nobody counted them then"
    for facility in ("f1", "f2"):
        browser = province.browser(facility_token(province, facility))
        assert (await browser.get(f"{HOME}/{drill}")).status_code == 200
        assert (await browser.get(f"{HOME}/{drill}/report.docx")).status_code == 200
        assert (await browser.get(f"{HOME}/{drill}/report.pdf")).status_code == 200


async def test_one_that_runs_asks_for_every_lot_still(province: Recall) -> None:
    await province.know(lot("db2"), shipment("dbs2", "db2", "f2"))
    drill = await begun(province, "db2")
    await as_of_before(province, drill)
    await drills_of_before.prepare(province.db)
    receiver = province.token(tier="commune", kinds=["approve"], communes=["07002"])
    listed = ok(await province.get("/drills", receiver))
    assert drill in {one["id"] for one in listed["items"]}, "officials of a receiver find it"
    for facility in ("f1", "f2"):
        token = facility_token(province, facility)
        ok(await province.post(f"/drills/{drill}/acknowledge", token=token))
    own = await detail(province, drill, facility_token(province))
    assert own["lots_asked_total"] == 1
    figures = await standing(province, drill)
    assert (figures["acknowledged"], figures["answered"], figures["asked"]) == (2, 0, 2)
    ok(await province.post(f"/drills/{drill}/end"))
    done = province.db.collection(DONE)
    assert not await done.find_one({"drill": drill}), "nobody rehearsed by one click"
    names = [one["name"] for one in (await detail(province, drill))["places"]]
    assert sorted(names) == ["Bếp ăn Cẩm Phả", "Cơ sở chả mực Hạ Long"]


async def test_where_nothing_is_lacking_nothing_is_written(province: Recall) -> None:
    await province.know(lot("db3"))
    drill = await begun(province, "db3")
    before = await province.db.collection(PLACES).find_one({"drill": drill})
    kept = await province.db.collection(DRILLS).find_one({"_id": drill})
    for _ in range(2):
        await drills_of_before.prepare(province.db)
    assert await province.db.collection(PLACES).find_one({"drill": drill}) == before
    assert await province.db.collection(DRILLS).find_one({"_id": drill}) == kept
    await province.post(f"/drills/{drill}/end")


async def test_very_many_places_are_gone_through_once(
    province: Recall, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = province.db.collection(PLACES)
    kept = [
        {"_id": f"db4/{n:03}", "drill": "db4", "facility_id": f"db4-{n}", "lots": ["l"] * n}
        for n in range(60)
    ]
    await places.insert_many(kept)
    monkeypatch.setattr(drills_of_before, "IDS_AT_ONCE", 5)
    try:
        await province.db.handle.command("profile", 2)
        await drills_of_before.prepare(province.db)
    finally:
        await province.db.handle.command("profile", 0)
    asked = province.db.collection("system.profile").find({"command.filter.count": {"$exists": 1}})
    looked = sum([row["docsExamined"] async for row in asked if row["command"]["find"] == PLACES])
    assert looked <= await places.count_documents({}) + 60
    found = [row["count"] async for row in places.find({"drill": "db4"}).sort("_id", 1)]
    assert found == list(range(60))
    await places.delete_many({"drill": "db4"})
