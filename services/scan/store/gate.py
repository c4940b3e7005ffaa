"""The gate that whoever counts scans or judges stamps passes, one after another."""

from typing import Final

from pymongo import ReturnDocument

from services.scan.domain.often import LEAST
from services.scan.store import unreadable
from services.scan.store.counters import NUMBER
from services.scan.store.counts import STAMPS
from services.scan.store.suspicions import SUSPICIONS
from shared.mongo import Tx

GATE: Final = "scan_gate"


async def pass_gate(tx: Tx) -> int:
    """One after another: two recorders at once could both count what was answered twice.

    Returns how many have passed: whoever passes later, commits later.
    """
    gate = await tx.collection(GATE).find_one_and_update(
        {"_id": "gate", "passed": NUMBER.sound},
        {"$inc": {"passed": 1}},
        return_document=ReturnDocument.AFTER,
    )
    return int(gate["passed"]) if gate is not None else await _begun(tx)


async def _begun(tx: Tx) -> int:
    """A gate that is not there, or whose number cannot be read, goes on after the newest that was
    given: a lower one would hide from replicas what is counted with it."""
    broken = await tx.collection(GATE).find_one({"_id": "gate"})
    if broken is not None:
        unreadable.tell(GATE, broken, "no number")
    passed = 1 + max(await _newest(tx, STAMPS), await _newest(tx, SUSPICIONS))
    await tx.collection(GATE).replace_one({"_id": "gate"}, {"passed": passed}, upsert=True)
    return passed


async def _newest(tx: Tx, collection: str) -> int:
    """The highest number that replicas may have read up to. Of stamps they read those scanned
    often, by their index."""
    wanted = {"count": {"$gte": LEAST}} if collection == STAMPS else {}
    rows = tx.collection(collection).find(
        {**wanted, "revision": NUMBER.sound}, {"revision": 1}, sort=[("revision", -1)], limit=1
    )
    return max([int(row["revision"]) async for row in rows], default=0)
