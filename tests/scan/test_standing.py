"""What the desk asks before it answers: the feeds once for all who wait, and nobody waits for
the code of another."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from itertools import count

import pytest
import pytest_asyncio
from fastapi import FastAPI, Request, Response

from services.scan.desk.standing import Standing
from services.scan.domain.aggregates import PUBLISHERS
from services.scan.knowing import lookup
from shared.mongo import Database
from tests.in_process import served
from tests.polling import eventually
from tests.scan.world import Goods, World, new_batch


class Clock:
    """Time passes when the test says so, and a little whenever it is looked at."""

    def __init__(self) -> None:
        self.now = 1000.0
        self._looked = count()

    def __call__(self) -> float:
        return self.now + next(self._looked) / 1e6


@pytest_asyncio.fixture(scope="module")
async def db(world: World) -> AsyncIterator[Database]:
    async with world.projecting() as service:
        yield service.db


async def told(world: World, db: Database) -> Goods:
    goods = Goods()
    await world.tell(*goods.events())

    async def here() -> bool:
        segment = await db.collection("segments").find_one({"_id": f"{goods.batch}/0"})
        lot = await db.collection("lots").find_one({"_id": goods.lot})
        return segment is not None and lot is not None

    await eventually(here)
    return goods


async def test_while_a_feed_is_away_one_question_answers_all_who_wait(
    world: World, db: Database
) -> None:
    """A feed that is away takes two seconds to fail, longer than its answer is kept."""
    goods, clock, asked = await told(world, db), Clock(), Counter[str]()
    app = FastAPI()

    @app.get("/{publisher}/v1/feed")
    async def feed(publisher: str, request: Request) -> Response:
        asked[publisher] += 1
        await asyncio.sleep(0.1)
        clock.now += 2.0
        return Response(status_code=503)

    async with served(app) as address:
        feeds = {publisher: f"{address}/{publisher}" for publisher in PUBLISHERS}
        standing = Standing(world.settings.model_copy(update={"feeds": feeds}), clock)
        found = await asyncio.gather(*(standing.of(goods.batch, n, db) for n in range(10)))
        await standing.close()
    assert {one.verdict for one in found} == {"unconfirmed"}
    assert asked == dict.fromkeys(PUBLISHERS, 1)


async def test_a_code_never_issued_that_is_waited_for_keeps_nobody_waiting(
    world: World, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lookup, "WAIT_SECONDS", 10.0)
    goods, standing = await told(world, db), Standing(world.settings, Clock())
    assert (await standing.of(goods.batch, 1, db)).verdict == "genuine"
    never = asyncio.create_task(standing.of(new_batch(), 1, db))
    await asyncio.sleep(0)
    real = asyncio.create_task(standing.of(goods.batch, 2, db))
    first, _ = await asyncio.wait({never, real}, return_when=asyncio.FIRST_COMPLETED)
    assert first == {real}
    never.cancel()
    await asyncio.gather(never, return_exceptions=True)
    await standing.close()
