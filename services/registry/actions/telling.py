"""Tells a published record anew: the same approved content as a new version of its passport."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from services.registry.actions import testing
from services.registry.domain.records import Aggregate, Author, Record
from services.registry.passports import product_passport
from services.registry.store import recordings, records, trace_events
from shared.contracts.event import Event
from shared.errors import EditConflict
from shared.messaging import outbox
from shared.mongo import Database, Tx, transact


async def told_anew(
    db: Database, aggregate: Aggregate, record_id: str, *, act: str, by: Author, now: datetime
) -> bool:
    """A product or a lot; False where nothing of it is published."""

    async def work(tx: Tx) -> bool:
        record = await records.get(tx, aggregate, record_id)
        if record.published is None or (aggregate is Aggregate.PRODUCT and not record.is_public):
            return False
        shown = replace(record, version=record.version + 1, updated_at=now)
        await records.put(tx, record, shown, act=act, by=by)
        if aggregate is Aggregate.LOT:
            await trace_events.follow_lot(tx, shown)
        await outbox.append(tx, await _passport(tx, shown))
        return True

    try:
        return await transact(db, work)
    except EditConflict:
        # Somebody saved it in between: once more, over what is there now.
        return await transact(db, work)


async def _passport(tx: Tx, record: Record[Any]) -> Event:
    if record.aggregate is Aggregate.LOT:
        told: Event = await testing.passport(tx, record)
        return told
    return product_passport(record, await recordings.in_order(tx, record.shown.recordings))
