"""Scans as they come: of stamps that are asked for again and again, of others, and of no stamps.

Most of the others are of batches that the replica has never met, so each is a read of the database:
those are written to the read models as the projection would leave them.
"""

import itertools
import random
from collections.abc import Iterator
from typing import Any

from services.scan.domain.aggregates import LOTS, SEGMENTS, to_document
from shared.mongo import Database
from shared.settings import Settings
from shared.stampcode import Keyring, encode
from tests.scan.world import Goods, lot, new_batch, segment

# Of a hundred scans: known ones, of batches met for the first time, forged ones.
HITS, MISSES, FORGED = 70, 20, 10
PART = 1_000


def forged(code: str) -> str:
    return f"{code[:-1]}{'0' if code[-1] != '0' else '1'}"


def mixed(known: list[str], unmet: list[str]) -> Iterator[str]:
    """Codes in the shares above, in an order of no order; as many as `unmet` suffice for."""
    again = itertools.cycle(known)
    fresh = iter(unmet)
    for _ in range(len(unmet) // MISSES):
        part = [next(again) for _ in range(HITS)]
        part += [next(fresh) for _ in range(MISSES)]
        part += [forged(next(again)) for _ in range(FORGED)]
        random.shuffle(part)
        yield from part


async def unmet(settings: Settings, keyring: Keyring, of: Goods, count: int) -> list[str]:
    """Codes of so many batches, each with a lot of its own, that no event ever told."""
    db = Database(settings.mongo_url, settings.database("scan"), "bench")
    codes = []
    for _ in range(0, count, PART):
        lots: list[dict[str, Any]] = []
        segments: list[dict[str, Any]] = []
        for _ in range(PART):
            batch = new_batch()
            told = lot(f"unmet-{batch}", of.product, of.facility).model_copy(update={"number": 1})
            whole = [(0, 499, told.subject, "active")]
            issued = segment(batch, of.facility, of.product, whole)
            issued = issued.model_copy(update={"number": 1})
            lots.append({"_id": told.subject, "published": to_document(told)})
            segments.append({"_id": issued.subject, "published": to_document(issued)})
            codes.append(encode(keyring, batch, 7))
        await db.collection(LOTS).insert_many(lots)
        await db.collection(SEGMENTS).insert_many(segments)
    await db.close()
    return codes
