"""Tells what of a centrally printed batch waits for whom, as part of each act on it (R40)."""

from datetime import datetime

from services.stamps.domain.awaited import waiting
from services.stamps.store import facts, handovers, stock
from shared.messaging import outbox
from shared.mongo import Tx


async def tell_waiting(tx: Tx, batch: int, now: datetime) -> None:
    """Of acts at once each takes a turn of its own, so that the last one tells of all of them."""
    version = await stock.next_told(tx, batch)
    found = await stock.kept(tx, batch)
    assert found is not None
    place = await facts.scope_of(tx, found.facility_id)
    open_ones = await handovers.open_of_batch(tx, batch)
    await outbox.append(tx, waiting(found, open_ones, place, version=version, now=now))
