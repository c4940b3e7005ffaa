"""What the read models ought to hold: the whole log replayed, once and in order, by the same code.

Each service's handlers run over the logs of all in a database of their own beside the running
system's. What they make there is what the running system must have made, whatever befell it.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from services.recall import consumers as recall
from services.recall.store import genealogy
from services.reporting import consumers as reporting
from services.scan.domain.aggregates import PARTS
from services.scan.hearing import projection
from services.stamps import consumers as stamps
from shared.contracts.event import Event, from_envelope
from shared.ids import new_id
from shared.messaging.wiring import Queue, Subscription
from shared.mongo import Database, Document, Tx, transact
from shared.settings import Settings

QUEUES: dict[str, Sequence[Queue]] = {
    "scan": (projection.PROJECTION,),
    "recall": [
        queue
        for queue in recall.QUEUES
        if queue.name in {genealogy.QUEUE, "recall.stamps", "recall.scans"}
    ],
    "stamps": [queue for queue in stamps.QUEUES if queue.name == "stamps.facts"],
    "reporting": [q for q in reporting.QUEUES if q.name == "reporting.statistics"],
}
# The newest version of each thing.
PROJECTIONS = {
    "scan": sorted({part.collection for part in PARTS.values()}),
    "recall": ["facilities", "products", "lots", "shipments", "batches", "segments"],
    "stamps": ["facilities", "products", "lots", "notices", "areas"],
    "reporting": ["facilities", "products", "lots", "units"],
}
# Sums to which each event adds once.
SUMS = {"recall": ["scan_counts"], "reporting": ["counters", "facility_figures", "area_figures"]}
AT_ONCE = 200
# Which turn of its own a service wrote a document in: it takes events in other portions each time.
OF_ITS_OWN = {"turn"}
Contents = dict[str, dict[str, Document]]


@asynccontextmanager
async def replayed(
    settings: Settings, logs: dict[str, list[dict[str, Any]]], service: str
) -> AsyncIterator[Database]:
    """A database as the service's would be, had it heard everything once and in order."""
    name = f"{settings.db_prefix}_replay_{new_id()[-8:].lower()}"
    db = Database(settings.mongo_url, name, service)
    try:
        for queue in QUEUES[service]:
            for kind, subscription in queue.subscriptions.items():
                heard = [one for one in logs[kind.split(".", 1)[0]] if one["type"] == kind]
                for start in range(0, len(heard), AT_ONCE):
                    events = [from_envelope(one) for one in heard[start : start + AT_ONCE]]

                    await transact(db, partial(_handled, subscription, events))
        yield db
    finally:
        await db.client.drop_database(name)
        await db.close()


async def _handled(subscription: Subscription, events: Sequence[Event | None], tx: Tx) -> None:
    await subscription.handle(tx, events)


async def contents(db: Database, names: Iterable[str]) -> Contents:
    """Every document by its key."""
    found: Contents = {}
    for collection in names:
        found[collection] = {
            str(one["_id"]): {name: kept for name, kept in one.items() if name not in OF_ITS_OWN}
            async for one in db.collection(collection).find({})
        }
    return found


async def differences(
    settings: Settings,
    logs: dict[str, list[dict[str, Any]]],
    kept: dict[str, Database],
    collections: dict[str, list[str]],
) -> list[str]:
    """In words, what the running services hold otherwise than a replay does."""

    async def of(service: str) -> list[str]:
        async with replayed(settings, logs, service) as db:
            ought = await contents(db, collections[service])
        have = await contents(kept[service], collections[service])
        return [
            f"{service}.{name} {key}: {_difference(have[name].get(key), ought[name].get(key))}"
            for name in collections[service]
            for key in sorted(have[name].keys() | ought[name].keys())
            if have[name].get(key) != ought[name].get(key)
        ]

    found = await asyncio.gather(*(of(service) for service in collections))
    return [one for each in found for one in each]


def _difference(have: Document | None, ought: Document | None) -> str:
    if have is None or ought is None:
        return "is missing" if have is None else "ought not to be there"
    fields = sorted(k for k in have.keys() | ought.keys() if have.get(k) != ought.get(k))
    return ", ".join(
        f"{name} is {str(have.get(name))[:80]}, by the log {str(ought.get(name))[:80]}"
        for name in fields
    )
