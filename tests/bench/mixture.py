"""Scans as they come: of stamps that are asked for again and again, of others, and of no stamps.

The others are of batches that the replica has never met, each asked for once. A batch of a lot that
was met costs a read (of its interval map), a batch and a lot never met cost two. Batches and lots
that no event ever told are written to the read models as the projection would leave them.
"""

import itertools
import random
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from services.scan.domain.aggregates import PARTS, to_document
from shared.contracts.event import Event
from shared.mongo import Database
from shared.settings import Settings
from shared.stampcode import Keyring, encode
from tests.scan.world import Goods, facility, lot, new_batch, product, segment

# Of a hundred scans: known ones, others, forged ones.
HITS, MISSES, FORGED = 70, 20, 10
PART = 1_000


def forged(code: str) -> str:
    return f"{code[:-1]}{'0' if code[-1] != '0' else '1'}"


def mixed(known: list[str], others: list[str]) -> Iterator[str]:
    """Codes in the shares above, in an order of no order; as many as `others` suffice for."""
    again = itertools.cycle(known)
    fresh = iter(others)
    for _ in range(len(others) // MISSES):
        part = [next(again) for _ in range(HITS)]
        part += [next(fresh) for _ in range(MISSES)]
        part += [forged(next(again)) for _ in range(FORGED)]
        random.shuffle(part)
        yield from part


async def unmet(
    settings: Settings, keyring: Keyring, of: Goods | None, count: int, *, of_its_lot: bool = False
) -> list[str]:
    """Codes of so many batches that no event ever told, each with a lot of its own or, with
    `of_its_lot`, of the lot of the goods given; without any given, with a maker of its own too."""
    db = Database(settings.mongo_url, settings.database("scan"), "bench")
    codes = []
    for _ in range(0, count, PART):
        rows: dict[str, list[dict[str, Any]]] = defaultdict(list)

        def keep(event: Event, rows: dict[str, list[dict[str, Any]]] = rows) -> None:
            told = to_document(event.model_copy(update={"number": 1}))
            rows[PARTS[event.type].collection].append({"_id": event.subject, "published": told})

        for _ in range(PART):
            batch = new_batch()
            maker, goods, its_lot = f"maker-{batch}", f"goods-{batch}", f"unmet-{batch}"
            if of is None:
                keep(facility(maker))
                keep(product(goods, maker))
            else:
                maker, goods = of.facility, of.product
            if of is not None and of_its_lot:
                its_lot = of.lot
            else:
                keep(lot(its_lot, goods, maker))
            keep(segment(batch, maker, goods, [(0, 499, its_lot, "active")]))
            codes.append(encode(keyring, batch, 7))
        for collection, documents in rows.items():
            await db.collection(collection).insert_many(documents)
    await db.close()
    return codes
