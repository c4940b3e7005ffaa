"""Rounds over drills: one that fails keeps no other from its turn."""

import contextlib
from datetime import datetime, timedelta
from typing import Any

import pytest

from services.recall.actions import drill_endings, drill_standing
from services.recall.domain.drill import Drill
from services.recall.queries import drill_figures
from services.recall.queries.drill_figures import Found
from services.recall.store import drill_standing as figures
from services.recall.store.drills import DRILLS
from shared.errors import EditConflict
from shared.ids import now
from shared.mongo import Database
from tests.answers import ok
from tests.recall.builders import lot
from tests.recall.conftest import Recall
from tests.recall.test_drills import begun, detail


async def test_drills_that_cannot_be_counted_keep_no_other_from_being_counted(
    province: Recall, monkeypatch: pytest.MonkeyPatch
) -> None:
    await province.know(*(lot(f"rd{n}") for n in range(3)))
    drills = [await begun(province, f"rd{n}") for n in range(3)]
    count, broken = drill_figures.of_drill, set(drills[:2])

    async def fails(db: Database, drill: Drill) -> Found:
        if drill.id in broken:
            raise ValueError("a row that cannot be read")
        return await count(db, drill)

    monkeypatch.setattr(drill_figures, "of_drill", fails)
    monkeypatch.setattr(drill_standing, "AT_ONCE", 2)
    await province.db.collection(figures.FIGURES).delete_many({"_id": {"$in": drills}})
    tried: dict[str, datetime] = {}
    at = now()
    for minutes in (2, 3):
        with pytest.raises(ValueError, match="cannot be read"):
            await drill_standing.refresh(province.db, at + timedelta(minutes=minutes), tried)
    assert await counted(province, drills) == {drills[2]}
    broken.clear()
    for minutes in (9, 19):
        await drill_standing.refresh(province.db, at + timedelta(minutes=minutes), tried)
    assert await counted(province, drills) == set(drills)
    for drill in drills:
        ok(await province.post(f"/drills/{drill}/end"))
    await drill_standing.refresh(province.db, at, tried)
    assert tried == {}, "what is over is not remembered"


async def counted(recall: Recall, drills: list[str]) -> set[str]:
    rows = recall.db.collection(figures.FIGURES).find({"_id": {"$in": drills}})
    return {row["_id"] async for row in rows}


async def test_drills_that_cannot_be_scored_keep_no_other_from_being_scored(
    province: Recall, monkeypatch: pytest.MonkeyPatch
) -> None:
    await province.know(*(lot(f"re{n}") for n in range(2)))
    drills = [await begun(province, f"re{n}") for n in range(2)]
    score = drill_endings.score

    async def fails(db: Database, drill_id: str) -> None:
        if drill_id != drills[1]:
            raise ValueError("a row that cannot be read")
        await score(db, drill_id)

    with monkeypatch.context() as patched:
        patched.setattr(drill_endings, "score", fails)
        patched.setattr(drill_endings, "AT_ONCE", 1)
        past = {"$set": {"ends_at": now() - timedelta(seconds=1)}}
        await province.db.collection(DRILLS).update_many({"_id": {"$in": drills}}, past)
        rounds = drill_endings.Rounds()
        for _ in range(5):
            with contextlib.suppress(ValueError):
                await drill_endings.sweep(province.db, now(), rounds)
        assert (await detail(province, drills[1]))["figures"]["grade"]
    await drill_endings.sweep(province.db, now())
    assert (await detail(province, drills[0]))["figures"]["grade"]


async def test_an_end_at_the_moment_of_the_first_figures_is_scored(
    province: Recall, monkeypatch: pytest.MonkeyPatch
) -> None:
    await province.know(lot("rd9"))
    drill = await begun(province, "rd9")
    monkeypatch.setattr(drill_endings, "score", _nothing)
    ok(await province.post(f"/drills/{drill}/end"))
    monkeypatch.undo()
    await province.db.collection(DRILLS).update_one({"_id": drill}, {"$set": {"score": None}})
    keep, tries = figures.keep, list[object]()

    async def overtaken(*given: Any) -> None:
        tries.append(given)
        if len(tries) == 1:
            raise EditConflict
        await keep(*given)

    monkeypatch.setattr(figures, "keep", overtaken)
    await drill_endings.score(province.db, drill)
    assert (await detail(province, drill))["figures"]["grade"]


async def _nothing(db: Database, drill_id: str) -> None:
    """Whoever ended it died before it was scored."""
