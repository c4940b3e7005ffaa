"""What was published when, which replica shows it since when, and which replicas are alive."""

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from pymongo import ASCENDING, UpdateOne
from pymongo.errors import PyMongoError
from pymongo.write_concern import WriteConcern

from services.recall.store import entries
from services.recall.store.entries import Entry
from services.recall.store.newest import by_id
from shared.contracts.scan import NoticeApplied
from shared.messaging import outbox
from shared.mongo import Database, Tx, Unasked
from shared.tasks import aside

RECEIPTS = "receipts"
REPLICAS: Final = Unasked("replicas")
# A replica that has not asked for this long is not counted on.
ALIVE_SECONDS = 5.0
# Askers come once a second; who comes sooner is not written down again.
WRITE_SECONDS = 0.9
FORGET_DAYS = 7


@dataclass(frozen=True, slots=True)
class Publication:
    """One version of one part of a notice. `act` is ordered, grown or lifted.

    `number` is its place in the feed once the relay gave it; `acknowledged_at` the instant at
    which the act was answered, None where it happened by itself or nobody was left to be told.
    """

    case_version: int
    act: str
    notice: str
    version: int
    active: bool
    decided_at: datetime
    acknowledged_at: datetime | None
    number: int | None


@dataclass(frozen=True, slots=True)
class Receipt:
    """A replica shows a version of a notice since `applied_at`, by bus, feed or start."""

    replica: str
    notice: str
    version: int
    applied_at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Replica:
    """A replica that asks the feed: it has everything up to the number `after`. `asked_at` is by
    the clock of the database's server (store/instants.py)."""

    name: str
    after: int
    asked_at: datetime

    def is_alive(self, at: datetime) -> bool:
        return at - self.asked_at <= timedelta(seconds=ALIVE_SECONDS)


async def prepare(db: Database) -> None:
    await db.collection(RECEIPTS).create_index([("case", ASCENDING)])
    seconds = int(timedelta(days=FORGET_DAYS).total_seconds())
    await db.collection(REPLICAS).create_index("at", expireAfterSeconds=seconds)


def note_acknowledged(db: Database, case_id: str, case_version: int, at: datetime) -> None:
    """Remember when the act was answered. A figure for people, so the answer does not wait."""
    aside(entries.acknowledge(db, case_id, case_version, at))


async def publications(db: Database, case_id: str) -> list[Publication]:
    """All publications of a case, oldest first, with their numbers in the feed."""
    found = await _numbered(db, await entries.publishing(db, {"case": case_id}))
    return [one for group in found.values() for one in group]


async def of_acts(
    db: Database, acts: Sequence[tuple[str, int]]
) -> dict[tuple[str, int], list[Publication]]:
    """What these acts published, by case and version of the case."""
    wanted = {
        "case": {"$in": sorted({case for case, _ in acts})},
        "case_version": {"$in": sorted({version for _, version in acts})},
    }
    asked = set(acts)
    told = await entries.publishing(db, wanted)
    return await _numbered(db, [one for one in told if (one.case_id, one.case_version) in asked])


async def _numbered(
    db: Database, told: Sequence[Entry]
) -> dict[tuple[str, int], list[Publication]]:
    sent = await by_id(db, outbox.ROWS, [one.event for entry in told for one in entry.published])
    found: dict[tuple[str, int], list[Publication]] = {}
    for entry in told:
        found.setdefault((entry.case_id, entry.case_version), []).extend(
            Publication(
                case_version=entry.case_version,
                act="ordered" if entry.act == "confirmed" else entry.act,
                notice=one.notice,
                version=one.version,
                active=one.active,
                decided_at=one.decided_at,
                acknowledged_at=entry.acknowledged_at,
                number=sent.get(one.event, {}).get("number"),
            )
            for one in entry.published
        )
    return found


async def note_receipts(tx: Tx, events: Sequence[NoticeApplied]) -> None:
    """Keep the first receipt of each replica for each version; a repeated one changes nothing."""
    first: dict[str, NoticeApplied] = {}
    for event in sorted(events, key=lambda e: e.applied_at):
        first.setdefault(f"{event.notice}@{event.notice_version}/{event.replica}", event)
    await tx.collection(RECEIPTS).bulk_write(
        [
            UpdateOne(
                {"_id": key},
                {
                    "$min": {"applied_at": event.applied_at},
                    "$setOnInsert": {
                        "case": event.case_id,
                        "replica": event.replica,
                        "notice": event.notice,
                        "version": event.notice_version,
                        "by": event.by,
                    },
                },
                upsert=True,
            )
            for key, event in first.items()
        ],
        ordered=False,
    )


async def receipts(db: Database, case_id: str) -> list[Receipt]:
    """Oldest first."""
    return (await receipts_of(db, [case_id])).get(case_id, [])


async def receipts_of(db: Database, case_ids: Collection[str]) -> dict[str, list[Receipt]]:
    """By case, oldest first."""
    wanted = {"case": {"$in": sorted(case_ids)}}
    found: dict[str, list[Receipt]] = {}
    async for row in db.collection(RECEIPTS).find(wanted).sort("applied_at", ASCENDING):
        found.setdefault(row["case"], []).append(
            Receipt(row["replica"], row["notice"], row["version"], row["applied_at"], row["by"])
        )
    return found


async def replicas(db: Database) -> list[Replica]:
    cursor = db.collection(REPLICAS).find({}).sort("_id", ASCENDING)
    return [Replica(row["_id"], row["after"], row["at"]) async for row in cursor]


class Askers:
    """Who asks the feed: each replica is written down at most about once a second."""

    def __init__(self) -> None:
        self._written: dict[str, float] = {}

    async def note(self, db: Database, replica: str, after: int) -> None:
        """Remember that the replica asked just now. Must never fail the feed's answer."""
        present = time.monotonic()
        if present - self._written.get(replica, -WRITE_SECONDS) < WRITE_SECONDS:
            return
        self._written[replica] = present
        collection = db.collection(REPLICAS).with_options(write_concern=WriteConcern(1))
        try:
            await collection.update_one(
                {"_id": replica},
                # By the server's clock, as whoever counts on the replica reads it.
                {"$set": {"after": after}, "$currentDate": {"at": True}},
                upsert=True,
            )
        except PyMongoError:
            return
