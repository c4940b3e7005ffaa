"""One process that issues batches by the acts of stamps themselves, several at a time.

Run by the bench as `python -m tests.scale.issuing FIRST END AT_ONCE`; it does the batches from
FIRST up to END and prints as JSON how many acts and processor seconds that took.
"""

import asyncio
import json
import sys
import time
from collections.abc import Iterator

import uvloop

from services.stamps.actions import requests, serials
from shared.ids import now
from shared.mongo import Database
from shared.settings import Settings
from tests.scale.goods import APPROVER, Goods, all_goods
from tests.scale.shapes import QUANTITY, RARE, Act, acts_on

REASON = "Tem hỏng khi dán"


async def issue(db: Database, goods: Goods, ordinal: int) -> int:
    """Ask for a batch, approve it, and do what its shape says; how many acts that were."""
    operator = goods.operator
    asked = await requests.submit(
        product_id=goods.product,
        quantity=QUANTITY,
        purpose="Đo quy mô",
        who=operator,
        db=db,
        now=now(),
    )
    approved = await requests.approve(asked.id, who=APPROVER, db=db, now=now())
    assert approved.batch is not None
    acts = acts_on(ordinal)
    for act in acts:
        await _do(db, goods, approved.batch, act)
    return 2 + len(acts)


async def _do(db: Database, goods: Goods, batch: int, act: Act) -> None:
    first, last, change, lot = act
    who = goods.operator
    if change:
        await serials.change_state(
            batch, first=first, last=last, change=change, reason=REASON, who=who, db=db, now=now()
        )
    else:
        await serials.activate(
            batch, first=first, last=last, lot_id=goods.lots[lot], who=who, db=db, now=now()
        )


async def work_off(db: Database, ordinals: Iterator[int]) -> int:
    """One after another; several of these share the ordinals."""
    goods = all_goods()
    acts = 0
    for ordinal in ordinals:
        acts += await issue(db, goods[(ordinal + ordinal // RARE) % len(goods)], ordinal)
    return acts


async def main(first: int, end: int, at_once: int) -> None:
    settings = Settings()
    db = Database(settings.mongo_url, settings.database("stamps"), "stamps")
    ordinals = iter(range(first, end))
    done = await asyncio.gather(*(work_off(db, ordinals) for _ in range(at_once)))
    sys.stdout.write(json.dumps({"acts": sum(done), "cpu": time.process_time()}) + "\n")
    await db.close()


if __name__ == "__main__":
    uvloop.run(main(*map(int, sys.argv[1:4])))
